"""What is known of an account's shops and category assets, and which of it a call was made with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tiktok_shop_async.category_assets import KnownAssets
    from tiktok_shop_async.ciphers import KnownCiphers
    from tiktok_shop_async.credentials import Credentials
    from tiktok_shop_async.shops import KnownShops

__all__ = ["Identifiers"]


class Identifiers(Struct, eq=False, weakref=True):
    """The ciphers of one account, shared by all views on it."""

    shops: KnownShops
    category_assets: KnownAssets

    def doubt(self) -> None:
        """Something shows that they may have changed: they are asked for anew when one is needed."""
        self.shops.is_current = self.category_assets.is_current = False

    def looked_up(self, credentials: Credentials) -> Iterator[tuple[str, KnownCiphers[Any], object]]:
        """The ciphers that were looked up and not given: the name of each, those it is one of, what it stands for."""
        if credentials.shop_id is not None:
            yield "shop_cipher", self.shops, credentials.shop_id
        if credentials.category_asset is not None:
            yield "category_asset_cipher", self.category_assets, credentials.category_asset
