"""The objects behind events, and changes that no event told of, against the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tiktok_shop_async import APIError, TikTokShop
from tiktok_shop_async.events import OrderStatusChange, ReturnStatusChange
from tiktok_shop_async.models import Order, Product, ReturnOrder
from tiktok_shop_async.sandbox import SandboxServer
from tiktok_shop_async.webhooks import Delivery, SQLiteInbox, Webhooks, fetch, parse, replay_missing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tiktok_shop_async import ShopView
    from tiktok_shop_async.event import Event
    from tiktok_shop_async.sandbox import Sandbox

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with SandboxServer(orders=150) as running:
        yield running


@pytest.fixture
async def shop(sandbox: Sandbox, anyio_backend: str) -> AsyncIterator[ShopView]:
    async with TikTokShop.from_env(sandbox.environment) as client:
        yield await client.shop(sandbox.shop_id)


@pytest.fixture
async def webhooks(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Webhooks]:
    webhooks = Webhooks({"key": "secret"}, SQLiteInbox(tmp_path / "inbox.db"))
    yield webhooks
    await webhooks.inbox.aclose()


def event(type_: int, **data: Any) -> Event:
    fields = ",".join(f'"{name}":"{value}"' for name, value in data.items())
    return parse(f'{{"type":{type_},"data":{{{fields}}}}}'.encode())


async def test_the_object_behind_an_event_is_fetched_as_it_is_now(shop: ShopView, sandbox: Sandbox) -> None:
    order = next(iter(sandbox.shop.orders))
    product = next(iter(sandbox.shop.products))
    request = next(iter(sandbox.shop.returns))
    found = await fetch(shop, event(1, order_id=order.id, order_status="OLD"))
    assert isinstance(found, Order)
    assert (found.id, found.status) == (order.id, order.status)
    found = await fetch(shop, event(5, product_id=product.id))
    assert isinstance(found, Product)
    assert found.id == product.id
    found = await fetch(shop, event(12, return_id=request.id))
    assert isinstance(found, ReturnOrder)
    assert found.return_id == request.id


async def test_what_cannot_be_fetched_is_none_and_what_is_refused_raises(shop: ShopView) -> None:
    assert await fetch(shop, event(1)) is None
    assert await fetch(shop, event(13, conversation_id="5")) is None
    assert await fetch(shop, event(9999, order_id="5")) is None
    with pytest.raises(APIError):
        await fetch(shop, event(5, product_id="1"))


async def test_orders_and_returns_that_no_event_told_of_are_handled_once(
    shop: ShopView, sandbox: Sandbox, webhooks: Webhooks
) -> None:
    orders: dict[str, str | None] = {}
    returns: list[str] = []

    @webhooks.on(OrderStatusChange)
    async def of_orders(event: OrderStatusChange, delivery: Delivery) -> None:
        orders[event.data.order_id] = event.data.order_status

    @webhooks.on(ReturnStatusChange)
    async def of_returns(event: ReturnStatusChange, delivery: Delivery) -> None:
        returns.append(event.data.return_id)

    known = next(iter(sandbox.shop.orders))
    told = {"order_id": known.id, "order_status": "TOLD", "update_time": known.update_time}
    await webhooks.put(parse(str({"type": 1, "shop_id": sandbox.shop_id, "data": told}).replace("'", '"').encode()))

    async def replay() -> list[str]:
        return await replay_missing(shop, webhooks.inbox, shop_id=sandbox.shop_id, since=1, until=4_000_000_000)

    everything = {each.id for each in sandbox.shop.orders} | {each.id for each in sandbox.shop.returns}
    assert set(await replay()) == everything - {known.id}
    assert await replay() == []
    await webhooks.drain()
    assert await replay() == []
    assert orders == {each.id: "TOLD" if each is known else each.status for each in sandbox.shop.orders}
    assert sorted(returns) == sorted(each.id for each in sandbox.shop.returns)
    assert returns
