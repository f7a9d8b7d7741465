"""How notifications are sent: signed, again until they are taken, twice or in disorder on request, and written down."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest

from tests.sandbox.conftest import NOW
from tests.sandbox.receiver import Receiver, free_port
from tests.sandbox.signed_calls import Caller
from tiktok_shop_async.sandbox.made_up.seed import make_world
from tiktok_shop_async.sandbox.sending.deliveries import KEPT, Deliveries, Manner, signature
from tiktok_shop_async.sandbox.server import SandboxServer
from tiktok_shop_async.sandbox.state.clock import DAY, HOUR, MINUTE, ManualClock
from tiktok_shop_async.sandbox.state.storage import Storage
from tiktok_shop_async.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

    from tests.sandbox.conformance import Conformance
    from tests.sandbox.receiver import Handler
    from tiktok_shop_async.sandbox.sending.deliveries import Delivery

DATA = {"order_id": "5811", "order_status": "AWAITING_SHIPMENT", "is_on_hold_order": False, "update_time": NOW}


@pytest.fixture
def clock() -> ManualClock:
    """The world's clock."""
    return ManualClock(NOW)


@pytest.fixture
def world(clock: ManualClock) -> World:
    """A world without orders, so that nothing happens in it by itself, and with patience for a busy machine."""
    world = make_world(clock, seed=7, orders=0)
    world.deliveries.manner.timeout = 30
    return world


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that takes everything."""
    with Receiver() as receiver:
        yield receiver


def emit(world: World, receiver: Receiver | str, count: int = 1) -> list[Delivery]:
    """Tells that orders have changed."""
    world.deliveries.manner.address = receiver if isinstance(receiver, str) else receiver.url
    shop = next(iter(world.shops))
    emitted = [
        world.notifications.emit(shop, "ORDER_STATUS_CHANGE", {**DATA, "order_id": str(number)}, world.now)
        for number in range(count)
    ]
    return [delivery for delivery in emitted if delivery is not None]


def send_due(world: World) -> int:
    """Sends what is due, as the server's task does it."""
    return anyio.run(world.deliveries.send_due, world)


def order_ids(receiver: Receiver) -> list[str]:
    return [notification["data"]["order_id"] for notification in receiver.notifications]


def test_the_signature_is_that_of_the_documented_vector() -> None:
    body = (
        b'{"type":1,"shop_id":"7494726673780148744","timestamp":1664095733,"data":{"order_id":"576684019603311365",'
        b'"order_status":"AWAITING_SHIPMENT","update_time":1664095610}}'
    )
    expected = "21109834de72ec53c9959716d8514ae388ce1f123e5ffdcafc46713fcdf62b27"
    assert signature("fake_app_key", "fake_app_secret", body) == expected


def test_a_notification_arrives_signed_over_its_very_bytes(world: World, receiver: Receiver) -> None:
    (delivery,) = emit(world, receiver)
    assert receiver.received == []  # Nothing is sent by whoever tells of it.
    assert send_due(world) == 1
    (received,) = receiver.received
    assert received.is_signed_by(world.app_key, world.app_secret)
    assert received.headers["content-type"] == "application/json"
    assert received.notification == {
        "type": 1,
        "tts_notification_id": delivery.notification_id,
        "shop_id": next(iter(world.shops)).id,
        "timestamp": NOW,
        "data": {**DATA, "order_id": "0"},
    }


def test_text_beyond_ascii_is_signed_as_the_bytes_that_are_sent(world: World, receiver: Receiver) -> None:
    world.notifications.send("NEW_MESSAGE", {"content": '{"content": "Grüße 🎁"}'}, address=receiver.url)
    send_due(world)
    (received,) = receiver.received
    assert received.is_signed_by(world.app_key, world.app_secret)
    assert "Grüße 🎁" in received.body.decode()


