"""Which shops an account covers, and the ciphers that stand for them in calls."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import anyio

from tiktok_shop_async.errors import TikTokShopError
from tiktok_shop_async.secret import hide

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tiktok_shop_async.models.authorized_shop import AuthorizedShopList
    from tiktok_shop_async.secret import Secret

__all__ = ["KnownShops", "search"]

_AT_ONCE = 10
"""How many accounts are asked at the same time."""


class KnownShops:
    """The shops of one account: asked for once, and anew when something shows that they may have changed.

    Args:
        list_shops: Calls Get Authorized Shops in the name of the account.
    """

    def __init__(self, list_shops: Callable[[], Awaitable[AuthorizedShopList]]) -> None:
        self.ciphers: dict[str, Secret] = {}
        """By shop id."""
        self.is_current = False
        """Whether they were asked for, and nothing has shown since that they changed."""
        self._list_shops = list_shops
        self._asking = anyio.Lock()
        self._times_asked: int = 0
        self._failure: TikTokShopError | None = None
        """Of the last time."""

    def get(self, shop_id: str) -> str | None:
        """The cipher of a shop, if it is known."""
        return self.ciphers.get(shop_id) if self.is_current else None

    async def find(self, shop_id: str) -> str | None:
        """The cipher of a shop, or None if the account does not cover it.

        Asked for when it is not known: the shop may have been authorised since the last time.
        """
        if self.get(shop_id) is None:
            await self.ask()
        return self.ciphers.get(shop_id)

    async def ask(self) -> None:
        """Ask for the shops: one call, however many tasks begin with this; its failure is one of them all."""
        before = self._times_asked
        async with self._asking:
            if self._times_asked == before:
                await self._ask()
            elif self._failure is not None:
                raise copy(self._failure)

    async def _ask(self) -> None:
        try:
            answer = await self._list_shops()
        except TikTokShopError as error:
            self._failure = copy(error)
            self._times_asked += 1
            raise
        # An entry that is no shop is kept in the list as it came.
        shops = [each for each in answer.shops if getattr(each, "cipher", None) and each.id]
        self.ciphers = {str(each.id): hide(str(each.cipher)) for each in shops}
        self.is_current, self._failure = True, None
        self._times_asked += 1

    def refuse(self, shop_id: str, cipher: str) -> None:
        """The API does not accept a cipher: the shops are asked for anew, unless they were in the meantime."""
        if self.ciphers.get(shop_id, cipher) == cipher:
            self.is_current = False


async def search(shop_id: str, accounts: Sequence[KnownShops]) -> KnownShops | None:
    """The shops among which a shop is.

    Accounts of which nothing is known come first; the others are asked anew if that does not bring it.

    Raises:
        TikTokShopError: It is among none, and this is why one account could not be asked.
    """
    new = [each for each in accounts if not each.is_current]
    errors: list[TikTokShopError] = []
    for group in (new, [each for each in accounts if each not in new]):
        errors += await _ask_all(group)
        for each in accounts:
            if each.get(shop_id) is not None:
                return each
    if errors:
        raise errors[0]
    return None


async def _ask_all(accounts: Sequence[KnownShops]) -> list[TikTokShopError]:
    errors: list[TikTokShopError] = []
    places = anyio.Semaphore(_AT_ONCE)

    async def ask(account: KnownShops) -> None:
        async with places:
            try:
                await account.ask()
            except TikTokShopError as error:  # one account's trouble is no other's
                errors.append(error)

    async with anyio.create_task_group() as tasks:
        for each in accounts:
            tasks.start_soon(ask, each)
    return errors
