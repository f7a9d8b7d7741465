"""Packages: finding them, shipping them, their labels and where they are."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.orders import render_address
from tiktok_shop_async.sandbox.behaviour.uploads import file_url
from tiktok_shop_async.sandbox.life.aftersales import pending_cancellation, refuse_by_shipping, shipping_is_an_answer
from tiktok_shop_async.sandbox.life.carriers import (
    DELIVERY_OPTION,
    PLATFORM_PROVIDER,
    PROVIDERS,
    pickup_slots,
    provider_name,
)
from tiktok_shop_async.sandbox.life.lifecycle import contents_of, ship
from tiktok_shop_async.sandbox.made_up.label import label_pdf
from tiktok_shop_async.sandbox.paging import take_page
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.row_times import in_windows, sort_key
from tiktok_shop_async.sandbox.state.rows import LineItem, Order, Package, Upload
from tiktok_shop_async.sandbox.wire import present

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call

WRONG_PARAMETER = 21001001
NOT_YOUR_PACKAGE = 21011028
NOT_YOUR_ORDER = 21008111
AFTERSALE_PENDING = 21011007
WRONG_TRACKING = 21011022
DUPLICATE_TRACKING = 21011025
DELIVERED = 21011027
SHIPPED = 21011040
CANCELLED = 21011041
LABEL_BY_SELLER = 21008017
NOT_BY_SELLER = 21011030
LABEL_TOO_EARLY = 21023035

PACKAGE_SIZE = {"length": "12", "width": "9", "height": "5", "unit": "INCH"}
PACKAGE_WEIGHT = {"value": "680", "unit": "GRAM"}


@serves("POST", "/fulfillment/202309/packages/search")
def search_packages(call: Call) -> Data:
    """Packages by status and time."""

    def key(package: Package) -> tuple[int, str]:
        if call.query.get("sort_field") == "order_pay_time":
            return call.shop.orders[package.order_ids[0]].paid_time or 0, package.id
        return sort_key(call, package)

    status = call.body.get("package_status")
    page = take_page(
        call,
        (
            package
            for package in call.shop.packages
            if (not status or package.status == status) and in_windows(package, call.body)
        ),
        key,
        newest_first=call.query.get("sort_order", "DESC") == "DESC",
        remember=True,
    )
    return {
        "packages": [_render_row(call, package) for package in page.rows],
        "total_count": page.total,
        "next_page_token": page.next_token,
    }


@serves("GET", "/fulfillment/202309/packages/{package_id}")
def get_package_detail(call: Call) -> Data:
    """Everything about one package."""
    package = find_package(call, call.path["package_id"])
    contents = contents_of(call.shop, package)
    order = contents[0][0]
    option_id, option_name = DELIVERY_OPTION[order.shipping_type]
    warehouse = call.shop.sales_warehouse
    return present(
        package_id=package.id,
        package_status=package.status,
        orders=[_render_order(call, each, lines) for each, lines in contents],
        order_line_item_ids=package.line_ids,
        has_multi_skus=len({line.sku_id for _, lines in contents for line in lines}) > 1,
        split_and_combine_tag=_grouping(order, package),
        note_tag="BUYER_NOTED" if any(each.buyer_message for each, _ in contents) else "BUYER_UNNOTED",
        shipping_type=order.shipping_type,
        delivery_option_id=option_id,
        delivery_option_name=option_name,
        shipping_provider_id=package.shipping_provider_id or None,
        shipping_provider_name=provider_name(package.shipping_provider_id) or None,
        tracking_number=package.tracking_number,
        handover_method=package.handover_method,
        pickup_slot=package.pickup_slot,
        create_time=package.create_time,
        update_time=package.update_time,
        dimension=package.dimension or PACKAGE_SIZE,
        weight=package.weight or PACKAGE_WEIGHT,
        recipient_address={
            name: value
            for name, value in render_address(order.buyer).items()
            if name not in {"first_name", "last_name", "district_info"}
        },
        sender_address={
            "name": call.shop.name,
            "full_address": f"{warehouse.street}, {warehouse.city}, {warehouse.state} {warehouse.postal_code}",
            "region_code": warehouse.region,
            "postal_code": warehouse.postal_code,
            "address_line1": warehouse.street,
        },
    )


@serves("POST", "/fulfillment/202309/packages/{package_id}/ship")
def ship_package(call: Call) -> Data:
    """Arranges the shipment of a package: TikTok's carrier comes for it, or the seller has sent it."""
    _ship(call, call.path["package_id"], call.body)
    return {}


