"""The first revision of transactions, and what is not settled yet, agree with the later revision to the cent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.test_finance import amount, by_order, statements, total, transactions
from tiktok_shop_async.sandbox.state.clock import DAY

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Caller

PAIRS = {
    "settlement_amount": ("settlement_amount",),
    "revenue_amount": ("revenue_amount",),
    "shipping_cost_amount": ("shipping_cost_amount",),
    "fee_amount": ("fee_tax_amount",),
    "gross_sales_amount": ("revenue_breakdown", "subtotal_before_discount_amount"),
    "seller_discount_amount": ("revenue_breakdown", "seller_discount_amount"),
    "customer_payment_amount": ("supplementary_component", "customer_payment_amount"),
}
UNSETTLED = "/finance/202507/orders/unsettled"


def first_revision(caller: Caller, what: str, row_id: str, **query: object) -> dict[str, Any]:
    """The transactions of an order or a statement in their first revision."""
    return caller.get(f"/finance/202309/{what}/{row_id}/statement_transactions", **query).data


def unsettled(caller: Caller, **query: object) -> dict[str, Any]:
    """What is not settled, oldest first."""
    return caller.get(UNSETTLED, sort_field="order_create_time", page_size=100, **query).data


@pytest.mark.parametrize("region", ["US", "GB"])
def test_both_revisions_of_a_statement_say_the_same(reader: Caller, region: str) -> None:
    seller = reader.within(region)
    assert statements(seller)
    for statement in statements(seller):
        query = {"sort_field": "order_create_time", "page_size": 100}
        first = first_revision(seller, "statements", statement["id"], **query)
        later = transactions(seller, statement["id"])
        assert first["total_count"] == later["total_count"]
        for name in ("settlement_amount", "revenue_amount", "fee_amount", "shipping_cost_amount", "net_sales_amount"):
            assert amount(first, name) == amount(statement, name) == total(first["statement_transactions"], name)
        for row, other in zip(first["statement_transactions"], later["transactions"], strict=True):
            assert (row["id"], row["order_id"]) == (other["id"], other["order_id"])
            for name, path in PAIRS.items():
                assert amount(row, name) == amount(other, *path)


def test_both_revisions_of_an_order_say_the_same(reader: Caller) -> None:
    settled = [order for order in reader.shop.orders if order.status == "COMPLETED"][:20]
    for order in settled:
        rows = first_revision(reader, "orders", order.id)["statement_transactions"]
        later = by_order(reader, order.id)
        assert total(rows, "settlement_amount") == amount(later, "settlement_amount")
        for row in rows:
            for name in (*PAIRS, "customer_refund_amount", "actual_shipping_fee_amount"):
                assert amount(row, name) == total(row["sku_statement_transactions"], name)
            parts = ("actual_shipping_fee_amount", "platform_shipping_fee_discount_amount")
            shipping = sum(amount(row, part) for part in (*parts, "customer_paid_shipping_fee_amount"))
            assert amount(row, "shipping_cost_amount") == shipping


def test_what_the_buyer_paid_for_the_goods_is_what_the_order_says(reader: Caller) -> None:
    with_return = {request.order_id for request in reader.shop.returns}
    settled = [each for each in reader.shop.orders if each.status == "COMPLETED" and each.id not in with_return]
    for order in settled[:20]:
        rows = first_revision(reader, "orders", order.id)["statement_transactions"]
        kept = [line for line in order.lines if not line.is_cancelled]
        assert total(rows, "customer_payment_amount") == sum(line.sale_price for line in kept)


def test_a_full_refund_gives_back_what_the_buyer_paid(caller: Caller) -> None:
    with_return = {request.order_id for request in caller.shop.returns}
    order = [each for each in caller.shop.orders if each.status == "COMPLETED" and each.id not in with_return][-1]
    body = {"order_id": order.id, "return_type": "REFUND", "return_reason": "reason_late"}
    return_id = caller.post("/return_refund/202309/returns", body).data["return_id"]
    caller.post(f"/return_refund/202309/returns/{return_id}/approve", {"decision": "APPROVE_REFUND"})
    caller.clock.advance(2 * DAY)
    rows = first_revision(caller, "orders", order.id)["statement_transactions"]
    assert len(rows) == 2
    assert total(rows, "customer_payment_amount") == -total(rows, "customer_refund_amount")
    assert total(rows, "platform_discount_amount") == -total(rows, "platform_discount_refund_amount")


def test_every_paid_order_is_either_settled_or_still_to_be(reader: Caller) -> None:
    open_ids = {row["order_id"] for row in unsettled(reader)["transactions"]}
    settled = {
        row["order_id"] for each in statements(reader) for row in transactions(reader, each["id"])["transactions"]
    }
    paid = {order.id for order in reader.shop.orders if order.paid_time and order.status != "CANCELLED"}
    assert open_ids.isdisjoint(settled)
    assert open_ids | settled == paid


def test_what_is_to_be_settled_is_what_is_settled_in_the_end(caller: Caller) -> None:
    with_return = {request.order_id for request in caller.shop.returns}
    before = [row for row in unsettled(caller)["transactions"] if row["order_id"] not in with_return]
    on_the_way = [row for row in before if caller.shop.orders[row["order_id"]].status in {"IN_TRANSIT", "DELIVERED"}]
    assert on_the_way
    caller.clock.advance(20 * DAY)
    for row in on_the_way:
        settled = by_order(caller, row["order_id"])
        assert amount(settled, "settlement_amount") == amount(row, "est_settlement_amount")
        assert amount(settled, "fee_and_tax_amount") == amount(row, "est_fee_tax_amount")


def test_the_sums_are_those_of_all_that_is_not_settled(reader: Caller) -> None:
    data = unsettled(reader)
    assert len(data["transactions"]) == data["total_count"] > 2
    for name in ("settlement", "revenue"):
        assert amount(data, f"sum_est_{name}_amount") == total(data["transactions"], f"est_{name}_amount")
    assert amount(data, "sum_est_fee_amount") == total(data["transactions"], "est_fee_tax_amount")
    one = reader.get(UNSETTLED, sort_field="order_create_time", page_size=1).data
    assert one["sum_est_settlement_amount"] == data["sum_est_settlement_amount"]


def test_when_it_is_settled_is_known_after_delivery(reader: Caller) -> None:
    for row in unsettled(reader)["transactions"]:
        if "order_delivery_time" in row:
            assert int(row["estimated_settlement"]) > reader.world.now
        else:
            assert row["estimated_settlement"] == "8 days after delivery"


def test_what_is_not_settled_is_found_by_when_it_was_ordered(reader: Caller) -> None:
    rows = unsettled(reader)["transactions"]
    middle = rows[len(rows) // 2]["order_create_time"]
    later = unsettled(reader, search_time_ge=middle)["transactions"]
    earlier = unsettled(reader, search_time_lt=middle)["transactions"]
    assert [*earlier, *later] == rows
    assert earlier
