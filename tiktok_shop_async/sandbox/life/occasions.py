"""On which occasions shops are told: what a notification carries when an order, a product or a consent changes.

What nobody has asked for costs nothing: each function looks for an address before it looks at the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tiktok_shop_async.sandbox.life.accounts import Account
    from tiktok_shop_async.sandbox.state.rows import Cancellation, Order, Package, Product, ReturnRequest, Sku
    from tiktok_shop_async.sandbox.world import Shop, World

ORDER_STATUSES = {"CANCELLED": "CANCEL"}
"""How a notification calls the status of an order where that is another word."""

UNTOLD = frozenset({"PARTIALLY_SHIPPING"})
"""A status that no notification is documented to tell."""

CANCELLATION_STATUSES = {"CANCELLATION_REQUEST_CANCEL": "CANCELLATION_REQUEST_CANCELLED"}
"""How a notification calls the status of a cancellation where that is another word."""

TOLD_FIELDS = frozenset({"title", "description", "main_images", "product_attributes"})
"""Fields of a listing that a notification names; what else has changed is `others`."""

LOW_STOCK = 5
"""With how many units left a variant counts as short of stock."""


def order_changed(world: World, shop: Shop, order: Order, before: str | None, at: int, *, goes_on_hold: bool) -> None:
    """An order is new (`before` is None) or has another status than before."""
    status = order.status
    if status == before or status in UNTOLD or not world.notifications.wants(shop, "ORDER_STATUS_CHANGE"):
        return
    data = {
        "order_id": order.id,
        "order_status": ORDER_STATUSES.get(status, status),
        "is_on_hold_order": goes_on_hold,
        "update_time": at,
    }
    world.notifications.emit(shop, "ORDER_STATUS_CHANGE", data, at)


def packages_changed(world: World, shop: Shop, change: str, role: str, packages: Iterable[Package], at: int) -> None:
    """Packages were split, combined or emptied in part; `packages` are those that there are now."""
    if not world.notifications.wants(shop, "PACKAGE_UPDATE"):
        return
    data = {
        "sc_type": change,
        "role_type": f"ROLE_{'USER' if role == 'BUYER' else role}",
        "package_list": [{"package_id": each.id, "order_id_list": each.order_ids} for each in packages],
        "update_time": at,
    }
    world.notifications.emit(shop, "PACKAGE_UPDATE", data, at)


def invoice_uploaded(world: World, shop: Shop, package: Package, at: int) -> None:
    """The invoice of a package was taken."""
    data = {"package_id": package.id, "order_ids": package.order_ids, "invoice_status": "SUCCESS"}
    world.notifications.emit(shop, "INVOICE_STATUS_CHANGE", data, at)


def cancellation_changed(world: World, shop: Shop, cancellation: Cancellation, at: int) -> None:
    """A request to cancel is new or was answered, or the money is back."""
    data = {
        "order_id": cancellation.order_id,
        "cancellations_role": cancellation.role,
        "cancel_status": CANCELLATION_STATUSES.get(cancellation.status, cancellation.status),
        "cancel_id": cancellation.id,
        "create_time": cancellation.create_time,
    }
    world.notifications.emit(shop, "CANCELLATION_STATUS_CHANGE", data, at)


def return_changed(world: World, shop: Shop, request: ReturnRequest, at: int) -> None:
    """A return is new or has gone on."""
    data = {
        "order_id": request.order_id,
        "return_role": request.role,
        "return_type": request.type,
        "return_status": request.status,
        "return_id": request.id,
        "create_time": request.create_time,
        "update_time": at,
    }
    world.notifications.emit(shop, "RETURN_STATUS_CHANGE", data, at)


def product_created(world: World, shop: Shop, product: Product, at: int) -> None:
    """A listing is new."""
    data: dict[str, Any] = {"product_id": int(product.id), "product_types": [], "update_time": at}
    world.notifications.emit(shop, "PRODUCT_CREATION", data, at)


def audit_changed(world: World, shop: Shop, product: Product, at: int) -> None:
    """The audit of a listing, or of an edit of it, has begun or ended."""
    audit: dict[str, Any] = {"status": product.audit_status, "pre_approved_reasons": []}
    data = {"product_id": int(product.id), "audit": audit, "update_time": at}
    world.notifications.emit(shop, "PRODUCT_AUDIT_STATUS_CHANGE", data, at)


def product_passed(world: World, shop: Shop, product: Product, at: int) -> None:
    """A listing has passed its first audit."""
    _product_status(world, shop, product, "PRODUCT_FIRST_PASS_REVIEW", at)


def product_turned_down(world: World, shop: Shop, product: Product, at: int) -> None:
    """A listing, or an edit of it, has failed its audit."""
    reasons = " ".join(failure.reason for failure in product.failures)
    _product_status(world, shop, product, "PRODUCT_AUDIT_FAILURE", at, suspended_reason=reasons)


def product_status_changed(world: World, shop: Shop, product: Product, at: int) -> None:
    """A listing is on sale, off it, in the bin or out of it."""
    _product_status(world, shop, product, "PRODUCT_STATUS_CHANGED", at)


def product_edited(
    world: World, shop: Shop, product: Product, changed: Collection[str], category_before: str, at: int
) -> None:
    """A change of a listing that is on sale is live. `changed` are the names of the fields that are different now."""
    if changed:
        fields = sorted({name if name in TOLD_FIELDS else "others" for name in changed})
        data = {
            "product_id": product.id,
            "change_source": "OPEN_API",
            "changed_fields": fields,
            "update_time": at,
        }
        world.notifications.emit(shop, "PRODUCT_INFORMATION_CHANGE", data, at)
    category = str(product.details.get("category_id", ""))
    if category != category_before:
        data = {
            "product_id": product.id,
            "previous_category_id": category_before,
            "current_category_id": category,
            "update_time": at,
        }
        world.notifications.emit(shop, "PRODUCT_CATEGORY_CHANGE", data, at)


def stock_status(sku: Sku) -> str:
    """Whether a variant has enough of what can be sold."""
    available = sum(sku.stock.values())
    return "OUT_OF_STOCK" if available <= 0 else "LOW_STOCK" if available <= LOW_STOCK else "SUFFICIENT_STOCK"


def stock_changed(world: World, shop: Shop, product: Product, sku: Sku, before: str, at: int) -> None:
    """A variant may have become short of stock, or have enough again; `before` is what `stock_status` said."""
    status = stock_status(sku)
    if status == before or not world.notifications.wants(shop, "INVENTORY_STATUS_CHANGE"):
        return
    available, committed = sum(sku.stock.values()), sum(sku.committed.values())
    data = {
        "product_id": product.id,
        "sku_id": sku.id,
        "trigger_reason": {"alert_type": "REALTIME", "low_stock_threshold": LOW_STOCK},
        "current_inventory_status": status,
        "inventory_distribution": {
            "total_quantity": available + committed,
            "available_quantity": available,
            "creator_reserved_quantity": 0,
            "campaign_reserved_quantity": 0,
            "committed_quantity": committed,
        },
        "update_time": at,
    }
    world.notifications.emit(shop, "INVENTORY_STATUS_CHANGE", data, at)


def authorisation_withdrawn(world: World, account: Account, shop_ids: Collection[str], at: int) -> None:
    """An account has taken back what the app may do."""
    if account.kind == "creator":
        shop = next(iter(world.shops))
        world.notifications.emit(shop, "CREATOR_DEAUTHORIZATION", {"cancel_time": str(at)}, at)
    for shop_id in sorted(shop_ids):
        message = f"{account.name} has withdrawn what the app was allowed to do in shop {shop_id}."
        world.notifications.emit(world.shops[shop_id], "SELLER_DEAUTHORIZATION", {"message": message}, at)


def authorisation_ends_soon(
    world: World, account: Account, shop_ids: Collection[str], *, ends_at: int, days: int, at: int
) -> None:
    """The authorisation of an account ends within a month unless it is renewed."""
    for shop_id in sorted(shop_ids):
        message = f"What {account.name} allows in shop {shop_id} ends in {days} days: ask for a new consent."
        data = {"message": message, "expiration_time": str(ends_at)}
        world.notifications.emit(world.shops[shop_id], "UPCOMING_AUTHORIZATION_EXPIRATION", data, at)


def _product_status(
    world: World, shop: Shop, product: Product, status: str, at: int, *, suspended_reason: str = ""
) -> None:
    data = {
        "product_id": int(product.id),
        "status": status,
        "suspended_reason": suspended_reason,
        "update_time": at,
    }
    world.notifications.emit(shop, "PRODUCT_STATUS_CHANGE", data, at)