@serves("POST", "/fulfillment/202309/packages/ship")
def batch_ship_packages(call: Call) -> Data:
    """Ships several packages. What fails is listed; the rest is done."""
    errors: list[dict[str, Any]] = []
    for entry in call.body["packages"]:
        try:
            _ship(call, entry["id"], entry)
        except RefusalError as refusal:
            detail = {"package_id": entry["id"]}
            errors.append({"code": refusal.code, "message": refusal.message, "detail": detail})
    return {"errors": errors} if errors else {}


@serves("GET", "/fulfillment/202309/packages/{package_id}/shipping_documents")
def get_shipping_document(call: Call) -> Data:
    """The label of a package that TikTok's carrier takes, as a PDF that can be fetched from the sandbox."""
    package = find_package(call, call.path["package_id"])
    order = first_order(call, package)
    if order.shipping_type != "TIKTOK":
        raise RefusalError(
            LABEL_BY_SELLER, f"Package {package.id} is shipped by the seller, who makes the label as well."
        )
    if not package.tracking_number:
        raise RefusalError(LABEL_TOO_EARLY, f"Package {package.id} is not shipped; its label comes with that.")
    document_id = label_id(package)
    lines = [provider_name(package.shipping_provider_id), package.tracking_number, render_address(order.buyer)["name"]]
    lines += [
        order.buyer.street,
        order.buyer.unit,
        f"{order.buyer.city}, {order.buyer.state} {order.buyer.postal_code}",
    ]
    call.world.uploads.put(Upload(id=document_id, content=label_pdf(lines), media_type="application/pdf"))
    return {"doc_url": file_url(call, document_id), "tracking_number": package.tracking_number}


def find_package(call: Call, package_id: str, code: int = NOT_YOUR_PACKAGE) -> Package:
    """The shop's package with this id.

    Raises:
        RefusalError: with `code`, the shop has no such package.
    """
    package = call.shop.packages.get(package_id)
    if package is None:
        raise RefusalError(code, f"Package {package_id} is not one of this shop.")
    return package


def label_id(package: Package) -> str:
    """The id of the file that the label of a package is in, once it was asked for."""
    return f"label-{package.id}.pdf"


def _book(call: Call, package: Package, arrangement: dict[str, Any]) -> None:
    """Notes how the carrier gets the package; the slot of a pickup has to be one that is on offer."""
    method = arrangement.get("handover_method")
    slot: dict[str, int] | None = arrangement.get("pickup_slot") if method == "PICKUP" else None
    offered = [{"start_time": each.start, "end_time": each.end} for each in pickup_slots(call.now) if each.is_free]
    if slot is not None and slot not in offered:
        raise RefusalError(WRONG_PARAMETER, "Wrong `pickup_slot`: it is none of those that are free for the package.")
    package.handover_method, package.pickup_slot = method, slot


def _ship(call: Call, package_id: str, arrangement: dict[str, Any]) -> None:
    package = find_package(call, package_id)
    if package.status == "CANCELLED":
        raise RefusalError(CANCELLED, f"Package {package.id} is cancelled.")
    if package.status == "COMPLETED":
        raise RefusalError(DELIVERED, f"Package {package.id} is delivered.")
    if package.status != "TO_FULFILL":
        raise RefusalError(SHIPPED, f"Package {package.id} is shipped already.")
    for order, _ in contents_of(call.shop, package):
        check_no_request(call, order)
    if first_order(call, package).shipping_type == "TIKTOK":
        _book(call, package, arrangement)
        hand_to_carrier(call, package)
    else:
        shipment: dict[str, Any] | None = arrangement.get("self_shipment")
        if not shipment:
            raise RefusalError(WRONG_PARAMETER, f"Missing `self_shipment`: the seller ships package {package.id}.")
        check_tracking(call, shipment)
        package.handover_method = arrangement.get("handover_method")
        send_by_seller(call, package, shipment)


