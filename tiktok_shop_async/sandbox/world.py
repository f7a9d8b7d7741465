"""Everything that one sandbox holds: the app, the accounts that use it, the shops, the clock and what lies ahead."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tiktok_shop_async.sandbox.accounts import ACCESS_TOKEN_LIFETIME, Account, AuthorizationRules, Code, Token
from tiktok_shop_async.sandbox.agenda import Agenda
from tiktok_shop_async.sandbox.clock import Clock, MovableClock
from tiktok_shop_async.sandbox.deliveries import Deliveries
from tiktok_shop_async.sandbox.identifiers import Identifiers
from tiktok_shop_async.sandbox.ledger import Ledger
from tiktok_shop_async.sandbox.notifications import Notifications
from tiktok_shop_async.sandbox.state import (
    Cancellation,
    Order,
    Package,
    Product,
    ReturnRequest,
    Sku,
    Table,
    Upload,
    Webhook,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from decimal import Decimal


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


@dataclass(slots=True, kw_only=True)
class Shop:
    """One shop and everything in it."""

    id: str
    name: str
    region: str
    seller_type: str
    cipher: str
    code: str
    currency: str
    tax_rate: Decimal
    warehouses: list[Warehouse]
    products: Table[Product] = field(default_factory=Table[Product])
    orders: Table[Order] = field(default_factory=Table[Order])
    packages: Table[Package] = field(default_factory=Table[Package])
    cancellations: Table[Cancellation] = field(default_factory=Table[Cancellation])
    returns: Table[ReturnRequest] = field(default_factory=Table[ReturnRequest])
    webhooks: dict[str, Webhook] = field(default_factory=dict[str, Webhook])
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.currency)

    @property
    def sales_warehouse(self) -> Warehouse:
        """Where orders are sent from."""
        return next(warehouse for warehouse in self.warehouses if warehouse.type == "SALES_WAREHOUSE")

    def find_sku(self, sku_id: str) -> tuple[Product, Sku] | None:
        """The variant with this id and its product, or None."""
        for product in self.products:
            if (sku := product.sku(sku_id)) is not None:
                return product, sku
        return None


class World:
    """The state of one sandbox, and the only place that its time comes from.

    Whoever reads or changes it from another thread than the server's holds `lock`.
    """

    def __init__(self, clock: Clock, seed: int) -> None:
        source = random.Random(seed)  # noqa: S311 - invented data, and the same for a seed; not a secret
        self.clock = clock if isinstance(clock, MovableClock) else MovableClock(source=clock)
        self.lock = threading.RLock()
        self.random = source
        self.ids = Identifiers(source)
        self.agenda = Agenda()
        self.shops: dict[str, Shop] = {}
        self.accounts: Table[Account] = Table()
        self.codes: Table[Code] = Table()
        self.tokens: Table[Token] = Table()
        self.rules = AuthorizationRules()
        # Operations that answer as if their revision were switched off, besides those that the spec says are.
        self.retired: set[str] = set()
        self.uploads: Table[Upload] = Table()
        self.deliveries = Deliveries()
        self.notifications = Notifications(self)
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
        self.agenda.run(self, now)
        return now

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
        """
        return self.tokens.put(
            Token(
                id=self.ids.token("TTP_", 60),
                kind=kind,
                shop_ids=frozenset(self.shops if shop_ids is None else shop_ids),
                scopes=None if scopes is None else frozenset(scopes),
                expires_at=self.wall_now + lifetime,
            )
        )

    def shop_by_cipher(self, cipher: str) -> Shop | None:
        """The shop that a cipher stands for, or None."""
        return next((shop for shop in self.shops.values() if shop.cipher == cipher), None)
