"""What the seller gets: one entry for each order that completes and each refund after that, grouped into statements.

An entry is kept variant by variant; its totals, those of its statement and the payment are sums of that and of nothing
else, so every level adds up to the cent. Amounts carry their sign: what the seller pays is negative.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from tiktok_shop_async.sandbox.state.clock import DAY
from tiktok_shop_async.sandbox.state.money import ZERO, cents, shares, total
from tiktok_shop_async.sandbox.state.sharing import share_values
from tiktok_shop_async.sandbox.state.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tiktok_shop_async.sandbox.state.identifiers import Identifiers
    from tiktok_shop_async.sandbox.state.rows import LineItem, Order, Refund

REFERRAL_RATE = Decimal("0.06")
TRANSACTION_FEE = Decimal("0.30")
PAYMENT_DELAY = 2 * DAY

SUMMED = ("revenue", "shipping", "fees", "settlement")
"""What a statement has the sums of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuAmounts:
    """The amounts of one variant in one entry."""

    sku_id: str
    sku_name: str
    product_name: str
    quantity: int
    gross: Decimal = ZERO
    seller_discount: Decimal = ZERO
    refunded_gross: Decimal = ZERO
    refunded_seller_discount: Decimal = ZERO
    carrier_fee: Decimal = ZERO
    shipping_subsidy: Decimal = ZERO
    customer_shipping: Decimal = ZERO
    referral_fee: Decimal = ZERO
    transaction_fee: Decimal = ZERO
    platform_discount: Decimal = ZERO
    refunded_platform_discount: Decimal = ZERO
    """What the platform paid towards the price, and took back with a refund. No part of the revenue."""

    def __post_init__(self) -> None:
        share_values(self)

    def amount(self, name: str) -> Decimal:
        """One of the amounts, by the name of its attribute."""
        value: Decimal = getattr(self, name)
        return value

    @property
    def revenue(self) -> Decimal:
        """What the goods brought in, after the seller's own discounts and refunds."""
        return self.gross + self.seller_discount + self.refunded_gross + self.refunded_seller_discount

    @property
    def customer_payment(self) -> Decimal:
        """What the buyer paid for the goods, without tax."""
        return self.gross + self.seller_discount - self.platform_discount

    @property
    def customer_refund(self) -> Decimal:
        """What the buyer got back of that."""
        return self.refunded_gross + self.refunded_seller_discount - self.refunded_platform_discount

    @property
    def shipping(self) -> Decimal:
        """What shipping cost, after what the buyer and the platform paid towards it."""
        return self.carrier_fee + self.shipping_subsidy + self.customer_shipping

    @property
    def fees(self) -> Decimal:
        """What the platform charged."""
        return self.referral_fee + self.transaction_fee

    @property
    def settlement(self) -> Decimal:
        """What is left for the seller."""
        return self.revenue + self.shipping + self.fees


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A transaction of a statement: an order, or a refund that came after its order was settled."""

    id: str
    statement_id: str
    order_id: str
    order_create_time: int
    skus: tuple[SkuAmounts, ...]

    def sum(self, amount: str) -> Decimal:
        """The sum of one amount over the variants, by the name of `SkuAmounts`' attribute."""
        return total(sku.amount(amount) for sku in self.skus)


@dataclass(slots=True, kw_only=True)
class Statement:
    """The sums of one day. It is issued at the midnight (UTC) that ends the day, and never changes after."""

    id: str
    payment_id: str
    time: int
    sums: dict[str, Decimal] = field(default_factory=dict[str, Decimal])

    def sum(self, amount: str) -> Decimal:
        """The sum of one of `SUMMED` over the entries."""
        return self.sums.get(amount, ZERO)

    def add(self, entry: Entry) -> None:
        """Adds an entry's amounts to the sums."""
        self.sums = {amount: self.sum(amount) + entry.sum(amount) for amount in SUMMED}

    @property
    def paid_time(self) -> int:
        """When its payment reaches the seller's bank."""
        return self.time + PAYMENT_DELAY

    def payment_status(self, now: int) -> str:
        """How far its payment is."""
        return "PAID" if now >= self.paid_time else "PROCESSING"


