"""The first typed page of orders by hand: httpx, a signature written for this one call, msgspec into two classes."""

import asyncio
import hashlib
import hmac
import os
import time

import httpx
import msgspec


class Payment(msgspec.Struct):
    total_amount: str


class Order(msgspec.Struct):
    id: str
    payment: Payment


class Page(msgspec.Struct):
    orders: list[Order]


class Answer(msgspec.Struct):
    data: Page


async def main() -> None:
    environ = os.environ
    path, body = "/order/202309/orders/search", b"{}"
    query = {
        "app_key": environ["TIKTOK_SHOP_APP_KEY"],
        "page_size": "100",
        "shop_cipher": environ["TIKTOK_SHOP_SHOP_CIPHER"],
        "timestamp": str(int(time.time())),
    }
    secret = environ["TIKTOK_SHOP_APP_SECRET"]
    text = secret + path + "".join(name + query[name] for name in sorted(query)) + body.decode() + secret
    query["sign"] = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    async with httpx.AsyncClient(base_url=environ["TIKTOK_SHOP_BASE_URL"]) as client:
        response = await client.post(
            path,
            params=query,
            content=body,
            headers={
                "content-type": "application/json",
                "x-tts-access-token": environ["TIKTOK_SHOP_ACCESS_TOKEN"],
            },
        )
    page = msgspec.json.decode(response.content, type=Answer).data
    assert len(page.orders) == 100
    assert page.orders[0].payment.total_amount


asyncio.run(main())
