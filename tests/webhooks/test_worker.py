"""How events are handled: typed, several at a time, again after failures, and in the end given up."""

from __future__ import annotations

import logging
import sqlite3  # noqa: TC003 - handlers name it in their own annotations
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.webhooks.places import SQLitePlace
from tiktok_shop_async import Clock, InboxError
from tiktok_shop_async.event import Event, UnknownEvent
from tiktok_shop_async.events import OrderStatusChange, PackageUpdate, SkuStatusChange
from tiktok_shop_async.tokens import Encryption
from tiktok_shop_async.webhooks import Counts, Delivery, Retries, SQLiteInbox, Webhooks, parse

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.fixture
async def place(tmp_path: Path, anyio_backend: str) -> AsyncIterator[SQLitePlace]:
    place = SQLitePlace(tmp_path / "inbox.db")
    yield place
    await place.aclose()


def make(place: SQLitePlace, **more: Any) -> Webhooks:
    clock = Clock(now=lambda: place.now, random=lambda: 1.0)
    return Webhooks({"key": "secret"}, place.open(), clock=clock, **more)


def change(number: int | str, order_id: str | None = None, update_time: int = 9, status: str = "UNPAID") -> Event:
    body = (
        f'{{"type":1,"tts_notification_id":"{number}","shop_id":"7","data":'
        f'{{"order_id":"{order_id or number}","order_status":"{status}","update_time":{update_time}}}}}'
    )
    return parse(body.encode())


async def test_a_handler_gets_the_typed_event_and_its_delivery(place: SQLitePlace) -> None:
    webhooks = make(place)
    seen: list[tuple[str, str | None, Delivery]] = []

    @webhooks.on(OrderStatusChange)
    async def changed(event: OrderStatusChange, delivery: Delivery) -> None:
        seen.append((event.data.order_id, event.data.order_status, delivery))

    assert await webhooks.put(change(1, "55"))
    assert not await webhooks.put(change(1, "55"))
    assert await webhooks.drain() == 1
    [(order_id, status, delivery)] = seen
    assert (order_id, status) == ("55", "UNPAID")
    assert (delivery.key, delivery.attempt, delivery.stale, delivery.replayed) == ("1-1", 1, False, False)
    assert delivery.received_at == place.now


async def test_an_event_goes_to_the_handlers_of_its_class_and_of_all_events(place: SQLitePlace) -> None:
    webhooks = make(place)
    seen: list[str] = []

    @webhooks.on(PackageUpdate)
    async def of_packages(event: PackageUpdate, delivery: Delivery) -> None:
        seen.append("package")

    @webhooks.on(OrderStatusChange, UnknownEvent)
    async def of_two(event: Event, delivery: Delivery) -> None:
        seen.append(f"two {event.type}")

    @webhooks.on(Event)
    async def of_all(event: Event, delivery: Delivery) -> None:
        seen.append(f"all {event.type}")

    await webhooks.put(change(1))
    await webhooks.put(parse(b'{"type":9999,"tts_notification_id":"2"}'))
    await webhooks.drain()
    assert seen == ["two 1", "all 1", "two 9999", "all 9999"]


async def test_an_event_without_a_handler_is_done(place: SQLitePlace) -> None:
    webhooks = make(place)
    await webhooks.put(change(1))
    await webhooks.drain()
    assert await webhooks.inbox.counts() == Counts(waiting=0, running=0, done=1, dead=0)


async def test_effects_are_written_once_though_the_handlers_are_run_twice(place: SQLitePlace) -> None:
    webhooks = make(place, retries=Retries(base=1))
    runs: list[int] = []

    @webhooks.on(OrderStatusChange)
    async def first(event: OrderStatusChange, delivery: Delivery) -> None:
        delivery.apply(place.effect(f"order {event.data.order_id}"))

    @webhooks.on(OrderStatusChange)
    async def second(event: OrderStatusChange, delivery: Delivery) -> None:
        runs.append(delivery.attempt)
        if delivery.attempt == 1:
            raise ValueError("not yet")

    await webhooks.put(change(1))
    await webhooks.drain()
    assert await place.effects() == []
    await place.pass_time(1.1)
    await webhooks.drain()
    assert runs == [1, 2]
    assert await place.effects() == ["order 1"]


