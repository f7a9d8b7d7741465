"""One request over httpx, and what becomes of it: an answer as plain data, or an error of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import httpx

from tiktok_shop_async.address import Request, read_address
from tiktok_shop_async.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable, Mapping, Sequence
    from typing import Any

    from tiktok_shop_async.errors import TransportErrorKind

__all__ = ["Answer", "Client", "exchange", "prepare"]

Answer: TypeAlias = tuple[int, dict[str, str], bytes]
"""The status, the headers with names in lower case, and the content, decompressed."""

_CODINGS = {b"accept-encoding": b"gzip, deflate"}


class Client:
    """Sends over a client of httpx that somebody else made.

    Args:
        client: Its headers are sent along.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._known: list[tuple[bytes, bytes]] = []
        self._headers: dict[bytes, bytes] = {}

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterable[bytes]
    ) -> Answer:
        """Exchange one request for its answer; see `Transport.send`."""
        request = prepare(method, url, headers, body, self._own_headers())
        return await exchange(self._client.send(request, follow_redirects=False), request)

    def _own_headers(self) -> dict[bytes, bytes]:
        """Those of the client, put together anew when they have changed."""
        known = self._client.headers.raw
        if known != self._known:
            self._headers = _encoded(self._client.headers)
            self._known = known
        return self._headers


def prepare(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | AsyncIterable[bytes],
    more_headers: Mapping[bytes, bytes] | None = None,
    extensions: Mapping[str, Any] | None = None,
) -> Request:
    """A request as httpx takes it."""
    return Request(
        method, read_address(url), {**(more_headers or {}), **_encoded(headers), **_CODINGS}, body, extensions
    )


async def exchange(sending: Awaitable[httpx.Response], request: httpx.Request) -> Answer:
    """Wait for the answer to a request, which is read to its end by whoever sends it."""
    try:
        response = await sending
    except httpx.TransportError as error:
        problem = _translate(error, request.url.netloc.decode("ascii"))
    except httpx.DecodingError:
        problem = TransportError("the answer cannot be decompressed", kind="protocol", maybe_executed=True)
    else:
        # With a client, it and its stream know each other: the content would stay until the garbage collector comes by.
        response.stream = httpx.ByteStream(b"")
        return response.status_code, _decoded(response.headers.raw), response.content
    # Outside of the handler, so that httpx's error, which holds the request, is no context of this one.
    raise problem


def _encoded(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    return {name.encode("ascii"): value.encode("ascii") for name, value in headers.items()}


def _decoded(headers: Sequence[tuple[bytes, bytes]], encoding: str = "utf-8") -> dict[str, str]:
    """With names in lower case; what is there several times is joined."""
    found: dict[str, str] = {}
    try:
        for raw_name, raw_value in headers:
            name, value = raw_name.lower().decode(encoding), raw_value.decode(encoding)
            found[name] = f"{found[name]}, {value}" if name in found else value
    except UnicodeDecodeError:
        return _decoded(headers, "latin-1")  # which knows all bytes
    return found


_KINDS: tuple[tuple[type[httpx.TransportError], TransportErrorKind, bool], ...] = (
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
"""What errors of httpx mean, and whether the server may have carried the request out; the first that fits holds."""


def _translate(error: httpx.TransportError, host: str) -> TransportError:
    # Only the class is told: the text of a lower layer is not ours to vouch for.
    text = f"no answer from {host}: {type(error).__name__}"
    for known, kind, maybe_executed in _KINDS:
        if isinstance(error, known):
            return TransportError(text, kind=kind, maybe_executed=maybe_executed)
    return TransportError(text, kind="protocol", maybe_executed=True)
