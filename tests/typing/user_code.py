"""A program as a user would write it, which a strict type checker has to accept: no cast, no assertion, no None check.

Nothing runs it; that it passes `mypy --strict` and `pyright` in strict mode is the test.
"""

from pathlib import Path

from tiktok_shop_async import (
    CallOptions,
    PartialFailureError,
    RateLimitError,
    TikTokShop,
    as_datetime,
    as_decimal,
    response_of,
)
from tiktok_shop_async.models import Order, OrderStatus, SkuInventoryUpdate, WarehouseInventoryUpdate


async def ten_plain_lines(client: TikTokShop) -> None:
    shop = await client.shop("7000000000000000001")
    async for order in shop.orders.get_order_list(order_status=OrderStatus.AWAITING_SHIPMENT, page_size=100):
        print(order.id.zfill(18), order.payment.total_amount, order.recipient_address.full_address)
        for item in order.line_items:
            print(item.product_name, [tax.tax_amount for tax in item.item_tax])
    async for page in shop.products.search_products(status="ACTIVATE").pages():
        for product in page.products:
            print(product.title, [stock.quantity for sku in product.skus for stock in sku.inventory])
    result = await shop.products.update_inventory(product_id="1", skus=[{"id": "2", "inventory": [{"quantity": 3}]}])
    print(len(result.errors))


async def every_resource(client: TikTokShop) -> None:
    for authorized in (await client.authorization.get_authorized_shops()).shops:
        print(authorized.cipher)
    print([active.region for active in (await client.seller.get_active_shops()).shops])
    await client.event.update_shop_webhook(address="https://shop.example/hook", event_type="ORDER_STATUS_CHANGE")
    details = await client.orders.get_order_detail(ids=["1", "2"])
    print(len(details.orders))
    await client.products.upload_product_image(data=Path("front.jpg"), use_case="MAIN_IMAGE")
    await client.fulfillment.ship_package(package_id="1", options=CallOptions(timeout=5))
    for warehouse in (await client.logistics.get_warehouse_list()).warehouses:
        print(warehouse.address.region_code)
    async for returned in client.returns.search_returns().limit(10):
        print(returned.return_id, returned.refund_amount.refund_total)
    async for statement in client.finance.get_statements(statement_time_ge=1):
        print(as_decimal(statement.settlement_amount), as_datetime(statement.statement_time))
    await client.supply_chain.confirm_package_shipment(warehouse_provider_id="1", packages=[])


async def creators_and_partners(client: TikTokShop) -> None:
    creator = await client.creator("open-id-of-a-creator")
    print(creator.open_id, (await creator.request("GET", "/affiliate_creator/202405/profiles")).data)
    print((await client.authorize("code", kind="creator")).with_category_asset("cipher").open_id)
    print((await client.authorize("code", kind="partner")).supply_chain, (await client.authorize("code")).orders)
    partner = await client.partner("open-id-of-a-partner")
    for asset in (await partner.authorization.get_authorized_category_assets()).category_assets:
        print(asset.target_market, asset.category.name)
    kitchen = await partner.category_asset(target_market="US", category_id=600024)
    await kitchen.supply_chain.confirm_package_shipment(warehouse_provider_id="1", packages=[])
    await client.with_partner(access_token="token").with_category_asset("cipher").request("GET", "/a/202309/b")


async def pages_failures_and_the_raw_answer(client: TikTokShop) -> list[Order]:
    pager = client.orders.get_order_list(options=CallOptions(max_retries=0))
    first = await pager
    print(first.total_count, response_of(first).request_id)
    again = client.orders.get_order_list(page_token=first.next_page_token)
    try:
        await client.products.update_inventory(
            product_id="1", skus=[SkuInventoryUpdate(id="2", inventory=[WarehouseInventoryUpdate(quantity=3)])]
        )
    except PartialFailureError as error:
        print(error.failed_ids)
    except RateLimitError as error:
        print(error.retry_after)
    warehouses = await client.request("GET", "/logistics/202309/warehouses")
    print(warehouses.data)
    return [order async for order in again]