async def test_pauses_double_until_the_event_is_given_up(place: SQLitePlace) -> None:
    webhooks = make(place, retries=Retries(attempts=5, base=10, cap=30))
    times: list[float] = []
    start = place.now

    @webhooks.on(OrderStatusChange)
    async def broken(event: OrderStatusChange, delivery: Delivery) -> None:
        times.append(place.now - start)
        raise ValueError("Jane Doe")

    await webhooks.put(change(1))
    for _ in range(200):
        await webhooks.drain()
        await place.pass_time(1)
    assert times == [0, 10, 30, 60, 90]
    [letter] = await webhooks.inbox.dead_letters()
    assert (letter.key, letter.attempts) == ("1-1", 5)
    assert letter.error.startswith("ValueError in broken, line ")
    assert "Jane" not in letter.error


def test_the_last_half_of_a_pause_is_chance() -> None:
    retries = Retries(base=2, cap=600)
    assert (retries.pause(1, 0.0), retries.pause(1, 1.0)) == (1.0, 2.0)
    assert (retries.pause(20, 0.0), retries.pause(2000, 1.0)) == (300.0, 600.0)


async def test_a_replayed_event_says_so_and_is_handled_again(place: SQLitePlace) -> None:
    webhooks = make(place, retries=Retries(attempts=1))
    seen: list[tuple[int, bool]] = []

    @webhooks.on(OrderStatusChange)
    async def changed(event: OrderStatusChange, delivery: Delivery) -> None:
        seen.append((delivery.attempt, delivery.replayed))
        if not delivery.replayed:
            raise ValueError

    await webhooks.put(change(1))
    await webhooks.drain()
    [letter] = await webhooks.inbox.dead_letters()
    assert await webhooks.inbox.replay(letter.key)
    await webhooks.drain()
    assert seen == [(1, False), (1, True)]
    assert (await webhooks.inbox.counts()).done == 1


async def test_a_late_event_is_marked_stale(place: SQLitePlace) -> None:
    webhooks = make(place)
    seen: list[tuple[str | None, bool]] = []

    @webhooks.on(OrderStatusChange)
    async def changed(event: OrderStatusChange, delivery: Delivery) -> None:
        seen.append((event.data.order_status, delivery.stale))

    await webhooks.put(change(1, "5", 20, "DELIVERED"))
    await webhooks.drain()
    await webhooks.put(change(2, "5", 10, "IN_TRANSIT"))
    await webhooks.drain()
    assert seen == [("DELIVERED", False), ("IN_TRANSIT", True)]


async def test_an_event_that_tells_of_a_part_of_its_object_is_never_stale(place: SQLitePlace) -> None:
    """The newer one is about other SKUs, and says nothing of those of the older one."""
    webhooks = make(place)
    seen: list[tuple[str, bool]] = []

    @webhooks.on(SkuStatusChange)
    async def changed(event: SkuStatusChange, delivery: Delivery) -> None:
        seen.append((event.data.skus[0].sku_id, delivery.stale))

    for number, (sku, update_time) in enumerate((("one", 20), ("two", 10))):
        data = f'{{"product_id":"5","skus":[{{"sku_id":"{sku}"}}],"update_time":{update_time}}}'
        await webhooks.put(parse(f'{{"type":50,"tts_notification_id":"{number}","data":{data}}}'.encode()))
        await webhooks.drain()
    assert seen == [("one", False), ("two", False)]


async def test_an_event_that_cannot_be_decrypted_fails_and_the_others_go_on(place: SQLitePlace) -> None:
    lost = Webhooks({"key": "secret"}, place.open(Encryption(Encryption.generate_key())))
    await lost.put(change(1))
    webhooks = Webhooks(
        {"key": "secret"}, place.open(Encryption(Encryption.generate_key())), retries=Retries(attempts=1)
    )
    seen: list[str] = []

    @webhooks.on(Event)
    async def handle(event: Event, delivery: Delivery) -> None:
        seen.append(delivery.key)

    await webhooks.put(change(2))
    await webhooks.drain()
    assert seen == ["1-2"]
    [letter] = await webhooks.inbox.dead_letters()
    assert (letter.key, letter.body) == ("1-1", None)
    assert letter.error == "InboxError: none of the encryption keys opens the event, or it is damaged"


