"""Tokens of accounts that nobody has."""

from __future__ import annotations

from typing import Any

from tests.runtime.wire import START
from tiktok_shop_async.tokens import Tokens

ACCOUNT = "open-id-of-account-1"
WEEK = 7 * 86_400


def token_data(number: int = 1, *, lifetime: int = WEEK, **changes: Any) -> dict[str, Any]:
    """The `data` of a token endpoint's answer; its tokens are as new as the number is great."""
    return {
        "access_token": f"access-token-{number}",
        "access_token_expire_in": int(START) + lifetime,
        "refresh_token": f"refresh-token-{number}",
        "refresh_token_expire_in": 4_891_363_200,
        "open_id": ACCOUNT,
        "seller_name": "Ünder the bridge",
        "seller_base_region": "GB",
        "user_type": 0,
        "granted_scopes": ["seller.order.info"],
    } | changes


def make_tokens(number: int = 1, *, lifetime: int = WEEK, obtained_at: int = int(START), **changes: Any) -> Tokens:
    """The same as an object."""
    return Tokens.from_answer(token_data(number, lifetime=lifetime, **changes), obtained_at=obtained_at)
