"""Which shops an account covers, and the ciphers that stand for them in calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import anyio

from tiktok_shop_async.ciphers import KnownCiphers
from tiktok_shop_async.errors import TikTokShopError
from tiktok_shop_async.secret import hide

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tiktok_shop_async.models.authorized_shop import AuthorizedShopList
    from tiktok_shop_async.secret import Secret

__all__ = ["KnownShops", "known_shops", "search"]

_AT_ONCE = 10
"""How many accounts are asked at the same time."""


KnownShops: TypeAlias = KnownCiphers[str]
"""The shops of one account, by their ids."""


def known_shops(list_shops: Callable[[], Awaitable[AuthorizedShopList]]) -> KnownShops:
    """The shops of an account.

    Args:
        list_shops: Calls Get Authorized Shops in the name of the account.
    """

    async def list_all() -> dict[str, Secret]:
        answer = await list_shops()
        # An entry that is no shop is kept in the list as it came.
        shops = [each for each in answer.shops if getattr(each, "cipher", None) and each.id]
        return {str(each.id): hide(str(each.cipher)) for each in shops}

    return KnownCiphers(list_all)


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
