"""Cancellations and returns in the revisions of 2026, over the same state as those of 2023."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.placing import place_orders, stage
from tiktok_shop_async.sandbox.state.clock import DAY

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Answer, Caller
    from tiktok_shop_async.sandbox.state.rows import Order

BEFORE = "/return_refund/202309"
NOW = "/return_refund/202602"
OFFER = "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG"


def entries(caller: Caller, order: Order, **query: object) -> dict[str, dict[str, Any]]:
    """What may be asked for, for an order's first SKU, by type of request."""
    data = caller.get(f"{NOW}/orders/{order.id}/aftersale_eligibility", **query).data
    return {entry["request_type"]: entry for entry in data["sku_eligibility"][0]["line_item_eligibility"]}


def reason(caller: Caller, order: Order, request_type: str) -> str:
    return str(entries(caller, order)[request_type]["available_reason_names"][0])


def cancel(caller: Caller, order: Order, **body: object) -> Answer:
    body = {"order_id": order.id, "cancel_reason": reason(caller, order, "CANCEL"), **body}
    return caller.post(f"{NOW}/cancellations", body)


def open_return(caller: Caller, order: Order, return_type: str = "REFUND", **body: object) -> Answer:
    given = {"order_id": order.id, "return_type": return_type, "return_reason": reason(caller, order, return_type)}
    return caller.post(f"{NOW}/returns", {**given, **body})


def find_return(caller: Caller, return_id: str, revision: str = NOW) -> dict[str, Any]:
    (found,) = caller.post(f"{revision}/returns/search", {"return_ids": [return_id]}).data["return_orders"]
    return dict(found)


def came_back(caller: Caller) -> tuple[Order, str]:
    """An order whose goods the buyer has sent back, and the id of its return."""
    (order,) = place_orders(caller, "DELIVERED", quantity=2)
    return_id = open_return(caller, order, "RETURN_AND_REFUND").data["return_id"]
    caller.post(f"{BEFORE}/returns/{return_id}/approve", {"decision": "APPROVE_RETURN"})
    caller.clock.advance(2 * DAY)
    return order, return_id


def reject(caller: Caller, return_id: str, revision: str = "202606", **body: object) -> Answer:
    reasons = caller.get(f"{BEFORE}/reject_reasons", return_or_cancel_id=return_id).data["reasons"]
    path = f"/return_refund/{revision}/returns/{return_id}/reject"
    return caller.post(path, {"reject_reason": reasons[0]["name"], **body})


def offer(caller: Caller, return_id: str, total: str = "2.50", currency: str = "USD", **body: object) -> Answer:
    amount = {"partial_refund_total": total, "currency": currency}
    return reject(caller, return_id, "202606", decision=OFFER, partial_refund_amount=amount, **body)


def test_a_cancellation_is_in_the_order_and_in_the_lists_of_both_revisions(caller: Caller) -> None:
    (order,) = place_orders(caller)
    cancel_id = cancel(caller, order).data["cancel_id"]
    assert order.status == "CANCELLED"
    for revision in (BEFORE, NOW):
        data = caller.post(f"{revision}/cancellations/search", {"order_ids": [order.id]}).data
        assert [row["cancel_id"] for row in data["cancellations"]] == [cancel_id]


def test_a_buyers_wish_names_the_answer_that_is_due_and_has_no_pictures(caller: Caller) -> None:
    (order,) = place_orders(caller)
    stage(caller).request_cancellation(order.id)
    (row,) = caller.post(f"{NOW}/cancellations/search", {"order_ids": [order.id]}).data["cancellations"]
    assert row["seller_next_action_response"][0]["action"] == "SELLER_RESPOND_BUYER_CANCEL"
    assert "product_image" not in row["cancel_line_items"][0]


@pytest.mark.parametrize("revision", [BEFORE, NOW])
def test_a_return_is_listed_by_both_revisions(caller: Caller, revision: str) -> None:
    (order,) = place_orders(caller, "DELIVERED")
    return_id = open_return(caller, order).data["return_id"]
    assert find_return(caller, return_id, revision)["order_id"] == order.id


def test_of_a_return_neither_pictures_nor_whether_the_buyer_keeps_the_goods_is_said(caller: Caller) -> None:
    (order,) = place_orders(caller, "DELIVERED")
    row = find_return(caller, open_return(caller, order).data["return_id"])
    assert "can_buyer_keep_item" not in row
    assert "product_image" not in row["return_line_items"][0]
    assert row["is_quick_refund"] is False


def test_the_buyer_keeps_what_is_replaced(caller: Caller) -> None:
    (order,) = place_orders(caller, "DELIVERED")
    request = stage(caller).request_return(order.id, type="REPLACEMENT")
    assert find_return(caller, request.id)["can_buyer_keep_item"] is True


def test_only_reasons_that_the_eligibility_lists_are_taken(caller: Caller) -> None:
    waiting, delivered = *place_orders(caller), *place_orders(caller, "DELIVERED")
    assert cancel(caller, waiting, cancel_reason="because").code == 25001014
    assert open_return(caller, delivered, return_reason="because").code == 25001014


