"""What a scan holds: the pages ahead of their turn, however long the range and however slow the reader."""

from __future__ import annotations

import gc
import os
import random
import tracemalloc
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.scan.books import EvenBooks, client
from tiktok_shop_async.ahead import Held

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.anyio

ORDERS = int(os.environ.get("TIKTOK_SHOP_SCANNED_ORDERS", "10000"))


@pytest.fixture
def books() -> EvenBooks:
    """Orders of 3 kB."""
    chance = random.Random(20261001)  # noqa: S311
    books = EvenBooks(ORDERS)
    books.more = {"buyer_message": "".join(chance.choices("abcdefghij klmnopqrstuvwxyz", k=3000))}
    return books


@pytest.fixture
def traced() -> Generator[None]:
    gc.collect()
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.usefixtures("traced")
async def test_a_scan_holds_some_pages_and_not_the_range(books: EvenBooks) -> None:
    count, before = 0, tracemalloc.get_traced_memory()[0]
    async with client(books).orders.get_order_list().scan("create_time", 0, ORDERS) as orders:
        async for _ in orders:
            count += 1
    assert count == ORDERS
    assert tracemalloc.get_traced_memory()[1] - before < 20_000_000


@pytest.mark.usefixtures("traced")
async def test_a_slow_reader_costs_no_more(books: EvenBooks) -> None:
    before = tracemalloc.get_traced_memory()[0]
    async with client(books).orders.get_order_list().scan("create_time", 0, ORDERS, look_ahead=40) as orders:
        async for _ in orders.pages():
            await anyio.sleep(5)
    assert tracemalloc.get_traced_memory()[1] - before < 20_000_000


async def test_pages_whose_turn_is_far_are_compressed_and_those_that_come_next_are_not(
    books: EvenBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tiktok_shop_async.scan._UNCOMPRESSED", 4_000_000)
    orders: Any = client(books).orders.get_order_list().scan("create_time", 0, ORDERS, look_ahead=60)
    async with orders:
        await anyio.sleep(100)
        held: list[Held] = [part for part in orders._plan.parts if isinstance(part, Held)]
    compressed = [page.is_compressed for page in held]
    assert compressed == sorted(compressed)
    assert any(compressed)
    assert 3_600_000 < sum(page.weight for page in held) <= 4_000_000
