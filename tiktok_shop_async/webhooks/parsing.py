"""From the bytes of a notification to its typed event.

The bytes are signed by then, so that they are what the platform said, however odd: nothing here raises.
"""

from __future__ import annotations

from typing import Any, cast

import attrs
import msgspec
from msgspec import Raw, ValidationError

from tiktok_shop_async import tolerance
from tiktok_shop_async.event import Event, UnknownEvent, attach_body
from tiktok_shop_async.events import event_class

__all__ = ["parse"]

_LARGEST = 2**63 - 1  # what databases hold, too


class _Kind(msgspec.Struct):
    """What tells which class a notification is read into."""

    type: Raw = Raw(b"null")


def parse(raw_body: bytes) -> Event:
    """Read a notification. Check its signature first (`verify`): this takes whatever it is given.

    Args:
        raw_body: The body as it arrived.

    Returns:
        An event of the class of its type. A type that is not known, and what is no notification at all, gives an
        `UnknownEvent`. Absent and odd fields have the defaults of their class, or are fitted as those of answers are;
        `body_of` has the bytes.
    """
    body = bytes(raw_body)
    event = _read(body)
    if event is None:
        # Half an emoji, or a byte that is no UTF-8, in one of the texts is no reason to lose the others.
        event = _read(tolerance.mend(body.decode(errors="replace").encode()))
    if event is None:
        event = UnknownEvent()
    attach_body(event, body)
    return event


def _read(body: bytes) -> Event | None:
    """The event, None where the body is no JSON object that can be read."""
    try:
        model = event_class(_number(tolerance.decoder(_Kind).decode(body).type)) or UnknownEvent
        event: Event = tolerance.decode(body, cast("type[Any]", model), model.__name__)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    _settle(event)
    return event


def _number(raw: Raw) -> int:
    """The number of the type, also where it is sent as text; 0 where there is none."""
    try:
        return tolerance.decoder(int).decode(raw)
    except ValidationError:
        return 0


def _settle(event: Event) -> None:
    """Give what is odd beyond fitting its default, so that receivers can file any event by what stands around it."""
    for each in attrs.fields(cast("Any", type(event))):
        value = getattr(event, each.name)
        default = each.default.factory() if hasattr(each.default, "factory") else each.default
        if type(value) is not (int if default is None else type(default)) or (
            isinstance(value, int) and abs(value) > _LARGEST
        ):
            setattr(event, each.name, default)
