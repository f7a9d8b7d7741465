"""Global products: what a cross-border seller keeps once, to make listings of in several shops."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.catalogue import render_brand, render_category
from tiktok_shop_async.sandbox.behaviour.global_syncing import sync
from tiktok_shop_async.sandbox.behaviour.listing import (
    SKU_OF_ANOTHER,
    WRONG_PRICE,
    check_content,
    check_rules,
    kept_details,
    read_attribute,
    sku_entries,
)
from tiktok_shop_async.sandbox.behaviour.product_views import PLAIN_DETAILS, sku_mappings
from tiktok_shop_async.sandbox.behaviour.products import NOT_YOUR_PRODUCT, WRONG_STATUS
from tiktok_shop_async.sandbox.behaviour.uploads import image_of
from tiktok_shop_async.sandbox.made_up.taxonomy import CATEGORIES
from tiktok_shop_async.sandbox.paging import take_page
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.money import is_whole_cents, text
from tiktok_shop_async.sandbox.state.row_times import in_windows
from tiktok_shop_async.sandbox.state.rows import GlobalProduct, GlobalSku
from tiktok_shop_async.sandbox.wire import present

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.world import Warehouse, World

NO_SUCH_WAREHOUSE = 12052142
WRONG_QUANTITY = 12052143
NOT_DELETED = 12019114
MOST_DELETED = 20
TOO_MANY = 12019120

SKU_EXTRAS = ("identifier_code", "external_global_sku_id", "sku_unit_count", "extra_identifier_codes")
KEPT = ("manufacturer", "source_locale", "external_global_product_id")


@serves("POST", "/product/202309/global_products")
def create_global_product(call: Call) -> Data:
    """Makes a global product, which is in no shop yet."""
    check_content(call)
    check_rules(None, call.body)
    product = GlobalProduct(
        id=call.world.ids.number("product"),
        title=str(call.body["title"]),
        status="UNPUBLISHED",
        skus=_read_skus(call, None),
        create_time=call.now,
        update_time=call.now,
        details=_details(call.body),
    )
    call.world.global_products.put(product)
    return {"global_product_id": product.id, "global_skus": _results(product)}


@serves("PUT", "/product/202309/global_products/{global_product_id}")
def edit_global_product(call: Call) -> Data:
    """Replaces a global product, and has the shops that it is published in follow."""
    product = _editable(call)
    check_content(call)
    check_rules(None, call.body)
    product.skus = _read_skus(call, product)
    product.title = str(call.body["title"])
    product.details = _details(call.body)
    return _save(call, product)


@serves("PUT", "/product/202509/global_products/{global_product_id}/partial_edit")
def partial_edit_global_product(call: Call) -> Data:
    """Changes what the body names, and has the shops follow. SKUs that it leaves out are gone, if it names any."""
    product = _editable(call)
    check_content(call)
    details = product.details | _details(call.body)
    check_rules(None, details)
    if "skus" in call.body:
        product.skus = _read_skus(call, product)
    product.title = str(call.body.get("title", product.title))
    product.details = details
    return _save(call, product)


@serves("POST", "/product/202309/global_products/{global_product_id}/inventory/update")
def update_global_inventory(call: Call) -> Data:
    """Sets the stock of variants in global warehouses: of all that are named, or of none."""
    product = _editable(call)
    stocks: list[tuple[GlobalSku, dict[str, int]]] = []
    for entry in call.body["global_skus"]:
        sku = product.sku(entry["id"])
        if sku is None:
            raise RefusalError(SKU_OF_ANOTHER, f"SKU {entry['id']} is not one of product {product.id}.")
        stocks.append((sku, _read_stock(call, entry["inventory"])))
    for sku, stock in stocks:
        sku.stock |= stock
    product.update_time = call.now
    return {}


@serves("POST", "/product/202309/global_products/search", "/product/202312/global_products/search")
def search_global_products(call: Call) -> Data:
    """Global products by status, seller SKU and time, newest first."""
    status, seller_skus = call.body.get("status"), call.body.get("seller_skus")
    page = take_page(
        call,
        (
            product
            for product in call.world.global_products
            if (not status or product.status == status)
            and (not seller_skus or any(sku.seller_sku in seller_skus for sku in product.skus))
            and in_windows(product, call.body)
        ),
        lambda product: (product.create_time, product.id),
        newest_first=True,
    )
    return {
        "global_products": [
            {
                "id": product.id,
                "title": product.title,
                "status": product.status,
                "skus": [{"id": sku.id, "seller_sku": sku.seller_sku} for sku in product.skus],
                "create_time": product.create_time,
                "update_time": product.update_time,
            }
            for product in page.rows
        ],
        "total_count": page.total,
        "next_page_token": page.next_token,
    }


@serves("GET", "/product/202309/global_products/{global_product_id}")
def get_global_product(call: Call) -> Data:
    """Everything about a global product, and where it is published."""
    product = find_global_product(call)
    details, world = product.details, call.world
    return {
        "id": product.id,
        "title": product.title,
        "create_time": product.create_time,
        "update_time": product.update_time,
        "category": render_category(CATEGORIES[details["category_id"]]),
        "main_images": [image_of(call, image["uri"]) for image in details["main_images"]],
        "skus": [_render_sku(sku) for sku in product.skus],
        "products": [
            {"id": each.product_id, "region": world.shops[each.shop_id].region, "sku_mappings": sku_mappings(each)}
            for each in product.publications
        ],
        **present(
            brand=render_brand(world, details.get("brand_id", "")),
            product_attributes=details.get("product_attributes"),
            **{name: details.get(name) for name in (*KEPT, *_SHOWN)},
        ),
    }


_SHOWN = tuple(
    name
    for name in PLAIN_DETAILS
    if name in {"description", "package_weight", "package_dimensions", "manufacturer_ids", "responsible_person_ids"}
)


@serves("DELETE", "/product/202309/global_products")
def delete_global_products(call: Call) -> Data:
    """Deletes global products. What they are published as stays, and follows them no more."""
    product_ids: list[str] = call.body["global_product_ids"]
    if len(product_ids) > MOST_DELETED:
        raise RefusalError(TOO_MANY, f"Too many `global_product_ids`: at most {MOST_DELETED}, got {len(product_ids)}.")
    errors: list[dict[str, Any]] = []
    for product_id in product_ids:
        product = call.world.global_products.get(product_id)
        if product is None or product.status == "DELETED":
            message = f"No global product has the id {product_id}, or it is deleted."
            errors.append({"code": NOT_DELETED, "message": message, "detail": {"global_product_id": product_id}})
        else:
            product.status = "DELETED"
            product.update_time = call.now
    return {"errors": errors} if errors else {}


@serves("GET", "/logistics/202309/global_warehouses")
def get_global_warehouses(call: Call) -> Data:
    """Where a cross-border seller sends from."""
    return {
        "global_warehouses": [
            {"id": warehouse.id, "name": warehouse.name, "ownership": "SELLER"}
            for warehouse in _global_warehouses(call.world)
        ]
    }


def find_global_product(call: Call) -> GlobalProduct:
    """The global product that the path names.

    Raises:
        RefusalError: there is none with this id.
    """
    product = call.world.global_products.get(call.path["global_product_id"])
    if product is None:
        raise RefusalError(NOT_YOUR_PRODUCT, f"No global product has the id {call.path['global_product_id']}.")
    return product


def _editable(call: Call) -> GlobalProduct:
    product = find_global_product(call)
    if product.status == "DELETED":
        raise RefusalError(WRONG_STATUS, f"Global product {product.id} is deleted.")
    return product


def _global_warehouses(world: World) -> list[Warehouse]:
    return [
        warehouse
        for shop in world.shops
        if shop.seller_type == "CROSS_BORDER"
        for warehouse in shop.warehouses
        if warehouse.type == "SALES_WAREHOUSE"
    ]


def _details(body: dict[str, Any]) -> dict[str, Any]:
    return kept_details(body) | {name: body[name] for name in KEPT if name in body}


def _read_skus(call: Call, product: GlobalProduct | None) -> list[GlobalSku]:
    return [_read_sku(call, product, entry) for entry in sku_entries(call)]


def _read_sku(call: Call, product: GlobalProduct | None, entry: dict[str, Any]) -> GlobalSku:
    before = product.sku(entry["id"]) if product is not None and entry.get("id") else None
    if product is not None and entry.get("id") and before is None:
        raise RefusalError(SKU_OF_ANOTHER, f"SKU {entry['id']} is not one of product {product.id}.")
    price = entry.get("price")
    if price is None and before is None:
        raise RefusalError(WRONG_PRICE, "Missing `price`: a new SKU needs one.")
    attributes = [read_attribute(call.world.ids, attribute) for attribute in entry.get("sales_attributes", [])]
    # Once it is published, the quantity is that of the shops.
    quantity = before.quantity if product and product.publications and before else entry.get("global_quantity")
    return GlobalSku(
        id=before.id if before else call.world.ids.number("sku"),
        seller_sku=entry.get("seller_sku", before.seller_sku if before else ""),
        price=_read_price(price) if price else before.price if before else Decimal(0),
        currency=price["currency"] if price else before.currency if before else "",
        quantity=quantity,
        stock=_read_stock(call, entry.get("inventory", [])) or (before.stock if before else {}),
        attributes=attributes or (before.attributes if before else []),
        extras={**(before.extras if before else {}), **present(**{name: entry.get(name) for name in SKU_EXTRAS})},
    )


def _read_price(price: dict[str, Any]) -> Decimal:
    amount = Decimal(price["amount"])
    if amount <= 0 or not is_whole_cents(amount):
        raise RefusalError(
            WRONG_PRICE, f"Wrong `amount`: more than 0 with at most two decimals, got {price['amount']}."
        )
    return amount


def _read_stock(call: Call, inventory: list[dict[str, Any]]) -> dict[str, int]:
    known = {warehouse.id for warehouse in _global_warehouses(call.world)}
    for entry in inventory:
        if entry["global_warehouse_id"] not in known:
            message = f"Unknown `global_warehouse_id`: {entry['global_warehouse_id']} is not one of the seller's."
            raise RefusalError(NO_SUCH_WAREHOUSE, message)
        if entry["quantity"] < 0:
            raise RefusalError(WRONG_QUANTITY, f"A stock of {entry['quantity']} is not possible.")
    return {str(entry["global_warehouse_id"]): int(entry["quantity"]) for entry in inventory}


def _save(call: Call, product: GlobalProduct) -> Data:
    product.update_time = call.now
    sale_prices = {
        (str(sku.id), str(price["region"])): _read_price(price)
        for sku, entry in zip(product.skus, call.body.get("skus", []), strict=False)
        for price in entry.get("sale_prices", [])
    }
    return {"global_skus": _results(product), "publish_results": sync(call.world, product, sale_prices, call.now)}


def _results(product: GlobalProduct) -> list[dict[str, Any]]:
    return [
        present(
            id=sku.id,
            seller_sku=sku.seller_sku,
            external_global_sku_id=sku.extras.get("external_global_sku_id"),
            sales_attributes=[{"id": each["id"], "value_id": each["value_id"]} for each in sku.attributes],
        )
        for sku in product.skus
    ]


def _render_sku(sku: GlobalSku) -> dict[str, Any]:
    attributes = [
        {name: value for name, value in each.items() if "img" not in name and "images" not in name}
        for each in sku.attributes
    ]
    return {
        "id": sku.id,
        "seller_sku": sku.seller_sku,
        "sales_attributes": attributes,
        "price": {"amount": text(sku.price), "currency": sku.currency},
        "inventory": [{"global_warehouse_id": each, "quantity": quantity} for each, quantity in sku.stock.items()],
        **present(global_quantity=sku.quantity),
        **sku.extras,
    }
