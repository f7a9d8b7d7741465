"""The first typed page of orders with this package."""

import asyncio

from tiktok_shop_async import TikTokShop


async def main() -> None:
    async with TikTokShop.from_env() as client:
        page = await client.orders.get_order_list(page_size=100)
        assert len(page.orders) == 100
        assert page.orders[0].payment.total_amount


asyncio.run(main())
