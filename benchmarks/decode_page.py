"""A page of 100 orders, from bytes to typed rows: this package, msgspec alone into the same classes, and plain JSON.

Once as the reference describes it, once with one odd field in one row, once with the same odd field in every row, and
once with a null for an object in every row, which live answers are full of. The values are made up from a seed.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.points import Point
from tiktok_shop_async.decoding import decode_envelope
from tiktok_shop_async.models.order import OrderPage

if TYPE_CHECKING:
    from collections.abc import Callable

ORDERS = 100
ROUNDS = 60


class Bare(msgspec.Struct):
    """The envelope with nothing around it."""

    code: int
    message: str
    request_id: str
    data: OrderPage


def made_up(shape: msgspec.inspect.Type, name: str, chance: random.Random) -> Any:
    """A value for a field, by its type and what its name says."""
    match shape:
        case msgspec.inspect.DataclassType():
            return {each.encode_name: made_up(each.type, each.encode_name, chance) for each in shape.fields}
        case msgspec.inspect.ListType():
            count = ORDERS if name == "orders" else 2 if name == "line_items" and chance.random() < 0.2 else 1
            return [made_up(shape.item_type, name, chance) for _ in range(count)]
        case msgspec.inspect.UnionType():
            return made_up(shape.types[0], name, chance)
        case msgspec.inspect.IntType():
            return chance.randint(1_700_000_000, 1_800_000_000) if "time" in name else chance.randint(0, 99)
        case msgspec.inspect.BoolType():
            return chance.random() < 0.5
        case msgspec.inspect.StrType() if name.endswith("id"):
            return str(chance.randint(10**17, 10**18))
        case msgspec.inspect.StrType() if "amount" in name or "price" in name or "fee" in name or "tax" in name:
            return f"{chance.randint(0, 99999) / 100:.2f}"
        case _:
            return "".join(chance.choices("abcdefghij klmnopqrstuvwxyz", k=chance.randint(4, 10)))


def page() -> dict[str, Any]:
    data = made_up(msgspec.inspect.type_info(OrderPage), "data", random.Random(20260901))  # noqa: S311
    return {"code": 0, "message": "Success", "request_id": "202609010000000000000000000000AB", "data": data}


def page_with(position: slice, **fields: Any) -> bytes:
    """The page with other values in some of its rows."""
    body = page()
    for row in body["data"]["orders"][position]:
        row.update(fields)
    return json.dumps(body).encode()


def milliseconds(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median of many runs of each. They take turns, so that a machine that slows down does so for all of them."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            started = time.perf_counter()
            work()
            taken[name].append(time.perf_counter() - started)
    return {name: statistics.median(each) * 1000 for name, each in taken.items()}


def main(rounds: int = ROUNDS) -> list[Point]:
    content = page_with(slice(0))
    one_odd = page_with(slice(ORDERS // 2, ORDERS // 2 + 1), status=1)
    all_odd = page_with(slice(None), status=1)
    all_null = page_with(slice(None), payment=None)
    bare = msgspec.json.Decoder(Bare, strict=False)

    def ours(body: bytes) -> object:
        return decode_envelope(body, OrderPage, operation="benchmark")

    figures = milliseconds(
        {
            "msgspec alone": lambda: bare.decode(content),
            "tiktok-shop-async": lambda: ours(content),
            "json.loads, untyped": lambda: json.loads(content),
            "ours, a number for text in one row": lambda: ours(one_odd),
            "ours, a number for text in every row": lambda: ours(all_odd),
            "ours, a null object in every row": lambda: ours(all_null),
        },
        rounds,
    )
    print(f"decoding a page of {ORDERS} orders ({len(content) / 1000:.0f} kB), median of {rounds}:")
    for name, taken in figures.items():
        print(f"  {name:38} {taken:7.2f} ms   {taken / figures['msgspec alone']:5.2f} times msgspec alone")
    ours_alone, bare_alone = figures["tiktok-shop-async"], figures["msgspec alone"]
    return [Point("decoding a page of 100 orders", "ms", ours_alone, None, bare_alone, "at most 1.15 bare")]


if __name__ == "__main__":
    main()
