"""The seam to the network: one method, and the implementation of it over httpx."""

from __future__ import annotations

import logging
import re
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import anyio

from tiktok_shop_async.errors import TransportError
from tiktok_shop_async.loops import PerLoop

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Mapping

    import httpx

    from tiktok_shop_async.errors import TransportErrorKind

__all__ = ["CONNECTING", "SILENCE", "HttpxTransport", "RawAnswer", "Transport"]

# What hangs is given up early enough for a call's own time to allow three more attempts.
CONNECTING = 10.0
"""Seconds for a connection."""
SILENCE = 20.0
"""Seconds for which a server may take nothing of a request, and send nothing of an answer."""
_KEPT = 30.0
"""Seconds for which a connection is kept that nobody uses."""


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What came back. The names of `headers` are in lower case; `content` is decompressed."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


class Transport(Protocol):
    """Sends one request and reads its answer to the end. Whoever makes a transport closes it."""

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterable[bytes]
    ) -> RawAnswer:
        """Exchange one request for its answer.

        Args:
            method: In capitals.
            url: Absolute, percent-encoded and signed: send it as it is, and keep it out of logs and errors.
            headers: Names in lower case. `content-length` is there for a stream whose length is known.
            body: The very bytes to send, or a stream of them; empty for none.

        Raises:
            TransportError: No complete answer. `maybe_executed` must be true unless the server cannot have acted.
        """
        ...


class _Pool:
    """The connections of one event loop, each in a client of httpx of its own.

    A pool of httpx's looks at all its connections whenever a request begins or ends, and asks the system about each
    that is idle: with many in flight, a request takes many times as long. So no pool has more than one connection, and
    which is free is known here. Nor can a request that is cancelled while it waits inside a pool take its place along
    for good (httpcore issue 1093): none waits there.
    """

    def __init__(self, connections: int) -> None:
        import httpx  # loads in 60 ms, and only where requests are sent

        self.places = anyio.Semaphore(connections, fast_acquire=True)
        self.closed = False
        self._certificates = httpx.create_ssl_context()
        self._clients: set[httpx.AsyncClient] = set()
        self._idle: deque[tuple[float, httpx.AsyncClient]] = deque()
        """Since when, the one that was used last at the end."""

    def take(self) -> httpx.AsyncClient:
        """A client that nobody else uses; the one that was used last, if there is one."""
        import httpx

        if self._idle:
            return self._idle.pop()[1]
        client = httpx.AsyncClient(
            verify=self._certificates,
            timeout=httpx.Timeout(connect=CONNECTING, read=SILENCE, write=SILENCE, pool=None),
            limits=httpx.Limits(max_connections=1, keepalive_expiry=_KEPT),
        )
        self._clients.add(client)
        return client

    def give_back(self, client: httpx.AsyncClient) -> httpx.AsyncClient | None:
        """Free a client. Answers one that was idle for too long, to be closed."""
        now = anyio.current_time()
        self._idle.append((now, client))
        if now - self._idle[0][0] < _KEPT:
            return None
        _, stale = self._idle.popleft()
        self._clients.discard(stale)
        return stale

    async def aclose(self) -> None:
        self.closed = True
        for each in list(self._clients):
            await each.aclose()


class HttpxTransport:
    """Sends over httpx: HTTP/1.1, one pool for each event loop, the environment's proxies.

    Args:
        client: A client of one's own, for its proxies, certificates, mocks or instrumentation. Its headers are sent
            along, its timeouts hold for each request, its redirects are not followed; it is not closed here.
        connections: How many to open at most, where there is no such client; further requests wait for one.
    """

    def __init__(self, client: httpx.AsyncClient | None = None, *, connections: int = 100) -> None:
        self._client = client
        self._pools = PerLoop(lambda: _Pool(connections))
        logging.getLogger("httpx").addFilter(_mask_url)

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterable[bytes]
    ) -> RawAnswer:
        """Exchange one request for its answer; see `Transport.send`."""
        if self._client is not None:
            return await _exchange(self._client, method, url, {**dict(self._client.headers.items()), **headers}, body)
        pool = self._pools.get()
        async with pool.places:
            if pool.closed:  # while this request was waiting
                raise TransportError("not sent: the connections were closed", kind="connect")
            client = pool.take()
            try:
                return await _exchange(client, method, url, headers, body)
            finally:
                stale = pool.give_back(client)
                if stale is not None:
                    with anyio.CancelScope(shield=True):
                        await stale.aclose()

    async def aclose(self) -> None:
        """Close the connections of this event loop; a client that was handed over stays as it is."""
        pool = self._pools.pop()
        if pool is not None:
            await pool.aclose()