class Ledger:
    """The statements of one shop and the entries that they sum up."""

    def __init__(self) -> None:
        self.statements = Table(Statement, by={"time": _time_of_statement})
        self.entries = Table(Entry, by={"statement": _statement_of_entry, "order": _order_of_entry})

    def issued(self, now: int) -> list[Statement]:
        """The statements that are out, oldest first. Today's is still being written."""
        return [statement for statement in self.statements if statement.time <= now]

    def statement(self, statement_id: str, now: int) -> Statement | None:
        """An issued statement by its id."""
        found = self.statements.get(statement_id)
        return found if found is not None and found.time <= now else None

    def entries_in(self, statement: Statement) -> list[Entry]:
        """What a statement sums up, in the order in which it was booked."""
        return self.entries.find("statement", statement.id)

    def entries_of(self, order_id: str, now: int) -> list[Entry]:
        """Everything that issued statements say about an order."""
        return [entry for entry in self.entries.find("order", order_id) if self.statement(entry.statement_id, now)]

    def unissued(self, now: int) -> list[Entry]:
        """What is booked and in no statement that is out."""
        ahead = [statement for statement in self.statements if statement.time > now]
        return [entry for statement in ahead for entry in self.entries_in(statement)]

    def settle(self, ids: Identifiers, order: Order, at: int) -> None:
        """Books an order that has completed, less what was refunded until then."""
        self._book(ids, order, expected_amounts(order), at)

    def refund(self, ids: Identifiers, order: Order, refund: Refund, at: int) -> None:
        """Books a refund of an order that is settled already."""
        lines = order.select(list(refund.goods))
        rows = [
            replace(
                amounts,
                gross=ZERO,
                seller_discount=ZERO,
                platform_discount=ZERO,
                carrier_fee=ZERO,
                shipping_subsidy=ZERO,
            )
            for amounts in _amounts_of(order, lines, [refund])
        ]
        back = shares(-refund.shipping, [Decimal(1)] * len(rows))
        self._book(
            ids,
            order,
            [
                replace(row, customer_shipping=shipping, transaction_fee=ZERO, referral_fee=_referral_fee(row.revenue))
                for row, shipping in zip(rows, back, strict=True)
            ],
            at,
        )

    def _book(self, ids: Identifiers, order: Order, skus: Iterable[SkuAmounts], at: int) -> None:
        statement = self._statement_for(ids, at)
        entry = Entry(
            id=ids.number("transaction"),
            statement_id=statement.id,
            order_id=order.id,
            order_create_time=order.create_time,
            skus=tuple(skus),
        )
        statement.add(self.entries.put(entry))

    def _statement_for(self, ids: Identifiers, at: int) -> Statement:
        midnight = (at // DAY + 1) * DAY
        if found := self.statements.find("time", str(midnight)):
            return self.statements[found[0].id]
        return self.statements.put(
            Statement(id=ids.number("statement"), payment_id=ids.number("payment"), time=midnight)
        )


def expected_amounts(order: Order) -> list[SkuAmounts]:
    """What an order brings in if it completes as it is now."""
    lines = [line for line in order.lines if not line.is_cancelled]
    return _amounts_of(order, lines, order.refunds)


def _time_of_statement(statement: Statement) -> tuple[str, ...]:
    return (str(statement.time),)


def _statement_of_entry(entry: Entry) -> tuple[str, ...]:
    return (entry.statement_id,)


def _order_of_entry(entry: Entry) -> tuple[str, ...]:
    return (entry.order_id,)


def _referral_fee(revenue: Decimal) -> Decimal:
    return -cents(revenue * REFERRAL_RATE)


def _amounts_of(order: Order, lines: list[LineItem], refunds: list[Refund]) -> list[SkuAmounts]:
    groups: dict[str, list[LineItem]] = {}
    for line in lines:
        groups.setdefault(line.sku_id, []).append(line)
    weights = [_sum(group, lambda line: line.original_price) for group in groups.values()]
    shipping_back = total(refund.shipping for refund in refunds)
    shared = (
        shares(-order.carrier_cost, weights),
        shares(order.shipping_platform_discount, weights),
        shares(order.shipping_fee - shipping_back, weights),
        shares(-TRANSACTION_FEE if order.total_amount else ZERO, weights),
    )
    rows: list[SkuAmounts] = []
    for group, carrier, subsidy, paid, transaction in zip(groups.values(), *shared, strict=True):
        back = {line.id: total(refund.goods.get(line.id, ZERO) for refund in refunds) for line in group}
        discount_back = total(line.seller_discount for line in group if back[line.id] == line.sale_price != ZERO)
        platform_back = total(line.platform_discount for line in group if back[line.id] == line.sale_price != ZERO)
        row = SkuAmounts(
            sku_id=group[0].sku_id,
            sku_name=group[0].sku_name,
            product_name=group[0].product_name,
            quantity=len(group),
            gross=_sum(group, lambda line: line.original_price),
            seller_discount=-_sum(group, lambda line: line.seller_discount),
            refunded_gross=-(total(back.values()) + discount_back + platform_back),
            refunded_seller_discount=discount_back,
            carrier_fee=carrier,
            shipping_subsidy=subsidy,
            customer_shipping=paid,
            transaction_fee=transaction,
            platform_discount=_sum(group, lambda line: line.platform_discount),
            refunded_platform_discount=-platform_back,
        )
        rows.append(replace(row, referral_fee=_referral_fee(row.revenue)))
    return rows


def _sum(lines: list[LineItem], amount: Callable[[LineItem], Decimal]) -> Decimal:
    return total(amount(line) for line in lines)
