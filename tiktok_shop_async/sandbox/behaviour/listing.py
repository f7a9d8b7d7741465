"""Writing listings: create, edit as a whole, edit in part."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.catalogue import find_brand
from tiktok_shop_async.sandbox.behaviour.category_rules import broken_rules, find_leaf
from tiktok_shop_async.sandbox.behaviour.product_views import PLAIN_DETAILS
from tiktok_shop_async.sandbox.behaviour.products import WRONG_STATUS, find_product
from tiktok_shop_async.sandbox.life.audits import is_same_content, latest_version, publish, submit, withdraw
from tiktok_shop_async.sandbox.life.occasions import product_created
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.money import is_whole_cents
from tiktok_shop_async.sandbox.state.rows import Product, Revision, Sku
from tiktok_shop_async.sandbox.wire import present

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.identifiers import Identifiers
    from tiktok_shop_async.sandbox.world import Shop

NO_TITLE = 12052261
NO_SUCH_BRAND = 12052026
UNKNOWN_IMAGE = 12052300
NO_SUCH_WAREHOUSE = 12052097
WRONG_QUANTITY = 12019024
WRONG_CURRENCY = 12052084
WRONG_PRICE = 12052012
NO_PRICE = 12052571
NO_SKUS = 12052902
SKU_OF_ANOTHER = 12052557

KEPT_DETAILS = (
    *PLAIN_DETAILS,
    "category_id",
    "brand_id",
    "main_images",
    "product_attributes",
    "video",
    "size_chart",
    "certifications",
    "delivery_option_ids",
    "listing_platforms",
)
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
    """Makes a listing: a draft, or one that is on sale when it has passed its audit."""
    check_content(call)
    if not _is_draft(call):
        check_rules(call.shop, call.body)
    product = Product(
        id=call.world.ids.number("product"),
        title=str(call.body["title"]),
        status="DRAFT",
        skus=_read_skus(call, None),
        create_time=call.now,
        update_time=call.now,
        details=kept_details(call.body),
    )
    call.shop.products.put(product)
    product_created(call.world, call.shop, product, call.now)
    if not _is_draft(call):
        submit(call.world, call.shop, product, call.now)
    return {**_result(product.id, product.skus), "warnings": []}


@serves("PUT", "/product/202309/products/{product_id}", "/product/202509/products/{product_id}")
def edit_product(call: Call) -> Data:
    """Replaces a listing: what the body leaves out is gone."""
    product = _editable(call)
    check_content(call)
    skus = _read_skus(call, latest_version(product))
    version = Revision(title=str(call.body["title"]), skus=skus, details=kept_details(call.body))
    return _save(call, product, version)


@serves(
    "POST", "/product/202309/products/{product_id}/partial_edit", "/product/202509/products/{product_id}/partial_edit"
)
def partial_edit_product(call: Call) -> Data:
    """Changes what the body names. When it names SKUs, those that it leaves out are gone."""
    product = _editable(call)
    check_content(call)
    before = latest_version(product)
    version = Revision(
        title=str(call.body.get("title", before.title)),
        skus=_read_skus(call, before) if "skus" in call.body else before.skus,
        details=before.details | kept_details(call.body),
    )
    return {**_save(call, product, version), "audit": {"status": product.audit_status}}


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
    if product.status in {"FREEZE", "DELETED"} or (product.status == "PENDING" and _is_draft(call)):
        raise RefusalError(WRONG_STATUS, f"Product {product.id} is {product.status} and cannot be edited so.")
    return product


def content_problems(call: Call) -> Iterator[RefusalError]:
    """What is wrong with the content in the body, variants apart."""
    body = call.body
    if "title" in body and not str(body["title"]).strip():
        yield RefusalError(NO_TITLE, "Missing `title`: it must not be empty.")
    if "category_id" in body:
        try:
            find_leaf(body["category_id"])
        except RefusalError as problem:
            yield problem
    if body.get("brand_id") and find_brand(call.world, body["brand_id"]) is None:
        yield RefusalError(NO_SUCH_BRAND, f"No brand has the `brand_id` {body['brand_id']}.")
    for image in body.get("main_images", []):
        if call.world.uploads.get(image["uri"]) is None:
            yield RefusalError(UNKNOWN_IMAGE, f"No image was uploaded under the `uri` {image['uri']}.")


def check_content(call: Call) -> None:
    """Refuses a body whose content is wrong.

    Raises:
        RefusalError: the first thing that is wrong with it.
    """
    for problem in content_problems(call):
        raise problem


def check_rules(shop: Shop | None, content: dict[str, Any]) -> None:
    """Refuses a listing that lacks what its category asks for. A draft may still lack it.

    Raises:
        RefusalError: the first thing that it lacks.
    """
    for problem in broken_rules(shop, content):
        raise problem


def sku_problems(call: Call) -> Iterator[RefusalError]:
    """What is wrong with the variants of a new listing in the body."""
    if not call.body["skus"]:
        yield RefusalError(NO_SKUS, "Empty `skus`: at least one is expected.")
    for entry in call.body["skus"]:
        try:
            read_price(call.shop, entry["price"])
            _read_stock(call.shop, entry["inventory"])
        except RefusalError as problem:
            yield problem


def sku_entries(call: Call) -> list[dict[str, Any]]:
    """The SKUs of a body.

    Raises:
        RefusalError: there are none, or one is named twice.
    """
    entries: list[dict[str, Any]] = call.body["skus"]
    if not entries:
        raise RefusalError(NO_SKUS, "Empty `skus`: at least one is expected.")
    kept = [entry["id"] for entry in entries if entry.get("id")]
    if len(kept) > len(set(kept)):
        raise RefusalError(SKU_OF_ANOTHER, "Repeated `skus`: each SKU can be named once.")
    return entries


def _read_skus(call: Call, version: Revision | None) -> list[Sku]:
    return [_read_sku(call, version, entry) for entry in sku_entries(call)]


def _read_sku(call: Call, version: Revision | None, entry: dict[str, Any]) -> Sku:
    before = version.sku(entry["id"]) if version is not None and entry.get("id") else None
    if entry.get("id") and version is not None and before is None:
        raise RefusalError(SKU_OF_ANOTHER, f"SKU {entry['id']} is not one of this product.")
    if "price" not in entry and before is None:
        raise RefusalError(NO_PRICE, "Missing `price`: a new SKU needs one.")
    attributes = [read_attribute(call.world.ids, attribute) for attribute in entry.get("sales_attributes", [])]
    extras = present(**{name: entry.get(name) for name in SKU_EXTRAS})
    return Sku(
        id=before.id if before else call.world.ids.number("sku"),
        seller_sku=entry.get("seller_sku", before.seller_sku if before else ""),
        price=read_price(call.shop, entry["price"]) if "price" in entry else (before.price if before else Decimal(0)),
        stock=_read_stock(call.shop, entry["inventory"]) if "inventory" in entry else (before.stock if before else {}),
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


def read_attribute(ids: Identifiers, given: dict[str, Any]) -> dict[str, Any]:
    """An attribute of a variant, with an id of its own and of its value where none is given."""
    return present(
        id=given.get("id") or ids.number("sku"),
        name=given.get("name"),
        value_id=given.get("value_id") or ids.number("sku"),
        value_name=given.get("value_name"),
        sku_img=given.get("sku_img"),
        supplementary_sku_images=given.get("supplementary_sku_images"),
    )


def kept_details(body: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a listing besides its title and its variants."""
    return {name: body[name] for name in KEPT_DETAILS if name in body}


