"""A tour of tiktok-shop-async: `python examples/demo.py`.

It starts the sandbox that ships with the package, so nothing leaves this machine and nothing real is touched. Against
the live API the code is the same, with `TikTokShop.from_env()` in place of the sandbox's credentials.
"""

from __future__ import annotations

import asyncio
import struct
import sys
import zlib
from collections import Counter
from contextlib import contextmanager
from decimal import Decimal
from time import perf_counter
from typing import TYPE_CHECKING

import httpx

from tiktok_shop_async import MissingScopeError, PartialFailureError, TikTokShop, as_datetime, as_decimal
from tiktok_shop_async.models import (
    OrderStatus,
    ProductStatus,
    ReturnApproval,
    ReturnType,
    ShippingType,
    SkuInventoryUpdate,
    WarehouseInventoryUpdate,
)
from tiktok_shop_async.sandbox import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Generator

    from tiktok_shop_async import ShopView
    from tiktok_shop_async.models import Order
    from tiktok_shop_async.sandbox import Sandbox

TIMINGS: dict[str, float] = {}


async def main() -> None:
    """Takes the tour."""
    async with (
        SandboxServer(orders=1200) as sandbox,
        TikTokShop(
            sandbox.app_key, sandbox.app_secret, access_token=sandbox.access_token, base_url=sandbox.url
        ) as client,
    ):
        shop = await client.shop(sandbox.shop_id)  # one client serves any number of shops
        orders = await read_orders(shop)
        await edit_a_product(shop)
        await upload_an_image(client)
        await ship_a_package(shop, orders)
        await settle_a_return(shop, orders)
        await check_the_statements(shop)
        await be_refused(sandbox, client)
    print("\nSeconds")
    for title, seconds in {**TIMINGS, "All": sum(TIMINGS.values())}.items():
        say(f"{title:<28}{seconds:6.2f}")


async def read_orders(shop: ShopView) -> list[Order]:
    """A list call is a pager: it fetches page after page, and every row is typed."""
    orders: list[Order] = []
    with step("Read all orders"):
        async for page in shop.orders.get_order_list(page_size=100).pages():
            orders += page.orders
            progress(len(orders), page.total_count or 0)
        worth = sum((as_decimal(order.payment.total_amount) or Decimal(0) for order in orders), Decimal(0))
        newest = as_datetime(orders[0].create_time)
        say(f"{len(orders):,} orders worth {worth:,} {orders[0].payment.currency}, the newest of {newest:%d %B %Y}")
        say(", ".join(f"{count} {status}" for status, count in Counter(order.status for order in orders).most_common()))
    return orders


async def edit_a_product(shop: ShopView) -> None:
    """A plain `async for` reads a list too. What an answer reports as failed is raised, with what went well."""
    with step("Read and edit products"):
        products = [product async for product in shop.products.search_products(page_size=20)]
        product = next(product for product in products if product.status == ProductStatus.ACTIVATE)
        say(f"{len(products)} products; {product.title!r} has {len(product.skus)} variants")

        await shop.products.partial_edit_product(product_id=product.id, title=f"{product.title}, new edition")
        edited = await shop.products.get_product(product_id=product.id)
        say(f"its title is now {edited.title!r}")

        sku = product.skus[0]
        stock = [WarehouseInventoryUpdate(warehouse_id=place.warehouse_id, quantity=250) for place in sku.inventory]
        skus = [SkuInventoryUpdate(id=sku_id, inventory=stock) for sku_id in (sku.id, "1")]
        try:
            await shop.products.update_inventory(product_id=product.id, skus=skus)
        except PartialFailureError as error:
            say(f"stock set to 250 for one SKU; {type(error).__name__} names the other: {error.failed_ids}")


async def upload_an_image(client: TikTokShop) -> None:
    """Files are bytes, open files or paths; they are streamed."""
    with step("Upload an image"):
        image = await client.products.upload_product_image(data=picture(600, 400), use_case="MAIN_IMAGE")
        say(f"{image.width} x {image.height} pixels, kept as {image.uri}")


