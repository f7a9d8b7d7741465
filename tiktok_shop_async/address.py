"""Requests of httpx with addresses that it takes as they are, and that do not show in full."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Mapping

__all__ = ["Address", "Request", "read_address"]

_FINAL = re.compile(r"(?!.*/\.)/[\w!$%&'()*+,\-./:;=@~]*(?:\?[\w!$%&'()*+,\-./:;=@~?]*)?", re.ASCII)
"""Paths and queries that httpx would leave as they are: nothing to encode, no `.` or `..` to resolve, no fragment."""
_ORIGIN = re.compile(r"https?://[^/?#]+")
_LONGEST = 65_536
"""As long as httpx lets an address be."""
_NOWHERE = httpx.URL()


def read_address(url: str) -> httpx.URL:
    """The address that a text is.

    httpx looks at every letter of an address, several times over, which takes longer than all else that it does to
    prepare a request. Those of the API were put together and encoded here, and their beginning is always the same.
    """
    end = url.find("/", len("https://"))
    if _FINAL.fullmatch(url, end) and len(url) <= _LONGEST:
        origin = _origin(url[:end])
        if origin is not None:
            return Address(origin, url[end:])
    return httpx.URL(url)


@lru_cache(maxsize=32)
def _origin(text: str) -> httpx.URL | None:
    return httpx.URL(text) if _ORIGIN.fullmatch(text) else None


class Address(httpx.URL):
    """An address of which httpx has read the beginning only. It reads the rest when someone asks for a part of it.

    Args:
        origin: The beginning: scheme, host and port.
        target: What follows, final.
    """

    def __init__(self, origin: httpx.URL, target: str) -> None:
        # Without the constructor of httpx, which reads the whole. These names are mangled, so httpx has none like them.
        self.__origin = origin
        self.__target = target

    def __getattr__(self, name: str) -> Any:
        # Asked only for what is not there: whatever it is called that httpx keeps of an address once it has read it.
        super().__init__(str(self))
        return object.__getattribute__(self, name)

    @property
    def scheme(self) -> str:
        return self.__origin.scheme

    @property
    def raw_scheme(self) -> bytes:
        return self.__origin.raw_scheme

    @property
    def userinfo(self) -> bytes:
        return self.__origin.userinfo

    @property
    def username(self) -> str:
        return self.__origin.username

    @property
    def password(self) -> str:
        return self.__origin.password

    @property
    def host(self) -> str:
        return self.__origin.host

    @property
    def raw_host(self) -> bytes:
        return self.__origin.raw_host

    @property
    def port(self) -> int | None:
        return self.__origin.port

    @property
    def netloc(self) -> bytes:
        return self.__origin.netloc

    @property
    def raw_path(self) -> bytes:
        return self.__target.encode("ascii")

    def __str__(self) -> str:
        return f"{self.__origin}{self.__target}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({_shown(self)!r})"

    def __reduce__(self) -> tuple[type[httpx.URL], tuple[str]]:
        """Pickled and copied as httpx's own."""
        return httpx.URL, (str(self),)


class Request(httpx.Request):
    """A request of httpx that takes headers and address as they are, and whose repr does not show the query.

    Args:
        method: In capitals.
        address: Becomes `url` as it is. httpx makes another one out of what it is given, for which it has to read it.
        headers: As they are sent. What belongs to the body, and the host, is added where it is not among them.
        body: The very bytes, or a stream of them.
        extensions: Those of httpx.
    """

    def __init__(
        self,
        method: str,
        address: httpx.URL,
        headers: Mapping[bytes, bytes],
        body: bytes | AsyncIterable[bytes],
        extensions: Mapping[str, Any] | None = None,
    ) -> None:
        if b"host" not in headers:
            headers = {b"Host": address.netloc, **headers}
        if not isinstance(body, bytes):
            super().__init__(method, _NOWHERE, headers=headers, content=body, extensions=extensions)
        else:
            if b"content-length" not in headers and (body or method in {"POST", "PUT", "PATCH"}):
                headers = {**headers, b"Content-Length": b"%d" % len(body)}
            # As a stream, because httpx goes through all headers several times for a `content`.
            super().__init__(method, _NOWHERE, headers=headers, stream=httpx.ByteStream(body), extensions=extensions)
            self.read()  # so that `content` can be asked for, as always where it is known
        self.url = address

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({self.method!r}, {_shown(self.url)!r})>"


def _shown(address: httpx.URL) -> str:
    """An address without what is secret in it."""
    path, asked, _ = address.raw_path.decode("ascii").partition("?")
    return f"{address.scheme}://{address.netloc.decode('ascii')}{path}{'?***' if asked else ''}"
