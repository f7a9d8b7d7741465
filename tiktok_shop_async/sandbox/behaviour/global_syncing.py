"""Listings that are made from global products: made in a shop, and kept as the global product is."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.category_rules import broken_rules
from tiktok_shop_async.sandbox.life.audits import is_same_content, publish, submit
from tiktok_shop_async.sandbox.life.occasions import product_created
from tiktok_shop_async.sandbox.made_up.assortment import PRICE_LEVELS
from tiktok_shop_async.sandbox.state.money import cents
from tiktok_shop_async.sandbox.state.rows import Product, Publication, Revision, Sku

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tiktok_shop_async.sandbox.state.rows import GlobalProduct, GlobalSku
    from tiktok_shop_async.sandbox.world import Shop, World

NOT_TAKEN_OVER = frozenset(("manufacturer", "source_locale", "external_global_product_id"))
"""What a global product has and a listing has not."""


def price_in(shop: Shop, price: Decimal, currency: str) -> Decimal:
    """A price in the currency of a shop."""
    rate = PRICE_LEVELS.get(shop.currency, Decimal(1)) / PRICE_LEVELS.get(currency, Decimal(1))
    return max(cents(price * rate), Decimal("0.01"))


def list_in(
    world: World, shop: Shop, product: GlobalProduct, skus: Mapping[str, Sku], at: int
) -> tuple[Product, list[str]]:
    """Makes the listing of a global product in a shop: handed in for its audit, or a draft with what it lacks.

    Args:
        world: where it happens.
        shop: where it is to be sold.
        product: what it is made from.
        skus: the variants of the listing by those of the global product.
        at: when, in Unix seconds.
    """
    listing = Product(
        id=world.ids.number("product"),
        title=product.title,
        status="DRAFT",
        skus=list(skus.values()),
        create_time=at,
        update_time=at,
        details=_taken_over(product),
    )
    shop.products.put(listing)
    product_created(world, shop, listing, at)
    problems = [problem.message for problem in broken_rules(shop, {"title": listing.title, **listing.details})]
    if not problems:
        submit(world, shop, listing, at)
    ids = {global_id: sku.id for global_id, sku in skus.items()}
    product.publications.append(Publication(shop_id=shop.id, product_id=listing.id, skus=ids))
    product.status = "PUBLISHED"
    return listing, problems


def sync(
    world: World, product: GlobalProduct, sale_prices: Mapping[tuple[str, str], Decimal], at: int
) -> list[dict[str, Any]]:
    """Has every listing follow its global product. Prices of a market are what `sale_prices` has for SKU and region."""
    results: list[dict[str, Any]] = []
    for index, publication in enumerate(product.publications):
        shop = world.shops[publication.shop_id]
        listing = shop.products[publication.product_id]
        if listing.status in {"DELETED", "FREEZE"}:
            message = f"Product {listing.id} is {listing.status} and follows no more."
            results.append({"region": shop.region, "status": "FAILED", "fail_reasons": [{"message": message}]})
            continue
        skus = {
            sku.id: _follow(world, shop, listing, publication, sku, sale_prices.get((sku.id, shop.region)))
            for sku in product.skus
        }
        version = Revision(title=product.title, skus=list(skus.values()), details=_taken_over(product))
        ids = {global_id: sku.id for global_id, sku in skus.items()}
        product.publications[index] = Publication(shop_id=shop.id, product_id=listing.id, skus=ids)
        if listing.status == "ACTIVATE" and not is_same_content(listing, version):
            submit(world, shop, listing, at, version)
        else:
            publish(listing, version)
            listing.update_time = at
            if listing.status in {"PENDING", "FAILED"}:
                submit(world, shop, listing, at)
        results.append({"region": shop.region, "status": "SUCCESS", "fail_reasons": []})
    return results


def _follow(
    world: World, shop: Shop, listing: Product, publication: Publication, sku: GlobalSku, sale_price: Decimal | None
) -> Sku:
    """The variant of a listing as its global one is now; stock, and the price if none is set, are the shop's own."""
    revision = listing.under_review
    local_id = publication.skus.get(sku.id, "")
    before = (revision.sku(local_id) if revision else None) or listing.sku(local_id)
    price = before.price if before else price_in(shop, sku.price, sku.currency)
    return Sku(
        id=before.id if before else world.ids.number("sku"),
        seller_sku=sku.seller_sku,
        price=price if sale_price is None else sale_price,
        stock={} if before else {shop.sales_warehouse.id: 0},
        attributes=sku.attributes,
        extras=before.extras if before else {},
    )


def _taken_over(product: GlobalProduct) -> dict[str, Any]:
    return {name: value for name, value in product.details.items() if name not in NOT_TAKEN_OVER}