def test_what_is_not_eligible_has_no_reasons(caller: Caller) -> None:
    (order,) = place_orders(caller)
    found = entries(caller, order)
    assert found["CANCEL"]["available_reason_names"]
    assert found["REFUND"]["ineligible_code"] == 25001003
    assert "available_reason_names" not in found["REFUND"]
    assert found["CANCEL"]["order_line_list"] == [{"order_line_item_id": line.id} for line in order.lines]


def test_buyers_and_sellers_cancel_for_different_reasons(caller: Caller) -> None:
    (order,) = place_orders(caller)
    by_buyer = entries(caller, order, initiate_aftersale_user="BUYER")["CANCEL"]["available_reason_names"]
    by_seller = entries(caller, order, initiate_aftersale_user="SELLER")["CANCEL"]["available_reason_names"]
    assert not set(by_buyer) & set(by_seller)


def test_eligibility_is_told_for_the_types_of_request_that_are_asked_about(caller: Caller) -> None:
    (order,) = place_orders(caller)
    assert list(entries(caller, order, request_types=["CANCEL,REFUND"])) == ["CANCEL", "REFUND"]


def test_lines_are_named_by_objects(caller: Caller) -> None:
    (order,) = place_orders(caller, quantity=2)
    first = order.lines[0]
    assert cancel(caller, order, order_line_list=[{"order_line_item_id": first.id}]).code == 0
    assert [line.is_cancelled for line in order.lines] == [True, False]


@pytest.mark.parametrize(
    "lines",
    [
        {"order_line_list": [{"order_line_item_id": "1"}]},
        {"order_line_list": [{"order_line_item_id": ""}]},
        {"order_line_list": [{"order_line_item_id": "1", "sub_order_line_item_id": "2"}]},
        {"order_line_list": [{"order_line_item_id": "1"}], "order_line_item_ids": ["1"]},
    ],
)
def test_lines_are_those_of_the_order_named_in_one_way(caller: Caller, lines: dict[str, object]) -> None:
    (order,) = place_orders(caller)
    assert cancel(caller, order, **lines).code == 25005010


def test_a_refund_is_calculated_for_lines_that_are_named_by_objects(caller: Caller) -> None:
    (order,) = place_orders(caller, "DELIVERED", quantity=2)
    line = order.lines[0]
    body = {
        "order_id": order.id,
        "request_type": "REFUND",
        "reason_name": reason(caller, order, "REFUND"),
        "order_line_list": [{"order_line_item_id": line.id}],
    }
    amount = caller.post(f"{NOW}/refunds/calculate", body).data["order_refund_amount"]
    assert amount["refund_total"] == str(line.sale_price + line.tax)


def test_an_amount_has_a_currency(caller: Caller) -> None:
    (order,) = place_orders(caller, "DELIVERED")
    assert open_return(caller, order, refund_total="1.20").code == 25001001
    assert open_return(caller, order, refund_total="1.20", currency="USD").code == 0


def test_a_return_is_turned_down(caller: Caller) -> None:
    (order,) = place_orders(caller, "DELIVERED")
    return_id = open_return(caller, order).data["return_id"]
    assert reject(caller, return_id, decision="REJECT_REFUND", comment="See photo").code == 0
    assert find_return(caller, return_id)["return_status"] == "REFUND_OR_RETURN_REQUEST_REJECT"


def test_a_part_of_the_price_is_offered_for_goods_that_came_back(caller: Caller) -> None:
    order, return_id = came_back(caller)
    assert offer(caller, return_id).data == {}
    offered = find_return(caller, return_id)
    assert offered["return_status"] == "AWAITING_BUYER_RESPONSE"
    assert offered["partial_refund"] == {"amount": "2.50", "currency": "USD"}
    caller.clock.advance(DAY)
    assert find_return(caller, return_id)["return_status"] == "RETURN_OR_REFUND_REQUEST_SUCCESS"
    assert sum(line.refunded for line in order.lines) == Decimal("2.50")


def test_goods_whose_buyer_refuses_the_offer_are_decided_on_again(caller: Caller) -> None:
    _, return_id = came_back(caller)
    offer(caller, return_id)
    stage(caller).step_return(return_id, "refuse_offer")
    refused = find_return(caller, return_id)
    assert (refused["return_status"], refused["buyer_rejected_partial_refund"]) == ("BUYER_SHIPPED_ITEM", True)
    assert offer(caller, return_id, "3.50").code == 0
    assert find_return(caller, return_id)["buyer_rejected_partial_refund"] is False


@pytest.mark.parametrize(
    "body",
    [
        {"total": "99999"},
        {"total": "0"},
        {"currency": "EUR"},
        {"comment": "x" * 501},
        {"images": [{"image_id": "1"}] * 7},
    ],
)
def test_an_offer_is_a_part_of_the_price_with_little_evidence(caller: Caller, body: dict[str, Any]) -> None:
    _, return_id = came_back(caller)
    assert offer(caller, return_id, **body).code == 25001001


def test_a_part_is_offered_in_place_of_a_refusal_only_when_the_goods_are_there(caller: Caller) -> None:
    (order,) = place_orders(caller, "DELIVERED")
    assert offer(caller, open_return(caller, order).data["return_id"]).code == 25020004


def test_the_revision_before_knows_no_offer_in_place_of_a_refusal(caller: Caller) -> None:
    _, return_id = came_back(caller)
    assert reject(caller, return_id, "202309", decision=OFFER).code == 25020004
