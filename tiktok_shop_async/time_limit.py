"""How long a call may take as a whole, and how long a server may be silent over aiohttp.

On asyncio one alarm rings for all calls of a loop, at the time of whoever is over first. A call that ends in time only
strikes itself off a list: a timer and a cancel scope of its own would be a quarter of what the call costs.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import anyio

from tiktok_shop_async.loops import PerLoop, current_task

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["time_limit"]


def time_limit(seconds: float) -> _Limit | anyio.CancelScope:
    """A block that is left when its time is up, in the middle of whatever it waits for.

    What is behind the block can tell by being reached: a block that ends in time must return or raise.
    """
    task = current_task()
    return anyio.move_on_after(seconds) if task is None else _Limit(_alarms.get(task.get_loop()), task, seconds)


class _Limit:
    """The time of one block, in the task that it runs in."""

    __slots__ = ("_alarm", "_cancelling", "_is_over", "_seconds", "_task", "end")

    def __init__(self, alarm: _Alarm, task: asyncio.Task[object], seconds: float) -> None:
        self._alarm = alarm
        self._task = task
        self._seconds = seconds
        self._is_over = False

    def __enter__(self) -> _Limit:
        self._cancelling = self._task.cancelling()
        self.end = self._alarm.now() + self._seconds
        self._alarm.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if not self._is_over:
            self._alarm.limits.discard(self)
            return False
        is_left = self._task.uncancel() <= self._cancelling
        # Someone else may have cancelled the task as well: that is not for this block to swallow. A scope of anyio's is
        # an exception. It would not take this cancellation for its own, and cancels whatever is waited for next.
        return kind is asyncio.CancelledError and (is_left or anyio.current_effective_deadline() == -math.inf)

    def ring(self) -> None:
        """The time is up."""
        self._is_over = True
        self._task.cancel()


class _Alarm:
    """Rings for the blocks of an event loop, each at its time.

    What was set for a block that has ended stays set: it rings once, finds nobody, and is set for the next.
    """

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.limits: set[_Limit] = set()
        self.now = loop.time
        self._call_at = loop.call_at
        self._at = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def set(self, limit: _Limit) -> None:
        """Ring for a block, if it has not ended by then."""
        self.limits.add(limit)
        if limit.end < self._at:
            self._set(limit.end)

    def _set(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._at = at
        self._timer = self._call_at(at, self._ring)

    def _ring(self) -> None:
        # By the time that was set, because a loop calls a moment early where its clock is coarse.
        over = [each for each in self.limits if each.end <= self._at]
        self._timer, self._at = None, math.inf
        for each in over:
            self.limits.discard(each)
            each.ring()
        if self.limits:
            self._set(min(each.end for each in self.limits))


_alarms = PerLoop(_Alarm)
