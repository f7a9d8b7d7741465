"""The shared limit, against a real Redis server."""

from __future__ import annotations

import asyncio
import logging
import math
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from tests.limits.callers import Callers
from tests.redis_server import RedisServer, needs_redis, running_redis
from tests.virtual_time import virtual_clock
from tiktok_shop_async import ArgumentError, CallTimeoutError, Clock
from tiktok_shop_async.limits import SECOND, Meter, Pace, penalty
from tiktok_shop_async.limits_redis import RedisLimiter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytestmark = [pytest.mark.anyio, needs_redis]

ROOT = Path(__file__).parents[2]
START = 1_700_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running_redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def anyio_backend() -> str:
    """redis-py runs on asyncio alone; its sockets need real time."""
    return "asyncio"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take its time; what happens without an answer has tests of its own."""
    monkeypatch.setattr("tiktok_shop_async.limits_redis._PATIENCE", 30.0)


@pytest.fixture
async def redis(server: RedisServer) -> AsyncIterator[Redis]:
    async with Redis.from_url(server.url) as client:
        await client.flushall()
        yield client


class Moment:
    """Time that passes only when someone waits for it."""

    def __init__(self) -> None:
        self.now = 0.0

    def limiter(self, redis: Redis, rate: float = 50.0) -> Callers:
        limiter = RedisLimiter(redis, rate, clock=self.clock(), now=lambda: START + self.now)
        return Callers(limiter, self.clock())

    def clock(self) -> Clock:
        return Clock(monotonic=lambda: self.now, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        await anyio.lowlevel.checkpoint()
        self.now += seconds


# The same rule as in memory


@given(
    rate=st.sampled_from([0.5, 7, 20, 50, 333]),
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 400_000), st.sampled_from([None, 0.0, 0.3, 4.0]))),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_the_script_in_redis_reckons_like_the_meter(
    server: RedisServer, rate: float, steps: list[tuple[bool, int, float | None]]
) -> None:
    """The same calls and refusals at the same moments give the same waits, to the microsecond."""

    async def main() -> None:
        now = START * SECOND
        meter = Meter(Pace.of(rate))
        async with Redis.from_url(server.url) as redis:
            await redis.flushall()
            limit = RedisLimiter(redis, rate, now=lambda: 0)
            limit._time = lambda: str(now)  # type: ignore[method-assign] # whole microseconds, as the meter has them
            for is_call, rest, retry_after in steps:
                now += rest
                if is_call:
                    assert await limit.take("k") == meter.take(now) / SECOND
                else:
                    await limit.penalize("k", retry_after)
                    meter.penalize(now, penalty(retry_after))

    asyncio.run(main())


async def test_no_second_holds_more_calls_than_the_setting_whatever_the_number_of_machines(redis: Redis) -> None:
    moment = Moment()
    machines = [moment.limiter(redis) for _ in range(4)]
    passed: list[float] = []
    for number in range(200):
        await machines[number % 4].call("k")
        passed.append(moment.now)
    assert max(sum(start <= each < start + 1 for each in passed) for start in passed) <= 50
    assert 0.95 * 50 <= 199 / passed[-1] <= 50


async def test_a_refusal_slows_all_machines_down(redis: Redis) -> None:
    moment = Moment()
    one, other = moment.limiter(redis), moment.limiter(redis)
    await one.penalize("k", 7)
    await other.call("k")
    assert moment.now == pytest.approx(7, abs=1e-3)


async def test_a_turn_that_comes_too_late_is_refused_at_once(redis: Redis) -> None:
    moment = Moment()
    limit = moment.limiter(redis)
    await limit.penalize("k", 60)
    with pytest.raises(CallTimeoutError, match=r"comes in 60\.0 s"):
        await limit.call("k", within=5)
    assert moment.now == 0


async def test_keys_in_redis_expire_when_they_are_idle(redis: Redis) -> None:
    limit = RedisLimiter(redis, 1, prefix="mine")
    assert await limit.take("k") == 0
    (key,) = await redis.keys()
    assert key == b"mine:limit:k"
    assert 0 < await redis.pttl(key) <= 1100
    await limit.penalize("k", 2)
    assert 6000 < await redis.pttl(key) <= 7100  # the penalty, and five seconds to recover


async def test_without_a_limit_redis_is_not_asked(redis: Redis) -> None:
    limit = RedisLimiter(redis, math.inf)
    assert await limit.take("k") == 0
    await limit.penalize("k", 60)
    assert await redis.keys() == []


PROGRAM = """
import asyncio, sys, time
from redis.asyncio import Redis
from tiktok_shop_async import Clock
from tiktok_shop_async.limits_redis import RedisLimiter
from tiktok_shop_async.traffic import Traffic

