"""Views: calls in the name of one account and shop, over the connections of a client."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from tiktok_shop_async.api import ShopResources
from tiktok_shop_async.call import Caller
from tiktok_shop_async.errors import ArgumentError
from tiktok_shop_async.secret import hide
from tiktok_shop_async.shops import KnownShops

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tiktok_shop_async.encoding import FileContent
    from tiktok_shop_async.options import CallOptions
    from tiktok_shop_async.response import Response

__all__ = ["ShopView"]

_NAMED_SHOPS = 5


class ShopView(ShopResources):
    """Calls in the name of one account and shop, over the connections of the client that it came from.

    Cheap to make, holds nothing open, and lives as long as its client.
    """

    def __init__(self, call: Caller) -> None:
        self._call = call

    def with_shop(
        self,
        *,
        access_token: str | None = None,
        shop_cipher: str | None = None,
        category_asset_cipher: str | None = None,
    ) -> ShopView:
        """A view that calls with another token or cipher, over the same connections.

        A token that is given here is used as it is, and never renewed.

        Args:
            access_token: Left out: the one of this view. With another one, the ciphers of this view are dropped: they
                were given out to its own account.
            shop_cipher: Cipher of the shop. Left out, with the token: the one of this view. Empty: none.
            category_asset_cipher: Cipher of the category asset. As with `shop_cipher`.

        Raises:
            CredentialsError: A value with a character that none has.
        """
        access_token, shop_cipher = hide(access_token), hide(shop_cipher)
        category_asset_cipher = hide(category_asset_cipher)
        credentials, shops = self._call.credentials, self._call.shops
        if access_token is not None and access_token != credentials.access_token:
            # The refresh token belongs to the account as well.
            shops = None
            credentials = replace(
                credentials,
                access_token=access_token,
                refresh_token=None,
                account=None,
                shop_cipher=shop_cipher,
                shop_id=None,
                category_asset_cipher=category_asset_cipher,
            )
        else:
            credentials = replace(
                credentials,
                shop_id=credentials.shop_id if shop_cipher in {None, credentials.shop_cipher} else None,
                shop_cipher=credentials.shop_cipher if shop_cipher is None else shop_cipher,
                category_asset_cipher=(
                    credentials.category_asset_cipher if category_asset_cipher is None else category_asset_cipher
                ),
            )
        return ShopView(Caller(self._call.session, credentials, shops))

    async def shop(self, shop_id: str) -> ShopView:
        """A view on one of the shops that the account covers, its cipher looked up.

        The shops of an account are asked for once and then remembered. They are asked for anew when a shop is not among
        them, or when the API does not accept a cipher any more.

        Args:
            shop_id: The shop's `id` in Get Authorized Shops.

        Raises:
            ArgumentError: The token does not cover the shop.
            CredentialsError: There is no access token.
            CallError: The shops could not be asked for.
        """
        shops = self._shops
        cipher = await shops.find(shop_id)
        if cipher is None:
            raise ArgumentError(
                f"shop_id: the access token covers {_listed(shops.ciphers)}, and not this one; "
                "give the id as text, or have the shop's seller authorise the app"
            )
        return self._on(shop_id, cipher)

    @property
    def _shops(self) -> KnownShops:
        """What is known of the shops of the account."""
        call = self._call
        if call.shops is None:
            owner = call.credentials.owner
            shops = call.session.shops.get(owner)
            if shops is None:
                # Asked by a view of its own, so that what is known does not keep itself.
                asking = ShopView(Caller(call.session, call.credentials))
                shops = call.session.shops[owner] = KnownShops(asking.authorization.get_authorized_shops)
            call.shops = shops
        return call.shops

    def _on(self, shop_id: str, cipher: str) -> ShopView:
        """A view on a shop of the account whose cipher is known."""
        credentials = replace(self._call.credentials, shop_cipher=cipher, shop_id=shop_id)
        return ShopView(Caller(self._call.session, credentials, self._call.shops))

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        files: Mapping[str, FileContent] | None = None,
        shop_cipher: bool = True,
        category_asset_cipher: bool = False,
        options: CallOptions | None = None,
    ) -> Response:
        """Call an endpoint that this package has no method for, signed like any other.

        A GET is tried again after a failure like any read; everything else only when it was surely not carried out.

        Args:
            method: `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
            path: From its first `/`, version included: `/order/202309/orders/search`.
            query: Parameters of the endpoint itself; a list is sent as one value, joined by commas.
            body: Data that JSON can hold, such as a dict, or the very bytes to send. With `files`, the text parts of
                the form.
            files: The file parts of a form, by name.
            shop_cipher: Whether to send the cipher of the view's shop, if it has one. False for endpoints that take
                none.
            category_asset_cipher: Whether to send the view's category asset cipher, if it has one.
            options: Settings of this call.

        Returns:
            The raw answer; `.data` is what stands under `data`.

        Raises:
            ArgumentError: A value that cannot be sent.
            CredentialsError: There is no access token.
            CallError: The call was under way and failed; the subclass tells what to do.
        """
        return await self._call.request(
            method,
            path,
            query=query or {},
            body=body,
            files=files or {},
            shop_cipher=shop_cipher,
            category_asset_cipher=category_asset_cipher,
            options=options,
        )

    def __repr__(self) -> str:
        if not hasattr(self, "_call"):  # in a traceback with variables, when a setting was refused
            return f"{type(self).__name__}()"
        return f"{type(self).__name__}(base_url={self._call.session.base_url!r}, {self._call.credentials!r})"


def _listed(shops: Mapping[str, str]) -> str:
    """How many shops there are, and the ids of the first few, since the right one may be among them."""
    number = "1 shop" if len(shops) == 1 else f"{len(shops)} shops"
    ids = [*map(repr, islice(shops, _NAMED_SHOPS)), *(["…"] if len(shops) > _NAMED_SHOPS else [])]
    return f"{number} ({', '.join(ids)})" if ids else number
