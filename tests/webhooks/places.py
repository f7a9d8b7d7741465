"""Places where inboxes keep events, whose time is the test's."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from redis.asyncio import Redis

from tiktok_shop_async import Clock
from tiktok_shop_async.webhooks import Arrival, Inbox, RedisInbox, SQLiteInbox
from tiktok_shop_async.webhooks.inbox import Body

if TYPE_CHECKING:
    from pathlib import Path

    from tiktok_shop_async.tokens import Encryption

ORDER = 1


class Place(Protocol):
    """Keeps events and a list of effects. Every `open` is another process's view of the same."""

    def open(self, encryption: Encryption | None = None) -> Inbox:
        """An inbox here."""
        ...

    async def pass_time(self, seconds: float) -> None:
        """Let time go by for what is kept here."""
        ...

    def effect(self, text: str) -> Any:
        """Work for `complete`: writes the text down."""
        ...

    async def effects(self) -> list[str]:
        """What effects have written, sorted."""
        ...

    async def content(self) -> bytes:
        """All that is kept of events, as it lies there."""
        ...

    async def aclose(self) -> None:
        """Close what was opened."""
        ...


class SQLitePlace:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = 1_700_000_000.0
        self._opened: list[SQLiteInbox] = []
        with closing(sqlite3.connect(path)) as file:
            file.execute("CREATE TABLE effects (text TEXT)")

    def open(self, encryption: Encryption | None = None) -> SQLiteInbox:
        self._opened.append(SQLiteInbox(self.path, encryption=encryption, clock=Clock(now=lambda: self.now)))
        return self._opened[-1]

    async def pass_time(self, seconds: float) -> None:
        self.now += seconds

    def effect(self, text: str) -> Any:
        def work(file: sqlite3.Connection) -> None:
            file.execute("INSERT INTO effects VALUES (?)", (text,))

        return work

    async def effects(self) -> list[str]:
        with closing(sqlite3.connect(self.path)) as file:
            return [text for (text,) in file.execute("SELECT text FROM effects ORDER BY text")]

    async def content(self) -> bytes:
        with closing(sqlite3.connect(self.path)) as file:
            return "\n".join(file.iterdump()).encode() + b"".join(
                row[0] for row in file.execute("SELECT body FROM tiktok_shop_inbox")
            )

    async def aclose(self) -> None:
        for each in self._opened:
            await each.aclose()


class RedisPlace:
    def __init__(self, url: str) -> None:
        self.prefix = uuid4().hex
        self.redis: Any = Redis.from_url(url)

    def open(self, encryption: Encryption | None = None) -> RedisInbox:
        return RedisInbox(self.redis, prefix=self.prefix, encryption=encryption)

    async def pass_time(self, seconds: float) -> None:
        """The server's clock cannot be moved, so what it has written down moves the other way."""
        for name in ("waiting", "running", "done", "dead", "handled"):
            for member in await self.redis.zrange(f"{{{self.prefix}}}:{name}", 0, -1):
                await self.redis.zincrby(f"{{{self.prefix}}}:{name}", -seconds, member)
        async for key in self.redis.scan_iter(f"{{{self.prefix}}}:event:*"):
            await self.redis.hincrbyfloat(key, "due", -seconds)

    def effect(self, text: str) -> Any:
        def work(pipeline: Any) -> None:
            pipeline.rpush(f"{self.prefix}:effects", text)

        return work

    async def effects(self) -> list[str]:
        return sorted(each.decode() for each in await self.redis.lrange(f"{self.prefix}:effects", 0, -1))

    async def content(self) -> bytes:
        found = b""
        async for key in self.redis.scan_iter(f"{{{self.prefix}}}:event:*"):
            found += key + b"".join((await self.redis.hgetall(key)).values())
        return found

    async def aclose(self) -> None:
        await self.redis.aclose()


def arrival(key: str, object_: str = "", update_time: int | None = None, **more: Any) -> Arrival:
    """An event, about nothing unless it is said."""
    more.setdefault("body", Body(f'{{"type":1,"tts_notification_id":"{key}"}}'.encode()))
    more.setdefault("type", ORDER)
    return Arrival(key=key, object=object_, update_time=update_time, **more)


async def handle_all(inbox: Inbox) -> list[str]:
    """Handle what is due, one after the other; their keys in order, `*` behind those that are stale."""
    order: list[str] = []
    while claims := await inbox.claim(1, 10):
        order.append(claims[0].key + "*" * claims[0].stale)
        assert await inbox.complete(claims[0])
    return order
