"""Cancelling orders, and answering buyers who ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.aftersale_terms import (
    NO_SUCH_ORDER,
    WRONG_ITEMS,
    cancellation_objection,
    lines_meant,
    reject_reason,
    render_refund,
    render_refunded_line,
)
from tiktok_shop_async.sandbox.behaviour.orders import find_order
from tiktok_shop_async.sandbox.life.aftersales import (
    TIME_TO_ANSWER,
    grant_cancellation,
    readable,
    refuse_cancellation,
    request_cancellation,
)
from tiktok_shop_async.sandbox.paging import take_page
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.row_times import in_windows, sort_key
from tiktok_shop_async.sandbox.wire import present

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.rows import Cancellation, LineItem, Order
    from tiktok_shop_async.sandbox.world import Shop

PARTIAL_CANCELLATION_MARKETS = frozenset({"US", "GB"})

CANNOT_APPROVE = 25011012
CANNOT_REJECT = 25011011


@serves("POST", "/return_refund/202309/cancellations")
def cancel_order(call: Call) -> Data:
    """Cancels an order or some of its lines for the seller, at once, as long as they are not shipped."""
    order = find_order(call.shop, str(call.body["order_id"]), NO_SUCH_ORDER)
    lines = lines_meant(order, call.body)
    if refusal := cancellation_objection(call.shop, order, lines):
        raise refusal
    _check_extent(call.shop, order, lines)
    reason = str(call.body["cancel_reason"])
    cancellation = request_cancellation(call.world, call.shop, order, lines, call.now, role="SELLER", reason=reason)
    return {"cancel_id": cancellation.id, "cancel_status": cancellation.status}


@serves("POST", "/return_refund/202309/cancellations/search")
def search_cancellations(call: Call) -> Data:
    """Cancellations by order, buyer, type, status and time, oldest first."""
    page = take_page(
        call,
        (cancellation for cancellation in call.shop.cancellations if _fits(call.shop, cancellation, call.body)),
        lambda row: sort_key(call, row),
        newest_first=call.query.get("sort_order") == "DESC",
        default_size=10,
        remember=True,
    )
    return {
        "cancellations": [_render(call, cancellation) for cancellation in page.rows],
        "total_count": page.total,
        "next_page_token": page.next_token,
    }


@serves("POST", "/return_refund/202309/cancellations/{cancel_id}/approve")
def approve_cancellation(call: Call) -> Data:
    """Gives the buyer what was asked for."""
    grant_cancellation(call.world, call.shop, _pending(call, CANNOT_APPROVE), call.now)
    return {}


@serves("POST", "/return_refund/202309/cancellations/{cancel_id}/reject")
def reject_cancellation(call: Call) -> Data:
    """Refuses; the order goes on."""
    cancellation = _pending(call, CANNOT_REJECT)
    reject_reason(call.body)
    refuse_cancellation(call.world, call.shop, cancellation, call.now)
    return {}


def _check_extent(shop: Shop, order: Order, lines: list[LineItem]) -> None:
    """A part of an order can be cancelled in some markets only, and nowhere before the order is paid."""
    if len(lines) == sum(not line.is_cancelled for line in order.lines):
        return
    if order.status == "UNPAID":
        raise RefusalError(WRONG_ITEMS, f"Order {order.id} is not paid, and can only be cancelled as a whole.")
    if shop.region not in PARTIAL_CANCELLATION_MARKETS:
        raise RefusalError(WRONG_ITEMS, f"Orders in {shop.region} can only be cancelled as a whole.")


def _pending(call: Call, code: int) -> Cancellation:
    cancellation = call.shop.cancellations.get(call.path["cancel_id"])
    if cancellation is None:
        raise RefusalError(NO_SUCH_ORDER, f"No cancellation of this shop has the id {call.path['cancel_id']}.")
    if cancellation.status != "CANCELLATION_REQUEST_PENDING":
        raise RefusalError(code, f"Cancellation {cancellation.id} is answered already.")
    return cancellation


def _fits(shop: Shop, cancellation: Cancellation, filters: dict[str, Any]) -> bool:
    wanted = {
        "cancel_ids": cancellation.id,
        "order_ids": cancellation.order_id,
        "buyer_user_ids": shop.orders[cancellation.order_id].buyer.user_id,
        "cancel_types": _type(cancellation),
        "cancel_status": cancellation.status,
    }
    return all(not filters.get(name) or value in filters[name] for name, value in wanted.items()) and in_windows(
        cancellation, filters
    )


def _type(cancellation: Cancellation) -> str:
    return "BUYER_CANCEL" if cancellation.role == "BUYER" else "CANCEL"


def _render(call: Call, cancellation: Cancellation) -> dict[str, Any]:
    shop = call.shop
    order = shop.orders[cancellation.order_id]
    is_pending = cancellation.status == "CANCELLATION_REQUEST_PENDING"
    due = {"action": "SELLER_RESPOND_CANCEL", "deadline": cancellation.create_time + TIME_TO_ANSWER}
    return present(
        cancel_id=cancellation.id,
        order_id=cancellation.order_id,
        cancel_type=_type(cancellation),
        cancel_status=cancellation.status,
        role=cancellation.role,
        cancel_reason=cancellation.reason,
        cancel_reason_text=readable(cancellation.reason),
        create_time=cancellation.create_time,
        update_time=cancellation.update_time,
        seller_next_action_response=[due] if is_pending else None,
        refund_amount=render_refund(shop, cancellation.refund),
        cancel_line_items=[
            {
                "cancel_line_item_id": f"{cancellation.id}{index:02d}",
                **render_refunded_line(call, order, line, cancellation.refund),
            }
            for index, line in enumerate(order.select(cancellation.line_ids))
        ],
    )
