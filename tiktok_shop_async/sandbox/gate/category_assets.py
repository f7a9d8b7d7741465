"""The category assets: what a partner or a creator may act for in place of a shop, a category of goods in a market.

They follow from the app's secret, and from the consents of partners where these renew ciphers, and need not be kept.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from string import ascii_letters, digits
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.world import World

GRANTED = (("US", 600_001, "Home supplies"), ("GB", 600_001, "Home supplies"), ("US", 600_024, "Kitchenware"))


@dataclass(frozen=True, slots=True)
class CategoryAsset:
    """A category in a market, and the cipher that stands for both. Whatever token a call carries opens it."""

    cipher: str
    market: str
    category_id: int
    category_name: str


def category_assets(world: World) -> tuple[CategoryAsset, ...]:
    """The assets of this app."""
    origin = f"category assets {world.app_secret}"
    if world.rules.renew_ciphers:
        partners = {account.id for account in world.accounts if account.kind == "partner"}
        origin += f" {sum(code.is_used for code in world.codes if code.account_id in partners)}"
    source = random.Random(origin)  # noqa: S311 - invented data, not a secret
    return tuple(
        CategoryAsset("".join(["CAT_", *source.choices(ascii_letters + digits, k=32)]), *asset) for asset in GRANTED
    )
