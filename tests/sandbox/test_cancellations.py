"""Cancelling orders, by the seller and on a buyer's wish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.placing import place_orders
from tiktok_shop_async.sandbox.life.aftersales import request_cancellation
from tiktok_shop_async.sandbox.life.lifecycle import pay
from tiktok_shop_async.sandbox.state.clock import DAY, HOUR

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Answer, Caller
    from tiktok_shop_async.sandbox.state.rows import Cancellation, Order

CANCELLATIONS = "/return_refund/202309/cancellations"
REASON = "ecom_order_to_ship_canceled_reason_out_of_stock"


def order_in(caller: Caller, status: str, lines: int = 1) -> Order:
    """An order of this status with at least this many lines, which no one has asked to cancel yet."""
    return next(
        order
        for order in caller.shop.orders
        if order.status == status
        and len(order.lines) >= lines
        and (order.cancel_request_time is None or status == "CANCELLED")
    )


def cancel(caller: Caller, order: Order, **body: object) -> Answer:
    return caller.post(CANCELLATIONS, {"order_id": order.id, "cancel_reason": REASON, **body})


def asked(caller: Caller) -> Cancellation:
    """A buyer's wish that waits for an answer."""
    order = order_in(caller, "AWAITING_SHIPMENT")
    now = caller.world.now
    return request_cancellation(caller.world, caller.shop, order, order.lines, now, role="BUYER", reason=REASON)


def test_an_order_that_is_not_shipped_is_cancelled_at_once(caller: Caller) -> None:
    order = order_in(caller, "AWAITING_SHIPMENT")
    data = cancel(caller, order).data
    assert data["cancel_status"] == "CANCELLATION_REQUEST_SUCCESS"
    (row,) = caller.get("/order/202507/orders", ids=[order.id]).data["orders"]
    assert (row["status"], row["cancellation_initiator"], row["cancel_reason"]) == ("CANCELLED", "SELLER", REASON)
    caller.clock.advance(HOUR)
    (found,) = caller.post(f"{CANCELLATIONS}/search", {"cancel_ids": [data["cancel_id"]]}).data["cancellations"]
    assert found["cancel_status"] == "CANCELLATION_REQUEST_COMPLETE"
    assert found["refund_amount"]["refund_total"] == row["payment"]["total_amount"]


def test_some_lines_can_be_cancelled_and_shipping_is_not_refunded_for_them(caller: Caller) -> None:
    order = order_in(caller, "AWAITING_SHIPMENT", lines=2)
    line = order.lines[0]
    cancel_id = cancel(caller, order, order_line_item_ids=[line.id]).data["cancel_id"]
    assert order.status == "AWAITING_SHIPMENT"
    (found,) = caller.post(f"{CANCELLATIONS}/search", {"cancel_ids": [cancel_id]}).data["cancellations"]
    assert [row["order_line_item_id"] for row in found["cancel_line_items"]] == [line.id]
    assert found["refund_amount"]["refund_shipping_fee"] == "0.00"


def test_lines_can_be_named_by_sku_and_quantity(caller: Caller) -> None:
    order = order_in(caller, "AWAITING_SHIPMENT", lines=2)
    sku_id = order.lines[0].sku_id
    assert cancel(caller, order, skus=[{"sku_id": sku_id, "quantity": 99}]).code == 25005011
    assert cancel(caller, order, skus=[{"sku_id": sku_id, "quantity": 1}]).code == 0
    assert sum(line.is_cancelled for line in order.lines) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [("IN_TRANSIT", 25001045), ("COMPLETED", 25001051), ("DELIVERED", 25001051), ("CANCELLED", 25001011)],
)
def test_it_can_be_too_late_to_cancel(reader: Caller, status: str, code: int) -> None:
    assert cancel(reader, order_in(reader, status)).code == code


def test_a_sku_that_is_named_twice_stands_for_the_sum(caller: Caller) -> None:
    order = order_in(caller, "AWAITING_SHIPMENT")
    sku_id = order.lines[0].sku_id
    units = [line for line in order.lines if line.sku_id == sku_id]
    too_many = [{"sku_id": sku_id, "quantity": 1}, {"sku_id": sku_id, "quantity": len(units)}]
    assert cancel(caller, order, skus=too_many).code == 25005011
    assert cancel(caller, order, skus=[{"sku_id": sku_id, "quantity": len(units)}]).code == 0


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_is_one_or_more(reader: Caller, quantity: int) -> None:
    order = order_in(reader, "AWAITING_SHIPMENT")
    assert cancel(reader, order, skus=[{"sku_id": order.lines[0].sku_id, "quantity": quantity}]).code == 25005010


def test_of_an_order_that_is_not_paid_nothing_is_refunded(caller: Caller) -> None:
    cancel_id = cancel(caller, order_in(caller, "UNPAID")).data["cancel_id"]
    (found,) = caller.post(f"{CANCELLATIONS}/search", {"cancel_ids": [cancel_id]}).data["cancellations"]
    assert found["refund_amount"]["refund_total"] == "0.00"


def test_an_order_whose_unshipped_rest_is_cancelled_after_a_delivery_completes(caller: Caller) -> None:
    """Nothing is left to wait for, and the part that was delivered is settled."""
    order = order_in(caller, "AWAITING_SHIPMENT", lines=2)
    caller.post("/fulfillment/202309/packages", {"order_id": order.id, "order_line_item_ids": [order.lines[0].id]})
    caller.clock.advance(5 * DAY)
    caller.world.catch_up()
    assert order.status == "PARTIALLY_SHIPPING"
    cancel(caller, order, order_line_item_ids=[line.id for line in order.lines[1:]])
    assert order.status == "DELIVERED"
    caller.clock.advance(8 * DAY)
    caller.world.catch_up()
    assert order.status == "COMPLETED"


