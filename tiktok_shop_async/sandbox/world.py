"""Everything that one sandbox holds: the app, the accounts that use it, the shops, the clock and what lies ahead."""

from __future__ import annotations

import random
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal  # noqa: TC003 - msgspec reads the rows' annotations
from typing import TYPE_CHECKING, Any

import msgspec

from tiktok_shop_async.sandbox.life.accounts import (
    ACCESS_TOKEN_LIFETIME,
    KINDS,
    Account,
    AuthorizationRules,
    Code,
    Token,
)
from tiktok_shop_async.sandbox.life.audits import AUDIT_TIME
from tiktok_shop_async.sandbox.life.ledger import Ledger
from tiktok_shop_async.sandbox.paging import Searches
from tiktok_shop_async.sandbox.sending.deliveries import Deliveries
from tiktok_shop_async.sandbox.sending.notifications import Notifications
from tiktok_shop_async.sandbox.state.agenda import Agenda
from tiktok_shop_async.sandbox.state.clock import Clock, MovableClock
from tiktok_shop_async.sandbox.state.identifiers import Identifiers
from tiktok_shop_async.sandbox.state.rows import (
    Cancellation,
    Contact,
    CustomBrand,
    GlobalProduct,
    Order,
    Package,
    Product,
    ReturnRequest,
    Sku,
    Upload,
    Webhook,
)
from tiktok_shop_async.sandbox.state.table import Table, Touched

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Mapping

    from tiktok_shop_async.sandbox.state.storage import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    """A place that goods are sent from or come back to."""

    id: str
    name: str
    type: str
    street: str
    city: str
    state: str
    postal_code: str
    region: str
    is_default: bool = False


@dataclass(kw_only=True)
class Shop:
    """One shop and everything in it. Its fields are saved as a row; the tables beside them hold rows of their own."""

    id: str
    name: str
    region: str
    seller_type: str
    cipher: str
    code: str
    currency: str
    tax_rate: Decimal
    warehouses: list[Warehouse]

    def __post_init__(self) -> None:
        self.products = Table(Product, by={"sku": _skus_of_product})
        self.orders = Table(Order, by={"external": _references_of_order})
        self.packages = Table(Package, by={"order": _orders_of_package, "tracking": _tracking_of_package})
        self.cancellations = Table(Cancellation, by={"order": _order_of})
        self.returns = Table(ReturnRequest, by={"order": _order_of})
        self.webhooks = Table(Webhook)
        self.ledger = Ledger()

    @property
    def sales_warehouse(self) -> Warehouse:
        """Where orders are sent from."""
        return next(warehouse for warehouse in self.warehouses if warehouse.type == "SALES_WAREHOUSE")

    def find_sku(self, sku_id: str) -> tuple[Product, Sku] | None:
        """The variant with this id and its product, which may be changed, or None."""
        for found in self.products.find("sku", sku_id):
            product = self.products[found.id]
            if (sku := product.sku(sku_id)) is not None:
                return product, sku
        return None

    def tables(self) -> Mapping[str, Table[Any]]:
        """All the tables of the shop by name."""
        return {
            "products": self.products,
            "orders": self.orders,
            "packages": self.packages,
            "cancellations": self.cancellations,
            "returns": self.returns,
            "webhooks": self.webhooks,
            "statements": self.ledger.statements,
            "entries": self.ledger.entries,
        }


@dataclass(slots=True, kw_only=True)
class Fact:
    """A value that is saved under a name, and is of no table: plain data of any kind that JSON has, or bytes."""

    id: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """What a request was answered, to be answered again when its idempotency key comes again, which is in the id."""

    id: str
    data: dict[str, Any]


