"""Event loops: which one this is, and what each has for itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakKeyDictionary

from anyio.lowlevel import current_token

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PerLoop", "current_loop", "current_task", "on_asyncio"]

T = TypeVar("T")


class PerLoop(Generic[T]):
    """One of a kind for each event loop: connections and locks cannot leave theirs, and a program may run several.

    Args:
        make: Makes the one of a loop when it is first asked for.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._held: WeakKeyDictionary[object, T] = WeakKeyDictionary()

    def get(self, loop: object = None) -> T:
        """The one of this loop, which whoever knows it may say."""
        loop = loop or current_loop()
        found = self._held.get(loop)
        if found is None:
            # What refers to its loop would keep both for good.
            for each in [reference() for reference in self._held.keyrefs()]:  # as other threads run loops meanwhile
                if isinstance(each, asyncio.AbstractEventLoop) and each.is_closed():
                    self._held.pop(each, None)
            found = self._held[loop] = self._make()
        return found

    def pop(self) -> T | None:
        """The one of this loop, if there is one, which is forgotten."""
        return self._held.pop(current_loop(), None)


def current_loop() -> object:
    """What stands for the event loop that runs this code."""
    # Each call asks, and anyio takes six times as long to answer.
    task = current_task()
    return current_token().native_token if task is None else task.get_loop()


def on_asyncio() -> bool:
    """Whether the caller runs on asyncio, and not on trio."""
    return current_task() is not None


def current_task() -> asyncio.Task[object] | None:
    """The task of asyncio that runs this code; None on trio."""
    loop = asyncio._get_running_loop()
    # None as well where trio runs as a guest of asyncio's loop.
    return None if loop is None else asyncio.current_task(loop)
