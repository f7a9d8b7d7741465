"""Where the sandbox takes its time from. There are two times, and they differ only when a clock that runs is moved.

The time of the shop is what orders, parcels and statements live by. It can be moved forward and made to run faster.
The time of the caller is what a client compares with its own clock: the timestamps of requests, the `Date` header, how
long tokens and codes live, the rate limit. It stays the machine's, because a client's clock cannot be moved along: at a
day a minute, a timestamp would be out of its window before the request arrives. A `ManualClock` is both times at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], float]

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

LATEST = 9_999_999_999
"""How far a clock can be moved: as far as Unix seconds of ten digits reach, which is what the API knows."""

FASTEST = 86_400.0
"""The highest pace: a day a second."""


class MovableClock:
    """A clock that runs, faster if it is told to, and can be moved forward.

        clock = MovableClock()
        clock.advance(3 * DAY)

    The sandbox may be reading it in one thread while a test moves it in another.
    """

    def __init__(self, start: float | None = None, *, factor: float = 1.0, source: Clock = time.time) -> None:
        """Makes a clock.

        Args:
            start: the Unix seconds it shows now; those of its source when left out.
            factor: how many seconds pass for each one of the source; 0 makes it stand still.
            source: the time of the callers, in Unix seconds.
        """
        self._source = source
        self._factor = factor
        self._base = source()
        self._shown = self._base if start is None else start
        self.moves = 0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        """The time of the shop, in Unix seconds."""
        with self._lock:
            return self._now()

    def wall(self) -> float:
        """The time of the callers, in Unix seconds."""
        return self._source()

    @property
    def factor(self) -> float:
        """How many seconds pass for each one of the callers."""
        return self._factor

    def advance(self, seconds: float) -> None:
        """Moves forward; whatever falls due in between happens before the next request is answered.

        Raises:
            ValueError: that would be backward, and what has happened does not unhappen; or too far.
        """
        if not seconds >= 0:
            raise ValueError("the clock moves forward only, because what has happened does not unhappen")
        if self() + seconds > LATEST:
            raise ValueError(f"the clock moves to {LATEST} at most")
        self._change(seconds, self._factor)

    def set(self, to: float) -> None:
        """Moves forward to a time, in Unix seconds.

        Raises:
            ValueError: it has passed already, or is too far ahead.
        """
        with self._lock:
            seconds = to - self._now()
        self.advance(seconds)

    def run(self, factor: float) -> None:
        """Goes on at another pace; at 0 it stands still.

        Raises:
            ValueError: it cannot run backward, or faster than a day a second.
        """
        if not 0 <= factor <= FASTEST:
            raise ValueError(f"a clock cannot run backward, nor faster than {FASTEST:g}")
        self._change(0, factor)

    def _now(self) -> float:
        return self._shown + (self._source() - self._base) * self._factor if self._factor else self._shown

    def _change(self, seconds: float, factor: float) -> None:
        with self._lock:
            self._shown = self._now() + seconds
            self._base = self._source()
            self._factor = factor
            self.moves += 1


class ManualClock(MovableClock):
    """A clock that stands still until it is told to advance, and that callers are expected to follow.

    clock = ManualClock(1_700_000_000)
    clock.advance(3 * DAY)
    """

    def __init__(self, start: float) -> None:
        """Stands at `start`, in Unix seconds."""
        super().__init__(start, factor=0.0)

    def wall(self) -> float:
        """The same time: whoever owns the clock owns it for the callers too."""
        return self()
