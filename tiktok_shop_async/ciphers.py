"""The ciphers that stand for shops and category assets in calls, as an account was given them."""

from __future__ import annotations

from copy import copy
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

import anyio

from tiktok_shop_async.errors import TikTokShopError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from tiktok_shop_async.secret import Secret

__all__ = ["KnownCiphers", "listed"]

KeyT = TypeVar("KeyT")

_NAMED = 5


class KnownCiphers(Generic[KeyT]):
    """The ciphers of one account: asked for once, and anew when something shows that they may have changed.

    Args:
        list_all: Asks the API for them, in the name of the account.
    """

    def __init__(self, list_all: Callable[[], Awaitable[Mapping[KeyT, Secret]]]) -> None:
        self.ciphers: Mapping[KeyT, Secret] = {}
        """By what they stand for."""
        self.is_current = False
        """Whether they were asked for, and nothing has shown since that they changed."""
        self._list_all = list_all
        self._asking = anyio.Lock()
        self._times_asked: int = 0
        self._failure: TikTokShopError | None = None
        """Of the last time."""

    def get(self, key: KeyT) -> str | None:
        """One of them, if it is known."""
        return self.ciphers.get(key) if self.is_current else None

    async def find(self, key: KeyT) -> str | None:
        """One of them, or None if the account has none for this.

        Asked for when it is not known: it may have been granted since the last time.
        """
        if self.get(key) is None:
            await self.ask()
        return self.ciphers.get(key)

    async def ask(self) -> None:
        """Ask for all: one call, however many tasks begin with this; its failure is one of them all."""
        before = self._times_asked
        async with self._asking:
            if self._times_asked == before:
                await self._ask()
            elif self._failure is not None:
                raise copy(self._failure)

    async def _ask(self) -> None:
        try:
            self.ciphers = await self._list_all()
        except TikTokShopError as error:
            self._failure = copy(error)
            self._times_asked += 1
            raise
        self.is_current, self._failure = True, None
        self._times_asked += 1

    def refuse(self, key: KeyT, cipher: str) -> None:
        """The API does not accept a cipher: all are asked for anew, unless they were in the meantime."""
        if self.ciphers.get(key, cipher) == cipher:
            self.is_current = False


def listed(noun: str, names: Collection[str]) -> str:
    """How many there are, and the names of the first few, since the right one may be among them."""
    number = f"1 {noun}" if len(names) == 1 else f"{len(names)} {noun}s"
    shown = [*islice(names, _NAMED), *(["…"] if len(names) > _NAMED else [])]
    return f"{number} ({', '.join(shown)})" if shown else number
