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
            count = ORDERS if name == "orders" else chance.randint(1, 2)
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
            return "".join(chance.choices("abcdefghij klmnopqrstuvwxyz", k=chance.randint(4, 20)))


def page() -> dict[str, Any]:
    data = made_up(msgspec.inspect.type_info(OrderPage), "data", random.Random(20260901))  # noqa: S311
    return {"code": 0, "message": "Success", "request_id": "202609010000000000000000000000AB", "data": data}


def odd(position: slice, **fields: Any) -> bytes:
    """The page with other values in some of its rows."""
    body = page()
    for row in body["data"]["orders"][position]:
        row.update(fields)
    return json.dumps(body).encode()


def milliseconds(work: Callable[[bytes], object], content: bytes) -> float:
    """The median of many runs."""
    for _ in range(5):
        work(content)
    taken: list[float] = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work(content)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000


def main() -> None:
    content = odd(slice(0))
    bare = msgspec.json.Decoder(Bare, strict=False)

    def ours(body: bytes) -> object:
        return decode_envelope(body, OrderPage, operation="benchmark")

    floor = milliseconds(bare.decode, content)
    middle = slice(ORDERS // 2, ORDERS // 2 + 1)
    figures = {
        "msgspec alone": floor,
        "tiktok-shop-async": milliseconds(ours, content),
        "json.loads, untyped": milliseconds(json.loads, content),
        "ours, a number for text in one row": milliseconds(ours, odd(middle, status=1)),
        "ours, a number for text in every row": milliseconds(ours, odd(slice(None), status=1)),
        "ours, a null object in every row": milliseconds(ours, odd(slice(None), payment=None)),
    }
    print(f"decoding a page of {ORDERS} orders ({len(content) / 1000:.0f} kB), median of {ROUNDS}:")
    for name, taken in figures.items():
        print(f"  {name:38} {taken:7.2f} ms   {taken / floor:5.2f} times msgspec alone")


if __name__ == "__main__":
    main()
