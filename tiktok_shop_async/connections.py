"""The connections of one event loop, over what httpx calls transports: its lowest layer that is public."""

from __future__ import annotations

import ssl
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING

import anyio
import httpx

from tiktok_shop_async.errors import TransportError
from tiktok_shop_async.exchange import exchange, prepare
from tiktok_shop_async.proxies import environment_proxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Mapping

    from tiktok_shop_async.exchange import Answer
    from tiktok_shop_async.secret import Secret

__all__ = ["Connections"]

_KEPT = 30.0
"""Seconds for which a connection is kept that nobody uses."""


class Connections:
    """The connections of one event loop, each in a pool of httpx's of its own.

    A pool of httpx's looks at all its connections whenever a request begins or ends, and asks the system about each
    that is idle: with many in flight, a request takes many times as long. So no pool has more than one connection, and
    which is free is known here. Nor can a request that is cancelled while it waits inside a pool take its place along
    for good (httpcore issue 1093): none waits there.

    Args:
        number: How many to open at most; further requests wait for one.
        connecting: Seconds for a connection.
        silence: Seconds for which a server may take nothing of a request, and send nothing of an answer.
    """

    def __init__(self, number: int, *, connecting: float, silence: float) -> None:
        self._places = anyio.Semaphore(number, fast_acquire=True)
        self._closed = False
        self._authorities: dict[str, ssl.SSLContext] = {}
        self._extensions = {"timeout": {"connect": connecting, "read": silence, "write": silence, "pool": None}}
        self._proxies: dict[tuple[str, bytes], Secret | None] = {}
        """The environment is read once for each host."""
        self._all: set[_Connection] = set()
        self._idle: deque[tuple[float, _Connection]] = deque()
        """Since when, the one that was used last at the end."""

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterable[bytes]
    ) -> Answer:
        """Exchange one request for its answer; see `Transport.send`."""
        request: httpx.Request = prepare(method, url, headers, body, extensions=self._extensions)
        if request.url.userinfo:
            request = next(httpx.BasicAuth(request.url.username, request.url.password).auth_flow(request))
        if self._places.value:
            self._places.acquire_nowait()  # a tenth of the time, where there is no need to wait
        else:
            await self._places.acquire()
        try:
            if self._closed:  # while this request was waiting
                raise TransportError("not sent: the connections were closed", kind="connect")
            connection = self._take()
            unfit: _Connection | None = connection
            try:
                answer = await exchange(connection.send(request, self._proxy(request.url)), request)
                unfit = self._give_back(connection)
                return answer
            finally:
                # A task that is cancelled at the wrong moment leaves a pool of httpx's busy for good.
                if unfit is not None:
                    self._all.discard(unfit)
                    with anyio.CancelScope(shield=True):
                        await unfit.aclose()
        finally:
            self._places.release()

    async def aclose(self) -> None:
        """Close them all. Requests that wait for one are not sent any more."""
        self._closed = True
        for each in list(self._all):
            await each.aclose()

    def _take(self) -> _Connection:
        """A connection that nobody else uses; the one that was used last, if there is one."""
        if self._idle:
            return self._idle.pop()[1]
        connection = _Connection(self._trusted)
        self._all.add(connection)
        return connection

    def _give_back(self, connection: _Connection) -> _Connection | None:
        """Free a connection. Answers one that was idle for too long, to be closed."""
        now = monotonic()
        self._idle.append((now, connection))
        if now - self._idle[0][0] < _KEPT:
            return None
        return self._idle.popleft()[1]

    def _trusted(self, scheme: str) -> ssl.SSLContext:
        """The authorities of certificates, read when they are first needed, because that takes 20 ms.

        None for plain http: TLS would fail there, and not be taken on trust.
        """
        if scheme not in self._authorities:
            plain = scheme == "http"
            self._authorities[scheme] = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else httpx.create_ssl_context()
        return self._authorities[scheme]

    def _proxy(self, address: httpx.URL) -> Secret | None:
        host = address.scheme, address.netloc
        if host not in self._proxies:
            self._proxies[host] = environment_proxy(address.scheme, address.netloc.decode("ascii"))
        return self._proxies[host]


class _Connection:
    """One connection at a time, or one for each way to a host: by TLS or not, and over a proxy."""

    def __init__(self, trusted: Callable[[str], ssl.SSLContext]) -> None:
        self._trusted = trusted
        self._ways: dict[tuple[str, Secret | None], httpx.AsyncHTTPTransport] = {}

    async def send(self, request: httpx.Request, proxy: Secret | None) -> httpx.Response:
        """Send a request, and read its answer."""
        way = self._ways.get((request.url.scheme, proxy)) or self._open(request.url.scheme, proxy)
        response = await way.handle_async_request(request)
        try:
            await response.aread()
        except BaseException:
            await response.aclose()
            raise
        return response

    def _open(self, scheme: str, proxy: Secret | None) -> httpx.AsyncHTTPTransport:
        limits = httpx.Limits(max_connections=1, keepalive_expiry=_KEPT)
        way = httpx.AsyncHTTPTransport(verify=self._trusted(scheme), limits=limits, proxy=proxy)
        self._ways[scheme, proxy] = way
        return way

    async def aclose(self) -> None:
        for each in self._ways.values():
            await each.aclose()
