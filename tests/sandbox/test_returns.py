"""Returns and refunds after delivery."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.books import Books
from tests.sandbox.placing import place_orders, stage
from tiktok_shop_async.sandbox.stage import NotNowError
from tiktok_shop_async.sandbox.state.clock import DAY, HOUR

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Answer, Caller
    from tiktok_shop_async.sandbox.state.rows import Order

RETURNS = "/return_refund/202309/returns"
REASON = "ecom_order_delivered_refund_reason_arrived_damaged"


def delivered(caller: Caller, lines: int = 1) -> Order:
    """An order that has arrived and has no return."""
    with_return = {request.order_id for request in caller.shop.returns}
    return next(
        order
        for order in caller.shop.orders
        if order.status == "DELIVERED" and order.id not in with_return and len(order.lines) >= lines
    )


def open_return(caller: Caller, order: Order, return_type: str = "REFUND", **body: object) -> Answer:
    return caller.post(RETURNS, {"order_id": order.id, "return_type": return_type, "return_reason": REASON, **body})


def decide(caller: Caller, return_id: str, verdict: str, decision: str, **body: object) -> Answer:
    return caller.post(f"{RETURNS}/{return_id}/{verdict}", {"decision": decision, **body})


def read(caller: Caller, return_id: str) -> dict[str, Any]:
    """A return as the API has it."""
    (found,) = caller.post(f"{RETURNS}/search", {"return_ids": [return_id]}).data["return_orders"]
    return dict(found)


def test_a_refund_is_opened_granted_and_paid(caller: Caller) -> None:
    order = delivered(caller)
    data = open_return(caller, order).data
    assert data["return_status"] == "RETURN_OR_REFUND_REQUEST_PENDING"
    pending = read(caller, data["return_id"])
    assert pending["seller_next_action_response"][0]["action"] == "SELLER_RESPOND_REFUND"
    assert pending["refund_amount"]["refund_total"] == str(order.total_amount)
    assert decide(caller, data["return_id"], "approve", "APPROVE_REFUND").data == {}
    assert read(caller, data["return_id"])["return_status"] == "RETURN_OR_REFUND_REQUEST_SUCCESS"
    caller.clock.advance(HOUR)
    assert read(caller, data["return_id"])["return_status"] == "RETURN_OR_REFUND_REQUEST_COMPLETE"


def test_goods_that_come_back_are_refunded_when_they_are_there(caller: Caller) -> None:
    return_id = open_return(caller, delivered(caller), "RETURN_AND_REFUND").data["return_id"]
    decide(caller, return_id, "approve", "APPROVE_RETURN")
    assert read(caller, return_id)["return_status"] == "AWAITING_BUYER_SHIP"
    caller.clock.advance(2 * DAY)
    sent = read(caller, return_id)
    assert sent["return_status"] == "BUYER_SHIPPED_ITEM"
    assert sent["return_tracking_number"]
    assert sent["seller_next_action_response"][0]["action"] == "SELLER_RESPOND_RECEIVE_PACKAGE"
    decide(caller, return_id, "approve", "APPROVE_RECEIVED_PACKAGE")
    assert read(caller, return_id)["return_status"] == "RETURN_OR_REFUND_REQUEST_SUCCESS"


def test_the_buyer_may_keep_the_goods(caller: Caller) -> None:
    return_id = open_return(caller, delivered(caller), "RETURN_AND_REFUND").data["return_id"]
    decide(caller, return_id, "approve", "APPROVE_RETURN", buyer_keep_item=True)
    assert read(caller, return_id)["return_status"] == "RETURN_OR_REFUND_REQUEST_SUCCESS"


def test_an_offer_of_a_part_is_taken_after_a_day(caller: Caller) -> None:
    order = delivered(caller)
    return_id = open_return(caller, order).data["return_id"]
    offer = {"amount": "2.50", "currency": "USD"}
    decide(caller, return_id, "approve", "OFFER_PARTIAL_REFUND", partial_refund=offer)
    assert read(caller, return_id)["return_status"] == "AWAITING_BUYER_RESPONSE"
    caller.clock.advance(DAY)
    accepted = read(caller, return_id)
    assert accepted["return_status"] == "RETURN_OR_REFUND_REQUEST_SUCCESS"
    assert accepted["refund_amount"]["refund_total"] == "2.50"
    assert sum(line.refunded for line in order.lines) == Decimal("2.50")


@pytest.mark.parametrize("offer", [{}, {"amount": "0"}, {"amount": "1.005"}, {"amount": "99999"}])
def test_an_offer_has_to_be_a_part_of_the_price(caller: Caller, offer: dict[str, str]) -> None:
    return_id = open_return(caller, delivered(caller)).data["return_id"]
    answer = decide(caller, return_id, "approve", "OFFER_PARTIAL_REFUND", partial_refund={"currency": "USD", **offer})
    assert answer.code == 25001001


@pytest.mark.parametrize(
    ("return_type", "decision"), [("REFUND", "REJECT_REFUND"), ("RETURN_AND_REFUND", "REJECT_RETURN")]
)
def test_a_return_is_turned_down_with_a_reason_from_the_list(caller: Caller, return_type: str, decision: str) -> None:
    return_id = open_return(caller, delivered(caller), return_type).data["return_id"]
    reasons = caller.get("/return_refund/202309/reject_reasons", return_or_cancel_id=return_id).data["reasons"]
    assert decide(caller, return_id, "reject", decision, reject_reason="because").code == 25001014
    assert (
        decide(caller, return_id, "reject", decision, reject_reason=reasons[0]["name"], comment="See photo").code == 0
    )
    assert read(caller, return_id)["return_status"] == "REFUND_OR_RETURN_REQUEST_REJECT"
    records = caller.get(f"{RETURNS}/{return_id}/records").data["records"]
    assert [record["role"] for record in records] == ["SELLER", "SELLER"]
    assert records[-1]["note"] == "See photo"


@pytest.mark.parametrize(
    ("verdict", "decision"),
    [("approve", "APPROVE_RETURN"), ("approve", "APPROVE_RECEIVED_PACKAGE"), ("reject", "REJECT_RETURN")],
)
def test_a_decision_that_is_not_due_is_refused(caller: Caller, verdict: str, decision: str) -> None:
    return_id = open_return(caller, delivered(caller)).data["return_id"]
    assert decide(caller, return_id, verdict, decision, reject_reason="any").code == 25020004


def test_a_return_is_decided_once(caller: Caller) -> None:
    return_id = open_return(caller, delivered(caller)).data["return_id"]
    decide(caller, return_id, "approve", "APPROVE_REFUND")
    assert decide(caller, return_id, "approve", "APPROVE_REFUND").code == 25011012


@pytest.mark.parametrize("status", ["AWAITING_SHIPMENT", "IN_TRANSIT", "CANCELLED"])
def test_what_is_not_delivered_cannot_come_back(reader: Caller, status: str) -> None:
    order = next(order for order in reader.shop.orders if order.status == status)
    assert open_return(reader, order).code == 25001003


def test_an_order_has_one_return_at_a_time(caller: Caller) -> None:
    order = delivered(caller)
    open_return(caller, order)
    assert open_return(caller, order).code == 25001010


def test_what_was_refunded_does_not_come_back_again(caller: Caller) -> None:
    order = delivered(caller)
    decide(caller, open_return(caller, order).data["return_id"], "approve", "APPROVE_REFUND")
    caller.clock.advance(HOUR)
    assert open_return(caller, order).code == 25001010
    assert open_return(caller, order, order_line_item_ids=[order.lines[0].id]).code == 25005010


def test_an_unknown_type_of_return_is_refused(reader: Caller) -> None:
    assert open_return(reader, delivered(reader), "SWAP").code == 25001001


def test_a_refund_may_be_lower_than_what_was_paid_but_not_higher(caller: Caller) -> None:
    order = delivered(caller)
    assert open_return(caller, order, refund_total="99999.00").code == 25005005
    return_id = open_return(caller, order, refund_total="1.20", currency="USD").data["return_id"]
    assert read(caller, return_id)["refund_amount"]["refund_total"] == "1.20"


def test_a_return_of_one_line_refunds_neither_shipping_nor_the_rest(caller: Caller) -> None:
    order = delivered(caller, lines=2)
    line = order.lines[0]
    body = {"order_id": order.id, "request_type": "REFUND", "reason_name": REASON, "order_line_item_ids": [line.id]}
    amount = caller.post("/return_refund/202309/refunds/calculate", body).data["order_refund_amount"]
    assert amount["refund_total"] == str(line.sale_price + line.tax)
    assert amount["refund_shipping_fee"] == "0.00"


def eligible(caller: Caller, order: Order) -> dict[str, bool]:
    """What may be asked for, for an order's first SKU."""
    path = f"/return_refund/202309/orders/{order.id}/aftersale_eligibility"
    entries = caller.get(path).data["sku_eligibility"][0]["line_item_eligibility"]
    return {entry["request_type"]: entry["eligible"] for entry in entries}


