"""What must not be interrupted is not, whichever way it is cancelled."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import anyio
import pytest

from tiktok_shop_async.tokens.uninterrupted import uninterrupted

pytestmark = pytest.mark.anyio


class Work:
    def __init__(self, error: Exception | None = None) -> None:
        self.begun = anyio.Event()
        self.may_end = anyio.Event()
        self.done = False
        self._error = error

    async def __call__(self) -> int:
        self.begun.set()
        await self.may_end.wait()
        if self._error is not None:
            raise self._error
        self.done = True
        return 7


async def test_it_gives_back_what_the_work_gives() -> None:
    work = Work()
    work.may_end.set()
    assert await uninterrupted(work) == 7


async def test_it_raises_what_the_work_raises() -> None:
    work = Work(ValueError("no"))
    work.may_end.set()
    with pytest.raises(ValueError, match="no"):
        await uninterrupted(work)


@pytest.mark.parametrize("error", [None, ValueError("no")])
async def test_a_cancelled_scope_waits_for_the_end_of_the_work(error: Exception | None) -> None:
    work = Work(error)
    after = False
    async with anyio.create_task_group() as tasks:

        async def caller() -> None:
            nonlocal after
            with anyio.CancelScope() as scope:
                tasks.start_soon(cancel, scope)
                with suppress(ValueError):
                    await uninterrupted(work)
                await anyio.lowlevel.checkpoint()
                after = True

        async def cancel(scope: anyio.CancelScope) -> None:
            await work.begun.wait()
            scope.cancel()
            await anyio.sleep(0.01)
            assert work.done is False
            work.may_end.set()

        tasks.start_soon(caller)
    assert work.done is (error is None)
    assert after is False


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("error", [None, ValueError("no")])
async def test_a_cancelled_asyncio_task_waits_for_the_end_of_the_work(error: Exception | None) -> None:
    work = Work(error)
    before = asyncio.all_tasks()
    task = asyncio.ensure_future(uninterrupted(work))
    await work.begun.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0.005)
        assert not task.done()
    work.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.done is (error is None)
    assert asyncio.all_tasks() == before
