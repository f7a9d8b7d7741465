"""The client, and the views of it that stand for single shops."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Self, TypedDict, Unpack
from urllib.parse import urlsplit

from tiktok_shop_async.api import Resources
from tiktok_shop_async.call import Caller, KnownShops, Session
from tiktok_shop_async.credentials import Credentials
from tiktok_shop_async.errors import ArgumentError
from tiktok_shop_async.limits import InFlight, MemoryLimiter
from tiktok_shop_async.observation import Observers
from tiktok_shop_async.options import check_limits
from tiktok_shop_async.retry import Clock
from tiktok_shop_async.secret import hide
from tiktok_shop_async.transport import HttpxTransport

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    import httpx

    from tiktok_shop_async.encoding import FileContent
    from tiktok_shop_async.limits import Limiter
    from tiktok_shop_async.observation import Observer
    from tiktok_shop_async.options import CallOptions
    from tiktok_shop_async.response import Response
    from tiktok_shop_async.transport import Transport

__all__ = ["AUTH_URL", "BASE_URL", "Settings", "ShopView", "TikTokShop"]

BASE_URL = "https://open-api.tiktokglobalshop.com"
"""The API, for every market."""

AUTH_URL = "https://auth.tiktok-shops.com"
"""Where access tokens are given out and renewed."""

_NAMED_SHOPS = 5


class Settings(TypedDict, total=False):
    """What `TikTokShop.from_env` takes beside the environment; see `TikTokShop`."""

    timeout: float
    max_retries: int
    limiter: Limiter | None
    max_in_flight: int
    observers: Sequence[Observer]
    transport: Transport | None
    http_client: httpx.AsyncClient | None
    clock: Clock | None


class ShopView(Resources):
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
        credentials = self._call.credentials
        if access_token is not None and access_token != credentials.access_token:
            # The refresh token belongs to the account as well.
            credentials = replace(
                credentials,
                access_token=access_token,
                refresh_token=None,
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
        return ShopView(Caller(self._call.session, credentials))

    async def shop(self, shop_id: str) -> ShopView:
        """A view on one of the shops that the access token covers, its cipher looked up.

        The shops of a token are asked for once and then remembered.

        Args:
            shop_id: The shop's `id` in Get Authorized Shops.

        Raises:
            ArgumentError: The token does not cover the shop.
            CredentialsError: There is no access token.
            CallError: The shops could not be asked for.
        """
        token = self._call.credentials.token("shop()")
        known = self._call.session.shops.setdefault(token, KnownShops())
        # Asked for anew when the shop is not among those remembered: it may have been authorised since.
        if shop_id not in known.ciphers:
            async with known.looking_up:  # one request, however many tasks start with this
                if shop_id not in known.ciphers:
                    answer = await self.authorization.get_authorized_shops()
                    # An entry that is no shop is kept in the list as it came.
                    shops = [each for each in answer.shops if getattr(each, "cipher", None) and each.id]
                    known.ciphers = {str(each.id): str(each.cipher) for each in shops}
        cipher = known.ciphers.get(shop_id)
        if cipher is None:
            raise ArgumentError(
                f"shop_id: the access token covers {_listed(known.ciphers)}, and not this one; "
                "give the id as text, or have the shop's seller authorise the app"
            )
        credentials = replace(self._call.credentials, shop_cipher=cipher, shop_id=shop_id)
        return ShopView(Caller(self._call.session, credentials))

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


class TikTokShop(ShopView):
    """A client of the TikTok Shop Open API. One serves any number of shops, over one pool of connections.

        async with TikTokShop(app_key, app_secret, access_token=token) as client:
            shop = await client.shop("7000000000000000001")
            async for order in shop.orders.get_order_list():
                print(order.id)

    Args:
        app_key: Of the app, from the partner centre.
        app_secret: Of the app.
        access_token: Of the account that authorised the app. Needed for calls; views can have another one.
        refresh_token: Kept with the access token. This version does not renew tokens by itself.
        shop_cipher: Of the shop to call for; `shop()` finds it from the shop's id.
        category_asset_cipher: Of the category asset to call for, in place of a shop.
        base_url: Where the API is. Plain `http` is meant for a sandbox.
        auth_url: Where tokens come from. Kept with `refresh_token`, and not called by this version.
        timeout: Seconds for a call as a whole, retries and waits included; `math.inf` for no limit. A single request
            that stays silent for 20 seconds has failed in any case; an `http_client` has its own limits there.
        max_retries: How often a failed request is sent again, where that is safe; 0 for never.
        limiter: How fast calls go out. Left out: a `MemoryLimiter` of 50 a second for each shop and endpoint, as the
            API allows. A `RedisLimiter` holds the limit over many machines.
        max_in_flight: How many requests may be under way at once, over all shops. As many connections are opened.
        observers: Told of each call and each attempt, for metrics and tracing. Log records are written in any case.
        transport: Sends the requests, in place of the client's own pool. Not closed by the client.
        http_client: Sends the requests: an `httpx.AsyncClient` with its proxies, certificates or mocks. Not closed by
            the client.
        clock: Time and chance, for tests.

    Raises:
        CredentialsError: App key or app secret are missing, or a value has a character that none has.
        ArgumentError: A setting that makes no sense.
    """

    def __init__(
        self,
        app_key: str,
        app_secret: str,
        *,
        access_token: str | None = None,
        refresh_token: str | None = None,
        shop_cipher: str | None = None,
        category_asset_cipher: str | None = None,
        base_url: str = BASE_URL,
        auth_url: str = AUTH_URL,
        timeout: float = 90.0,
        max_retries: int = 4,
        limiter: Limiter | None = None,
        max_in_flight: int = 100,
        observers: Sequence[Observer] = (),
        transport: Transport | None = None,
        http_client: httpx.AsyncClient | None = None,
        clock: Clock | None = None,
    ) -> None:
        # First of all: whatever is refused below ends in a traceback that shows these variables.
        app_secret, access_token, refresh_token = hide(app_secret), hide(access_token), hide(refresh_token)
        shop_cipher, category_asset_cipher = hide(shop_cipher), hide(category_asset_cipher)
        if transport is not None and http_client is not None:
            raise ArgumentError("transport, http_client: give one of them")
        if transport is not None and not callable(getattr(transport, "send", None)):
            raise ArgumentError(
                "transport: has no send(); give a transport of httpx as http_client=httpx.AsyncClient(transport=…)"
            )
        check_limits(timeout, max_retries)
        if isinstance(max_in_flight, bool) or max_in_flight < 1:
            raise ArgumentError(f"max_in_flight: got {max_in_flight}; give 1 or more")
        clock = clock or Clock()
        credentials = Credentials(
            app_key=app_key,
            app_secret=app_secret,
            access_token=access_token or None,
            refresh_token=refresh_token or None,
            shop_cipher=shop_cipher or None,
            category_asset_cipher=category_asset_cipher or None,
        )
        self._pool = HttpxTransport(http_client, connections=max_in_flight)
        session = Session(
            base_url=_address("base_url", base_url),
            auth_url=_address("auth_url", auth_url),
            transport=self._pool if transport is None else transport,
            timeout=timeout,
            max_retries=max_retries,
            clock=clock,
            limiter=limiter or MemoryLimiter(clock=clock),
            in_flight=InFlight(max_in_flight),
            observers=Observers(observers),
        )
        super().__init__(Caller(session, credentials))

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **settings: Unpack[Settings]) -> Self:
        """A client from environment variables, so that one program runs against the API and against a sandbox.

        `TIKTOK_SHOP_APP_KEY` and `TIKTOK_SHOP_APP_SECRET` are needed. Read where they are set:
        `TIKTOK_SHOP_ACCESS_TOKEN`, `TIKTOK_SHOP_REFRESH_TOKEN`, `TIKTOK_SHOP_SHOP_CIPHER`, `TIKTOK_SHOP_BASE_URL` and
        `TIKTOK_SHOP_AUTH_URL`. An empty variable counts as not set.

        Args:
            environ: Where to read, `os.environ` if left out.
            **settings: `timeout`, `max_retries`, `limiter`, `max_in_flight`, `observers`, `transport`, `http_client`
                and `clock` of the client.

        Raises:
            CredentialsError: App key or app secret are missing.
            ArgumentError: A setting that makes no sense.
        """
        given = _variables(os.environ if environ is None else environ)
        environ = None  # which is not to be seen in the traceback of what is refused
        return cls(
            given["APP_KEY"] or "",
            given["APP_SECRET"] or "",
            access_token=given["ACCESS_TOKEN"],
            refresh_token=given["REFRESH_TOKEN"],
            shop_cipher=given["SHOP_CIPHER"],
            base_url=given["BASE_URL"] or BASE_URL,
            auth_url=given["AUTH_URL"] or AUTH_URL,
            **settings,
        )

    async def aclose(self) -> None:
        """Close the client's own connections. Neither it nor its views can be used afterwards."""
        self._call.session.closed = True
        await self._pool.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


