"""Which category assets a partner has opened to the app, and the ciphers that stand for them in calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tiktok_shop_async.ciphers import KnownCiphers, listed
from tiktok_shop_async.errors import ArgumentError
from tiktok_shop_async.secret import hide

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tiktok_shop_async.models.category_asset import CategoryAssetList
    from tiktok_shop_async.secret import Secret

__all__ = ["AssetKey", "KnownAssets", "choose", "known_assets"]


@dataclass(frozen=True, slots=True)
class AssetKey:
    """What a category asset is told from others by: a business category in a market. Its name can change."""

    market: str
    category_id: int
    name: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.market} {self.category_id} {self.name}".rstrip()


KnownAssets: TypeAlias = KnownCiphers[AssetKey]
"""The category assets of one partner."""


def known_assets(list_assets: Callable[[], Awaitable[CategoryAssetList]]) -> KnownAssets:
    """The category assets of a partner.

    Args:
        list_assets: Calls Get Authorized Category Assets in the name of the partner.
    """

    async def list_all() -> dict[AssetKey, Secret]:
        answer = await list_assets()
        # An entry that is no category asset is kept in the list as it came.
        return {
            AssetKey(each.target_market, each.category.id, each.category.name or ""): hide(str(each.cipher))
            for each in answer.category_assets
            if getattr(each, "cipher", None) and each.target_market and each.category.id is not None
        }

    return KnownCiphers(list_all)


async def choose(assets: KnownAssets, target_market: str, category_id: int | None) -> AssetKey:
    """The one category asset of a market, or of a market and a category.

    Asked for when none is known to fit: it may have been opened since the last time.

    Raises:
        ArgumentError: There is none, or there are several.
        CallError: They could not be asked for.
    """

    def fitting() -> list[AssetKey]:
        return [
            each
            for each in assets.ciphers
            if each.market == target_market and (category_id is None or each.category_id == category_id)
        ]

    found = fitting() if assets.is_current else []
    if not found:
        await assets.ask()
        found = fitting()
    if not found:
        there_is = listed("category asset", [*map(str, assets.ciphers)])
        wanted = target_market if category_id is None else f"category {category_id} in {target_market}"
        raise ArgumentError(
            f"target_market, category_id: the partner has opened {there_is} to the app, and none for {wanted}; "
            "give one of these, or have the partner authorise the app for it"
        )
    if len(found) > 1:
        there_is = listed("category asset", [*map(str, found)])
        raise ArgumentError(f"category_id: the partner has opened {there_is} for {target_market}; say which")
    return found[0]
