"""Packages that are made and shipped in one step: with a label that is bought, or by a carrier of the seller's own."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.fulfillment import (
    NOT_BY_SELLER,
    PACKAGE_SIZE,
    PACKAGE_WEIGHT,
    WRONG_PARAMETER,
    WRONG_TRACKING,
    check_no_request,
    check_tracking,
    hand_to_carrier,
    send_by_seller,
)
from tiktok_shop_async.sandbox.behaviour.grouping import NOT_COMBINABLE, combinable_groups
from tiktok_shop_async.sandbox.behaviour.orders import find_order
from tiktok_shop_async.sandbox.life.carriers import (
    GRAMS,
    HEAVIEST,
    PLATFORM_PROVIDER,
    SERVICES,
    ShippingService,
    provider_name,
)
from tiktok_shop_async.sandbox.life.lifecycle import can_be_shipped, combine, pack
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.money import text

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.rows import LineItem, Order, Package
    from tiktok_shop_async.sandbox.world import Shop

NOT_READY = 21011003
ORDER_SHIPPED = 21011006
NO_LABEL_TO_BUY = 21011037
TOO_HEAVY = 21011048

WHOLE_ORDER, PART_OF_AN_ORDER, SEVERAL_ORDERS = "1", "2", "3"
"""What `ship_type` says goes into a package."""


@serves("POST", "/fulfillment/202309/packages")
def create_packages(call: Call) -> Data:
    """Buys a label for an order or some of its lines, which ships them."""
    order = order_for_label(call, str(call.body["order_id"]))
    lines = lines_to_ship(call, order, call.body.get("order_line_item_ids"))
    service, grams = _service_wanted(call), weight_of(call.body)
    package = pack(call.world, call.shop, order, lines, call.now)
    label = _buy_label(call, package, service, grams)
    return {"order_id": order.id, "order_line_item_ids": package.line_ids, **label}


@serves("POST", "/fulfillment/202512/packages")
def create_packages_202512(call: Call) -> Data:
    """Buys a label for an order, for some of its lines, or for orders that can be combined."""
    ship_type = call.body["ship_type"]
    if ship_type == SEVERAL_ORDERS:
        orders = _orders_to_combine(call, call.body.get("order_list_ids") or [])
        service, grams = _service_wanted(call), weight_of(call.body)
        package = combine(call.world, call.shop, call.world.ids.number("package"), orders, call.now)
        return _buy_label(call, package, service, grams)
    if ship_type not in {WHOLE_ORDER, PART_OF_AN_ORDER}:
        raise RefusalError(WRONG_PARAMETER, "Unknown `ship_type`: 1, 2 or 3 is expected.")
    order = order_for_label(call, str(call.body.get("order_id") or ""))
    line_ids = _line_ids(call.body, "order_line_item") if ship_type == PART_OF_AN_ORDER else []
    if ship_type == PART_OF_AN_ORDER and not line_ids:
        raise RefusalError(WRONG_PARAMETER, "Missing `order_line_item`: it is needed with a `ship_type` of 2.")
    lines = lines_to_ship(call, order, line_ids, "order_line_item")
    service, grams = _service_wanted(call), weight_of(call.body)
    return _buy_label(call, pack(call.world, call.shop, order, lines, call.now), service, grams)


@serves("POST", "/fulfillment/202309/orders/{order_id}/packages")
def mark_package_as_shipped(call: Call) -> Data:
    """Reports what the seller has sent with a carrier of their own; it is on its way at once."""
    return _report(call, call.body.get("order_line_item_ids"), "order_line_item_ids", call.body)


@serves("POST", "/fulfillment/202610/orders/{order_id}/packages")
def mark_package_as_shipped_202610(call: Call) -> Data:
    """As before, with lines and the shipment as objects."""
    return _report(call, _line_ids(call.body, "order_line_list"), "order_line_list", only_shipment(call.body))


def order_for_label(call: Call, order_id: str) -> Order:
    """The order that a label is to be bought for.

    Raises:
        RefusalError: it is none of the shop's, or the seller ships it.
    """
    order = find_order(call.shop, order_id, WRONG_PARAMETER)
    if order.shipping_type != "TIKTOK":
        raise RefusalError(NO_LABEL_TO_BUY, f"Order {order.id} is shipped by the seller; there is no label to buy.")
    return order


def lines_to_ship(
    call: Call, order: Order, line_ids: list[str] | None, field: str = "order_line_item_ids"
) -> list[LineItem]:
    """The lines that a request names in this field, or all that wait to be shipped.

    Raises:
        RefusalError: a line is not part of the order or does not wait, or nothing is left, or the buyer wants out.
    """
    check_no_request(call, order)
    wanted: list[str] = line_ids or [line.id for line in order.lines if can_be_shipped(order, line)]
    lines = order.select(wanted)
    if len(lines) < len(set(wanted)):
        raise RefusalError(WRONG_PARAMETER, f"Unknown `{field}`: at least one is not part of order {order.id}.")
    if not lines:
        raise RefusalError(ORDER_SHIPPED, f"Order {order.id} has nothing left to ship; it is {order.status}.")
    for line in lines:
        if not can_be_shipped(order, line):
            raise RefusalError(NOT_READY, f"Line item {line.id} is {line.status} and cannot be shipped.")
    return lines


def weight_of(body: dict[str, Any]) -> Decimal:
    """What a parcel weighs, in grams.

    Raises:
        RefusalError: it weighs nothing, or too much.
    """
    weight: dict[str, str] = body.get("weight") or PACKAGE_WEIGHT
    grams = Decimal(weight["value"]) * GRAMS.get(weight["unit"], Decimal(0))
    if grams <= 0:
        raise RefusalError(WRONG_PARAMETER, "Wrong `weight`: more than 0 in GRAM or POUND is expected.")
    if grams > HEAVIEST:
        raise RefusalError(TOO_HEAVY, f"Too large `weight`: a parcel weighs {HEAVIEST} g at most.")
    return grams


def only_shipment(body: dict[str, Any]) -> dict[str, Any]:
    """Carrier and tracking number of the one parcel that a request lists.

    Raises:
        RefusalError: it lists none, or several, which the platform has not admitted this seller to.
    """
    shipments: list[dict[str, Any]] = body.get("shipping_info_list") or []
    if len(shipments) > 1:
        raise RefusalError(WRONG_PARAMETER, "Too many `shipping_info_list`: this seller sends one parcel a package.")
    if not shipments or not shipments[0].keys() >= {"tracking_number", "shipping_provider_id"}:
        raise RefusalError(
            WRONG_TRACKING, "Missing `tracking_number` or `shipping_provider_id` in `shipping_info_list`."
        )
    return shipments[0]


def render_service(shop: Shop, service: ShippingService, grams: Decimal) -> dict[str, Any]:
    """A shipping service with what it costs."""
    in_the_us = {
        "earliest_delivery_days": service.days[0],
        "latest_delivery_days": service.days[1],
        "shipping_provider_id": PLATFORM_PROVIDER,
        "shipping_provider_name": provider_name(PLATFORM_PROVIDER),
    }
    return {
        "id": service.id,
        "name": service.name,
        "price": text(service.price(grams)),
        "currency": shop.currency,
        **(in_the_us if shop.region == "US" else {}),
    }


def _service_wanted(call: Call) -> ShippingService:
    service_id = call.body.get("shipping_service_id") or SERVICES[0].id
    service = next((service for service in SERVICES if service.id == service_id), None)
    if service is None:
        raise RefusalError(WRONG_PARAMETER, "Unknown `shipping_service_id`: take one of the eligible services.")
    return service


def _buy_label(call: Call, package: Package, service: ShippingService, grams: Decimal) -> Data:
    package.dimension = call.body.get("dimension")
    package.weight = call.body.get("weight")
    hand_to_carrier(call, package)
    return {
        "package_id": package.id,
        "create_time": package.create_time,
        "dimension": package.dimension or PACKAGE_SIZE,
        "weight": package.weight or PACKAGE_WEIGHT,
        "shipping_service_info": render_service(call.shop, service, grams),
    }


def _report(call: Call, line_ids: list[str] | None, field: str, shipment: dict[str, Any]) -> Data:
    order = find_order(call.shop, call.path["order_id"], WRONG_PARAMETER)
    if order.shipping_type != "SELLER":
        raise RefusalError(NOT_BY_SELLER, f"Order {order.id} is shipped by TikTok's carrier, not by the seller.")
    lines = lines_to_ship(call, order, line_ids, field)
    check_tracking(call, shipment)
    package = pack(call.world, call.shop, order, lines, call.now)
    send_by_seller(call, package, shipment)
    return {"order_id": order.id, "order_line_item_ids": package.line_ids, "package_id": package.id}


def _line_ids(body: dict[str, Any], field: str) -> list[str]:
    entries: list[dict[str, str]] = body.get(field) or []
    if any(entry.get("sub_item_id") for entry in entries):
        raise RefusalError(WRONG_PARAMETER, f"Unknown `sub_item_id` in `{field}`: no line of this order is a bundle.")
    if not all(entry.get("order_line_id") for entry in entries):
        raise RefusalError(WRONG_PARAMETER, f"Missing `order_line_id` in `{field}`.")
    return [entry["order_line_id"] for entry in entries]


def _orders_to_combine(call: Call, order_ids: list[str]) -> list[Order]:
    wanted = {order_for_label(call, order_id).id for order_id in order_ids}
    for group in combinable_groups(call.shop).values():
        orders = [order for order in group if order.id in wanted]
        if len(orders) == len(wanted) > 1:
            return orders
    raise RefusalError(NOT_COMBINABLE, "Wrong `order_list_ids`: two or more orders that can be combined are expected.")
