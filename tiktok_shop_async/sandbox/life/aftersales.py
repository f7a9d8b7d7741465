"""Cancellations and returns: who asks, who decides, and what goes back to the buyer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tiktok_shop_async.sandbox.life.lifecycle import cancel, send_again
from tiktok_shop_async.sandbox.life.occasions import cancellation_changed, return_changed
from tiktok_shop_async.sandbox.state.agenda import event
from tiktok_shop_async.sandbox.state.clock import DAY, HOUR
from tiktok_shop_async.sandbox.state.money import ZERO, shares, total
from tiktok_shop_async.sandbox.state.rows import Cancellation, LineItem, Order, Refund, ReturnRequest

if TYPE_CHECKING:
    from collections.abc import Collection
    from decimal import Decimal

    from tiktok_shop_async.sandbox.world import Shop, World

TIME_TO_ANSWER = 2 * DAY
TIME_TO_SEND_BACK = 2 * DAY
TIME_TO_ACCEPT_OFFER = DAY
TIME_TO_PAY_BACK = HOUR
RETURN_WINDOW = 30 * DAY

PENDING = "RETURN_OR_REFUND_REQUEST_PENDING"
REPLACEMENT_PENDING = "REPLACEMENT_REQUEST_PENDING"
DUE_DECISIONS = {
    ("REFUND", PENDING): "SELLER_RESPOND_REFUND",
    ("RETURN_AND_REFUND", PENDING): "SELLER_RESPOND_RETURN",
    ("REPLACEMENT", REPLACEMENT_PENDING): "SELLER_RESPOND_REPLACEMENT",
    ("RETURN_AND_REFUND", "BUYER_SHIPPED_ITEM"): "SELLER_RESPOND_RECEIVE_PACKAGE",
}
"""What the seller has to decide, by the type and the status of a return."""

APPROVALS = {
    "SELLER_RESPOND_REFUND": {"APPROVE_REFUND", "OFFER_PARTIAL_REFUND"},
    "SELLER_RESPOND_RETURN": {"APPROVE_RETURN", "OFFER_PARTIAL_REFUND"},
    "SELLER_RESPOND_RECEIVE_PACKAGE": {"APPROVE_RECEIVED_PACKAGE"},
    "SELLER_RESPOND_REPLACEMENT": {"APPROVE_REPLACEMENT", "ISSUE_REPLACEMENT_REFUND"},
}
REJECTIONS = {
    "SELLER_RESPOND_REFUND": {"REJECT_REFUND": "REFUND_OR_RETURN_REQUEST_REJECT"},
    "SELLER_RESPOND_RETURN": {"REJECT_RETURN": "REFUND_OR_RETURN_REQUEST_REJECT"},
    "SELLER_RESPOND_RECEIVE_PACKAGE": {"REJECT_RECEIVED_PACKAGE": "REJECT_RECEIVE_PACKAGE"},
    "SELLER_RESPOND_REPLACEMENT": {"REJECT_REPLACEMENT": "REPLACEMENT_REQUEST_REJECT"},
}


def refund_of(order: Order, lines: Collection[LineItem], at: int) -> Refund:
    """What the buyer gets back for these lines: the goods with their tax, and shipping when nothing else is left.

    Of an order that is not paid that is nothing.
    """
    if order.paid_time is None:
        return Refund(goods={line.id: ZERO for line in lines}, tax=ZERO, shipping=ZERO, time=at)
    rest = [line for line in order.lines if line not in lines and not line.is_cancelled and line.refunded == ZERO]
    is_everything = not rest
    return Refund(
        goods={line.id: line.sale_price for line in lines},
        tax=total(line.tax for line in lines) + (order.shipping_tax if is_everything else ZERO),
        shipping=order.shipping_fee if is_everything else ZERO,
        time=at,
    )


def part_of(refund: Refund, amount: Decimal) -> Refund:
    """A refund of this amount in place of the whole one, spread over its goods."""
    parts = shares(amount, list(refund.goods.values()))
    return Refund(goods=dict(zip(refund.goods, parts, strict=True)), tax=ZERO, shipping=ZERO, time=refund.time)


def refund_total(refund: Refund) -> Decimal:
    """All that goes back to the buyer."""
    return total(refund.goods.values()) + refund.tax + refund.shipping


def request_cancellation(
    world: World, shop: Shop, order: Order, lines: Collection[LineItem], at: int, *, role: str, reason: str
) -> Cancellation:
    """Asks for lines to be cancelled.

    What the seller wants is done at once, and what the buyer wants too while the order is on hold. After that the
    seller has two days to answer; no answer is a yes.
    """
    cancellation = Cancellation(
        id=world.ids.number("cancellation"),
        order_id=order.id,
        line_ids=[line.id for line in lines],
        role=role,
        reason=reason,
        status="CANCELLATION_REQUEST_PENDING",
        create_time=at,
        update_time=at,
        refund=refund_of(order, lines, at),
    )
    shop.cancellations.put(cancellation)
    if role == "BUYER":
        order.cancel_request_time = at
        order.update_time = at
    if role == "SELLER" or order.is_on_hold:
        grant_cancellation(world, shop, cancellation, at)
    else:
        world.agenda.add(at + TIME_TO_ANSWER, "grant unanswered cancellation", shop.id, cancellation.id)
        cancellation_changed(world, shop, cancellation, at)
    return cancellation


def grant_cancellation(world: World, shop: Shop, cancellation: Cancellation, at: int) -> None:
    """Takes the lines out of the order; the money is back within the hour."""
    order = shop.orders[cancellation.order_id]
    cancel(
        world, shop, order, order.select(cancellation.line_ids), at, by=cancellation.role, reason=cancellation.reason
    )
    _move(world, shop, cancellation, "CANCELLATION_REQUEST_SUCCESS", at)
    world.agenda.add(at + TIME_TO_PAY_BACK, "close cancellation", shop.id, cancellation.id)


def refuse_cancellation(world: World, shop: Shop, cancellation: Cancellation, at: int) -> None:
    """The order goes on as if nothing had been asked."""
    _move(world, shop, cancellation, "CANCELLATION_REQUEST_CANCEL", at)
    shop.orders[cancellation.order_id].cancel_request_time = None


def shipping_is_an_answer(shop: Shop) -> bool:
    """Whether a seller refuses a request to cancel by shipping; others have to answer it first."""
    return shop.region == "US" and shop.seller_type == "LOCAL"


def refuse_by_shipping(world: World, shop: Shop, order: Order, lines: Collection[LineItem], at: int) -> None:
    """Refuses the request to cancel that the seller has not answered, if it is about something that is shipped."""
    pending = pending_cancellation(shop, order)
    if pending is not None and any(line.id in pending.line_ids for line in lines):
        refuse_cancellation(world, shop, shop.cancellations[pending.id], at)


def pending_cancellation(shop: Shop, order: Order) -> Cancellation | None:
    """The request to cancel that the seller has not answered, or None."""
    return next(
        (
            cancellation
            for cancellation in shop.cancellations.find("order", order.id)
            if cancellation.status == "CANCELLATION_REQUEST_PENDING"
        ),
        None,
    )


def request_return(
    world: World,
    shop: Shop,
    order: Order,
    lines: Collection[LineItem],
    at: int,
    *,
    return_type: str,
    role: str,
    reason: str,
    refund: Refund,
) -> ReturnRequest:
    """Opens a return, which waits for the seller's decision."""
    request = ReturnRequest(
        id=world.ids.number("return"),
        order_id=order.id,
        line_ids=[line.id for line in lines],
        type=return_type,
        role=role,
        reason=reason,
        status=REPLACEMENT_PENDING if return_type == "REPLACEMENT" else PENDING,
        create_time=at,
        update_time=at,
        refund=refund,
    )
    record(request, "ORDER_RETURN", role, "A return was requested.", at, reason_text=readable(reason))
    shop.returns.put(request)
    return_changed(world, shop, request, at)
    return request


