"""Made-up data for a notification that is sent by hand: in the shape of its type, about rows that the shop has."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.made_up.plausible import Setting, value_of
from tiktok_shop_async.sandbox.made_up.subjects import choose, known

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.spec import Schema
    from tiktok_shop_async.sandbox.world import Shop

_TEXTS = {
    "content": '{"content": "Does it come in green?"}',
    "index": "1700000000000042",
    "is_platform_closed": "false",
    "unit": "g",
}
"""What a name stands for that would mislead if it were made up like any other."""


def sample_data(event_type: str, schema: Schema, shop: Shop, at: int) -> dict[str, Any]:
    """What a notification of this type could carry, the same for the same second.

    Args:
        event_type: the name of the type.
        schema: of its `data`.
        shop: whose orders and products it is about, so that they can be fetched.
        at: when it happened.
    """
    chance = random.Random(f"{event_type} {shop.id} {at}")  # noqa: S311 - made-up data, no secret
    setting = Setting(
        chance=chance, subject=choose(shop, chance, {}), moment=at, base_url="https://files.example", filters={}
    )
    data: dict[str, Any] = _sample("data", schema, setting)
    return data


def _sample(name: str, schema: Schema, setting: Setting) -> Any:
    if schema["type"] == "object":
        return {key: _sample(key, part, setting) for key, part in schema["properties"].items()}
    if schema["type"] == "array":
        return [_sample(name.removesuffix("_list").removesuffix("s"), schema["items"], setting)]
    if name in _TEXTS:
        return _TEXTS[name]
    if name.endswith("_currency"):
        return setting.subject.shop.currency
    if name.endswith("_time") and schema["type"] == "string":
        return str(setting.moment)
    if name == "occurred_at":
        return value_of(name, {"type": "string", "format": "date-time"}, setting)
    if schema.get("format") == "unix-seconds" and not name.startswith(("create", "expir")):
        return setting.moment
    if schema["type"] == "integer" and (fact := known(setting.subject, name)) is not None:
        return int(fact)
    if "enum" in schema:
        return setting.chance.choice(schema["enum"])
    return value_of(name, schema, setting)