def test_what_is_not_shipped_can_be_cancelled_and_what_is_delivered_can_come_back(caller: Caller) -> None:
    waiting = next(order for order in caller.shop.orders if order.status == "AWAITING_SHIPMENT")
    assert eligible(caller, waiting) == {"CANCEL": True, "REFUND": False, "RETURN_AND_REFUND": False}
    order = delivered(caller)
    assert eligible(caller, order) == {"CANCEL": False, "REFUND": True, "RETURN_AND_REFUND": True}
    open_return(caller, order)
    assert not any(eligible(caller, order).values())


def test_the_time_for_returns_ends(caller: Caller) -> None:
    order = delivered(caller)
    caller.clock.advance(31 * DAY)
    assert not any(eligible(caller, order).values())


def test_what_is_not_eligible_is_refused_for_the_same_reason(caller: Caller) -> None:
    """In every status, whether it is to be cancelled or to come back."""
    caller.clock.advance(40 * DAY)
    caller.world.catch_up()
    for order in caller.shop.orders:
        rows = caller.get(f"/return_refund/202309/orders/{order.id}/aftersale_eligibility").data["sku_eligibility"]
        if not all(len(row["line_item_eligibility"][0]["order_line_items_ids"]) == len(order.lines) for row in rows):
            continue
        to_cancel, to_return, _ = rows[0]["line_item_eligibility"]
        body = {"order_id": order.id, "cancel_reason": REASON, "return_type": "REFUND", "return_reason": REASON}
        opened = caller.post(RETURNS, body)
        assert opened.code == to_return.get("ineligible_code", 0)
        cancelled = caller.post("/return_refund/202309/cancellations", body)
        assert cancelled.code == to_cancel.get("ineligible_code", 0)


