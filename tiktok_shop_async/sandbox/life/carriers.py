"""How parcels travel: the delivery options of the shops and the carriers behind them. All made up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tiktok_shop_async.sandbox.state.clock import DAY, HOUR

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


PICKUP_HOURS = ((9, 12), (14, 17))
PICKUP_DAYS = 3
PICKUP_NOTICE = 2 * HOUR


@dataclass(frozen=True, slots=True)
class PickupSlot:
    """When the carrier may come, from one hour of a day (UTC) to another."""

    start: int
    end: int
    is_free: bool


def pickup_slots(now: int) -> list[PickupSlot]:
    """The slots of today and the next two days; what begins too soon cannot be booked any more."""
    midnight = now // DAY * DAY
    return [
        PickupSlot(start, start + (end_hour - start_hour) * HOUR, start - now >= PICKUP_NOTICE)
        for day in range(PICKUP_DAYS)
        for start_hour, end_hour in PICKUP_HOURS
        if (start := midnight + day * DAY + start_hour * HOUR) > now
    ]


@dataclass(frozen=True, slots=True)
class ShippingService:
    """What TikTok's carrier offers: a price for the first half kilogram, and one for each half kilogram after that."""

    id: str
    name: str
    base: Decimal
    more: Decimal
    days: tuple[int, int]

    def price(self, grams: Decimal) -> Decimal:
        """What a parcel of this weight costs."""
        return self.base + self.more * max((grams - 1) // 500, Decimal(0))


SERVICES = (
    ShippingService("7215600000000000301", "Ground", Decimal("5.90"), Decimal("0.50"), (3, 5)),
    ShippingService("7215600000000000302", "Express", Decimal("11.90"), Decimal("1.20"), (1, 2)),
)
"""The first is the default."""

GRAMS = {"GRAM": Decimal(1), "POUND": Decimal("453.592")}
HEAVIEST = 30_000
"""The most that a parcel may weigh, in grams."""
