"""How good the content of a listing is, what would better it, and whether it can be listed at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.uploads import file_url
from tiktok_shop_async.sandbox.made_up.taxonomy import CATEGORIES
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.wire import present

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.rows import Product
    from tiktok_shop_async.sandbox.world import Shop

UNKNOWN_PRODUCT = 12019114

SHORTEST_TITLE = 25
SHORTEST_DESCRIPTION = 100
FEWEST_IMAGES = 3
FIELDS = ("TITLE", "DESCRIPTION", "IMAGE", "ATTRIBUTE", "SIZE_CHART")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that can be bettered, and which tier the listing reaches with all findings of that tier solved."""

    field: str
    code: str
    advice: str
    tier: str


@dataclass(frozen=True, slots=True)
class Quality:
    """What was found in the content of a listing."""

    findings: tuple[Finding, ...]

    @property
    def tier(self) -> str:
        """`POOR` as long as something basic is missing, `GOOD` when nothing is left to better."""
        tiers = {finding.tier for finding in self.findings}
        return "POOR" if "FAIR" in tiers else "FAIR" if tiers else "GOOD"


def assess(product: Product) -> Quality:
    """Looks a listing through."""
    return assess_content({"title": product.title, **product.details})


def assess_content(content: Mapping[str, Any]) -> Quality:
    """Looks the content of a listing through, in the names of a request that creates one."""
    return Quality(tuple(_findings(content)))


def _findings(content: Mapping[str, Any]) -> Iterable[Finding]:
    if len(content.get("title", "")) < SHORTEST_TITLE:
        yield Finding("TITLE", "TITLE_TOO_SHORT", f"Use {SHORTEST_TITLE} characters or more in the title.", "FAIR")
    if len(_TAG.sub("", content.get("description", ""))) < SHORTEST_DESCRIPTION:
        advice = f"Describe the product in {SHORTEST_DESCRIPTION} characters or more."
        yield Finding("DESCRIPTION", "DESCRIPTION_TOO_SHORT", advice, "GOOD")
    if len(content.get("main_images", [])) < FEWEST_IMAGES:
        yield Finding("IMAGE", "TOO_FEW_IMAGES", f"Show {FEWEST_IMAGES} pictures or more.", "GOOD")
    category = CATEGORIES.get(content.get("category_id", ""))
    if category is None:
        return
    told = {attribute["id"] for attribute in content.get("product_attributes", [])}
    untold = [each.name for each in category.all_attributes if not each.is_sales and each.id not in told]
    if untold:
        yield Finding("ATTRIBUTE", "ATTRIBUTES_MISSING", f"Tell the {', '.join(untold)}.", "GOOD")
    if category.takes_size_chart and not content.get("size_chart"):
        yield Finding("SIZE_CHART", "SIZE_CHART_MISSING", "Add a size chart.", "GOOD")


@serves("GET", "/product/202405/products/diagnoses")
def diagnose_products(call: Call) -> Data:
    """What would better listings."""
    products = _asked_for(call)
    return {
        "products": [
            {
                "id": product.id,
                **render_quality(call.shop, _content(product)),
                "diagnoses": diagnoses_of(_content(product)),
            }
            for product in products
        ]
    }


@serves("POST", "/product/202411/products/diagnose_optimize")
def diagnose_content(call: Call) -> Data:
    """What would better a listing if it were as the body says; the rest is as it stands."""
    product_id = call.body.get("product_id")
    product = None if product_id is None else _find(call, product_id)
    content = {**(_content(product) if product else {}), **call.body}
    return {
        **present(id=product_id),
        **render_quality(call.shop, content),
        "diagnoses": [
            {**each, **_suggestion(call, each["field"], content, set(call.body.get("optimization_fields", ["NONE"])))}
            for each in diagnoses_of(content)
        ],
    }


@serves("GET", "/product/202405/products/seo_words")
def get_seo_words(call: Call) -> Data:
    """Words that buyers look for: those of the title, and those of the category."""
    return {"products": [{"id": each.id, "seo_words": _seo_words(_content(each))} for each in _asked_for(call)]}


@serves("GET", "/product/202405/products/suggestions")
def get_suggestions(call: Call) -> Data:
    """Another title and description, made of what is known of the listing."""
    return {
        "products": [
            {
                "id": product.id,
                "suggestions": [
                    {"field": "TITLE", "items": [{"text": _better_title(_content(product))}]},
                    {"field": "DESCRIPTION", "items": [{"text": _better_description(_content(product))}]},
                ],
            }
            for product in _asked_for(call)
        ]
    }


def render_quality(shop: Shop, content: Mapping[str, Any]) -> dict[str, Any]:
    """The tier of some content, which is told in the US only."""
    if shop.region != "US":
        return {}
    quality = assess_content(content)
    return {
        "listing_quality": {"current_tier": quality.tier, "remaining_recommendations": len(quality.findings)},
    }


def diagnoses_of(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What would better some content, field by field."""
    findings = assess_content(content).findings
    return [
        {
            "field": field,
            "diagnosis_results": [
                {"code": each.code, "how_to_solve": each.advice, "quality_tier": each.tier}
                for each in findings
                if each.field == field
            ],
        }
        for field in FIELDS
        if any(each.field == field for each in findings)
    ]


def _asked_for(call: Call) -> list[Product]:
    return [_find(call, product_id) for product_id in dict.fromkeys(call.query["product_ids"])]


def _find(call: Call, product_id: str) -> Product:
    product = call.shop.products.get(product_id)
    if product is None:
        raise RefusalError(UNKNOWN_PRODUCT, f"Product {product_id} is not one of this shop.")
    return product


def _content(product: Product) -> dict[str, Any]:
    return {"title": product.title, **product.details}


def _suggestion(call: Call, field: str, content: Mapping[str, Any], wanted: set[str]) -> dict[str, Any]:
    if not wanted & {field, "ALL"}:
        return {}
    if field == "TITLE":
        words, better = _seo_words(content), _better_title(content)
        return {"suggestion": {"seo_words": words, "smart_texts": [{"text": better}]}}
    if field == "DESCRIPTION":
        return {"suggestion": {"smart_texts": [{"text": _better_description(content)}]}}
    if field == "IMAGE" and content.get("main_images"):
        uri = content["main_images"][0]["uri"]
        upload = call.world.uploads.get(uri)
        url, sides = file_url(call, uri), upload.details if upload else {}
        image = {"uri": uri, "url": url, "optimized_uri": uri, "optimized_url": url, **sides}
        return {"suggestion": {"images": [image]}}
    return {}


def _seo_words(content: Mapping[str, Any]) -> list[dict[str, str]]:
    category = CATEGORIES.get(content.get("category_id", ""))
    words = [word.strip(",.").lower() for word in content.get("title", "").split() if len(word) > 3]
    return [{"text": word} for word in dict.fromkeys((*words, *sorted(category.words if category else ())))]


def _better_title(content: Mapping[str, Any]) -> str:
    category = CATEGORIES.get(content.get("category_id", ""))
    return f"{content.get('title', '')} ({category.name})" if category else content.get("title", "")


def _better_description(content: Mapping[str, Any]) -> str:
    told = _TAG.sub("", content.get("description", "")).strip()
    return f"{content.get('title', '')}. {told}".strip()