def test_returns_are_found_by_order_type_and_status(caller: Caller) -> None:
    order = delivered(caller)
    return_id = open_return(caller, order).data["return_id"]
    filters = {"order_ids": [order.id], "return_types": ["REFUND"], "buyer_user_ids": [order.buyer.user_id]}

    def found(**more: list[str]) -> list[str]:
        data = caller.post(f"{RETURNS}/search", {**filters, **more}).data
        return [row["return_id"] for row in data["return_orders"]]

    assert found() == [return_id]
    assert found(return_status=["RETURN_OR_REFUND_REQUEST_PENDING"]) == [return_id]
    assert found(return_status=["AWAITING_BUYER_SHIP"]) == []
    assert found(arbitration_status=["IN_PROGRESS"]) == []


def test_an_unknown_return_has_no_records(reader: Caller) -> None:
    assert reader.get(f"{RETURNS}/1/records").code == 25007006


def test_an_order_does_not_complete_while_a_return_is_open(caller: Caller) -> None:
    order = delivered(caller)
    return_id = open_return(caller, order).data["return_id"]
    caller.clock.advance(10 * DAY)
    assert read(caller, return_id)["return_status"] == "RETURN_OR_REFUND_REQUEST_PENDING"
    assert order.status == "DELIVERED"
    decide(caller, return_id, "approve", "APPROVE_REFUND")
    caller.clock.advance(DAY)
    read(caller, return_id)
    assert order.status == "COMPLETED"


def test_an_offer_that_the_buyer_refuses_is_decided_on_again(caller: Caller) -> None:
    return_id = open_return(caller, delivered(caller)).data["return_id"]
    offer = {"amount": "2.50", "currency": "USD"}
    decide(caller, return_id, "approve", "OFFER_PARTIAL_REFUND", partial_refund=offer)
    stage(caller).step_return(return_id, "refuse_offer")
    refused = read(caller, return_id)
    assert refused["return_status"] == "RETURN_OR_REFUND_REQUEST_PENDING"
    assert refused["seller_next_action_response"][0]["action"] == "SELLER_RESPOND_REFUND"
    caller.clock.advance(DAY)
    assert read(caller, return_id)["return_status"] == "RETURN_OR_REFUND_REQUEST_PENDING"
    assert decide(caller, return_id, "approve", "APPROVE_REFUND").code == 0


