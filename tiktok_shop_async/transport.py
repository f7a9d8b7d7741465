"""The seam to the network: one method, and the implementation of it over httpx."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tiktok_shop_async.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Mapping

    import httpx

    from tiktok_shop_async.errors import TransportErrorKind

__all__ = ["HttpxTransport", "RawAnswer", "Transport"]


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What came back. The names of `headers` are in lower case; `content` is decompressed."""

    status: int
    headers: Mapping[str, str]
    content: bytes


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
    """Sends over httpx: HTTP/1.1, one pool, the environment's proxies.

    Args:
        client: A client of one's own, for its proxies, certificates, mocks or instrumentation. Its headers are sent
            along, its timeouts hold for each request, its redirects are not followed; it is not closed here.
    """

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self._client = client
        self._owned = client is None
        logging.getLogger("httpx").addFilter(_mask_url)

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterable[bytes]
    ) -> RawAnswer:
        """Exchange one request for its answer; see `Transport.send`."""
        import httpx  # loads in 60 ms, and only here

        client = self._client or self._open()
        sent = {"accept-encoding": "gzip, deflate", **headers}
        if not self._owned:
            sent = {**dict(client.headers), **sent}
        # Built by hand: `client.request` would merge, encode and quote again what is final here.
        request = httpx.Request(method, url, headers=sent, content=body or None)
        try:
            response = await client.send(request, follow_redirects=False)
        except httpx.TransportError as error:
            problem = _translate(error)
        except httpx.DecodingError:
            problem = TransportError("the answer cannot be decompressed", kind="protocol", maybe_executed=True)
        else:
            return RawAnswer(response.status_code, dict(response.headers), response.content)
        # Outside of the handler, so that httpx's error, which holds the request, is no context of this one.
        raise problem

    async def aclose(self) -> None:
        """Close the connections; a client that was handed over stays as it is."""
        if self._owned and self._client is not None:
            await self._client.aclose()

    def _open(self) -> httpx.AsyncClient:
        import httpx

        self._client = httpx.AsyncClient(
            # What hangs is given up early enough for the call's own time to allow another attempt.
            timeout=httpx.Timeout(connect=10, read=30, write=30, pool=30),
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=50, keepalive_expiry=30),
        )
        return self._client


def _translate(error: httpx.TransportError) -> TransportError:
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
    text = f"no answer: {type(error).__name__}"
    for known, kind, maybe_executed in kinds:
        if isinstance(error, known):
            return TransportError(text, kind=kind, maybe_executed=maybe_executed)
    return TransportError(text, kind="protocol", maybe_executed=True)


_SECRETS = re.compile(r"(?<=[?&])((?:sign|access_token|app_secret|\w*cipher)=)[^&#\s]*")


def _mask_url(record: logging.LogRecord) -> bool:
    """Mask what identifies in the addresses that httpx logs at INFO.

    A filter on httpx's logger, because httpx has no switch for that line. Other people's requests pass unchanged: only
    an address that is signed the way of this API is touched. It stays for good, so that no line is logged too late.
    """
    if isinstance(record.args, tuple):
        record.args = tuple(_masked(each) for each in record.args)
    return True


def _masked(value: object) -> object:
    if isinstance(value, int | float):
        return value
    text = str(value)
    return _SECRETS.sub(r"\1***", text) if "app_key=" in text and "sign=" in text else value
