"""What must hold in a shop at any moment, whoever called what: stock, progress, refunds and statements."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.state.rows import Order
    from tiktok_shop_async.sandbox.world import Shop

LINE_PROGRESS = ("UNPAID", "AWAITING_SHIPMENT", "AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED")
PROGRESS = (*LINE_PROGRESS[:1], "ON_HOLD", LINE_PROGRESS[1], "PARTIALLY_SHIPPING", *LINE_PROGRESS[2:])
HELD = {"UNPAID", "AWAITING_SHIPMENT", "AWAITING_COLLECTION"}
PACKAGE_PROGRESS = ("TO_FULFILL", "PROCESSING", "FULFILLING", "COMPLETED")


class Books:
    """Looks at a shop from time to time, and fails where what it sees cannot have come from what it saw before."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._statuses: dict[str, str] = {}
        self._issued: dict[str, str] = {}

    def check(self, now: int) -> None:
        """Checks everything, and remembers it for the next time."""
        self._check_stock()
        self._check_progress()
        for order in self._shop.orders:
            self._check_packages(order)
            self._check_refunds(order)
            self._check_settlement(order)
        self._check_statements(now)

    def _check_stock(self) -> None:
        """Nothing is sold that is not there, and what is held is what open orders hold."""
        held: Counter[str] = Counter()
        for order in self._shop.orders:
            held.update(line.sku_id for line in order.lines if line.status in HELD)
        for product in self._shop.products:
            ids = [sku.id for sku in product.skus]
            assert len(ids) == len(set(ids)), product
            for sku in product.skus:
                assert all(quantity >= 0 for quantity in sku.stock.values()), sku
                assert sum(sku.committed.values()) == held[sku.id], sku

    def _check_progress(self) -> None:
        """Orders and packages go on, never back; what is over stays over."""
        for order in self._shop.orders:
            self._move(order.id, order.status, PROGRESS)
        for package in self._shop.packages:
            self._move(package.id, package.status, PACKAGE_PROGRESS)

    def _move(self, row_id: str, status: str, progress: tuple[str, ...]) -> None:
        before = self._statuses.get(row_id, progress[0])
        self._statuses[row_id] = status
        if before == "CANCELLED" or before == progress[-1]:
            assert status == before, row_id
        elif status == "CANCELLED":
            assert progress.index(before) < progress.index(progress[-3]), (row_id, before)
        else:
            assert progress.index(before) <= progress.index(status), (row_id, before, status)

    def _check_packages(self, order: Order) -> None:
        """Each unit that can travel is in one package, and no package is empty but a cancelled one."""
        packages = [package for package in self._shop.packages if order.id in package.order_ids]
        own = {line.id for line in order.lines}
        contents = [line_id for package in packages for line_id in package.line_ids if line_id in own]
        assert len(contents) == len(set(contents)), order.id
        for package in packages:
            assert (package.status == "CANCELLED") == (not package.line_ids), package
        packed = {line.id for line in order.lines if not line.is_cancelled} if packages else set[str]()
        assert set(contents) == packed, order.id

    def _check_refunds(self, order: Order) -> None:
        """A buyer gets no more back than was paid, neither in all nor for one unit."""
        cancelled = [
            cancellation.refund
            for cancellation in self._shop.cancellations
            if cancellation.order_id == order.id
            and cancellation.status in {"CANCELLATION_REQUEST_SUCCESS", "CANCELLATION_REQUEST_COMPLETE"}
        ]
        paid = order.total_amount if order.paid_time is not None else Decimal(0)
        back = [*order.refunds, *cancelled]
        assert sum(refund.shipping + refund.tax + sum(refund.goods.values()) for refund in back) <= paid, order.id
        for line in order.lines:
            assert sum(refund.goods.get(line.id, Decimal(0)) for refund in back) <= line.sale_price, line.id

    def _check_settlement(self, order: Order) -> None:
        """An order is booked when it completes; what the seller gets is what the buyer kept, less costs and fees."""
        entries = [entry for entry in self._shop.ledger.entries if entry.order_id == order.id]
        if order.status != "COMPLETED":
            assert not entries, order.id
            return
        kept = [line for line in order.lines if not line.is_cancelled]
        lines = {line.id: line for line in kept}
        back = [(lines[line_id], goods) for refund in order.refunds for line_id, goods in refund.goods.items()]
        platform = sum(line.platform_discount for line, goods in back if goods == line.sale_price != 0)
        revenue = sum(line.original_price - line.seller_discount for line in kept)
        assert sum(entry.sum("revenue") for entry in entries) == revenue - sum(goods for _, goods in back) - platform
        shipping_back = sum(refund.shipping for refund in order.refunds)
        assert sum(entry.sum("customer_shipping") for entry in entries) == order.shipping_fee - shipping_back
        assert sum(entry.sum("carrier_fee") for entry in entries) == -order.carrier_cost

    def _check_statements(self, now: int) -> None:
        """A statement is the sum of its entries, and never changes once it is out."""
        for statement in self._shop.ledger.issued(now):
            entries = self._shop.ledger.entries_in(statement)
            for amount in ("revenue", "shipping", "fees", "settlement"):
                assert statement.sum(amount) == sum(entry.sum(amount) for entry in entries)
            parts = statement.sum("revenue") + statement.sum("shipping") + statement.sum("fees")
            assert statement.sum("settlement") == parts
            shown = repr((statement, entries))
            assert self._issued.setdefault(statement.id, shown) == shown
