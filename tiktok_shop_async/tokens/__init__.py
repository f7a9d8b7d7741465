"""Tokens: how they are obtained, where they are kept, and who renews them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktok_shop_async.tokens.encryption import Encryption
    from tiktok_shop_async.tokens.oauth import AuthorizationURL, Callback, read_callback
    from tiktok_shop_async.tokens.redis import RedisTokenStore
    from tiktok_shop_async.tokens.sqlite import SQLiteTokenStore
    from tiktok_shop_async.tokens.store import Lease, MemoryTokenStore, Refusal, StoredTokens, TokenStore
    from tiktok_shop_async.tokens.tokens import Tokens

__all__ = [
    "AuthorizationURL",
    "Callback",
    "Encryption",
    "Lease",
    "MemoryTokenStore",
    "RedisTokenStore",
    "Refusal",
    "SQLiteTokenStore",
    "StoredTokens",
    "TokenStore",
    "Tokens",
    "read_callback",
]

_HOMES = {
    "AuthorizationURL": "oauth",
    "Callback": "oauth",
    "Encryption": "encryption",
    "Lease": "store",
    "MemoryTokenStore": "store",
    "RedisTokenStore": "redis",
    "Refusal": "store",
    "SQLiteTokenStore": "sqlite",
    "StoredTokens": "store",
    "TokenStore": "store",
    "Tokens": "tokens",
    "read_callback": "oauth",
}


if not TYPE_CHECKING:  # a checker that sees this takes every misspelt name for an object

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
