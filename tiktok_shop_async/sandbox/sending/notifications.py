"""What is told: a notification for each type of event, as the spec describes it, for the shops that asked to hear it.

The numbers of the types and what each of them carries stand in the spec's webhooks. A shop asks by setting an address
(Update Shop Webhook). What it has none for, and the types that no shop can ask for, go to the app's own address, if
there is one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from tiktok_shop_async.sandbox.made_up.event_samples import sample_data
from tiktok_shop_async.sandbox.sending.targets import parse_target
from tiktok_shop_async.sandbox.spec import bundled_spec

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tiktok_shop_async.sandbox.sending.deliveries import Delivery
    from tiktok_shop_async.sandbox.spec import Schema
    from tiktok_shop_async.sandbox.world import Shop, World


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of event: its name, its number, and the fields that a notification of it has."""

    name: str
    number: int
    fields: Mapping[str, Schema]


@cache
def event_types() -> Mapping[str, EventType]:
    """All types that the spec describes, by name."""
    return {
        name: EventType(
            name=name,
            number=item["post"]["x-webhook-type"],
            fields=item["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"],
        )
        for name, item in bundled_spec().webhooks.items()
    }


@cache
def subscribable() -> frozenset[str]:
    """The types that a shop can set an address for: those that the API documents a name of."""
    names: list[str] = bundled_spec().resolve({"$ref": "#/components/schemas/WebhookEventType"})["enum"]
    return frozenset(names)


def find_event_type(name_or_number: str | int) -> EventType:
    """The type of a name or a number.

    Raises:
        LookupError: the spec describes none.
    """
    for event_type in event_types().values():
        if name_or_number in (event_type.name, event_type.number):
            return event_type
    raise LookupError(f"no type of event is called {name_or_number}")


class Notifications:
    """Tells what happens in one world to whoever asked."""

    def __init__(self, world: World) -> None:
        self._world = world

    def wants(self, shop: Shop, event_type: str) -> bool:
        """Whether there is anyone to tell."""
        return self._address(shop, event_type) is not None

    def emit(self, shop: Shop, event_type: str, data: Mapping[str, Any], at: int) -> Delivery | None:
        """Tells that something happened, if anyone asked; it is sent later, never here.

        Args:
            shop: where it happened.
            event_type: the name of the type.
            data: what the type carries under `data`.
            at: when it happened, in Unix seconds.
        """
        address = self._address(shop, event_type)
        if address is None:
            return None
        return self._put(find_event_type(event_type), shop, data, address, at)

    def send(
        self,
        event_type: str | int,
        data: Mapping[str, Any] | None = None,
        *,
        changes: Mapping[str, Any] | None = None,
        shop: Shop | None = None,
        address: str | None = None,
        envelope: Mapping[str, Any] | None = None,
        without: Collection[str] = (),
        ids_as_numbers: bool = False,
    ) -> Delivery:
        """Sends a notification by hand, a well-formed one or an odd one as live receivers have seen them.

        Args:
            event_type: the name or the number of the type. A number that the spec has no type for is sent all the
                same, with the fields of an order's.
            data: what is under `data`; made up, about orders and products of the shop, when left out.
            changes: fields of `data` that are to say something else.
            shop: whose event it is; the first shop's when left out.
            address: where to; what the shop or the app has set for the type when left out.
            envelope: fields beside `data` that are to say something else, such as `timestamp`.
            without: fields beside `data` that are to be absent, such as `shop_id` or `tts_notification_id`.
            ids_as_numbers: whether ids that are text are sent as numbers.

        Raises:
            LookupError: the spec describes no type of this name, or there is no address to send it to.
            UnsafeTargetError: nothing is sent to this address.
        """
        kind = _find_or_invent(event_type)
        with self._world.change():
            shop = shop or next(iter(self._world.shops))
            address = address or self._address(shop, kind.name)
            if address is None:
                raise LookupError(f"no address is set for {kind.name}: subscribe to it, or name one")
            parse_target(address)
            now = self._world.now
            if data is None:
                data = sample_data(kind.name, kind.fields["data"], shop, now)
            return self._put(
                kind,
                shop,
                {**data, **(changes or {})},
                address,
                now,
                envelope=envelope,
                without=without,
                ids_as_numbers=ids_as_numbers,
            )

    def resend(self, delivery_id: str) -> Delivery:
        """Sends a notification of the log once more, with the same id and the same bytes.

        Raises:
            KeyError: the log has no delivery of this id.
        """
        with self._world.change():
            return self._world.deliveries.resend(delivery_id, self._world.now)

    def _address(self, shop: Shop, event_type: str) -> str | None:
        webhook = shop.webhooks.get(event_type)
        return self._world.deliveries.manner.address if webhook is None else webhook.address

    def _open_id(self, kind: str, shop: Shop) -> str:
        """Of the seller that the shop belongs to, or of some creator."""
        accounts = [account for account in self._world.accounts if account.kind == kind]
        owners = [account for account in accounts if shop.id in account.shop_ids]
        return next((account.id for account in [*owners, *accounts]), "")

    def _put(
        self,
        kind: EventType,
        shop: Shop,
        data: Mapping[str, Any],
        address: str,
        at: int,
        *,
        envelope: Mapping[str, Any] | None = None,
        without: Collection[str] = (),
        ids_as_numbers: bool = False,
    ) -> Delivery:
        notification_id = self._world.deliveries.next_notification_id(at)
        values: dict[str, Any] = {
            "type": kind.number,
            "tts_notification_id": notification_id,
            "shop_id": shop.id,
            "seller_open_id": self._open_id("seller", shop),
            "creator_open_id": self._open_id("creator", shop),
            "timestamp": at,
            "data": data,
        }
        told = {name: values[name] for name in kind.fields} | dict(envelope or {})
        told = {name: value for name, value in told.items() if name not in without}
        if ids_as_numbers:
            told = _with_numbers(told)
        return self._world.deliveries.put(
            event_type=kind.name,
            number=kind.number,
            shop_id=shop.id,
            notification_id=str(told.get("tts_notification_id", "")),
            address=address,
            body=json.dumps(told, ensure_ascii=False, separators=(",", ":")),
            at=at,
        )


def _find_or_invent(event_type: str | int) -> EventType:
    try:
        return find_event_type(event_type)
    except LookupError:
        if isinstance(event_type, str):
            raise
        return EventType(f"TYPE_{event_type}", event_type, event_types()["ORDER_STATUS_CHANGE"].fields)


def _with_numbers(value: Any, name: str = "") -> Any:
    """The same with every id that is made of digits as a number, however deep it stands."""
    if isinstance(value, Mapping):
        return {key: _with_numbers(each, str(key)) for key, each in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [_with_numbers(each, name) for each in cast("Iterable[Any]", value)]
    is_id = re.search("(^|_)ids?($|_list$)", name) is not None
    return int(value) if is_id and isinstance(value, str) and value.isdecimal() else value
