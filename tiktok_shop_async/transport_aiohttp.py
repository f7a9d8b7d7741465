"""Sending over aiohttp, which takes a fraction of httpx's time for a request. Loaded only by who asks for it."""

from __future__ import annotations

import asyncio
import math
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio

from tiktok_shop_async.errors import ArgumentError, TransportError
from tiktok_shop_async.loops import PerLoop, on_asyncio
from tiktok_shop_async.proxies import environment_proxy
from tiktok_shop_async.time_limit import time_limit
from tiktok_shop_async.transport import CONNECTING, SILENCE, RawAnswer

try:
    import aiohttp
    from yarl import URL
except ImportError:
    raise ImportError("The transport over aiohttp needs its extra: pip install 'tiktok-shop-async[aiohttp]'") from None

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Mapping
    from ssl import SSLContext

    from aiohttp.connector import Connection

    from tiktok_shop_async.errors import TransportErrorKind

__all__ = ["AiohttpTransport"]

_PIECE = 32 * 1024
"""What a connection takes without anyone reading at its other end. Larger bodies are sent in pieces of it, under the
watch of `_Upload`: aiohttp has no limit for a server that stops reading."""


class AiohttpTransport:
    """Sends over aiohttp: HTTP/1.1, one pool for each event loop, the environment's proxies. Runs on asyncio.

    `TikTokShop(…, transport="aiohttp")` makes one for itself, and closes it. Make one by yourself to share its
    connections between clients, and close it when they are closed.

    Args:
        connections: How many to open at most; further requests wait for one.
    """

    def __init__(self, *, connections: int = 100) -> None:
        self._pools = PerLoop(lambda: _open(connections))

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterable[bytes]
    ) -> RawAnswer:
        """Exchange one request for its answer; see `Transport.send`.

        Raises:
            ArgumentError: The event loop is not asyncio's.
        """
        pool = self._pools.get()
        # Calls have looked already whether they were cancelled, which `acquire` does first of all.
        if pool.places.value:
            pool.places.acquire_nowait()
        else:
            await pool.places.acquire()
        try:
            if pool.session.closed:  # while this request was waiting
                raise TransportError("not sent: the connections were closed", kind="connect")
            headers = {**headers, "accept-encoding": "gzip, deflate"}
            if isinstance(body, bytes) and len(body) <= _PIECE:
                return await _exchange(pool, method, url, headers, body or None)
            if isinstance(body, bytes):
                headers["content-length"] = str(len(body))
                async with aclosing(_pieces(body)) as stream:
                    return await _upload(pool, method, url, headers, stream)
            return await _upload(pool, method, url, headers, body)
        finally:
            pool.places.release()

    async def aclose(self) -> None:
        """Close the connections of this event loop."""
        pool = self._pools.pop()
        if pool is not None:
            await pool.session.close()


@dataclass(frozen=True, slots=True, repr=False)
class _Origin:
    """What all addresses that begin alike have in common. Without a repr, since names and passwords may be in it.

    Attributes:
        root: The beginning.
        proxy: What the environment names for it; read once, as httpx reads it once.
        certificates: Whom to trust.
    """

    root: URL
    proxy: str | None
    certificates: SSLContext | bool

    def address(self, url: str) -> URL:
        """One of the addresses, final as it is."""
        # Path and query in one, as they are sent. Taking a whole address apart takes yarl a thirtieth of a request.
        return self.root.with_path(url[_beginning(url) :], encoded=True)


@dataclass(frozen=True, slots=True)
class _Pool:
    """The connections of one event loop.

    Attributes:
        session: The connections.
        places: For so many requests at a time.
        uploading: Limits of time for a request that is sent piece by piece.
        origins: By the beginning of an address.
    """

    session: aiohttp.ClientSession
    places: anyio.Semaphore
    uploading: aiohttp.ClientTimeout
    origins: dict[str, _Origin] = field(default_factory=dict[str, _Origin], repr=False)

    def origin(self, url: str) -> _Origin:
        """That of an address."""
        beginning = url[: _beginning(url)]
        found = self.origins.get(beginning)
        if found is None:
            scheme, _, place = beginning.partition("://")
            certificates = _certificates() if scheme == "https" else True
            found = _Origin(URL(beginning, encoded=True), proxy_of_environment(scheme, place), certificates)
            self.origins[beginning] = found
        return found


class _Response(aiohttp.ClientResponse):
    """A response that is given up when its server is silent, and whose repr does not show its address.

    aiohttp sets a timer when it has sent a request, and a new one whenever something comes. With a small answer that is
    a twelfth of the whole work, so its timers are left to answers that come in pieces, and to uploads.
    """

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status}>"

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Wait for the head of the answer."""
        protocol, head = connection.protocol, super().start(connection)
        del connection  # its repr shows the password of a proxy
        if protocol is None or protocol.read_timeout is not None:
            return await head
        with time_limit(SILENCE):
            await head
            if protocol.is_connected() and not self.content.is_eof():
                protocol.read_timeout = SILENCE
                protocol.start_timeout()
            return self
        raise aiohttp.SocketTimeoutError


def _open(connections: int) -> _Pool:
    if not on_asyncio():
        raise ArgumentError("transport: aiohttp runs on asyncio only; on trio, leave it out and send over httpx")
    session = aiohttp.ClientSession(
        # No limit of its own: one for both transports, kept in the same way.
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
        timeout=aiohttp.ClientTimeout(total=None, connect=CONNECTING),
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(_once,),
        response_class=_Response,
        # As much as httpx allows for the header as a whole.
        max_line_size=100_000,
        max_field_size=100_000,
    )
    uploading = aiohttp.ClientTimeout(total=None, connect=CONNECTING, sock_read=SILENCE)
    return _Pool(session, anyio.Semaphore(connections, fast_acquire=True), uploading)


async def _once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Send a request once, and tell its errors as ours.

    Left to itself, aiohttp sends a PUT or a DELETE again when a connection that was kept open breaks. The server may
    have carried it out before; whether that may happen twice is for the call to know. It does so for its own errors.
    """
    try:
        return await send(request)
    except aiohttp.ClientError as error:
        problem = _translate(error, _host(str(request.url)))
    # Outside of the handler, so that aiohttp's error, which holds the request, is no context of this one.
    raise problem


