"""Waiting for a turn: in order, cancelled, out of time, penalised; and what is kept of it."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.limits.callers import Callers
from tests.virtual_time import run, virtual_clock
from tiktok_shop_async import ArgumentError, CallTimeoutError
from tiktok_shop_async.limits import MemoryLimiter, limit_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = pytest.mark.anyio


def limiter(rate: float = 50.0) -> Callers:
    clock = virtual_clock()
    return Callers(MemoryLimiter(rate, clock=clock), clock)


def kept(limit: Callers) -> int:
    """How many keys there are counts of."""
    assert isinstance(limit.limiter, MemoryLimiter)
    return len(limit.limiter._meters)


async def admissions(calls: int, call: Callable[[int], Awaitable[Any]]) -> list[tuple[int, float]]:
    """Start calls in order; who got through when, in the order of getting through."""
    through: list[tuple[int, float]] = []

    async def one(number: int) -> None:
        await call(number)
        through.append((number, anyio.current_time()))

    start = anyio.current_time()
    async with anyio.create_task_group() as tasks:
        for number in range(calls):
            tasks.start_soon(one, number)
            for _ in range(3):  # trio starts the tasks of one batch in any order: let it come to its first wait
                await anyio.lowlevel.checkpoint()
    return [(number, moment - start) for number, moment in through]


async def test_load_gets_98_percent_of_the_setting_and_never_more_than_all_of_it() -> None:
    limit = limiter()
    moments = [moment for _, moment in await admissions(1000, lambda _: limit.call("k"))]
    assert 0.975 * 50 <= 1000 / moments[-1] <= 50.1
    assert max(bisect_left(moments, start + 1) - index for index, start in enumerate(moments)) <= 50


@settings(max_examples=20)
@given(
    backend=st.sampled_from(["asyncio", "trio"]),
    rate=st.integers(1, 60),
    arrivals=st.lists(st.floats(0, 2), min_size=1, max_size=80),
)
def test_no_second_holds_more_calls_than_the_setting(backend: str, rate: int, arrivals: list[float]) -> None:
    async def main() -> list[float]:
        limit = limiter(rate)
        moments: list[float] = []

        async def call(arrival: float) -> None:
            await anyio.sleep(arrival)
            await limit.call("k")
            moments.append(anyio.current_time())

        async with anyio.create_task_group() as tasks:
            for arrival in arrivals:
                tasks.start_soon(call, arrival)
        return moments

    moments = run(backend, main)
    assert len(moments) == len(arrivals)
    assert max(sum(start <= each < start + 1 for each in moments) for start in moments) <= rate


async def test_who_comes_first_is_served_first() -> None:
    limit = limiter()
    through = await admissions(40, lambda _: limit.call("k"))
    assert [number for number, _ in through] == list(range(40))


async def test_keys_do_not_wait_for_each_other() -> None:
    limit = limiter(1)
    through = await admissions(10, lambda number: limit.call(f"k{number}"))
    assert [moment for _, moment in through] == [0.0] * 10


async def test_one_who_is_cancelled_leaves_no_gap() -> None:
    """Neither the first in line, who is asleep until the turn falls due, nor those behind."""
    limit = limiter(1)
    await limit.call("k")

    async def call(number: int) -> None:
        with anyio.move_on_after(0.5 if number < 6 else math.inf):
            await limit.call("k")

    through = await admissions(8, call)
    assert [number for number, _ in through[-2:]] == [6, 7]
    assert [moment for _, moment in through[-2:]] == pytest.approx([1, 2], abs=0.01)


async def test_nothing_is_kept_of_those_who_were_cancelled() -> None:
    limit = limiter(1)
    for _ in range(3):
        with anyio.move_on_after(0.1):
            await admissions(3, lambda _: limit.call("k"))
    assert limit.waiting == 0


async def test_a_penalty_holds_for_those_who_wait_already() -> None:
    limit = limiter()

    async def call(number: int) -> None:
        if number == 10:
            await limit.penalize("k", 7)
        else:
            await limit.call("k")

    through = await admissions(20, call)
    late = [moment for number, moment in through if number > 1 and number != 10]
    assert late[0] == pytest.approx(7, abs=0.001)
    assert late[1] - late[0] == pytest.approx(2 / 49, abs=0.001)


async def test_without_a_limit_nobody_waits_and_nothing_is_kept() -> None:
    limit = limiter(math.inf)
    await limit.penalize("k", 100)
    through = await admissions(1000, lambda _: limit.call("k"))
    assert through[-1][1] == 0
    assert kept(limit) == 0


async def test_a_rate_that_is_none_is_refused() -> None:
    with pytest.raises(ArgumentError, match="rate: got 0"):
        MemoryLimiter(0)


# Out of time


async def test_a_turn_that_comes_too_late_is_refused_at_once() -> None:
    limit = limiter()
    await limit.penalize("k", 60)
    with pytest.raises(CallTimeoutError, match=r"turn under the rate limit comes in 60\.0 s .* only 5\.0 s are left"):
        await limit.call("k", within=5)
    assert anyio.current_time() == pytest.approx(0, abs=1e-6)


async def test_one_who_would_wait_too_long_behind_others_is_refused_at_once() -> None:
    limit = limiter(1)
    refused: list[int] = []

    async def call(number: int) -> None:
        try:
            await limit.call("k", within=3.5)
        except CallTimeoutError:
            refused.append(number)
            assert anyio.current_time() - start < 0.001

    start = anyio.current_time()
    through = await admissions(8, call)
    assert refused == [4, 5, 6, 7]
    assert max(moment for number, moment in through if number < 4) == pytest.approx(3, abs=0.001)


async def test_one_whose_turn_a_penalty_moves_out_of_reach_is_refused_when_that_shows() -> None:
    limit = limiter(1)
    await limit.call("k")

    async def call(number: int) -> None:
        if number == 1:
            await limit.penalize("k", 60)
            return
        with pytest.raises(CallTimeoutError):
            await limit.call("k", within=10)

    through = await admissions(2, call)
    assert dict(through)[0] == pytest.approx(1, abs=0.001)


async def test_a_wait_that_just_fits_is_begun() -> None:
    limit = limiter(1)
    await limit.call("k")
    await limit.call("k", within=1.001)
    assert anyio.current_time() == pytest.approx(1, abs=0.01)


async def test_those_behind_one_who_is_refused_are_served() -> None:
    limit = limiter()
    await limit.penalize("k", 10)
    with pytest.raises(CallTimeoutError):
        await limit.call("k", within=1)
    await limit.call("k", within=20)
    assert anyio.current_time() == pytest.approx(10, abs=0.01)


# Memory


async def test_idle_keys_are_forgotten() -> None:
    limit = limiter()
    for number in range(10_000):
        await limit.call(f"k{number}")
        await anyio.sleep(0.01)
    assert kept(limit) <= 256
    assert limit.waiting == 0


async def test_keys_in_use_are_kept() -> None:
    limit = limiter()
    await limit.penalize("busy", 3600)
    for number in range(1000):
        await limit.call(f"k{number}")
        await anyio.sleep(0.1)
    with pytest.raises(CallTimeoutError):
        await limit.call("busy", within=60)


# Keys


def test_a_key_names_the_endpoint_and_hides_the_shop() -> None:
    key = limit_key("app", "ROW_secret", "GET", "/product/202309/products/{product_id}")
    assert key.startswith("GET /product/202309/products/* ")
    assert "app" not in key.split(" ")[-1]
    assert "secret" not in key


def test_a_key_is_apart_for_each_app_shop_and_endpoint() -> None:
    keys = {
        limit_key(app, shop, method, path)
        for app in ("a", "b")
        for shop in ("1", "2")
        for method in ("GET", "PUT")
        for path in ("/x/202309/y", "/x/202312/y", "/x/202309/y/{y_id}")
    }
    assert len(keys) == 24


def test_ids_in_a_path_make_no_keys_of_their_own() -> None:
    by_hand = limit_key("a", "s", "GET", "/product/202309/products/1729592969712207008")
    assert by_hand == limit_key("a", "s", "GET", "/product/202309/products/{product_id}")
