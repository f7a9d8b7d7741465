"""What the API tells of its own accord: the base of all events, and what can be asked of any of them.

The classes of the known types are in `tiktok_shop_async.events`; `tiktok_shop_async.webhooks.parse` makes them.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

import attrs
from attrs import define, field

from tiktok_shop_async.model import Model

__all__ = [
    "Event",
    "EventObject",
    "ObjectFields",
    "UnknownEvent",
    "attach_body",
    "body_of",
    "is_partial",
    "key_of",
    "object_of",
]

_OWNERS = ("shop_id", "seller_open_id", "creator_open_id")
_LONGEST_ID = 64  # characters; what is longer is no notification id, and a burden as a key


class ObjectFields(NamedTuple):
    """Where the data of a type names the object that its events are about.

    Attributes:
        kind: What the object is: `order`.
        id: Dotted path of its id within `data`.
        time: Dotted path of the time of the change within `data`; None where the type carries none.
        partial: Whether each event tells of some part of the object, so that a newer one does not replace it.
    """

    kind: str
    id: str
    time: str | None = None
    partial: bool = False


class EventObject(NamedTuple):
    """The object that an event is about.

    Attributes:
        kind: What it is: `order`, `product`, `return` and so on.
        id: Its id.
        update_time: When it changed, Unix seconds. The later one is the newer one among events of one type about one
            object; events of another type tell of another side of it. None where the event does not say.
    """

    kind: str
    id: str
    update_time: int | None


class _WithBody(Model):
    """Has room for the bytes that an event was read from, which are none of its fields."""

    __slots__ = ("_body",)

    if TYPE_CHECKING:
        _body: bytes


@define(kw_only=True, eq=False, repr=False)
class Event(_WithBody):
    """A notification. Each known type has a class of its own with typed `data`; any other is an `UnknownEvent`.

    Whatever a signed body holds makes an event: a field of it that is absent, or holds what does not belong there, has
    its default. The body itself (`body_of`) is kept beside the fields, also by `copy` and `pickle`.
    """

    __object__: ClassVar[ObjectFields | None] = None

    type: int = 0
    """The number of the type; 0 where the body has none."""
    tts_notification_id: str = ""
    """The same for each delivery of one notification. Some types come without: `key_of` knows what to do."""
    shop_id: str = ""
    """The shop. Types about creators, or about a seller as a whole, have none."""
    timestamp: int | None = None
    """When it was sent, Unix seconds."""
    data: Any = None
    """What happened."""

    def __reduce__(self) -> tuple[Any, ...]:
        """As models do, and with the body, for those who put events into a queue of their own."""
        _, (model, fields) = super().__reduce__()
        return _rebuild, (model, fields, getattr(self, "_body", None))


@define(kw_only=True, eq=False, repr=False)
class UnknownEvent(Event):
    """A notification of a type that this version does not know, or a signed body that is no notification."""

    data: dict[str, Any] = field(factory=dict[str, Any])
    """The plain data as it came; empty where it is no object."""


def body_of(event: Event) -> bytes:
    """The raw bytes that an event was read from; for one that was built, its JSON."""
    body: bytes | None = getattr(event, "_body", None)
    return event.to_json() if body is None else body


def key_of(event: Event) -> str:
    """What tells this event from all others, and is the same whenever it is delivered again.

    The type and the notification's id. Where there is no usable id: the type and a hash of owner (shop, seller or
    creator) and data, which does not depend on how the JSON is spelt; where there is no type either, of the bytes.

    Returns:
        At most 85 characters.
    """
    name = event.tts_notification_id
    # "0" is how some fields of the API say none: as an id, it would make one event of all.
    is_id = len(name) <= _LONGEST_ID and name.strip(" 0") != ""
    return f"{event.type}-{name if is_id else _fingerprint(event)}"


def object_of(event: Event) -> EventObject | None:
    """The object that an event is about, by what the spec says of its type; None where it is about none, or several."""
    fields = type(event).__object__
    if fields is None:
        return None
    id_ = _at(event.data, fields.id)
    if not isinstance(id_, str) or not id_:
        return None
    time = _at(event.data, fields.time) if fields.time else None
    return EventObject(fields.kind, id_, time if isinstance(time, int) else None)


def is_partial(event: Event) -> bool:
    """Whether an event tells of a part of its object, so that a newer one of its type does not replace it."""
    fields = type(event).__object__
    return fields is not None and fields.partial


def attach_body(event: _WithBody, body: bytes) -> None:
    """Remember the bytes that an event was read from."""
    event._body = body  # pyright: ignore[reportPrivateUsage]


def _rebuild(model: Any, fields: dict[str, Any], body: bytes | None) -> Any:
    """Undo `Event.__reduce__`. Pickles in other people's stores name this function: it stays."""
    known = {each.name for each in attrs.fields(model)}
    event = model(**{name: value for name, value in fields.items() if name in known})
    if body is not None:
        attach_body(event, body)
    return event


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = getattr(value, name, None)
    return value


def _fingerprint(event: Event) -> str:
    body = body_of(event)
    if not event.type:
        return sha256(body).hexdigest()
    try:
        # Numbers as text, so that an id is the same one in either spelling.
        content = json.loads(body.decode(), parse_int=str, parse_float=str, parse_constant=str)
        told = cast("dict[str, Any]", content)  # or it would have no type
        body = json.dumps([*(told.get(name) for name in _OWNERS), told.get("data")], sort_keys=True).encode()
    except (ValueError, RecursionError):  # bytes that are no UTF-8, or JSON that is nested too deeply for this
        pass
    return sha256(body).hexdigest()
