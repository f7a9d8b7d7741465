"""Event loops whose time passes only while everyone waits, and then at once.

Whatever sleeps or sets a deadline (anyio, httpx, the client itself) does so in this time, so a test can let hours pass
with hundreds of tasks and see each of them wake at its moment. Worker threads and sockets have a time of their own:
whoever waits for them may miss any number of hours.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any

import anyio
from trio.testing import MockClock

from tiktok_shop_async import Clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

START = 1_700_000_000.0


class _VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio loop that moves its clock on where another one would block."""

    def __init__(self) -> None:
        self.moment = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        return self.moment


class _Jumping(selectors.SelectSelector):
    def __init__(self, loop: _VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:  # a worker thread is at it, in its own time
            if ready := super().select(5):
                return ready
            raise RuntimeError("everyone waits, and for nothing that time would bring")
        self._loop.moment += max(0.0, timeout)
        return super().select(0)


def virtual_backend(name: str) -> tuple[str, dict[str, Any]]:
    """An `anyio_backend`, and arguments for `anyio.run`."""
    return name, {"loop_factory": _VirtualLoop} if name == "asyncio" else {"clock": MockClock(autojump_threshold=0)}


def virtual_clock(chance: Callable[[], float] = lambda: 0.5) -> Clock:
    """The time of the running loop, for the package."""
    return Clock(now=lambda: START + anyio.current_time(), monotonic=anyio.current_time, random=chance)


def run(backend: str, main: Callable[[], Awaitable[Any]]) -> Any:
    """Run a coroutine function in virtual time, from a test that is not one itself."""
    name, options = virtual_backend(backend)
    return anyio.run(main, backend=name, backend_options=options)
