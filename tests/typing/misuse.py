"""Mistakes that a type checker has to find.

Each is silenced where it stands. One that is no longer found fails the check, because both checkers are told to report
a comment that silences nothing.
"""

import tiktok_shop_async
from tiktok_shop_async import ShopView, TikTokShop, events, models
from tiktok_shop_async.events import OrderStatusChange, PackageUpdate, ProductStatusChange
from tiktok_shop_async.webhooks import Delivery, SQLiteInbox, Webhooks, replay_missing, verify


async def mistakes(client: TikTokShop) -> None:
    await client.orders.get_order_detail(ids=[1])  # type: ignore[list-item] # an id is text
    client.orders.get_order_list(page_sise=10)  # type: ignore[call-arg] # no such parameter
    await client.products.get_product()  # type: ignore[call-arg] # the product's id is missing
    await client.orders.get_order_detail(["1"])  # type: ignore[call-arg] # arguments have names
    async for order in client.orders.get_order_list():
        print(order.total_amount)  # type: ignore[attr-defined] # it is order.payment.total_amount
        print(order.payment.total_amount + 1)  # type: ignore[operator] # amounts are text
    tiktok_shop_async.TikTokShopp("key", "secret")  # type: ignore[attr-defined] # no such name
    (await client.creator("1")).orders.get_order_list()  # type: ignore[attr-defined] # orders are a seller's
    (await client.partner("1")).products.search_products()  # type: ignore[attr-defined] # so are products
    models.Ordr()  # type: ignore[attr-defined] # no such model
    events.OrderStatusChanged()  # type: ignore[attr-defined] # no such event


webhooks = Webhooks({"key": "secret"}, SQLiteInbox("inbox.db"))


@webhooks.on(OrderStatusChange)  # type: ignore[arg-type] # of another type
async def of_another_type(event: PackageUpdate, delivery: Delivery) -> None: ...


@webhooks.on(OrderStatusChange, PackageUpdate)  # type: ignore[arg-type] # it gets the other one as well
async def of_one_of_them(event: OrderStatusChange, delivery: Delivery) -> None: ...


@webhooks.on(OrderStatusChange)  # type: ignore[arg-type] # it is given the delivery, too
async def without_the_delivery(event: OrderStatusChange) -> None: ...


@webhooks.on(OrderStatusChange)  # type: ignore[arg-type] # it has to be a coroutine function
def that_is_plain(event: OrderStatusChange, delivery: Delivery) -> None: ...


@webhooks.on(int)  # type: ignore[type-var] # no event
async def of_no_event(event: int, delivery: Delivery) -> None: ...


@webhooks.on(OrderStatusChange, PackageUpdate)
async def inside_a_handler(event: OrderStatusChange | PackageUpdate, delivery: Delivery) -> None:
    print(event.data.order_id)  # type: ignore[union-attr] # only one of them has it
    print(event.data.order)  # type: ignore[union-attr] # neither has it
    delivery.apply("UPDATE")  # type: ignore[arg-type] # work is a function


async def around_webhooks(shop: ShopView, event: ProductStatusChange) -> None:
    print(event.data.update_time + 1)  # type: ignore[operator] # it may be absent
    verify("{}", "signature", {"key": "secret"})  # type: ignore[arg-type] # the raw bytes
    await replay_missing(shop, webhooks.inbox, shop_id="7", since=1, until=2, kinds=["orders"])  # type: ignore[list-item] # it is "order"
