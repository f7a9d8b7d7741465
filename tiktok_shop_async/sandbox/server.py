"""Runs a sandbox on a real socket of this machine, from a program or a test."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, cast

import uvicorn
from anyio import to_thread
from uvicorn.protocols.http.h11_impl import H11Protocol

from tiktok_shop_async.sandbox.faults.mishaps import ABORT
from tiktok_shop_async.sandbox.gate.rate import DEFAULT_RATE
from tiktok_shop_async.sandbox.handle import Sandbox
from tiktok_shop_async.sandbox.sending.deliveries import keep_sending

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from types import TracebackType

    from starlette.types import Receive, Scope, Send

    from tiktok_shop_async.sandbox.life.accounts import AuthorizationRules
    from tiktok_shop_async.sandbox.spec import Spec
    from tiktok_shop_async.sandbox.state.clock import Clock

START_TIMEOUT = 10.0


_REACHED_AT = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - where this machine finds what listens to all


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
        hosts: Collection[str] = (),
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
            hosts: names that it goes by besides `localhost` and IP addresses, where it listens to more than loopback.
        """
        self._host = host
        self._hosts = hosts
        self._port = port
        self._seed = seed
        self._orders = orders
        self._state = state
        self._clock = clock
        self._spec = spec
        self._rules = rules
        self._strict = strict
        self._rate = rate
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._sandbox: Sandbox | None = None

    def start(self) -> Sandbox:
        """Makes the data, opens the socket and waits until it answers.

        Raises:
            OSError: the port cannot be listened on.
            RuntimeError: it runs already.
            StateFileError: the state file cannot be used.
        """
        if self._thread is not None:
            raise RuntimeError("the sandbox runs already: a second one needs a SandboxServer of its own")
        sandbox = Sandbox(
            seed=self._seed,
            orders=self._orders,
            state=self._state,
            clock=self._clock,
            spec=self._spec,
            rules=self._rules,
            strict=self._strict,
            rate=self._rate,
            hosts=self._hosts,
        )
        try:
            self._start(sandbox)
        except BaseException:
            sandbox.close()
            raise
        self._sandbox = sandbox
        return sandbox

    def _start(self, sandbox: Sandbox) -> None:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.create_server((self._host, self._port), family=family)
        host, port = listener.getsockname()[:2]
        sandbox.url = f"http://{_REACHED_AT.get(host, f'[{host}]' if ':' in host else host)}:{port}"
        sandbox.world.deliveries.own_port = port
        # Accepted connections inherit it. Without, each small answer waits 40 ms for the other side's delayed ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = uvicorn.Config(
            sandbox,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
            http=_Protocol,
        )
        self._server = _Server(config, sandbox)
        self._thread = threading.Thread(target=self._serve, args=(self._server, listener), name="sandbox", daemon=True)
        self._thread.start()
        if not self._server.is_up.wait(START_TIMEOUT):
            raise RuntimeError("the sandbox did not start in time")

    def stop(self) -> None:
        """Closes the socket and waits until the thread has ended. A server that is not running is left alone."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join()
            self._server = self._thread = None
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None

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

    def __init__(self, config: uvicorn.Config, sandbox: Sandbox) -> None:
        super().__init__(config)
        self.is_up = threading.Event()
        self._sandbox = sandbox
        self._sender: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._sender = asyncio.create_task(keep_sending(lambda: self._sandbox.world))
        self.is_up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._sender is not None:
            self._sender.cancel()
        await super().shutdown(sockets)
