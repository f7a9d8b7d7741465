"""What a client is told about where the API is and how to call it, in arguments or in environment variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict
from urllib.parse import urlsplit

from tiktok_shop_async.errors import ArgumentError
from tiktok_shop_async.secret import hide

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx

    from tiktok_shop_async.limits import Limiter
    from tiktok_shop_async.observation import Observer
    from tiktok_shop_async.retry import Clock
    from tiktok_shop_async.tokens.store import TokenStore
    from tiktok_shop_async.transport import Transport

__all__ = ["AUTH_URL", "BASE_URL", "Settings", "address", "variables"]

BASE_URL = "https://open-api.tiktokglobalshop.com"
"""The API, for every market."""

AUTH_URL = "https://auth.tiktok-shops.com"
"""Where access tokens are given out and renewed."""


class Settings(TypedDict, total=False):
    """What `TikTokShop.from_env` takes beside the environment; see `TikTokShop`."""

    timeout: float
    max_retries: int
    token_store: TokenStore | None
    refresh_margin: float
    limiter: Limiter | None
    max_in_flight: int
    observers: Sequence[Observer]
    transport: Transport | Literal["aiohttp"] | None
    http_client: httpx.AsyncClient | None
    clock: Clock | None


_OPEN = ("APP_KEY", "BASE_URL", "AUTH_URL")
_VARIABLES = (*_OPEN, "APP_SECRET", "ACCESS_TOKEN", "REFRESH_TOKEN", "SHOP_CIPHER")


def variables(environ: Mapping[str, str]) -> dict[str, str | None]:
    """The variables for a client; None for what is not set, or empty."""
    values = {name: environ.get(f"TIKTOK_SHOP_{name}") or None for name in _VARIABLES}
    return {name: value if name in _OPEN else hide(value) for name, value in values.items()}


def address(name: str, url: str) -> str:
    """The address of a host, without a slash at its end; a path in front of the endpoints' is left unsigned."""
    if not _is_address(url):
        # Not shown: what was given may hold a password.
        raise ArgumentError(f"{name}: give the address of a host, such as {BASE_URL}, without user, query or fragment")
    return url.rstrip("/")


def _is_address(url: str) -> bool:
    if not url.isascii() or any(each in url for each in " ?#@\\\r\n\t"):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