class World:
    """The state of one sandbox, and the only place that its time comes from.

    Whoever changes it does so within `change`, and whoever reads it from another thread than the server's holds `lock`.
    """

    def __init__(self, clock: Clock, seed: int) -> None:
        source = random.Random(seed)  # noqa: S311 - invented data, and the same for a seed; not a secret
        self.clock = clock if isinstance(clock, MovableClock) else MovableClock(source=clock)
        self.lock = threading.RLock()
        self.random = source
        self.ids = Identifiers(source)
        self.agenda = Agenda()
        self.shops = Table(Shop, by={"cipher": _cipher_of_shop})
        self.accounts = Table(Account)
        self.codes = Table(Code)
        self.tokens = Table(Token)
        self.rules = AuthorizationRules()
        # How long listings and edits wait for their audit; with 0 they are through it at the next request.
        self.audit_time = AUDIT_TIME
        # Operations that answer as if their revision were switched off, besides those that the spec says are.
        self.retired: set[str] = set()
        self.uploads = Table(Upload)
        self.brands = Table(CustomBrand)
        self.manufacturers = Table(Contact)
        self.responsible_persons = Table(Contact)
        self.global_products = Table(GlobalProduct, by={"listing": _listings_of})
        self.deliveries = Deliveries()
        self.notifications = Notifications(self)
        self.given_answers = Table(GivenAnswer)
        self.facts = Table(Fact)
        # Counts what was saved, so that whoever remembers something can tell whether it still holds.
        self.version = 0
        self.searches = Searches()
        self._storage: Storage | None = None
        # How often the clock had been moved when that was last saved.
        self._saved_moves = self.clock.moves
        self._touched: Touched = {}
        self._own_tables: dict[str, Table[Any]] = {
            "shops": self.shops,
            "accounts": self.accounts,
            "codes": self.codes,
            "tokens": self.tokens,
            "uploads": self.uploads,
            "brands": self.brands,
            "manufacturers": self.manufacturers,
            "responsible persons": self.responsible_persons,
            "global products": self.global_products,
            "given answers": self.given_answers,
            "facts": self.facts,
            "agenda": self.agenda.events,
            "deliveries": self.deliveries.rows,
        }
        for name, table in self._own_tables.items():
            table.attach(name, self._touched)
        self.app_key = self.ids.token("sandbox", 8).lower()
        self.app_secret = self.ids.hexadecimal(40)
        # Drawn apart, so that all that follows from the seed stays what it is.
        self.service_id = f"7390{random.Random(f'service {seed}').randrange(10**14):014d}"  # noqa: S311 - no secret

    @property
    def now(self) -> int:
        """The current Unix second of the shop: what orders, parcels and statements live by."""
        return int(self.clock())

    @property
    def wall_now(self) -> int:
        """The current Unix second of the callers: what timestamps, tokens and codes are held against."""
        return int(self.clock.wall())

    def catch_up(self) -> int:
        """Lets everything happen that fell due since the last look, and answers the current Unix second."""
        now = self.now
        if self.agenda.is_due(now):
            with self.change():
                self.agenda.run(self, now)
        return now

    @contextmanager
    def change(self, *, reading: bool = False) -> Generator[None, None, None]:
        """Everything that is changed within is saved together at the end, or taken back together on an exception.

        What was changed before, outside of it, is saved first and stays.

        Args:
            reading: a promise that rows that are fetched within are not changed, which spares comparing them.
        """
        with self.lock:
            try:
                self.save()
                yield
                if reading:
                    for table in self._touched:
                        table.only_read()
                self.save()
            except BaseException:
                for table in self._touched:
                    table.take_back()
                self._touched.clear()
                self._sort()
                raise

    def save(self) -> None:
        """Saves what was changed since the last time, in the file if there is one: all of it, or nothing."""
        unsaved = [(table, rows) for table in self._touched if (rows := table.unsaved())]
        moves = self.clock.moves
        if unsaved:
            self.version += 1
        if unsaved or moves != self._saved_moves:
            if self._storage is not None:
                named: list[tuple[str, Mapping[str, bytes | None]]] = [(table.name, rows) for table, rows in unsaved]
                named.append(("sources", self._sources()))
                self._storage.write((name, row_id, content) for name, rows in named for row_id, content in rows.items())
            self._saved_moves = moves
        for table in self._touched:
            table.saved(dict(unsaved).get(table, {}))
        self._touched.clear()

    def add_shop(self, shop: Shop) -> Shop:
        """Adds a shop, with whatever is in its tables."""
        for name, table in shop.tables().items():
            table.attach(f"{name} of {shop.id}", self._touched)
        return self.shops.put(shop)

    def keep_in(self, storage: Storage) -> None:
        """Saves everything in a new file, and from now on whatever changes."""
        storage.write(self.dump())
        self._storage = storage

    @classmethod
    def load(cls, storage: Storage, clock: Clock) -> World:
        """The world that is kept in a file, to be kept there further.

        Raises:
            msgspec.ValidationError: a row is not of the kind that this version has.
            LookupError: there are rows of a table that this version does not have.
        """
        world = cls(clock, seed=0)
        for row_id, content in [(row_id, content) for name, row_id, content in storage.rows() if name == "shops"]:
            world.shops.load(row_id, content)
            world.add_shop(world.shops[row_id])
        tables = world.tables()
        for name, row_id, content in storage.rows():
            if name == "sources":
                world._restore_source(row_id, content)
            elif name != "shops":
                tables[name].load(row_id, content)
        world._sort()
        world._storage = storage
        return world

    def dump(self) -> list[tuple[str, str, bytes]]:
        """Everything there is, as rows: the table, the id and the content of each."""
        self.save()
        tables = self.tables().items()
        rows = [(name, row_id, content) for name, table in tables for row_id, content in table.dump()]
        return rows + [("sources", name, content) for name, content in self._sources().items()]

    def close(self) -> None:
        """Saves what is not saved, and closes the file."""
        with self.lock:
            self.save()
            if self._storage is not None:
                # A clock that runs fast has got further since the last change.
                self._storage.write(("sources", name, content) for name, content in self._sources().items())
                self._storage.close()
                self._storage = None

    def tables(self) -> dict[str, Table[Any]]:
        """Every table there is, by name: those of the world and those of each shop."""
        tables = [*self._own_tables.values(), *(table for shop in self.shops for table in shop.tables().values())]
        return {table.name: table for table in tables}

    def _sort(self) -> None:
        """Has what is kept in order by time take notice that the tables were changed beneath it."""
        self.agenda.sort()
        self.deliveries.sort()

    def _sources(self) -> dict[str, bytes]:
        """What ids, chance and time go on from."""
        sources = {
            "app": [self.app_key, self.app_secret, self.service_id],
            "ids": self.ids.last,
            "chance": self.random.getstate(),
            "ahead": self.clock() - self.clock.wall(),
        }
        return {name: msgspec.msgpack.encode(value) for name, value in sources.items()}

    def _restore_source(self, name: str, content: bytes) -> None:
        decode = msgspec.msgpack.decode
        if name == "app":
            self.app_key, self.app_secret, self.service_id = decode(content, type=tuple[str, str, str])
        elif name == "ids":
            self.ids.last = decode(content, type=dict[str, int])
        elif name == "chance":
            self.random.setstate(decode(content, type=tuple[int, tuple[int, ...], float | None]))
        elif name == "ahead":
            self.clock.advance(max(decode(content, type=float) - (self.clock() - self.clock.wall()), 0))
        else:
            raise LookupError(name)

    def issue_token(
        self,
        kind: str = "seller",
        *,
        shop_ids: Collection[str] | None = None,
        scopes: Collection[str] | None = None,
        lifetime: int = ACCESS_TOKEN_LIFETIME,
    ) -> Token:
        """Makes an access token without an authorisation, for instance one that lacks a scope or is over.

        Args:
            kind: whose token it is: `seller`, `creator` or `partner`.
            shop_ids: the shops that it opens; every shop when left out.
            scopes: the access scopes that are granted; every scope when left out.
            lifetime: how long it is valid, in seconds; 0 makes an expired one.

        Raises:
            ValueError: there is no such kind.
        """
        if kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
        return self.tokens.put(
            Token(
                id=self.ids.token("TTP_", 60),
                kind=kind,
                shop_ids=frozenset((shop.id for shop in self.shops) if shop_ids is None else shop_ids),
                scopes=None if scopes is None else frozenset(scopes),
                expires_at=self.wall_now + lifetime,
            )
        )

    def shop_by_cipher(self, cipher: str) -> Shop | None:
        """The shop that a cipher stands for, or None."""
        found = self.shops.find("cipher", cipher)
        return self.shops[found[0].id] if found else None


def _cipher_of_shop(shop: Shop) -> tuple[str, ...]:
    return (shop.cipher,)


def _skus_of_product(product: Product) -> tuple[str, ...]:
    return tuple(sku.id for sku in product.skus)


def _references_of_order(order: Order) -> tuple[str, ...]:
    return tuple(f"{external.platform} {external.id}" for external in order.external_orders)


def _orders_of_package(package: Package) -> tuple[str, ...]:
    return tuple(package.order_ids)


def _listings_of(product: GlobalProduct) -> tuple[str, ...]:
    return tuple(publication.product_id for publication in product.publications)


def _order_of(row: Cancellation | ReturnRequest) -> tuple[str, ...]:
    return (row.order_id,)


def _tracking_of_package(package: Package) -> tuple[str, ...]:
    return (package.tracking_number,) if package.tracking_number else ()
