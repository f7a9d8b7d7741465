"""What an outside accountant finds in the shops of the made-up world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.accountant import Accountant
from tests.sandbox.conftest import make_caller
from tiktok_shop_async.sandbox.state.clock import DAY

if TYPE_CHECKING:
    from tests.sandbox.conformance import Conformance
    from tests.sandbox.signed_calls import Caller


def accountant_of(caller: Caller) -> Accountant:
    """An accountant who may ask what is offered in the shop's market."""

    def fetch(method: str, path: str, body: dict[str, Any] | None, **query: object) -> dict[str, Any]:
        return caller.call(method, path, query=query, body=body).data

    region = caller.shop.region
    return Accountant(fetch, has_payments=region == "US", has_withdrawals=region == "ID")


@pytest.mark.parametrize("region", ["US", "ID"])
def test_an_accountant_finds_nothing_wrong(conformance: Conformance, region: str) -> None:
    caller = make_caller(conformance, orders=120).within(region)
    caller.clock.advance(20 * DAY)
    accountant = accountant_of(caller)
    accountant.audit()
    assert accountant.statements
    for order_id in accountant.orders:
        accountant.check_variants(order_id)


def test_an_accountant_finds_a_cent_that_is_missing(conformance: Conformance) -> None:
    """The check of the check: a cent in a statement, in a refund, in an order and in a payment."""
    caller = make_caller(conformance, orders=120)
    caller.clock.advance(20 * DAY)
    accountant = accountant_of(caller)
    accountant.audit()
    refund = next(rows[0] for rows in accountant.refunds.values() if rows)["refund_amount"]
    order = next(row for row in accountant.orders.values() if row["status"] == "COMPLETED")
    transaction = next(rows[0] for rows in accountant.transactions.values())
    for row, name in (
        (accountant.statements[0], "settlement_amount"),
        (accountant.payments[0]["amount"], "value"),
        (refund, "refund_subtotal"),
        (order["line_items"][0], "original_price"),
        (order["payment"], "shipping_fee"),
        (transaction, "revenue_amount"),
        (transaction["shipping_cost_breakdown"], "customer_paid_shipping_fee_amount"),
    ):
        right = row[name]
        row[name] = f"{float(right) + 0.01:.2f}"
        with pytest.raises(AssertionError):
            accountant.audit()
        row[name] = right
    accountant.audit()
