"""Made-up data for a notification that is sent by hand: in the shape of its type, about rows that the shop has."""

from __future__ import annotations

import random
from itertools import islice
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.made_up.plausible import Setting, value_of
from tiktok_shop_async.sandbox.made_up.subjects import WITHIN, choose, known

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
        shop: whose orders, products, returns and cancellations it is about, so that they can be fetched.
        at: when it happened.
    """
    chance = random.Random(f"{event_type} {shop.id} {at}")  # noqa: S311 - made-up data, no secret
    requests: dict[str, list[Any]] = {"return_id": list(shop.returns), "cancel_id": list(shop.cancellations)}
    asked = {name: chance.choice(rows) for name, rows in requests.items() if rows and name in schema["properties"]}
    request = next(iter(asked.values()), None)
    packed = [order for order in islice(shop.orders, WITHIN) if all(line.package_id for line in order.lines)]
    about = request.order_id if request is not None else None
    if about is None and packed and _mentions(schema, "package_id"):
        about = chance.choice(packed).id  # orders that are not paid have no package yet
    subject = choose(shop, chance, {"order_id": about})
    setting = Setting(chance=chance, subject=subject, moment=at, base_url="https://files.example", filters={})
    data: dict[str, Any] = _sample("data", schema, setting)
    return data | {name: each.id for name, each in asked.items()}


def _mentions(schema: Schema, name: str) -> bool:
    parts: dict[str, Schema] = schema.get("properties", {})
    held = [*parts.values(), *([schema["items"]] if "items" in schema else [])]
    return name in parts or any(_mentions(each, name) for each in held)


def _sample(name: str, schema: Schema, setting: Setting) -> Any:
    if schema["type"] == "object":
        return {key: _sample(key, part, setting) for key, part in schema["properties"].items()}
    if schema["type"] == "array":
        return [_sample(name.removesuffix("_list").removesuffix("s"), schema["items"], setting)]
    if name in _TEXTS:
        return _TEXTS[name]
    if name == "source_product_id" and setting.subject.product is not None:
        return setting.subject.product.id
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
