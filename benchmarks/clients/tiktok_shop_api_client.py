"""The first typed page of orders with tiktok-shop-api."""

import asyncio
import os

from tiktok_shop_api import AsyncTikTokShop


async def main() -> None:
    environ = os.environ
    async with AsyncTikTokShop(
        environ["TIKTOK_SHOP_APP_KEY"],
        environ["TIKTOK_SHOP_APP_SECRET"],
        access_token=environ["TIKTOK_SHOP_ACCESS_TOKEN"],
        shop_cipher=environ["TIKTOK_SHOP_SHOP_CIPHER"],
        base_url=environ["TIKTOK_SHOP_BASE_URL"],
    ) as client:
        page = await client.orders.get_order_list(page_size=100)
        assert len(page.data.orders) == 100
        assert page.data.orders[0].payment.total_amount


asyncio.run(main())
