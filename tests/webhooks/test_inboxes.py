"""What every inbox does, with the events in an SQLite file and in a real Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
import pytest
from redis.asyncio import Redis

from tests.redis_server import needs_redis
from tests.webhooks.places import Place, arrival, handle_all
from tiktok_shop_async import InboxError
from tiktok_shop_async.tokens import Encryption
from tiktok_shop_async.webhooks import Claim, Counts, Inbox, RedisInbox
from tiktok_shop_async.webhooks.inbox import Body

if TYPE_CHECKING:
    from tests.redis_server import RedisServer

pytestmark = pytest.mark.anyio

DAY = 86_400


async def claim_one(inbox: Inbox) -> Claim:
    [claim] = await inbox.claim(1, 10)
    return claim


async def test_an_event_is_given_out_as_it_came(place: Place) -> None:
    inbox = place.open()
    assert await inbox.add(arrival("a", body=Body(b'{ "type": 1 }')))
    claim = await claim_one(place.open())
    assert (claim.key, claim.body, claim.attempt) == ("a", b'{ "type": 1 }', 1)
    assert (claim.stale, claim.replayed) == (False, False)


async def test_an_event_that_comes_again_is_not_put_in_again_whatever_its_state(place: Place) -> None:
    inbox = place.open()
    assert await inbox.add(arrival("a"))
    assert not await inbox.add(arrival("a"))
    claim = await claim_one(inbox)
    assert not await inbox.add(arrival("a"))
    await inbox.complete(claim)
    assert not await place.open().add(arrival("a"))
    assert await inbox.claim(1, 10) == []


async def test_of_the_same_event_from_many_tasks_one_is_put_in(place: Place) -> None:
    added: list[bool] = []

    async def add(inbox: Inbox) -> None:
        added.append(await inbox.add(arrival("a")))

    async with anyio.create_task_group() as tasks:
        for inbox in [place.open() for _ in range(4)]:
            for _ in range(10):
                tasks.start_soon(add, inbox)
    assert sorted(added) == [False] * 39 + [True]


async def test_many_workers_get_each_event_once(place: Place) -> None:
    first = place.open()
    for number in range(60):
        await first.add(arrival(str(number), object_=f"order {number % 7}", update_time=number + 1))
    handled: list[str] = []

    async def work(inbox: Inbox) -> None:
        while len(handled) < 60:
            for claim in await inbox.claim(5, 10):
                assert await inbox.complete(claim, [place.effect(claim.key)])
                handled.append(claim.key)
            await anyio.lowlevel.checkpoint()

    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(work, place.open())
    assert sorted(handled) == await place.effects() == sorted(str(number) for number in range(60))


async def test_what_a_worker_holds_no_other_gets_until_the_lease_ends(place: Place) -> None:
    inbox = place.open()
    await inbox.add(arrival("a"))
    first = await claim_one(inbox)
    assert await place.open().claim(5, 10) == []
    await place.pass_time(11)
    second = await claim_one(place.open())
    assert (second.attempt, second.fence > first.fence) == (2, True)


async def test_who_slept_through_the_end_of_its_lease_changes_nothing(place: Place) -> None:
    inbox = place.open()
    await inbox.add(arrival("a"))
    first = await claim_one(inbox)
    await place.pass_time(11)
    second = await claim_one(inbox)
    assert not await inbox.complete(first, [place.effect("of the first")])
    assert not await inbox.fail(first, "late", None)
    assert not await inbox.fail(first, "late", 1)
    await inbox.release([first])
    await inbox.renew([first], 100)
    assert await inbox.complete(second, [place.effect("of the second")])
    assert await place.effects() == ["of the second"]
    assert not await inbox.complete(second, [place.effect("again")])
    assert await place.effects() == ["of the second"]


async def test_a_lease_that_has_ended_still_counts_if_nobody_took_over(place: Place) -> None:
    inbox = place.open()
    await inbox.add(arrival("a"))
    claim = await claim_one(inbox)
    await place.pass_time(11)
    assert await inbox.complete(claim, [place.effect("a")])
    assert await place.effects() == ["a"]


async def test_a_renewed_lease_lasts_from_then_on(place: Place) -> None:
    inbox = place.open()
    await inbox.add(arrival("a"))
    claim = await claim_one(inbox)
    await place.pass_time(8)
    await inbox.renew([claim], 10)
    await place.pass_time(8)
    assert await inbox.claim(1, 10) == []
    await place.pass_time(3)
    assert len(await inbox.claim(1, 10)) == 1


async def test_a_claim_that_is_given_back_does_not_count(place: Place) -> None:
    inbox = place.open()
    await inbox.add(arrival("a", "order 1", 5))
    await inbox.release([await claim_one(inbox)])
    assert (await claim_one(inbox)).attempt == 1


async def test_effects_are_written_with_the_end_of_the_event(place: Place) -> None:
    inbox = place.open()
    await inbox.add(arrival("a"))
    assert await inbox.complete(await claim_one(inbox), [place.effect("one"), place.effect("two")])
    assert await place.effects() == ["one", "two"]
    assert await inbox.counts() == Counts(waiting=0, running=0, done=1, dead=0)


async def test_an_effect_that_raises_undoes_all_of_it(place: Place) -> None:
    def broken(transaction: object) -> None:
        raise KeyError("x")

    inbox = place.open()
    await inbox.add(arrival("a"))
    claim = await claim_one(inbox)
    with pytest.raises(KeyError, match="x"):
        await inbox.complete(claim, [place.effect("one"), broken])
    assert await place.effects() == []
    assert (await inbox.counts()).running == 1
    assert await inbox.complete(claim, [place.effect("one")])


async def test_what_failed_is_given_out_again_after_its_pause(place: Place) -> None:
    inbox = place.open()
    await inbox.add(arrival("a"))
    assert await inbox.fail(await claim_one(inbox), "ValueError", 60)
    await place.pass_time(59)
    assert await inbox.claim(1, 10) == []
    await place.pass_time(2)
    assert (await claim_one(inbox)).attempt == 2


async def test_what_is_given_up_is_a_dead_letter_that_does_not_show_what_it_holds(place: Place) -> None:
    inbox = place.open()
    await inbox.add(arrival("a", shop_id="7", body=Body(b'{"name":"Jane"}')))
    assert await inbox.fail(await claim_one(inbox), "ValueError in f", None)
    await place.pass_time(1000)
    assert await inbox.claim(1, 10) == []
    [letter] = await inbox.dead_letters()
    assert (letter.key, letter.type, letter.shop_id, letter.attempts) == ("a", 1, "7", 1)
    assert letter.error == "ValueError in f"
    assert letter.body == b'{"name":"Jane"}'
    assert "Jane" not in f"{letter} {letter!r} {[letter]} {letter.body!r}"


async def test_the_last_that_died_is_listed_first_and_no_more_than_asked_for(place: Place) -> None:
    inbox = place.open()
    for key in "abc":
        await inbox.add(arrival(key))
        await inbox.fail(await claim_one(inbox), "E", None)
        await place.pass_time(1)
    assert [each.key for each in await inbox.dead_letters()] == ["c", "b", "a"]
    assert [each.key for each in await inbox.dead_letters(2)] == ["c", "b"]


async def test_a_dead_letter_is_replayed_from_the_first_attempt_on(place: Place) -> None:
    inbox = place.open()
    await inbox.add(arrival("a", "order 1", 5))
    await inbox.fail(await claim_one(inbox), "E", None)
    assert await inbox.replay("a")
    assert await inbox.dead_letters() == []
    claim = await claim_one(inbox)
    assert (claim.attempt, claim.replayed) == (1, True)


async def test_what_was_handled_can_be_replayed_and_what_has_not_ended_cannot(place: Place) -> None:
    inbox = place.open()
    assert not await inbox.replay("a")
    await inbox.add(arrival("a"))
    assert not await inbox.replay("a")
    claim = await claim_one(inbox)
    assert not await inbox.replay("a")
    await inbox.complete(claim, [place.effect("first")])
    assert await inbox.replay("a")
    again = await claim_one(inbox)
    assert again.replayed
    assert not await inbox.complete(claim, [place.effect("late")])
    assert await inbox.complete(again, [place.effect("second")])
    assert await place.effects() == ["first", "second"]


async def test_the_events_of_an_object_go_out_by_their_time_and_then_by_arrival(place: Place) -> None:
    inbox = place.open()
    for key, time in (("d", 4), ("b", 2), ("c1", 3), ("a", 1), ("c2", 3)):
        await inbox.add(arrival(key, "order 1", time))
    assert await handle_all(inbox) == ["a", "b", "c1", "c2", "d"]


async def test_while_an_event_of_an_object_is_under_way_its_others_wait_and_other_objects_do_not(place: Place) -> None:
    inbox = place.open()
    await inbox.add(arrival("a", "order 1", 1))
    await inbox.add(arrival("b", "order 1", 2))
    await inbox.add(arrival("c", "order 2", 1))
    await inbox.add(arrival("d"))
    claims = await inbox.claim(10, 10)
    assert sorted(each.key for each in claims) == ["a", "c", "d"]
    await inbox.add(arrival("earlier", "order 1", 0))
    assert await inbox.claim(10, 10) == []
    await inbox.complete(next(each for each in claims if each.key == "a"))
    assert await handle_all(inbox) == ["earlier", "b"]


async def test_an_event_that_waits_for_its_next_attempt_holds_up_its_object_and_no_other(place: Place) -> None:
    inbox = place.open()
    await inbox.add(arrival("a", "order 1", 1))
    await inbox.add(arrival("b", "order 1", 2))
    await inbox.add(arrival("c", "order 2", 1))
    claim = await claim_one(inbox)
    assert claim.key == "a"
    await inbox.fail(claim, "E", 60)
    assert await handle_all(inbox) == ["c"]
    await place.pass_time(61)
    assert await handle_all(inbox) == ["a", "b"]


async def test_the_death_of_an_event_lets_the_next_of_its_object_go_on(place: Place) -> None:
    inbox = place.open()
    await inbox.add(arrival("a", "order 1", 1))
    await inbox.add(arrival("b", "order 1", 2))
    await inbox.fail(await claim_one(inbox), "E", None)
    assert await handle_all(inbox) == ["b"]


async def test_an_event_whose_worker_died_comes_before_the_others_of_its_object(place: Place) -> None:
    inbox = place.open()
    await inbox.add(arrival("a", "order 1", 1))
    await inbox.add(arrival("b", "order 1", 2))
    await claim_one(inbox)
    await place.pass_time(11)
    assert await handle_all(inbox) == ["a", "b"]


async def test_a_late_event_is_stale_if_a_newer_one_of_its_type_was_handled(place: Place) -> None:
    inbox = place.open()
    await inbox.add(arrival("new", "order 1", 5))
    assert await handle_all(inbox) == ["new"]
    await inbox.add(arrival("late", "order 1", 3))
    await inbox.add(arrival("other type", "order 1", 3, type=3))
    await inbox.add(arrival("other order", "order 2", 3))
    await inbox.add(arrival("same time", "order 1", 5))
    await inbox.add(arrival("without a time", "order 1"))
    assert sorted(await handle_all(inbox)) == ["late*", "other order", "other type", "same time", "without a time"]


async def test_what_was_given_up_makes_nothing_stale(place: Place) -> None:
    inbox = place.open()
    await inbox.add(arrival("new", "order 1", 5))
    await inbox.fail(await claim_one(inbox), "E", None)
    await inbox.add(arrival("late", "order 1", 3))
    assert await handle_all(inbox) == ["late"]


async def test_the_newest_time_of_an_object_is_known_handled_or_not(place: Place) -> None:
    inbox = place.open()
    assert await inbox.newest("order 1") is None
    await inbox.add(arrival("a", "order 1", 5))
    assert await inbox.newest("order 1") == 5
    await handle_all(inbox)
    await inbox.add(arrival("b", "order 1", 3))
    assert await inbox.newest("order 1") == 5
    await inbox.add(arrival("c", "order 1", 7))
    assert await inbox.newest("order 1") == 7
    assert await inbox.newest("order 2") is None


async def test_what_ended_long_ago_is_forgotten_and_what_has_not_ended_is_not(place: Place) -> None:
    inbox = place.open()
    for key in ("done", "dead", "waits"):
        await inbox.add(arrival(key, f"order {key}", 5))
    claims = {each.key: each for each in await inbox.claim(3, 10)}
    await inbox.complete(claims["done"])
    await inbox.fail(claims["dead"], "E", None)
    await inbox.fail(claims["waits"], "E", 1)
    await place.pass_time(6 * DAY)
    assert await inbox.purge(7) == 0
    await place.pass_time(2 * DAY)
    assert await inbox.purge(7) == 2
    assert await inbox.counts() == Counts(waiting=1, running=0, done=0, dead=0)
    assert await inbox.newest("order done") is None
    assert await inbox.add(arrival("done"))


async def test_events_are_counted_by_their_state(place: Place) -> None:
    inbox = place.open()
    for key in "abcdef":
        await inbox.add(arrival(key, "order 1" if key in "ef" else "", 1))
    claims = await inbox.claim(4, 10)
    await inbox.complete(claims[0])
    await inbox.fail(claims[1], "E", None)
    assert await inbox.counts() == Counts(waiting=2, running=2, done=1, dead=1)
    await place.pass_time(11)
    assert await inbox.counts() == Counts(waiting=4, running=0, done=1, dead=1)


async def test_bodies_are_sealed_with_a_key_and_opened_with_it(place: Place) -> None:
    key = Encryption.generate_key()
    inbox = place.open(Encryption(key))
    await inbox.add(arrival("a", body=Body(b'{"name":"Jane Doe"}')))
    assert b"Jane" not in await place.content()
    await inbox.add(arrival("b", body=Body(b'{"name":"Jane Doe"}')))
    claim = await claim_one(inbox)
    assert claim.body == b'{"name":"Jane Doe"}'
    await inbox.fail(claim, "E", None)
    [letter] = await inbox.dead_letters()
    assert letter.body == b'{"name":"Jane Doe"}'


async def test_what_none_of_the_keys_opens_is_given_out_without_its_body_and_keeps_nothing_else_back(
    place: Place,
) -> None:
    await place.open(Encryption(Encryption.generate_key())).add(arrival("sealed with another key"))
    inbox = place.open(Encryption(Encryption.generate_key()))
    await inbox.add(arrival("b"))
    claims = await inbox.claim(5, 10)
    assert [(each.key, each.body is None) for each in claims] == [("sealed with another key", True), ("b", False)]
    for claim in claims:
        await inbox.fail(claim, "E", None)
    assert sorted(each.body is None for each in await inbox.dead_letters()) == [False, True]


@pytest.mark.parametrize("body", [b"\xff\xfe{", b"base64:", b"", '{"a":"ä"}'.encode()])
async def test_any_bytes_come_back_as_they_are(place: Place, body: bytes) -> None:
    inbox = place.open()
    await inbox.add(arrival("a", body=Body(body)))
    assert (await claim_one(inbox)).body == body


@needs_redis
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_client_of_redis_that_decodes_answers_will_do(redis_server: RedisServer) -> None:
    async with Redis.from_url(redis_server.url, decode_responses=True) as redis:
        inbox = RedisInbox(redis, prefix="decoded")
        await inbox.add(arrival("a", "order 1", 5, body=Body(b"\xff\xfe{")))
        claim = await claim_one(inbox)
        assert (claim.body, claim.received_at > 1_700_000_000) == (b"\xff\xfe{", True)
        assert await inbox.complete(claim, [lambda pipeline: pipeline.set("decoded:effect", "a")])
        assert await redis.get("decoded:effect") == "a"
        assert await inbox.replay("a")
        await inbox.fail(await claim_one(inbox), "E", None)
        assert [each.key for each in await inbox.dead_letters()] == ["a"]
        assert await inbox.newest("order 1") == 5


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_redis_that_is_gone_is_an_inbox_error() -> None:
    async with Redis.from_url("redis://127.0.0.1:9") as redis:
        with pytest.raises(InboxError, match="the inbox in Redis cannot be used"):
            await RedisInbox(redis).add(arrival("a"))


@pytest.mark.parametrize("anyio_backend", ["trio"])
async def test_redis_on_trio_says_what_to_do() -> None:
    with pytest.raises(InboxError, match="on trio, keep events in SQLite"):
        await RedisInbox(Redis.from_url("redis://127.0.0.1:9")).add(arrival("a"))
