"""How an order moves: placed, paid, on hold, shipped, collected, delivered, completed, or cancelled on the way.

Each step says which one follows by itself and when, and puts it on the agenda; the seller's own steps (`ship`,
`cancel`) are what the API calls. History that is made up at the start goes through the same steps, at past times.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tiktok_shop_async.sandbox.life.occasions import order_changed, packages_changed, stock_changed, stock_status
from tiktok_shop_async.sandbox.state.agenda import event
from tiktok_shop_async.sandbox.state.clock import DAY, HOUR
from tiktok_shop_async.sandbox.state.money import ZERO
from tiktok_shop_async.sandbox.state.rows import LineItem, Order, Package, TrackingStep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tiktok_shop_async.sandbox.world import Shop, World

REMORSE_MARKETS = frozenset({"US", "GB"})
"""Where buyers may cancel freely for a while after they have paid."""

PAYMENT_DEADLINE = 2 * DAY
REMORSE = HOUR
TIME_TO_COLLECTION = 20 * HOUR
TIME_TO_DELIVERY = 3 * DAY
TIME_TO_COMPLETION = 8 * DAY
SHIPPING_DEADLINE = 3 * DAY


def place(world: World, shop: Shop, order: Order) -> None:
    """A buyer orders: the goods are set aside, and the order lapses unless it is paid."""
    shop.orders.put(order)
    for line in order.lines:
        _set_aside(world, shop, order, line, order.create_time)
    world.agenda.add(order.create_time + PAYMENT_DEADLINE, "lapse", shop.id, order.id)
    _tell(world, shop, order, None, order.create_time)


def pay(world: World, shop: Shop, order: Order, at: int) -> None:
    """The buyer pays. In some markets the order is on hold for an hour then, in which the buyer may cancel freely."""
    if order.status != "UNPAID":
        return
    before = order.status
    order.paid_time = at
    order.is_on_hold = goes_on_hold(shop, order)
    _advance(order, order.lines, "AWAITING_SHIPMENT", at)
    if order.is_on_hold:
        world.agenda.add(at + REMORSE, "release", shop.id, order.id)
    else:
        pack(world, shop, order, order.lines, at)
    _tell(world, shop, order, before, at)


def send_again(world: World, shop: Shop, order: Order, lines: Collection[LineItem], at: int) -> Order:
    """Lines of an order are to be sent once more: a new order, which costs the buyer nothing and waits for shipment."""
    again = replace(
        order,
        id=world.ids.number("order"),
        lines=[_for_nothing(world, line) for line in lines],
        create_time=at,
        update_time=at,
        shipping_list_price=ZERO,
        shipping_seller_discount=ZERO,
        shipping_platform_discount=ZERO,
        shipping_tax=ZERO,
        paid_time=None,
        shipped_time=None,
        collection_time=None,
        delivery_time=None,
        completion_time=None,
        cancel_request_time=None,
        bundle_id=None,
        refunds=[],
        external_orders=[],
        replaced_order_id=order.id,
    )
    shop.orders.put(again)
    for line in again.lines:
        _set_aside(world, shop, again, line, at)
    pack(world, shop, again, again.lines, at)
    _tell(world, shop, again, None, at)
    return again


def _for_nothing(world: World, line: LineItem) -> LineItem:
    return replace(
        line,
        id=world.ids.number("line"),
        seller_discount=line.original_price,
        platform_discount=ZERO,
        tax=ZERO,
        status="AWAITING_SHIPMENT",
        package_id=None,
        shipped_at=None,
        refunded=ZERO,
    )


def ship(
    world: World, shop: Shop, package: Package, at: int, *, provider_id: str, tracking_number: str, by_seller: bool
) -> None:
    """The seller arranges shipment. What the seller ships alone is on its way at once; a carrier has to collect."""
    package.shipping_provider_id = provider_id
    package.tracking_number = tracking_number
    # Put in again, so that it is found by its number at once: the next package of the same request may have it too.
    shop.packages.put(package)
    _move(package, "PROCESSING", at, "The seller has arranged the shipment.")
    for order, lines in contents_of(shop, package):
        before = order.status
        for line in lines:
            line.shipped_at = at
        order.shipped_time = order.shipped_time or at
        _advance(order, lines, "AWAITING_COLLECTION", at)
        _tell(world, shop, order, before, at)
    if by_seller:
        _collect(world, at, shop.id, package.id)
    else:
        slot = package.pickup_slot
        due = at + TIME_TO_COLLECTION if slot is None else slot["end_time"]
        world.agenda.add(due, "collect", shop.id, package.id)


def pack(world: World, shop: Shop, order: Order, lines: Collection[LineItem], at: int) -> Package:
    """Puts lines into a new package that waits to be shipped, taking them out of the one that they were in."""
    (package,) = split(world, shop, order, [lines], at)
    return package


def split(world: World, shop: Shop, order: Order, groups: Iterable[Collection[LineItem]], at: int) -> list[Package]:
    """Puts each group of an order's lines into a new package. What is in no group stays where it is."""
    new, smaller = _repack(world, shop, [(order, lines) for lines in groups], at)
    if smaller or len(new) > 1:
        packages_changed(world, shop, "SPLIT", "SELLER", [*smaller, *new], at)
    return new


