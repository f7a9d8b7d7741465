"""What is going to happen by itself: a parcel is collected, an order completes. Run up to a time, in order."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from typing import TypeAlias

Event: TypeAlias = Callable[[int], None]
"""Called with the Unix second at which it was due, however late it is run."""


class Agenda:
    """Events by the time they are due. Events of one second happen in the order in which they were put down."""

    def __init__(self) -> None:
        self._events: list[tuple[int, int, Event]] = []
        self._sequence = count()

    def add(self, due: int, event: Event) -> None:
        """Puts an event down for the Unix second `due`."""
        heapq.heappush(self._events, (due, next(self._sequence), event))

    def run(self, until: int) -> None:
        """Lets everything happen that is due at `until` or before, including what events put down on the way."""
        while self._events and self._events[0][0] <= until:
            due, _, event = heapq.heappop(self._events)
            event(due)
