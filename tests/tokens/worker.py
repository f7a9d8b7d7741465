"""A process of its own with many tasks, all of them with calls for one account. Prints the outcomes as JSON.

    python -m tests.tokens.worker '{"store": "/tmp/tokens.db", "url": "http://…", "tasks": 50, …}'

With `die`, it kills itself at a point of the renewal: `before the request`, `before the write`, `after the write`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import anyio

from tests.tokens.accounts import ACCOUNT
from tiktok_shop_async import HttpxTransport, TikTokShop, TikTokShopError
from tiktok_shop_async.tokens import RedisTokenStore, SQLiteTokenStore, provider

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Mapping

    from tiktok_shop_async import RawAnswer
    from tiktok_shop_async.tokens import TokenStore


def die() -> None:
    """End without a chance to put anything in order."""
    os.kill(os.getpid(), signal.SIGKILL)


class DeadlyTransport:
    """A transport that kills the process around a refresh."""

    def __init__(self, moment: str | None) -> None:
        self._moment = moment
        self.pool = HttpxTransport()

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterable[bytes]
    ) -> RawAnswer:
        refreshing = "/api/v2/token/refresh" in url
        if refreshing and self._moment == "before the request":
            die()
        answer = await self.pool.send(method, url, headers, body)
        if refreshing and self._moment == "before the write":
            die()
        return answer


def deadly(store: TokenStore) -> TokenStore:
    """A store that kills the process as soon as new tokens are written."""
    put = store.put

    async def put_and_die(*args: Any) -> int | None:
        await put(*args)
        die()
        return None

    store.put = put_and_die  # type: ignore[method-assign, assignment]
    return store


async def main(settings: dict[str, Any]) -> None:
    moment: str | None = settings.get("die")
    provider.LONGEST_LEASE = settings["lease"]  # type: ignore[attr-defined]
    outcomes: Counter[str] = Counter()
    async with AsyncExitStack() as stack:
        store: TokenStore
        if settings["store"].startswith("redis://"):
            from redis.asyncio import Redis

            redis = await stack.enter_async_context(Redis.from_url(settings["store"]))
            store = RedisTokenStore(redis, prefix=settings["prefix"])
        else:
            store = SQLiteTokenStore(settings["store"])
        transport = DeadlyTransport(moment)
        stack.push_async_callback(transport.pool.aclose)
        client = await stack.enter_async_context(
            TikTokShop(
                "key",
                "secret",
                base_url=settings["url"],
                auth_url=settings["url"],
                token_store=deadly(store) if moment == "after the write" else store,
                transport=transport,
            )
        )

        async def call() -> None:
            try:
                account = await client.account(ACCOUNT)
                await account.authorization.get_authorized_shops()
                outcomes["done"] += 1
            except TikTokShopError as error:
                outcomes[type(error).__name__] += 1

        async with anyio.create_task_group() as tasks:
            for _ in range(settings["tasks"]):
                tasks.start_soon(call)
    print(json.dumps(outcomes))  # noqa: T201


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    anyio.run(main, given, backend=given.get("backend", "asyncio"))