def test_what_was_taken_is_not_sent_again(world: World, clock: ManualClock, receiver: Receiver) -> None:
    (delivery,) = emit(world, receiver)
    send_due(world)
    clock.advance(30 * DAY)
    assert send_due(world) == 0
    assert (delivery.state, delivery.due) == ("delivered", None)
    (attempt,) = delivery.attempts
    assert (attempt.time, attempt.status, attempt.error) == (NOW, 200, "")


def test_what_is_not_taken_comes_again_after_2_and_30_minutes_3_and_12_hours_and_then_never(
    world: World, clock: ManualClock
) -> None:
    with Receiver(answer=500) as receiver:
        (delivery,) = emit(world, receiver)
        send_due(world)
        for count, delay in enumerate((2 * MINUTE, 30 * MINUTE, 3 * HOUR, 12 * HOUR), start=1):
            clock.advance(delay - 1)
            send_due(world)
            assert (len(receiver.received), delivery.state) == (count, "waiting")
            clock.advance(1)
            send_due(world)
            assert len(receiver.received) == count + 1
        world.deliveries.manner.address = None  # Nothing else is told while a year passes.
        clock.advance(365 * DAY)
        assert send_due(world) == 0
    assert delivery.state == "given up"
    assert {attempt.error for attempt in delivery.attempts} == {"answered 500, not 200"}
    assert len({(received.body, received.headers["authorization"]) for received in receiver.received}) == 1


def test_when_much_time_has_passed_the_attempts_of_it_are_made_at_their_times(world: World, clock: ManualClock) -> None:
    with Receiver(answer=503) as receiver:
        (delivery,) = emit(world, receiver)
        clock.advance(DAY)
        assert send_due(world) == 5
    first = NOW + 2 * MINUTE
    times = [NOW, first, first + 30 * MINUTE, first + 30 * MINUTE + 3 * HOUR, first + 30 * MINUTE + 15 * HOUR]
    assert [attempt.time for attempt in delivery.attempts] == times


def test_a_receiver_that_recovers_gets_what_it_missed(world: World, clock: ManualClock, receiver: Receiver) -> None:
    receiver.answer = 500
    deliveries = emit(world, receiver, count=3)
    send_due(world)
    receiver.answer = 200
    clock.advance(2 * MINUTE)
    assert send_due(world) == 3
    assert [delivery.state for delivery in deliveries] == ["delivered"] * 3
    assert order_ids(receiver) == ["0", "1", "2"] * 2


def test_a_receiver_has_three_seconds_unless_told_otherwise() -> None:
    assert Deliveries().manner.timeout == 3


@pytest.mark.parametrize("status", [201, 204, 400, 401, 404, 429, 500])
def test_any_answer_but_200_is_a_failure(world: World, status: int) -> None:
    with Receiver(answer=status) as receiver:
        (delivery,) = emit(world, receiver)
        send_due(world)
    assert (delivery.state, delivery.attempts[0].status) == ("waiting", status)


def test_a_redirect_is_not_followed(world: World, receiver: Receiver) -> None:
    with Receiver(answer=lambda handler: handler.respond(302, headers={"location": receiver.url})) as redirecting:
        (delivery,) = emit(world, redirecting)
        send_due(world)
    assert receiver.received == []
    assert delivery.attempts[0].error == "answered 302: redirects are not followed"


def test_a_receiver_that_hangs_is_left_after_the_time_out(world: World) -> None:
    with Receiver() as receiver:
        receiver.answer = receiver.hang
        world.deliveries.manner.timeout = 0.1
        (delivery,) = emit(world, receiver)
        send_due(world)
    assert (delivery.state, delivery.attempts[0].status) == ("waiting", None)
    assert delivery.attempts[0].error == "no answer within 0.1 s"
    assert 100 <= delivery.attempts[0].milliseconds < 5_000


