"""The category assets: what a partner or a creator may act for in place of a shop, a category of goods in a market.

They follow from the app's secret alone, so they are the same as long as the sandbox is, and need not be kept.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from string import ascii_letters, digits

GRANTED = (("US", 600_001, "Home supplies"), ("GB", 600_001, "Home supplies"), ("US", 600_024, "Kitchenware"))


@dataclass(frozen=True, slots=True)
class CategoryAsset:
    """A category in a market, and the cipher that stands for both. Whatever token a call carries opens it."""

    cipher: str
    market: str
    category_id: int
    category_name: str


def category_assets(app_secret: str) -> tuple[CategoryAsset, ...]:
    """The assets of this app."""
    source = random.Random(f"category assets {app_secret}")  # noqa: S311 - invented data, not a secret
    return tuple(
        CategoryAsset("".join(["CAT_", *source.choices(ascii_letters + digits, k=32)]), *asset) for asset in GRANTED
    )
