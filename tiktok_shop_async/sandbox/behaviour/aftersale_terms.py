"""What cancellations and returns have in common on the wire: the lines meant, the amounts, eligibility and reasons."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.orders import find_order
from tiktok_shop_async.sandbox.behaviour.uploads import file_url
from tiktok_shop_async.sandbox.life.aftersales import (
    RETURN_WINDOW,
    pending_cancellation,
    refund_of,
    refund_total,
)
from tiktok_shop_async.sandbox.life.lifecycle import has_open_return
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.money import ZERO, text, total

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.rows import LineItem, Order, Refund
    from tiktok_shop_async.sandbox.world import Shop

NO_SUCH_ORDER = 25007006
WRONG_ITEMS = 25005010
TOO_MANY_ITEMS = 25005011
UNKNOWN_REASON = 25001014
WRONG_ORDER_STATUS = 25001003
RETURN_EXISTS = 25001010
CANCELLATION_EXISTS = 25001011
SHIPPED = 25001045
DELIVERED = 25001051

REJECT_REASONS = {
    "seller_reject_apply_product_has_been_packed": "The goods are packed already",
    "seller_reject_apply_agreement_with_buyer": "An agreement with the buyer was found",
    "seller_reject_apply_goods_as_described": "The goods are as described",
}


@serves("GET", "/return_refund/202309/reject_reasons")
def get_reject_reasons(call: Call) -> Data:
    """Why a seller may refuse a request."""
    request_id = str(call.query["return_or_cancel_id"])
    if call.shop.returns.get(request_id) is None and call.shop.cancellations.get(request_id) is None:
        raise RefusalError(25001001, f"No return or cancellation has the id {request_id}.")
    return {"reasons": [{"name": name, "text": description} for name, description in REJECT_REASONS.items()]}


@serves("GET", "/return_refund/202309/orders/{order_id}/aftersale_eligibility")
def get_aftersale_eligibility(call: Call) -> Data:
    """What may be asked for, SKU by SKU."""
    order = find_order(call.shop, call.path["order_id"], NO_SUCH_ORDER)
    groups: dict[str, list[LineItem]] = {}
    for line in order.lines:
        groups.setdefault(line.sku_id, []).append(line)
    objections = {
        sku_id: (cancellation_objection(call.shop, order, lines), return_objection(call, order, lines))
        for sku_id, lines in ((sku_id, _left(group)) for sku_id, group in groups.items())
    }
    return {
        "sku_eligibility": [
            {
                "sku_id": sku_id,
                "line_item_eligibility": [
                    _render_eligibility("CANCEL", groups[sku_id], to_cancel),
                    _render_eligibility("REFUND", groups[sku_id], to_return),
                    _render_eligibility("RETURN_AND_REFUND", groups[sku_id], to_return),
                ],
            }
            for sku_id, (to_cancel, to_return) in objections.items()
        ]
    }


@serves("POST", "/return_refund/202309/refunds/calculate", "/return_refund/202602/refunds/calculate")
def calculate_refund(call: Call) -> Data:
    """What a buyer would get back."""
    order = find_order(call.shop, str(call.body["order_id"]), NO_SUCH_ORDER)
    refund = refund_of(order, lines_meant(order, call.body), call.now)
    return {"order_refund_amount": render_refund(call.shop, refund)}


def lines_meant(order: Order, body: dict[str, Any]) -> list[LineItem]:
    """The lines that a request names by their ids, or by SKU and quantity; all that are left when it names none.

    Raises:
        RefusalError: a line is not part of the order, or more units are named than there are.
    """
    left = _left(order.lines)
    field = "order_line_list" if body.get("order_line_list") else "order_line_item_ids"
    if line_ids := _line_ids(body):
        named = [line for line in left if line.id in line_ids]
        if len(named) < len(line_ids):
            raise RefusalError(WRONG_ITEMS, f"Unknown `{field}`: at least one is not open in this order.")
        return named
    if not body.get("skus"):
        return left
    wanted: Counter[str] = Counter()
    for entry in body["skus"]:
        if entry["quantity"] < 1:
            raise RefusalError(WRONG_ITEMS, f"Wrong `quantity`: 1 or more of SKU {entry['sku_id']} are expected.")
        wanted[entry["sku_id"]] += entry["quantity"]
    lines: list[LineItem] = []
    for sku_id, quantity in wanted.items():
        units = [line for line in left if line.sku_id == sku_id]
        if len(units) < quantity:
            raise RefusalError(
                TOO_MANY_ITEMS, f"Too large `quantity`: {len(units)} of SKU {sku_id} are open in this order."
            )
        lines += units[:quantity]
    return lines


def reject_reason(body: dict[str, Any]) -> str:
    """Why the seller refuses.

    Raises:
        RefusalError: it is none of the reasons that are allowed.
    """
    reason = str(body["reject_reason"])
    if reason not in REJECT_REASONS:
        raise RefusalError(
            UNKNOWN_REASON, "Unknown `reject_reason`: the endpoint of reject reasons lists what is allowed."
        )
    return reason


def cancellation_objection(shop: Shop, order: Order, lines: list[LineItem]) -> RefusalError | None:
    """Why lines of an order cannot be cancelled, or None."""
    if order.status in {"DELIVERED", "COMPLETED"}:
        return RefusalError(DELIVERED, f"Order {order.id} is {order.status}; a refund is what is left.")
    if not lines or pending_cancellation(shop, order) is not None:
        return RefusalError(
            CANCELLATION_EXISTS, f"Order {order.id} is cancelled, or a request for that waits for an answer."
        )
    if any(line.status not in {"UNPAID", "AWAITING_SHIPMENT"} for line in lines):
        return RefusalError(SHIPPED, f"Order {order.id} is shipped, at least in part of what is to be cancelled.")
    return None


def return_objection(call: Call, order: Order, lines: list[LineItem]) -> RefusalError | None:
    """Why lines of an order cannot be refunded or come back, or None."""
    if order.status not in {"DELIVERED", "COMPLETED"}:
        return RefusalError(
            WRONG_ORDER_STATUS, f"Order {order.id} is {order.status}; only what is delivered can come back."
        )
    if not lines or has_open_return(call.shop, order):
        return RefusalError(RETURN_EXISTS, f"Order {order.id} has a return already.")
    if call.now > (order.delivery_time or call.now) + RETURN_WINDOW:
        return RefusalError(WRONG_ORDER_STATUS, f"The time for returns of order {order.id} is over.")
    return None


def render_refund(shop: Shop, refund: Refund) -> dict[str, str]:
    """The amounts of a refund."""
    return {
        "currency": shop.currency,
        "refund_subtotal": text(total(refund.goods.values())),
        "refund_shipping_fee": text(refund.shipping),
        "refund_tax": text(refund.tax),
        "refund_total": text(refund_total(refund)),
    }


def render_refunded_line(call: Call, order: Order, line: LineItem, refund: Refund) -> dict[str, Any]:
    """One line of a cancellation or a return, with its part of the refund."""
    whole = refund.goods[line.id] == line.sale_price
    tax = line.tax if whole and refund.tax else ZERO
    return {
        "order_line_item_id": line.id,
        "sku_id": line.sku_id,
        "sku_name": line.sku_name,
        "product_name": line.product_name,
        "seller_sku": line.seller_sku,
        "product_image": {"url": file_url(call, line.image_uri), "width": 600, "height": 600},
        "refund_amount": {
            "currency": call.shop.currency,
            "refund_subtotal": text(refund.goods[line.id]),
            "refund_shipping_fee": text(ZERO),
            "refund_tax": text(tax),
            "refund_total": text(refund.goods[line.id] + tax),
        },
    }


def _line_ids(body: dict[str, Any]) -> set[str]:
    """The lines that are named by their ids, as the revision of 2023 has them or as objects like those after it."""
    line_ids: list[str] = body.get("order_line_item_ids") or []
    entries: list[dict[str, str]] = body.get("order_line_list") or []
    if line_ids and entries:
        raise RefusalError(WRONG_ITEMS, "Both `order_line_list` and `order_line_item_ids`: one of them is expected.")
    if any(entry.get("sub_order_line_item_id") for entry in entries):
        raise RefusalError(WRONG_ITEMS, "Unknown `sub_order_line_item_id`: no line of this order is a bundle.")
    if any(not entry.get("order_line_item_id") for entry in entries):
        raise RefusalError(WRONG_ITEMS, "Missing `order_line_item_id` in `order_line_list`.")
    return {*line_ids, *(entry["order_line_item_id"] for entry in entries)}


def _left(lines: list[LineItem]) -> list[LineItem]:
    return [line for line in lines if not line.is_cancelled and line.refunded == ZERO]


def _render_eligibility(request_type: str, lines: list[LineItem], objection: RefusalError | None) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "request_type": request_type,
        "order_line_items_ids": [line.id for line in lines],
        "eligible": objection is None,
    }
    if objection is not None:
        answer |= {"ineligible_code": objection.code, "ineligible_reason": objection.message}
    return answer
