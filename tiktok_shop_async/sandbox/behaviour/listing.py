"""Writing listings: create, edit as a whole, edit in part."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.catalogue import BRANDS, CATEGORIES
from tiktok_shop_async.sandbox.behaviour.products import PLAIN_DETAILS, WRONG_STATUS, find_product
from tiktok_shop_async.sandbox.money import is_whole_cents
from tiktok_shop_async.sandbox.occasions import product_audited, product_created, product_edited
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state import Product, Sku
from tiktok_shop_async.sandbox.wire import present

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.identifiers import Identifiers
    from tiktok_shop_async.sandbox.world import Shop

NO_TITLE = 12052261
NO_SUCH_CATEGORY = 12052023
NOT_A_LEAF = 12052024
NO_SUCH_BRAND = 12052026
UNKNOWN_IMAGE = 12052300
NO_SUCH_WAREHOUSE = 12052097
WRONG_QUANTITY = 12019024
WRONG_CURRENCY = 12052084
WRONG_PRICE = 12052012
NO_PRICE = 12052571
NO_SKUS = 12052902
SKU_OF_ANOTHER = 12052557

KEPT_DETAILS = (*PLAIN_DETAILS, "category_id", "brand_id", "main_images")
SKU_EXTRAS = (
    "external_sku_id",
    "identifier_code",
    "list_price",
    "external_list_prices",
    "pre_sale",
    "external_urls",
    "extra_identifier_codes",
    "sku_unit_count",
    "fees",
)


@serves("POST", "/product/202309/products")
def create_product(call: Call) -> Data:
    """Makes a listing, as a draft or on sale; the audit passes at once."""
    _check_content(call)
    product = Product(
        id=call.world.ids.number("product"),
        title=str(call.body["title"]),
        status=_status_for(call.body, "DRAFT"),
        skus=_read_skus(call, None),
        create_time=call.now,
        update_time=call.now,
        details=_kept(call.body),
    )
    call.shop.products.put(product)
    product_created(call.world, call.shop, product, call.now)
    return {**_result(product), "warnings": []}


@serves("PUT", "/product/202309/products/{product_id}", "/product/202509/products/{product_id}")
def edit_product(call: Call) -> Data:
    """Replaces a listing: what the body leaves out is gone."""
    product = _editable(call)
    _check_content(call)
    before = _content(product)
    product.skus = _read_skus(call, product)
    product.title = str(call.body["title"])
    product.details = _kept(call.body)
    return _save(call, product, before)


@serves(
    "POST", "/product/202309/products/{product_id}/partial_edit", "/product/202509/products/{product_id}/partial_edit"
)
def partial_edit_product(call: Call) -> Data:
    """Changes what the body names. When it names SKUs, those that it leaves out are gone."""
    product = _editable(call)
    _check_content(call)
    before = _content(product)
    if "skus" in call.body:
        product.skus = _read_skus(call, product)
    if "title" in call.body:
        product.title = str(call.body["title"])
    product.details |= _kept(call.body)
    return {**_save(call, product, before), "audit": {"status": "APPROVED"}}


def read_price(shop: Shop, price: dict[str, Any]) -> Decimal:
    """The amount of a price in a request, which is named `amount` for some shops and `sale_price` for others.

    Raises:
        RefusalError: the currency is not the shop's, or the amount is not positive or not of whole cents.
    """
    if price["currency"] != shop.currency:
        raise RefusalError(
            WRONG_CURRENCY, f"Wrong `currency`: this shop sells in {shop.currency}, not {price['currency']}."
        )
    text = price.get("amount") or price.get("sale_price")
    if text is None:
        raise RefusalError(NO_PRICE, "Missing `amount`: a price has to be given.")
    amount = Decimal(text)
    if amount <= 0 or not is_whole_cents(amount):
        raise RefusalError(
            WRONG_PRICE, f"Wrong `amount`: more than 0 with at most two decimals is expected, got {text}."
        )
    return amount


def _editable(call: Call) -> Product:
    product = find_product(call.shop, call.path["product_id"])
    if product.status in {"FREEZE", "DELETED"}:
        raise RefusalError(WRONG_STATUS, f"Product {product.id} is {product.status} and cannot be edited.")
    return product


def _check_content(call: Call) -> None:
    body = call.body
    if "title" in body and not str(body["title"]).strip():
        raise RefusalError(NO_TITLE, "Missing `title`: it must not be empty.")
    if "category_id" in body:
        category = CATEGORIES.get(body["category_id"])
        if category is None:
            raise RefusalError(NO_SUCH_CATEGORY, f"No category has the `category_id` {body['category_id']}.")
        if not category.is_leaf:
            raise RefusalError(NOT_A_LEAF, f"Category {category.id} ({category.name}) has categories of its own.")
    if body.get("brand_id") and body["brand_id"] not in BRANDS:
        raise RefusalError(NO_SUCH_BRAND, f"No brand has the `brand_id` {body['brand_id']}.")
    for image in body.get("main_images", []):
        if call.world.uploads.get(image["uri"]) is None:
            raise RefusalError(UNKNOWN_IMAGE, f"No image was uploaded under the `uri` {image['uri']}.")


def _read_skus(call: Call, product: Product | None) -> list[Sku]:
    entries: list[dict[str, Any]] = call.body["skus"]
    if not entries:
        raise RefusalError(NO_SKUS, "Empty `skus`: at least one is expected.")
    kept = [entry["id"] for entry in entries if entry.get("id")]
    if len(kept) > len(set(kept)):
        raise RefusalError(SKU_OF_ANOTHER, "Repeated `skus`: each SKU can be named once.")
    return [_read_sku(call, product, entry) for entry in entries]


def _read_sku(call: Call, product: Product | None, entry: dict[str, Any]) -> Sku:
    before = product.sku(entry["id"]) if product is not None and entry.get("id") else None
    if entry.get("id") and product is not None and before is None:
        raise RefusalError(SKU_OF_ANOTHER, f"SKU {entry['id']} is not one of product {product.id}.")
    if "price" not in entry and before is None:
        raise RefusalError(NO_PRICE, "Missing `price`: a new SKU needs one.")
    attributes = [_read_attribute(call.world.ids, attribute) for attribute in entry.get("sales_attributes", [])]
    extras = present(**{name: entry.get(name) for name in SKU_EXTRAS})
    return Sku(
        id=before.id if before else call.world.ids.number("sku"),
        seller_sku=entry.get("seller_sku", before.seller_sku if before else ""),
        price=read_price(call.shop, entry["price"]) if "price" in entry else (before.price if before else Decimal(0)),
        stock=_read_stock(call.shop, entry["inventory"]) if "inventory" in entry else (before.stock if before else {}),
        committed=before.committed if before else {},
        attributes=attributes or (before.attributes if before else []),
        extras={**(before.extras if before else {}), **extras},
    )


def _read_stock(shop: Shop, inventory: list[dict[str, Any]]) -> dict[str, int]:
    stock = {str(entry["warehouse_id"]): int(entry.get("quantity", 0)) for entry in inventory}
    for warehouse_id, quantity in stock.items():
        if warehouse_id not in {warehouse.id for warehouse in shop.warehouses}:
            raise RefusalError(NO_SUCH_WAREHOUSE, f"Warehouse {warehouse_id} is not one of this shop.")
        if quantity < 0:
            raise RefusalError(WRONG_QUANTITY, f"A stock of {quantity} is not possible.")
    return stock


def _read_attribute(ids: Identifiers, given: dict[str, Any]) -> dict[str, Any]:
    return present(
        id=given.get("id") or ids.number("sku"),
        name=given.get("name"),
        value_id=given.get("value_id") or ids.number("sku"),
        value_name=given.get("value_name"),
    )


def _kept(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in KEPT_DETAILS if name in body}


def _status_for(body: dict[str, Any], draft: str) -> str:
    return draft if body.get("save_mode") == "AS_DRAFT" else "ACTIVATE"


def _content(product: Product) -> dict[str, Any]:
    """What buyers read of a listing, to compare."""
    return {"title": product.title, **product.details}


def _save(call: Call, product: Product, before: dict[str, Any]) -> Data:
    is_first_audit = product.status in {"DRAFT", "FAILED"}
    if is_first_audit:
        product.status = _status_for(call.body, product.status)
    product.update_time = call.now
    if product.status == "ACTIVATE" and is_first_audit:
        product_audited(call.world, call.shop, product, call.now)
    elif product.status == "ACTIVATE":
        after = _content(product)
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        product_edited(call.world, call.shop, product, changed, str(before.get("category_id", "")), call.now)
    return _result(product)


def _result(product: Product) -> Data:
    return {
        "product_id": product.id,
        "skus": [
            present(
                id=sku.id,
                seller_sku=sku.seller_sku,
                external_sku_id=sku.extras.get("external_sku_id"),
                sales_attributes=[
                    {"id": attribute["id"], "value_id": attribute["value_id"]} for attribute in sku.attributes
                ],
            )
            for sku in product.skus
        ],
    }
