"""Publishing a global product: listings in the seller's cross-border shops, one in each market."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.global_products import find_global_product
from tiktok_shop_async.sandbox.behaviour.global_syncing import list_in, price_in
from tiktok_shop_async.sandbox.behaviour.listing import NO_SUCH_WAREHOUSE, SKU_OF_ANOTHER, WRONG_QUANTITY, read_price
from tiktok_shop_async.sandbox.behaviour.products import WRONG_STATUS
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.rows import Sku

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.rows import GlobalProduct, GlobalSku
    from tiktok_shop_async.sandbox.world import Shop

NO_SUCH_MARKET = 12019004
PUBLISHED_BEFORE = 12052903


@serves("POST", "/product/202309/global_products/{global_product_id}/publish")
def publish_global_product(call: Call) -> Data:
    """Makes listings in markets. What goes wrong in one market leaves the others as they are."""
    product = find_global_product(call)
    if product.status == "DELETED":
        raise RefusalError(WRONG_STATUS, f"Global product {product.id} is deleted.")
    made: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    for target in call.body["publish_target"]:
        region = str(target["region"])
        try:
            shop = shop_in(call, region)
            skus = _local_skus(call, shop, product, target)
        except RefusalError as problem:
            results.append(_result(region, "FAILED", [problem.message]))
            continue
        listing, problems = list_in(call.world, shop, product, skus, call.now)
        for name in ("responsible_person_ids", "manufacturer_ids"):
            if name in target:
                listing.details = {**listing.details, name: target[name]}
        product.update_time = call.now
        results.append(_result(region, "DRAFT" if problems else "SUCCESS", problems))
        made.append(
            {
                "id": listing.id,
                "region": region,
                "shop_id": shop.id,
                "skus": [
                    {
                        "id": sku.id,
                        "related_global_sku_id": global_id,
                        "seller_sku": sku.seller_sku,
                        "sale_attributes": [
                            {"id": each["id"], "value_id": each["value_id"]} for each in sku.attributes
                        ],
                    }
                    for global_id, sku in skus.items()
                ],
            }
        )
    return {"products": made, "publish_result": results}


def shop_in(call: Call, region: str) -> Shop:
    """The cross-border shop in a market that the token opens.

    Raises:
        RefusalError: there is none.
    """
    for shop in call.world.shops:
        if shop.region == region and shop.seller_type == "CROSS_BORDER" and shop.id in call.token.shop_ids:
            return call.world.shops[shop.id]
    raise RefusalError(NO_SUCH_MARKET, f"Unknown `region`: the seller has no cross-border shop in {region}.")


def _local_skus(call: Call, shop: Shop, product: GlobalProduct, target: dict[str, Any]) -> dict[str, Sku]:
    if any(publication.shop_id == shop.id for publication in product.publications):
        raise RefusalError(
            PUBLISHED_BEFORE, f"Product {product.id} is published in {shop.region}, which it can be once."
        )
    skus: dict[str, Sku] = {}
    for entry in target["skus"]:
        sku = product.sku(entry["related_global_sku_id"])
        if sku is None or sku.id in skus:
            message = f"SKU {entry['related_global_sku_id']} is not one of product {product.id}, or named twice."
            raise RefusalError(SKU_OF_ANOTHER, message)
        skus[sku.id] = _local_sku(call, shop, sku, entry, markets=len(call.body["publish_target"]))
    if not skus:
        raise RefusalError(SKU_OF_ANOTHER, "Empty `skus`: at least one is expected.")
    return skus


def _local_sku(call: Call, shop: Shop, sku: GlobalSku, entry: dict[str, Any], *, markets: int) -> Sku:
    inventory = entry.get("inventory", {})
    warehouse_id = str(inventory.get("warehouse_id") or shop.sales_warehouse.id)
    if warehouse_id not in {warehouse.id for warehouse in shop.warehouses}:
        raise RefusalError(NO_SUCH_WAREHOUSE, f"Warehouse {warehouse_id} is not one of the shop in {shop.region}.")
    # What is not said is shared out evenly among the markets of this request.
    quantity = int(inventory.get("quantity", (sku.quantity or sum(sku.stock.values())) // markets))
    if quantity < 0:
        raise RefusalError(WRONG_QUANTITY, f"A stock of {quantity} is not possible.")
    price = entry.get("price")
    if price is None:
        amount = price_in(shop, sku.price, sku.currency)
    else:
        # The display price is what counts where both are given.
        amount = read_price(
            shop, {name: price[name] for name in price if name != "amount" or "sale_price" not in price}
        )
    return Sku(
        id=call.world.ids.number("sku"),
        seller_sku=sku.seller_sku,
        price=amount,
        stock={warehouse_id: quantity},
        attributes=sku.attributes,
    )


def _result(region: str, status: str, problems: list[str]) -> dict[str, Any]:
    return {"region": region, "status": status, "fail_reasons": [{"message": message} for message in problems]}
