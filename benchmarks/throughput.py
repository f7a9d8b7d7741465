"""Small calls a second over loopback, with 50 and with 200 in flight, against a server in a process of its own.

This package over httpx and over aiohttp, tiktok-shop-api, and aiohttp by hand, all in one process, in turns.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING

from benchmarks.clients.ways import SMALL, Ways, bare_aiohttp, ours, theirs
from benchmarks.points import Point, among_alternatives, show

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

IN_FLIGHT = (50, 200)
ROUNDS = 15
SLOW = 600
"""Calls of one measurement, over httpx."""
FAST = 3_000


@contextmanager
def answering(content: bytes) -> Iterator[str]:
    """The address of a server that gives this answer to all requests."""
    command = [sys.executable, "-m", "benchmarks.answering"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(content)
            process.stdin.close()
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


async def a_second(call: Callable[[], Awaitable[object]], number: int, in_flight: int) -> float:
    """How many calls a second are answered, so many at a time."""
    left = iter(range(number))

    async def caller() -> None:
        for _ in left:
            await call()

    started = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(in_flight):
            tasks.create_task(caller())
    return number / (time.perf_counter() - started)


async def _measure(base_url: str, in_flight: int, rounds: int, scale: float, *, competitor: bool) -> list[Point]:
    found: dict[str, list[float]] = {}
    async with AsyncExitStack() as stack:
        ways: dict[str, tuple[Ways, int]] = {
            "httpx": (await stack.enter_async_context(ours(base_url, max_in_flight=in_flight)), SLOW),
            "aiohttp": (
                await stack.enter_async_context(ours(base_url, max_in_flight=in_flight, transport="aiohttp")),
                FAST,
            ),
            "bare": (await stack.enter_async_context(bare_aiohttp(base_url)), FAST),
        }
        if competitor:
            ways["competitor"] = (await stack.enter_async_context(theirs(base_url)), SLOW)
        for _ in range(rounds + 1):
            for name, (way, number) in ways.items():
                found.setdefault(name, []).append(await a_second(way.small, int(number * scale), in_flight))
    figures = {name: statistics.median(each[1:]) for name, each in found.items()}  # the first opens the connections
    other, bare = figures.get("competitor"), figures["bare"]
    return [
        Point(
            f"small calls, {in_flight} in flight, over httpx",
            "a second",
            figures["httpx"],
            other,
            None,
            "at least 1.5 competitor",
        ),
        Point(
            f"small calls, {in_flight} in flight, over aiohttp",
            "a second",
            figures["aiohttp"],
            other,
            bare,
            "at least 8 competitor, 0.67 bare",
        ),
    ]


def measure(rounds: int = ROUNDS, scale: float = 1.0, *, competitor: bool) -> list[Point]:
    """The points of this benchmark."""
    with answering(SMALL) as base_url:
        return [
            point
            for in_flight in IN_FLIGHT
            for point in asyncio.run(_measure(base_url, in_flight, rounds, scale, competitor=competitor))
        ]


def main() -> list[Point]:
    return show("calls over loopback", among_alternatives("throughput"))


if __name__ == "__main__":
    main()