def test_an_answer_that_does_not_end_is_read_up_to_a_bound(world: World) -> None:
    sent: list[int] = []

    def flood(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                sent.append(handler.wfile.write(b"x" * 65_536))
        except OSError:
            return  # Nobody listens any more.

    with Receiver(answer=flood) as receiver:
        (delivery,) = emit(world, receiver)
        send_due(world)
    assert delivery.state == "delivered"
    assert sum(sent) < 50_000_000


def _hang_up(handler: Handler) -> None:
    handler.connection.close()


def _talk_nonsense(handler: Handler) -> None:
    handler.wfile.write(b"what?\r\n\r\n")


@pytest.mark.parametrize("answer", [_hang_up, _talk_nonsense])
def test_a_receiver_that_hangs_up_or_speaks_no_http_gets_it_again(
    world: World, answer: Callable[[Handler], None]
) -> None:
    with Receiver(answer) as receiver:
        (delivery,) = emit(world, receiver)
        send_due(world)
    assert (delivery.state, delivery.attempts[0].status) == ("waiting", None)
    assert "Error" in delivery.attempts[0].error


def test_a_receiver_that_is_gone_gets_it_later(world: World) -> None:
    (delivery,) = emit(world, f"http://127.0.0.1:{free_port()}/hook")
    send_due(world)
    assert delivery.state == "waiting"
    assert delivery.attempts[0].error.startswith("ConnectError")


def test_a_receiver_that_hangs_does_not_hold_up_another(world: World, receiver: Receiver) -> None:
    shop = next(iter(world.shops))

    def free_the_slow_one(handler: Handler) -> None:
        slow.released.set()
        handler.respond(200)

    with Receiver() as slow:
        slow.answer = slow.hang
        receiver.answer = free_the_slow_one
        emit(world, slow)
        world.notifications.send("PACKAGE_UPDATE", {}, shop=shop, address=receiver.url)
        world.deliveries.manner.timeout = 20
        send_due(world)
    assert len(receiver.received) == len(slow.received) == 1


def test_what_falls_due_while_a_receiver_hangs_is_sent_meanwhile(world: World, receiver: Receiver) -> None:
    shop = next(iter(world.shops))

    with Receiver() as slow:

        def tell_of_more(handler: Handler) -> None:
            world.notifications.send("PACKAGE_UPDATE", {}, shop=shop, address=receiver.url)
            slow.hang(handler)

        def free_the_slow_one(handler: Handler) -> None:
            slow.released.set()
            handler.respond(200)

        slow.answer, receiver.answer = tell_of_more, free_the_slow_one
        emit(world, slow)
        world.deliveries.manner.timeout = 20
        assert send_due(world) == 2
    assert len(receiver.received) == len(slow.received) == 1


def test_a_share_of_notifications_comes_twice_with_the_same_id(world: World, receiver: Receiver) -> None:
    world.deliveries.manner = Manner(duplicates=0.3, seed=1, timeout=30)
    emit(world, receiver, count=100)
    send_due(world)
    ids = [notification["tts_notification_id"] for notification in receiver.notifications]
    assert len(set(ids)) == 100
    assert 15 < len(ids) - 100 < 45
    assert len({received.body for received in receiver.received}) == 100


def test_within_the_window_notifications_overtake_each_other(
    world: World, clock: ManualClock, receiver: Receiver
) -> None:
    world.deliveries.manner = Manner(shuffle=60, seed=2, timeout=30)
    emit(world, receiver, count=20)
    clock.advance(60)
    send_due(world)
    inorder = [str(number) for number in range(20)]
    assert order_ids(receiver) != inorder
    assert sorted(order_ids(receiver), key=int) == inorder


def test_duplicates_and_order_follow_from_the_seed(clock: ManualClock) -> None:
    def fates(seed: int) -> list[tuple[str, int | None]]:
        world = make_world(clock, seed=7, orders=0)
        world.deliveries.manner = Manner(duplicates=0.5, shuffle=60, seed=seed)
        emit(world, "http://127.0.0.1:1/", count=20)
        return [(delivery.notification_id, delivery.due) for delivery in world.deliveries.log()]

    assert fates(1) == fates(1) != fates(2)


def test_what_is_told_in_order_arrives_in_order_unless_asked(world: World, receiver: Receiver) -> None:
    emit(world, receiver, count=30)
    send_due(world)
    assert order_ids(receiver) == [str(number) for number in range(30)]


def test_the_log_has_each_notification_with_its_attempts(world: World, clock: ManualClock) -> None:
    with Receiver(answer=500) as receiver:
        (delivery,) = emit(world, receiver)
        send_due(world)
        receiver.answer = 200
        clock.advance(2 * MINUTE)
        send_due(world)
    logged = json.loads(json.dumps(world.deliveries.log()[-1].as_data()))
    assert (logged["id"], logged["event_type"], logged["state"]) == (delivery.id, "ORDER_STATUS_CHANGE", "delivered")
    assert [(each["time"], each["status"]) for each in logged["attempts"]] == [(NOW, 500), (NOW + 120, 200)]
    assert all(each["milliseconds"] > 0 for each in logged["attempts"])


def test_the_log_forgets_the_oldest_that_wait_for_nothing(world: World) -> None:
    world.deliveries.send_into(httpx.MockTransport(lambda _: httpx.Response(200)))
    emit(world, "http://receiver.test/", count=KEPT + 10)
    send_due(world)
    assert len(world.deliveries.log()) == KEPT
    assert world.deliveries.get("1") is None
    assert world.deliveries.get(str(KEPT + 10)) is not None


def test_what_waits_is_not_forgotten(world: World, receiver: Receiver) -> None:
    receiver.answer = 500
    (waiting,) = emit(world, receiver)
    send_due(world)
    world.deliveries.send_into(httpx.MockTransport(lambda _: httpx.Response(200)))
    emit(world, "http://receiver.test/", count=KEPT + 10)
    send_due(world)
    assert world.deliveries.get(waiting.id) is waiting


def test_a_notification_is_sent_again_by_hand_as_it_was(world: World, clock: ManualClock, receiver: Receiver) -> None:
    (delivery,) = emit(world, receiver)
    send_due(world)
    clock.advance(HOUR)
    again = world.notifications.resend(delivery.id)
    send_due(world)
    first, second = receiver.received
    assert first.body == second.body
    assert (again.state, again.attempts[0].time) == ("delivered", NOW + HOUR)


def test_an_application_of_the_same_process_receives_without_a_port(world: World) -> None:
    bodies: list[bytes] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        bodies.append(message["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    world.deliveries.send_into(application)
    (delivery,) = emit(world, "https://shop.example/hook")
    send_due(world)
    assert (delivery.state, bodies) == ("delivered", [delivery.body.encode()])


def test_an_application_of_the_same_process_that_raises_has_not_taken_it(world: World) -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("out of order")

    world.deliveries.send_into(application)
    (delivery,) = emit(world, "https://shop.example/hook")
    send_due(world)
    assert (delivery.state, delivery.attempts[0].status) == ("waiting", 500)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_sending_runs_on_asyncio_and_on_trio(world: World, receiver: Receiver, backend: str) -> None:
    emit(world, receiver)
    assert anyio.run(world.deliveries.send_due, world, backend=backend) == 1
    assert len(receiver.received) == 1


def test_two_that_send_at_a_time_do_not_send_twice(world: World, receiver: Receiver) -> None:
    async def both() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(world.deliveries.send_due, world)
            tasks.start_soon(world.deliveries.send_due, world)

    emit(world, receiver, count=5)
    anyio.run(both)
    assert sorted(order_ids(receiver)) == ["0", "1", "2", "3", "4"]


def test_what_was_under_way_when_the_sender_was_stopped_is_sent_again(world: World, receiver: Receiver) -> None:
    async def stopped() -> None:
        with anyio.move_on_after(0.1):
            await world.deliveries.send_due(world)

    with Receiver() as slow:
        slow.answer = slow.hang
        (delivery,) = emit(world, slow)
        anyio.run(stopped)
        assert (delivery.state, delivery.attempts) == ("waiting", [])
    delivery.address = receiver.url
    send_due(world)
    assert len(receiver.received) == 1


def test_an_earlier_process_s_deliveries_are_taken_up(
    world: World, clock: ManualClock, receiver: Receiver, tmp_path: Path
) -> None:
    world.keep_in(Storage(tmp_path / "state"))
    receiver.answer = 500
    emit(world, receiver, count=2)
    send_due(world)
    world.close()
    later = World.load(Storage(tmp_path / "state"), clock)
    receiver.answer = 200
    clock.advance(2 * MINUTE)
    assert send_due(later) == 2
    (new,) = emit(later, receiver)
    assert new.id == "3"
    assert Deliveries().log() == []


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ftp://receiver.example/", "neither http nor https"),
        ("http:///hook", "names no host"),
        ("http://me:pass@receiver.example/", "a user name or a password"),
        ("http://169.254.169.254/latest", "link-local"),
        ("http://[fe80::1]/", "link-local"),
        ("http://[::ffff:169.254.169.254]/", "link-local"),
        ("http://224.0.0.1/", "the address of a group"),
        ("http://receiver.example:port/", "no URL"),
    ],
)
def test_nothing_is_sent_to_what_is_no_receiver(world: World, address: str, reason: str) -> None:
    (delivery,) = emit(world, address)
    send_due(world)
    assert reason in delivery.attempts[0].error
    assert delivery.attempts[0].error.startswith("not sent: ")


def test_a_name_that_leads_to_a_forbidden_address_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lookup(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", ("169.254.169.254", 80))]

    monkeypatch.setattr(anyio, "getaddrinfo", lookup)
    (delivery,) = emit(world, "http://metadata.example/")
    send_due(world)
    assert "link-local" in delivery.attempts[0].error


def test_a_server_sends_to_the_address_that_was_subscribed_while_it_answers(
    conformance: Conformance, receiver: Receiver
) -> None:
    clock = ManualClock(NOW)
    with SandboxServer(seed=7, orders=10, clock=clock) as sandbox:
        caller = Caller(
            world=sandbox.world,
            clock=clock,
            conformance=conformance,
            app=None,
            token=sandbox.access_token,
            cipher=sandbox.shop_cipher,
            base_url=sandbox.url,
        )
        body = {"event_type": "ORDER_STATUS_CHANGE", "address": f"{receiver.url}/hook"}
        assert caller.call("PUT", "/event/202309/webhooks", body=body).code == 0
        receiver.answer = 500
        sandbox.world.notifications.send("ORDER_STATUS_CHANGE", DATA, shop=sandbox.shop)
        wait_until(lambda: len(receiver.received) == 1)
        receiver.answer = 200
        clock.advance(2 * MINUTE)
        wait_until(lambda: len(receiver.received) == 2)
    first, second = receiver.received
    assert (first.path, first.body) == ("/hook", second.body)
    assert second.is_signed_by(sandbox.app_key, sandbox.app_secret)


def test_a_server_answers_while_a_receiver_hangs() -> None:
    with Receiver() as slow, SandboxServer(seed=7, orders=0) as sandbox:
        slow.answer = slow.hang
        sandbox.world.notifications.send("ORDER_STATUS_CHANGE", DATA, address=slow.url)
        wait_until(lambda: len(slow.received) == 1)
        assert httpx.get(f"{sandbox.url}/nowhere", trust_env=False).json()["code"] == 36009009
        assert not slow.released.is_set()


def wait_until(condition: Callable[[], bool]) -> None:
    """Waits for what another thread does."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)
