"""The objects behind events, and changes that no event told of, against the sandbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import pytest

from tiktok_shop_async import APIError, ArgumentError, TikTokShop
from tiktok_shop_async.events import (
    CancellationStatusChange,
    OrderStatusChange,
    PackageUpdate,
    PackageUpdateData,
    ProductInformationChange,
    ProductInformationChangeData,
    ProductStatusChange,
    ReturnStatusChange,
    UpdatedPackage,
)
from tiktok_shop_async.models import Cancellation, Order, Package, Product, ReturnOrder
from tiktok_shop_async.sandbox import SandboxServer
from tiktok_shop_async.sandbox.life.occasions import CANCELLATION_STATUSES, ORDER_STATUSES
from tiktok_shop_async.sandbox.sending.notifications import event_types
from tiktok_shop_async.webhooks import Delivery, SQLiteInbox, Webhooks, fetch, object_of, parse, replay_missing
from tiktok_shop_async.webhooks.reconcile import Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tiktok_shop_async import ShopView
    from tiktok_shop_async.event import Event
    from tiktok_shop_async.model import Model
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


async def test_of_packages_that_were_split_all_are_fetched_and_each_once(shop: ShopView, sandbox: Sandbox) -> None:
    first, second = [each.id for each in sandbox.shop.packages][:2]
    packages = [UpdatedPackage(package_id=each) for each in (first, second, first, "")]
    found = await fetch(shop, PackageUpdate(data=PackageUpdateData(package_list=packages)))
    assert [each.package_id for each in found] == [first, second]
    assert await fetch(shop, PackageUpdate()) == []
    invoiced = await fetch(shop, event(36, package_id=first))
    assert isinstance(invoiced, Package)
    assert invoiced.package_id == first


FETCHED: dict[str, type[Model]] = {
    "order": Order,
    "package": Package,
    "product": Product,
    "return": ReturnOrder,
    "cancellation": Cancellation,
}


@pytest.mark.parametrize("event_type", sorted(event_types()))
async def test_of_any_type_the_object_is_fetched_if_it_is_of_a_kind_that_can_be(
    shop: ShopView, sandbox: Sandbox, event_type: str
) -> None:
    told = parse(sandbox.send(event_type, address="http://127.0.0.1:1/").body.encode())
    about = object_of(told)
    found = await fetch(shop, told)
    if isinstance(told, PackageUpdate):
        assert [each.package_id for each in found] == [each.package_id for each in told.data.package_list]
        assert found
    elif about is not None and about.kind in FETCHED:
        assert type(found) is FETCHED[about.kind]
        assert about.id in found.to_dict().values()  # whatever its field is called
    else:
        assert found is None


async def test_a_package_that_is_not_there_is_refused(shop: ShopView) -> None:
    with pytest.raises(APIError):
        await fetch(shop, PackageUpdate(data=PackageUpdateData(package_list=[UpdatedPackage(package_id="1")])))


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

    known = next(each for each in sandbox.shop.orders if each.status != "CANCELLED")
    told = {"order_id": known.id, "order_status": "TOLD", "update_time": known.update_time}
    await webhooks.put(parse(json.dumps({"type": 1, "shop_id": sandbox.shop_id, "data": told}).encode()))

    async def replay() -> list[str]:
        return await replay_missing(shop, webhooks.inbox, shop_id=sandbox.shop_id, since=1, until=4_000_000_000)

    everything = {each.id for each in sandbox.shop.orders} | {each.id for each in sandbox.shop.returns}
    assert set(await replay()) == everything - {known.id}
    assert await replay() == []
    await webhooks.drain()
    assert await replay() == []
    # Events say CANCEL of what answers call CANCELLED.
    said = {each.id: ORDER_STATUSES.get(each.status, each.status) for each in sandbox.shop.orders}
    assert orders == said | {known.id: "TOLD"}
    assert "CANCEL" in said.values()
    assert sorted(returns) == sorted(each.id for each in sandbox.shop.returns)
    assert returns


async def test_cancellations_are_told_with_what_they_are_now(
    shop: ShopView, sandbox: Sandbox, webhooks: Webhooks
) -> None:
    told: list[CancellationStatusChange] = []

    @webhooks.on(CancellationStatusChange)
    async def note(event: CancellationStatusChange, delivery: Delivery) -> None:
        told.append(event)

    missing = await replay_all(shop, webhooks, sandbox, "cancellation")
    await webhooks.drain()
    rows = {each.id: each for each in sandbox.shop.cancellations}
    assert sorted(missing) == sorted(rows) == sorted(each.data.cancel_id for each in told)
    assert rows
    for each in told:
        row = rows[each.data.cancel_id]
        assert each.shop_id == sandbox.shop_id
        assert (each.timestamp, each.data.order_id, each.data.create_time) == (
            row.update_time,
            row.order_id,
            row.create_time,
        )
        assert each.data.cancel_status == CANCELLATION_STATUSES.get(row.status, row.status)


async def test_a_product_that_has_changed_since_its_last_event_is_told_of(
    shop: ShopView, sandbox: Sandbox, webhooks: Webhooks
) -> None:
    known, older, *_ = sandbox.shop.products
    for product, time in ((known, known.update_time), (older, older.update_time - 1)):
        data = ProductInformationChangeData(product_id=product.id, update_time=time)
        await webhooks.put(ProductInformationChange(shop_id=sandbox.shop_id, data=data))
    missing = await replay_all(shop, webhooks, sandbox, "product")
    assert older.id in missing
    assert set(missing) == {each.id for each in sandbox.shop.products} - {known.id}
    told: list[ProductStatusChange] = []

    @webhooks.on(ProductStatusChange)
    async def note(event: ProductStatusChange, delivery: Delivery) -> None:
        told.append(event)

    await webhooks.drain()
    assert sorted(each.data.product_id for each in told) == sorted(missing)
    assert {each.data.status for each in told} == {None}


async def test_packages_are_told_of_one_by_one_with_their_orders(
    shop: ShopView, sandbox: Sandbox, webhooks: Webhooks
) -> None:
    told: dict[str, list[str]] = {}

    @webhooks.on(PackageUpdate)
    async def note(event: PackageUpdate, delivery: Delivery) -> None:
        [package] = event.data.package_list
        told[package.package_id] = package.order_id_list

    assert await replay_all(shop, webhooks, sandbox, "package")
    await webhooks.drain()
    assert told.keys() == {each.id for each in sandbox.shop.packages}
    assert all(told.values())


@pytest.mark.parametrize("kind", get_args(Kind))
async def test_the_end_of_the_time_is_left_out_and_its_begin_is_not(
    shop: ShopView, sandbox: Sandbox, webhooks: Webhooks, kind: Kind
) -> None:
    table = {"order": "orders", "return": "returns", "cancellation": "cancellations"} | {
        "product": "products",
        "package": "packages",
    }
    times = {each.id: each.update_time for each in getattr(sandbox.shop, table[kind])}
    time = max(times.values())

    async def replay(since: int, until: int) -> list[str]:
        return await replay_missing(
            shop, webhooks.inbox, shop_id=sandbox.shop_id, since=since, until=until, kinds=[kind]
        )

    newest = {each for each, changed in times.items() if changed == time}
    assert not newest & set(await replay(time - 1, time))
    assert set(await replay(time, time + 1)) == newest


async def test_a_kind_that_cannot_be_polled_is_refused(shop: ShopView, webhooks: Webhooks) -> None:
    kinds: Any = ["orders"]
    with pytest.raises(ArgumentError, match="kinds: orders: not among order, return"):
        await replay_missing(shop, webhooks.inbox, shop_id="7", since=1, until=2, kinds=kinds)


async def replay_all(shop: ShopView, webhooks: Webhooks, sandbox: Sandbox, kind: Kind) -> list[str]:
    """Replay a kind twice, of which the second time finds nothing."""

    async def replay() -> list[str]:
        return await replay_missing(
            shop, webhooks.inbox, shop_id=sandbox.shop_id, since=1, until=4_000_000_000, kinds=[kind]
        )

    missing = await replay()
    assert await replay() == []
    return missing
