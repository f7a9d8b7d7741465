"""Where parcels are, and corrections of what the seller has said about that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.fulfillment import (
    CANCELLED,
    NOT_BY_SELLER,
    WRONG_TRACKING,
    find_package,
    first_order,
)
from tiktok_shop_async.sandbox.behaviour.orders import find_order
from tiktok_shop_async.sandbox.behaviour.packing import only_shipment
from tiktok_shop_async.sandbox.life.carriers import PROVIDERS
from tiktok_shop_async.sandbox.life.lifecycle import packages_of
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.rows import Package

NOT_SHIPPED = 21011004
DELIVERED = 21011042
SPLIT = 21011049


@serves("GET", "/fulfillment/202309/orders/{order_id}/tracking")
def get_tracking(call: Call) -> Data:
    """Where an order's goods are, newest first, in milliseconds. Of several packages each step names its own."""
    packages = packages_of(call.shop, find_order(call.shop, call.path["order_id"]))
    sent = [package for package in packages if package.steps]
    steps = [
        (step.time, step.description if len(sent) == 1 else f"{package.tracking_number}: {step.description}")
        for package in sent
        for step in package.steps
    ]
    steps.sort(key=lambda step: step[0])
    # Reversed, and not sorted downwards: what happened within one second is told the other way round, too.
    steps.reverse()
    return {"tracking": [{"description": text, "update_time_millis": time * 1000} for time, text in steps]}


@serves("GET", "/fulfillment/202508/tts_tracking_validation")
def check_tracking_number(call: Call) -> Data:
    """Whether a tracking number is one that TikTok's carrier gave out for this shop."""
    packages = call.shop.packages.find("tracking", call.query["tracking_number"])
    is_tiktok = any(first_order(call, package).shipping_type == "TIKTOK" for package in packages)
    return {"is_tiktok_shipping": is_tiktok, "is_tiktok_collection": False}


@serves("POST", "/fulfillment/202309/packages/{package_id}/shipping_info/update")
def update_package_shipping_info(call: Call) -> Data:
    """Corrects the carrier and the number of what the seller has shipped, until it arrives, which takes three days."""
    _correct(call, find_package(call, call.path["package_id"]), call.body)
    return {}


@serves("POST", "/fulfillment/202610/packages/{package_id}/shipping_info/update")
def update_package_shipping_info_202610(call: Call) -> Data:
    """As before, with the shipment as an object."""
    _correct(call, find_package(call, call.path["package_id"]), only_shipment(call.body))
    return {}


@serves("POST", "/fulfillment/202309/orders/{order_id}/shipping_info/update")
def update_order_shipping_info(call: Call) -> Data:
    """The same for an order in one package."""
    order = find_order(call.shop, call.path["order_id"], NOT_SHIPPED)
    if order.status == "CANCELLED":
        raise RefusalError(CANCELLED, f"Order {order.id} is cancelled.")
    packages = [package for package in packages_of(call.shop, order) if package.status != "CANCELLED"]
    if not packages:
        raise RefusalError(NOT_SHIPPED, f"Order {order.id} is {order.status}, and not shipped.")
    if len(packages) > 1:
        raise RefusalError(SPLIT, f"Order {order.id} is in several packages: correct each of them.")
    _correct(call, packages[0], call.body)
    return {}


def _correct(call: Call, package: Package, shipment: dict[str, Any]) -> None:
    if first_order(call, package).shipping_type != "SELLER":
        raise RefusalError(NOT_BY_SELLER, f"Package {package.id} is shipped by TikTok's carrier, not by the seller.")
    if package.status in {"TO_FULFILL", "CANCELLED"}:
        raise RefusalError(NOT_SHIPPED, f"Package {package.id} is {package.status}, and not shipped.")
    if package.status == "COMPLETED":
        raise RefusalError(DELIVERED, f"Package {package.id} is delivered.")
    number = str(shipment["tracking_number"]).strip()
    others = [each for each in call.shop.packages.find("tracking", number) if each.id != package.id]
    if not number or others or shipment["shipping_provider_id"] not in PROVIDERS:
        raise RefusalError(
            WRONG_TRACKING, "Invalid `tracking_number` (empty, or on another package) or `shipping_provider_id`."
        )
    package.tracking_number = number
    package.shipping_provider_id = shipment["shipping_provider_id"]
    package.update_time = call.now
