"""Product search and detail, and taking listings on and off sale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.product_views import (
    category_version,
    platforms_of,
    quality_tier,
    render_detail,
    render_row,
)
from tiktok_shop_async.sandbox.life.audits import preview, submit, withdraw
from tiktok_shop_async.sandbox.life.occasions import product_status_changed
from tiktok_shop_async.sandbox.paging import take_page
from tiktok_shop_async.sandbox.refusal import BAD_REQUEST, RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.row_times import in_windows

if TYPE_CHECKING:
    from collections.abc import Callable

    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.rows import Product
    from tiktok_shop_async.sandbox.world import Shop

NO_SUCH_PRODUCT = 12019150
NOT_YOUR_PRODUCT = 12052048
WRONG_STATUS = 12052901

_OPEN = ("SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED")


@serves("POST", "/product/202309/products/search", "/product/202502/products/search")
def search_products(call: Call) -> Data:
    """Listings by what they are and when they changed, newest first. As live, even the last page carries a token."""
    page = take_page(
        call,
        (product for product in call.shop.products if _fits(call.shop, product, call.body)),
        lambda product: (product.create_time, product.id),
        newest_first=True,
        token_after_the_last=True,
        remember=True,
    )
    show = _draft_of if call.body.get("return_draft_version") else _as_it_is
    return {
        "products": [
            {**render_row(call.shop, show(product)), "sales_regions": [call.shop.region]} for product in page.rows
        ],
        "total_count": page.total,
        "next_page_token": page.next_token,
    }


@serves("GET", "/product/202309/products/{product_id}")
def get_product(call: Call) -> Data:
    """Everything about one listing: as buyers see it, or its draft, or what is under review."""
    product = find_product(call.shop, call.path["product_id"], NO_SUCH_PRODUCT)
    wants_draft, wants_review = call.query.get("return_draft_version"), call.query.get("return_under_review_version")
    if wants_draft and wants_review:
        message = "Wrong `return_draft_version`: it cannot be combined with `return_under_review_version`."
        raise RefusalError(BAD_REQUEST, message, 400)
    if wants_draft:
        product = _draft_of(product)
    elif wants_review and product.under_review is not None:
        product = preview(product, product.under_review)
    return render_detail(call, product)


@serves("POST", "/product/202309/products/activate")
def activate_products(call: Call) -> Data:
    """Hands listings that are off sale in for an audit; those that pass it are on sale again."""
    return _change_each(call, set(_OPEN), lambda product: submit(call.world, call.shop, product, call.now), _with_check)


@serves("POST", "/product/202309/products/deactivate")
def deactivate_products(call: Call) -> Data:
    """Takes listings off sale."""
    return _change_status(call, {"ACTIVATE", "PENDING"}, "SELLER_DEACTIVATED")


@serves("DELETE", "/product/202309/products")
def delete_products(call: Call) -> Data:
    """Moves listings to the bin."""
    return _change_status(call, {"DRAFT", "PENDING", "FAILED", "ACTIVATE", *_OPEN}, "DELETED")


@serves("POST", "/product/202309/products/recover")
def recover_products(call: Call) -> Data:
    """Takes listings out of the bin; they come back off sale."""
    return _change_status(call, {"DELETED"}, "SELLER_DEACTIVATED")


def find_product(shop: Shop, product_id: str, code: int = NOT_YOUR_PRODUCT) -> Product:
    """The shop's listing with this id.

    Raises:
        RefusalError: with `code`, the shop has no such listing.
    """
    product = shop.products.get(product_id)
    if product is None:
        raise RefusalError(code, f"Product {product_id} is not one of this shop.")
    return product


def _change_status(call: Call, allowed: set[str], status: str) -> Data:
    def change(product: Product) -> None:
        withdraw(product)
        product.status = status
        product.update_time = call.now
        product_status_changed(call.world, call.shop, product, call.now)

    return _change_each(call, allowed, change, _plainly)


def _change_each(
    call: Call,
    allowed: set[str],
    change: Callable[[Product], None],
    fail: Callable[[str, int, str], dict[str, Any]],
) -> Data:
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
            change(product)
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


def _as_it_is(product: Product) -> Product:
    return product


def _draft_of(product: Product) -> Product:
    return product if product.draft is None else preview(product, product.draft)


def _fits(shop: Shop, product: Product, filters: dict[str, Any]) -> bool:
    status = filters.get("status") or "ALL"
    seller_skus = filters.get("seller_skus")
    sku_ids = filters.get("sku_ids")
    audits = filters.get("audit_status")
    tiers = filters.get("listing_quality_tiers")
    platforms = filters.get("listing_platforms")
    return (
        (status == "ALL" or product.status == status)
        and (not seller_skus or any(sku.seller_sku in seller_skus for sku in product.skus))
        and (not sku_ids or any(sku.id in sku_ids for sku in product.skus))
        and (not audits or product.audit_status in audits)
        and (not tiers or quality_tier(shop, product) in tiers)
        and (not platforms or not platforms_of(product).isdisjoint(platforms))
        and filters.get("category_version", category_version(shop)) == category_version(shop)
        and (product.has_draft or not filters.get("return_draft_version"))
        # No listing can be subscribed to here: none is set up for it, and none could be.
        and not filters.get("sns_filter")
        and in_windows(product, filters)
    )
