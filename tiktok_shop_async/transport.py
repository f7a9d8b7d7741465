"""The seam to the network: one method, and the implementation of it over httpx."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tiktok_shop_async.loops import PerLoop

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Mapping

    import httpx

    from tiktok_shop_async.connections import Connections
    from tiktok_shop_async.exchange import Client

__all__ = ["CONNECTING", "SILENCE", "HttpxTransport", "RawAnswer", "Transport"]

# What hangs is given up early enough for a call's own time to allow three more attempts.
CONNECTING = 10.0
"""Seconds for a connection."""
SILENCE = 20.0
"""Seconds for which a server may take nothing of a request, and send nothing of an answer."""


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


class HttpxTransport:
    """Sends over httpx: HTTP/1.1, one pool for each event loop, the environment's proxies.

    Args:
        client: A client of one's own, for its proxies, certificates, mocks or instrumentation. Its headers are sent
            along, its timeouts hold for each request, its redirects are not followed; it is not closed here.
        connections: How many to open at most, where there is no such client; further requests wait for one.
    """

    def __init__(self, client: httpx.AsyncClient | None = None, *, connections: int = 100) -> None:
        self._client = None if client is None else _over(client)
        self._pools = PerLoop(lambda: _open(connections))

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterable[bytes]
    ) -> RawAnswer:
        """Exchange one request for its answer; see `Transport.send`."""
        carrier = self._client or self._pools.get()
        return RawAnswer(*await carrier.send(method, url, headers, body))

    async def aclose(self) -> None:
        """Close the connections of this event loop; a client that was handed over stays as it is."""
        pool = self._pools.pop()
        if pool is not None:
            await pool.aclose()


def _open(number: int) -> Connections:
    from tiktok_shop_async.connections import Connections  # loads httpx, which takes 60 ms, where requests are sent

    return Connections(number, connecting=CONNECTING, silence=SILENCE)


def _over(client: httpx.AsyncClient) -> Client:
    from tiktok_shop_async.exchange import Client  # over httpx, which is loaded where there is a client of it

    logging.getLogger("httpx").addFilter(_mask_url)
    return Client(client)


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
