"""What made-up answers are about: rows that the shop has, so that one answer leads to the next call.

A subject is a product with one of its variants, an order with one of its lines, a warehouse. Whatever an answer says
about a `product_id` or a `seller_sku` is said about the subject of that part of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tiktok_shop_async.sandbox.state.rows import LineItem, Order, Product, Sku
    from tiktok_shop_async.sandbox.world import Shop, Warehouse

WITHIN = 40
"""Among how many rows of a kind one is chosen: the oldest, which later ones do not move."""

LANGUAGES = {
    "BR": "pt-BR", "DE": "de-DE", "ES": "es-ES", "FR": "fr-FR", "GB": "en-GB", "ID": "id-ID", "IE": "en-IE",
    "IT": "it-IT", "JP": "ja-JP", "MX": "es-MX", "MY": "ms-MY", "PH": "en-PH", "SG": "en-SG", "TH": "th-TH",
    "US": "en-US", "VN": "vi-VN",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """Rows of one shop that belong together; a shop may be without some of them."""

    shop: Shop
    product: Product | None
    sku: Sku | None
    order: Order | None
    line: LineItem | None
    warehouse: Warehouse


def choose(shop: Shop, chance: random.Random, named: Mapping[str, Any]) -> Subject:
    """A subject that fits the ids which a request names; the rest is drawn."""
    order = _named(shop.orders.get, named.get("order_id")) or _drawn(shop.orders, chance)
    product = _named(shop.products.get, named.get("product_id")) or _drawn(shop.products, chance)
    return Subject(
        shop=shop,
        product=product,
        sku=None if product is None else _drawn(product.skus, chance),
        order=order,
        line=None if order is None else _drawn(order.lines, chance),
        warehouse=chance.choice(shop.warehouses),
    )


def several(subject: Subject, kind: str, chance: random.Random) -> list[Subject]:
    """One subject for each row of a kind, such as the variants of the product; none for a kind that is not kept."""
    shop = subject.shop
    if kind == "product":
        products = list(islice(shop.products, WITHIN))
        return [replace(subject, product=each, sku=_drawn(each.skus, chance)) for each in products]
    if kind == "sku" and subject.product is not None:
        return [replace(subject, sku=each) for each in subject.product.skus]
    if kind == "order":
        orders = list(islice(shop.orders, WITHIN))
        return [replace(subject, order=each, line=_drawn(each.lines, chance)) for each in orders]
    if kind in LINE_KINDS and subject.order is not None:
        return [replace(subject, line=each) for each in subject.order.lines]
    if kind == "warehouse":
        return [replace(subject, warehouse=each) for each in shop.warehouses]
    if kind == "shop":
        return [subject]
    return []


LINE_KINDS = ("order_line_item", "line_item", "order_line")

KINDS = ("product", "sku", "order", "warehouse", "shop", *LINE_KINDS)
"""Of what `several` has rows."""


def known(subject: Subject, name: str) -> str | None:
    """What a subject says to a name such as `product_id`; None where it is not known."""
    fact = _FACTS.get(name.removeprefix("local_"), _region if name.endswith(("_region", "_country")) else None)
    return None if fact is None else fact(subject)


def _of_the_product(read: Callable[[Product], Any]) -> Callable[[Subject], str | None]:
    return lambda subject: None if subject.product is None else read(subject.product)


def _of_the_sku(read: Callable[[Sku], str]) -> Callable[[Subject], str | None]:
    return lambda subject: None if subject.sku is None else read(subject.sku)


def _of_the_order(read: Callable[[Order], str]) -> Callable[[Subject], str | None]:
    return lambda subject: None if subject.order is None else read(subject.order)


def _of_the_line(read: Callable[[LineItem], str | None]) -> Callable[[Subject], str | None]:
    return lambda subject: None if subject.line is None else read(subject.line)


def _region(subject: Subject) -> str:
    return subject.shop.region


_FACTS: dict[str, Callable[[Subject], str | None]] = {
    "product_id": _of_the_product(lambda product: product.id),
    "product_name": _of_the_product(lambda product: product.title),
    "product_title": _of_the_product(lambda product: product.title),
    "title": _of_the_product(lambda product: product.title),
    "category_id": _of_the_product(lambda product: product.details.get("category_id")),
    "leaf_category_id": _of_the_product(lambda product: product.details.get("category_id")),
    "brand_id": _of_the_product(lambda product: product.details.get("brand_id")),
    "sku_id": _of_the_sku(lambda sku: sku.id),
    "sku_name": _of_the_sku(lambda sku: sku.name),
    "seller_sku": _of_the_sku(lambda sku: sku.seller_sku),
    "order_id": _of_the_order(lambda order: order.id),
    "order_id_string": _of_the_order(lambda order: order.id),
    "buyer_user_id": _of_the_order(lambda order: order.buyer.user_id),
    "package_id": _of_the_line(lambda line: line.package_id),
    **{f"{kind}_id": _of_the_line(lambda line: line.id) for kind in LINE_KINDS},
    "warehouse_id": lambda subject: subject.warehouse.id,
    "warehouse_name": lambda subject: subject.warehouse.name,
    "city": lambda subject: subject.warehouse.city,
    "state": lambda subject: subject.warehouse.state,
    "province": lambda subject: subject.warehouse.state,
    "postal_code": lambda subject: subject.warehouse.postal_code,
    "zipcode": lambda subject: subject.warehouse.postal_code,
    "shop_id": lambda subject: subject.shop.id,
    "shop_name": lambda subject: subject.shop.name,
    "shop_code": lambda subject: subject.shop.code,
    "currency": lambda subject: subject.shop.currency,
    "currency_code": lambda subject: subject.shop.currency,
    "region": _region,
    "region_code": _region,
    "country": _region,
    "country_code": _region,
    "market": _region,
    "target_market": _region,
    "locale": lambda subject: LANGUAGES.get(subject.shop.region, "en-US"),
    "language": lambda subject: LANGUAGES.get(subject.shop.region, "en-US"),
}


def _named(find: Callable[[str], Any], row_id: Any) -> Any:
    return find(row_id) if isinstance(row_id, str) else None


def _drawn(rows: Iterable[Any], chance: random.Random) -> Any:
    first: Sequence[Any] = list(islice(rows, WITHIN))
    return chance.choice(first) if first else None
