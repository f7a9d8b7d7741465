"""A thousand shops of one client: whether calls spread over them are as fast as calls for one, and what a shop takes.

Over loopback and aiohttp, under a limiter that counts for each shop and stops none. What a shop takes is what Python
holds more after its view was made and called once, the limiter's count included.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import tracemalloc
from itertools import cycle
from typing import TYPE_CHECKING

from benchmarks.call import Nothing
from benchmarks.clients.ways import APP_KEY, APP_SECRET, CIPHER, SMALL, TOKEN
from benchmarks.points import Point, show
from benchmarks.throughput import a_second, answering
from tiktok_shop_async import MemoryLimiter, ShopView, TikTokShop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SHOPS = 1_000
CALLS = 4_000
ROUNDS = 7
RATE = 1e9


def views(client: TikTokShop, shops: int) -> list[ShopView]:
    return [
        client.with_shop(access_token=f"ROW_token-{each:020}", shop_cipher=f"ROW_cipher-{each:020}")
        for each in range(shops)
    ]


def spread(shops: list[ShopView]) -> Callable[[], Awaitable[object]]:
    """A call for the next of the shops."""
    turns = cycle(shops)

    async def call() -> object:
        return await next(turns).logistics.get_warehouse_list()

    return call


async def ratio(base_url: str, shops: int, calls: int, rounds: int) -> tuple[float, float]:
    """Calls a second over all shops, and for one."""
    async with TikTokShop(
        APP_KEY, APP_SECRET, base_url=base_url, limiter=MemoryLimiter(RATE), transport="aiohttp"
    ) as client:
        all_of_them = views(client, shops)
        many, one = spread(all_of_them), spread(all_of_them[:1])
        found = [(await a_second(many, calls, 50), await a_second(one, calls, 50)) for _ in range(rounds + 1)][1:]
    return statistics.median(each for each, _ in found), statistics.median(each for _, each in found)


async def kilobytes(shops: int) -> float:
    """What a shop takes."""
    async with TikTokShop(APP_KEY, APP_SECRET, limiter=MemoryLimiter(RATE), transport=Nothing()) as client:
        await client.with_shop(access_token=TOKEN, shop_cipher=CIPHER).logistics.get_warehouse_list()
        gc.collect()
        tracemalloc.start()
        kept = views(client, shops)
        for each in kept:
            await each.logistics.get_warehouse_list()
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
    return held / len(kept) / 1000


def main(shops: int = SHOPS, calls: int = CALLS, rounds: int = ROUNDS) -> list[Point]:
    with answering(SMALL) as base_url:
        many, one = asyncio.run(ratio(base_url, shops, calls, rounds))
    return show(
        f"{shops:,} shops of one client",
        [
            Point(
                "calls spread over 1,000 shops; bare: for one shop", "a second", many, None, one, "at least 0.9 bare"
            ),
            Point("memory of a shop", "kB", asyncio.run(kilobytes(shops)), bound="under 5"),
        ],
    )


if __name__ == "__main__":
    main()
