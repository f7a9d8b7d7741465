"""Replicating a listing: copies of it in the seller's cross-border shops in other markets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.category_rules import broken_rules
from tiktok_shop_async.sandbox.behaviour.global_publishing import shop_in
from tiktok_shop_async.sandbox.behaviour.global_syncing import price_in
from tiktok_shop_async.sandbox.behaviour.listing import NO_SUCH_WAREHOUSE, SKU_OF_ANOTHER, WRONG_QUANTITY, read_price
from tiktok_shop_async.sandbox.behaviour.products import WRONG_STATUS, find_product
from tiktok_shop_async.sandbox.life.audits import submit
from tiktok_shop_async.sandbox.life.occasions import product_created
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.rows import Product, Sku

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.world import Shop

REPLICATED_BEFORE = 12052903


@serves("POST", "/product/202507/products/{product_id}/global_replicate")
def replicate_product(call: Call) -> Data:
    """Copies a listing that is on sale to other markets. Markets in which that fails are listed."""
    product = find_product(call.shop, call.path["product_id"])
    if product.status != "ACTIVATE":
        raise RefusalError(WRONG_STATUS, f"Product {product.id} is {product.status}; only what is on sale is copied.")
    errors: list[dict[str, Any]] = []
    for target in call.body.get("replicate_target", []):
        region = str(target.get("region", ""))
        try:
            shop = shop_in(call, region)
            _replicate(call, product, shop, target.get("skus", []))
        except RefusalError as problem:
            errors.append({"code": problem.code, "message": problem.message, "detail": {"region": region}})
    return {"errors": errors} if errors else {}


@serves("GET", "/product/202507/products/{product_id}/replicated_products")
def get_replicated_products(call: Call) -> Data:
    """The copies of a listing in other markets."""
    product = find_product(call.shop, call.path["product_id"])
    shops = [call.world.shops[shop_id] for shop_id in product.replicas]
    return {
        "replicated_products": [
            {
                "region": shop.region,
                "shop_id": shop.id,
                "product_id": product.replicas[shop.id],
                "product_status": shop.products[product.replicas[shop.id]].status,
            }
            for shop in shops
        ]
    }


@serves("GET", "/product/202507/global_listing_rules")
def get_global_listing_rules(call: Call) -> Data:
    """How the shop's listings can come about, and that each market has a stock of its own."""
    return {
        "listing_methods": ["GLOBAL_PUBLISHING", "LOCAL_REPLICATION"],
        "inventory_rules": [
            {"local_warehouse_id": warehouse.id, "allocation_mode": "MANUAL", "associated_warehouses": []}
            for warehouse in call.shop.warehouses
            if warehouse.type == "SALES_WAREHOUSE"
        ],
    }


def _replicate(call: Call, product: Product, shop: Shop, entries: list[dict[str, Any]]) -> None:
    if shop.id == call.shop.id or shop.id in product.replicas:
        raise RefusalError(REPLICATED_BEFORE, f"Product {product.id} is in {shop.region} already.")
    said = {str(entry.get("source_sku_id")): entry for entry in entries}
    if unknown := said.keys() - {sku.id for sku in product.skus}:
        raise RefusalError(SKU_OF_ANOTHER, f"SKUs {', '.join(sorted(unknown))} are not of product {product.id}.")
    skus = [_copy(call, shop, sku, said.get(sku.id, {})) for sku in product.skus]
    for problem in broken_rules(shop, {"title": product.title, **product.details}):
        raise problem
    copy = Product(
        id=call.world.ids.number("product"),
        title=product.title,
        status="DRAFT",
        skus=skus,
        create_time=call.now,
        update_time=call.now,
        details=product.details,
    )
    shop.products.put(copy)
    product_created(call.world, shop, copy, call.now)
    submit(call.world, shop, copy, call.now)
    product.replicas[shop.id] = copy.id


def _copy(call: Call, shop: Shop, sku: Sku, entry: dict[str, Any]) -> Sku:
    inventory = entry.get("inventory") or [{"quantity": 0}]
    stock = {
        str(each.get("warehouse_id") or shop.sales_warehouse.id): int(each.get("quantity", 0)) for each in inventory
    }
    if not stock.keys() <= {warehouse.id for warehouse in shop.warehouses}:
        raise RefusalError(NO_SUCH_WAREHOUSE, f"Unknown `warehouse_id`: the shop in {shop.region} does not have it.")
    if min(stock.values()) < 0:
        raise RefusalError(WRONG_QUANTITY, "A stock of less than nothing is not possible.")
    price = entry.get("price")
    return Sku(
        id=call.world.ids.number("sku"),
        seller_sku=sku.seller_sku,
        price=read_price(shop, price) if price else price_in(shop, sku.price, call.shop.currency),
        stock=stock,
        attributes=sku.attributes,
    )
