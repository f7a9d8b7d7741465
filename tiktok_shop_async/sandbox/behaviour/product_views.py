"""How listings look on the wire, in a search and by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.catalogue import category_chain, render_brand
from tiktok_shop_async.sandbox.behaviour.listing_quality import assess
from tiktok_shop_async.sandbox.behaviour.uploads import file_url, image_of
from tiktok_shop_async.sandbox.made_up.taxonomy import ATTRIBUTES
from tiktok_shop_async.sandbox.state.money import text
from tiktok_shop_async.sandbox.wire import present

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.rows import Product, Publication, Sku
    from tiktok_shop_async.sandbox.world import Shop

PLAIN_DETAILS = (
    "description",
    "package_weight",
    "package_dimensions",
    "external_product_id",
    "is_cod_allowed",
    "is_not_for_sale",
    "is_pre_owned",
    "minimum_order_quantity",
    "shipping_insurance_requirement",
    "manufacturer_ids",
    "responsible_person_ids",
    "shipping_template_id",
    "primary_combined_product_id",
)
"""Fields of a listing that are handed back as they were given."""

TOKOPEDIA = "TOKOPEDIA"


def render_row(shop: Shop, product: Product) -> dict[str, Any]:
    """A listing as a search shows it."""
    return {
        "id": product.id,
        "title": product.title,
        "status": product.status,
        "create_time": product.create_time,
        "update_time": product.update_time,
        "skus": [_render_sku(shop, sku) for sku in product.skus],
        "is_not_for_sale": bool(product.details.get("is_not_for_sale")),
        "has_draft": product.has_draft,
        "audit": {"status": product.audit_status},
        **present(listing_quality_tier=quality_tier(shop, product)),
        **_on_other_platforms(product),
    }


def render_detail(call: Call, product: Product) -> dict[str, Any]:
    """A listing with all that is known of it."""
    shop, details = call.shop, product.details
    return {
        **render_row(shop, product),
        "product_status": "INITIAL" if product.status in {"PENDING", "FAILED"} else product.status,
        "category_chains": category_chain(details.get("category_id", "")),
        **present(
            brand=render_brand(call.world, details.get("brand_id", "")),
            main_images=_images(call, details.get("main_images", [])),
            product_attributes=_attributes(details.get("product_attributes")),
            video=_video(call, details.get("video")),
            size_chart=_size_chart(call, details.get("size_chart")),
            certifications=_certifications(call, details.get("certifications")),
            audit_failed_reasons=_failures(product),
            is_replicated=True if product.replicas else None,
            global_product_association=_association(call, product),
            **{name: details.get(name) for name in PLAIN_DETAILS},
        ),
        "skus": [
            {**_render_sku(shop, sku), **sku.extras, "sales_attributes": _sales_attributes(call, sku)}
            for sku in product.skus
        ],
    }


def quality_tier(shop: Shop, product: Product) -> str | None:
    """How good the content of a listing is, which is told in the US only."""
    return assess(product).tier if shop.region == "US" else None


def category_version(shop: Shop) -> str:
    """Which of the two trees of categories the shop's listings are filed under."""
    return "v2" if shop.region == "US" else "v1"


def platforms_of(product: Product) -> frozenset[str]:
    """Where a listing is shown."""
    return frozenset(product.details.get("listing_platforms") or ("TIKTOK_SHOP",))


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


def _on_other_platforms(product: Product) -> dict[str, Any]:
    if TOKOPEDIA not in platforms_of(product):
        return {}
    return {"integrated_platform_statuses": [{"platform": TOKOPEDIA, "status": product.status}]}


def _failures(product: Product) -> list[dict[str, Any]] | None:
    return [
        {
            "position": failure.position,
            "reasons": [failure.reason],
            "suggestions": [failure.suggestion],
            "listing_platform": "TIKTOK_SHOP",
        }
        for failure in product.failures
    ] or None


def _association(call: Call, product: Product) -> dict[str, Any] | None:
    """Which global product a listing was made from."""
    for found in call.world.global_products.find("listing", product.id):
        publication = next(each for each in found.publications if each.product_id == product.id)
        return {"global_product_id": found.id, "sku_mappings": sku_mappings(publication)}
    return None


def sku_mappings(publication: Publication) -> list[dict[str, Any]]:
    """Which variant of a listing goes with which of the global product. Both have the same attributes."""
    return [{"global_sku_id": each, "local_sku_id": local} for each, local in publication.skus.items()]


def _images(call: Call, images: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [image_of(call, image["uri"]) for image in images]


def _sales_attributes(call: Call, sku: Sku) -> list[dict[str, Any]]:
    return [
        attribute
        | present(
            sku_img=image_of(call, attribute["sku_img"]["uri"]) if "sku_img" in attribute else None,
            supplementary_sku_images=_images(call, attribute["supplementary_sku_images"])
            if "supplementary_sku_images" in attribute
            else None,
        )
        for attribute in sku.attributes
    ]


def _attributes(given: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
    """With their names, of which the seller may have sent the ids alone."""
    if given is None:
        return None
    rows: list[dict[str, Any]] = []
    for entry in given:
        attribute = ATTRIBUTES.get(entry["id"])
        names: Mapping[str, str] = attribute.values if attribute else {}
        values = [
            present(id=value.get("id"), name=value.get("name") or names.get(value.get("id", "")))
            for value in entry["values"]
        ]
        rows.append(present(id=entry["id"], name=attribute.name if attribute else None, values=values))
    return rows


def _video(call: Call, given: dict[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    upload = call.world.uploads.get(given["id"])
    return present(id=given["id"], url=file_url(call, given["id"]), size=len(upload.content) if upload else None)


def _size_chart(call: Call, given: dict[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    image = given.get("image", {}).get("uri")
    return present(image=image_of(call, image) if image else None, template=given.get("template"))


def _certifications(call: Call, given: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
    if given is None:
        return None
    return [
        present(
            id=entry["id"],
            images=_images(call, entry.get("images", [])),
            files=[
                {"id": file["id"], "urls": [file_url(call, file["id"])], "name": file["name"], "format": file["format"]}
                for file in entry.get("files", [])
            ],
            expiration_date=entry.get("expiration_date"),
        )
        for entry in given
    ]
