"""Returns and refunds after delivery: opening them, finding them, deciding on them."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.aftersale_terms import (
    NO_SUCH_ORDER,
    lines_meant,
    reject_reason,
    render_refund,
    render_refunded_line,
    return_objection,
)
from tiktok_shop_async.sandbox.behaviour.orders import find_order
from tiktok_shop_async.sandbox.life.aftersales import (
    APPROVALS,
    REJECTIONS,
    TIME_TO_ANSWER,
    approve,
    due_decision,
    offer_part,
    part_of,
    readable,
    refund_of,
    refund_total,
    reject,
    request_return,
)
from tiktok_shop_async.sandbox.paging import take_page
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.money import is_whole_cents, text, total
from tiktok_shop_async.sandbox.state.row_times import in_windows, sort_key
from tiktok_shop_async.sandbox.wire import present

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.rows import ReturnRequest
    from tiktok_shop_async.sandbox.world import Shop

WRONG_PARAMETER = 25001001
REFUND_TOO_HIGH = 25005005
WRONG_STATUS = 25011012
WRONG_DECISION = 25020004
OUT_OF_STOCK = 25011032
RETURN_TYPES = {"REFUND", "RETURN_AND_REFUND"}


@serves("POST", "/return_refund/202309/returns")
def create_return(call: Call) -> Data:
    """Opens a return for the buyer of a delivered order; the seller has yet to decide on it."""
    body = call.body
    order = find_order(call.shop, str(body["order_id"]), NO_SUCH_ORDER)
    lines = lines_meant(order, body)
    if refusal := return_objection(call, order, lines):
        raise refusal
    if body["return_type"] not in RETURN_TYPES:
        raise RefusalError(
            WRONG_PARAMETER, f"Unknown `return_type`: one of {', '.join(sorted(RETURN_TYPES))} is expected."
        )
    refund = refund_of(order, lines, call.now)
    if body.get("refund_total"):
        amount = _amount(body["refund_total"], "refund_total")
        if amount > refund_total(refund):
            raise RefusalError(
                REFUND_TOO_HIGH, f"Too high `refund_total`: at most {text(refund_total(refund))} can be refunded."
            )
        refund = refund if amount == refund_total(refund) else part_of(refund, amount)
    request = request_return(
        call.world,
        call.shop,
        order,
        lines,
        call.now,
        return_type=body["return_type"],
        role="SELLER",
        reason=str(body["return_reason"]),
        refund=refund,
    )
    request.shipment_type = body.get("shipment_type") or request.shipment_type
    request.handover_method = body.get("handover_method") or request.handover_method
    return {"return_id": request.id, "return_status": request.status}


@serves("POST", "/return_refund/202309/returns/search")
def search_returns(call: Call) -> Data:
    """Returns by order, buyer, type, status and time, oldest first."""
    page = take_page(
        call,
        (request for request in call.shop.returns if _fits(call.shop, request, call.body)),
        lambda row: sort_key(call, row),
        newest_first=call.query.get("sort_order") == "DESC",
        default_size=10,
        remember=True,
    )
    return {
        "return_orders": [_render(call, request) for request in page.rows],
        "total_count": page.total,
        "next_page_token": page.next_token,
    }


@serves("GET", "/return_refund/202309/returns/{return_id}/records")
def get_return_records(call: Call) -> Data:
    """What has happened to a return, step by step."""
    return {"records": [present(**record) for record in find_return(call).records]}


@serves("POST", "/return_refund/202309/returns/{return_id}/approve")
def approve_return(call: Call) -> Data:
    """Grants what is asked for, or offers a part of the money instead."""
    request = find_return(call)
    decision = str(call.body["decision"])
    check_decision(request, APPROVALS.get(due_decision(request) or "", set()), decision)
    if decision == "OFFER_PARTIAL_REFUND":
        offer: dict[str, Any] = call.body.get("partial_refund") or {}
        amount = part_offered(request, offer.get("amount", "0"), "partial_refund.amount")
        offer_part(call.world, call.shop, request, decision, amount, call.now)
        return {}
    if decision == "APPROVE_REPLACEMENT":
        _check_stock(call, request)
    request.buyer_keeps_item = bool(call.body.get("buyer_keep_item"))
    approve(call.world, call.shop, request, decision, call.now)
    return {}


@serves("POST", "/return_refund/202309/returns/{return_id}/reject")
def reject_return(call: Call) -> Data:
    """Turns a return down, with one of the reasons that are allowed."""
    request = find_return(call)
    decision = str(call.body["decision"])
    outcomes = REJECTIONS.get(due_decision(request) or "", {})
    check_decision(request, set(outcomes), decision)
    reason = reject_reason(call.body)
    comment = str(call.body.get("comment") or "")
    reject(call.world, call.shop, request, decision, outcomes[decision], call.now, reason=reason, comment=comment)
    return {}


def find_return(call: Call) -> ReturnRequest:
    """The shop's return that the path names.

    Raises:
        RefusalError: the shop has no such return.
    """
    request = call.shop.returns.get(call.path["return_id"])
    if request is None:
        raise RefusalError(NO_SUCH_ORDER, f"No return of this shop has the id {call.path['return_id']}.")
    return request


def check_decision(request: ReturnRequest, allowed: set[str], decision: str) -> None:
    """Refuses a decision that is not due.

    Raises:
        RefusalError: no decision is due, or other ones are.
    """
    if not allowed:
        raise RefusalError(WRONG_STATUS, f"Return {request.id} is {request.status}; no decision is due.")
    if decision not in allowed:
        expected = " or ".join(sorted(allowed))
        raise RefusalError(
            WRONG_DECISION, f"Wrong `decision`: {expected} is due on return {request.id}, not {decision}."
        )


def _check_stock(call: Call, request: ReturnRequest) -> None:
    order = call.shop.orders[request.order_id]
    for sku_id, units in Counter(line.sku_id for line in order.select(request.line_ids)).items():
        found = call.shop.find_sku(sku_id)
        if found is None or found[1].stock.get(order.warehouse_id, 0) < units:
            raise RefusalError(OUT_OF_STOCK, f"SKU {sku_id} is out of stock: refund the buyer of return {request.id}.")


def part_offered(request: ReturnRequest, given: str, name: str) -> Decimal:
    """The amount that is offered in place of the whole, from the field of this name.

    Raises:
        RefusalError: it is not a part of the goods' price.
    """
    amount = _amount(given, name)
    if amount >= total(request.refund.goods.values()):
        raise RefusalError(WRONG_PARAMETER, f"Too high `{name}`: a part of the goods' price is expected.")
    return amount


def _amount(given: str, name: str) -> Decimal:
    amount = Decimal(given)
    if amount <= 0 or not is_whole_cents(amount):
        raise RefusalError(WRONG_PARAMETER, f"Wrong `{name}`: more than 0 with at most two decimals is expected.")
    return amount


def _fits(shop: Shop, request: ReturnRequest, filters: dict[str, Any]) -> bool:
    wanted = {
        "return_ids": request.id,
        "order_ids": request.order_id,
        "buyer_user_ids": shop.orders[request.order_id].buyer.user_id,
        "return_types": request.type,
        "return_status": request.status,
        "seller_proposed_return_type": "PARTIAL_REFUND" if request.offered_amount is not None else "",
        "arbitration_status": "",
    }
    return all(not filters.get(name) or value in filters[name] for name, value in wanted.items()) and in_windows(
        request, filters
    )


def _render(call: Call, request: ReturnRequest) -> dict[str, Any]:
    shop = call.shop
    order = shop.orders[request.order_id]
    action = due_decision(request)
    offer = request.offered_amount
    return present(
        return_id=request.id,
        order_id=request.order_id,
        return_type=request.type,
        return_status=request.status,
        role=request.role,
        return_reason=request.reason,
        return_reason_text=readable(request.reason),
        shipment_type=request.shipment_type,
        handover_method=request.handover_method,
        return_tracking_number=request.tracking_number,
        can_buyer_keep_item=request.buyer_keeps_item,
        create_time=request.create_time,
        update_time=request.update_time,
        seller_next_action_response=(
            [{"action": action, "deadline": request.update_time + TIME_TO_ANSWER}] if action else None
        ),
        refund_amount=render_refund(shop, request.refund),
        partial_refund={"currency": shop.currency, "amount": text(offer)} if offer is not None else None,
        seller_proposed_return_type="PARTIAL_REFUND" if offer is not None else None,
        buyer_rejected_partial_refund=request.is_offer_refused if offer is not None else None,
        # "0" stands for none here, as on live answers.
        combined_return_id="0",
        is_combined_return=False,
        return_line_items=[
            {
                "return_line_item_id": f"{request.id}{index:02d}",
                **render_refunded_line(call, order, line, request.refund),
            }
            for index, line in enumerate(order.select(request.line_ids))
        ],
    )
