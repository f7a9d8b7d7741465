"""The client: its settings, the accounts that authorised the app, and which of them covers a shop."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, Self, Unpack, overload

import anyio

from tiktok_shop_async.api import CreatorResources, PartnerResources
from tiktok_shop_async.background import Background
from tiktok_shop_async.call import Caller, Session
from tiktok_shop_async.credentials import Credentials
from tiktok_shop_async.errors import ArgumentError, CallTimeoutError
from tiktok_shop_async.limits import MemoryLimiter
from tiktok_shop_async.observation import Observers
from tiktok_shop_async.options import check_limits
from tiktok_shop_async.retry import Clock
from tiktok_shop_async.secret import hide
from tiktok_shop_async.settings import AUTH_URL, BASE_URL, Settings, address, variables
from tiktok_shop_async.shops import search
from tiktok_shop_async.tokens.oauth import Callback, OAuth
from tiktok_shop_async.tokens.provider import DEFAULT_MARGIN, AccountTokens, TokenProvider
from tiktok_shop_async.tokens.store import MemoryTokenStore
from tiktok_shop_async.tokens.tokens import Tokens
from tiktok_shop_async.traffic import Traffic
from tiktok_shop_async.transport import HttpxTransport
from tiktok_shop_async.view import CreatorView, PartnerView, ShopView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    import httpx

    from tiktok_shop_async.limits import Limiter
    from tiktok_shop_async.observation import Observer
    from tiktok_shop_async.tokens.store import TokenStore
    from tiktok_shop_async.tokens.tokens import AccountKind
    from tiktok_shop_async.transport import Transport
    from tiktok_shop_async.transport_aiohttp import AiohttpTransport

__all__ = ["AUTH_URL", "BASE_URL", "Settings", "TikTokShop"]

_GIVEN = "of the given refresh token"


class TikTokShop(ShopView, CreatorResources, PartnerResources):
    """A client of the TikTok Shop Open API. One serves any number of accounts, over one pool of connections.

        async with TikTokShop(app_key, app_secret, token_store=SQLiteTokenStore("tokens.db")) as client:
            shop = await client.shop("7000000000000000001")
            async for order in shop.orders.get_order_list():
                print(order.id)

    Args:
        app_key: Of the app, from the partner centre.
        app_secret: Of the app.
        access_token: Of an account that authorised the app, for calls of the client itself.
        refresh_token: Renews the access token when the API says that it has expired. What comes of that is kept in
            memory: a program that is started again needs tokens that are valid then, or a `token_store`.
        shop_cipher: Of the shop to call for; `shop()` finds it from the shop's id.
        category_asset_cipher: Of the category asset to call for, in place of a shop.
        base_url: Where the API is. Plain `http` is meant for a sandbox.
        auth_url: Where tokens come from.
        token_store: Keeps the tokens of all accounts that `authorize()` is called for; in memory if left out. Share it
            among all tasks, processes and machines that call for these accounts. Not closed by the client.
        refresh_margin: Seconds before its end from which an access token is renewed; up to twice that, at random.
        timeout: Seconds for a call as a whole, retries and waits included; `math.inf` for no limit. A single request
            that stays silent for 20 seconds has failed in any case; an `http_client` has its own limits there.
        max_retries: How often a failed request is sent again, where that is safe; 0 for never.
        limiter: How fast calls go out. Left out: a `MemoryLimiter` of 50 a second for each shop and endpoint, as the
            API allows. A `RedisLimiter` holds the limit over many machines.
        max_in_flight: How many requests may be under way at once, over all shops. As many connections are opened.
        observers: Told of each call and each attempt, for metrics and tracing. Log records are written in any case.
        transport: Sends the requests. Left out: the client's own connections, over httpx. "aiohttp": its own
            connections, over aiohttp (extra `aiohttp`; asyncio alone), which takes less time for each request. A
            transport of one's own is not closed by the client.
        http_client: Sends the requests: an `httpx.AsyncClient` with its proxies, certificates or mocks. Not closed by
            the client.
        clock: Time and chance, for tests.

    Raises:
        CredentialsError: App key or app secret are missing, or a value has a character that none has.
        ArgumentError: A setting that makes no sense.
        ImportError: `transport` is "aiohttp", and the extra is not installed.
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
        token_store: TokenStore | None = None,
        refresh_margin: float = DEFAULT_MARGIN,
        limiter: Limiter | None = None,
        max_in_flight: int = 100,
        observers: Sequence[Observer] = (),
        transport: Transport | Literal["aiohttp"] | None = None,
        http_client: httpx.AsyncClient | None = None,
        clock: Clock | None = None,
    ) -> None:
        # First of all: whatever is refused below ends in a traceback that shows these variables.
        app_secret, access_token, refresh_token = hide(app_secret), hide(access_token), hide(refresh_token)
        shop_cipher, category_asset_cipher = hide(shop_cipher), hide(category_asset_cipher)
        if transport is not None and http_client is not None:
            raise ArgumentError("transport, http_client: give one of them")
        if transport not in (None, "aiohttp") and not callable(getattr(transport, "send", None)):
            raise ArgumentError(
                'transport: has no send(); give "aiohttp" or a Transport, and a transport of httpx as '
                "http_client=httpx.AsyncClient(transport=…)"
            )
        check_limits(timeout, max_retries)
        if isinstance(max_in_flight, bool) or max_in_flight < 1:
            raise ArgumentError(f"max_in_flight: got {max_in_flight}; give 1 or more")
        if isinstance(refresh_margin, bool) or not refresh_margin >= 0:
            raise ArgumentError(f"refresh_margin: got {refresh_margin}; give seconds, 0 or more")
        clock = clock or Clock()
        limiter = limiter or MemoryLimiter(clock=clock)
        credentials = Credentials(
            app_key=app_key,
            app_secret=app_secret,
            access_token=access_token or None,
            refresh_token=refresh_token or None,
            shop_cipher=shop_cipher or None,
            category_asset_cipher=category_asset_cipher or None,
        )
        self._pool = (
            _over_aiohttp(max_in_flight)
            if transport == "aiohttp"
            else HttpxTransport(http_client, connections=max_in_flight)
        )
        session = Session(
            base_url=address("base_url", base_url),
            auth_url=address("auth_url", auth_url),
            transport=self._pool if transport is None or transport == "aiohttp" else transport,
            timeout=timeout,
            max_retries=max_retries,
            clock=clock,
            limiter=limiter,
            traffic=Traffic(limiter, most=max_in_flight, clock=clock),
            observers=Observers(observers),
        )
        oauth = OAuth(app_key, app_secret, auth_url=session.auth_url, transport=session.transport, clock=clock)
        self._tokens = TokenProvider(oauth, token_store or MemoryTokenStore(), clock, margin=refresh_margin)
        self._providers = [self._tokens]
        if credentials.refresh_token:
            given = Tokens(access_token=access_token or "", refresh_token=credentials.refresh_token)
            alone = TokenProvider(oauth, MemoryTokenStore({_GIVEN: given}), clock, margin=refresh_margin)
            credentials = replace(credentials, account=AccountTokens(_GIVEN, alone))
            self._providers.append(alone)
        self._accounts: dict[str, ShopView] = {}
        """By open id."""
        self._homes: dict[str, ShopView] = {}
        """Of shops, by their ids: views on the accounts that cover them."""
        self._closing = Background()
        super().__init__(Caller(session, credentials))

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **settings: Unpack[Settings]) -> Self:
        """A client from environment variables, so that one program runs against the API and against a sandbox.

        `TIKTOK_SHOP_APP_KEY` and `TIKTOK_SHOP_APP_SECRET` are needed. Read where they are set:
        `TIKTOK_SHOP_ACCESS_TOKEN`, `TIKTOK_SHOP_REFRESH_TOKEN`, `TIKTOK_SHOP_SHOP_CIPHER`, `TIKTOK_SHOP_BASE_URL` and
        `TIKTOK_SHOP_AUTH_URL`. An empty variable counts as not set.

        Args:
            environ: Where to read, `os.environ` if left out.
            **settings: `timeout`, `max_retries`, `token_store`, `refresh_margin`, `limiter`, `max_in_flight`,
                `observers`, `transport`, `http_client`
                and `clock` of the client.

        Raises:
            CredentialsError: App key or app secret are missing.
            ArgumentError: A setting that makes no sense.
        """
        given = variables(os.environ if environ is None else environ)
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

    @overload
    async def authorize(self, code: str | Callback, *, kind: Literal["seller"] = "seller") -> ShopView: ...
    @overload
    async def authorize(self, code: str | Callback, *, kind: Literal["creator"]) -> CreatorView: ...
    @overload
    async def authorize(self, code: str | Callback, *, kind: Literal["partner"]) -> PartnerView: ...
    async def authorize(
        self, code: str | Callback, *, kind: AccountKind = "seller"
    ) -> ShopView | CreatorView | PartnerView:
        """Exchange the code of a consent for tokens, and store them.

        Args:
            code: What the consent page sent back, as `read_callback` gives it. It works once, and for 30 minutes.
            kind: Whose consent it is, which says what the view is on.

        Returns:
            A view on the account.

        Raises:
            ArgumentError: It is no creator's or partner's as `kind` says. The tokens are stored all the same.
            AuthorizationCodeError: The code was used before or is too old.
            TokenStoreError: The tokens could not be stored. They are kept in memory and stored as soon as that works.
            ClientClosedError: The client was closed.
            CallError: The exchange failed for another reason.
        """
        code = Callback(code) if isinstance(code, str) else code
        tokens = await self._tokens.authorize(code)
        view = self._in_name_of(tokens.open_id)
        view._identifiers.doubt()  # a new consent can cover other shops, by other ciphers
        if kind == "seller":
            return view
        return await (self.creator(tokens.open_id) if kind == "creator" else self.partner(tokens.open_id))

    async def accounts(self) -> list[str]:
        """The accounts that tokens are stored of, by their `open_id`.

        Raises:
            TokenStoreError: The token store cannot be used.
        """
        return await self._tokens.store.accounts()

    async def account(self, open_id: str) -> ShopView:
        """A view on a seller's account that tokens are stored of. They are renewed first, if they are over.

        Args:
            open_id: The account's name in its tokens.

        Raises:
            CredentialsError: There are no tokens of it.
            ReauthorizationRequiredError: Its seller must authorise the app again.
            TokenStoreError: The token store cannot be used, and no valid token is at hand.
            CallError: Its tokens have to be renewed, and that failed.
        """
        await self._tokens.token(open_id)
        return self._in_name_of(open_id)

    async def creator(self, open_id: str) -> CreatorView:
        """A view on a creator's account that tokens are stored of. They are renewed first, if they are over.

        Args:
            open_id: The account's name in its tokens.

        Raises:
            ArgumentError: By its tokens the account is no creator's.
            TikTokShopError: As `account` does.
        """
        return CreatorView((await self._account_of("creator", open_id))._call)

    async def partner(self, open_id: str) -> PartnerView:
        """A view on a partner's account that tokens are stored of. They are renewed first, if they are over.

        Args:
            open_id: The account's name in its tokens.

        Raises:
            ArgumentError: By its tokens the account is no partner's.
            TikTokShopError: As `account` does.
        """
        return PartnerView((await self._account_of("partner", open_id))._call)

    def with_creator(self, *, access_token: str | None = None) -> CreatorView:
        """A view on a creator whose token is given. It is used as it is, and never renewed.

        Args:
            access_token: Left out: the client's own.

        Raises:
            CredentialsError: A value with a character that none has.
        """
        return CreatorView(self.with_shop(access_token=access_token, shop_cipher="")._call)

    def with_partner(self, *, access_token: str | None = None, category_asset_cipher: str | None = None) -> PartnerView:
        """A view on a partner whose token is given. It is used as it is, and never renewed.

        Args:
            access_token: Left out: the client's own.
            category_asset_cipher: Of the category asset to call for. Left out, with the token: the client's own.

        Raises:
            CredentialsError: A value with a character that none has.
        """
        view = self.with_shop(access_token=access_token, shop_cipher="", category_asset_cipher=category_asset_cipher)
        # What is known of the client's own category assets outlives the views that are made for a call.
        identifiers = self._identifiers if access_token is None else None
        return PartnerView(Caller(view._call.session, view._call.credentials, identifiers))

    async def shop(self, shop_id: str) -> ShopView:
        """A view on a shop, in the name of the account that covers it: the client's own, or one of those stored.

        The shops of each account are asked for once and then remembered. They are asked for anew when no account is
        known to cover the shop, or when the API does not accept a cipher any more.

        Args:
            shop_id: The shop's `id` in Get Authorized Shops.

        Raises:
            ArgumentError: No account covers the shop.
            CredentialsError: There is no account.
            TokenStoreError: The shop is not known yet, and the token store cannot be used.
            CallError: No account is known to cover the shop, and one could not be asked, or the search took longer
                than the client's `timeout`.
        """
        home = self._homes.get(shop_id)
        cipher = None if home is None else home._shops.get(shop_id)
        if home is not None and cipher is not None:
            return home._on(shop_id, cipher)
        timeout = self._call.session.timeout
        with anyio.move_on_after(timeout):
            return await self._search(shop_id)
        raise CallTimeoutError(f"the shop was not found within {timeout:g} s", operation="client.shop")

    async def _search(self, shop_id: str) -> ShopView:
        """The shop's account, looked for among all of them."""
        # Of others than sellers the API would refuse to list shops.
        open_ids = [each for each in await self.accounts() if await self._tokens.kind(each) in {None, "seller"}]
        stored = [self._in_name_of(open_id) for open_id in open_ids]
        if not stored:
            return await super().shop(shop_id)
        own = [ShopView(self._call)] if self._call.credentials.owner is not None else []
        accounts = {each._shops: each for each in [*own, *stored]}
        shops = await search(shop_id, list(accounts))
        if shops is None:
            raise ArgumentError(
                f"shop_id: none of the {len(accounts)} accounts covers this shop; give its id as text, or have its "
                "seller authorise the app"
            )
        home = self._homes[shop_id] = accounts[shops]
        return home._on(shop_id, shops.ciphers[shop_id])

    async def _account_of(self, kind: AccountKind, open_id: str) -> ShopView:
        actual = await self._tokens.kind(open_id)
        if actual not in {None, kind}:
            entry = "account" if actual == "seller" else actual
            raise ArgumentError(f"open_id: this account is a {actual}'s, and no {kind}'s; client.{entry}(…) takes it")
        return await self.account(open_id)

    def _in_name_of(self, open_id: str) -> ShopView:
        view = self._accounts.get(open_id)
        if view is None:
            app = self._call.credentials
            account = AccountTokens(open_id, self._tokens)
            credentials = Credentials(app_key=app.app_key, app_secret=app.app_secret, account=account)
            view = self._accounts[open_id] = ShopView(Caller(self._call.session, credentials))
        return view

    async def aclose(self) -> None:
        """Close the client's own connections. Neither it nor its views can be used afterwards.

        Tokens that are being renewed at this moment are waited for and stored first. That takes no time mostly, and
        half a minute if the host of tokens hangs.
        """
        self._call.session.closed = True
        # A job of its own, so that no cancellation cuts off the tokens that are on their way.
        closing = self._closing.begin(self._close)
        with anyio.CancelScope(shield=True):
            await closing.wait()

    async def _close(self) -> None:
        for each in self._providers:
            await each.aclose()
        await self._pool.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


def _over_aiohttp(connections: int) -> AiohttpTransport:
    from tiktok_shop_async.transport_aiohttp import AiohttpTransport  # an extra

    return AiohttpTransport(connections=connections)