async def ship_a_package(shop: ShopView, orders: list[Order]) -> None:
    """TikTok's carrier is called for the package; the label is a link that needs no credentials."""
    with step("Ship a package"):
        order = next(
            order
            for order in orders
            if order.status == OrderStatus.AWAITING_SHIPMENT
            and order.shipping_type == ShippingType.TIKTOK
            and not order.is_buyer_request_cancel
        )
        package_id = order.packages[0].id
        await shop.fulfillment.ship_package(package_id=package_id, handover_method="PICKUP")
        label = await shop.fulfillment.get_package_shipping_document(
            package_id=package_id, document_type="SHIPPING_LABEL"
        )
        async with httpx.AsyncClient() as browser:
            document = await browser.get(label.doc_url or "")
        (shipped,) = (await shop.orders.get_order_detail(ids=[order.id])).orders
        say(f"order {order.id} to {order.recipient_address.name}: {order.status} -> {shipped.status}")
        say(f"label {label.tracking_number}: {document.headers['content-type']}, {len(document.content)} bytes")


async def settle_a_return(shop: ShopView, orders: list[Order]) -> None:
    """Opens a return for a buyer and grants it; the key makes a repeated request harmless."""
    with step("Open and answer a return"):
        returned = {row.order_id async for row in shop.returns.search_returns(page_size=50)}
        order = next(order for order in orders if order.status == OrderStatus.DELIVERED and order.id not in returned)
        opened = await shop.returns.create_return(
            order_id=order.id,
            return_type=ReturnType.REFUND,
            return_reason="ecom_order_delivered_refund_reason_arrived_damaged",
            idempotency_key=f"refund-{order.id}",
        )
        return_id = opened.return_id
        await shop.returns.approve_return(return_id=return_id, decision=ReturnApproval.APPROVE_REFUND)
        (answered,) = (await shop.returns.search_returns(return_ids=[return_id])).return_orders
        say(f"order {order.id}: {opened.return_status} -> {answered.return_status}")
        say(f"{answered.refund_amount.refund_total} {answered.refund_amount.currency} go back to the buyer")


async def check_the_statements(shop: ShopView) -> None:
    """Adds up every transaction of every statement, in exact decimals."""
    with step("Check the statements"):
        statements = [row async for row in shop.finance.get_statements(page_size=100)]
        settled, transactions = Decimal(0), 0
        for done, statement in enumerate(statements, start=1):
            amount = Decimal(0)
            pager = shop.finance.get_transactions_by_statement(statement_id=statement.id, page_size=100)
            async for transaction in pager:
                amount += as_decimal(transaction.settlement_amount) or 0
                transactions += 1
            if amount != as_decimal(statement.settlement_amount):
                raise SystemExit(f"statement {statement.id} does not add up: {amount}")
            settled += amount
            progress(done, len(statements))
        say(f"{len(statements)} statements of {transactions:,} transactions add up to the cent: {settled:,} settled")


async def be_refused(sandbox: Sandbox, client: TikTokShop) -> None:
    """Errors are typed by what a caller can do about them."""
    with step("Be refused"):
        token = sandbox.issue_token(scopes=["seller.product.basic"])
        limited = client.with_shop(access_token=token, shop_cipher=sandbox.shop_cipher)
        try:
            await limited.orders.get_order_list()
        except MissingScopeError as error:
            say(f"{type(error).__name__} {error.code} (HTTP {error.status}): {error.message}")


@contextmanager
def step(title: str) -> Generator[None]:
    """Prints a heading, and takes the time of what follows."""
    print(title)
    started = perf_counter()
    yield
    TIMINGS[title] = perf_counter() - started


def say(text: str) -> None:
    """Prints a finding."""
    print(f"  {text}")


def progress(done: int, of: int) -> None:
    """Counts up in place on a terminal, and is silent anywhere else."""
    if sys.stdout.isatty():
        print(f"\r  {done:,} of {of:,}" + ("\r\033[K" if done == of else ""), end="", flush=True)


def picture(width: int, height: int) -> bytes:
    """A PNG of one colour, so that the example needs no file."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress((b"\x00" + b"\xf2\x5f\x3a" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


if __name__ == "__main__":
    asyncio.run(main())
