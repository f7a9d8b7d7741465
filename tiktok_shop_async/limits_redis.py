"""The limiter of many machines: one count for all of them, kept in Redis."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

import anyio

from tiktok_shop_async.errors import ArgumentError
from tiktok_shop_async.limits import FULL, LEAST, SECOND, MemoryLimiter, penalty
from tiktok_shop_async.loops import on_asyncio
from tiktok_shop_async.retry import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis.asyncio import Redis

__all__ = ["RedisLimiter"]

_log = logging.getLogger("tiktok_shop_async.limits")

_PATIENCE = 1.0
"""Seconds that Redis has for an answer: a call should not wait longer for its pace than for itself."""

_BREAK = 5.0
"""Seconds after a failure during which Redis is not asked, so that an outage does not cost each call its patience."""

# `Meter` of limits.py, step for step: a test holds the two against each other. The time is Redis' own, unless a test
# gives one, because the clocks of many machines differ by more than an interval.
_METER = f"""
local interval, tolerance = tonumber(ARGV[2]), tonumber(ARGV[3])
local now = tonumber(ARGV[5])
if now == nil then
  local time = redis.call('TIME')
  now = time[1] * {SECOND} + time[2]
end
local kept = redis.call('HMGET', KEYS[1], 'due', 'share', 'resume')
local due, share, resume = tonumber(kept[1]) or 0, tonumber(kept[2]) or {FULL}, tonumber(kept[3]) or 0
local share_now = math.min({FULL}, share + math.floor(math.max(0, now - resume) / 10))
if ARGV[1] == 'take' then
  local wait = due - tolerance - now
  if wait > 0 then return wait end
  due = math.max(due, now) + math.ceil(interval * {FULL} / share_now)
else
  if now >= resume then share = math.max({LEAST}, math.floor(share_now / 2)) end
  resume = math.max(resume, now + tonumber(ARGV[4]))
  due = math.max(due, resume + tolerance)
end
local function whole(number) return string.format('%.0f', number) end
redis.call('HSET', KEYS[1], 'due', whole(due), 'share', whole(share), 'resume', whole(resume))
local idle = math.max(due, resume + ({FULL} - share) * 10) - now
redis.call('PEXPIRE', KEYS[1], whole(math.ceil(idle / 1000) + 1))
return 0
"""


class RedisLimiter:
    """Counts in Redis, so that any number of processes and machines keep the limit together. Runs on asyncio.

    The rule is the one of `MemoryLimiter`. Within a process, calls are let through in the order they came; between
    processes, whoever asks first after a turn falls due. Each turn costs one round trip to Redis, and each process asks
    for one turn of a key at a time.

    While Redis does not answer, each process counts for itself, at the same rate. Calls go on, because a limiter only
    spares the API requests that it would refuse, and a refusal slows the process down anyway: too many for a while is
    the smaller harm. A warning is logged when that begins, and a message when it is over.

    Args:
        redis: A `redis.asyncio.Redis` client, which belongs to one event loop. Not closed here.
        rate: Calls a second for each key, of all machines together; `math.inf` for no limit. Give the same everywhere.
        prefix: Of the keys in Redis. They hold nothing secret, and expire by themselves.
        clock: Time to wait by, for tests.
        now: Unix time to count by, for tests. Left out: the clock of the Redis server.

    Raises:
        ArgumentError: A rate that is none; on the first call, an event loop that is not asyncio's.
    """

    def __init__(
        self,
        redis: Redis,
        rate: float = 50.0,
        *,
        prefix: str = "tiktok-shop",
        clock: Clock | None = None,
        now: Callable[[], float] | None = None,
    ) -> None:
        self._local = MemoryLimiter(rate, clock=clock)
        self.pace = self._local.pace
        self._clock = clock or Clock()
        self._meter = redis.register_script(_METER)
        self._prefix = prefix
        self._now = now
        self._ask_again_at = -math.inf
        self._is_down = False

    async def take(self, key: str) -> float:
        """Let a call through, or say how long to wait; see `Limiter.take`."""
        if self.pace.interval == 0:
            return 0.0
        wait = await self._ask("take", key)
        return await self._local.take(key) if wait is None else wait / SECOND

    async def penalize(self, key: str, retry_after: float | None = None) -> None:
        """Slow a key down for all machines; see `Limiter.penalize`."""
        if self.pace.interval > 0 and await self._ask("penalize", key, penalty(retry_after)) is None:
            await self._local.penalize(key, retry_after)

    async def _ask(self, what: str, key: str, wait: int = 0) -> int | None:
        """Run the script; None where Redis does not answer."""
        if not on_asyncio():
            raise ArgumentError(
                "limiter: RedisLimiter runs on asyncio only, as redis-py does; on trio, use MemoryLimiter"
            )
        if self._clock.monotonic() < self._ask_again_at:
            return None
        from redis.exceptions import RedisError

        arguments: list[str | int] = [what, self.pace.interval, self.pace.tolerance, wait, self._time()]
        try:
            with anyio.fail_after(_PATIENCE):
                answer = int(await self._meter(keys=[f"{self._prefix}:limit:{key}"], args=arguments))
        except (RedisError, OSError, RuntimeError) as error:
            # TimeoutError is an OSError; a RuntimeError comes of a connection whose event loop has ended.
            self._went_down(error)
            return None
        if self._is_down:
            self._is_down = False
            _log.info("Redis answers again: the rate limit is shared")
        return answer

    def _went_down(self, error: Exception) -> None:
        self._ask_again_at = self._clock.monotonic() + _BREAK
        if not self._is_down:
            self._is_down = True
            # Only the class: the text of a lower layer may hold an address with a password.
            _log.warning("Redis does not answer (%s): this process keeps the rate limit alone", type(error).__name__)

    def _time(self) -> str:
        return "" if self._now is None else str(int(self._now() * SECOND))