async def main():
    async with Redis.from_url(sys.argv[1]) as redis:
        traffic = Traffic(RedisLimiter(redis, 100), most=10, clock=Clock())
        print("ready", flush=True)
        sys.stdin.readline()
        end = time.time() + 1.5
        async def calls():
            while time.time() < end:
                place = await traffic.enter("k")
                place.release()
                print(time.time(), flush=True)
        await asyncio.gather(*[calls() for _ in range(5)])

asyncio.run(main())
"""


def test_processes_keep_the_limit_together(server: RedisServer) -> None:
    """In real time, counted by the server's clock: three processes that ask as fast as they can."""
    processes = [
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", PROGRAM, server.url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for each in processes:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in processes:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    counts = [len(each.communicate(timeout=30)[0].split()) for each in processes]
    # 1.5 seconds of 98 a second, a burst, and one last turn for each task that was waiting.
    assert sum(counts) <= 1.5 * 98 + 3 + 15
    assert min(counts) > 0


# Without Redis


async def test_while_redis_is_down_each_process_counts_for_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tiktok_shop_async.limits")
    moment = Moment()
    with running_redis(tmp_path) as server:
        async with Redis.from_url(server.url.replace("//", "//:a-password@")) as redis:
            limit = moment.limiter(redis)
            server.stop()
            for _ in range(100):
                await limit.call("k")
            await limit.penalize("k", 7)
            slowed = moment.now
            await limit.call("k")
    assert slowed == pytest.approx(2, abs=0.1)
    assert moment.now - slowed == pytest.approx(7, abs=0.1)
    (told,) = caplog.records
    assert told.levelname == "WARNING"
    assert "this process keeps the rate limit alone" in caplog.text
    assert "a-password" not in caplog.text


async def test_redis_is_asked_again_after_a_while(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tiktok_shop_async.limits")
    moment = Moment()
    with running_redis(tmp_path) as server:
        async with Redis.from_url(server.url) as redis:
            limit = moment.limiter(redis)
            server.stop()
            await limit.call("k")
            server.start()
            moment.now += 4.9
            await limit.call("k")
            assert await redis.keys() == []
            moment.now += 0.2
            await limit.call("k")
            assert await redis.keys() == [b"tiktok-shop:limit:k"]
    assert [each.levelname for each in caplog.records] == ["WARNING", "INFO"]
    assert "Redis answers again" in caplog.text


async def test_a_server_that_never_answers_costs_one_wait(caplog: pytest.LogCaptureFixture, monkeypatch: Any) -> None:
    monkeypatch.setattr("tiktok_shop_async.limits_redis._PATIENCE", 0.05)
    moment = Moment()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with Redis(port=silent.getsockname()[1]) as redis:
            limit = moment.limiter(redis)
            for number in range(50):
                await limit.call(f"k{number}")
    assert len(caplog.records) == 1


def test_on_trio_the_error_says_what_to_do(server: RedisServer) -> None:
    limit = RedisLimiter(Redis.from_url(server.url), clock=virtual_clock())
    with pytest.raises(ArgumentError, match="runs on asyncio only, as redis-py does; on trio, use MemoryLimiter"):
        anyio.run(limit.take, "k", backend="trio")
