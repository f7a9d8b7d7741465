"""Where the sandbox takes its time from: a function that answers Unix seconds, so that a test can own it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], float]

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class ManualClock:
    """A clock that stands still until it is told to advance.

        clock = ManualClock(1_700_000_000)
        clock.advance(3 * DAY)

    The sandbox may be reading it in one thread while a test moves it in another.
    """

    def __init__(self, start: float) -> None:
        """Stands at `start`, in Unix seconds."""
        self._now = start
        self._lock = threading.Lock()

    def __call__(self) -> float:
        """The time it shows, in Unix seconds."""
        with self._lock:
            return self._now

    def advance(self, seconds: float) -> None:
        """Moves forward; whatever falls due in between happens before the next request is answered."""
        with self._lock:
            self._now += seconds
