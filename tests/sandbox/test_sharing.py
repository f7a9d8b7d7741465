"""Equal values of many rows are one object."""

from __future__ import annotations

from decimal import Decimal

from tiktok_shop_async.sandbox.made_up.seed import make_world
from tiktok_shop_async.sandbox.state.clock import ManualClock
from tiktok_shop_async.sandbox.state.sharing import shared_amount


def test_equal_texts_and_amounts_of_orders_are_one_object() -> None:
    world = make_world(ManualClock(1_790_000_000), orders=60)
    lines = [line for order in next(iter(world.shops)).orders for line in order.lines]
    for name in ("product_name", "status", "tax", "original_price"):
        values = [getattr(line, name) for line in lines]
        assert len({id(value) for value in values}) == len({str(value) for value in values})


def test_amounts_that_are_written_otherwise_stay_apart() -> None:
    assert str(shared_amount(Decimal("1.00"))) == "1.00"
    assert str(shared_amount(Decimal("1.0"))) == "1.0"
    assert str(shared_amount(Decimal(1))) == "1"
