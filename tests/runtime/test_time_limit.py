"""The time that a call has as a whole: each block is left at its own moment, in virtual time."""

from __future__ import annotations

import asyncio
import math
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
import pytest

from tests.virtual_time import run
from tiktok_shop_async.time_limit import time_limit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

both = pytest.mark.parametrize("backend", ["asyncio", "trio"])


async def left_after(seconds: float, work: Callable[[], Awaitable[object]]) -> float | None:
    """When a block was left because its time was up; None if it ended by itself."""
    started = anyio.current_time()
    with time_limit(seconds):
        await work()
        return None
    return anyio.current_time() - started


@both
def test_a_block_is_left_at_its_time_in_what_it_waits_for(backend: str) -> None:
    async def main() -> float | None:
        return await left_after(3, anyio.sleep_forever)

    assert run(backend, main) == pytest.approx(3)


@both
def test_a_block_that_ends_in_time_is_not_disturbed_later(backend: str) -> None:
    async def main() -> float | None:
        over = await left_after(3, lambda: anyio.sleep(2))
        await anyio.sleep(10)
        return over

    assert run(backend, main) is None


@both
def test_each_of_many_blocks_is_left_at_its_own_time(backend: str) -> None:
    async def main() -> None:
        async def one(begin: float, limit: float, work: float) -> None:
            await anyio.sleep(begin)
            over = await left_after(limit, lambda: anyio.sleep(work))
            assert over == (pytest.approx(limit) if limit < work else None)

        chance = random.Random(7)  # noqa: S311
        async with anyio.create_task_group() as tasks:
            for _ in range(500):
                tasks.start_soon(one, chance.uniform(0, 60), chance.choice([1, 5, 30, math.inf]), chance.uniform(0, 60))

    run(backend, main)


@both
def test_a_block_within_another_is_left_alone(backend: str) -> None:
    async def main() -> list[float | None]:
        found: list[float | None] = []

        async def work() -> None:
            found.append(await left_after(2, anyio.sleep_forever))
            await anyio.sleep_forever()

        found.append(await left_after(5, work))
        return found

    assert run(backend, main) == [pytest.approx(2), pytest.approx(5)]


@both
def test_two_blocks_whose_time_is_up_at_once_are_both_left(backend: str) -> None:
    async def main() -> float | None:
        async def work() -> None:
            with time_limit(5):
                await anyio.sleep_forever()

        return await left_after(5, work)

    assert run(backend, main) == pytest.approx(5)


@both
def test_an_error_passes_through(backend: str) -> None:
    async def main() -> None:
        async def work() -> None:
            raise LookupError

        with pytest.raises(LookupError):
            await left_after(5, work)

    run(backend, main)


@both
def test_a_scope_around_it_that_ends_earlier_is_the_one_that_is_left(backend: str) -> None:
    async def main() -> bool:
        with anyio.move_on_after(2) as scope:
            await left_after(5, anyio.sleep_forever)
        await anyio.sleep(10)
        return scope.cancelled_caught

    assert run(backend, main)


def test_a_scope_around_it_that_ends_at_the_same_moment_is_left_as_well() -> None:
    async def work() -> None:
        async with anyio.create_task_group() as tasks:  # as there is one where a connection is made
            tasks.start_soon(anyio.sleep, 5)
            tasks.start_soon(anyio.sleep, 6)

    async def one() -> bool:
        with anyio.move_on_after(0.02) as scope:
            await left_after(0.0205, work)
            await anyio.lowlevel.checkpoint_if_cancelled()
        return scope.cancelled_caught

    async def main() -> list[bool]:
        asyncio.get_running_loop().call_later(0.01, sleep, 0.02)  # both are over when the loop looks again
        return await asyncio.gather(*[one() for _ in range(20)])

    assert all(asyncio.run(main()))


def test_who_cancels_the_task_while_a_scope_ends_is_not_ignored_either() -> None:
    async def main() -> None:
        async def work() -> None:
            with anyio.move_on_after(5):
                await left_after(5, anyio.sleep_forever)
                await anyio.lowlevel.checkpoint_if_cancelled()

        task = asyncio.ensure_future(work())
        asyncio.get_running_loop().call_at(5, task.cancel)
        with pytest.raises(asyncio.CancelledError):
            await task

    run("asyncio", main)


def test_who_cancels_the_task_is_not_taken_for_the_alarm() -> None:
    async def main() -> None:
        task = asyncio.ensure_future(left_after(5, anyio.sleep_forever))
        await anyio.sleep(2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run("asyncio", main)


def test_who_cancels_the_task_at_the_same_moment_is_not_ignored() -> None:
    async def main() -> None:
        task = asyncio.ensure_future(left_after(5, anyio.sleep_forever))
        asyncio.get_running_loop().call_at(5, task.cancel)
        with pytest.raises(asyncio.CancelledError):
            await task

    run("asyncio", main)


def test_what_swallows_the_alarm_goes_on_and_the_task_counts_as_not_cancelled() -> None:
    async def main() -> int:
        async def work() -> None:
            try:
                await anyio.sleep_forever()
            except asyncio.CancelledError:
                raise LookupError from None  # as a library may that tells it as an error of its own

        with pytest.raises(LookupError):
            await left_after(5, work)
        task = asyncio.current_task()
        assert task is not None
        return task.cancelling()

    assert run("asyncio", main) == 0


def test_a_loop_that_ends_leaves_nothing_for_the_next() -> None:
    async def main() -> float | None:
        await left_after(60, anyio.lowlevel.checkpoint)
        return await left_after(1, anyio.sleep_forever)

    assert [run("asyncio", main), run("asyncio", main)] == [pytest.approx(1), pytest.approx(1)]


def test_threads_with_loops_of_their_own_do_not_get_in_each_others_way() -> None:
    async def main() -> None:
        await left_after(5, anyio.lowlevel.checkpoint)

    def many_loops() -> None:
        for _ in range(200):
            asyncio.run(main())

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor() as threads:
            for each in [threads.submit(many_loops) for _ in range(4)]:
                each.result()
    finally:
        sys.setswitchinterval(usual)
