"""Runs a sandbox on a real socket of this machine, from a program or a test."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

import uvicorn
from anyio import to_thread
from uvicorn.protocols.http.h11_impl import H11Protocol

from tiktok_shop_async.sandbox.accounts import AuthorizationRules, consent, expire_tokens, ready_token, revoke
from tiktok_shop_async.sandbox.app import create_app
from tiktok_shop_async.sandbox.mishaps import ABORT
from tiktok_shop_async.sandbox.rate import DEFAULT_RATE, RateLimit
from tiktok_shop_async.sandbox.seed import open_world
from tiktok_shop_async.sandbox.spec import Spec, bundled_spec

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from types import TracebackType

    from starlette.types import Receive, Scope, Send

    from tiktok_shop_async.sandbox.accounts import Account
    from tiktok_shop_async.sandbox.clock import Clock
    from tiktok_shop_async.sandbox.world import Shop, World

START_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox: where it is and what it lets in.

    `world` is its whole state, for tests that want to arrange or to look inside.
    """

    url: str
    world: World
    access_token: str

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
        return self.world.accounts[self.world.tokens[self.access_token].account_id]

    @property
    def refresh_token(self) -> str:
        """The refresh token of that seller: the one that is good now; empty when the seller has withdrawn."""
        return self.account.grant.refresh_token if self.account.grant is not None else ""

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
        account = next(account for account in self.world.accounts if account.kind == kind)
        with self.world.change():
            return consent(self.world, account, shop_ids=shop_ids, scopes=scopes).id

    def expire_tokens(self, *, refresh_tokens: bool = False) -> None:
        """Ends all access tokens now, and all refresh tokens if told so."""
        with self.world.change():
            expire_tokens(self.world, refresh_tokens=refresh_tokens)

    def revoke(self) -> None:
        """The seller of the ready token withdraws the authorisation."""
        with self.world.change():
            revoke(self.world, self.account)

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


class SandboxServer:
    """A sandbox in a thread of its own, with its own state, for as long as the `with` block lasts.

        with SandboxServer(orders=50) as sandbox:
            print(sandbox.url, sandbox.app_key, sandbox.access_token)

    `async with` does the same without blocking, on asyncio and on trio. Leaving the block frees the port and, unless
    there is a file to keep it in, forgets everything.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 1,
        orders: int = 1200,
        state: str | Path | None = None,
        clock: Clock = time.time,
        spec: Spec | None = None,
        rules: AuthorizationRules | None = None,
        strict: bool = False,
        rate: float = DEFAULT_RATE,
    ) -> None:
        """Prepares a server; entering the block starts it.

        Args:
            host: the address to listen on.
            port: the port to listen on; 0 takes a free one.
            seed: what the made-up data follows from; the same seed and time give the same data.
            orders: how many orders the first shop has.
            state: a file that everything is kept in, whatever ends the process; one that exists is gone on with, and
                `seed` and `orders` say nothing then. Nothing is kept when left out.
            clock: the time, in Unix seconds; a `ManualClock` lets a test move it.
            spec: the routes; the ones that ship with the package when left out.
            rules: how the app is authorised, such as the URL that the consent page sends people back to.
            strict: refuse unknown and misplaced fields, which the live service passes over.
            rate: how many calls a second an endpoint takes for a shop, in real time; 0 for any number.
        """
        self._host = host
        self._port = port
        self._seed = seed
        self._orders = orders
        self._state = state
        self._clock = clock
        self._spec = spec
        self._rules = rules or AuthorizationRules()
        self._strict = strict
        self._rate = rate
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._world: World | None = None

    def start(self) -> Sandbox:
        """Makes the data, opens the socket and waits until it answers.

        Raises:
            OSError: the port cannot be listened on.
            RuntimeError: it runs already.
            StateFileError: the state file cannot be used.
        """
        if self._thread is not None:
            raise RuntimeError("the sandbox runs already: a second one needs a SandboxServer of its own")
        world = open_world(self._clock, state=self._state, seed=self._seed, orders=self._orders)
        try:
            return self._start(world)
        except BaseException:
            world.close()
            raise

    def _start(self, world: World) -> Sandbox:
        world.rules = self._rules
        app = create_app(self._spec or bundled_spec(), world, strict=self._strict, rate_limit=RateLimit(self._rate))
        listener = socket.create_server((self._host, self._port))
        # Accepted connections inherit it. Without, each small answer waits 40 ms for the other side's delayed ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
            http=_Protocol,
        )
        self._server = _Server(config, world)
        self._thread = threading.Thread(target=self._serve, args=(self._server, listener), name="sandbox", daemon=True)
        self._thread.start()
        if not self._server.is_up.wait(START_TIMEOUT):
            raise RuntimeError("the sandbox did not start in time")
        host, port = listener.getsockname()[:2]
        self._world = world
        with world.change():
            access_token = ready_token(world).id
        return Sandbox(f"http://{host}:{port}", world, access_token)

    def stop(self) -> None:
        """Closes the socket and waits until the thread has ended. A server that is not running is left alone."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
            self._server = self._thread = None
        if self._world is not None:
            self._world.close()
            self._world = None

    def wait(self) -> None:
        """Blocks until the server ends by itself."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(1.0)

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Sandbox:
        return await to_thread.run_sync(self.start)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await to_thread.run_sync(self.stop)

    @staticmethod
    def _serve(server: _Server, listener: socket.socket) -> None:
        with closing(listener):
            server.run(sockets=[listener])


class _Protocol(H11Protocol):
    """A connection that the application can reset."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        stream = cast("asyncio.Transport", transport)
        super().connection_made(stream)
        app = self.app

        async def with_abort(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, ABORT: partial(_reset, stream)}, receive, send)

        self.app = with_abort


def _reset(transport: asyncio.Transport) -> None:
    # Without lingering, closing sends a reset and not an orderly end.
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class _Server(uvicorn.Server):
    """Says when it is up (uvicorn's own flag would have to be polled), and sends notifications while it is."""

    def __init__(self, config: uvicorn.Config, world: World) -> None:
        super().__init__(config)
        self.is_up = threading.Event()
        self._world = world
        self._sender: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._sender = asyncio.create_task(self._world.deliveries.keep_sending(self._world))
        self.is_up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._sender is not None:
            self._sender.cancel()
        await super().shutdown(sockets)
