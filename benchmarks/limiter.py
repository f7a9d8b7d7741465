"""The rate limiter in real time: how much of its setting it lets through under load, and what a turn costs.

A hundred tasks ask for one key as fast as they are let; every moment at which one gets through is noted.
"""

from __future__ import annotations

import asyncio
import math
import time

from tiktok_shop_async import Clock, MemoryLimiter
from tiktok_shop_async.limits import limit_key
from tiktok_shop_async.traffic import Traffic

RATE = 50
SECONDS = 4.0
TURNS = 20_000


async def under_load(seconds: float) -> list[float]:
    """When calls got through."""
    traffic = Traffic(MemoryLimiter(RATE), most=100, clock=Clock())
    moments: list[float] = []
    end = time.monotonic() + seconds

    async def caller() -> None:
        while time.monotonic() < end:
            place = await traffic.enter("k")
            place.release()
            moments.append(time.monotonic())

    async with asyncio.TaskGroup() as tasks:
        for _ in range(100):
            tasks.create_task(caller())
    return [moment for moment in moments if moment <= end]


async def cost(turns: int) -> float:
    """Seconds for a turn that nobody else wants, key included."""
    traffic = Traffic(MemoryLimiter(10.0**9), most=100, clock=Clock())
    started = time.perf_counter()
    for number in range(turns):
        place = await traffic.enter(limit_key("app", f"ROW_{number % 100}", "GET", "/order/202309/orders/{order_id}"))
        place.release()
    return (time.perf_counter() - started) / turns


def main(seconds: float = SECONDS, turns: int = TURNS) -> None:
    moments = asyncio.run(under_load(seconds))
    # A whole number of seconds from the first call on, so that the share is not one of a broken second.
    share = sum(each < moments[0] + math.floor(seconds) - 1 for each in moments) / (math.floor(seconds) - 1) / RATE
    most = max(sum(start <= each < start + 1 for each in moments) for start in moments)
    print(f"rate limiter at {RATE} a second, 100 tasks for {seconds:g} s")
    print(f"  let through {share:.1%} of the setting, at most {most} in any second")
    print(f"  a turn without a wait costs {asyncio.run(cost(turns)) * 1e6:.1f} µs")


if __name__ == "__main__":
    main()
