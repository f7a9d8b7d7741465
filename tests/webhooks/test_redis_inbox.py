"""Redis itself: effects in one stroke with the end of an event, a cluster, a server that hangs, is full or forgets."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest
from anyio import to_thread
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.exceptions import DataError, ResponseError

from tests.redis_server import free_port, needs_redis, running_redis
from tests.webhooks.places import RedisPlace, arrival, handle_all
from tests.webhooks.served import KEY, SECRET, served, status_of
from tiktok_shop_async import InboxError
from tiktok_shop_async.webhooks import Counts, Receiver, RedisInbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.redis_server import RedisServer

pytestmark = [pytest.mark.anyio, needs_redis]


@pytest.fixture
def anyio_backend() -> str:
    """The only one that redis-py runs on."""
    return "asyncio"


def refused(place: RedisPlace) -> Callable[[Any], None]:
    """An effect that Redis refuses: the key holds something else."""

    def work(pipeline: Any) -> None:
        pipeline.set(f"{place.prefix}:text", "no list")
        pipeline.rpush(f"{place.prefix}:text", "x")

    return work


async def test_if_the_first_effect_is_refused_nothing_is_written_and_the_event_is_tried_again(
    redis_place: RedisPlace,
) -> None:
    inbox = redis_place.open()
    await redis_place.redis.set(f"{redis_place.prefix}:text", "no list")
    await inbox.add(arrival("a"))
    [claim] = await inbox.claim(1, 10)
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        await inbox.complete(
            claim, [lambda pipeline: pipeline.rpush(f"{redis_place.prefix}:text", "x"), redis_place.effect("a")]
        )
    assert await redis_place.effects() == []
    assert (await inbox.counts()).running == 1
    assert await inbox.complete(claim, [redis_place.effect("a")])


async def test_an_effect_that_is_refused_after_others_makes_a_dead_letter_in_the_same_stroke(
    redis_place: RedisPlace,
) -> None:
    """Whatever happens to this process, the event is never done with an effect that is missing."""
    inbox = redis_place.open()
    await inbox.add(arrival("a", "order 1", 5))
    await inbox.add(arrival("b", "order 1", 6))
    [claim] = await inbox.claim(1, 10)
    before = await redis_place.redis.info("commandstats")
    with pytest.raises(InboxError, match="it is a dead letter"):
        await inbox.complete(claim, [redis_place.effect("a"), refused(redis_place), redis_place.effect("not any more")])
    after = await redis_place.redis.info("commandstats")
    scripts = [
        sum(stats.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("eval", "evalsha"))
        for stats in (before, after)
    ]
    assert scripts[1] - scripts[0] <= 2  # one, and the attempt at it before the server knew the script
    assert await redis_place.effects() == ["a"]
    assert [each.error for each in await inbox.dead_letters()] == ["ResponseError of an effect"]
    assert await inbox.counts() == Counts(waiting=1, running=0, done=0, dead=1)
    assert await handle_all(inbox) == ["b"]


async def test_commands_of_any_length_and_kind_are_carried_out(redis_place: RedisPlace) -> None:
    inbox = redis_place.open()
    await inbox.add(arrival("a"))
    [claim] = await inbox.claim(1, 10)
    key = f"{redis_place.prefix}:kinds"

    def write(pipeline: Any) -> None:
        pipeline.hset(key, mapping={"text": "\u00e9", "bytes": b"\xff", "number": 5, "fraction": 0.5, "empty": ""})
        pipeline.rpush(f"{key}:long", *range(7000))
        pipeline.hgetall(key)
        pipeline.get("no such key")

    assert await inbox.complete(claim, [write])
    found = {b"text": "\u00e9".encode(), b"bytes": b"\xff", b"number": b"5", b"fraction": b"0.5", b"empty": b""}
    assert await redis_place.redis.hgetall(key) == found
    assert await redis_place.redis.llen(f"{key}:long") == 7000


async def test_a_command_that_is_too_long_for_a_script_is_refused_like_any_other(redis_place: RedisPlace) -> None:
    inbox = redis_place.open()
    await inbox.add(arrival("a"))
    [claim] = await inbox.claim(1, 10)
    with pytest.raises(ResponseError, match="too many"):
        await inbox.complete(claim, [lambda pipeline: pipeline.rpush("long", *range(20_000))])
    assert (await inbox.counts()).running == 1


async def test_a_value_that_redis_cannot_hold_is_an_error_of_the_effect(redis_place: RedisPlace) -> None:
    """So it is counted as a failure of the event, and told as one."""
    inbox = redis_place.open()
    await inbox.add(arrival("a"))
    [claim] = await inbox.claim(1, 10)
    with pytest.raises(DataError):
        await inbox.complete(claim, [lambda pipeline: pipeline.set("a", None)])
    assert (await inbox.counts()).running == 1


async def test_an_event_that_redis_has_lost_holds_up_no_other(redis_place: RedisPlace) -> None:
    """Evicted, or deleted by hand: while it waited, while it ran, and in front of others of its object."""
    inbox = redis_place.open()
    for key, object_ in (
        ("waits", ""),
        ("runs", "order 1"),
        ("after", "order 1"),
        ("first", "order 2"),
        ("second", "order 2"),
    ):
        await inbox.add(arrival(key, object_, 5))
    claims = {each.key: each for each in await inbox.claim(5, 10)}
    await inbox.release([claims["waits"], claims["first"]])
    for key in ("waits", "runs", "first"):
        await redis_place.redis.delete(f"{{{redis_place.prefix}}}:event:{key}")
    await redis_place.pass_time(11)
    handled = [key for _ in range(3) for key in await handle_all(inbox)]  # a look that finds one of them finds no more
    assert sorted(handled) == ["after", "second"]
    assert await inbox.counts() == Counts(waiting=0, running=0, done=2, dead=0)


@pytest.mark.parametrize("client", [Redis, RedisCluster])
async def test_in_a_cluster_effects_stand_in_the_slot_of_the_inbox(tmp_path: Path, client: Any) -> None:
    # The nodes of a cluster talk to each other on the port 10,000 above, which may be none.
    with running_redis(tmp_path, "--cluster-enabled", "yes", "--cluster-port", str(free_port())) as server:
        node: Any = Redis.from_url(server.url)
        async with node:
            await node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            while b"cluster_state:ok" not in await node.execute_command("CLUSTER", "INFO"):
                pass
        async with client.from_url(server.url) as redis:
            inbox = RedisInbox(redis, prefix="shop")
            for key in "ab":
                await inbox.add(arrival(key, "order 1", 5))
            [claim] = await inbox.claim(1, 10)
            assert await inbox.complete(claim, [lambda pipeline: pipeline.rpush("{shop}:mine", "x")])
            assert await redis.lrange("{shop}:mine", 0, -1) == [b"x"]
            assert await handle_all(inbox) == ["b"]
            assert await inbox.counts() == Counts(waiting=0, running=0, done=2, dead=0)


async def test_a_server_that_hangs_or_is_gone_is_answered_503_in_time(tmp_path: Path) -> None:
    with running_redis(tmp_path) as server:
        app = Receiver({KEY: SECRET}, RedisInbox(Redis.from_url(server.url)))
        with served(app) as port:
            assert await to_thread.run_sync(status_of, port) == 200
            assert server.process is not None
            os.kill(server.process, signal.SIGSTOP)
            try:
                began = time.monotonic()
                assert await to_thread.run_sync(status_of, port) == 503
                assert time.monotonic() - began < 2.9
            finally:
                os.kill(server.process, signal.SIGCONT)
            server.stop()
            began = time.monotonic()
            assert await to_thread.run_sync(status_of, port) == 503
            assert time.monotonic() - began < 2.9


async def test_a_server_that_is_full_takes_nothing_in_and_goes_on_when_there_is_room(redis_server: RedisServer) -> None:
    async with Redis.from_url(redis_server.url) as redis:
        inbox = RedisInbox(redis, prefix="full")
        await inbox.add(arrival("a"))
        [claim] = await inbox.claim(1, 10)
        await redis.config_set("maxmemory", "1mb")
        try:
            with pytest.raises(InboxError, match="maxmemory"):
                await inbox.add(arrival("b"))
        finally:
            await redis.config_set("maxmemory", "0")
        assert await inbox.add(arrival("b"))
        assert await inbox.complete(claim)
