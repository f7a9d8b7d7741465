"""A sandbox as an object: where it is, what it lets in, and everything that a test may do to it."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx

from tiktok_shop_async.sandbox.app import create_app
from tiktok_shop_async.sandbox.faults.rules import Faults
from tiktok_shop_async.sandbox.gate.category_assets import category_assets
from tiktok_shop_async.sandbox.gate.rate import RateLimit
from tiktok_shop_async.sandbox.in_process import InProcessTransport
from tiktok_shop_async.sandbox.journal import Journal
from tiktok_shop_async.sandbox.life.accounts import (
    AuthorizationRules,
    ReadyAccount,
    consent,
    expire_tokens,
    ready_account,
    ready_token,
    renew_ready_token,
    revoke,
)
from tiktok_shop_async.sandbox.made_up.seed import open_world
from tiktok_shop_async.sandbox.spec import Spec, bundled_spec
from tiktok_shop_async.sandbox.stage import NotNowError, Stage
from tiktok_shop_async.sandbox.state.clock import MovableClock

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Receive, Scope, Send

    from tiktok_shop_async.sandbox.life.accounts import Account
    from tiktok_shop_async.sandbox.sending.deliveries import Delivery
    from tiktok_shop_async.sandbox.state.clock import Clock
    from tiktok_shop_async.sandbox.world import Shop, World

IN_PROCESS = "http://sandbox.localhost"
"""The address of a sandbox that listens on no port."""
RECEIVER = "http://receiver.localhost/"
"""The address of a receiver that listens on no port."""


class Sandbox(Stage):
    """A sandbox in this process, which is also the ASGI application that answers for it.

        sandbox = Sandbox(orders=50)
        async with sandbox.http_client() as http:
            await http.get("/authorization/202309/shops")

    `world` is its whole state, for tests that want to arrange or to look inside; `journal` is what was received,
    `faults` what is to go wrong.
    """

    def __init__(
        self,
        *,
        url: str = IN_PROCESS,
        seed: int = 1,
        orders: int = 1200,
        state: str | Path | None = None,
        clock: Clock = time.time,
        spec: Spec | None = None,
        rules: AuthorizationRules | None = None,
        strict: bool = False,
        rate: float = 0,
        hosts: Collection[str] = (),
    ) -> None:
        """Makes the data.

        Args:
            url: where it is reached.
            seed: what the made-up data follows from; the same seed and time give the same data.
            orders: how many orders the first shop has.
            state: a file that everything is kept in, whatever ends the process; one that exists is gone on with, and
                `seed` and `orders` say nothing then. Nothing is kept when left out.
            clock: the time, in Unix seconds; a `ManualClock` lets a test own it.
            spec: the routes; the ones that ship with the package when left out.
            rules: how the app is authorised, such as the URL that the consent page sends people back to.
            strict: refuse unknown and misplaced fields, which the live service passes over.
            rate: how many calls a second an endpoint takes for a shop, in real time; 0 for any number.
            hosts: names that it goes by besides `localhost` and IP addresses.
        """
        self.url = url
        self._seed = seed
        self._orders = orders
        self._state = state
        self._rules = rules or AuthorizationRules()
        self._strict = strict
        self._rate = rate
        self._hosts = hosts
        super().__init__(
            spec or bundled_spec(),
            self._make_world(clock if isinstance(clock, MovableClock) else MovableClock(source=clock)),
            Journal(),
            Faults(random.Random(f"faults {seed}")),  # noqa: S311 - chance, not a secret
        )
        with self.world.change():
            ready = renew_ready_token(self.world)
            # Empty when the seller has withdrawn what it allowed in the world that is gone on with.
            self.access_token = "" if ready is None else ready.id
        self._app = self._make_app()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        await self._app(scope, receive, send)

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        """A transport of httpx that leads here without a socket, on asyncio and on trio."""
        return InProcessTransport(self)

    def http_client(self, **options: Any) -> httpx.AsyncClient:
        """A client of httpx that leads here without a socket; the options are those of `httpx.AsyncClient`."""
        return httpx.AsyncClient(transport=self.transport, base_url=self.url, **options)

    def reset(self) -> None:
        """Makes the world anew, as it was at the start but for the time. The seller's tokens and the app's key stay.

        Raises:
            NotNowError: it is kept in a file.
        """
        if self._state is not None:
            raise NotNowError(f"the sandbox is kept in {self._state}: end it and delete that file to begin anew")
        token, refresh_token = self.access_token, self.refresh_token
        world = self._make_world(self.clock)
        ready = ready_token(world)
        if ready is not None:
            world.tokens.put(replace(ready, id=token))
        account = world.accounts[next(iter(world.accounts)).id]
        if refresh_token and account.grant is not None:
            account.grant = replace(account.grant, refresh_token=refresh_token)
        world.deliveries.own_port = self.world.deliveries.own_port
        self.world = world
        self._app = self._make_app()
        self.journal.clear()
        self.faults.clear()

    @property
    def app_key(self) -> str:
        """The app key that requests must carry."""
        return self.world.app_key

    @property
    def app_secret(self) -> str:
        """The secret that requests must be signed with."""
        return self.world.app_secret

    @property
    def service_id(self) -> str:
        """What the consent page of sellers and partners knows the app by."""
        return self.world.service_id

    @property
    def account(self) -> Account:
        """The seller that the ready token belongs to."""
        return self.world.accounts[next(iter(self.world.accounts)).id]

    @property
    def refresh_token(self) -> str:
        """The refresh token of that seller: the one that is good now; empty when the seller has withdrawn."""
        return self.account.grant.refresh_token if self.account.grant is not None else ""

    @property
    def creator(self) -> ReadyAccount:
        """The first creator, with tokens that are good now. The first time that this is asked, the creator consents."""
        return self._ready("creator")

    @property
    def partner(self) -> ReadyAccount:
        """The first partner, with tokens that are good now. The first time that this is asked, the partner consents."""
        return self._ready("partner")

    @property
    def category_asset_cipher(self) -> str:
        """The cipher of the first category asset, which partners call for in place of a shop."""
        return category_assets(self.world)[0].cipher

    @property
    def shop(self) -> Shop:
        """The first shop, which has most of the orders."""
        return next(iter(self.world.shops))

    @property
    def shop_id(self) -> str:
        """The id of the first shop."""
        return self.shop.id

    @property
    def shop_cipher(self) -> str:
        """The cipher of the first shop."""
        return self.shop.cipher

    @property
    def environment(self) -> dict[str, str]:
        """All of it as the environment variables that clients are usually configured by."""
        return {
            "TIKTOK_SHOP_BASE_URL": self.url,
            "TIKTOK_SHOP_AUTH_URL": self.url,
            "TIKTOK_SHOP_APP_KEY": self.app_key,
            "TIKTOK_SHOP_APP_SECRET": self.app_secret,
            "TIKTOK_SHOP_ACCESS_TOKEN": self.access_token,
            "TIKTOK_SHOP_REFRESH_TOKEN": self.refresh_token,
            "TIKTOK_SHOP_SHOP_ID": self.shop_id,
            "TIKTOK_SHOP_SHOP_CIPHER": self.shop_cipher,
        }

    def authorize(
        self,
        kind: str = "seller",
        *,
        shop_ids: Collection[str] | None = None,
        scopes: Collection[str] | None = None,
    ) -> str:
        """Has an account consent without a browser.

        Args:
            kind: the first account of this kind is the one: `seller`, `creator` or `partner`.
            shop_ids: which of its shops; all when left out.
            scopes: the access scopes that are granted; every scope when left out.

        Returns:
            The code, to be exchanged once and within 30 minutes.
        """
        with self.world.change():
            return consent(self.world, self._first(kind), shop_ids=shop_ids, scopes=scopes).id

    def expire_tokens(self, *, refresh_tokens: bool = False) -> None:
        """Ends all access tokens now, and all refresh tokens if told so."""
        with self.world.change():
            expire_tokens(self.world, refresh_tokens=refresh_tokens)

    def revoke(self, kind: str = "seller") -> None:
        """The first account of a kind withdraws the authorisation."""
        with self.world.change():
            revoke(self.world, self.world.accounts[self._first(kind).id])

    def issue_token(
        self,
        kind: str = "seller",
        *,
        shop_ids: Collection[str] | None = None,
        scopes: Collection[str] | None = None,
        lifetime: int = 7 * 86_400,
    ) -> str:
        """Makes an access token without an authorisation, for instance one that lacks a scope or is over.

        Args:
            kind: whose token it is: `seller`, `creator` or `partner`.
            shop_ids: the shops that it opens; every shop when left out.
            scopes: the access scopes that are granted; every scope when left out.
            lifetime: how long it is valid, in seconds; 0 makes an expired one.
        """
        with self.world.change():
            return self.world.issue_token(kind, shop_ids=shop_ids, scopes=scopes, lifetime=lifetime).id

    def send(
        self,
        event_type: str | int,
        data: Mapping[str, Any] | None = None,
        *,
        changes: Mapping[str, Any] | None = None,
        shop_id: str | None = None,
        address: str | None = None,
        envelope: Mapping[str, Any] | None = None,
        without: Collection[str] = (),
        ids_as_numbers: bool = False,
    ) -> Delivery:
        """Has a notification sent: a well-formed one, or an odd one as live receivers have seen them.

            sandbox.send("ORDER_STATUS_CHANGE", changes={"order_id": order.id})
            await sandbox.send_notifications()

        Args:
            event_type: the name or the number of the type. A number that is in no list is sent all the same.
            data: all of what is under `data`; made up in the shape of the type, about orders and products of the shop,
                when left out.
            changes: fields of `data` that are to say something else.
            shop_id: whose event it is; the first shop's when left out.
            address: where to; what the shop has set for the type, or the app's address, when left out.
            envelope: fields beside `data` that are to say something else, such as `timestamp`.
            without: fields beside `data` that are to be absent, such as `shop_id` or `tts_notification_id`.
            ids_as_numbers: whether ids that are text are sent as numbers.

        Raises:
            LookupError: there is no such type or shop, or no address to send it to.
            UnsafeTargetError: nothing is sent to this address.
        """
        return self.world.notifications.send(
            event_type,
            data,
            changes=changes,
            shop=self._shop(shop_id),
            address=address,
            envelope=envelope,
            without=without,
            ids_as_numbers=ids_as_numbers,
        )

    def send_into(self, receiver: ASGIApp | httpx.AsyncBaseTransport) -> None:
        """Sends notifications of every type into an application of this process, or through a transport, until a reset.

        The addresses that shops have set stay, and lead there too.

        Args:
            receiver: an ASGI application or a transport of httpx.
        """
        deliveries = self.world.deliveries
        deliveries.send_into(receiver)
        if deliveries.manner.address is None:
            deliveries.manner = replace(deliveries.manner, address=RECEIVER)

    async def send_notifications(self) -> int:
        """Sends the notifications that are due, and tells how many attempts that took. A server does it by itself."""
        return await self.world.deliveries.send_due(self.world)

    def close(self) -> None:
        """Closes the file that it is kept in, if there is one."""
        self.world.close()

    def _first(self, kind: str) -> Account:
        return next(account for account in self.world.accounts if account.kind == kind)

    def _ready(self, kind: str) -> ReadyAccount:
        with self.world.change():
            return ready_account(self.world, kind)

    def _make_world(self, clock: MovableClock) -> World:
        world = open_world(clock, state=self._state, seed=self._seed, orders=self._orders)
        world.rules = self._rules
        return world

    def _make_app(self) -> Starlette:
        return create_app(
            self.spec,
            self.world,
            journal=self.journal,
            faults=self.faults,
            hosts=self._hosts,
            strict=self._strict,
            rate_limit=RateLimit(self._rate),
            reset=self.reset,
        )
