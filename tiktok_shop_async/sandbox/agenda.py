"""What is going to happen by itself: a parcel is collected, an order completes. Run up to a time, in order.

What lies ahead is data (a name, and the ids of what it is about), so that it can be kept in a file. What happens under
a name is a function that enters itself with `event`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import TYPE_CHECKING, Concatenate, NamedTuple, TypeAlias, TypeVar

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.world import World

Happening: TypeAlias = Callable[Concatenate["World", int, ...], None]
"""Called with the world, the Unix second at which it was due (however late it is run), and what `add` was told."""

HappeningT = TypeVar("HappeningT", bound=Happening)

_HAPPENINGS: dict[str, Happening] = {}


def event(name: str) -> Callable[[HappeningT], HappeningT]:
    """Enters a function as what happens under a name."""

    def enter(happening: HappeningT) -> HappeningT:
        if name in _HAPPENINGS:
            raise ValueError(f"two functions are entered as what happens under {name!r}")
        _HAPPENINGS[name] = happening
        return happening

    return enter


class Event(NamedTuple):
    """Something that lies ahead. `sequence` keeps those of one second in the order in which they were put down."""

    due: int
    sequence: int
    name: str
    about: tuple[str, ...]


class Agenda:
    """Events by the time they are due. Events of one second happen in the order in which they were put down."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._sequence = 0

    def add(self, due: int, name: str, *about: str) -> None:
        """Puts an event down for the Unix second `due`.

        Args:
            due: when it happens.
            name: what happens: the function that entered itself under this name.
            about: the ids that the function is called with.
        """
        if name not in _HAPPENINGS:
            raise LookupError(f"no function is entered as what happens under {name!r}")
        heapq.heappush(self._events, Event(due, self._sequence, name, about))
        self._sequence += 1

    def run(self, world: World, until: int) -> None:
        """Lets everything happen that is due at `until` or before, including what events put down on the way."""
        while self._events and self._events[0].due <= until:
            due, _, name, about = heapq.heappop(self._events)
            _HAPPENINGS[name](world, due, *about)
