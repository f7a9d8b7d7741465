"""What the API tells of its own accord: received, checked, and read into typed events.

    app_key = verify(raw_body, authorization, {app_key: app_secret})
    event = parse(raw_body)

Everything public is here, and loaded when it is first used; the events are in `tiktok_shop_async.events`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktok_shop_async.event import EventObject, body_of, key_of, object_of
    from tiktok_shop_async.webhooks.parsing import parse
    from tiktok_shop_async.webhooks.signature import sign, verify

# Where the names live.
_HOMES = {
    "EventObject": "tiktok_shop_async.event",
    "body_of": "tiktok_shop_async.event",
    "key_of": "tiktok_shop_async.event",
    "object_of": "tiktok_shop_async.event",
    "parse": "tiktok_shop_async.webhooks.parsing",
    "sign": "tiktok_shop_async.webhooks.signature",
    "verify": "tiktok_shop_async.webhooks.signature",
}

__all__ = ["EventObject", "body_of", "key_of", "object_of", "parse", "sign", "verify"]


if not TYPE_CHECKING:  # a checker that sees this takes every misspelt name for an object

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