async def test_an_effect_that_raises_is_a_failure_of_the_event(place: SQLitePlace) -> None:
    webhooks = make(place, retries=Retries(attempts=1))

    @webhooks.on(OrderStatusChange)
    async def changed(event: OrderStatusChange, delivery: Delivery) -> None:
        delivery.apply(place.effect("one"))
        delivery.apply(lambda file: file.execute("INSERT INTO no_such_table VALUES (1)"))

    await webhooks.put(change(1))
    await webhooks.drain()
    assert await place.effects() == []
    assert [each.error.split(" ")[0] for each in await webhooks.inbox.dead_letters()] == ["OperationalError"]


async def test_an_effect_may_not_end_the_transaction(place: SQLitePlace) -> None:
    webhooks = make(place, retries=Retries(attempts=1))

    def commits(file: sqlite3.Connection) -> None:
        file.execute("INSERT INTO effects VALUES ('half')")
        file.commit()

    @webhooks.on(OrderStatusChange)
    async def changed(event: OrderStatusChange, delivery: Delivery) -> None:
        delivery.apply(commits)

    await webhooks.put(change(1))
    await webhooks.drain()
    assert await place.effects() == []
    assert len(await webhooks.inbox.dead_letters()) == 1


async def test_failures_are_told_with_the_error_and_logged_without_its_text(
    place: SQLitePlace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "tiktok_shop_async.webhooks")
    told: list[str] = []

    def on_error(event: Event, delivery: Delivery, error: Exception) -> None:
        told.append(f"{event.type} {delivery.attempt} {error}")
        raise KeyError("Jane Doe")

    webhooks = make(place, retries=Retries(attempts=2, base=1), on_error=on_error)

    @webhooks.on(OrderStatusChange)
    async def broken(event: OrderStatusChange, delivery: Delivery) -> None:
        raise ValueError("Jane Doe")

    await webhooks.put(change(1))
    await webhooks.drain()
    await place.pass_time(2)
    await webhooks.drain()
    assert told == ["1 1 Jane Doe", "1 2 Jane Doe"]
    messages = [each.getMessage() for each in caplog.records]
    assert messages[0].startswith("event 1-1, attempt 1: ValueError in broken, line ")
    assert messages[0].endswith("; again in 1.0 s")
    assert messages[2].startswith("event 1-1 is given up after 2 attempts: ValueError in broken")
    assert "Jane" not in caplog.text


async def test_a_handler_that_takes_too_long_is_cancelled_and_that_is_a_failure(place: SQLitePlace) -> None:
    webhooks = make(place, timeout=0.05, retries=Retries(attempts=1))
    ended: list[str] = []

    @webhooks.on(OrderStatusChange)
    async def hangs(event: OrderStatusChange, delivery: Delivery) -> None:
        delivery.apply(place.effect("x"))
        try:
            await anyio.sleep_forever()
        finally:
            ended.append("cancelled")

    await webhooks.put(change(1))
    await webhooks.drain()
    assert ended == ["cancelled"]
    assert await place.effects() == []
    assert [each.error for each in await webhooks.inbox.dead_letters()] == ["TimeoutError: no end within 0.05 s"]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_handler_that_is_cancelled_from_within_fails_like_any_other(place: SQLitePlace) -> None:
    import asyncio

    webhooks = make(place, retries=Retries(attempts=1))

    @webhooks.on(OrderStatusChange)
    async def cancelled(event: OrderStatusChange, delivery: Delivery) -> None:
        raise asyncio.CancelledError

    await webhooks.put(change(1))
    await webhooks.drain()
    assert [each.error for each in await webhooks.inbox.dead_letters()] == ["RuntimeError"]


async def test_an_event_whose_process_ends_each_time_is_given_up(place: SQLitePlace) -> None:
    webhooks = make(place, retries=Retries(attempts=2))
    await webhooks.put(change(1))
    for _ in range(2):  # as workers do that are killed
        assert len(await webhooks.inbox.claim(1, 10)) == 1
        await place.pass_time(11)
    await webhooks.drain()
    [letter] = await webhooks.inbox.dead_letters()
    assert letter.error == "2 attempts ended with their process"


