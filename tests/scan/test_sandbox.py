"""Scans of a shop in the sandbox, whose orders come and move while they are read."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tiktok_shop_async import Clock, Scan, ServerError, TikTokShop
from tiktok_shop_async.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tiktok_shop_async import ShopView

pytestmark = pytest.mark.anyio

ORDERS = 150
SMALL: dict[str, Any] = {"page_size": 7, "concurrency": 5, "look_ahead": 10}


@pytest.fixture
def anyio_backend() -> str:
    """One is enough here: `test_scan` has both."""
    return "asyncio"


@asynccontextmanager
async def shop_of(sandbox: Sandbox, **settings: Any) -> AsyncGenerator[ShopView]:
    async with (
        sandbox.http_client() as http,
        TikTokShop(
            sandbox.app_key,
            sandbox.app_secret,
            access_token=sandbox.access_token,
            base_url=sandbox.url,
            http_client=http,
            clock=Clock.instant(),
            **settings,
        ) as client,
    ):
        yield await client.shop(sandbox.shop_id)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(orders=ORDERS)


@pytest.mark.parametrize("by", ["create_time", "update_time"])
async def test_every_order_comes_once_in_order(sandbox: Sandbox, by: str) -> None:
    async with (
        shop_of(sandbox) as shop,
        shop.orders.get_order_list().scan(by, 0, sandbox.world.now + 1, **SMALL) as orders,
    ):
        rows = [(getattr(order, by), order.id) async for order in orders]
    assert [time for time, _ in rows] == sorted(time for time, _ in rows)
    assert sorted(key for _, key in rows) == sorted(order.id for order in sandbox.shop.orders)


async def test_orders_that_come_and_move_meanwhile_are_in_this_scan_or_the_next(sandbox: Sandbox) -> None:
    there = {order.id for order in sandbox.shop.orders}
    found: list[str] = []
    until = sandbox.world.now + 1
    async with shop_of(sandbox) as shop:
        async with shop.orders.get_order_list().scan("update_time", 0, until, **SMALL) as orders:
            async for order in orders:
                found.append(order.id)
                if len(found) % 20 == 0:
                    sandbox.advance(3600)  # parcels go on by themselves
                    new = sandbox.create_orders(1)
                    there |= {each.id for each in new}
        assert len(found) == len(set(found))
        async with shop.orders.get_order_list().scan(
            "update_time", orders.watermark, sandbox.world.now + 1, **SMALL
        ) as orders:
            following = [order.id async for order in orders]
    assert set(found) | set(following) == there


async def test_a_fault_that_stays_ends_the_scan_and_its_position_goes_on(sandbox: Sandbox) -> None:
    found: list[str] = []

    async def read(shop: ShopView, resume: dict[str, Any] | None) -> dict[str, Any]:
        orders = shop.orders.get_order_list().scan("create_time", 0, sandbox.world.now + 1, resume=resume, **SMALL)
        try:
            async with orders:
                async for order in orders:
                    found.append(order.id)
                    if len(found) == 40 and resume is None:
                        sandbox.inject("server_timeout", operation="get_order_list")
        except ServerError:
            assert resume is None
        return orders.position

    async with shop_of(sandbox, max_retries=0) as shop:
        position = await read(shop, None)
        assert 40 <= len(found) < ORDERS
        sandbox.faults.clear()
        await read(shop, position)
    assert len(found) == len(set(found))
    assert set(found) == {order.id for order in sandbox.shop.orders}


async def test_a_token_on_the_last_page_brings_no_row_twice(sandbox: Sandbox) -> None:
    sandbox.inject("last_page_token", times=None)
    async with (
        shop_of(sandbox) as shop,
        shop.orders.get_order_list().scan("create_time", 0, sandbox.world.now + 1, **SMALL) as orders,
    ):
        found = [order.id async for order in orders]
    assert sorted(found) == sorted(order.id for order in sandbox.shop.orders)


async def test_a_filter_of_the_call_holds(sandbox: Sandbox) -> None:
    async with (
        shop_of(sandbox) as shop,
        shop.orders.get_order_list(order_status="COMPLETED").scan(
            "create_time", 0, sandbox.world.now + 1, **SMALL
        ) as orders,
    ):
        found = {order.id async for order in orders}
    assert found == {order.id for order in sandbox.shop.orders if order.status == "COMPLETED"}


async def test_other_lists_are_scanned_by_their_own_ids_and_times(sandbox: Sandbox) -> None:
    async with shop_of(sandbox) as shop:
        scans: dict[str, Scan[Any, Any]] = {
            "packages": shop.fulfillment.search_package().scan("create_time", 0, sandbox.world.now + 1),
            "returns": shop.returns.search_returns().scan("update_time", 0, sandbox.world.now + 1),
            "cancellations": shop.returns.search_cancellations().scan("create_time", 0, sandbox.world.now + 1),
            "statements": shop.finance.get_statements().scan("statement_time", 0, sandbox.world.now + 1),
            "payments": shop.finance.get_payments().scan("create_time", 0, sandbox.world.now + 1),
        }
        counts = dict.fromkeys(scans, 0)
        for name, scan in scans.items():
            async with scan:
                async for _ in scan:
                    counts[name] += 1
    assert all(counts.values()), counts
