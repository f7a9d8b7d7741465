"""What is still to be settled: orders that are paid and not completed, and what is booked for the next statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.finance import breakdowns
from tiktok_shop_async.sandbox.life.ledger import SkuAmounts, expected_amounts
from tiktok_shop_async.sandbox.life.lifecycle import TIME_TO_COMPLETION
from tiktok_shop_async.sandbox.paging import take_page
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.clock import DAY
from tiktok_shop_async.sandbox.state.money import ZERO, text, total
from tiktok_shop_async.sandbox.state.row_times import within
from tiktok_shop_async.sandbox.wire import present

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.rows import Order
    from tiktok_shop_async.sandbox.world import Shop


@dataclass(frozen=True, slots=True)
class _Expected:
    """A transaction to come. `settled_at` is when its statement comes out, as far as that is known."""

    id: str
    order: Order
    skus: tuple[SkuAmounts, ...]
    reason: str
    settled_at: int | None

    def sum(self, amount: str) -> Decimal:
        """The sum of one amount over the variants."""
        return total(sku.amount(amount) for sku in self.skus)


@serves("GET", "/finance/202507/orders/unsettled")
def get_unsettled_transactions(call: Call) -> Data:
    """What orders will bring in as they are now, with sums over all that fit the filters."""
    rows = [row for row in _expected(call.shop, call.now) if within(row.order.create_time, call.query, "search_time")]
    page = take_page(
        call,
        rows,
        lambda row: (row.order.create_time, row.id),
        newest_first=call.query.get("sort_order") == "DESC",
    )
    return {
        "transactions": [_render(call.shop, row) for row in page.rows],
        "sum_est_settlement_amount": _sum(rows, "settlement"),
        "sum_est_revenue_amount": _sum(rows, "revenue"),
        "sum_est_fee_amount": _sum(rows, "fees"),
        "sum_est_adjustment_amount": text(ZERO),
        "total_count": page.total,
        "next_page_token": page.next_token,
    }


def _expected(shop: Shop, now: int) -> Iterator[_Expected]:
    for order in shop.orders:
        if order.paid_time is None or order.status in {"CANCELLED", "COMPLETED"}:
            continue
        settled_at = None
        if order.delivery_time is not None:
            # An open return puts it off.
            completed = max(order.delivery_time + TIME_TO_COMPLETION, now)
            settled_at = (completed // DAY + 1) * DAY
        reason = "The order is not delivered yet" if settled_at is None else "The buyer can still return the order"
        yield _Expected(order.id, order, tuple(expected_amounts(order)), reason, settled_at)
    for entry in shop.ledger.unissued(now):
        reason, out_at = "The statement is not out yet", shop.ledger.statements[entry.statement_id].time
        yield _Expected(entry.id, shop.orders[entry.order_id], entry.skus, reason, out_at)


def _sum(rows: Iterable[_Expected], amount: str) -> str:
    return text(total(row.sum(amount) for row in rows))


def _render(shop: Shop, row: _Expected) -> dict[str, Any]:
    return {
        "id": row.id,
        "type": "ORDER",
        "status": "UNSETTLED",
        "unsettled_reason": row.reason,
        "estimated_settlement": str(row.settled_at or f"{TIME_TO_COMPLETION // DAY} days after delivery"),
        "order_id": row.order.id,
        "order_create_time": row.order.create_time,
        **present(order_delivery_time=row.order.delivery_time),
        "currency": shop.currency,
        "est_settlement_amount": text(row.sum("settlement")),
        "est_adjustment_amount": text(ZERO),
        "est_revenue_amount": text(row.sum("revenue")),
        "est_shipping_cost_amount": text(row.sum("shipping")),
        "est_fee_tax_amount": text(row.sum("fees")),
        **breakdowns(row.sum),
    }
