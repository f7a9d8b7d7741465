"""What a process knows of an account's tokens."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from tiktok_shop_async.background import Job
    from tiktok_shop_async.errors import TikTokShopError
    from tiktok_shop_async.tokens.store import Lease, Refusal
    from tiktok_shop_async.tokens.tokens import Tokens

__all__ = ["Account", "Unsaved"]


class Unsaved(Struct):
    """Tokens that the store did not take.

    Attributes:
        tokens: These.
        lease: Under which they were obtained. It is not given back: while it lasts, no other process sends the refresh
            token that these tokens have used up.
        give_up: When to leave it to later calls to store them.
    """

    tokens: Tokens
    lease: Lease | None
    give_up: float


@dataclass(slots=True, repr=False)
class Account:
    """What this process knows of an account's tokens.

    Attributes:
        name: Its open id.
        tokens: The newest.
        version: Of them, in the store.
        expires: When the access token ends, in Unix seconds.
        renew_from: From when on it is to be renewed ahead of that.
        refused_by_api: Whether the API says that it has ended.
        unread: Whether the store may have something newer.
        puts: How often this process stored tokens: what was read before the last time is no news.
        renewal: Under way, in this process.
        rest_until: Until when a renewal is not tried, by the monotonic clock.
        failure: Why not.
        refusal: Which tokens were refused, and how.
        unsaved: What is still to be stored.
    """

    name: str
    tokens: Tokens | None = None
    version: int = 0
    expires: float = math.inf
    renew_from: float = math.inf
    refused_by_api: bool = False
    unread: bool = True
    puts: int = 0
    renewal: Job[None] | None = None
    rest_until: float = -math.inf
    failure: TikTokShopError | None = None
    refusal: tuple[Tokens, Refusal] | None = None
    unsaved: Unsaved | None = None

    def usable(self, now: float) -> bool:
        """Whether calls may be made with the access token."""
        return bool(self.tokens and self.tokens.access_token) and not self.refused_by_api and now < self.expires

    def take(self, tokens: Tokens, version: int, *, margin: float, chance: float) -> None:
        """Go on with these tokens: renewed between one and two margins before their end, as chance has it."""
        self.unread = False
        if tokens == self.tokens:
            self.version = version
            return
        expires = float(tokens.access_token_expire_in)
        lifetime = expires - tokens.obtained_at if tokens.obtained_at else math.inf
        if expires <= 0 or lifetime <= 0:
            # No end is known, or this machine's clock is far ahead: then the API says when the token has expired.
            expires = lifetime = math.inf
        self.tokens, self.version = tokens, version
        self.expires = expires
        # Not all processes at once, and not all the time where tokens live shorter than the margin.
        self.renew_from = expires - min(margin * (1 + chance), lifetime / 4)
        self.refused_by_api = False
        self.failure = None
        self.rest_until = -math.inf
