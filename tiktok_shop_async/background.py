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

from tiktok_shop_async.errors import TikTokShopError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["Background", "Job", "on_asyncio"]

_log = logging.getLogger("tiktok_shop_async.tokens")

T = TypeVar("T")


class Job(Generic[T]):
    """A piece of work under way."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self.ended = anyio.Event()
        self._work = work
        self._results: list[T] = []
        self._error: Exception | None = None

    async def run(self) -> None:
        try:
            self._results.append(await self._work())
        except TikTokShopError as error:
            self._error = error.with_traceback(None)
        except Exception as error:
            # A bug, in a store of the program's own perhaps. It belongs to those who wait, and nobody may.
            _log.exception("work in the background failed")
            self._error = error

    async def wait(self) -> T:
        """What comes of the work. Any number of tasks may wait, and stop waiting.

        Raises:
            Exception: What the work raised; an error of this package as a copy for each, as each call adds to it.
        """
        await self.ended.wait()
        if self._error is not None:
            raise copy(self._error) if isinstance(self._error, TikTokShopError) else self._error
        return self._results[0]


class Background:
    """The jobs that are under way."""

    def __init__(self) -> None:
        self._jobs: set[Job[Any]] = set()
        self._keepers: set[asyncio.Task[None]] = set()

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
        """Wait until nothing is under way."""
        while self._jobs:
            await next(iter(self._jobs)).ended.wait()

    def _begin_on_asyncio(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = asyncio.ensure_future(run())
        # `asyncio.run` ends by cancelling every task that it knows of, and waits for them. It is not to know this one,
        # which would lose what it is about; it knows the keeper, which lasts as long however often it is cancelled.
        asyncio._unregister_task(task)
        keeper = asyncio.ensure_future(_keep(task))
        self._keepers.add(keeper)
        keeper.add_done_callback(self._keepers.discard)


async def _keep(task: asyncio.Task[None]) -> None:
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


def _begin_on_trio(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    import trio  # there, since it is running

    async def shielded() -> None:
        with trio.CancelScope(shield=True):  # trio cancels system tasks when the program's own have ended, and waits
            await run()

    trio.lowlevel.spawn_system_task(shielded)


def on_asyncio() -> bool:
    """Whether the caller runs on asyncio, and not on trio."""
    try:
        return asyncio.current_task() is not None
    except RuntimeError:
        return False
