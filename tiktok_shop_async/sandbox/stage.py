"""What a test may do to a sandbox besides calling its API: bring about what buyers, carriers and reviewers do.

Everything goes the way that it goes by itself: an order that is to be delivered is paid, packed, shipped and collected
on the way, and nothing happens that could not happen. `control` offers the same over HTTP.
"""

from __future__ import annotations

from dataclasses import fields, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.faults.rules import Fault, Faults
from tiktok_shop_async.sandbox.life.aftersales import (
    offers_replacements,
    pending_cancellation,
    refund_of,
    request_cancellation,
    request_return,
)
from tiktok_shop_async.sandbox.life.audits import let_pass, turn_down
from tiktok_shop_async.sandbox.life.lifecycle import cancel, has_open_return, packages_of, place
from tiktok_shop_async.sandbox.made_up.assortment import CANCEL_REASONS, RETURN_REASONS
from tiktok_shop_async.sandbox.made_up.seed import draw_order
from tiktok_shop_async.sandbox.state.money import ZERO
from tiktok_shop_async.sandbox.state.rows import DISPLAY_PROGRESS, AuditFailure, Buyer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tiktok_shop_async.sandbox.journal import Exchange, Journal
    from tiktok_shop_async.sandbox.spec import Spec
    from tiktok_shop_async.sandbox.state.clock import MovableClock
    from tiktok_shop_async.sandbox.state.rows import Cancellation, Order, Package, Product, ReturnRequest, Sku
    from tiktok_shop_async.sandbox.world import Shop, World

MOST_ORDERS = 10_000
AUDIT_REASON = "Refused by the audit of the sandbox"

ORDER_STEPS = {
    "UNPAID": "pay",
    "ON_HOLD": "release",
    "AWAITING_SHIPMENT": "ship",
    "PARTIALLY_SHIPPING": "ship",
    "AWAITING_COLLECTION": "collect",
    "IN_TRANSIT": "deliver",
    "DELIVERED": "complete",
}
"""Which step leads on from a status."""

STATUSES = ("UNPAID", "ON_HOLD", *DISPLAY_PROGRESS[1:])
CANCELLABLE = frozenset({"ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"})
RETURNABLE = frozenset({"DELIVERED", "COMPLETED"})
RETURN_TYPES = ("REFUND", "RETURN_AND_REFUND", "REPLACEMENT")
SHIPPING_TYPES = ("TIKTOK", "SELLER")
PACKAGE_STEPS = {"collect": "PROCESSING", "deliver": "FULFILLING"}
RETURN_STEPS = {
    "send_back": ("AWAITING_BUYER_SHIP", "send back"),
    "accept_offer": ("AWAITING_BUYER_RESPONSE", "accept offer"),
    "refuse_offer": ("AWAITING_BUYER_RESPONSE", "refuse offer"),
}


class NotNowError(Exception):
    """What is asked for cannot happen as things stand."""


