"""Orders of buyers, placed on demand and led to a status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.faults.rules import Faults
from tiktok_shop_async.sandbox.journal import Journal
from tiktok_shop_async.sandbox.spec import bundled_spec
from tiktok_shop_async.sandbox.stage import Stage

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Caller
    from tiktok_shop_async.sandbox.state.rows import Order


def stage(caller: Caller) -> Stage:
    """What a test may do to a caller's world besides calling its API."""
    return Stage(bundled_spec(), caller.world, Journal(), Faults())


def place_orders(
    caller: Caller,
    status: str = "AWAITING_SHIPMENT",
    *,
    count: int = 1,
    skus: int = 1,
    quantity: int = 1,
    **arrangement: Any,
) -> list[Order]:
    """Orders in the caller's shop, each of so many units of so many variants."""
    on_sale = [product.skus[0] for product in caller.shop.products if product.status == "ACTIVATE"]
    items = [(sku.id, quantity) for sku in on_sale[:skus]]
    return stage(caller).create_orders(count, shop_id=caller.shop.id, items=items, status=status, **arrangement)


def same_buyer(order: Order) -> dict[str, str]:
    """The buyer of an order, for another order."""
    return {name: getattr(order.buyer, name) for name in type(order.buyer).__dataclass_fields__}
