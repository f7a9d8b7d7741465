"""An outside accountant: holds orders, refunds, statements, payments and withdrawals of a shop against each other.

It knows the shop by the API's answers alone, adds everything up itself, and looks into nothing of the sandbox.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Fetch: TypeAlias = Callable[..., dict[str, Any]]
    """Answers the `data` of a call: method, path, JSON body or None, and the query by keyword."""

REFERRAL = Decimal("0.06")
CENT = Decimal("0.01")
NOTHING = Decimal("0.00")
REFUNDED = {"RETURN_OR_REFUND_REQUEST_SUCCESS", "RETURN_OR_REFUND_REQUEST_COMPLETE"}
CANCELLED = {"CANCELLATION_REQUEST_SUCCESS", "CANCELLATION_REQUEST_COMPLETE"}

_PRICES = ("original_price", "seller_discount", "platform_discount", "sale_price")


class Accountant:
    """Reads everything once; `audit` fails at the first figure that does not agree.

    No market has both payments and withdrawals: which of them the shop has is for the caller to say.
    """

    def __init__(self, fetch: Fetch, *, has_payments: bool = False, has_withdrawals: bool = False) -> None:
        self._has_payments, self._has_withdrawals = has_payments, has_withdrawals
        self._fetch = fetch
        self.orders = {row["id"]: row for row in self._all("POST", "/order/202309/orders/search", "orders", 100)}
        returns = self._all("POST", "/return_refund/202309/returns/search", "return_orders", 50)
        cancellations = self._all("POST", "/return_refund/202309/cancellations/search", "cancellations", 50)
        self.refunds = _by_order(row for row in returns if row["return_status"] in REFUNDED)
        self.cancellations = _by_order(row for row in cancellations if row["cancel_status"] in CANCELLED)
        self.statements = list(
            self._all("GET", "/finance/202309/statements", "statements", 100, sort_field="statement_time")
        )
        self.transactions = {row["id"]: self._transactions_in(row["id"]) for row in self.statements}
        payments = self._all("GET", "/finance/202309/payments", "payments", 100, sort_field="create_time")
        self.payments = list(payments) if has_payments else []
        withdrawals = self._all("GET", "/finance/202309/withdrawals", "withdrawals", 100, types="SETTLE,WITHDRAW")
        self.withdrawals = list(withdrawals) if has_withdrawals else []

    def audit(self) -> None:
        """Everything, from what buyers paid to what reached the bank."""
        booked = defaultdict[str, list[dict[str, Any]]](list)
        for rows in self.transactions.values():
            for row in rows:
                self._check_transaction(row)
                booked[row["order_id"]].append(row)
        assert booked.keys() <= self.orders.keys()
        for order in self.orders.values():
            self._check_order(order)
            self._check_refunds(order)
            self._check_booking(order, booked[order["id"]])
        self._check_statements()
        self._check_money()

    def check_variants(self, order_id: str) -> None:
        """What is said of an order variant by variant is what its statements say of it in all."""
        data = self._fetch("GET", f"/finance/202501/orders/{order_id}/statement_transactions", None)
        variants = data["sku_transactions"]
        booked = [row for rows in self.transactions.values() for row in rows if row["order_id"] == order_id]
        for name in ("settlement_amount", "revenue_amount", "shipping_cost_amount", "fee_tax_amount"):
            assert _sum(variants, name) == _sum(booked, name), (order_id, name)
        for variant in variants:
            fees = variant["fee_tax_breakdown"]["fee"]
            revenue = Decimal(variant["revenue_amount"])
            assert abs(Decimal(fees["referral_fee_amount"]) + revenue * REFERRAL) <= CENT / 2, variant

    def _check_order(self, order: dict[str, Any]) -> None:
        """What the buyer paid is the sum of the lines, shipping and tax."""
        payment, lines = order["payment"], order["line_items"]
        for line in lines:
            original, seller, platform, sale = (Decimal(line[name]) for name in _PRICES)
            assert original - seller - platform == sale, line["id"]
        assert Decimal(payment["sub_total"]) == _sum(lines, "sale_price"), order["id"]
        assert Decimal(payment["original_total_product_price"]) == _sum(lines, "original_price"), order["id"]
        shipping = Decimal(payment["original_shipping_fee"])
        discounts = ("shipping_fee_seller_discount", "shipping_fee_platform_discount")
        assert Decimal(payment["shipping_fee"]) == shipping - sum(Decimal(payment[name]) for name in discounts)
        taxes = Decimal(payment["product_tax"]) + Decimal(payment["shipping_fee_tax"])
        assert taxes == Decimal(payment["tax"]), order["id"]
        paid = Decimal(payment["sub_total"]) + Decimal(payment["shipping_fee"]) + taxes
        assert Decimal(payment["total_amount"]) == paid, order["id"]

    def _check_refunds(self, order: dict[str, Any]) -> None:
        """Nobody gets back more than was paid; who was refunded everything got back everything, to the cent."""
        paid = Decimal(order["payment"]["total_amount"]) if order.get("paid_time") else NOTHING
        requests = [*self.refunds[order["id"]], *self.cancellations[order["id"]]]
        back = NOTHING
        for request in requests:
            refund = request["refund_amount"]
            parts = ("refund_subtotal", "refund_shipping_fee", "refund_tax")
            assert Decimal(refund["refund_total"]) == sum(Decimal(refund[part]) for part in parts), request
            lines = request.get("return_line_items") or request["cancel_line_items"]
            subtotals = sum(Decimal(line["refund_amount"]["refund_subtotal"]) for line in lines)
            assert Decimal(refund["refund_subtotal"]) == subtotals, request
            back += Decimal(refund["refund_total"])
        assert back <= paid, order["id"]
        if order["status"] == "CANCELLED" and paid:
            assert back == paid, order["id"]

    def _check_booking(self, order: dict[str, Any], booked: list[dict[str, Any]]) -> None:
        """An order that completed is booked: what its buyer kept, at what the seller got for it."""
        if order["status"] != "COMPLETED":
            assert not booked, order["id"]
            return
        if not booked:  # Then it completed today, and today's statement is not out.
            assert order["update_time"] >= max((row["statement_time"] for row in self.statements), default=0)
            return
        lines = {line["id"]: line for line in order["line_items"] if line["display_status"] != "CANCELLED"}
        revenue = sum(Decimal(line["original_price"]) - Decimal(line["seller_discount"]) for line in lines.values())
        shipping = Decimal(order["payment"]["shipping_fee"])
        for request in self.refunds[order["id"]]:
            shipping -= Decimal(request["refund_amount"]["refund_shipping_fee"])
            for item in request["return_line_items"]:
                line = lines[item["order_line_item_id"]]
                back = Decimal(item["refund_amount"]["refund_subtotal"])
                revenue -= back
                if back == Decimal(line["sale_price"]) != 0:
                    revenue -= Decimal(line["platform_discount"])
        # What was cancelled before anything was shipped took its part of shipping along only if nothing was left.
        assert _sum(booked, "revenue_amount") == revenue, order["id"]
        paid = sum(Decimal(row["shipping_cost_breakdown"]["customer_paid_shipping_fee_amount"]) for row in booked)
        assert paid == shipping, order["id"]
        transaction_fees = sum(Decimal(row["fee_tax_breakdown"]["fee"]["transaction_fee_amount"]) for row in booked)
        assert transaction_fees == Decimal("-0.30"), order["id"]

    @staticmethod
    def _check_transaction(row: dict[str, Any]) -> None:
        """The total of a transaction is the sum of its three parts, and each part of its breakdown."""
        parts = ("revenue_amount", "shipping_cost_amount", "fee_tax_amount", "adjustment_amount")
        assert Decimal(row["settlement_amount"]) == sum(Decimal(row[part]) for part in parts), row
        assert Decimal(row["revenue_amount"]) == sum(map(Decimal, row["revenue_breakdown"].values())), row
        assert Decimal(row["shipping_cost_amount"]) == sum(map(Decimal, row["shipping_cost_breakdown"].values())), row
        breakdown = row["fee_tax_breakdown"]
        charged = [*breakdown["fee"].values(), *breakdown["tax"].values()]
        assert Decimal(row["fee_tax_amount"]) == sum(map(Decimal, charged)), row

    def _check_statements(self) -> None:
        """A statement is the sum of its transactions, and no transaction stands in two."""
        ids = [row["id"] for rows in self.transactions.values() for row in rows]
        assert len(ids) == len(set(ids))
        for statement in self.statements:
            rows = self.transactions[statement["id"]]
            assert rows, statement
            assert Decimal(statement["settlement_amount"]) == _sum(rows, "settlement_amount"), statement
            assert Decimal(statement["revenue_amount"]) == _sum(rows, "revenue_amount"), statement
            assert Decimal(statement["shipping_cost_amount"]) == _sum(rows, "shipping_cost_amount"), statement
            assert Decimal(statement["fee_amount"]) == _sum(rows, "fee_tax_amount"), statement

    def _check_money(self) -> None:
        """Each statement is paid once, and what was paid is what came in and what went on to the bank."""
        amounts = {row["payment_id"]: Decimal(row["settlement_amount"]) for row in self.statements}
        assert len(amounts) == len(self.statements)
        if self._has_payments:
            assert {row["id"]: Decimal(row["amount"]["value"]) for row in self.payments} == amounts
            assert len(self.payments) == len(self.statements)
        if not self._has_withdrawals:
            return
        came = [row for row in self.withdrawals if row["type"] == "SETTLE"]
        went = [row for row in self.withdrawals if row["type"] == "WITHDRAW"]
        assert _sum(came, "amount") == sum(amounts.values(), NOTHING)
        paid = [row for row in self.statements if row["payment_status"] == "PAID"]
        assert _sum(went, "amount") == _sum(paid, "settlement_amount")

    def _transactions_in(self, statement_id: str) -> list[dict[str, Any]]:
        path = f"/finance/202501/statements/{statement_id}/statement_transactions"
        return list(self._all("GET", path, "transactions", 100, sort_field="order_create_time"))

    def _all(self, method: str, path: str, name: str, size: int, **query: str) -> Iterable[dict[str, Any]]:
        token = ""
        while True:
            position = {"page_token": token} if token else {}
            data = self._fetch(method, path, {} if method == "POST" else None, page_size=size, **query, **position)
            yield from data.get(name) or ()
            token = data.get("next_page_token") or ""
            if not token:
                return


def _by_order(rows: Iterable[dict[str, Any]]) -> defaultdict[str, list[dict[str, Any]]]:
    groups = defaultdict[str, list[dict[str, Any]]](list)
    for row in rows:
        groups[row["order_id"]].append(row)
    return groups


def _sum(rows: Iterable[dict[str, Any]], name: str) -> Decimal:
    return sum((Decimal(row[name]) for row in rows), NOTHING)
