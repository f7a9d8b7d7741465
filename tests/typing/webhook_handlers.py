"""Handlers of webhooks as a user would write them: inside each, a strict type checker knows the event.

Nothing runs it; that it passes `mypy --strict` and `pyright` in strict mode is the test.
"""

from typing import assert_type

from tiktok_shop_async import ShopView
from tiktok_shop_async.event import Event, UnknownEvent
from tiktok_shop_async.events import (
    AppealCompleted,
    CancellationStatusChange,
    InvoiceStatusChange,
    NewMessage,
    OrderStatusChange,
    PackageUpdate,
    ProductCreation,
    ProductStatusChange,
    RecipientAddressUpdate,
    ReturnStatusChange,
)
from tiktok_shop_async.models import Cancellation, Order, Package, Product, ReturnOrder
from tiktok_shop_async.webhooks import Delivery, SQLiteInbox, Webhooks, fetch, parse, replay_missing, verify

webhooks = Webhooks({"key": "secret"}, SQLiteInbox("inbox.db"))


@webhooks.on(OrderStatusChange)
async def of_one_type(event: OrderStatusChange, delivery: Delivery) -> None:
    assert_type(event.data.order_id, str)
    assert_type(event.data.update_time, int | None)


@webhooks.on(CancellationStatusChange, ReturnStatusChange)
async def of_two(event: CancellationStatusChange | ReturnStatusChange, delivery: Delivery) -> None:
    assert_type(event.data.order_id, str)
    if isinstance(event, ReturnStatusChange):
        assert_type(event.data.return_id, str)
    else:
        assert_type(event.data.cancel_id, str)


@webhooks.on(OrderStatusChange, PackageUpdate, ProductStatusChange)
async def of_three(event: OrderStatusChange | PackageUpdate | ProductStatusChange, delivery: Delivery) -> None:
    print(event.data.update_time)


@webhooks.on(OrderStatusChange, PackageUpdate, ProductStatusChange, RecipientAddressUpdate)
async def of_four(
    event: OrderStatusChange | PackageUpdate | ProductStatusChange | RecipientAddressUpdate, delivery: Delivery
) -> None:
    print(event.data.update_time)


@webhooks.on(OrderStatusChange, PackageUpdate, ProductStatusChange, RecipientAddressUpdate, ReturnStatusChange)
async def of_more(event: Event, delivery: Delivery) -> None:
    assert_type(event.shop_id, str)


@webhooks.on(OrderStatusChange, PackageUpdate)
async def of_the_base(event: Event, delivery: Delivery) -> int:
    """A handler that takes more than it has to, and returns something, will do."""
    return event.type


@webhooks.on()
@webhooks.on(Event)
async def of_all(event: Event, delivery: Delivery) -> None:
    if isinstance(event, UnknownEvent):
        print(event.data.get("order_id"))


async def the_object_behind_an_event(
    shop: ShopView,
    order: OrderStatusChange,
    address: RecipientAddressUpdate,
    packages: PackageUpdate,
    invoice: InvoiceStatusChange,
    product: ProductStatusChange | ProductCreation | AppealCompleted,
    returned: ReturnStatusChange,
    cancelled: CancellationStatusChange,
    message: NewMessage,
) -> None:
    assert_type(await fetch(shop, order), Order | None)
    assert_type(await fetch(shop, address), Order | None)
    assert_type(await fetch(shop, packages), list[Package])
    assert_type(await fetch(shop, invoice), Package | None)
    assert_type(await fetch(shop, product), Product | None)
    assert_type(await fetch(shop, returned), ReturnOrder | None)
    assert_type(await fetch(shop, cancelled), Cancellation | None)
    print(await fetch(shop, message))


async def what_was_never_told(shop: ShopView) -> None:
    missing = await replay_missing(
        shop, webhooks.inbox, shop_id="7", since=1, until=2, kinds=["order", "return", "cancellation"]
    )
    assert_type(missing, list[str])


def without_a_receiver(body: bytes, authorization: str | None) -> None:
    assert_type(verify(body, authorization, {"key": ["secret", "old secret"]}), str)
    assert_type(parse(body), Event)
