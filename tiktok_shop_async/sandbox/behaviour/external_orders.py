"""Orders as other systems know them: attaching their ids, and finding orders by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.orders import find_order
from tiktok_shop_async.sandbox.refusal import BAD_REQUEST, RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.rows import ExternalOrder

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call


@serves("POST", "/order/202406/orders/external_orders")
def add_external_orders(call: Call) -> Data:
    """Attaches what another system calls an order and its lines; what that system had attached before is replaced."""
    errors: list[dict[str, Any]] = []
    for entry in call.body["orders"]:
        try:
            _attach(call, entry["id"], entry["external_order"])
        except RefusalError as refusal:
            reference = {name: entry["external_order"][name] for name in ("id", "platform")}
            detail = {"order_id": entry["id"], "external_order": reference}
            errors.append({"code": str(refusal.code), "message": refusal.message, "detail": detail})
    return {"errors": errors} if errors else {}


@serves("GET", "/order/202406/orders/{order_id}/external_orders")
def get_external_orders(call: Call) -> Data:
    """What other systems call an order: all of them, as documented, and not only the one that is asked about."""
    order = find_order(call.shop, call.path["order_id"])
    return {"external_orders": [_render(external) for external in order.external_orders]}


@serves("POST", "/order/202406/orders/external_order_search")
def search_by_external_order(call: Call) -> Data:
    """The orders that another system knows by an id."""
    platform, external_id = call.query["platform"], call.query["external_order_id"]
    return {
        "orders": [
            {"id": order.id, "external_order": _render(external)}
            for order in call.shop.orders.find("external", f"{platform} {external_id}")
            for external in order.external_orders
            if (external.platform, external.id) == (platform, external_id)
        ]
    }


def _attach(call: Call, order_id: str, given: dict[str, Any]) -> None:
    order = find_order(call.shop, order_id)
    lines = {entry["origin_id"]: entry["id"] for entry in given["line_items"]}
    if unknown := lines.keys() - {line.id for line in order.lines}:
        raise RefusalError(BAD_REQUEST, f"Unknown `origin_id`: order {order.id} has no line {min(unknown)}.")
    others = [external for external in order.external_orders if external.platform != given["platform"]]
    order.external_orders = [*others, ExternalOrder(id=given["id"], platform=given["platform"], lines=lines)]


def _render(external: ExternalOrder) -> dict[str, Any]:
    return {
        "id": external.id,
        "platform": external.platform,
        "line_items": [{"id": there, "origin_id": here} for here, there in external.lines.items()],
    }
