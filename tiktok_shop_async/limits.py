"""How fast calls go out: each app, shop and endpoint at a pace of its own, slower for a while after a 429.

`Pace` holds the numbers of a setting, `Meter` applies them to one key (the generic cell rate algorithm, pure
arithmetic). `limits_redis.py` has the meter as a script that Redis runs, for many machines; `traffic.py` has those who
wait.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from hashlib import blake2b
from typing import Protocol

from msgspec import Struct

from tiktok_shop_async.errors import ArgumentError
from tiktok_shop_async.retry import Clock

__all__ = ["Limiter", "MemoryLimiter", "Meter", "Pace", "limit_key"]

SECOND = 1_000_000
"""Time is counted in whole microseconds, so that this module and the script in Redis reckon alike to the last one."""

FULL = 1_000_000
"""The whole of a pace, in millionths."""

LEAST = FULL // 10
"""What refusals leave of a pace at least: less would be made up for within a second anyway."""


class Pace(Struct, frozen=True):
    """The numbers behind a setting, in microseconds.

    A burst and the steady flow after it can fall into the same second. For that second to hold no more calls than the
    setting, the flow is slower than the setting by what the burst adds. So the tolerance has a price, and so has the
    lack of it: whatever a wake-up is later than that is lost. 20 ms leave 98 % of the setting, and make up for a
    program that is busy for 5 ms at a time; with 10 ms such a program would get three quarters, and 40 ms would leave
    96 % to all. Below 25 a second the even flow loses less by late wake-ups, of a millisecond or so, than it would to
    a tolerance.

    Attributes:
        interval: From one call to the next under load.
        tolerance: How far ahead of the even flow a call may be. It lets a burst through after a rest, and makes up for
            wake-ups that come late.
    """

    interval: int
    tolerance: int

    @classmethod
    def of(cls, rate: float) -> Pace:
        """The pace of so many calls a second.

        Raises:
            ArgumentError: Not a number above 0.
        """
        if isinstance(rate, bool) or not rate > 0:
            raise ArgumentError(f"rate: got {rate}; give calls a second above 0, or math.inf for no limit")
        if math.isinf(rate):
            return cls(0, 0)
        ahead = min(rate / 50, 4) if rate >= 25 else 0  # calls; no whole number of them, except by chance
        interval = int(SECOND / (rate - ahead)) + 1
        return cls(interval, int(ahead * interval))


class Limiter(Protocol):
    """Says when a call may go out; waiting for that, in the order of coming, is the client's part.

    Whoever makes a limiter may share it between clients. A key stands for an app, a shop and an endpoint. It names the
    endpoint, and nothing that is secret.
    """

    @property
    def pace(self) -> Pace:
        """How fast calls go out at most. By it, a call is told early that its turn comes too late."""
        ...

    async def take(self, key: str) -> float:
        """Let a call through now, which is then on its way.

        Args:
            key: What the call counts against.

        Returns:
            0, or the seconds until it is worth asking again: the call has to wait, and nothing was counted.
        """
        ...

    async def penalize(self, key: str, retry_after: float | None = None) -> None:
        """Take note that the API refused a call as one too many.

        Args:
            key: What the call counted against.
            retry_after: Seconds that the API asks to wait, where it says so.
        """
        ...


def penalty(retry_after: float | None) -> int:
    """Microseconds to wait out after a refusal.

    A second, over which the API counts, where it names no time; a day at most, because no header ends an endpoint for
    good.
    """
    return math.ceil(min(retry_after or 1.0, 86_400.0) * SECOND)


class Meter(Struct):
    """What one key has used up. All times are microseconds of one clock.

    Attributes:
        due: When the next call would go out in an even flow.
        share: What refusals have left of the pace, in millionths, at `resume`.
        resume: When the last penalty ends. The pace recovers from then on.
    """

    pace: Pace
    due: int = 0
    share: int = FULL
    resume: int = 0

    def take(self, now: int) -> int:
        """Let a call through and answer 0, or answer how long it has to wait before it asks again."""
        wait = self.due - self.pace.tolerance - now
        if wait > 0:
            return wait
        self.due = max(self.due, now) + -(-self.pace.interval * FULL // self._share_at(now))
        return 0

    def penalize(self, now: int, wait: int) -> None:
        """Let nobody through for a while, then go on at half the pace, and without a burst."""
        if now >= self.resume:
            # A refusal before that is news of the same rush: its call went out before the penalty began.
            self.share = max(LEAST, self._share_at(now) // 2)
        self.resume = max(self.resume, now + wait)
        self.due = max(self.due, self.resume + self.pace.tolerance)

    def is_idle(self, now: int) -> bool:
        """Whether a fresh meter would say the same from now on."""
        return self.due <= now and self._share_at(now) == FULL

    def _share_at(self, now: int) -> int:
        """The share now: a tenth of the setting comes back each second."""
        return min(FULL, self.share + max(0, now - self.resume) // 10)


class MemoryLimiter:
    """Counts in this process, for each key apart. The limiter that a client has by default.

    After a 429 it lets nobody through for the time that `Retry-After` asks for (a second, where it is not there), then
    goes on at half the pace, and gains a tenth of the setting each second. Keys that are idle are forgotten.

    Args:
        rate: Calls a second for each key; `math.inf` for no limit. No second holds more than that; under load it is
            98 % of it or more.
        clock: Time, for tests.

    Raises:
        ArgumentError: A rate that is none.
    """

    def __init__(self, rate: float = 50.0, *, clock: Clock | None = None) -> None:
        self.pace = Pace.of(rate)
        self._clock = clock or Clock()
        self._meters: dict[str, Meter] = {}
        self._roomy = 256
        """With how many meters the idle ones are looked for."""

    async def take(self, key: str) -> float:
        """Let a call through, or say how long to wait; see `Limiter.take`."""
        return 0.0 if self.pace.interval == 0 else self._meter(key).take(self._now()) / SECOND

    async def penalize(self, key: str, retry_after: float | None = None) -> None:
        """Slow a key down; see `Limiter.penalize`."""
        if self.pace.interval > 0:
            self._meter(key).penalize(self._now(), penalty(retry_after))

    def _meter(self, key: str) -> Meter:
        meter = self._meters.get(key)
        if meter is None:
            if len(self._meters) >= self._roomy:
                now = self._now()
                self._meters = {each: kept for each, kept in self._meters.items() if not kept.is_idle(now)}
                # Twice what is in use, so that looking costs each key the same small share however many there are.
                self._roomy = max(256, 2 * len(self._meters))
            meter = self._meters[key] = Meter(self.pace)
        return meter

    def _now(self) -> int:
        return round(self._clock.monotonic() * SECOND)


_ID = re.compile(r"/(?:\{\w+\}|\d{7,})(?=/|$)")


@lru_cache(4096)
def limit_key(app_key: str, shop: str, method: str, path: str) -> str:
    """What a call counts against.

    Args:
        app_key: Of the app.
        shop: What tells the shop, or the account of a call for none. It does not show in the key.
        method: Of HTTP.
        path: Of the endpoint, with placeholders or with ids, which count as one.
    """
    digest = blake2b(f"{app_key}\n{shop}".encode(), digest_size=12).hexdigest()
    return f"{method} {_ID.sub('/*', path)} {digest}"