def _is_draft(call: Call) -> bool:
    return bool(call.body.get("save_mode") == "AS_DRAFT")


def _save(call: Call, product: Product, version: Revision) -> Data:
    """Keeps a version as a draft, hands it in for its audit, or publishes it where no audit is due."""
    if not _is_draft(call):
        check_rules(call.shop, {"title": version.title, **version.details})
    product.update_time = call.now
    is_seen = product.status not in {"DRAFT", "PENDING", "FAILED"}
    if is_seen and _is_draft(call):
        product.draft = replace(version, skus=[replace(sku, stock={}) for sku in version.skus])
        return _result(product.id, version.skus)
    product.draft = None
    if product.status == "ACTIVATE" and not is_same_content(product, version):
        submit(call.world, call.shop, product, call.now, version)
        return _result(product.id, version.skus)
    publish(product, version)
    if product.status == "ACTIVATE":
        withdraw(product)
    elif not is_seen and not _is_draft(call):
        submit(call.world, call.shop, product, call.now)
    return _result(product.id, version.skus)


def _result(product_id: str, skus: list[Sku]) -> Data:
    return {
        "product_id": product_id,
        "skus": [
            present(
                id=sku.id,
                seller_sku=sku.seller_sku,
                external_sku_id=sku.extras.get("external_sku_id"),
                sales_attributes=[
                    {"id": attribute["id"], "value_id": attribute["value_id"]} for attribute in sku.attributes
                ],
            )
            for sku in skus
        ],
    }
