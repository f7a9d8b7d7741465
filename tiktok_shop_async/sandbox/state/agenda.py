"""What is going to happen by itself: a parcel is collected, an order completes. Run up to a time, in order.

What lies ahead is data (a name, and the ids of what it is about), so that it can be kept in a file. What happens under
a name is a function that enters itself with `event`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Concatenate, TypeAlias, TypeVar

from tiktok_shop_async.sandbox.state.table import Table

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that lies ahead. `sequence` keeps those of one second in the order in which they were put down."""

    id: str
    due: int
    sequence: int
    name: str
    about: tuple[str, ...]


class Agenda:
    """Events by the time they are due. Events of one second happen in the order in which they were put down."""

    def __init__(self) -> None:
        self.events = Table(Event)
        self._ahead: list[tuple[int, int]] = []
        self._sequence = 0

    def add(self, due: int, name: str, *about: str) -> None:
        """Puts an event down for the Unix second `due`.

        Args:
            due: when it happens.
            name: what happens: the function that entered itself under this name.
            about: the ids that the function is called with.

        Raises:
            LookupError: no function has entered itself under this name.
        """
        if name not in _HAPPENINGS:
            raise LookupError(f"no function is entered as what happens under {name!r}")
        self._sequence += 1
        self.events.put(Event(id=str(self._sequence), due=due, sequence=self._sequence, name=name, about=about))
        heapq.heappush(self._ahead, (due, self._sequence))

    def is_due(self, now: int) -> bool:
        """Whether something is due at `now` or before."""
        return bool(self._ahead) and self._ahead[0][0] <= now

    def happen(self, world: World, at: int, name: str, *about: str) -> None:
        """Lets something happen out of its turn, as if it were due at the Unix second `at`."""
        _HAPPENINGS[name](world, at, *about)

    def run(self, world: World, until: int) -> None:
        """Lets everything happen that is due at `until` or before, including what events put down on the way."""
        while self.is_due(until):
            due, sequence = heapq.heappop(self._ahead)
            coming = self.events[str(sequence)]
            self.events.remove(coming.id)
            _HAPPENINGS[coming.name](world, due, *coming.about)

    def sort(self) -> None:
        """Takes notice that the table of events was changed by others."""
        self._ahead = sorted((coming.due, coming.sequence) for coming in self.events)
        self._sequence = max((self._sequence, *(sequence for _, sequence in self._ahead)))