class Stage:
    """A world, what was received in it and what is to go wrong in it, in the hands of a test."""

    def __init__(self, spec: Spec, world: World, journal: Journal, faults: Faults) -> None:
        self.spec = spec
        self.world = world
        self.journal = journal
        self.faults = faults

    @property
    def clock(self) -> MovableClock:
        """The time of the shops."""
        return self.world.clock

    def advance(self, seconds: float) -> int:
        """Moves the clock forward, lets happen what falls due on the way, and tells the Unix second it is then."""
        with self.world.change():
            self.clock.advance(seconds)
            return self.world.catch_up()

    def order(self, order_id: str) -> Order:
        """The order with this id, whichever shop has it.

        Raises:
            LookupError: there is none.
        """
        return self._order(order_id)[1]

    def create_orders(
        self,
        count: int = 1,
        *,
        shop_id: str | None = None,
        items: Sequence[tuple[str, int]] = (),
        buyer: Mapping[str, str] | None = None,
        shipping_type: str = "TIKTOK",
        status: str = "AWAITING_SHIPMENT",
        sample: bool = False,
        message: str | None = None,
    ) -> list[Order]:
        """Has buyers order.

        Args:
            count: how many orders, 10,000 at most.
            shop_id: the shop; the first one when left out.
            items: ids of variants that are on sale, with a quantity each; drawn when left out.
            buyer: what is to be so about the buyer, such as `first_name` or `city`; the rest is drawn.
            shipping_type: `TIKTOK` or `SELLER`.
            status: how far the orders are to get, from `UNPAID` to `COMPLETED`.
            sample: whether they are samples, which cost nothing.
            message: what the buyer writes.

        Raises:
            LookupError: there is no such shop or variant.
            NotNowError: a product is not on sale.
            ValueError: something is none of the values that there are.
        """
        _expect("count", count, range(1, MOST_ORDERS + 1))
        _expect("status", status, STATUSES)
        _expect("shipping_type", shipping_type, SHIPPING_TYPES)
        details = dict(buyer or {})
        for name in details:
            _expect("buyer", name, [each.name for each in fields(Buyer)])
        orders: list[Order] = []
        with self.world.change():
            now, shop = self.world.catch_up(), self._shop(shop_id)
            chosen = [self._on_sale(shop, sku_id, quantity) for sku_id, quantity in items]
            for _ in range(count):
                order = draw_order(self.world, shop, now, shipping_type=shipping_type, items=chosen, is_sample=sample)
                order.buyer = replace(order.buyer, **details)
                if message is not None:
                    order.buyer_message = message
                place(self.world, shop, order)
                self._lead(shop, order, status, now)
                orders.append(order)
        return orders

    def move_order(self, order_id: str, to: str) -> Order:
        """Leads an order on, step by step, until it has a status.

        Raises:
            LookupError: there is no such order.
            NotNowError: no way leads there from where it is.
            ValueError: orders have no such status, or none that is led to (cancelling is a step of its own).
        """
        _expect("to", to, STATUSES)
        with self.world.change():
            now = self.world.catch_up()
            shop, order = self._order(order_id)
            self._lead(shop, order, to, now)
        return order

    def step_order(self, order_id: str, step: str) -> Order:
        """Has one thing happen to an order: `pay`, `release`, `ship`, `collect`, `deliver` or `complete`.

        Raises:
            LookupError: there is no such order.
            NotNowError: something else comes first.
            ValueError: there is no such step.
        """
        _expect("step", step, list(dict.fromkeys(ORDER_STEPS.values())))
        with self.world.change():
            now = self.world.catch_up()
            shop, order = self._order(order_id)
            due = ORDER_STEPS.get(order.status)
            if due != step:
                raise NotNowError(f"order {order.id} is {order.status}; what comes next is {due or 'nothing'}")
            self._take(shop, order, step, now)
        return order

    def request_cancellation(self, order_id: str, reason: str = CANCEL_REASONS[0]) -> Cancellation | None:
        """Has the buyer ask to cancel what is left of an order.

        Returns:
            The request: pending, or granted already during the hour in which an order is on hold; None of an order that
            was not paid, which is just cancelled.

        Raises:
            LookupError: there is no such order.
            NotNowError: it is too late, or the buyer has asked before.
        """
        with self.world.change():
            now = self.world.catch_up()
            shop, order = self._order(order_id)
            lines = [line for line in order.lines if line.status in {"UNPAID", "AWAITING_SHIPMENT"}]
            if order.status == "UNPAID":
                cancel(self.world, shop, order, lines, now, by="BUYER", reason=reason)
                return None
            if order.status not in CANCELLABLE or not lines:
                raise NotNowError(f"order {order.id} is {order.status}; a buyer cancels before the goods are shipped")
            if pending_cancellation(shop, order) is not None:
                raise NotNowError(f"the buyer has asked to cancel order {order.id} already")
            return request_cancellation(self.world, shop, order, lines, now, role="BUYER", reason=reason)

    def request_return(
        self,
        order_id: str,
        *,
        line_ids: Sequence[str] = (),
        type: str = "RETURN_AND_REFUND",  # noqa: A002 - as the API names it
        reason: str = RETURN_REASONS[0],
    ) -> ReturnRequest:
        """Has the buyer ask for money back.

        Args:
            order_id: an order that was delivered.
            line_ids: what it is about; everything that was not refunded yet when left out.
            type: `REFUND`, `RETURN_AND_REFUND`, or `REPLACEMENT` (of local sellers in the US).
            reason: the reason's key.

        Raises:
            LookupError: there is no such order or line.
            NotNowError: it is too early, or about this a return is open or done.
            ValueError: there is no such type.
        """
        _expect("type", type, RETURN_TYPES)
        with self.world.change():
            now = self.world.catch_up()
            shop, order = self._order(order_id)
            if unknown := set(line_ids) - {line.id for line in order.lines}:
                raise LookupError(f"order {order.id} has no line {', '.join(sorted(unknown))}")
            if type == "REPLACEMENT" and not offers_replacements(shop):
                raise NotNowError(f"buyers in {shop.region} cannot ask this seller for a replacement")
            lines = order.select(list(line_ids)) if line_ids else order.lines
            lines = [line for line in lines if line.status in RETURNABLE and line.refunded == ZERO]
            if not lines or has_open_return(shop, order):
                raise NotNowError(
                    f"order {order.id} is {order.status}; a buyer returns what was delivered and not refunded, "
                    "one return at a time"
                )
            return request_return(
                self.world,
                shop,
                order,
                lines,
                now,
                return_type=type,
                role="BUYER",
                reason=reason,
                refund=refund_of(order, lines, now),
            )

    def step_package(self, package_id: str, step: str) -> Package:
        """Has a carrier `collect` or `deliver` one package.

        Raises:
            LookupError: there is no such package.
            NotNowError: it is not in the carrier's hands, or not any more.
            ValueError: there is no such step.
        """
        _expect("step", step, PACKAGE_STEPS)
        with self.world.change():
            now = self.world.catch_up()
            shop, package = self._find("packages", package_id)
            if package.status != PACKAGE_STEPS[step]:
                raise NotNowError(f"package {package.id} is {package.status}; {step} takes {PACKAGE_STEPS[step]}")
            self.world.agenda.happen(self.world, now, step, shop.id, package.id)
            found: Package = package
        return found

    def step_return(self, return_id: str, step: str) -> ReturnRequest:
        """Has a buyer `send_back` the goods, or `accept_offer` or `refuse_offer` of a part of the money.

        Raises:
            LookupError: there is no such return.
            NotNowError: the seller comes first.
            ValueError: there is no such step.
        """
        _expect("step", step, RETURN_STEPS)
        status, name = RETURN_STEPS[step]
        with self.world.change():
            now = self.world.catch_up()
            shop, request = self._find("returns", return_id)
            if request.status != status:
                raise NotNowError(f"return {request.id} is {request.status}; {step} takes {status}")
            self.world.agenda.happen(self.world, now, name, shop.id, request.id)
            found: ReturnRequest = request
        return found

    def audit_product(self, product_id: str, *, passed: bool, reason: str = AUDIT_REASON) -> Product:
        """Has a reviewer let a listing, or the edit of one, pass, or turn it down; the shop is notified.

        Raises:
            LookupError: there is no such product.
            NotNowError: it is a draft or deleted.
        """
        with self.world.change():
            now = self.world.catch_up()
            shop, found = self._find("products", product_id)
            product: Product = found
            if product.status in {"DRAFT", "DELETED"}:
                raise NotNowError(f"product {product.id} is {product.status}, and nothing to audit")
            if passed:
                let_pass(self.world, shop, product, now)
            else:
                found_wrong = AuditFailure(
                    position="listing", reason=reason, suggestion="Change it and hand it in again."
                )
                turn_down(self.world, shop, product, [found_wrong], now)
        return product

    def inject(self, kind: str, **rule: Any) -> Fault:
        """Has calls fail; the arguments are those of `Fault`.

        Raises:
            ValueError: the rule makes no sense, or names no operation.
        """
        self._check_operation(rule.get("operation"))
        return self.faults.add(Fault(kind=kind, **rule))

    def requests(self, **filters: Any) -> list[Exchange]:
        """What was received, the oldest first; the filters are those of `Journal.find`.

        Raises:
            ValueError: there is no such operation.
        """
        self._check_operation(filters.get("operation"))
        return self.journal.find(**filters)

    def _check_operation(self, name: str | None) -> None:
        """A name that is misspelt would never be met, and a test would pass for want of what it tests."""
        names = [operation.id for operation in self.spec.operations]
        if name is not None and name not in names:
            close = get_close_matches(name.replace("-", "_"), names, 1, 0.4)
            raise ValueError(f"there is no operation {name}" + (f"; did you mean {close[0]}?" if close else ""))

    def _lead(self, shop: Shop, order: Order, to: str, at: int) -> None:
        while order.status != to:
            before = order.status
            step = ORDER_STEPS.get(before)
            if step is None or (before in STATUSES and STATUSES.index(before) > STATUSES.index(to)):
                raise NotNowError(f"order {order.id} is {before}; no way leads from there to {to}")
            self._take(shop, order, step, at)

    def _take(self, shop: Shop, order: Order, step: str, at: int) -> None:
        happen, before = self.world.agenda.happen, order.status
        if step in PACKAGE_STEPS:
            for package in packages_of(shop, order):
                if package.status == PACKAGE_STEPS[step]:
                    happen(self.world, at, step, shop.id, package.id)
        else:
            happen(self.world, at, step, shop.id, order.id)
        if order.status == before:
            raise NotNowError(f"order {order.id} stays {before}; {step} has to wait for something else")

    def _shop(self, shop_id: str | None) -> Shop:
        shops = self.world.shops
        shop = next(iter(shops)) if shop_id is None else shops.get(shop_id)
        if shop is None:
            raise LookupError(f"there is no shop {shop_id}")
        return shop

    def _on_sale(self, shop: Shop, sku_id: str, quantity: int) -> tuple[Product, Sku, int]:
        found = shop.find_sku(sku_id)
        if found is None:
            raise LookupError(f"shop {shop.id} has no variant {sku_id}")
        product, sku = found
        if product.status != "ACTIVATE":
            raise NotNowError(f"product {product.id} is {product.status}; only what is on sale can be ordered")
        _expect("quantity", quantity, range(1, 101))
        return product, sku, quantity

    def _order(self, order_id: str) -> tuple[Shop, Order]:
        return self._find("orders", order_id)

    def _find(self, table: str, row_id: str) -> tuple[Shop, Any]:
        for shop in self.world.shops:
            row = getattr(shop, table).get(row_id)
            if row is not None:
                return shop, row
        raise LookupError(f"no shop has {row_id} among its {table}")


def _expect(name: str, value: object, allowed: range | Mapping[str, Any] | Sequence[str]) -> None:
    if value not in allowed:
        offered = f"{allowed.start} to {allowed.stop - 1}" if isinstance(allowed, range) else ", ".join(allowed)
        raise ValueError(f"{name} is one of {offered}, not {value!r}")
