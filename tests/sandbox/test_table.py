"""Tables, and what is saved or taken back as one."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.snapshot import snapshot
from tiktok_shop_async.sandbox.made_up.seed import make_world
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.state.clock import ManualClock
from tiktok_shop_async.sandbox.state.rows import Package, Webhook

if TYPE_CHECKING:
    from collections.abc import Generator

    from tiktok_shop_async.sandbox.world import World

NOW = 1_790_000_000


@pytest.fixture
def world() -> World:
    """A small world, to change."""
    return make_world(ManualClock(NOW), seed=3, orders=20)


@contextmanager
def refused(world: World) -> Generator[None, None, None]:
    """A request that changes something and is refused then."""
    with suppress(RefusalError), world.change():
        yield
        raise RefusalError(1, "no")


def parcel(package_id: str, order_id: str, tracking_number: str = "") -> Package:
    """A package that nothing is in."""
    return Package(
        id=package_id,
        order_ids=[order_id],
        line_ids=[],
        status="TO_FULFILL",
        create_time=NOW,
        update_time=NOW,
        tracking_number=tracking_number,
    )


def test_a_refusal_takes_back_everything_that_was_changed_before_it(world: World) -> None:
    before = snapshot(world)
    shop = next(iter(world.shops))
    order, product = next(iter(shop.orders)), next(iter(shop.products))
    with refused(world):
        shop.orders[order.id].lines[0].status = "CANCELLED"
        shop.products[product.id].skus[0].stock.clear()
        shop.webhooks.put(Webhook(id="ORDER_STATUS_CHANGE", address="https://a", create_time=NOW, update_time=NOW))
        world.shops[shop.id].cipher = "another"
        world.agenda.add(NOW + 1, "lapse", shop.id, order.id)
        world.issue_token()
    assert snapshot(world) == before
    assert not world.agenda.is_due(NOW + 1)
    assert world.shop_by_cipher("another") is None


def test_what_is_taken_back_stays_the_object_that_it_was(world: World) -> None:
    """Who holds an order goes on seeing what becomes of it."""
    order = next(iter(next(iter(world.shops)).orders))
    orders = next(iter(world.shops)).orders
    message = order.buyer_message
    with refused(world):
        orders[order.id].buyer_message = "changed my mind"
    assert orders.get(order.id) is order
    assert order.buyer_message == message


def test_what_happened_before_a_refusal_is_not_taken_back_with_it(world: World) -> None:
    """Somebody arranges something, and the request after that is refused."""
    shop = next(iter(world.shops))
    order = shop.orders[next(iter(shop.orders)).id]
    order.buyer_message = "arranged"
    with refused(world):
        shop.orders[order.id].buyer_message = "changed"
    assert order.buyer_message == "arranged"


def test_an_event_that_fails_leaves_everything_as_it_was_and_is_tried_again(world: World) -> None:
    shop = next(iter(world.shops))
    world.agenda.add(NOW, "lapse", shop.id, "no such order")
    before = snapshot(world)
    for _ in range(2):
        with pytest.raises(KeyError):
            world.catch_up()
    assert snapshot(world) == before


def test_rows_are_found_by_what_they_have_now(world: World) -> None:
    packages = next(iter(world.shops)).packages
    with world.change():
        packages.put(parcel("1", "first", "NW1"))
        packages.put(parcel("2", "first"))
    assert [row.id for row in packages.find("order", "first")] == ["1", "2"]
    with world.change():
        packages["1"].tracking_number = "NW2"
        packages["2"].order_ids = ["second"]
    assert [row.id for row in packages.find("tracking", "NW2")] == ["1"]
    assert packages.find("tracking", "NW1") == []
    assert [row.id for row in packages.find("order", "second")] == ["2"]
    with world.change():
        packages.remove("2")
    assert packages.find("order", "second") == []


def test_rows_are_found_by_what_they_had_when_a_change_is_taken_back(world: World) -> None:
    packages = next(iter(world.shops)).packages
    with world.change():
        packages.put(parcel("1", "first", "NW1"))
        packages.put(parcel("2", "first"))
    with refused(world):
        packages.remove("1")
        packages["2"].tracking_number = "NW2"
        packages.put(parcel("3", "first", "NW3"))
        world.save()
        packages.put(parcel("4", "first", "NW4"))
        packages.remove("3")
    assert [row.id for row in packages.find("order", "first")] == ["2", "3"]
    assert packages.find("tracking", "NW4") == []
    assert [row.id for row in packages.find("tracking", "NW3")] == ["3"]


def test_a_variant_is_found_as_long_as_its_product_has_it(world: World) -> None:
    shop = next(iter(world.shops))
    product = next(product for product in shop.products if len(product.skus) > 1)
    gone = product.skus[0]
    with world.change():
        shop.products[product.id].skus = product.skus[1:]
    assert shop.find_sku(gone.id) is None
    found = shop.find_sku(product.skus[0].id)
    assert found is not None
    assert found[0] is product


def test_reading_saves_what_was_put_in_all_the_same(world: World) -> None:
    """A label is made when it is asked for first."""
    version = world.version
    shop = next(iter(world.shops))
    with world.change(reading=True):
        shop.orders.get(next(iter(shop.orders)).id)
    assert world.version == version
    with world.change(reading=True):
        world.issue_token()
    assert world.version == version + 1


def test_amounts_come_back_to_the_last_digit(world: World) -> None:
    shop = next(iter(world.shops))
    product = next(iter(shop.products))
    with world.change():
        shop.products[product.id].skus[0].price = Decimal("1234567890123.4500")
    with refused(world):
        shop.products[product.id].skus[0].price = Decimal(1)
    assert str(product.skus[0].price) == "1234567890123.4500"
