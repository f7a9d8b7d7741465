"""How parcels travel: the delivery options of the shops and the carriers behind them. All made up."""

from __future__ import annotations

DELIVERY_OPTION = {
    "TIKTOK": ("7215600000000000101", "Standard shipping"),
    "SELLER": ("7215600000000000102", "Shipped by the seller"),
}
"""By an order's shipping type: the id of its delivery option and the name of it."""

PROVIDERS = {
    "7215600000000000201": "Northway Parcel",
    "7215600000000000202": "Bluebird Express",
    "7215600000000000203": "Harbour Post",
}
PLATFORM_PROVIDER = "7215600000000000201"
"""The carrier that comes for what TikTok ships; the seller chooses among the others as well."""


def provider_name(provider_id: str) -> str:
    """What a carrier is called; nothing for an id that is none."""
    return PROVIDERS.get(provider_id, "")
