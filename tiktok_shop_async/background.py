"""Work that is brought to its end whoever stops waiting for it, and even when the event loop is shut down meanwhile.

For the stretch in which stopping would lose something: new tokens that are on their way. A task of its own does the
work. A call that is cancelled, or whose time is up, leaves at once, and the work goes on without it.
"""

from __future__ import annotations

import asyncio
import logging
from copy import copy
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import anyio
from msgspec import Struct, field

from tiktok_shop_async.errors import TikTokShopError
from tiktok_shop_async.loops import PerLoop, current_loop, on_asyncio

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["Background", "Job"]

_log = logging.getLogger("tiktok_shop_async.tokens")

T = TypeVar("T")


class Job(Generic[T]):
    """A piece of work under way, in the event loop that it was begun in."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self.ended = anyio.Event()
        self._work = work
        self._loop = current_loop()
        self._results: list[T] = []
        self._error: Exception | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether this event loop is at it: one of another loop, which may be gone, cannot be waited for."""
        return self._loop is current_loop() and not self.ended.is_set()

    async def run(self) -> None:
        try:
            self._results.append(await self._work())
        except TikTokShopError as error:
            self._error = error.with_traceback(None)
        except asyncio.CancelledError:  # by something that the work called, and not by anyone here
            self._error = RuntimeError("work in the background was cancelled from within")
        except Exception as error:
            # A bug, in a store of the program's own perhaps. It belongs to those who wait, and nobody may.
            _log.exception("work in the background failed")
            self._error = error

    async def wait(self) -> T:
        """What comes of the work. Any number of tasks may wait, and stop waiting.

        Raises:
            Exception: What the work raised, as a copy for each, because each call adds to it.
        """
        await self.ended.wait()
        if self._error is not None:
            raise _copy(self._error)
        return self._results[0]


class _Tasks(Struct):
    """The tasks of an asyncio loop that it does not know of, and the one that it does."""

    hidden: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    keeper: asyncio.Task[None] | None = None


class Background:
    """The jobs that are under way."""

    def __init__(self) -> None:
        self._jobs: set[Job[Any]] = set()
        self._tasks = PerLoop(_Tasks)

    def begin(self, work: Callable[[], Coroutine[Any, Any, T]]) -> Job[T]:
        """Start a job in a task of its own."""
        job = Job(work)
        self._jobs.add(job)

        async def run() -> None:
            try:
                await job.run()
            finally:
                self._jobs.discard(job)
                job.ended.set()

        if on_asyncio():
            self._begin_on_asyncio(run)
        else:
            _begin_on_trio(run)
        return job

    async def settle(self) -> None:
        """Wait until nothing is under way in this event loop."""
        while here := [each for each in self._jobs if each.is_under_way]:
            await here[0].ended.wait()

    def _begin_on_asyncio(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = asyncio.ensure_future(run())
        # `asyncio.run` ends by cancelling every task that it knows of, and waits for them. It is not to know this one,
        # which would lose what it is about; it knows the keeper, which lasts as long however often it is cancelled.
        asyncio._unregister_task(task)
        tasks = self._tasks.get()
        tasks.hidden.add(task)
        task.add_done_callback(tasks.hidden.discard)
        if tasks.keeper is None or tasks.keeper.done():
            tasks.keeper = asyncio.ensure_future(_keep(tasks))


async def _keep(tasks: _Tasks) -> None:
    """Last until nothing is under way: what is begun during the shutdown included."""
    cancelled: asyncio.CancelledError | None = None
    while tasks.hidden:
        try:
            await asyncio.wait(tasks.hidden)
        except asyncio.CancelledError as error:
            cancelled = error
    tasks.keeper = None
    if cancelled is not None:
        raise cancelled


def _begin_on_trio(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    import trio  # there, since it is running

    async def shielded() -> None:
        with trio.CancelScope(shield=True):  # trio cancels system tasks when the program's own have ended, and waits
            await run()

    trio.lowlevel.spawn_system_task(shielded)


def _copy(error: Exception) -> Exception:
    try:
        return copy(error)
    except Exception:  # of someone else's, made in a way that cannot be repeated
        return error
