"""Categories and brands that listings are filed under: a few, the same for every shop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.paging import take_page
from tiktok_shop_async.sandbox.registry import Data, serves

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call


@dataclass(frozen=True, slots=True)
class Category:
    """A node of the category tree."""

    id: str
    parent_id: str
    name: str

    @property
    def is_leaf(self) -> bool:
        """Whether products can be listed in it."""
        return all(other.parent_id != self.id for other in CATEGORIES.values())


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand, and whether the shops may sell it."""

    id: str
    name: str
    is_authorized: bool


CATEGORIES = {
    category.id: category
    for category in (
        Category("810000", "0", "Kitchen and table"),
        Category("810100", "810000", "Drinkware"),
        Category("810101", "810100", "Mugs and cups"),
        Category("810102", "810100", "Bottles and flasks"),
        Category("810200", "810000", "Cooking tools"),
        Category("820000", "0", "Living"),
        Category("820100", "820000", "Lighting"),
        Category("820200", "820000", "Textiles"),
        Category("830000", "0", "Stationery"),
    )
}

BRANDS = {
    brand.id: brand
    for brand in (
        Brand("7311200000000000001", "Fenmoor", True),
        Brand("7311200000000000002", "Little Harbour", True),
        Brand("7311200000000000003", "Oakenwell", True),
        Brand("7311200000000000004", "Quillby", False),
    )
}


def category_chain(category_id: str) -> list[dict[str, Any]]:
    """A category with all that it is part of, the widest first."""
    chain: list[dict[str, Any]] = []
    category = CATEGORIES.get(category_id)
    while category is not None:
        chain.insert(0, _render_category(category))
        category = CATEGORIES.get(category.parent_id)
    return chain


@serves("GET", "/product/202309/categories")
def get_categories(call: Call) -> Data:
    """The category tree, or what a keyword is found in."""
    keyword = str(call.query.get("keyword", "")).lower()
    return {
        "categories": [
            {**_render_category(category), "permission_statuses": ["AVAILABLE"]}
            for category in CATEGORIES.values()
            if keyword in category.name.lower()
        ]
    }


@serves("GET", "/product/202309/brands")
def get_brands(call: Call) -> Data:
    """Brands by the beginning of their name."""
    prefix = str(call.query.get("brand_name", "")).lower()
    only_authorized = bool(call.query.get("is_authorized"))
    page = take_page(
        call,
        (
            brand
            for brand in BRANDS.values()
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


def _render_category(category: Category) -> dict[str, Any]:
    return {
        "id": category.id,
        "parent_id": category.parent_id,
        "local_name": category.name,
        "is_leaf": category.is_leaf,
    }
