"""The same calls in each of the ways that are compared: this package, tiktok-shop-api, and code written for them alone.

What is called "bare" is the fastest that one would write by hand for the one call: a signature of its own, msgspec into
classes of its own, no retry, no limit, no check, no log.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import time
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import urlencode

import httpx
import msgspec

from tiktok_shop_async import MemoryLimiter, TikTokShop
from tiktok_shop_async.models.order import OrderPage  # noqa: TC001 (msgspec reads it)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

APP_KEY, APP_SECRET, TOKEN, CIPHER = (
    "6a7b8c9d0e1f",
    "0123456789abcdef0123",
    "ROW_token-0123456789abcdef",
    "ROW_cipher-01234567",
)
WAREHOUSES = "/logistics/202309/warehouses"
ORDERS = "/order/202309/orders/search"
SMALL = msgspec.json.encode(
    {
        "code": 0,
        "message": "Success",
        "request_id": "202609010000000000000000000000AB",
        "data": {"warehouses": [{"id": "7000714532876273420", "name": "Main", "effect_status": "ENABLED"}]},
    }
)
"""The small answer."""


class Warehouse(msgspec.Struct):
    id: str
    name: str
    effect_status: str


class WarehouseList(msgspec.Struct):
    warehouses: list[Warehouse]


class SmallAnswer(msgspec.Struct):
    code: int
    data: WarehouseList


class PageAnswer(msgspec.Struct):
    code: int
    data: OrderPage


_SMALL = msgspec.json.Decoder(SmallAnswer)
_PAGE = msgspec.json.Decoder(PageAnswer, strict=False)


def signed(path: str, more: dict[str, str], body: str = "") -> str:
    """The target of a request, signed."""
    query = {"app_key": APP_KEY, "shop_cipher": CIPHER, "timestamp": str(int(time.time())), **more}
    text = APP_SECRET + path + "".join([name + query[name] for name in sorted(query)]) + body + APP_SECRET
    query["sign"] = hmac.digest(APP_SECRET.encode(), text.encode(), hashlib.sha256).hex()
    return f"{path}?{urlencode(query)}"


HEADERS = {"x-tts-access-token": TOKEN, "content-type": "application/json"}


class Ways:
    """The calls in one way: `small` gives one warehouse, `page` a hundred orders."""

    def __init__(self, small: Callable[[], Awaitable[Any]], page: Callable[[], Awaitable[Any]]) -> None:
        self.small = small
        self.page = page


@asynccontextmanager
async def ours(base_url: str, **settings: Any) -> AsyncIterator[Ways]:
    """This package."""
    settings = {"limiter": MemoryLimiter(math.inf), **settings}
    async with TikTokShop(
        APP_KEY, APP_SECRET, access_token=TOKEN, shop_cipher=CIPHER, base_url=base_url, **settings
    ) as client:

        async def small() -> object:
            return (await client.logistics.get_warehouse_list()).warehouses[0].name

        async def page() -> object:
            return (await client.orders.get_order_list(page_size=100)).orders[0].payment.total_amount

        yield Ways(small, page)


@asynccontextmanager
async def theirs(base_url: str) -> AsyncIterator[Ways]:
    """tiktok-shop-api."""
    from tiktok_shop_api import AsyncTikTokShop

    async with AsyncTikTokShop(
        APP_KEY, APP_SECRET, access_token=TOKEN, shop_cipher=CIPHER, base_url=base_url
    ) as client:

        async def small() -> object:
            return (await client.logistics.get_warehouse_list()).data.warehouses[0].name

        async def page() -> object:
            return (await client.orders.get_order_list(page_size=100)).data.orders[0].payment.total_amount

        yield Ways(small, page)


@asynccontextmanager
async def bare_httpx(base_url: str) -> AsyncIterator[Ways]:
    """httpx by hand, as far down as it is public: its transport, without the client above it."""
    async with httpx.AsyncHTTPTransport() as transport:

        async def small() -> object:
            request = httpx.Request("GET", base_url + signed(WAREHOUSES, {}), headers=HEADERS)
            content = await (await transport.handle_async_request(request)).aread()
            return _SMALL.decode(content).data.warehouses[0].name

        async def page() -> object:
            target = signed(ORDERS, {"page_size": "100"}, "{}")
            request = httpx.Request("POST", base_url + target, headers=HEADERS, content=b"{}")
            content = await (await transport.handle_async_request(request)).aread()
            return _PAGE.decode(content).data.orders[0].payment.total_amount

        yield Ways(small, page)


@asynccontextmanager
async def bare_httpx_client(base_url: str) -> AsyncIterator[Ways]:
    """httpx by hand as most would write it, with a client."""
    async with httpx.AsyncClient() as client:

        async def small() -> object:
            request = httpx.Request("GET", base_url + signed(WAREHOUSES, {}), headers=HEADERS)
            return _SMALL.decode((await client.send(request)).content).data.warehouses[0].name

        async def page() -> object:
            target = signed(ORDERS, {"page_size": "100"}, "{}")
            request = httpx.Request("POST", base_url + target, headers=HEADERS, content=b"{}")
            return _PAGE.decode((await client.send(request)).content).data.orders[0].payment.total_amount

        yield Ways(small, page)


@asynccontextmanager
async def bare_aiohttp(base_url: str) -> AsyncIterator[Ways]:
    """aiohttp by hand."""
    import aiohttp
    from yarl import URL

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as client:

        async def small() -> object:
            url = URL(base_url + signed(WAREHOUSES, {}), encoded=True)
            async with client.get(url, headers=HEADERS) as response:
                return _SMALL.decode(await response.read()).data.warehouses[0].name

        async def page() -> object:
            url = URL(base_url + signed(ORDERS, {"page_size": "100"}, "{}"), encoded=True)
            async with client.post(url, headers=HEADERS, data=b"{}") as response:
                return _PAGE.decode(await response.read()).data.orders[0].payment.total_amount

        yield Ways(small, page)


@contextmanager
def answered_from_memory(content: bytes) -> Iterator[None]:
    """httpx's own transport gives this answer to all requests, as with pytest-httpx. All above it is as ever."""

    async def answer(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=content)

    with patch.object(httpx.AsyncHTTPTransport, "handle_async_request", answer):
        yield


@asynccontextmanager
async def in_memory(content: bytes, *, competitor: bool) -> AsyncIterator[dict[str, Ways]]:
    """All ways over httpx, answered from memory, by what they are called in the tables."""
    base_url = "http://shop.example"
    with answered_from_memory(content):
        async with AsyncExitStack() as stack:
            http_client = await stack.enter_async_context(httpx.AsyncClient())
            ways = {
                "bare": await stack.enter_async_context(bare_httpx(base_url)),
                "ours": await stack.enter_async_context(ours(base_url)),
                "bare with a client": await stack.enter_async_context(bare_httpx_client(base_url)),
                "ours with a client": await stack.enter_async_context(ours(base_url, http_client=http_client)),
            }
            if competitor:
                ways["competitor"] = await stack.enter_async_context(theirs(base_url))
            yield ways