def test_a_second_offer_is_not_refused_until_the_buyer_refuses_it_too(caller: Caller) -> None:
    return_id = open_return(caller, delivered(caller)).data["return_id"]
    decide(caller, return_id, "approve", "OFFER_PARTIAL_REFUND", partial_refund={"amount": "2.50", "currency": "USD"})
    stage(caller).step_return(return_id, "refuse_offer")
    assert read(caller, return_id)["buyer_rejected_partial_refund"] is True
    decide(caller, return_id, "approve", "OFFER_PARTIAL_REFUND", partial_refund={"amount": "3.50", "currency": "USD"})
    assert read(caller, return_id)["buyer_rejected_partial_refund"] is False


def asked_again(caller: Caller) -> tuple[Order, str]:
    """A delivered order of two units, and the id of a request to replace one of them."""
    (order,) = place_orders(caller, "DELIVERED", quantity=2)
    request = stage(caller).request_return(order.id, line_ids=[order.lines[0].id], type="REPLACEMENT")
    return order, request.id


def test_a_replacement_is_an_order_that_costs_nothing_and_names_the_one_it_replaces(caller: Caller) -> None:
    order, return_id = asked_again(caller)
    pending = read(caller, return_id)
    assert (pending["return_type"], pending["return_status"]) == ("REPLACEMENT", "REPLACEMENT_REQUEST_PENDING")
    assert pending["seller_next_action_response"][0]["action"] == "SELLER_RESPOND_REPLACEMENT"
    assert decide(caller, return_id, "approve", "APPROVE_REFUND").code == 25020004
    assert decide(caller, return_id, "approve", "APPROVE_REPLACEMENT").code == 0
    assert read(caller, return_id)["return_status"] == "REPLACEMENT_REQUEST_COMPLETE"
    again = next(each for each in caller.shop.orders if each.replaced_order_id == order.id)
    (row,) = caller.get("/order/202507/orders", ids=[again.id]).data["orders"]
    assert (row["is_replacement_order"], row["replaced_order_id"]) == (True, order.id)
    assert (row["status"], row["is_on_hold_order"]) == ("AWAITING_SHIPMENT", False)
    assert (row["payment"]["total_amount"], "paid_time" in row) == ("0.00", False)
    assert [line["sku_id"] for line in row["line_items"]] == [order.lines[0].sku_id]
    assert order.refunds == []
    assert caller.post(f"/fulfillment/202309/packages/{row['packages'][0]['id']}/ship").code == 0
    caller.clock.advance(13 * DAY)
    books = Books(caller.shop)
    books.check(caller.world.catch_up())
    assert again.status == "COMPLETED"
    (entry,) = caller.shop.ledger.entries.find("order", again.id)
    assert entry.sum("settlement") == -again.carrier_cost


def test_a_replacement_may_be_settled_by_a_refund_or_refused(caller: Caller) -> None:
    order, return_id = asked_again(caller)
    assert decide(caller, return_id, "approve", "ISSUE_REPLACEMENT_REFUND").code == 0
    assert read(caller, return_id)["return_status"] == "REPLACEMENT_REQUEST_REFUND_SUCCESS"
    assert order.lines[0].refunded == order.lines[0].sale_price
    _, return_id = asked_again(caller)
    reasons = caller.get("/return_refund/202309/reject_reasons", return_or_cancel_id=return_id).data["reasons"]
    assert decide(caller, return_id, "reject", "REJECT_REPLACEMENT", reject_reason=reasons[0]["name"]).code == 0
    assert read(caller, return_id)["return_status"] == "REPLACEMENT_REQUEST_REJECT"


def test_what_is_out_of_stock_is_not_replaced(caller: Caller) -> None:
    order, return_id = asked_again(caller)
    found = caller.shop.find_sku(order.lines[0].sku_id)
    assert found is not None
    found[1].stock[order.warehouse_id] = 0
    assert decide(caller, return_id, "approve", "APPROVE_REPLACEMENT").code == 25011032
    assert read(caller, return_id)["return_status"] == "REPLACEMENT_REQUEST_PENDING"


@pytest.mark.parametrize(("region", "seller_type"), [("GB", "LOCAL"), ("DE", "LOCAL"), ("TH", "CROSS_BORDER")])
def test_replacements_are_for_local_sellers_in_the_us(caller: Caller, region: str, seller_type: str) -> None:
    seller = caller.within(region, seller_type)
    (order,) = place_orders(seller, "DELIVERED")
    with pytest.raises(NotNowError):
        stage(seller).request_return(order.id, type="REPLACEMENT")