def combine(world: World, shop: Shop, package_id: str, orders: Collection[Order], at: int) -> Package:
    """Puts everything that is left of some orders into one new package."""
    lines: list[LineItem] = []
    for order in orders:
        left = [line for line in order.lines if not line.is_cancelled]
        _unpack(shop, order, left, at)
        order.update_time = at
        lines += left
    package = _fill(shop, package_id, [order.id for order in orders], lines, at)
    packages_changed(world, shop, "COMBINE", "SELLER", [package], at)
    return package


def uncombine(world: World, shop: Shop, package: Package, orders: Collection[Order], at: int) -> list[Package]:
    """Takes orders out of a package that holds several, each into a new one, and answers what there is then."""
    groups = [(order, lines) for order, lines in contents_of(shop, package) if order in orders]
    new, smaller = _repack(world, shop, groups, at)
    packages_changed(world, shop, "CANCEL_COMBINE", "SELLER", [*smaller, *new], at)
    return [*new, *smaller]


def _repack(
    world: World, shop: Shop, groups: Iterable[tuple[Order, Collection[LineItem]]], at: int
) -> tuple[list[Package], list[Package]]:
    """A new package for each group, and the packages that hold less than before."""
    new: list[Package] = []
    smaller: dict[str, Package] = {}
    for order, lines in groups:
        smaller |= {package.id: package for package in _unpack(shop, order, lines, at)}
        new.append(_fill(shop, world.ids.number("package"), [order.id], lines, at))
        order.update_time = at
    return new, [package for package in smaller.values() if package.line_ids]


def _fill(shop: Shop, package_id: str, order_ids: list[str], lines: Collection[LineItem], at: int) -> Package:
    package = Package(
        id=package_id,
        order_ids=order_ids,
        line_ids=[line.id for line in lines],
        status="TO_FULFILL",
        create_time=at,
        update_time=at,
    )
    for line in lines:
        line.package_id = package.id
    return shop.packages.put(package)


def cancel(
    world: World, shop: Shop, order: Order, lines: Collection[LineItem], at: int, *, by: str, reason: str
) -> None:
    """Takes lines out of an order and puts the goods back on sale."""
    before = order.status
    for line in lines:
        line.cancelled_by = by
        line.cancel_reason = reason
        _put_back(world, shop, order, line, at)
    if smaller := _unpack(shop, order, lines, at):
        packages_changed(world, shop, "PARTLY_CANCEL_SPLIT", by, smaller, at)
    _advance(order, lines, "CANCELLED", at)
    _note_delivery(world, shop, order, at)
    if order.status == "CANCELLED":
        order.is_on_hold = False
        order.cancel_time = at
        order.cancel_initiator = by
        order.cancel_reason = reason
    _tell(world, shop, order, before, at)


def miss(package: Package, reason: str, at: int) -> None:
    """A delivery failed. The package stays on its way, and is delivered when it is due."""
    _move(package, package.status, at, f"The delivery failed: {reason}.")


def packages_of(shop: Shop, order: Order) -> list[Package]:
    """The packages that hold something of an order, or did and are cancelled."""
    package_ids = dict.fromkeys(line.package_id for line in order.lines if line.package_id)
    packages = [shop.packages[package_id] for package_id in package_ids]
    return [package for package in packages if order.id in package.order_ids]


def contents_of(shop: Shop, package: Package) -> list[tuple[Order, list[LineItem]]]:
    """The orders that a package holds something of, with the lines that are in it."""
    orders = [shop.orders[order_id] for order_id in package.order_ids]
    return [(order, order.select(package.line_ids)) for order in orders]


def goes_on_hold(shop: Shop, order: Order) -> bool:
    """Whether an order is on hold for a while once it is paid. What is not to be paid is not."""
    return shop.region in REMORSE_MARKETS and order.replaced_order_id is None


def can_be_shipped(order: Order, line: LineItem) -> bool:
    """Whether a line waits for the seller to ship it."""
    return line.status == "AWAITING_SHIPMENT" and not order.is_on_hold


def has_open_return(shop: Shop, order: Order) -> bool:
    """Whether a return of the order is still to be decided or under way."""
    return any(request.is_open for request in shop.returns.find("order", order.id))


@event("lapse")
def _lapse(world: World, at: int, shop_id: str, order_id: str) -> None:
    shop = world.shops[shop_id]
    order = shop.orders[order_id]
    if order.status == "UNPAID":
        cancel(world, shop, order, order.lines, at, by="SYSTEM", reason="Not paid in time")


