"""How calls go out: those of a key in order and at the limiter's pace, so many of all at a time."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

import anyio
from msgspec import Struct, field

from tiktok_shop_async.errors import CallTimeoutError
from tiktok_shop_async.limits import SECOND
from tiktok_shop_async.loops import PerLoop

if TYPE_CHECKING:
    from tiktok_shop_async.limits import Limiter
    from tiktok_shop_async.retry import Clock

__all__ = ["Traffic"]


class _Line:
    """Those who wait for one key. The first of them asks for a turn, the others wait to be the first."""

    __slots__ = ("first_at", "members")

    def __init__(self) -> None:
        self.members: deque[anyio.Event | None] = deque()
        """What each waits for; None for who was the first from the beginning."""
        self.first_at = 0.0
        """When the first of them asks again."""

    def leave(self, member: anyio.Event | None) -> None:
        """Go, and let the next one be the first if that was the first."""
        if self.members[0] is not member:
            self.members.remove(member)
            return
        self.members.popleft()
        if self.members and (following := self.members[0]) is not None:
            following.set()


class _Road(Struct):
    """What an event loop has of its own: a call cannot wait for what happens in another one."""

    places: anyio.Semaphore
    lines: dict[str, _Line] = field(default_factory=dict[str, _Line])


class Traffic:
    """Lets calls out.

    Of each key only the first in line asks for a turn, with a place in flight in its hand. So a turn is used at the
    moment it is taken, and none pile up while all places are taken; one who is cancelled leaves no gap behind, and a
    penalty holds for all who wait. Who has to wait for the turn gives the place back meanwhile: a busy shop does not
    hold up the others.

    Args:
        limiter: The pace.
        most: How many calls may be in flight at once.
        clock: Time.
    """

    def __init__(self, limiter: Limiter, *, most: int, clock: Clock) -> None:
        self._limiter = limiter
        self._clock = clock
        self._roads = PerLoop(lambda: _Road(anyio.Semaphore(most, fast_acquire=True)))

    async def enter(self, key: str, *, within: float = math.inf) -> anyio.Semaphore:
        """Wait until a call may go out, first come, first served.

        Args:
            key: What the call counts against.
            within: Seconds that the caller has for its turn.

        Returns:
            The place in flight, which the caller releases when the call is over.

        Raises:
            CallTimeoutError: The turn comes later than that. Raised as soon as it is known, not when the time is up.
        """
        monotonic, road = self._clock.monotonic, self._roads.get()
        end = monotonic() + within
        line, first = road.lines.get(key), None
        if line is None:
            line = road.lines[key] = _Line()
        else:
            self._check(self._least_wait(line), end)
            first = anyio.Event()
        line.members.append(first)
        try:
            if first is not None:
                await first.wait()
            while True:
                await road.places.acquire()  # not `acquire_nowait`: who was cancelled before gets no further than this
                wait = math.inf
                try:
                    wait = await self._limiter.take(key)
                finally:
                    if wait:
                        road.places.release()
                if not wait:
                    return road.places
                self._check(wait, end)
                line.first_at = monotonic() + wait
                await self._clock.sleep(wait)
        finally:
            line.leave(first)
            if not line.members:
                del road.lines[key]

    def _least_wait(self, line: _Line) -> float:
        """Seconds that a newcomer waits if nothing slows the line down further."""
        pace = self._limiter.pace
        ahead = max(0, len(line.members) * pace.interval - pace.tolerance) / SECOND
        return max(0.0, line.first_at - self._clock.monotonic()) + ahead

    def _check(self, wait: float, end: float) -> None:
        left = end - self._clock.monotonic()
        if wait > left:
            raise CallTimeoutError(
                f"its turn under the rate limit comes in {wait:.1f} s at the earliest, and only {left:.1f} s are left"
            )