def due_decision(request: ReturnRequest) -> str | None:
    """What the seller has to decide now, or None."""
    return DUE_DECISIONS.get((request.type, request.status))


def approve(world: World, shop: Shop, request: ReturnRequest, decision: str, at: int) -> None:
    """Carries out an approval that `APPROVALS` allows."""
    record(request, decision, "SELLER", "The seller agreed.", at)
    if decision == "APPROVE_RETURN" and not request.buyer_keeps_item:
        _turn(world, shop, request, "AWAITING_BUYER_SHIP", at)
        world.agenda.add(at + TIME_TO_SEND_BACK, "send back", shop.id, request.id)
    elif decision == "APPROVE_REPLACEMENT":
        order = shop.orders[request.order_id]
        send_again(world, shop, order, order.select(request.line_ids), at)
        _turn(world, shop, request, "REPLACEMENT_REQUEST_COMPLETE", at)
    else:
        _pay_back(world, shop, request, at)


def offer_part(
    world: World,
    shop: Shop,
    request: ReturnRequest,
    decision: str,
    amount: Decimal,
    at: int,
    *,
    reason: str = "",
    comment: str = "",
) -> None:
    """Offers a part of the money. The buyer takes it after a day, or refuses; then the seller decides again."""
    request.offered_amount = amount
    request.is_offer_refused = False
    text = "The seller offered a part of the money."
    record(request, decision, "SELLER", text, at, reason_text=readable(reason), note=comment)
    _turn(world, shop, request, "AWAITING_BUYER_RESPONSE", at)
    world.agenda.add(at + TIME_TO_ACCEPT_OFFER, "accept offer", shop.id, request.id)


