"""Mistakes that a type checker has to find.

Each is silenced where it stands. One that is no longer found fails the check, because both checkers are told to report
a comment that silences nothing.
"""

import tiktok_shop_async
from tiktok_shop_async import TikTokShop, models


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
