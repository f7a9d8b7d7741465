"""Statements, what they are made of, and the payments that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.orders import find_order
from tiktok_shop_async.sandbox.paging import take_page
from tiktok_shop_async.sandbox.refusal import BAD_REQUEST, RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.money import ZERO, text, total
from tiktok_shop_async.sandbox.state.row_times import within
from tiktok_shop_async.sandbox.wire import present

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.life.ledger import Entry, SkuAmounts, Statement

NO_SUCH_STATEMENT = BAD_REQUEST


@serves("GET", "/finance/202309/statements")
def get_statements(call: Call) -> Data:
    """The shop's statements, one a day that something was settled on."""
    status = call.query.get("payment_status")
    page = take_page(
        call,
        (
            statement
            for statement in call.shop.ledger.issued(call.now)
            if within(statement.time, call.query, "statement_time")
            and (not status or statement.payment_status(call.now) == status)
        ),
        lambda statement: (statement.time, statement.id),
        newest_first=call.query.get("sort_order") == "DESC",
    )
    return {
        "statements": [_render_statement(call, statement) for statement in page.rows],
        "next_page_token": page.next_token,
    }


@serves("GET", "/finance/202501/statements/{statement_id}/statement_transactions")
def get_transactions_by_statement(call: Call) -> Data:
    """What a statement is made of, with its totals."""
    statement = find_statement(call)
    page = take_page(
        call,
        call.shop.ledger.entries_in(statement),
        lambda entry: (entry.order_create_time, entry.id),
        newest_first=call.query.get("sort_order") == "DESC",
    )
    settlement = statement.sum("settlement")
    return {
        "id": statement.id,
        "create_time": statement.time,
        "status": "SETTLED",
        "currency": call.shop.currency,
        "payable_amount": text(settlement),
        "total_reserve_amount": text(ZERO),
        "total_settlement_amount": text(settlement),
        "total_settlement_breakdown": {
            "total_revenue_amount": text(statement.sum("revenue")),
            "total_shipping_cost_amount": text(statement.sum("shipping")),
            "total_fee_tax_amount": text(statement.sum("fees")),
            "total_adjustment_amount": text(ZERO),
        },
        "transactions": [_render_entry(entry) for entry in page.rows],
        "total_count": page.total,
        "next_page_token": page.next_token,
    }


def find_statement(call: Call) -> Statement:
    """The statement that the path names.

    Raises:
        RefusalError: no statement that is out has this id.
    """
    statement = call.shop.ledger.statement(call.path["statement_id"], call.now)
    if statement is None:
        message = f"Unknown `statement_id`: {call.path['statement_id']} is not one of this shop."
        raise RefusalError(NO_SUCH_STATEMENT, message)
    return statement


@serves("GET", "/finance/202501/orders/{order_id}/statement_transactions")
def get_transactions_by_order(call: Call) -> Data:
    """What an order brought in, variant by variant; nothing yet for an order that is not settled."""
    order = find_order(call.shop, call.path["order_id"])
    entries = call.shop.ledger.entries_of(order.id, call.now)

    def summed(amount: str) -> str:
        return text(total(entry.sum(amount) for entry in entries))

    return {
        "order_id": order.id,
        "order_create_time": order.create_time,
        "currency": call.shop.currency,
        "revenue_amount": summed("revenue"),
        "fee_and_tax_amount": summed("fees"),
        "shipping_cost_amount": summed("shipping"),
        "settlement_amount": summed("settlement"),
        "sku_transactions": [_render_sku(entry, sku) for entry in entries for sku in entry.skus],
        "total_count": sum(len(entry.skus) for entry in entries),
    }


@serves("GET", "/finance/202309/payments")
def get_payments(call: Call) -> Data:
    """One payment a statement, made two days after it."""
    page = take_page(
        call,
        (
            statement
            for statement in call.shop.ledger.issued(call.now)
            if within(statement.time, call.query, "create_time")
        ),
        lambda statement: (statement.time, statement.payment_id),
        newest_first=call.query.get("sort_order") == "DESC",
    )
    return {
        "payments": [_render_payment(call, statement) for statement in page.rows],
        "next_page_token": page.next_token,
    }


@serves("GET", "/finance/202605/payments")
def get_payments_202605(call: Call) -> Data:
    """As before, without what is held back."""
    data = get_payments(call)
    for row in data["payments"]:
        del row["reserve_amount"]
    return data


