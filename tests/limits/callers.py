"""Calls that go out as those of a client do, and are over at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tiktok_shop_async.traffic import Traffic

if TYPE_CHECKING:
    from tiktok_shop_async import Clock, Limiter


class Callers:
    """Those who call through one limiter, in one process."""

    def __init__(self, limiter: Limiter, clock: Clock) -> None:
        self.limiter = limiter
        self.traffic = Traffic(limiter, most=1000, clock=clock)

    async def call(self, key: str, *, within: float = math.inf) -> None:
        """Returns when the call goes out."""
        place = await self.traffic.enter(key, within=within)
        place.release()

    async def penalize(self, key: str, retry_after: float | None = None) -> None:
        await self.limiter.penalize(key, retry_after)

    @property
    def waiting(self) -> int:
        """How many keys there are lines for."""
        return sum(len(road.lines) for road in self.traffic._roads._held.values())