async def _exchange(
    pool: _Pool, method: str, url: str, headers: Mapping[str, str], body: bytes | _Upload | None
) -> RawAnswer:
    origin = pool.origin(url)
    try:
        response = await pool.session.request(
            method,
            origin.address(url),  # without a name: its repr shows it
            headers=headers,
            data=body,
            allow_redirects=False,
            proxy=origin.proxy,
            timeout=pool.uploading if isinstance(body, _Upload) else pool.session.timeout,
            ssl=origin.certificates,
        )
        content = await response.read()  # which frees the connection, or closes it where it fails
        if not response.closed:  # as of a server that changes to another protocol
            response.close()
    except aiohttp.ClientError as error:
        problem = _translate(error, _host(url))
    else:
        return RawAnswer(response.status, _headers(response), content)
    raise problem


async def _upload(
    pool: _Pool, method: str, url: str, headers: Mapping[str, str], stream: AsyncIterable[bytes]
) -> RawAnswer:
    with anyio.CancelScope() as scope:
        body = _Upload(stream, scope)
        try:
            return await _exchange(pool, method, url, headers, body)
        except TransportError as error:
            problem = body.error or error
        finally:
            await body.aclose()
        raise problem
    raise TransportError(f"no answer from {_host(url)}: the upload stands still", kind="timeout", maybe_executed=True)


class _Upload:
    """A body that is read piece by piece, at the request of a task of aiohttp's.

    Args:
        stream: The pieces.
        scope: Is cancelled when the server does not take one in time.
    """

    def __init__(self, stream: AsyncIterable[bytes], scope: anyio.CancelScope) -> None:
        self.error: Exception | None = None
        """Of the stream itself, which is for whoever made it."""
        self._stream = aiter(stream)
        self._scope = scope
        self._reading: asyncio.Task[bytes | None] | None = None

    def __aiter__(self) -> _Upload:
        return self

    async def __anext__(self) -> bytes:
        # In a task of its own, which nothing cancels: a worker thread that reads a file would go on with that.
        self._reading = asyncio.create_task(self._read())
        piece = await asyncio.shield(self._reading)
        if self.error is not None:
            raise self.error
        if piece is None:
            raise StopAsyncIteration
        return piece

    async def _read(self) -> bytes | None:
        self._scope.deadline = math.inf  # a slow disk is not the server's silence
        try:
            return await anext(self._stream, None)
        except Exception as error:
            self.error = error
            return None
        finally:
            self._scope.deadline = anyio.current_time() + SILENCE

    async def aclose(self) -> None:
        """Wait until nothing is read any more: the next attempt may read the same file."""
        if self._reading is not None:
            with anyio.CancelScope(shield=True):
                await asyncio.wait([self._reading])


async def _pieces(body: bytes) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(body), _PIECE):
        yield body[start : start + _PIECE]


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    """With names in lower case; what is there several times is joined."""
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        name = name.lower()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


@cache
def _certificates() -> SSLContext:
    """The authorities that httpx trusts, so that a host that one transport knows is known to the other."""
    import httpx

    return httpx.create_ssl_context()


def proxy_of_environment(scheme: str, place: str) -> str | None:
    """The proxy for a scheme and a host, as httpx would find it.

    aiohttp's own `trust_env` asks a worker thread for each request, and sends passwords of `~/.netrc` along.

    Raises:
        ArgumentError: It is none that aiohttp can use.
    """
    proxy = environment_proxy(scheme, place.rpartition("@")[2])
    if proxy is not None and not proxy.startswith(("http://", "https://")):
        raise ArgumentError(f"transport: the environment's proxy speaks {proxy.partition(':')[0]}; aiohttp needs HTTP")
    return proxy


def _beginning(url: str) -> int:
    """How much of an address is its scheme and its host."""
    return url.index("/", len("https://"))


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


_MEANINGS: tuple[tuple[type[Exception], TransportErrorKind, bool], ...] = (
    (aiohttp.ConnectionTimeoutError, "timeout", False),
    (aiohttp.ServerTimeoutError, "timeout", True),
    (aiohttp.ClientConnectorError, "connect", False),
    (aiohttp.ClientHttpProxyError, "connect", False),
    (aiohttp.ServerDisconnectedError, "protocol", True),
    (aiohttp.ClientConnectionResetError, "write", True),
    (aiohttp.ClientConnectionError, "read", True),
)


def _translate(error: Exception, host: str) -> TransportError:
    # Only the class is told: the text of a lower layer is not ours to vouch for.
    text = f"no answer from {host}: {type(error).__name__}"
    for known, kind, maybe_executed in _MEANINGS:
        if isinstance(error, known):
            return TransportError(text, kind=kind, maybe_executed=maybe_executed)
    return TransportError(text, kind="protocol", maybe_executed=True)
