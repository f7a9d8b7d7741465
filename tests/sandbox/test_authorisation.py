"""The whole way of an authorisation with this package's client, over a socket: consent, calls, renewal, the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.sandbox.conftest import NOW
from tests.sandbox.forms import Page
from tiktok_shop_async import AuthorizationCodeError, ReauthorizationRequiredError, TikTokShop
from tiktok_shop_async.sandbox import ManualClock, SandboxServer
from tiktok_shop_async.sandbox.life.accounts import AuthorizationRules
from tiktok_shop_async.sandbox.state.clock import DAY
from tiktok_shop_async.tokens import AuthorizationURL, Callback, MemoryTokenStore, read_callback

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox import Sandbox

CALLBACK = "https://app.example/callback"

pytestmark = pytest.mark.anyio


def client_of(sandbox: Sandbox, store: MemoryTokenStore | None = None) -> TikTokShop:
    """A client that has no token yet."""
    return TikTokShop(
        sandbox.app_key, sandbox.app_secret, base_url=sandbox.url, auth_url=sandbox.url, token_store=store
    )


async def consented(sandbox: Sandbox) -> Callback:
    """What comes back from the consent page, whose form is answered as a browser does it."""
    link = AuthorizationURL.seller(sandbox.service_id, market="US")
    async with httpx.AsyncClient(base_url=sandbox.url) as browser:
        page = Page(await browser.get(link.url.removeprefix("https://services.us.tiktokshop.com")))
        answer = await browser.send(page.answer("accept"))
    assert answer.headers["location"].startswith(CALLBACK)
    return read_callback(answer.headers["location"], state=link.state)


async def test_a_client_is_authorised_renews_its_token_and_is_told_when_that_ends(anyio_backend: str) -> None:
    clock = ManualClock(NOW)
    store = MemoryTokenStore()
    rules = AuthorizationRules(redirect_url=CALLBACK)
    async with SandboxServer(orders=20, clock=clock, rules=rules) as sandbox, client_of(sandbox, store) as client:
        code = await consented(sandbox)
        await client.authorize(code)
        shop = await client.shop(sandbox.shop_id)
        assert len((await shop.orders.get_order_list()).orders) == 20
        with pytest.raises(AuthorizationCodeError):
            await client.authorize(code)

        first = await store.get(sandbox.account.id)
        clock.advance(8 * DAY)
        assert (await shop.orders.get_order_list()).orders
        second = await store.get(sandbox.account.id)
        assert first is not None
        assert second is not None
        assert first.tokens.refresh_token != second.tokens.refresh_token == sandbox.refresh_token

        sandbox.revoke()
        with pytest.raises(ReauthorizationRequiredError):
            await shop.orders.get_order_list()
        await client.authorize(sandbox.authorize())
        assert (await shop.orders.get_order_list()).orders


async def test_a_client_of_the_printed_variables_renews_its_token_by_itself(anyio_backend: str) -> None:
    clock = ManualClock(NOW)
    async with SandboxServer(orders=5, clock=clock) as sandbox, TikTokShop.from_env(sandbox.environment) as client:
        assert (await client.orders.get_order_list()).orders
        clock.advance(30 * DAY)
        assert (await client.orders.get_order_list()).orders
        sandbox.expire_tokens(refresh_tokens=True)
        with pytest.raises(ReauthorizationRequiredError):
            await client.orders.get_order_list()


async def test_a_client_finds_the_ciphers_that_a_new_authorisation_gave(anyio_backend: str) -> None:
    rules = AuthorizationRules(renew_ciphers=True)
    async with SandboxServer(orders=5, rules=rules) as sandbox, client_of(sandbox) as client:
        await client.authorize(sandbox.authorize())
        shop = await client.shop(sandbox.shop_id)
        assert (await shop.orders.get_order_list()).orders
        before = sandbox.shop_cipher
        await client.authorize(sandbox.authorize())
        assert sandbox.shop_cipher != before
        assert (await shop.orders.get_order_list()).orders