def offers_replacements(shop: Shop) -> bool:
    """Whether buyers of a shop can ask for the goods again in place of their money."""
    return shop.region == "US" and shop.seller_type == "LOCAL"


def reject(
    world: World, shop: Shop, request: ReturnRequest, decision: str, status: str, at: int, *, reason: str, comment: str
) -> None:
    """Turns a return down, for good."""
    record(request, decision, "SELLER", "The seller refused.", at, reason_text=readable(reason), note=comment)
    _turn(world, shop, request, status, at)


def readable(reason: str) -> str:
    """A reason's key as a text that a person reads."""
    return reason.rpartition("reason_")[2].replace("_", " ").capitalize()


def record(
    request: ReturnRequest, event: str, role: str, description: str, at: int, *, reason_text: str = "", note: str = ""
) -> None:
    """Adds a step to what has happened to a return."""
    request.records.append(
        {
            "event": event,
            "role": role,
            "description": description,
            "reason_text": reason_text,
            "note": note,
            "create_time": at,
        }
    )


@event("grant unanswered cancellation")
def _grant_unanswered(world: World, at: int, shop_id: str, cancellation_id: str) -> None:
    shop = world.shops[shop_id]
    cancellation = shop.cancellations[cancellation_id]
    if cancellation.status == "CANCELLATION_REQUEST_PENDING":
        grant_cancellation(world, shop, cancellation, at)


@event("close cancellation")
def _close_cancellation(world: World, at: int, shop_id: str, cancellation_id: str) -> None:
    shop = world.shops[shop_id]
    _move(world, shop, shop.cancellations[cancellation_id], "CANCELLATION_REQUEST_COMPLETE", at)


@event("accept offer")
def _accept_offer(world: World, at: int, shop_id: str, return_id: str) -> None:
    shop = world.shops[shop_id]
    request = shop.returns[return_id]
    if request.status == "AWAITING_BUYER_RESPONSE" and request.offered_amount is not None:
        record(request, "BUYER_ACCEPT_PARTIAL_REFUND", "BUYER", "The buyer took the offer.", at)
        request.refund = part_of(request.refund, request.offered_amount)
        _pay_back(world, shop, request, at)


@event("refuse offer")
def _refuse_offer(world: World, at: int, shop_id: str, return_id: str) -> None:
    shop = world.shops[shop_id]
    request = shop.returns[return_id]
    if request.status == "AWAITING_BUYER_RESPONSE":
        record(request, "BUYER_REJECT_PARTIAL_REFUND", "BUYER", "The buyer refused the offer.", at)
        request.is_offer_refused = True
        # An offer that was made after a look at the goods leaves these with the seller.
        _turn(world, shop, request, "BUYER_SHIPPED_ITEM" if request.tracking_number else PENDING, at)


@event("send back")
def _send_back(world: World, at: int, shop_id: str, return_id: str) -> None:
    shop = world.shops[shop_id]
    request = shop.returns[return_id]
    if request.status == "AWAITING_BUYER_SHIP":
        request.tracking_number = f"RT{world.ids.number('request')}"
        record(request, "BUYER_SHIP_PACKAGE", "BUYER", "The buyer sent the goods back.", at)
        _turn(world, shop, request, "BUYER_SHIPPED_ITEM", at)


@event("close return")
def _close_return(world: World, at: int, shop_id: str, return_id: str) -> None:
    shop = world.shops[shop_id]
    _turn(world, shop, shop.returns[return_id], "RETURN_OR_REFUND_REQUEST_COMPLETE", at)


def _pay_back(world: World, shop: Shop, request: ReturnRequest, at: int) -> None:
    order = shop.orders[request.order_id]
    refund = replace(request.refund, time=at)
    order.refunds.append(refund)
    for line in order.select(list(refund.goods)):
        line.refunded += refund.goods[line.id]
    order.update_time = at
    if order.completion_time is not None:
        shop.ledger.refund(world.ids, order, refund, at)
    if request.type == "REPLACEMENT":
        _turn(world, shop, request, "REPLACEMENT_REQUEST_REFUND_SUCCESS", at)
        return
    _turn(world, shop, request, "RETURN_OR_REFUND_REQUEST_SUCCESS", at)
    world.agenda.add(at + TIME_TO_PAY_BACK, "close return", shop.id, request.id)


def _turn(world: World, shop: Shop, request: ReturnRequest, status: str, at: int) -> None:
    request.status = status
    request.update_time = at
    return_changed(world, shop, request, at)


def _move(world: World, shop: Shop, cancellation: Cancellation, status: str, at: int) -> None:
    cancellation.status = status
    cancellation.update_time = at
    cancellation_changed(world, shop, cancellation, at)
