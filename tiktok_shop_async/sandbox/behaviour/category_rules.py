"""What a category asks of a listing: attributes, documents, size charts, dimensions. Listings are held against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.gate.markets import GROUPS
from tiktok_shop_async.sandbox.made_up.taxonomy import CATEGORIES, Attribute, Category, Certification
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.wire import present

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.world import Shop

NO_SUCH_CATEGORY = 12052023
NOT_A_LEAF = 12052024
ATTRIBUTE_MISSING = 12052220
CERTIFICATION_MISSING = 12052223
SIZE_CHART_MISSING = 12052226
SHORT_TITLE = 12052262
DIMENSIONS_MISSING = 12052881
COD_NOT_SUPPORTED = 12052910

SHORT_TITLE_REGIONS = frozenset(("BR", "DE", "ES", "FR", "GB", "IE", "IT", "JP", "MX", "US"))
COD_REGIONS = frozenset(("ID", "MY", "PH", "SA", "TH", "VN"))


@serves("GET", "/product/202309/categories/{category_id}/attributes")
def get_attributes(call: Call) -> Data:
    """What can be said of the products of a category."""
    category = find_leaf(call.path["category_id"])
    return {"attributes": [_render_attribute(category, each) for each in category.all_attributes]}


@serves("GET", "/product/202309/categories/{category_id}/global_attributes")
def get_global_attributes(call: Call) -> Data:
    """The same, for global products; what is required is so in every market."""
    category = find_leaf(call.path["category_id"])
    regions = sorted({shop.region for shop in call.world.shops if shop.seller_type == "CROSS_BORDER"})
    return {
        "attributes": [
            {
                **_render_attribute(category, each),
                ("required_regions" if each.id in category.all_required else "optional_regions"): regions,
            }
            for each in category.all_attributes
        ]
    }


@serves("GET", "/product/202309/categories/{category_id}/rules")
def get_rules(call: Call) -> Data:
    """What a listing in a category needs, in the shop's market."""
    category, shop = find_leaf(call.path["category_id"]), call.shop
    is_in_eu = shop.region in GROUPS["EU"]
    return {
        **_shared_rules(category),
        "cod": {"is_supported": shop.region in COD_REGIONS},
        "package_dimension": {"is_required": category.needs_dimensions},
        "epr": {"is_required": False},
        "responsible_person": {"is_required": False},
        "manufacturer": {"is_required": False},
        "allowed_special_product_types": ["PRE_ORDER", "MADE_TO_ORDER", "CUSTOM"]
        if shop.region == "US"
        else ["PRE_ORDER"],
        **({"fees": [{"type": "PFAND", "is_required": False}]} if is_in_eu else {}),
    }


@serves("GET", "/product/202309/categories/{category_id}/global_rules")
def get_global_rules(call: Call) -> Data:
    """What a global product in a category needs."""
    optional: dict[str, Any] = {"is_required": False, "required_regions": [], "optional_regions": ["DE"]}
    return {
        **_shared_rules(find_leaf(call.path["category_id"])),
        "responsible_person": optional,
        "manufacturer": optional,
    }


def find_leaf(category_id: str) -> Category:
    """The category with this id, which products can be listed in.

    Raises:
        RefusalError: there is none, or it has categories of its own.
    """
    category = CATEGORIES.get(category_id)
    if category is None:
        raise RefusalError(NO_SUCH_CATEGORY, f"No category has the `category_id` {category_id}.")
    if not category.is_leaf:
        raise RefusalError(NOT_A_LEAF, f"Category {category.id} ({category.name}) has categories of its own.")
    return category


def broken_rules(shop: Shop | None, content: dict[str, Any]) -> Iterator[RefusalError]:
    """What a listing lacks in its category and market; a global product (without a shop) in any market."""
    if shop is not None and len(content["title"]) < shortest_title(shop):
        yield RefusalError(
            SHORT_TITLE, f"Too short `title`: {shortest_title(shop)} characters or more in {shop.region}."
        )
    category = CATEGORIES.get(content.get("category_id", ""))
    if category is None:
        return
    given = {
        entry["id"]: {value.get("id") for value in entry["values"]} for entry in content.get("product_attributes", [])
    }
    for attribute_id in sorted(category.all_required - given.keys()):
        name = next(each.name for each in category.all_attributes if each.id == attribute_id)
        yield RefusalError(
            ATTRIBUTE_MISSING, f"Missing `product_attributes`: {category.name} need {attribute_id} ({name})."
        )
    documents = {entry["id"] for entry in content.get("certifications", [])}
    for each in category.all_certifications:
        if each.value_id in given.get(each.attribute_id, ()) and each.id not in documents:
            yield RefusalError(CERTIFICATION_MISSING, f"Missing `certifications`: {each.id} ({each.name}) is due.")
    if category.needs_size_chart and not content.get("size_chart"):
        yield RefusalError(SIZE_CHART_MISSING, f"Missing `size_chart`: {category.name} need one.")
    if category.needs_dimensions and not content.get("package_dimensions"):
        yield RefusalError(DIMENSIONS_MISSING, f"Missing `package_dimensions`: {category.name} need them.")
    if shop is not None and content.get("is_cod_allowed") and shop.region not in COD_REGIONS:
        yield RefusalError(COD_NOT_SUPPORTED, f"Wrong `is_cod_allowed`: no cash on delivery in {shop.region}.")


def shortest_title(shop: Shop) -> int:
    """How many characters a title has at least: a word in some markets, a phrase in the others."""
    return 1 if shop.region in SHORT_TITLE_REGIONS else 25


def _shared_rules(category: Category) -> dict[str, Any]:
    return {
        "product_certifications": [_render_certification(each) for each in category.all_certifications],
        "size_chart": {"is_supported": category.takes_size_chart, "is_required": category.needs_size_chart},
    }


def _render_attribute(category: Category, attribute: Attribute) -> dict[str, Any]:
    is_product = not attribute.is_sales
    return {
        "id": attribute.id,
        "name": attribute.name,
        "type": "PRODUCT_PROPERTY" if is_product else "SALES_PROPERTY",
        "values": [{"id": value_id, "name": name} for value_id, name in attribute.values.items()],
        **present(
            # The live field is spelt so.
            is_requried=attribute.id in category.all_required if is_product else None,
            is_multiple_selection=attribute.takes_several if is_product else None,
            is_customizable=attribute.takes_own if is_product else None,
        ),
    }


def _render_certification(certification: Certification) -> dict[str, Any]:
    return {
        "id": certification.id,
        "name": certification.name,
        "is_required": False,
        "requirement_conditions": [
            {
                "condition_type": "VALUE_ID_MATCH",
                "attribute_id": certification.attribute_id,
                "attribute_value_id": certification.value_id,
            }
        ],
        "expiration_date": {"is_required": False},
    }
