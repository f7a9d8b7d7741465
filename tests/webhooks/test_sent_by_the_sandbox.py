"""What the sandbox sends, as a receiver of this package takes it: every type, well-formed and odd."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tiktok_shop_async.event import Event, UnknownEvent
from tiktok_shop_async.events import OrderStatusChange, event_class
from tiktok_shop_async.sandbox import Sandbox
from tiktok_shop_async.sandbox.sending.notifications import event_types
from tiktok_shop_async.sandbox.sending.targets import UnsafeTargetError
from tiktok_shop_async.webhooks import Delivery, SQLiteInbox, Webhooks, object_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def shops() -> Sandbox:
    """With orders, packages and returns for notifications to be about."""
    return Sandbox(orders=60)


@pytest.fixture
async def told() -> list[Event]:
    """The events that were handled."""
    return []


@pytest.fixture
async def webhooks(shops: Sandbox, told: list[Event], tmp_path: Path) -> AsyncIterator[Webhooks]:
    """A receiver that the sandbox sends into."""
    webhooks = Webhooks({shops.app_key: shops.app_secret}, SQLiteInbox(tmp_path / "inbox.db"))

    @webhooks.on(Event)
    async def note(event: Event, delivery: Delivery) -> None:
        told.append(event)

    shops.send_into(webhooks)
    yield webhooks
    await webhooks.inbox.aclose()


@pytest.mark.parametrize("event_type", sorted(event_types()))
async def test_each_type_arrives_as_its_event_with_all_that_was_sent(
    shops: Sandbox, webhooks: Webhooks, told: list[Event], event_type: str
) -> None:
    sent = shops.send(event_type)
    assert await shops.send_notifications() == 1
    assert sent.is_delivered
    await webhooks.drain()
    [event] = told
    kind = event_types()[event_type]
    assert type(event) is event_class(kind.number)
    assert leaves(event.to_dict()) == leaves(json.loads(sent.body))


def leaves(value: Any, place: str = "") -> dict[str, str]:
    """What stands where; an id that is a number is the same as text, and what is empty is as if it were not there."""
    if isinstance(value, dict):
        return {name: text for key, each in value.items() for name, text in leaves(each, f"{place}/{key}").items()}
    if isinstance(value, list):
        return {name: text for at, each in enumerate(value) for name, text in leaves(each, f"{place}/{at}").items()}
    return {} if value is None or value == "" else {place: str(value)}


async def test_fields_say_what_a_test_wants_and_the_others_are_made_up(
    shops: Sandbox, webhooks: Webhooks, told: list[Event]
) -> None:
    shops.send("ORDER_STATUS_CHANGE", changes={"order_id": "5", "order_status": "CANCEL"})
    shops.send(1, {"order_id": "6"})
    await shops.send_notifications()
    await webhooks.drain()
    made_up, bare = told
    assert isinstance(made_up, OrderStatusChange)
    assert (made_up.data.order_id, made_up.data.order_status) == ("5", "CANCEL")
    assert made_up.data.update_time is not None
    assert isinstance(bare, OrderStatusChange)
    assert bare.data.to_dict() == {"order_id": "6"}


async def test_odd_ones_are_sent_as_they_are_asked_for(shops: Sandbox, webhooks: Webhooks, told: list[Event]) -> None:
    other = list(shops.world.shops)[1]
    shops.send(1, changes={"update_time": 5}, ids_as_numbers=True, without={"shop_id", "tts_notification_id"})
    shops.send(9999, {"new": True}, shop_id=other.id, envelope={"timestamp": 7})
    await shops.send_notifications()
    await webhooks.drain()
    numbers, unknown = sorted(told, key=lambda each: each.type)
    assert (numbers.shop_id, numbers.tts_notification_id) == ("", "")
    about = object_of(numbers)
    assert about is not None
    assert about.id in {each.id for each in shops.shop.orders}
    assert isinstance(unknown, UnknownEvent)
    assert (unknown.type, unknown.shop_id, unknown.timestamp, unknown.data) == (9999, other.id, 7, {"new": True})


async def test_what_happens_in_the_shop_is_told_without_being_sent_by_hand(
    shops: Sandbox, webhooks: Webhooks, told: list[Event]
) -> None:
    (order,) = shops.create_orders()
    await shops.send_notifications()
    await webhooks.drain()
    assert order.id in {each.data.order_id for each in told if isinstance(each, OrderStatusChange)}


async def test_what_cannot_be_sent_is_refused() -> None:
    sandbox = Sandbox(orders=0)
    with pytest.raises(LookupError, match="no address is set for ORDER_STATUS_CHANGE"):
        sandbox.send("ORDER_STATUS_CHANGE")
    with pytest.raises(LookupError, match="no type of event is called ORDER"):
        sandbox.send("ORDER", address="https://service.example/")
    with pytest.raises(LookupError, match="there is no shop 5"):
        sandbox.send(1, shop_id="5", address="https://service.example/")
    with pytest.raises(UnsafeTargetError):
        sandbox.send(1, address="file:///etc/passwd")


async def test_an_address_of_its_own_stays_when_a_receiver_is_put_in_front(webhooks: Webhooks) -> None:
    sandbox = Sandbox(orders=0)
    sandbox.world.deliveries.manner.address = "https://service.example/hook"
    sandbox.send_into(webhooks)
    assert sandbox.send(1).address == "https://service.example/hook"
