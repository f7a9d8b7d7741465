"""The audit of listings: what is handed in waits for a while, and then goes on sale or is turned down with reasons.

A new listing, one that is activated and one that had failed are `PENDING` until then. An edit of a listing that is on
sale waits beside it, and buyers see the old version in the meantime. A test may decide earlier, and otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.life.occasions import audit_changed, product_edited, product_passed, product_turned_down
from tiktok_shop_async.sandbox.state.agenda import event
from tiktok_shop_async.sandbox.state.clock import MINUTE
from tiktok_shop_async.sandbox.state.rows import AuditFailure, Revision, Sku

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.state.rows import Product
    from tiktok_shop_async.sandbox.world import Shop, World

AUDIT_TIME = 30 * MINUTE
"""How long an audit takes unless `World.audit_time` says otherwise."""

FORBIDDEN_WORD = "counterfeit"
"""What has it in its title or description fails its audit, whatever else it says."""


def submit(world: World, shop: Shop, product: Product, at: int, revision: Revision | None = None) -> None:
    """Hands a listing in for its audit, or an edit of one that is on sale."""
    product.submission += 1
    product.failures = []
    product.under_review = revision
    if revision is None:
        product.status = "PENDING"
    product.update_time = at
    world.agenda.add(at + world.audit_time, "audit", shop.id, product.id, str(product.submission))
    audit_changed(world, shop, product, at)


def withdraw(product: Product) -> None:
    """Ends an audit without a result. What was under review is dropped, and so is what an earlier audit found."""
    product.under_review = None
    product.failures = []
    product.submission += 1


def let_pass(world: World, shop: Shop, product: Product, at: int) -> None:
    """Puts what was handed in on sale."""
    revision = product.under_review
    withdraw(product)
    product.update_time = at
    product.status = "ACTIVATE"
    if revision is None:
        audit_changed(world, shop, product, at)
        product_passed(world, shop, product, at)
        return
    before = content(product)
    publish(product, revision)
    audit_changed(world, shop, product, at)
    after = content(product)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    product_edited(world, shop, product, changed, str(before.get("category_id", "")), at)


def turn_down(world: World, shop: Shop, product: Product, failures: list[AuditFailure], at: int) -> None:
    """Keeps what was handed in off sale. A listing whose edit fails stays on sale as it was."""
    is_edit = product.under_review is not None
    withdraw(product)
    product.failures = failures
    product.update_time = at
    if not is_edit:
        product.status = "FAILED"
    audit_changed(world, shop, product, at)
    product_turned_down(world, shop, product, at)


def publish(product: Product, revision: Revision) -> None:
    """Makes a version the one that buyers see. The goods of a variant stay where it says nothing of them."""
    product.skus = _skus_with_goods(product, revision)
    product.title = revision.title
    product.details = revision.details


def preview(product: Product, revision: Revision) -> Product:
    """The listing as it will be when a version is published, to be read."""
    return replace(product, title=revision.title, details=revision.details, skus=_skus_with_goods(product, revision))


def latest_version(product: Product) -> Revision:
    """What an edit sets out from: the draft, else what is under review, else what buyers see."""
    return product.draft or product.under_review or _as_revision(product)


def is_same_content(product: Product, revision: Revision) -> bool:
    """Whether a version differs from what buyers see in nothing but prices and stock, which no audit looks at."""
    return _audited(_as_revision(product)) == _audited(revision)


def content(product: Product) -> dict[str, Any]:
    """What buyers read of a listing, to compare."""
    return {"title": product.title, "skus": [sku.name for sku in product.skus], **product.details}


@event("audit")
def _audit(world: World, at: int, shop_id: str, product_id: str, submission: str) -> None:
    shop = world.shops[shop_id]
    product = shop.products[product_id]
    if str(product.submission) != submission:
        return
    if failures := _examine(product.under_review or _as_revision(product)):
        turn_down(world, shop, product, failures, at)
    else:
        let_pass(world, shop, product, at)


def _examine(revision: Revision) -> list[AuditFailure]:
    texts = {"title": revision.title, "description": str(revision.details.get("description", ""))}
    return [
        AuditFailure(
            position=position,
            reason=f"The {position} speaks of goods that may not be sold.",
            suggestion=f"Leave out the word '{FORBIDDEN_WORD}'.",
        )
        for position, text in texts.items()
        if FORBIDDEN_WORD in text.lower()
    ]


def _as_revision(product: Product) -> Revision:
    return Revision(
        title=product.title,
        skus=[replace(sku, stock={}, committed={}) for sku in product.skus],
        details=product.details,
    )


def _skus_with_goods(product: Product, revision: Revision) -> list[Sku]:
    live = {sku.id: sku for sku in product.skus}
    return [
        replace(sku, stock=sku.stock or live[sku.id].stock, committed=live[sku.id].committed)
        if sku.id in live
        else replace(sku)
        for sku in revision.skus
    ]


def _audited(revision: Revision) -> tuple[Any, ...]:
    skus = [(sku.id, sku.seller_sku, sku.attributes, sku.extras) for sku in revision.skus]
    return revision.title, skus, revision.details
