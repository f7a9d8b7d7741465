"""Views: calls in the name of one account, over the connections of a client."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tiktok_shop_async.api import CreatorResources, PartnerResources, ShopResources
from tiktok_shop_async.call import Caller
from tiktok_shop_async.category_assets import choose, known_assets
from tiktok_shop_async.ciphers import listed
from tiktok_shop_async.errors import ArgumentError
from tiktok_shop_async.identifiers import Identifiers
from tiktok_shop_async.secret import hide
from tiktok_shop_async.shops import known_shops

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tiktok_shop_async.category_assets import AssetKey
    from tiktok_shop_async.encoding import FileContent
    from tiktok_shop_async.options import CallOptions
    from tiktok_shop_async.response import Response
    from tiktok_shop_async.shops import KnownShops

__all__ = ["CreatorView", "PartnerView", "ShopView", "View"]


class View:
    """Calls in the name of one account, over the connections of the client that it came from.

    Cheap to make, holds nothing open, and lives as long as its client.
    """

    def __init__(self, call: Caller) -> None:
        self._call = call

    @property
    def open_id(self) -> str | None:
        """The account in the token store; None where the token was given and not looked up there."""
        return self._call.credentials.open_id

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

    @property
    def _identifiers(self) -> Identifiers:
        """What is known of the shops and category assets of the account."""
        call = self._call
        if call.identifiers is None:
            owner = call.credentials.owner
            known = call.session.identifiers.get(owner)
            if known is None:
                # Asked by a view of its own, so that what is known does not keep itself.
                authorization = ShopView(Caller(call.session, call.credentials)).authorization
                known = call.session.identifiers[owner] = Identifiers(
                    known_shops(authorization.get_authorized_shops),
                    known_assets(authorization.get_authorized_category_assets),
                )
            call.identifiers = known
        return call.identifiers

    def _with_category_asset(self, cipher: str, asset: AssetKey | None = None) -> Caller:
        credentials = replace(self._call.credentials, category_asset_cipher=hide(cipher), category_asset=asset)
        return Caller(self._call.session, credentials, self._call.identifiers)


class ShopView(View, ShopResources):
    """Calls in the name of a seller's account and of one of its shops.

    Cheap to make, holds nothing open, and lives as long as its client.
    """

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
        credentials, identifiers = self._call.credentials, self._call.identifiers
        if access_token is not None and access_token != credentials.access_token:
            # The refresh token belongs to the account as well.
            identifiers = None
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
        return ShopView(Caller(self._call.session, credentials, identifiers))

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
                f"shop_id: the access token covers {listed('shop', [*map(repr, shops.ciphers)])}, and not this one; "
                "give the id as text, or have the shop's seller authorise the app"
            )
        return self._on(shop_id, cipher)

    @property
    def _shops(self) -> KnownShops:
        """What is known of the shops of the account."""
        return self._identifiers.shops

    def _on(self, shop_id: str, cipher: str) -> ShopView:
        """A view on a shop of the account whose cipher is known."""
        credentials = replace(self._call.credentials, shop_cipher=cipher, shop_id=shop_id)
        return ShopView(Caller(self._call.session, credentials, self._call.identifiers))


class CreatorView(View, CreatorResources):
    """Calls in the name of a creator.

    Cheap to make, holds nothing open, and lives as long as its client.
    """

    def with_category_asset(self, cipher: str) -> CreatorView:
        """A view that calls for a category asset, where an endpoint takes one.

        Args:
            cipher: Of the category asset; empty for none.

        Raises:
            CredentialsError: A value with a character that none has.
        """
        return CreatorView(self._with_category_asset(cipher))


class PartnerView(View, PartnerResources):
    """Calls in the name of a partner, and of one of the category assets that it has opened to the app.

    Cheap to make, holds nothing open, and lives as long as its client.
    """

    def with_category_asset(self, cipher: str) -> PartnerView:
        """A view that calls for a category asset whose cipher is at hand; `category_asset` looks it up.

        Args:
            cipher: Of the category asset; empty for none.

        Raises:
            CredentialsError: A value with a character that none has.
        """
        return PartnerView(self._with_category_asset(cipher))

    async def category_asset(self, *, target_market: str, category_id: int | None = None) -> PartnerView:
        """A view that calls for a category asset of the partner, its cipher looked up.

        The category assets of a partner are asked for once and then remembered. They are asked for anew when none fits,
        or when the API does not accept a cipher any more.

        Args:
            target_market: The ISO 3166 code of a country, as in Get Authorized Category Assets.
            category_id: The `id` of the business category. Left out: the only one of that market.

        Raises:
            ArgumentError: The partner has opened none such to the app, or several.
            CredentialsError: There is no access token.
            CallError: The category assets could not be asked for.
        """
        assets = self._identifiers.category_assets
        asset = await choose(assets, target_market, category_id)
        return PartnerView(self._with_category_asset(assets.ciphers[asset], asset))
