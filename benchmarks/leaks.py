"""Whether anything is left over by calls: of fifty thousand, the memory blocks that Python holds more at the end.

Answers, refusals, failures that are tried again, pages, uploads, calls that are cancelled, and a view for each: over
httpx and aiohttp on sockets, and in memory.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import anyio
import httpx

from benchmarks.clients.ways import APP_KEY, APP_SECRET, CIPHER, SMALL, TOKEN
from benchmarks.points import Point, show
from benchmarks.throughput import answering
from tiktok_shop_async import Clock, MemoryLimiter, TikTokShop, TikTokShopError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tiktok_shop_async import ShopView

CALLS = 50_000
REFUSED = b'{"code": 36009004, "message": "no such thing", "request_id": "r"}'


def answers() -> Callable[[httpx.Request], httpx.Response]:
    """A server in memory that refuses, fails, and answers oddly by turns."""
    number = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal number
        number += 1
        match number % 8:
            case 0:
                return httpx.Response(400, content=REFUSED)
            case 1:
                return httpx.Response(502, content=b"<html>")
            case 2:
                raise httpx.ReadTimeout("slow", request=request)
            case 3:
                return httpx.Response(200, content=SMALL.replace(b'"Main"', b"17"))
            case _:
                return httpx.Response(200, content=SMALL)

    return answer


async def one_call(client: TikTokShop, number: int) -> None:
    """The next call of many kinds."""
    shop: ShopView = client.with_shop(shop_cipher=f"{CIPHER}-{number % 50}")
    with suppress(TikTokShopError):
        match number % 6:
            case 0:
                await shop.products.upload_product_image(data=b"x" * 100)
            case 1:
                await shop.orders.get_order_list(page_size=10)
            case 2:
                with anyio.move_on_after(0):
                    await shop.logistics.get_warehouse_list()
            case _:
                await shop.logistics.get_warehouse_list()


async def blocks_left(client: TikTokShop, calls: int, in_flight: int) -> int:
    """The memory blocks that so many calls leave behind, once as many have warmed everything up as are in flight."""

    async def make(number: int) -> None:
        left = iter(range(number))

        async def caller() -> None:
            for each in left:
                await one_call(client, each)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(in_flight):
                tasks.create_task(caller())

    await make(max(calls // 5, 10 * in_flight))
    before = _blocks()
    await make(calls)
    return _blocks() - before


def _blocks() -> int:
    for _ in range(3):
        gc.collect()
    return sys.getallocatedblocks()


async def _measure(base_url: str, calls: int) -> list[int]:
    limiter, found = MemoryLimiter(1e9), []
    async with httpx.AsyncClient(transport=httpx.MockTransport(answers())) as http_client:
        for settings in (
            {"http_client": http_client},
            {"base_url": base_url},
            {"base_url": base_url, "transport": "aiohttp"},
        ):
            async with TikTokShop(
                APP_KEY,
                APP_SECRET,
                access_token=TOKEN,
                limiter=limiter,
                clock=Clock.instant(),
                **settings,
            ) as client:
                found.append(await blocks_left(client, calls, 20))
    return found


def measure(calls: int = CALLS) -> list[Point]:
    """The points of this benchmark."""
    logging.getLogger("tiktok_shop_async").setLevel(logging.ERROR)  # what goes wrong here is meant to
    with answering(SMALL) as base_url:
        found = asyncio.run(_measure(base_url, calls // 3))
    names = ("in memory", "over httpx", "over aiohttp")
    return [
        Point(f"memory left by {calls // 3:,} calls {name}", "blocks a call", left / (calls // 3), bound="under 0.1")
        for name, left in zip(names, found, strict=True)
    ]


def main() -> list[Point]:
    return show(f"what {CALLS:,} calls leave behind", measure())


if __name__ == "__main__":
    main()
