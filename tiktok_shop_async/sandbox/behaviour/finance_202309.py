"""Transactions in their first revision: the same entries as in the later one, each amount in a field of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.finance import find_statement
from tiktok_shop_async.sandbox.behaviour.orders import find_order
from tiktok_shop_async.sandbox.paging import take_page
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.money import ZERO, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.life.ledger import Entry, SkuAmounts
    from tiktok_shop_async.sandbox.world import Shop

AMOUNTS = {
    "settlement_amount": "settlement",
    "revenue_amount": "revenue",
    "net_sales_amount": "revenue",
    "fee_amount": "fees",
    "shipping_cost_amount": "shipping",
    "gross_sales_amount": "gross",
    "gross_sales_refund_amount": "refunded_gross",
    "seller_discount_amount": "seller_discount",
    "seller_discount_refund_amount": "refunded_seller_discount",
    "platform_discount_amount": "platform_discount",
    "platform_discount_refund_amount": "refunded_platform_discount",
    "customer_payment_amount": "customer_payment",
    "customer_refund_amount": "customer_refund",
    "referral_fee_amount": "referral_fee",
    "transaction_fee_amount": "transaction_fee",
    "actual_shipping_fee_amount": "carrier_fee",
    "platform_shipping_fee_discount_amount": "shipping_subsidy",
    "customer_paid_shipping_fee_amount": "customer_shipping",
}
"""What a field says, as an attribute of `SkuAmounts`."""


@serves("GET", "/finance/202309/orders/{order_id}/statement_transactions")
def get_transactions_by_order(call: Call) -> Data:
    """What an order brought in, statement by statement; nothing yet for an order that is not settled."""
    order = find_order(call.shop, call.path["order_id"])
    ledger = call.shop.ledger
    return {
        "order_id": order.id,
        "order_create_time": order.create_time,
        "statement_transactions": [
            {
                **_render_entry(call.shop, entry),
                "statement_id": entry.statement_id,
                "statement_time": ledger.statements[entry.statement_id].time,
                "sku_statement_transactions": [_render_sku(call.shop, sku) for sku in entry.skus],
            }
            for entry in ledger.entries_of(order.id, call.now)
        ],
    }


@serves("GET", "/finance/202309/statements/{statement_id}/statement_transactions")
def get_transactions_by_statement(call: Call) -> Data:
    """What a statement is made of, with its totals."""
    statement = find_statement(call)
    page = take_page(
        call,
        call.shop.ledger.entries_in(statement),
        lambda entry: (entry.order_create_time, entry.id),
        newest_first=call.query.get("sort_order") == "DESC",
    )
    sums = {"settlement_amount": "settlement", "revenue_amount": "revenue", "net_sales_amount": "revenue"}
    sums |= {"fee_amount": "fees", "shipping_cost_amount": "shipping"}
    return {
        "statement_id": statement.id,
        "statement_time": statement.time,
        "currency": call.shop.currency,
        **{name: text(statement.sum(amount)) for name, amount in sums.items()},
        "adjustment_amount": text(ZERO),
        "statement_transactions": [_render_entry(call.shop, entry) for entry in page.rows],
        "total_count": page.total,
        "next_page_token": page.next_token,
    }


def _render_entry(shop: Shop, entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "type": "ORDER",
        "order_id": entry.order_id,
        "order_create_time": entry.order_create_time,
        **_amounts(shop, entry.sum),
    }


def _render_sku(shop: Shop, sku: SkuAmounts) -> dict[str, Any]:
    return {
        "sku_id": sku.sku_id,
        "sku_name": sku.sku_name,
        "product_name": sku.product_name,
        "quantity": sku.quantity,
        **_amounts(shop, sku.amount),
    }


def _amounts(shop: Shop, amount: Callable[[str], Decimal]) -> dict[str, Any]:
    return {
        "currency": shop.currency,
        **{name: text(amount(attribute)) for name, attribute in AMOUNTS.items()},
        "after_seller_discounts_subtotal_amount": text(amount("gross") + amount("seller_discount")),
        "adjustment_amount": text(ZERO),
    }
