"""Statements follow from orders, and every level adds up to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tiktok_shop_async.sandbox.state.clock import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.sandbox.signed_calls import Caller

STATEMENTS = "/finance/202309/statements"


def statements(caller: Caller, **filters: object) -> list[dict[str, Any]]:
    """All statements that fit, oldest first."""
    data = caller.get(STATEMENTS, sort_field="statement_time", page_size=100, **filters).data
    return list(data["statements"])


def transactions(caller: Caller, statement_id: str) -> dict[str, Any]:
    """A statement with all of its transactions."""
    path = f"/finance/202501/statements/{statement_id}/statement_transactions"
    return caller.get(path, sort_field="order_create_time", page_size=100).data


def amount(row: dict[str, Any], *path: str) -> Decimal:
    value: Any = row
    for name in path:
        value = value[name]
    return Decimal(value)


def total(rows: Iterable[dict[str, Any]], name: str) -> Decimal:
    return sum((Decimal(row[name]) for row in rows), Decimal(0))


def test_a_statement_is_the_sum_of_its_parts(reader: Caller) -> None:
    found = statements(reader)
    assert len(found) > 10
    for statement in found:
        parts = ("revenue_amount", "shipping_cost_amount", "fee_amount", "adjustment_amount")
        assert amount(statement, "settlement_amount") == sum(amount(statement, part) for part in parts)


def test_a_statement_is_the_sum_of_its_transactions(reader: Caller) -> None:
    for statement in statements(reader):
        detail = transactions(reader, statement["id"])
        rows = detail["transactions"]
        assert len(rows) == detail["total_count"]
        assert total(rows, "settlement_amount") == amount(statement, "settlement_amount")
        assert total(rows, "revenue_amount") == amount(statement, "revenue_amount")
        assert total(rows, "fee_tax_amount") == amount(statement, "fee_amount")
        assert amount(detail, "payable_amount") == amount(statement, "settlement_amount")


def test_a_transaction_is_the_sum_of_its_breakdowns(reader: Caller) -> None:
    for statement in statements(reader)[:5]:
        for row in transactions(reader, statement["id"])["transactions"]:
            for whole, breakdown in (
                ("revenue_amount", "revenue_breakdown"),
                ("shipping_cost_amount", "shipping_cost_breakdown"),
            ):
                assert amount(row, whole) == sum(map(Decimal, row[breakdown].values()))
            assert amount(row, "fee_tax_amount") == sum(map(Decimal, row["fee_tax_breakdown"]["fee"].values()))


def by_order(caller: Caller, order_id: str) -> dict[str, Any]:
    """What an order brought in."""
    return caller.get(f"/finance/202501/orders/{order_id}/statement_transactions").data


def test_an_order_is_the_sum_of_its_variants(reader: Caller) -> None:
    settled = [order for order in reader.shop.orders if order.status == "COMPLETED"][:20]
    for order in settled:
        detail = by_order(reader, order.id)
        rows = detail["sku_transactions"]
        assert len(rows) == detail["total_count"]
        for whole, part in (
            ("settlement_amount", "settlement_amount"),
            ("revenue_amount", "revenue_amount"),
            ("fee_and_tax_amount", "fee_tax_amount"),
            ("shipping_cost_amount", "shipping_cost_amount"),
        ):
            assert amount(detail, whole) == total(rows, part)


def test_the_revenue_of_an_order_is_its_price_less_the_sellers_discounts(reader: Caller) -> None:
    with_return = {request.order_id for request in reader.shop.returns}
    order = next(
        order
        for order in reader.shop.orders
        if order.status == "COMPLETED" and order.id not in with_return and not order.is_sample
    )
    payment = reader.get("/order/202507/orders", ids=[order.id]).data["orders"][0]["payment"]
    expected = amount(payment, "original_total_product_price") - amount(payment, "seller_discount")
    assert amount(by_order(reader, order.id), "revenue_amount") == expected


def test_an_order_that_is_not_settled_has_no_transactions(reader: Caller) -> None:
    order = next(order for order in reader.shop.orders if order.status == "IN_TRANSIT")
    assert by_order(reader, order.id)["sku_transactions"] == []


@pytest.mark.parametrize("status", ["DELIVERED", "COMPLETED"])
def test_a_full_refund_leaves_no_revenue(caller: Caller, status: str) -> None:
    """Nor what the buyer paid for shipping, whether it comes before the order is settled, or in a later statement."""
    with_return = {request.order_id for request in caller.shop.returns}
    order = max(
        (each for each in caller.shop.orders if each.status == status and each.id not in with_return),
        key=lambda each: each.update_time,
    )
    body = {"order_id": order.id, "return_type": "REFUND", "return_reason": "reason_late"}
    return_id = caller.post("/return_refund/202309/returns", body).data["return_id"]
    caller.post(f"/return_refund/202309/returns/{return_id}/approve", {"decision": "APPROVE_REFUND"})
    caller.clock.advance(15 * DAY)
    detail = by_order(caller, order.id)
    assert amount(detail, "revenue_amount") == 0
    paid = ("shipping_cost_breakdown", "customer_paid_shipping_fee_amount")
    assert sum(amount(row, *paid) for row in detail["sku_transactions"]) == 0
    assert amount(detail, "settlement_amount") == amount(detail, "fee_and_tax_amount") + amount(
        detail, "shipping_cost_amount"
    )
    for row in statements(caller):
        assert total(transactions(caller, row["id"])["transactions"], "settlement_amount") == amount(
            row, "settlement_amount"
        )


def test_a_statement_that_is_out_never_changes(caller: Caller) -> None:
    before = statements(caller, payment_status="PAID")
    order = [order for order in caller.shop.orders if order.status == "COMPLETED" and not order.refunds][-1]
    body = {"order_id": order.id, "return_type": "REFUND", "return_reason": "reason_late"}
    return_id = caller.post("/return_refund/202309/returns", body).data["return_id"]
    caller.post(f"/return_refund/202309/returns/{return_id}/approve", {"decision": "APPROVE_REFUND"})
    caller.clock.advance(DAY)
    assert statements(caller, payment_status="PAID")[: len(before)] == before


def test_the_statement_of_today_comes_at_midnight(caller: Caller) -> None:
    known = len(statements(caller))
    caller.clock.advance(DAY)
    assert len(statements(caller)) == known + 1


def test_a_statement_is_paid_after_two_days(reader: Caller) -> None:
    payments = reader.get("/finance/202309/payments", sort_field="create_time", page_size=100).data["payments"]
    rows = {row["payment_id"]: row for row in statements(reader)}
    assert {payment["id"] for payment in payments} == set(rows)
    assert [payment["status"] for payment in payments][-2:] == ["PROCESSING", "PROCESSING"]
    for payment in payments:
        assert payment["amount"]["value"] == rows[payment["id"]]["settlement_amount"]
        assert ("paid_time" in payment) == (payment["status"] == "PAID")


def test_the_later_revision_lists_the_same_payments_without_what_is_held_back(reader: Caller) -> None:
    query = {"sort_field": "create_time", "page_size": 100}
    before = reader.get("/finance/202309/payments", **query).data["payments"]
    for payment in before:
        del payment["reserve_amount"]
    assert reader.get("/finance/202605/payments", **query).data["payments"] == before


def test_statements_are_found_by_time_and_payment_status(reader: Caller) -> None:
    everything = statements(reader)
    since = everything[3]["statement_time"]
    assert statements(reader, statement_time_ge=since) == everything[3:]
    assert statements(reader, statement_time_lt=since) == everything[:3]
    assert {row["payment_status"] for row in statements(reader, payment_status="PAID")} == {"PAID"}


def test_statements_are_paged_in_either_direction(reader: Caller) -> None:
    newest = reader.get(STATEMENTS, sort_field="statement_time", sort_order="DESC", page_size=2).data
    assert newest["statements"] == statements(reader)[::-1][:2]
    following = reader.get(
        STATEMENTS,
        sort_field="statement_time",
        sort_order="DESC",
        page_size=2,
        page_token=newest["next_page_token"],
    ).data
    assert following["statements"] == statements(reader)[::-1][2:4]


def test_what_is_settled_is_withdrawn_when_it_is_paid(reader: Caller) -> None:
    seller = reader.within("ID")

    def moved(*types: str) -> list[str]:
        data = seller.get("/finance/202309/withdrawals", types=list(types), page_size=100).data
        return sorted(row["amount"] for row in data["withdrawals"])

    assert moved("SETTLE") == sorted(row["settlement_amount"] for row in statements(seller))
    assert moved("WITHDRAW") == sorted(row["settlement_amount"] for row in statements(seller, payment_status="PAID"))
    assert moved("WITHDRAW")


def test_an_unknown_statement_has_no_transactions(reader: Caller) -> None:
    path = "/finance/202501/statements/1/statement_transactions"
    assert reader.get(path, sort_field="order_create_time").code == 36009004
