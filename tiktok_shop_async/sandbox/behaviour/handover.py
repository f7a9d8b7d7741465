"""How a parcel can get to TikTok's carrier, and what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.fulfillment import (
    PACKAGE_SIZE,
    PACKAGE_WEIGHT,
    WRONG_PARAMETER,
    find_package,
    first_order,
)
from tiktok_shop_async.sandbox.behaviour.packing import lines_to_ship, order_for_label, render_service, weight_of
from tiktok_shop_async.sandbox.life.carriers import SERVICES, pickup_slots
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call


@serves("GET", "/fulfillment/202309/packages/{package_id}/handover_time_slots")
def get_handover_time_slots(call: Call) -> Data:
    """When the carrier can come for a package that waits to be shipped. It may be dropped off as well."""
    package = find_package(call, call.path["package_id"], WRONG_PARAMETER)
    if package.status != "TO_FULFILL":
        raise RefusalError(WRONG_PARAMETER, f"Package {package.id} is {package.status}; nothing is to be handed over.")
    if first_order(call, package).shipping_type != "TIKTOK":
        raise RefusalError(WRONG_PARAMETER, f"Package {package.id} is shipped by the seller, and not handed over.")
    options: dict[str, Any] = {
        "can_pickup": True,
        "can_drop_off": True,
        "drop_off_point_url": "https://northway.example/drop-off-points",
        # The wire spells it this way.
        "pickup_slots": [
            {"start_time": slot.start, "end_time": slot.end, "avaliable": slot.is_free}
            for slot in pickup_slots(call.now)
        ],
    }
    return {**options, "can_van_collection": True} if call.shop.region == "GB" else options


@serves("POST", "/fulfillment/202309/orders/{order_id}/shipping_services/query")
def get_shipping_services(call: Call) -> Data:
    """What a label for an order, or for some of its lines, would cost."""
    order = order_for_label(call, call.path["order_id"])
    lines = lines_to_ship(call, order, call.body.get("order_line_item_ids"))
    grams = weight_of(call.body)
    return {
        "order_id": order.id,
        "order_line_id": [line.id for line in lines],
        "weight": call.body.get("weight") or PACKAGE_WEIGHT,
        "dimension": call.body.get("dimension") or PACKAGE_SIZE,
        "shipping_services": [
            {**render_service(call.shop, service, grams), "is_default": service is SERVICES[0]} for service in SERVICES
        ],
    }
