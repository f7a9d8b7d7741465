"""Whatever a signed body holds, it is an event."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok_shop_async.event import Event, UnknownEvent
from tiktok_shop_async.events import OrderStatusChange, OrderStatusChangeData, ProductStatusChange
from tiktok_shop_async.webhooks import EventObject, body_of, key_of, object_of, parse

ORDER: dict[str, Any] = {
    "type": 1,
    "tts_notification_id": "70",
    "shop_id": "7000000000000000001",
    "timestamp": 1700000001,
    "data": {"order_id": "5", "order_status": "CANCEL", "update_time": 1700000000},
}


def told(**changes: Any) -> bytes:
    """A notification about an order, with other fields; None leaves one out."""
    return json.dumps({name: value for name, value in (ORDER | changes).items() if value is not None}).encode()


def test_a_known_type_gives_its_typed_event() -> None:
    event = parse(told())
    assert event == OrderStatusChange(
        tts_notification_id="70",
        shop_id="7000000000000000001",
        timestamp=1700000001,
        data=OrderStatusChangeData(order_id="5", order_status="CANCEL", update_time=1700000000),
    )
    assert object_of(event) == EventObject("order", "5", 1700000000)


def test_a_number_that_is_not_known_gives_plain_data() -> None:
    event = parse(told(type=9999, data={"a": [1, None]}))
    assert isinstance(event, UnknownEvent)
    assert (event.type, event.data, event.shop_id, object_of(event)) == (9999, {"a": [1, None]}, ORDER["shop_id"], None)


def test_ids_that_are_numbers_are_text_to_the_last_digit() -> None:
    event = parse(b'{"type":5,"shop_id":7494049642642441621,"data":{"product_id":12345678901234567890123}}')
    assert isinstance(event, ProductStatusChange)
    assert (event.shop_id, event.data.product_id) == ("7494049642642441621", "12345678901234567890123")


def test_what_a_type_comes_without_has_its_default() -> None:
    event = parse(b'{"type":1}')
    assert event == OrderStatusChange()
    assert (event.shop_id, event.tts_notification_id, event.timestamp, event.data.order_id) == ("", "", None, "")


ODD: dict[str, tuple[bytes, type[Event], int]] = {
    "nothing": (b"", UnknownEvent, 0),
    "no JSON": (b'{"type":1', UnknownEvent, 0),
    "a list": (b"[1]", UnknownEvent, 0),
    "bytes that are no text": (b"\xff\xfe", UnknownEvent, 0),
    "a list without end": (b"[" * 100_000, UnknownEvent, 0),
    "a type as text": (told(type="1"), OrderStatusChange, 1),
    "a type that is no number": (told(type={"a": 1}), UnknownEvent, 0),
    "a type beyond all numbers": (b'{"type":' + b"9" * 5000 + b"}", UnknownEvent, 0),
    "data that is no object": (told(data="x"), OrderStatusChange, 1),
    "a shop that is no text": (told(shop_id=[1]), OrderStatusChange, 1),
    "half an emoji": (b'{"type":1,"data":{"order_id":"\\ud83d"}}', OrderStatusChange, 1),
    "a byte that is no UTF-8": (b'{"type":1,"data":{"order_id":"\xff"}}', OrderStatusChange, 1),
}


@pytest.mark.parametrize("case", ODD)
def test_an_odd_body_is_an_event(case: str) -> None:
    body, model, number = ODD[case]
    event = parse(body)
    assert (type(event), event.type, body_of(event)) == (model, number, body)
    assert isinstance(event.data, dict if model is UnknownEvent else OrderStatusChangeData)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["1", "5", "", "null"])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=12
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from([1, 4, 5, 17, 24, 58, 71]) | values,
        "tts_notification_id": values,
        "shop_id": values,
        "timestamp": values,
        "data": st.dictionaries(
            st.sampled_from(["order_id", "update_time", "product_id", "package_list", "mcf_order", "event", "skus"]),
            values,
        )
        | values,
    },
)


@given((bodies | values).map(lambda value: json.dumps(value).encode()) | st.binary())
def test_no_body_is_refused_and_any_event_can_be_filed(body: bytes) -> None:
    """Its number fits a database, its texts are text, and it can be told from others, stored and shown."""
    event = parse(body)
    assert body_of(event) == body
    assert abs(event.type) < 2**63
    assert event.timestamp is None or abs(event.timestamp) < 2**63
    assert type(event.shop_id) is type(event.tts_notification_id) is str
    assert len(key_of(event)) <= 85
    assert key_of(parse(body)) == key_of(event)
    about = object_of(event)
    assert about is None or (about.id and isinstance(about.update_time, int | None))
    assert event.to_json()
    assert repr(event)


def test_the_key_is_the_notification_whatever_stands_around_it() -> None:
    assert key_of(parse(told())) == key_of(parse(told(timestamp=5))) == "1-70"
    assert key_of(parse(told(type=3))) != key_of(parse(told()))


def test_without_an_id_the_key_does_not_depend_on_how_the_json_is_spelt() -> None:
    first = b'{"type":3,"shop_id":"7","timestamp":1,"data":{"order_id":"\xc3\xa9","update_time":5}}'
    again = b'{ "data": {"update_time": 5, "order_id": "\\u00e9"}, "timestamp": 2, "shop_id": 7, "type": 3 }'
    assert key_of(parse(first)) == key_of(parse(again))
    for change in ((b'"7"', b'"8"'), (b":5", b":6"), (b":3", b":1")):
        assert key_of(parse(first.replace(*change))) != key_of(parse(first))


@pytest.mark.parametrize("id_", ["0", 0, "", " ", None, "000", "x" * 65])
def test_what_is_no_notification_id_does_not_make_one_event_of_many(id_: Any) -> None:
    keys = {key_of(parse(told(tts_notification_id=id_, data={"order_id": each}))) for each in "56"}
    assert len(keys) == 2


def test_bodies_that_are_no_notifications_are_told_apart() -> None:
    bodies = [b"", b"[]", b"{}", b'{"type":[]}', b'{"type":{}}', b"\xff"]
    assert len({key_of(parse(body)) for body in bodies}) == len(bodies)


def test_copies_and_pickles_keep_the_body() -> None:
    event = parse(told(tts_notification_id=None, more=1))
    for twin in (copy.copy(event), copy.deepcopy(event), pickle.loads(pickle.dumps(event))):  # noqa: S301
        assert twin == event
        assert (body_of(twin), key_of(twin)) == (body_of(event), key_of(event))


def test_an_event_that_was_built_has_a_body_and_reads_back() -> None:
    event = OrderStatusChange(shop_id="7", data=OrderStatusChangeData(order_id="5"))
    assert parse(body_of(event)) == event
    assert key_of(parse(body_of(event))) == key_of(event)


def test_the_repr_of_an_event_shows_nothing_of_what_happened() -> None:
    assert "CANCEL" not in repr(parse(told()))
