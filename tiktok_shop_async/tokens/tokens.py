"""The tokens of one account, as the API gave them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import msgspec
from attrs import field, frozen

from tiktok_shop_async.values import as_datetime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["AccountKind", "Tokens"]

AccountKind: TypeAlias = Literal["seller", "creator", "partner"]

_KINDS: Mapping[int | None, AccountKind] = {0: "seller", 1: "creator", 3: "partner", 4: "seller", 5: "seller"}


def _masked(value: object) -> str:
    return "***" if value else "''"


@frozen(kw_only=True)
class Tokens:
    """The tokens of one account that authorised the app. Always kept together; the repr shows neither of them.

    Attributes:
        access_token: Goes with every call.
        refresh_token: Is exchanged for new tokens. A server may accept it only once.
        access_token_expire_in: End of the access token's life. An absolute Unix time in seconds, in spite of its name;
            0 where it is not known.
        refresh_token_expire_in: End of the refresh token's life, likewise.
        open_id: The account, as this app knows it.
        seller_name: Of the account, for people.
        seller_base_region: Where the account is at home: `US`, `GB`.
        user_type: 0 a seller, 1 a creator, 3 a partner; 4 and 5 global sellers.
        granted_scopes: What the account allows the app.
        obtained_at: When the tokens were given out, by this machine's clock: Unix time in seconds; 0 where it is not
            known.
    """

    access_token: str = field(repr=_masked)
    refresh_token: str = field(default="", repr=_masked)
    access_token_expire_in: int = 0
    refresh_token_expire_in: int = 0
    open_id: str = ""
    seller_name: str = ""
    seller_base_region: str = ""
    user_type: int | None = None
    granted_scopes: tuple[str, ...] = ()
    obtained_at: int = 0

    @property
    def kind(self) -> AccountKind | None:
        """Whose they are: what `user_type` means; None where it is unknown."""
        return _KINDS.get(self.user_type)

    @property
    def access_token_expires_at(self) -> datetime | None:
        """End of the access token's life, in UTC; None where it is not known."""
        return as_datetime(self.access_token_expire_in)

    @property
    def refresh_token_expires_at(self) -> datetime | None:
        """End of the refresh token's life, in UTC; None where it is not known."""
        return as_datetime(self.refresh_token_expire_in)

    @classmethod
    def from_answer(cls, data: Mapping[str, Any], *, obtained_at: int = 0, before: Tokens | None = None) -> Tokens:
        """Read the `data` of the token endpoints' answers.

        Args:
            data: What stands under `data`.
            obtained_at: Now.
            before: The tokens that were renewed; what the answer leaves out stays as it was there.

        Raises:
            ValueError: Access token, refresh token or open id are missing. The text holds nothing of the data.
        """

        def text(name: str) -> str:
            value = data.get(name)
            return value if isinstance(value, str) and value else str(getattr(before, name, ""))

        def number(name: str) -> int:
            value = data.get(name)
            return int(value) if isinstance(value, int | float) or (isinstance(value, str) and value.isdigit()) else 0

        access_token = data.get("access_token")
        if not isinstance(access_token, str) or not access_token:
            raise ValueError("no access token")
        if not text("refresh_token"):
            raise ValueError("no refresh token")
        if not text("open_id") and before is None:
            raise ValueError("no open id")
        given: object = data.get("granted_scopes")
        scopes = (
            [each for each in cast("list[object]", given) if isinstance(each, str)] if isinstance(given, list) else []
        )
        same_refresh_token = before is not None and text("refresh_token") == before.refresh_token
        kept = before.refresh_token_expire_in if before is not None and same_refresh_token else 0
        return cls(
            access_token=access_token,
            refresh_token=text("refresh_token"),
            access_token_expire_in=number("access_token_expire_in"),
            refresh_token_expire_in=number("refresh_token_expire_in") or kept,
            open_id=text("open_id"),
            seller_name=text("seller_name"),
            seller_base_region=text("seller_base_region"),
            user_type=number("user_type") if "user_type" in data else getattr(before, "user_type", None),
            granted_scopes=tuple(scopes) or (before.granted_scopes if before else ()),
            obtained_at=obtained_at,
        )

    def to_json(self) -> bytes:
        """All of it, secrets included, for a store."""
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, content: bytes) -> Tokens:
        """What `to_json` wrote.

        Raises:
            ValueError: The bytes are something else. The text holds nothing of them.
        """
        try:
            return msgspec.json.decode(content, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            pass
        raise ValueError("not the tokens of an account")
