"""Categories and brands that listings are filed under, and which category a title belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.made_up.taxonomy import CATEGORIES, Category, recommend
from tiktok_shop_async.sandbox.paging import take_page
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.rows import CustomBrand

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.world import World

BRAND_EXISTS = 12052189
NO_BRAND_NAME = 12052190
BRAND_NAME_LENGTHS = range(2, 31)
NO_TITLE = 12052261


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand, and whether the shops may sell it."""

    id: str
    name: str
    is_authorized: bool


BRANDS = {
    brand.id: brand
    for brand in (
        Brand("7311200000000000001", "Fenmoor", True),
        Brand("7311200000000000002", "Little Harbour", True),
        Brand("7311200000000000003", "Oakenwell", True),
        Brand("7311200000000000004", "Quillby", False),
    )
}


def find_brand(world: World, brand_id: str) -> Brand | None:
    """The brand with this id, of those that there are for everyone and those that the seller has made."""
    custom = world.brands.get(brand_id)
    return BRANDS.get(brand_id) if custom is None else Brand(custom.id, custom.name, is_authorized=True)


def render_brand(world: World, brand_id: str) -> dict[str, Any] | None:
    """A brand as listings show it; None where there is none."""
    brand = find_brand(world, brand_id)
    return None if brand is None else {"id": brand.id, "name": brand.name}


def category_chain(category_id: str) -> list[dict[str, Any]]:
    """A category with all that it is part of, the widest first."""
    category = CATEGORIES.get(category_id)
    return [] if category is None else [render_category(each) for each in category.chain]


def render_category(category: Category) -> dict[str, Any]:
    """A category as it stands in a list."""
    return {
        "id": category.id,
        "parent_id": category.parent_id,
        "local_name": category.name,
        "is_leaf": category.is_leaf,
    }


@serves("GET", "/product/202309/categories", "/product/202309/global_categories")
def get_categories(call: Call) -> Data:
    """The category tree, or what a keyword is found in."""
    keyword = str(call.query.get("keyword", "")).lower()
    return {
        "categories": [
            {**render_category(category), "permission_statuses": ["AVAILABLE"]}
            for category in CATEGORIES.values()
            if keyword in category.name.lower()
        ]
    }


@serves("POST", "/product/202309/categories/recommend", "/product/202309/global_categories/recommend")
def recommend_category(call: Call) -> Data:
    """The category that the words of the title, and then of the description, speak for."""
    title = str(call.body["product_title"])
    if not title.strip():
        raise RefusalError(NO_TITLE, "Missing `product_title`: it must not be empty.")
    category = recommend(f"{title} {call.body.get('description', '')}")
    return {
        "leaf_category_id": category.id,
        "categories": [
            {
                "id": each.id,
                "name": each.name,
                "level": level,
                "is_leaf": each.is_leaf,
                "permission_statuses": ["AVAILABLE"],
            }
            for level, each in enumerate(category.chain, 1)
        ],
    }


@serves("GET", "/product/202309/brands")
def get_brands(call: Call) -> Data:
    """Brands by the beginning of their name, those that the seller has made among them."""
    prefix = str(call.query.get("brand_name", "")).lower()
    only_authorized = bool(call.query.get("is_authorized"))
    own = [Brand(brand.id, brand.name, is_authorized=True) for brand in call.world.brands]
    page = take_page(
        call,
        (
            brand
            for brand in (*BRANDS.values(), *own)
            if brand.name.lower().startswith(prefix) and (brand.is_authorized or not only_authorized)
        ),
        lambda brand: (0, brand.id),
    )
    return {
        "brands": [
            {
                "id": brand.id,
                "name": brand.name,
                "authorized_status": "AUTHORIZED" if brand.is_authorized else "UNAUTHORIZED",
                "brand_status": "AVAILABLE" if brand.is_authorized else "UNAVAILABLE",
                "is_t1_brand": False,
            }
            for brand in page.rows
        ],
        "total_count": page.total,
        "next_page_token": page.next_token,
    }


@serves("POST", "/product/202309/brands")
def create_custom_brand(call: Call) -> Data:
    """Makes a brand of the seller's own."""
    name = str(call.body["name"]).strip()
    if len(name) not in BRAND_NAME_LENGTHS:
        raise RefusalError(NO_BRAND_NAME, f"Unsuitable `name`: 2 to 30 characters are expected, got {len(name)}.")
    taken = {brand.name.lower() for brand in (*BRANDS.values(), *call.world.brands)}
    if name.lower() in taken:
        raise RefusalError(BRAND_EXISTS, f"Unsuitable `name`: there is a brand called {name}.")
    return {"id": call.world.brands.put(CustomBrand(id=call.world.ids.number("product"), name=name)).id}
