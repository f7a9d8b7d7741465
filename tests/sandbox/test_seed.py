"""The made-up world: the same for a seed, different for another, and consistent in itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from tiktok_shop_async.sandbox.made_up.seed import make_world
from tiktok_shop_async.sandbox.state.clock import ManualClock

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.world import World

NOW = 1_790_000_000


def snapshot(world: World) -> bytes:
    """Everything that can be seen of a world."""
    shops = [
        {
            "shop": (shop.id, shop.cipher),
            "orders": list(shop.orders),
            "products": list(shop.products),
            "packages": list(shop.packages),
            "returns": list(shop.returns),
            "statements": [(row.id, str(row.sum("settlement"))) for row in shop.ledger.issued(world.now)],
        }
        for shop in world.shops
    ]
    return msgspec.json.encode([world.app_key, world.app_secret, [token.id for token in world.tokens], shops])


def test_the_same_seed_and_time_give_the_same_world() -> None:
    first, second = (make_world(ManualClock(NOW), seed=5, orders=80) for _ in range(2))
    assert snapshot(first) == snapshot(second)


def test_another_seed_gives_another_world() -> None:
    first, second = (make_world(ManualClock(NOW), seed=seed, orders=20) for seed in (5, 6))
    assert snapshot(first) != snapshot(second)


@pytest.fixture(scope="module")
def world() -> World:
    """A world as large as the default one."""
    return make_world(ManualClock(NOW))


def test_there_are_as_many_orders_as_were_asked_for(world: World) -> None:
    assert [len(shop.orders) for shop in world.shops] == [1200, 60, 12, 12, 12, 12, 12]


def test_there_are_shops_of_both_kinds_in_the_markets_that_differ(world: World) -> None:
    """The first is local in the US, the second comes from abroad, and what they ask for fits the currency."""
    shops = [(shop.region, shop.seller_type, shop.currency) for shop in world.shops]
    assert shops[:2] == [("US", "LOCAL", "USD"), ("GB", "CROSS_BORDER", "GBP")]
    assert {region for region, _, _ in shops} >= {"US", "GB", "DE", "ID", "TH", "BR"}
    for shop in world.shops:
        lowest = min(sku.price for product in shop.products for sku in product.skus)
        assert lowest > (50_000 if shop.currency == "IDR" else 5)
        assert {order.buyer.region for order in shop.orders} == {shop.region}


@pytest.mark.parametrize("seed", range(4))
def test_there_is_something_to_work_with_whatever_the_seed(seed: int) -> None:
    """One of each at least: so a program that ships, cancels or refunds finds what it needs."""
    world = make_world(ManualClock(NOW), seed=seed, orders=40)
    shop = next(iter(world.shops))
    assert {order.status for order in shop.orders} >= {
        "UNPAID",
        "ON_HOLD",
        "AWAITING_SHIPMENT",
        "IN_TRANSIT",
        "DELIVERED",
        "COMPLETED",
    }
    waiting = [order for order in shop.orders if order.status == "AWAITING_SHIPMENT"]
    assert {order.shipping_type for order in waiting} == {"TIKTOK", "SELLER"}
    assert any(len(order.lines) > 1 for order in waiting)
    assert any(row.status == "CANCELLATION_REQUEST_PENDING" for row in shop.cancellations)
    assert any(row.status == "RETURN_OR_REFUND_REQUEST_PENDING" for row in shop.returns)


def test_nothing_lies_in_the_future(world: World) -> None:
    for shop in world.shops:
        for order in shop.orders:
            assert order.create_time <= order.update_time <= NOW


def test_no_stock_is_below_nothing(world: World) -> None:
    for shop in world.shops:
        for product in shop.products:
            for sku in product.skus:
                assert min(*sku.stock.values(), *sku.committed.values(), 0) == 0


def test_what_is_committed_is_what_open_orders_hold(world: World) -> None:
    for shop in world.shops:
        held: dict[str, int] = {}
        for order in shop.orders:
            for line in order.lines:
                if line.status in {"UNPAID", "AWAITING_SHIPMENT", "AWAITING_COLLECTION"}:
                    held[line.sku_id] = held.get(line.sku_id, 0) + 1
        for product in shop.products:
            for sku in product.skus:
                assert sum(sku.committed.values()) == held.get(sku.id, 0)


def test_ids_are_never_given_twice(world: World) -> None:
    for shop in world.shops:
        ids = [row.id for table in (shop.orders, shop.products, shop.packages, shop.returns) for row in table]
        ids += [line.id for order in shop.orders for line in order.lines]
        assert len(ids) == len(set(ids))
