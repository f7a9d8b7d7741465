"""Checks before anything is listed: whether the shop is ready for it, and whether a listing would be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.category_rules import broken_rules
from tiktok_shop_async.sandbox.behaviour.listing import content_problems, sku_problems
from tiktok_shop_async.sandbox.behaviour.listing_quality import diagnoses_of, render_quality
from tiktok_shop_async.sandbox.life.audits import FORBIDDEN_WORD
from tiktok_shop_async.sandbox.registry import Data, serves

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.world import Shop

MOST_PRODUCTS = 10_000


@serves("GET", "/product/202309/prerequisites", "/product/202312/prerequisites")
def check_prerequisites(call: Call) -> Data:
    """What a shop needs before it can list, and whether it has it."""
    return {
        "check_results": [
            {"check_item": item, "is_failed": bool(reason), "fail_reasons": [reason] if reason else []}
            for item, reason in _missing(call.shop).items()
        ]
    }


@serves("POST", "/product/202309/products/listing_check")
def check_listing(call: Call) -> Data:
    """Everything that creating this listing would be refused for, and what would better it. Nothing is created."""
    problems = [*content_problems(call), *broken_rules(call.shop, call.body), *sku_problems(call)]
    text = f"{call.body['title']} {call.body['description']}".lower()
    data: dict[str, Any] = {
        "check_result": "FAILED" if problems else "PASS",
        "fail_reasons": [{"code": each.code, "message": each.message} for each in problems],
    }
    if FORBIDDEN_WORD in text:
        data["warnings"] = {"message": f"It would fail its audit for the word '{FORBIDDEN_WORD}'."}
    if call.query.get("is_diagnosis_required"):
        data |= {**render_quality(call.shop, call.body), "diagnoses": diagnoses_of(call.body)}
    return data


def _missing(shop: Shop) -> dict[str, str]:
    """Why the shop is not ready, item by item; an empty text where it is."""
    types = {warehouse.type for warehouse in shop.warehouses}
    is_full = len(shop.products) >= MOST_PRODUCTS
    return {
        "SHOP_STATUS": "",
        "SHOP_TAX": "",
        "PICKUP_WAREHOUSE": "" if "SALES_WAREHOUSE" in types else "The shop has no warehouse to send from.",
        "RETURN_WAREHOUSE": "" if "RETURN_WAREHOUSE" in types else "The shop has no warehouse for returns.",
        "DELIVERY_OPTION": "",
        "SHIPPING_TEMPLATE": "",
        "PRODUCT_QUANTITY_LIMIT": f"The shop has {MOST_PRODUCTS} listings or more." if is_full else "",
    }
