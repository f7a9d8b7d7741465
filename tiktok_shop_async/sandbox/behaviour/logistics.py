"""Warehouses, delivery options and the carriers behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.life.carriers import DELIVERY_OPTION, PROVIDERS
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.world import Warehouse

UNKNOWN_DELIVERY_OPTION = 21008116
UNKNOWN_WAREHOUSE = 36009004


@serves("GET", "/logistics/202309/warehouses")
def get_warehouses(call: Call) -> Data:
    """The shop's warehouses, for sales and for returns."""
    return {"warehouses": [_render_warehouse(warehouse) for warehouse in call.shop.warehouses]}


@serves("GET", "/logistics/202309/warehouses/{warehouse_id}/delivery_options")
def get_delivery_options(call: Call) -> Data:
    """How a warehouse can send."""
    if call.path["warehouse_id"] not in {warehouse.id for warehouse in call.shop.warehouses}:
        raise RefusalError(UNKNOWN_WAREHOUSE, f"Warehouse {call.path['warehouse_id']} is not one of this shop.")
    return {
        "delivery_options": [
            {
                "id": option_id,
                "name": name,
                "type": "STANDARD",
                "description": name,
                "dimension_limit": {"max_length": 60, "max_width": 40, "max_height": 40, "unit": "INCH"},
                "weight_limit": {"min_weight": 1, "max_weight": 30_000, "unit": "GRAM"},
                "platform": ["TIKTOK_SHOP"],
            }
            for option_id, name in DELIVERY_OPTION.values()
        ]
    }


@serves("GET", "/logistics/202309/delivery_options/{delivery_option_id}/shipping_providers")
def get_shipping_providers(call: Call) -> Data:
    """The carriers that a delivery option leaves to choose from."""
    if call.path["delivery_option_id"] not in {option_id for option_id, _ in DELIVERY_OPTION.values()}:
        raise RefusalError(UNKNOWN_DELIVERY_OPTION, f"Delivery option {call.path['delivery_option_id']} is not known.")
    return {"shipping_providers": [{"id": provider_id, "name": name} for provider_id, name in PROVIDERS.items()]}


def _render_warehouse(warehouse: Warehouse) -> dict[str, Any]:
    return {
        "id": warehouse.id,
        "name": warehouse.name,
        "effect_status": "ENABLED",
        "type": warehouse.type,
        "sub_type": "DOMESTIC_WAREHOUSE",
        "is_default": warehouse.is_default,
        "address": {
            "region": warehouse.region,
            "region_code": warehouse.region,
            "state": warehouse.state,
            "city": warehouse.city,
            "postal_code": warehouse.postal_code,
            "address_line1": warehouse.street,
            "full_address": f"{warehouse.street}, {warehouse.city}, {warehouse.state} {warehouse.postal_code}",
            "contact_person": "Goods in",
        },
    }
