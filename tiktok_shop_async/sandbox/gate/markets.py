"""Where an endpoint is offered: to which sellers, in which markets, since when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tiktok_shop_async.sandbox.spec import Schema
    from tiktok_shop_async.sandbox.world import Shop

GROUPS = {
    "EU": frozenset(
        ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
         "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK")
    ),
    "SEA": frozenset(("ID", "MY", "PH", "SG", "TH", "VN")),
}  # fmt: skip

SELLERS = {"LOCAL": "local", "CROSS_BORDER": "cross-border"}


def is_offered(markets: Sequence[Schema] | None, shop: Shop, now: int) -> bool:
    """Whether an endpoint with these `x-markets` may be called for a shop."""
    if markets is None:
        return True
    today = datetime.fromtimestamp(now, UTC).date().isoformat()
    return any(
        SELLERS[shop.seller_type] in group["sellers"]
        and (group["markets"] == "all" or any(shop.region in GROUPS.get(each, {each}) for each in group["markets"]))
        and group.get("since", today) <= today
        for group in markets
    )
