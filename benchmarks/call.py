"""The processor's time for a call over httpx that is answered from memory: one small answer, and a page of 100 orders.

Beside code written by hand for the one call, over the same transport of httpx, and beside tiktok-shop-api. They take
turns, so that a machine that slows down does so for all of them. The small call a second time over a client of httpx
that is handed over, beside code by hand with such a client. And alone, over a transport that does nothing at all: what
this package adds to whatever carries its requests.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import TYPE_CHECKING

from benchmarks.clients.ways import SMALL, in_memory, ours
from benchmarks.decode_page import page_with
from benchmarks.points import Point, among_alternatives, show
from tiktok_shop_async import RawAnswer

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable, Callable, Mapping

ROUNDS = 25


class Nothing:
    """A transport that gives its answer at once."""

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterable[bytes]
    ) -> RawAnswer:
        return RawAnswer(200, {}, SMALL)


async def microseconds(
    calls: Mapping[str, Callable[[], Awaitable[object]]], rounds: int, number: int
) -> dict[str, float]:
    """The median of the processor's time for one call; the first round warms up."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds + 1):
        for name, call in calls.items():
            started = time.process_time()
            for _ in range(number):
                await call()
            taken[name].append((time.process_time() - started) / number * 1e6)
    return {name: statistics.median(each[1:]) for name, each in taken.items()}


async def _measure(rounds: int, *, competitor: bool) -> list[Point]:
    async with in_memory(SMALL, competitor=competitor) as ways, ours("http://shop.example", transport=Nothing()) as own:
        calls = {name: each.small for name, each in ways.items()} | {"alone": own.small}
        small = await microseconds(calls, rounds, 300)
    async with in_memory(page_with(slice(0)), competitor=competitor) as ways:
        page = await microseconds({name: each.page for name, each in ways.items()}, rounds, 3)
    return [
        Point(
            "a call with a small answer, in memory",
            "µs",
            small["ours"],
            small.get("competitor"),
            small["bare"],
            "at most 1.3 bare, under 0.5 competitor",
        ),
        Point("of it, all but the transport", "µs", small["alone"]),
        Point(
            "the small call with `http_client=`; bare: with a client, too",
            "µs",
            small["ours with a client"],
            small.get("competitor"),
            small["bare with a client"],
            "at most 1.3 bare",
        ),
        Point(
            "a call with a page of 100 orders, in memory",
            "µs",
            page["ours"],
            page.get("competitor"),
            page["bare"],
            "at most 0.17 competitor",
        ),
    ]


def measure(rounds: int = ROUNDS, *, competitor: bool) -> list[Point]:
    """The points of this benchmark."""
    return asyncio.run(_measure(rounds, competitor=competitor))


def main() -> list[Point]:
    return show("the processor's time for a call", among_alternatives("call"))


if __name__ == "__main__":
    main()
