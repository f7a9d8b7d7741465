"""Processes with many tasks each, all of them with calls for one account.

    python -m tests.tokens.worker '{"store": "/tmp/tokens.db", "url": "http://…", "processes": 8, "tasks": 50, …}'

They are forked off one that has loaded everything, as servers with workers do it, wait for each other, and begin
together. Prints, as JSON, the outcomes of all tasks, the texts of their errors and the exit codes of the processes.

With `die`, they kill themselves at a point of the renewal: `before the request`, `before the write`, `after the write`.
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import signal
import sys
from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
from redis.asyncio import Redis

from tests.tokens.accounts import ACCOUNT
from tiktok_shop_async import HttpxTransport, TikTokShop, TikTokShopError
from tiktok_shop_async.tokens import RedisTokenStore, SQLiteTokenStore, provider

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Mapping
    from multiprocessing.queues import SimpleQueue
    from multiprocessing.synchronize import Barrier

    from tiktok_shop_async import RawAnswer
    from tiktok_shop_async.tokens import TokenStore


LOADED_ON_USE = (
    "anyio._backends._asyncio",
    "anyio._backends._trio",
    "httpx",
    "httpcore",
    "tiktok_shop_async.api.authorization",
    "tiktok_shop_async.models.authorized_shop",
)


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


def store_of(settings: dict[str, Any], stack: AsyncExitStack) -> TokenStore:
    """The store that the processes share."""
    store: TokenStore
    if settings["store"].startswith("redis://"):
        redis = Redis.from_url(settings["store"])
        stack.push_async_callback(redis.aclose)
        store = RedisTokenStore(redis, prefix=settings["prefix"])
    else:
        store = SQLiteTokenStore(settings["store"])
    return deadly(store) if settings.get("die") == "after the write" else store


async def main(settings: dict[str, Any], everyone: Barrier) -> tuple[Counter[str], set[str]]:
    """The outcomes of all tasks of one process, and the texts of their errors."""
    outcomes: Counter[str] = Counter()
    texts: set[str] = set()
    begun = 0
    async with AsyncExitStack() as stack:
        transport = DeadlyTransport(settings.get("die"))
        stack.push_async_callback(transport.pool.aclose)
        client = await stack.enter_async_context(
            TikTokShop(
                "key",
                "secret",
                base_url=settings["url"],
                auth_url=settings["url"],
                token_store=store_of(settings, stack),
                transport=transport,
            )
        )

        async def call() -> None:
            nonlocal begun
            begun += 1
            try:
                account = await client.account(ACCOUNT)
                await account.authorization.get_authorized_shops()
                outcomes["done"] += 1
            except TikTokShopError as error:
                outcomes[type(error).__name__] += 1
                texts.add(str(error))

        everyone.wait(30)
        async with anyio.create_task_group() as tasks:
            for _ in range(settings["tasks"]):
                tasks.start_soon(call)
            while begun < settings["tasks"]:
                await anyio.lowlevel.checkpoint()
            await transport.pool.send("GET", f"{settings['url']}/begun", {}, b"")
    return outcomes, texts


def run(number: int, settings: dict[str, Any], everyone: Barrier, results: SimpleQueue[Any]) -> None:
    """One of the processes: every second one is on trio, where the store can be."""
    provider.LONGEST_LEASE = settings["lease"]  # type: ignore[attr-defined]
    on_trio = number % 2 and not settings["store"].startswith("redis://")
    results.put(anyio.run(main, settings, everyone, backend="trio" if on_trio else "asyncio"))


def run_all(settings: dict[str, Any]) -> dict[str, Any]:
    """What comes of all processes."""
    for name in LOADED_ON_USE:
        importlib.import_module(name)
    forking = multiprocessing.get_context("fork")
    everyone, results = forking.Barrier(settings["processes"]), forking.SimpleQueue()
    processes = [
        forking.Process(target=run, args=(number, settings, everyone, results))
        for number in range(settings["processes"])
    ]
    for each in processes:
        each.start()
    for each in processes:
        each.join()
    outcomes: Counter[str] = Counter()
    texts: set[str] = set()
    while not results.empty():
        of_one, said = results.get()
        outcomes += of_one
        texts |= said
    return {"outcomes": outcomes, "texts": sorted(texts), "exit_codes": [each.exitcode for each in processes]}


if __name__ == "__main__":
    print(json.dumps(run_all(json.loads(sys.argv[1]))))  # noqa: T201
