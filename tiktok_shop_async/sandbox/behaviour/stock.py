"""Stock and prices of listings that are on sale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.listing import NO_SUCH_WAREHOUSE, SKU_OF_ANOTHER, WRONG_QUANTITY, read_price
from tiktok_shop_async.sandbox.behaviour.products import WRONG_STATUS, find_product
from tiktok_shop_async.sandbox.life.occasions import stock_changed, stock_status
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.rows import Product, Sku
    from tiktok_shop_async.sandbox.world import Shop

CHECK_FAILED = 12052990
WAREHOUSES_MISSING = 12019028
NO_SUCH_PRODUCT_ID = 12019008


@serves("POST", "/product/202309/products/{product_id}/inventory/update")
def update_inventory(call: Call) -> Data:
    """Sets the stock of SKUs, warehouse by warehouse. What fails is listed; the rest is done."""
    product = _on_sale(call)
    errors: list[dict[str, Any]] = []
    for entry in call.body["skus"]:
        sku = product.sku(entry["id"])
        if sku is None:
            errors.append(_failed(entry["id"], SKU_OF_ANOTHER, f"SKU {entry['id']} is not one of this product."))
            continue
        before = stock_status(sku)
        if problem := _set_stock(call.shop, sku, entry["inventory"]):
            errors.append(problem)
        else:
            for version in _other_versions(product, sku.id):
                version.stock = {}
            stock_changed(call.world, call.shop, product, sku, before, call.now)
    if len(errors) < len(call.body["skus"]):
        product.update_time = call.now
    return {"errors": errors} if errors else {}


@serves("POST", "/product/202309/products/{product_id}/prices/update")
def update_price(call: Call) -> Data:
    """Sets the prices of SKUs: of all that are named, or of none."""
    product = _on_sale(call)
    prices: list[tuple[Sku, Any]] = []
    for entry in call.body["skus"]:
        sku = product.sku(entry["id"])
        if sku is None:
            raise RefusalError(SKU_OF_ANOTHER, f"SKU {entry['id']} is not one of product {product.id}.")
        prices.append((sku, read_price(call.shop, entry["price"])))
    for sku, price in prices:
        sku.price = price
        for version in _other_versions(product, sku.id):
            version.price = price
    product.update_time = call.now
    return {}


@serves("POST", "/product/202309/inventory/search")
def search_inventory(call: Call) -> Data:
    """What can be sold and what open orders hold, by SKU ids or, without those, by product ids."""
    sku_ids: list[str] = call.body.get("sku_ids") or []
    product_ids: list[str] = call.body.get("product_ids") or []
    found = [
        (product, [sku for sku in product.skus if not sku_ids or sku.id in sku_ids])
        for product in call.shop.products
        if sku_ids or product.id in product_ids
    ]
    if not sku_ids and len(found) < len(set(product_ids)):
        raise RefusalError(NO_SUCH_PRODUCT_ID, "Unknown `product_ids`: at least one is not of this shop.")
    return {
        "inventory": [
            {"product_id": product.id, "skus": [_render_stock(sku) for sku in skus]} for product, skus in found if skus
        ]
    }


def _other_versions(product: Product, sku_id: str) -> list[Sku]:
    """The variant in the draft and in what is under review, which a price or a stock that is set now holds for too."""
    revisions = [each for each in (product.draft, product.under_review) if each is not None]
    return [sku for revision in revisions if (sku := revision.sku(sku_id)) is not None]


def _on_sale(call: Call) -> Product:
    product = find_product(call.shop, call.path["product_id"])
    if product.status != "ACTIVATE":
        raise RefusalError(
            WRONG_STATUS, f"Product {product.id} is {product.status}; only what is on sale can be changed so."
        )
    return product


def _set_stock(shop: Shop, sku: Sku, inventory: list[dict[str, Any]]) -> dict[str, Any] | None:
    given = {str(entry.get("warehouse_id") or shop.sales_warehouse.id): int(entry["quantity"]) for entry in inventory}
    known = {warehouse.id for warehouse in shop.warehouses}
    for warehouse_id, quantity in given.items():
        if warehouse_id not in known:
            return _failed(sku.id, NO_SUCH_WAREHOUSE, f"Warehouse {warehouse_id} does not exist.", warehouse_id)
        if quantity < 0:
            return _failed(sku.id, WRONG_QUANTITY, f"A stock of {quantity} is not possible.", warehouse_id)
    for warehouse_id in sku.stock:
        if warehouse_id not in given:
            message = f"Warehouse {warehouse_id} holds this SKU and has to be named as well."
            return _failed(sku.id, WAREHOUSES_MISSING, message, warehouse_id)
    sku.stock = given
    return None


def _failed(sku_id: str, code: int, message: str, warehouse_id: str = "") -> dict[str, Any]:
    extra: dict[str, Any] = {"code": code, "message": message}
    if warehouse_id:
        extra["warehouse_id"] = warehouse_id
    return {
        "code": CHECK_FAILED,
        "message": f"The check of this SKU failed: {message}",
        "detail": {"sku_id": sku_id, "extra_errors": [extra]},
    }


def _render_stock(sku: Sku) -> dict[str, Any]:
    warehouses = [
        {
            "warehouse_id": warehouse_id,
            "available_quantity": quantity,
            "committed_quantity": sku.committed.get(warehouse_id, 0),
        }
        for warehouse_id, quantity in sku.stock.items()
    ]
    available = sum(sku.stock.values())
    return {
        "id": sku.id,
        "seller_sku": sku.seller_sku,
        "total_available_quantity": available,
        "total_committed_quantity": sum(sku.committed.values()),
        "warehouse_inventory": warehouses,
        "total_available_inventory_distribution": {"in_shop_inventory": {"quantity": available}},
    }
