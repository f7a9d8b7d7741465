"""Product search and detail, and taking listings on and off sale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.catalogue import BRANDS, category_chain
from tiktok_shop_async.sandbox.behaviour.uploads import image_of
from tiktok_shop_async.sandbox.money import text
from tiktok_shop_async.sandbox.occasions import product_status_changed
from tiktok_shop_async.sandbox.paging import take_page
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.row_times import in_windows
from tiktok_shop_async.sandbox.wire import present

if TYPE_CHECKING:
    from collections.abc import Callable

    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state import Product, Sku
    from tiktok_shop_async.sandbox.world import Shop

NO_SUCH_PRODUCT = 12019150
NOT_YOUR_PRODUCT = 12052048
WRONG_STATUS = 12052901

PLAIN_DETAILS = (
    "description",
    "package_weight",
    "package_dimensions",
    "product_attributes",
    "external_product_id",
    "is_cod_allowed",
    "is_not_for_sale",
    "is_pre_owned",
    "minimum_order_quantity",
    "shipping_insurance_requirement",
    "manufacturer_ids",
    "responsible_person_ids",
    "shipping_template_id",
)
"""Fields of a listing that are handed back as they were given."""


@serves("POST", "/product/202309/products/search", "/product/202502/products/search")
def search_products(call: Call) -> Data:
    """Listings by status, seller SKU and time, newest first. As live, even the last page carries a token."""
    page = take_page(
        call,
        (product for product in call.shop.products if _fits(product, call.body)),
        lambda product: (product.create_time, product.id),
        newest_first=True,
        token_after_the_last=True,
        remember=True,
    )
    return {
        "products": [{**_render_row(call.shop, product), "sales_regions": [call.shop.region]} for product in page.rows],
        "total_count": page.total,
        "next_page_token": page.next_token,
    }


@serves("GET", "/product/202309/products/{product_id}")
def get_product(call: Call) -> Data:
    """Everything about one listing."""
    shop = call.shop
    product = find_product(shop, call.path["product_id"], NO_SUCH_PRODUCT)
    details = product.details
    brand = BRANDS.get(details.get("brand_id", ""))
    return {
        **_render_row(shop, product),
        "product_status": "INITIAL" if product.status in {"PENDING", "FAILED"} else product.status,
        "category_chains": category_chain(details.get("category_id", "")),
        **present(
            brand={"id": brand.id, "name": brand.name} if brand else None,
            main_images=[image_of(call, image["uri"]) for image in details.get("main_images", [])],
            product_attributes=details.get("product_attributes"),
            **{name: details.get(name) for name in PLAIN_DETAILS if name != "product_attributes"},
        ),
        "skus": [{**_render_sku(shop, sku), **sku.extras, "sales_attributes": sku.attributes} for sku in product.skus],
    }


@serves("POST", "/product/202309/products/activate")
def activate_products(call: Call) -> Data:
    """Puts listings back on sale. The audit that follows live passes at once here."""
    return _change_status(call, {"SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED"}, "ACTIVATE", _with_check)


@serves("POST", "/product/202309/products/deactivate")
def deactivate_products(call: Call) -> Data:
    """Takes listings off sale."""
    return _change_status(call, {"ACTIVATE", "PENDING"}, "SELLER_DEACTIVATED", _plainly)


@serves("DELETE", "/product/202309/products")
def delete_products(call: Call) -> Data:
    """Moves listings to the bin."""
    allowed = {"DRAFT", "PENDING", "FAILED", "ACTIVATE", "SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED"}
    return _change_status(call, allowed, "DELETED", _plainly)


@serves("POST", "/product/202309/products/recover")
def recover_products(call: Call) -> Data:
    """Takes listings out of the bin; they come back off sale."""
    return _change_status(call, {"DELETED"}, "SELLER_DEACTIVATED", _plainly)


def find_product(shop: Shop, product_id: str, code: int = NOT_YOUR_PRODUCT) -> Product:
    """The shop's listing with this id.

    Raises:
        RefusalError: with `code`, the shop has no such listing.
    """
    product = shop.products.get(product_id)
    if product is None:
        raise RefusalError(code, f"Product {product_id} is not one of this shop.")
    return product


def _change_status(call: Call, allowed: set[str], status: str, fail: Callable[[str, int, str], dict[str, Any]]) -> Data:
    product_ids: list[str] = call.body["product_ids"]
    errors: list[dict[str, Any]] = []
    for product_id in product_ids:
        product = call.shop.products.get(product_id)
        if product is None:
            errors.append(fail(product_id, NOT_YOUR_PRODUCT, f"Product {product_id} is not one of this shop."))
        elif product.status not in allowed:
            message = f"Product {product_id} is {product.status}, which does not allow this."
            errors.append(fail(product_id, WRONG_STATUS, message))
        else:
            product.status = status
            product.update_time = call.now
            product_status_changed(call.world, call.shop, product, call.now)
    return {"errors": errors} if errors else {}


def _plainly(product_id: str, code: int, message: str) -> dict[str, Any]:
    return {"code": code, "message": message, "detail": {"product_id": product_id}}


def _with_check(product_id: str, code: int, message: str) -> dict[str, Any]:
    """Activation reports a failed check, and what it was within that."""
    return {
        "code": 12052990,
        "message": "The check of this product failed.",
        "detail": {"product_id": product_id, "extra_errors": [{"code": code, "message": message}]},
    }


def _render_row(shop: Shop, product: Product) -> dict[str, Any]:
    is_draft = product.status == "DRAFT"
    return {
        "id": product.id,
        "title": product.title,
        "status": product.status,
        "create_time": product.create_time,
        "update_time": product.update_time,
        "skus": [_render_sku(shop, sku) for sku in product.skus],
        "is_not_for_sale": bool(product.details.get("is_not_for_sale")),
        "has_draft": is_draft,
        "audit": {"status": "NONE" if is_draft else "APPROVED"},
    }


def _render_sku(shop: Shop, sku: Sku) -> dict[str, Any]:
    price = text(sku.price)
    return {
        "id": sku.id,
        "seller_sku": sku.seller_sku,
        "price": {"currency": shop.currency, "tax_exclusive_price": price, "sale_price": price},
        "inventory": [
            {"warehouse_id": warehouse_id, "quantity": quantity} for warehouse_id, quantity in sku.stock.items()
        ],
        "status_info": {"status": "NORMAL"},
    }


def _fits(product: Product, filters: dict[str, Any]) -> bool:
    status = filters.get("status") or "ALL"
    seller_skus = filters.get("seller_skus")
    sku_ids = filters.get("sku_ids")
    return (
        (status == "ALL" or product.status == status)
        and (not seller_skus or any(sku.seller_sku in seller_skus for sku in product.skus))
        and (not sku_ids or any(sku.id in sku_ids for sku in product.skus))
        and in_windows(product, filters)
    )