def check_no_request(call: Call, order: Order) -> None:
    """Refuses to ship what the buyer wants cancelled, unless shipping it is the answer.

    Raises:
        RefusalError: the seller has to answer the buyer first.
    """
    if pending_cancellation(call.shop, order) is not None and not shipping_is_an_answer(call.shop):
        raise RefusalError(AFTERSALE_PENDING, f"The buyer wants order {order.id} cancelled; answer that first.")


def check_tracking(call: Call, shipment: dict[str, Any]) -> None:
    """Refuses a tracking number that is none or taken, and a carrier that no one knows.

    Raises:
        RefusalError: the parcel could not be tracked.
    """
    number = str(shipment["tracking_number"]).strip()
    if not number or shipment["shipping_provider_id"] not in PROVIDERS:
        raise RefusalError(WRONG_TRACKING, "Invalid `tracking_number` or `shipping_provider_id`.")
    if call.shop.packages.find("tracking", number):
        raise RefusalError(DUPLICATE_TRACKING, f"Duplicate `tracking_number`: {number} is on another package.")


def hand_to_carrier(call: Call, package: Package) -> None:
    """Ships a package with TikTok's carrier."""
    _dispatch(call, package, PLATFORM_PROVIDER, f"NW{call.world.ids.number('package')}", by_seller=False)


def send_by_seller(call: Call, package: Package, shipment: dict[str, Any]) -> None:
    """Ships a package with the carrier and the tracking number that the seller reports."""
    number = str(shipment["tracking_number"]).strip()
    _dispatch(call, package, shipment["shipping_provider_id"], number, by_seller=True)


def _dispatch(call: Call, package: Package, provider_id: str, tracking_number: str, *, by_seller: bool) -> None:
    for order, lines in contents_of(call.shop, package):
        refuse_by_shipping(call.world, call.shop, order, lines, call.now)
    ship(
        call.world,
        call.shop,
        package,
        call.now,
        provider_id=provider_id,
        tracking_number=tracking_number,
        by_seller=by_seller,
    )


def _render_row(call: Call, package: Package) -> dict[str, Any]:
    return present(
        id=package.id,
        status=package.status,
        orders=[_render_order(call, order, lines) for order, lines in contents_of(call.shop, package)],
        order_line_item_ids=package.line_ids,
        create_time=package.create_time,
        update_time=package.update_time,
        tracking_number=package.tracking_number,
        shipping_provider_id=package.shipping_provider_id or None,
        shipping_provider_name=provider_name(package.shipping_provider_id) or None,
    )


def first_order(call: Call, package: Package) -> Order:
    """What orders in one package have in common can be read from any of them."""
    return call.shop.orders[package.order_ids[0]]


def _grouping(order: Order, package: Package) -> str:
    if package.is_combined:
        return "COMBINE"
    is_whole = all(line.is_cancelled or line.id in package.line_ids for line in order.lines)
    return "DEFAULT" if is_whole or package.status == "CANCELLED" else "SPLIT"


def _render_order(call: Call, order: Order, lines: list[LineItem]) -> dict[str, Any]:
    contents: list[dict[str, Any]] = []
    lines = sorted(lines, key=lambda line: line.sku_id)
    for sku_id, group in groupby(lines, key=lambda line: line.sku_id):
        units = list(group)
        contents.append(
            {
                "id": sku_id,
                "name": units[0].sku_name,
                "image_url": file_url(call, units[0].image_uri),
                "quantity": len(units),
            }
        )
    return {"id": order.id, "skus": contents}
