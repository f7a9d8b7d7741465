"""What is told, to whom, and what can be sent by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from tests.sandbox.conftest import NOW
from tiktok_shop_async.sandbox.made_up.seed import make_world
from tiktok_shop_async.sandbox.sending.notifications import event_types, subscribable
from tiktok_shop_async.sandbox.sending.targets import UnsafeTargetError
from tiktok_shop_async.sandbox.state.clock import ManualClock
from tiktok_shop_async.sandbox.state.rows import Webhook

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.sending.deliveries import Delivery
    from tiktok_shop_async.sandbox.world import Shop, World

HOOK = "http://127.0.0.1:1/hook"
WITHOUT_A_SHOP = {17, 19, 20, 21, 22, 23, 24, 35, 52, 55, 58, 59}


@pytest.fixture
def world() -> World:
    """A world without orders."""
    return make_world(ManualClock(NOW), seed=7, orders=0)


@pytest.fixture
def shop(world: World) -> Shop:
    """Its first shop."""
    return next(iter(world.shops))


def subscribe(shop: Shop, event_type: str, address: str = HOOK) -> None:
    """Does what Update Shop Webhook does."""
    shop.webhooks.put(Webhook(id=event_type, address=address, create_time=NOW, update_time=NOW))


def content(delivery: Delivery | None) -> dict[str, Any]:
    """What is sent, as data."""
    assert delivery is not None
    data: dict[str, Any] = json.loads(delivery.body)
    return data


def test_the_spec_describes_44_types_each_with_a_number_of_its_own() -> None:
    assert len(event_types()) == len({event_type.number for event_type in event_types().values()}) == 44


def test_every_type_that_can_be_subscribed_is_described_but_for_one() -> None:
    assert subscribable() - event_types().keys() == {"REVERSE_STATUS_UPDATE"}


def test_nobody_is_told_what_nobody_asked_for(world: World, shop: Shop) -> None:
    subscribe(shop, "PACKAGE_UPDATE")
    assert world.notifications.emit(shop, "ORDER_STATUS_CHANGE", {}, NOW) is None
    assert not world.notifications.wants(shop, "ORDER_STATUS_CHANGE")
    assert world.deliveries.log() == []


def test_a_shop_s_own_address_goes_before_the_app_s(world: World, shop: Shop) -> None:
    other = list(world.shops)[1]
    world.deliveries.manner.address = "http://127.0.0.1:1/app"
    subscribe(shop, "ORDER_STATUS_CHANGE")
    for each in (shop, other):
        world.notifications.emit(each, "ORDER_STATUS_CHANGE", {}, NOW)
    assert [delivery.address for delivery in world.deliveries.log()] == [HOOK, "http://127.0.0.1:1/app"]


@pytest.mark.parametrize("event_type", sorted(event_types()))
def test_a_notification_has_the_fields_of_its_type_beside_its_data(world: World, shop: Shop, event_type: str) -> None:
    told = content(world.notifications.send(event_type, {"a": 1}, address=HOOK))
    kind = event_types()[event_type]
    assert list(told) == list(kind.fields)
    assert (told["type"], told["timestamp"], told["data"]) == (kind.number, NOW, {"a": 1})
    assert ("shop_id" in told) == (kind.number not in WITHOUT_A_SHOP)
    assert ("tts_notification_id" in told) == (kind.number != 3)


def test_the_types_without_a_shop_say_whose_they_are_by_an_open_id(world: World, shop: Shop) -> None:
    told = content(world.notifications.send("GOODS_MATCH", {}, address=HOOK))
    assert told["seller_open_id"] == content(world.notifications.send(19, {}, address=HOOK))["seller_open_id"]
    assert content(world.notifications.send(17, {}, address=HOOK))["creator_open_id"] != told["seller_open_id"]


def test_ids_of_notifications_are_all_different_and_grow(world: World, shop: Shop) -> None:
    subscribe(shop, "ORDER_STATUS_CHANGE")
    ids = [
        content(world.notifications.emit(shop, "ORDER_STATUS_CHANGE", {}, NOW))["tts_notification_id"]
        for _ in range(50)
    ]
    assert ids == sorted(set(ids))


def test_fields_can_be_left_out_or_say_something_else(world: World) -> None:
    told = content(
        world.notifications.send(
            1, {}, address=HOOK, without={"shop_id", "tts_notification_id"}, envelope={"timestamp": 5, "extra": True}
        )
    )
    assert told == {"type": 1, "timestamp": 5, "data": {}, "extra": True}


def test_ids_can_be_sent_as_numbers(world: World, shop: Shop) -> None:
    data = {"package_list": [{"package_id": "116", "order_id_list": ["581", "582"]}], "update_time": 1, "note": "7"}
    told = content(world.notifications.send("PACKAGE_UPDATE", data, address=HOOK, ids_as_numbers=True))
    assert told["shop_id"] == int(shop.id)
    assert told["tts_notification_id"] > 10**17
    package = {"package_id": 116, "order_id_list": [581, 582]}
    assert told["data"] == {"package_list": [package], "update_time": 1, "note": "7"}


def test_a_number_that_is_in_no_list_is_sent_all_the_same(world: World) -> None:
    told = content(world.notifications.send(99, {"a": 1}, address=HOOK))
    assert (told["type"], told["data"]) == (99, {"a": 1})


def test_what_is_sent_by_hand_goes_where_the_shop_wants_it(world: World, shop: Shop) -> None:
    subscribe(shop, "ORDER_STATUS_CHANGE")
    assert world.notifications.send(1, {}).address == HOOK
    assert world.notifications.send(1, {}, shop=shop, address="https://b.example").address == "https://b.example"


def test_sending_by_hand_needs_a_type_that_exists_and_an_address_that_is_one(world: World) -> None:
    with pytest.raises(LookupError, match="no type of event is called ORDER_STATUS"):
        world.notifications.send("ORDER_STATUS", {}, address=HOOK)
    with pytest.raises(LookupError, match="no address is set for ORDER_STATUS_CHANGE"):
        world.notifications.send(1, {})
    with pytest.raises(UnsafeTargetError, match="neither http nor https"):
        world.notifications.send(1, {}, address="file:///etc/passwd")


def test_what_the_log_does_not_know_is_not_sent_again(world: World) -> None:
    with pytest.raises(KeyError):
        world.notifications.resend("1")


@pytest.mark.parametrize("event_type", sorted(event_types()))
def test_data_is_made_up_as_the_type_has_it_about_rows_of_the_shop(event_type: str) -> None:
    world = make_world(ManualClock(NOW), seed=7, orders=60)
    shop = next(iter(world.shops))
    told = content(world.notifications.send(event_type, address=HOOK))
    schema = {"properties": dict(event_types()[event_type].fields)}
    assert told == content(world.notifications.send(event_type, address=HOOK)) | {
        name: told[name] for name in told if name == "tts_notification_id"
    }
    assert list(told["data"]) == list(schema["properties"]["data"]["properties"])
    Draft202012Validator(schema).validate(told)
    if "order_id" in told["data"]:
        assert shop.orders.get(told["data"]["order_id"]) is not None
    if "product_id" in told["data"]:
        assert shop.products.get(str(told["data"]["product_id"])) is not None


def test_a_package_is_one_of_the_shop_at_any_second() -> None:
    """An order that is not paid has none, so it is about another."""
    clock = ManualClock(NOW)
    world = make_world(clock, seed=7, orders=60)
    shop = min(world.shops, key=lambda each: len(list(each.orders)))  # a third of its orders is not paid
    for _ in range(60):
        told = content(world.notifications.send("INVOICE_STATUS_CHANGE", shop=shop, address=HOOK))
        assert shop.packages.get(told["data"]["package_id"]) is not None
        clock.advance(1)


def test_a_message_s_content_is_json_within_the_text(world: World) -> None:
    told = content(world.notifications.send("NEW_MESSAGE", address=HOOK))
    assert list(json.loads(told["data"]["content"])) == ["content"]


def test_a_text_that_is_a_time_says_seconds(world: World) -> None:
    told = content(world.notifications.send("UPCOMING_AUTHORIZATION_EXPIRATION", address=HOOK))
    assert told["data"]["expiration_time"] == str(NOW)
