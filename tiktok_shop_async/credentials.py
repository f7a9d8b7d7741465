"""Who calls: the app, the account that authorised it and the shop."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NoReturn

from tiktok_shop_async.errors import CredentialsError
from tiktok_shop_async.secret import hide

if TYPE_CHECKING:
    from tiktok_shop_async.category_assets import AssetKey
    from tiktok_shop_async.operation import Operation
    from tiktok_shop_async.tokens.provider import AccountTokens

__all__ = ["Credentials"]

_PLAIN = re.compile(r"[\x21-\x7e]*")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Credentials:
    """What a client or a view calls with. Its repr shows the app key, and of the rest only what is there.

    Attributes:
        access_token: As it was given. Where there is an `account`, that one has the newest.
        account: Gives out access tokens, and renews them.
        shop_id: Of the shop that `shop_cipher` was looked up for; None if the cipher was given.
        category_asset: What `category_asset_cipher` was looked up for, likewise.
    """

    app_key: str
    app_secret: str
    access_token: str | None = None
    refresh_token: str | None = None
    shop_cipher: str | None = None
    category_asset_cipher: str | None = None
    shop_id: str | None = None
    category_asset: AssetKey | None = None
    account: AccountTokens | None = None

    def __post_init__(self) -> None:
        for name in ("app_key", "app_secret"):
            if not getattr(self, name):
                raise CredentialsError(
                    f"{name} is missing: give it to TikTokShop(…), or set TIKTOK_SHOP_{name.upper()} "
                    "for TikTokShop.from_env()"
                )
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name in {"account", "category_asset"}:
                continue
            if value is not None and not isinstance(value, str):
                raise CredentialsError(f"{each.name}: got {type(value).__name__}; give a str")
            # A line end that came along from a file or a variable would only show as a refused signature.
            if value is not None and not _PLAIN.fullmatch(value):
                raise CredentialsError(f"{each.name} holds a space, a line end or another character that none has")
            if each.name not in {"app_key", "shop_id"}:
                object.__setattr__(self, each.name, hide(value))

    @property
    def owner(self) -> str | None:
        """Whose name calls are made in: the account, or the token where no more is known; None for no one's."""
        return self.access_token if self.account is None else self.account.open_id

    @property
    def open_id(self) -> str | None:
        """The account in the token store; None where the token was given."""
        return None if self.account is None or self.refresh_token else self.account.open_id

    async def token(self, operation: str) -> str:
        """The access token, renewed if it is time.

        Raises:
            CredentialsError: There is none.
            ReauthorizationRequiredError: The refresh token is refused.
            TokenStoreError: The token store cannot be used, and no valid token is at hand.
            CallError: The renewal failed, and no valid token is at hand.
        """
        if self.account is not None:
            return await self.account.token()
        if not self.access_token:
            raise CredentialsError(
                f"{operation} needs an access token: give access_token= to TikTokShop(…) or with_shop(…), set "
                "TIKTOK_SHOP_ACCESS_TOKEN, or have an account authorise the app and give a token_store="
            )
        return self.access_token

    def identifiers(self, operation: Operation[Any]) -> dict[str, str]:
        """The ciphers that the operation takes. One that is not expected is an error to the API, so no other is sent.

        Raises:
            CredentialsError: One that the operation needs is missing.
        """
        taken: dict[str, str] = {}
        if operation.shop_cipher is not None:
            if self.shop_cipher:
                taken["shop_cipher"] = self.shop_cipher
            elif operation.shop_cipher == "required":
                raise _missing(operation, "shop_cipher", "with_shop", "client.shop")
        if operation.category_asset_cipher is not None:
            if self.category_asset_cipher:
                taken["category_asset_cipher"] = self.category_asset_cipher
            elif operation.category_asset_cipher == "required":
                raise _missing(operation, "category_asset_cipher", "with_partner", "partner.category_asset")
        return taken

    def shop_name(self, operation: Operation[Any]) -> str:
        """What tells the shop of a call in logs; empty where the call is for none."""
        if operation.shop_cipher is None or not self.shop_cipher:
            return ""
        return self.shop_id or f"cipher:{blake2b(self.shop_cipher.encode(), digest_size=4).hexdigest()}"

    def redact(self, text: str, *used: str) -> str:
        """The text of a server, without any secret of ours that it may quote, those `used` in the call included."""
        for secret in (
            *used,
            self.app_secret,
            self.access_token,
            self.refresh_token,
            self.shop_cipher,
            self.category_asset_cipher,
        ):
            if secret and len(secret) > 5:  # a shorter one is no secret, and would garble any text
                text = text.replace(secret, "***")
        return text

    def __reduce__(self) -> NoReturn:
        """Whoever pickles a client by accident, in a task queue for example, would write its secrets down."""
        raise TypeError("a client is not pickled or deep-copied with its secrets: make another one where it is needed")

    def __repr__(self) -> str:
        held = ("access_token", "refresh_token", "shop_cipher", "category_asset_cipher")
        shown = "" if self.open_id is None else f", account={self.open_id!r}"
        shown += "".join(f", {name}=***" for name in held if getattr(self, name))
        return f"Credentials(app_key={self.app_key!r}, app_secret=***{shown})"


def _missing(operation: Operation[Any], name: str, view: str, source: str) -> CredentialsError:
    return CredentialsError(
        f"{operation.name} needs a {name}: give {name}= to TikTokShop(…) or {view}(…); await {source}(…) finds it"
    )