@asynccontextmanager
async def running(webhooks: Webhooks) -> AsyncGenerator[None]:
    with anyio.fail_after(20):
        async with webhooks.running():
            yield


async def until_done(webhooks: Webhooks, count: int) -> None:
    while (await webhooks.inbox.counts()).done < count:  # noqa: ASYNC110 - it is the file that says so
        await anyio.sleep(0.01)


async def test_a_running_worker_handles_what_comes_several_at_a_time(place: SQLitePlace) -> None:
    webhooks = make(place, concurrency=3, poll=60)
    at_once: list[int] = []
    now = 0

    @webhooks.on(OrderStatusChange)
    async def slow(event: OrderStatusChange, delivery: Delivery) -> None:
        nonlocal now
        now += 1
        at_once.append(now)
        await anyio.sleep(0.02)
        now -= 1

    async with running(webhooks):
        for number in range(12):
            await webhooks.put(change(number))
        await until_done(webhooks, 12)
    assert max(at_once) == 3


async def test_a_handler_that_hangs_does_not_hold_up_the_others(place: SQLitePlace) -> None:
    webhooks = make(place, concurrency=2)

    @webhooks.on(OrderStatusChange)
    async def hangs(event: OrderStatusChange, delivery: Delivery) -> None:
        if event.data.order_id == "0":
            await anyio.sleep_forever()

    async with running(webhooks):
        for number in range(8):
            await webhooks.put(change(number))
        await until_done(webhooks, 7)


async def test_what_is_under_way_at_the_end_is_given_back(place: SQLitePlace) -> None:
    webhooks = make(place)
    begun = anyio.Event()

    @webhooks.on(OrderStatusChange)
    async def hangs(event: OrderStatusChange, delivery: Delivery) -> None:
        begun.set()
        await anyio.sleep_forever()

    async with running(webhooks):
        await webhooks.put(change(1))
        await begun.wait()
    [claim] = await webhooks.inbox.claim(1, 10)
    assert claim.attempt == 1


async def test_a_lease_is_renewed_for_as_long_as_a_handler_runs(place: SQLitePlace) -> None:
    webhooks = make(place, lease=0.09)
    begun, go_on = anyio.Event(), anyio.Event()

    @webhooks.on(OrderStatusChange)
    async def slow(event: OrderStatusChange, delivery: Delivery) -> None:
        begun.set()
        await go_on.wait()

    async with running(webhooks):
        await webhooks.put(change(1))
        await begun.wait()
        for _ in range(4):
            await anyio.sleep(0.06)  # twice as long as between two renewals
            await place.pass_time(0.06)
        assert await place.open().claim(1, 10) == []
        go_on.set()
        await until_done(webhooks, 1)


async def test_what_other_processes_put_in_is_found_by_looking(place: SQLitePlace) -> None:
    webhooks = make(place, poll=0.02)
    other = make(place)
    async with running(webhooks):
        await anyio.sleep(0.05)
        await other.put(change(1))
        await until_done(webhooks, 1)


async def test_an_error_of_the_block_comes_out_as_it_is(place: SQLitePlace) -> None:
    with pytest.raises(ValueError, match="mine"):
        async with make(place).running():
            raise ValueError("mine")


async def test_a_worker_lives_through_an_inbox_that_cannot_be_read(
    place: SQLitePlace, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhooks = make(place, poll=0.01)
    claim = SQLiteInbox.claim
    failures = iter([True] * 3)

    async def claim_or_fail(self: SQLiteInbox, most: int, seconds: float) -> Any:
        if next(failures, False):
            raise InboxError("locked")
        return await claim(self, most, seconds)

    monkeypatch.setattr(SQLiteInbox, "claim", claim_or_fail)
    await webhooks.put(change(1))
    async with running(webhooks):
        await until_done(webhooks, 1)
    assert caplog.text.count("no events can be taken: locked") == 3


async def test_old_events_are_forgotten_while_it_runs(place: SQLitePlace) -> None:
    webhooks = make(place, keep_days=3)
    await webhooks.put(change(1))
    await webhooks.drain()
    await place.pass_time(4 * 86_400)
    async with running(webhooks):
        while (await webhooks.inbox.counts()).done:  # noqa: ASYNC110
            await anyio.sleep(0.01)