def test_lines_of_another_order_cannot_be_cancelled(reader: Caller) -> None:
    order = order_in(reader, "AWAITING_SHIPMENT")
    assert cancel(reader, order, order_line_item_ids=["1"]).code == 25005010


def test_an_unknown_order_cannot_be_cancelled(reader: Caller) -> None:
    assert reader.post(CANCELLATIONS, {"order_id": "1", "cancel_reason": REASON}).code == 25007006


def test_a_buyers_wish_waits_for_the_seller_who_grants_it(caller: Caller) -> None:
    cancellation = asked(caller)
    (found,) = caller.post(f"{CANCELLATIONS}/search", {"cancel_ids": [cancellation.id]}).data["cancellations"]
    assert (found["cancel_type"], found["cancel_status"]) == ("BUYER_CANCEL", "CANCELLATION_REQUEST_PENDING")
    assert found["seller_next_action_response"][0]["action"] == "SELLER_RESPOND_CANCEL"
    assert caller.post(f"{CANCELLATIONS}/{cancellation.id}/approve").data == {}
    assert caller.shop.orders[cancellation.order_id].status == "CANCELLED"
    assert caller.post(f"{CANCELLATIONS}/{cancellation.id}/approve").code == 25011012


def test_a_refused_wish_leaves_the_order_as_it_was(caller: Caller) -> None:
    cancellation = asked(caller)
    reasons = caller.get("/return_refund/202309/reject_reasons", return_or_cancel_id=cancellation.id).data["reasons"]
    path = f"{CANCELLATIONS}/{cancellation.id}/reject"
    assert caller.post(path, {"reject_reason": "because"}).code == 25001014
    assert caller.post(path, {"reject_reason": reasons[0]["name"]}).data == {}
    assert caller.shop.orders[cancellation.order_id].status == "AWAITING_SHIPMENT"
    assert caller.post(path, {"reject_reason": reasons[0]["name"]}).code == 25011011


def test_a_wish_that_no_one_answers_is_granted_after_two_days(caller: Caller) -> None:
    cancellation = asked(caller)
    caller.clock.advance(2 * DAY)
    caller.post(f"{CANCELLATIONS}/search")
    assert caller.shop.orders[cancellation.order_id].status == "CANCELLED"


def test_an_idempotency_key_makes_a_repeated_approval_harmless(caller: Caller) -> None:
    cancellation = asked(caller)
    path = f"{CANCELLATIONS}/{cancellation.id}/approve"
    assert caller.post(path, idempotency_key="once").code == 0
    assert caller.post(path, idempotency_key="once").code == 0
    assert caller.post(path, idempotency_key="twice").code == 25011012


def test_an_unknown_cancellation_cannot_be_answered(reader: Caller) -> None:
    assert reader.post(f"{CANCELLATIONS}/1/approve").code == 25007006


def test_there_are_no_reject_reasons_for_what_does_not_exist(reader: Caller) -> None:
    assert reader.get("/return_refund/202309/reject_reasons", return_or_cancel_id="1").code == 25001001


def test_what_a_buyer_wants_while_the_order_is_on_hold_is_done_at_once(caller: Caller) -> None:
    """And the end of the remorse hour finds nothing left to release."""
    order, now = order_in(caller, "ON_HOLD"), caller.world.now
    request_cancellation(caller.world, caller.shop, order, order.lines, now, role="BUYER", reason=REASON)
    caller.clock.advance(HOUR)
    (row,) = caller.get("/order/202507/orders", ids=[order.id]).data["orders"]
    assert (row["status"], row["cancellation_initiator"], row["packages"]) == ("CANCELLED", "BUYER", [])


def test_a_payment_that_comes_after_the_cancellation_changes_nothing(caller: Caller) -> None:
    order = order_in(caller, "UNPAID")
    assert cancel(caller, order).code == 0
    pay(caller.world, caller.shop, order, caller.world.now)
    assert order.status == "CANCELLED"


def test_an_order_that_is_not_paid_in_time_lapses(caller: Caller) -> None:
    order = order_in(caller, "UNPAID")
    caller.clock.advance(2 * DAY)
    (row,) = caller.get("/order/202507/orders", ids=[order.id]).data["orders"]
    assert (row["status"], row["cancellation_initiator"]) == ("CANCELLED", "SYSTEM")


@pytest.mark.parametrize(("region", "code"), [("US", 0), ("GB", 0), ("DE", 25005010), ("BR", 25005010)])
def test_a_part_of_an_order_can_be_cancelled_in_some_markets(caller: Caller, region: str, code: int) -> None:
    seller = caller.within(region)
    (order,) = place_orders(seller, "AWAITING_SHIPMENT", quantity=2)
    assert cancel(seller, order, order_line_item_ids=[order.lines[0].id]).code == code
    assert cancel(seller, order).code == 0


def test_an_order_that_is_not_paid_can_only_be_cancelled_as_a_whole(caller: Caller) -> None:
    (order,) = place_orders(caller, "UNPAID", quantity=2)
    assert cancel(caller, order, order_line_item_ids=[order.lines[0].id]).code == 25005010
    assert cancel(caller, order).code == 0
