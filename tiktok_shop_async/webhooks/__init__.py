"""What the API tells of its own accord: received, checked, and read into typed events.

    app_key = verify(raw_body, authorization, {app_key: app_secret})
    event = parse(raw_body)

Or all of it: `Webhooks` receives, keeps and handles.

Everything public is here, and loaded when it is first used; the events are in `tiktok_shop_async.events`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktok_shop_async.event import EventObject, body_of, key_of, object_of
    from tiktok_shop_async.webhooks.inbox import Arrival, Claim, Counts, DeadLetter, Inbox
    from tiktok_shop_async.webhooks.inbox_redis import RedisInbox
    from tiktok_shop_async.webhooks.inbox_sqlite import SQLiteInbox
    from tiktok_shop_async.webhooks.parsing import parse
    from tiktok_shop_async.webhooks.receiver import Receiver
    from tiktok_shop_async.webhooks.reconcile import fetch, replay_missing
    from tiktok_shop_async.webhooks.signature import sign, verify
    from tiktok_shop_async.webhooks.webhooks import Webhooks
    from tiktok_shop_async.webhooks.worker import Delivery, Retries

# Where the names live.
_HOMES = {
    "Arrival": "tiktok_shop_async.webhooks.inbox",
    "Claim": "tiktok_shop_async.webhooks.inbox",
    "Counts": "tiktok_shop_async.webhooks.inbox",
    "DeadLetter": "tiktok_shop_async.webhooks.inbox",
    "Delivery": "tiktok_shop_async.webhooks.worker",
    "EventObject": "tiktok_shop_async.event",
    "Inbox": "tiktok_shop_async.webhooks.inbox",
    "Receiver": "tiktok_shop_async.webhooks.receiver",
    "RedisInbox": "tiktok_shop_async.webhooks.inbox_redis",
    "Retries": "tiktok_shop_async.webhooks.worker",
    "SQLiteInbox": "tiktok_shop_async.webhooks.inbox_sqlite",
    "Webhooks": "tiktok_shop_async.webhooks.webhooks",
    "body_of": "tiktok_shop_async.event",
    "fetch": "tiktok_shop_async.webhooks.reconcile",
    "replay_missing": "tiktok_shop_async.webhooks.reconcile",
    "key_of": "tiktok_shop_async.event",
    "object_of": "tiktok_shop_async.event",
    "parse": "tiktok_shop_async.webhooks.parsing",
    "sign": "tiktok_shop_async.webhooks.signature",
    "verify": "tiktok_shop_async.webhooks.signature",
}

__all__ = [
    "Arrival",
    "Claim",
    "Counts",
    "DeadLetter",
    "Delivery",
    "EventObject",
    "Inbox",
    "Receiver",
    "RedisInbox",
    "Retries",
    "SQLiteInbox",
    "Webhooks",
    "body_of",
    "fetch",
    "key_of",
    "object_of",
    "parse",
    "replay_missing",
    "sign",
    "verify",
]


if not TYPE_CHECKING:  # a checker that sees this takes every misspelt name for an object

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