async def _exchange(
    client: httpx.AsyncClient, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterable[bytes]
) -> RawAnswer:
    import httpx

    headers = {**headers, "accept-encoding": "gzip, deflate"}
    try:
        response = await client.send(
            # Built by hand: `client.request` would merge, encode and quote again what is final here. It has no name of
            # its own, under which a traceback with variables would show its address.
            httpx.Request(method, url, headers=headers, content=body or None),
            follow_redirects=False,
        )
    except httpx.TransportError as error:
        problem = _translate(error, urlsplit(url).netloc.rpartition("@")[2])
    except httpx.DecodingError:
        problem = TransportError("the answer cannot be decompressed", kind="protocol", maybe_executed=True)
    else:
        # It and its stream know each other, so that the body would stay in memory until the garbage collector comes by.
        response.stream = httpx.ByteStream(b"")
        # `items`, because the headers look each name up in all of them otherwise.
        return RawAnswer(response.status_code, dict(response.headers.items()), response.content)
    # Outside of the handler, so that httpx's error, which holds the request, is no context of this one.
    raise problem


def _translate(error: httpx.TransportError, host: str) -> TransportError:
    import httpx

    kinds: tuple[tuple[type[httpx.TransportError], TransportErrorKind, bool], ...] = (
        (httpx.ConnectTimeout, "timeout", False),
        (httpx.PoolTimeout, "timeout", False),
        (httpx.TimeoutException, "timeout", True),
        (httpx.ConnectError, "connect", False),
        (httpx.ProxyError, "connect", False),
        (httpx.UnsupportedProtocol, "connect", False),
        (httpx.LocalProtocolError, "protocol", False),
        (httpx.RemoteProtocolError, "protocol", True),
        (httpx.WriteError, "write", True),
        (httpx.NetworkError, "read", True),
    )
    # Only the class is told: the text of a lower layer is not ours to vouch for.
    text = f"no answer from {host}: {type(error).__name__}"
    for known, kind, maybe_executed in kinds:
        if isinstance(error, known):
            return TransportError(text, kind=kind, maybe_executed=maybe_executed)
    return TransportError(text, kind="protocol", maybe_executed=True)


# All but what is known to identify nothing: the next parameter of the API may be anything.
_OPEN = "app_key|category_version|grant_type|locale|page_number|page_size|sort_field|sort_order|timestamp|version"
_IDENTIFYING = re.compile(rf"(?<=[?&])((?!(?:{_OPEN})=)[^=&#\s]+=)[^&#\s]*")


def _mask_url(record: logging.LogRecord) -> bool:
    """Mask what is secret or identifies someone in the addresses that httpx logs at INFO.

    A filter on httpx's logger, because httpx has no switch for that line. Other people's requests pass unchanged: only
    an address of this API, signed or asking for tokens, is touched. It stays for good, so that no line comes too late.
    """
    if isinstance(record.args, tuple):
        record.args = tuple(_masked(each) for each in record.args)
    return True


def _masked(value: object) -> object:
    if isinstance(value, int | float):
        return value
    text = str(value)
    ours = "app_key=" in text and ("sign=" in text or "app_secret=" in text)
    return _IDENTIFYING.sub(r"\1***", text) if ours else value