def _listed(shops: Mapping[str, str]) -> str:
    """How many shops there are, and the ids of the first few, since the right one may be among them."""
    number = "1 shop" if len(shops) == 1 else f"{len(shops)} shops"
    ids = [*map(repr, islice(shops, _NAMED_SHOPS)), *(["…"] if len(shops) > _NAMED_SHOPS else [])]
    return f"{number} ({', '.join(ids)})" if ids else number


_OPEN = ("APP_KEY", "BASE_URL", "AUTH_URL")
_VARIABLES = (*_OPEN, "APP_SECRET", "ACCESS_TOKEN", "REFRESH_TOKEN", "SHOP_CIPHER")


def _variables(environ: Mapping[str, str]) -> dict[str, str | None]:
    """The variables for a client; None for what is not set, or empty."""
    values = {name: environ.get(f"TIKTOK_SHOP_{name}") or None for name in _VARIABLES}
    return {name: value if name in _OPEN else hide(value) for name, value in values.items()}


def _address(name: str, url: str) -> str:
    """The address of a host, without a slash at its end; a path in front of the endpoints' is left unsigned."""
    if not _is_address(url):
        # Not shown: what was given may hold a password.
        raise ArgumentError(f"{name}: give the address of a host, such as {BASE_URL}, without user, query or fragment")
    return url.rstrip("/")


def _is_address(url: str) -> bool:
    if not url.isascii() or any(each in url for each in " ?#@\\\r\n\t"):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