@serves("GET", "/finance/202309/withdrawals")
def get_withdrawals(call: Call) -> Data:
    """What came into the seller's account (`SETTLE`) and what went on to the bank (`WITHDRAW`)."""
    types = set(call.query["types"])
    page = take_page(
        call,
        (
            movement
            for statement in call.shop.ledger.issued(call.now)
            for movement in _movements(call, statement)
            if movement["type"] in types and within(movement["create_time"], call.query, "create_time")
        ),
        lambda movement: (movement["create_time"], movement["id"]),
        newest_first=True,
    )
    return {"withdrawals": page.rows, "total_count": page.total, "next_page_token": page.next_token}


def _render_statement(call: Call, statement: Statement) -> dict[str, Any]:
    revenue = text(statement.sum("revenue"))
    return {
        "id": statement.id,
        "statement_time": statement.time,
        "currency": call.shop.currency,
        "settlement_amount": text(statement.sum("settlement")),
        "revenue_amount": revenue,
        "net_sales_amount": revenue,
        "shipping_cost_amount": text(statement.sum("shipping")),
        "fee_amount": text(statement.sum("fees")),
        "adjustment_amount": text(ZERO),
        "payment_status": statement.payment_status(call.now),
        "payment_id": statement.payment_id,
    }


def _render_payment(call: Call, statement: Statement) -> dict[str, Any]:
    currency = call.shop.currency
    amount = {"value": text(statement.sum("settlement")), "currency": currency}
    status = statement.payment_status(call.now)
    return present(
        id=statement.payment_id,
        create_time=statement.time,
        status=status,
        amount=amount,
        settlement_amount=amount,
        reserve_amount={"value": text(ZERO), "currency": currency},
        payment_amount_before_exchange=amount,
        exchange_rate="1.000000",
        paid_time=statement.paid_time if status == "PAID" else None,
        bank_account="*******4821",
    )


def _movements(call: Call, statement: Statement) -> list[dict[str, Any]]:
    amount = text(statement.sum("settlement"))
    settled = {
        "id": f"{statement.payment_id}01",
        "type": "SETTLE",
        "amount": amount,
        "currency": call.shop.currency,
        "status": "SUCCESS",
        "create_time": statement.time,
    }
    if statement.payment_status(call.now) != "PAID":
        return [settled]
    withdrawn = {"id": f"{statement.payment_id}02", "type": "WITHDRAW", "create_time": statement.paid_time}
    return [settled, settled | withdrawn]


def _render_entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "type": "ORDER",
        "order_id": entry.order_id,
        "order_create_time": entry.order_create_time,
        "settlement_amount": text(entry.sum("settlement")),
        "adjustment_amount": text(ZERO),
        "revenue_amount": text(entry.sum("revenue")),
        "shipping_cost_amount": text(entry.sum("shipping")),
        "fee_tax_amount": text(entry.sum("fees")),
        **breakdowns(entry.sum),
        "supplementary_component": {
            "customer_payment_amount": text(entry.sum("customer_payment")),
            "customer_refund_amount": text(entry.sum("customer_refund")),
            "platform_discount_amount": text(entry.sum("platform_discount")),
            "platform_discount_refund_amount": text(entry.sum("refunded_platform_discount")),
        },
    }


def _render_sku(entry: Entry, sku: SkuAmounts) -> dict[str, Any]:
    return {
        "statement_id": entry.statement_id,
        "sku_id": sku.sku_id,
        "sku_name": sku.sku_name,
        "product_name": sku.product_name,
        "quantity": str(sku.quantity),
        "settlement_amount": text(sku.settlement),
        "revenue_amount": text(sku.revenue),
        "shipping_cost_amount": text(sku.shipping),
        "fee_tax_amount": text(sku.fees),
        **breakdowns(sku.amount),
    }


def breakdowns(amount: Callable[[str], Decimal]) -> dict[str, Any]:
    """Revenue, shipping and fees, each taken apart. `amount` answers one by the name that `SkuAmounts` has for it."""
    return {
        "revenue_breakdown": {
            "subtotal_before_discount_amount": text(amount("gross")),
            "seller_discount_amount": text(amount("seller_discount")),
            "refund_subtotal_before_discount_amount": text(amount("refunded_gross")),
            "seller_discount_refund_amount": text(amount("refunded_seller_discount")),
        },
        "shipping_cost_breakdown": {
            "actual_shipping_fee_amount": text(amount("carrier_fee")),
            "shipping_fee_discount_amount": text(amount("shipping_subsidy")),
            "customer_paid_shipping_fee_amount": text(amount("customer_shipping")),
        },
        "fee_tax_breakdown": {
            "fee": {
                "referral_fee_amount": text(amount("referral_fee")),
                "transaction_fee_amount": text(amount("transaction_fee")),
            },
            "tax": {},
        },
    }