@event("release")
def _release(world: World, at: int, shop_id: str, order_id: str) -> None:
    shop = world.shops[shop_id]
    order = shop.orders[order_id]
    if not order.is_on_hold:
        return
    before = order.status
    order.is_on_hold = False
    order.update_time = at
    pack(world, shop, order, [line for line in order.lines if not line.is_cancelled], at)
    _tell(world, shop, order, before, at)


@event("collect")
def _collect(world: World, at: int, shop_id: str, package_id: str) -> None:
    shop = world.shops[shop_id]
    package = shop.packages[package_id]
    if package.status != "PROCESSING":
        return
    _move(package, "FULFILLING", at, "The carrier has collected the package.")
    for order, lines in contents_of(shop, package):
        before = order.status
        order.collection_time = at
        for line in lines:
            _hand_over(world, shop, order, line, at)
        _advance(order, lines, "IN_TRANSIT", at)
        _tell(world, shop, order, before, at)
    world.agenda.add(at + TIME_TO_DELIVERY, "deliver", shop.id, package.id)


@event("deliver")
def _deliver(world: World, at: int, shop_id: str, package_id: str) -> None:
    shop = world.shops[shop_id]
    package = shop.packages[package_id]
    if package.status != "FULFILLING":
        return
    _move(package, "COMPLETED", at, "The package was delivered.")
    for order, lines in contents_of(shop, package):
        before = order.status
        _advance(order, lines, "DELIVERED", at)
        _note_delivery(world, shop, order, at)
        _tell(world, shop, order, before, at)


def _note_delivery(world: World, shop: Shop, order: Order, at: int) -> None:
    """An order counts as delivered when its last package is, or when what was still to be sent is cancelled."""
    if order.status == "DELIVERED":
        order.delivery_time = at
        world.agenda.add(at + TIME_TO_COMPLETION, "complete", shop.id, order.id)


@event("complete")
def _complete(world: World, at: int, shop_id: str, order_id: str) -> None:
    shop = world.shops[shop_id]
    order = shop.orders[order_id]
    if order.status != "DELIVERED":
        return
    if has_open_return(shop, order):
        world.agenda.add(at + DAY, "complete", shop.id, order.id)
        return
    before = order.status
    order.completion_time = at
    _advance(order, [line for line in order.lines if not line.is_cancelled], "COMPLETED", at)
    shop.ledger.settle(world.ids, order, at)
    _tell(world, shop, order, before, at)


def _tell(world: World, shop: Shop, order: Order, before: str | None, at: int) -> None:
    order_changed(world, shop, order, before, at, goes_on_hold=goes_on_hold(shop, order))


def _advance(order: Order, lines: Collection[LineItem], status: str, at: int) -> None:
    for line in lines:
        line.status = status
    order.update_time = at


def _move(package: Package, status: str, at: int, description: str = "") -> None:
    package.status = status
    package.update_time = at
    if description:
        package.steps.append(TrackingStep(description=description, time=at))


def _unpack(shop: Shop, order: Order, lines: Collection[LineItem], at: int) -> list[Package]:
    """Takes lines out of the packages that wait to be shipped, and answers those that something is left in.

    One that nothing is left in is cancelled.
    """
    gone = {line.id for line in lines}
    smaller: list[Package] = []
    for package in packages_of(shop, order):
        if package.status == "TO_FULFILL" and not gone.isdisjoint(package.line_ids):
            package.line_ids = [line_id for line_id in package.line_ids if line_id not in gone]
            if package.line_ids:
                package.update_time = at
                package.order_ids = [each.id for each, lines in contents_of(shop, package) if lines]
                smaller.append(package)
            else:
                _move(package, "CANCELLED", at)
    return smaller


def _set_aside(world: World, shop: Shop, order: Order, line: LineItem, at: int) -> None:
    _shift(world, shop, order, line, at, stock=-1, committed=1)


def _put_back(world: World, shop: Shop, order: Order, line: LineItem, at: int) -> None:
    _shift(world, shop, order, line, at, stock=1, committed=-1)


def _hand_over(world: World, shop: Shop, order: Order, line: LineItem, at: int) -> None:
    _shift(world, shop, order, line, at, stock=0, committed=-1)


def _shift(world: World, shop: Shop, order: Order, line: LineItem, at: int, *, stock: int, committed: int) -> None:
    if found := shop.find_sku(line.sku_id):
        product, sku = found
        before, warehouse = stock_status(sku), order.warehouse_id
        sku.stock[warehouse] = sku.stock.get(warehouse, 0) + stock
        sku.committed[warehouse] = sku.committed.get(warehouse, 0) + committed
        stock_changed(world, shop, product, sku, before, at)
