"""Creators and partners in the sandbox: their tokens, the category assets of partners, and what is made up for both."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.sandbox.forms import Page
from tiktok_shop_async import ArgumentError, AuthenticationError, ReauthorizationRequiredError, TikTokShop
from tiktok_shop_async.sandbox import Sandbox
from tiktok_shop_async.sandbox.life.accounts import AuthorizationRules, exchange
from tiktok_shop_async.sandbox.spec import BUNDLE, Spec
from tiktok_shop_async.tokens import AuthorizationURL, MemoryTokenStore, Tokens, read_callback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

CALLBACK = "https://app.example/tiktok/callback"
CAMPAIGNS, SHOWCASE = "/garden_partner/202405/campaigns", "/garden_creator/202405/showcase"
TEXT = {"type": "string"}


def listing(token: str, identifiers: dict[str, str]) -> dict[str, Any]:
    """An operation that has no behaviour of its own."""
    data = {"type": "object", "properties": {"target_market": TEXT, "name": TEXT}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Envelope"}, {"properties": {"data": data}}]}
    return {
        "get": {
            "operationId": f"read_of_{token}",
            "x-version": "202405",
            "x-status": "stable",
            "x-scopes": [f"{token}.garden.read"],
            "x-token": token,
            "x-identifiers": identifiers,
            "x-safety": "read",
            "x-markets": "all",
            "responses": {"200": {"content": {"application/json": {"schema": schema}}}},
        }
    }


@pytest.fixture
def sandbox() -> Sandbox:
    document = json.loads(BUNDLE.read_bytes())
    document["paths"][CAMPAIGNS] = listing("partner", {"category_asset_cipher": "required"})
    document["paths"][SHOWCASE] = listing("creator", {})
    rules = AuthorizationRules(redirect_url=CALLBACK, renew_ciphers=True)
    return Sandbox(orders=5, spec=Spec(document), rules=rules)


@pytest.fixture
async def client(sandbox: Sandbox, anyio_backend: str) -> AsyncIterator[TikTokShop]:
    ready = [
        Tokens(access_token=each.access_token, refresh_token=each.refresh_token, open_id=each.open_id, user_type=kind)
        for each, kind in ((sandbox.creator, 1), (sandbox.partner, 3))
    ]
    async with (
        sandbox.http_client() as http,
        TikTokShop(
            sandbox.app_key,
            sandbox.app_secret,
            token_store=MemoryTokenStore({each.open_id: each for each in ready}),
            base_url=sandbox.url,
            auth_url=sandbox.url,
            http_client=http,
        ) as client,
    ):
        yield client


async def consented(sandbox: Sandbox, link: AuthorizationURL) -> Any:
    """What comes back from a consent page, whose form is answered as a browser does it."""
    async with sandbox.http_client() as browser:
        url = httpx.URL(link.url)
        page = Page(await browser.get(url.raw_path.decode()))
        answer = await browser.send(page.answer("accept"))
    assert answer.headers["location"].startswith(CALLBACK)
    return read_callback(answer.headers["location"], state=link.state)


async def test_a_creator_consents_on_the_page_for_creators(client: TikTokShop, sandbox: Sandbox) -> None:
    callback = await consented(sandbox, AuthorizationURL.creator(sandbox.app_key))
    creator = await client.authorize(callback, kind="creator")
    assert creator.open_id == sandbox.creator.open_id
    with pytest.raises(ArgumentError, match=r"creator's, and no partner's"):
        await client.partner(sandbox.creator.open_id)
    assert (await creator.request("GET", SHOWCASE)).data["name"]


async def test_the_tokens_of_both_are_ready(client: TikTokShop, sandbox: Sandbox) -> None:
    creator = await client.creator(sandbox.creator.open_id)
    partner = await client.partner(sandbox.partner.open_id)
    assert (await creator.request("GET", SHOWCASE)).data.keys() == {"target_market", "name"}
    assert len((await partner.authorization.get_authorized_category_assets()).category_assets) == 3


def test_they_stay_until_they_are_over(sandbox: Sandbox) -> None:
    first = sandbox.creator
    assert sandbox.creator == first
    sandbox.expire_tokens()
    second = sandbox.creator
    assert second.access_token not in {"", first.access_token}
    assert second.refresh_token == first.refresh_token


async def test_who_withdraws_has_none_until_the_next_consent(client: TikTokShop, sandbox: Sandbox) -> None:
    creator = await client.creator(sandbox.creator.open_id)
    sandbox.revoke("creator")
    assert (sandbox.creator.access_token, sandbox.creator.refresh_token) == ("", "")
    assert sandbox.access_token
    with pytest.raises(ReauthorizationRequiredError):
        await creator.request("GET", SHOWCASE)
    await client.authorize(sandbox.authorize("creator"))
    assert (await creator.request("GET", SHOWCASE)).data["name"]


async def test_a_token_of_another_kind_is_refused(client: TikTokShop, sandbox: Sandbox) -> None:
    creator = await client.creator(sandbox.creator.open_id)
    asset = creator.with_category_asset(sandbox.category_asset_cipher)
    with pytest.raises(AuthenticationError, match="takes a partner token, not one of a creator") as caught:
        await asset.request("GET", CAMPAIGNS, category_asset_cipher=True)
    assert caught.value.code == 101000


async def test_what_is_made_up_for_a_category_asset_is_about_its_market(client: TikTokShop, sandbox: Sandbox) -> None:
    partner = await client.partner(sandbox.partner.open_id)
    for market, category_id in (("GB", 600_001), ("US", 600_001)):
        asset = await partner.category_asset(target_market=market, category_id=category_id)
        answer = await asset.request("GET", CAMPAIGNS, category_asset_cipher=True)
        assert answer.data["target_market"] == market


async def test_a_category_asset_has_to_be_named(client: TikTokShop, sandbox: Sandbox) -> None:
    partner = await client.partner(sandbox.partner.open_id)
    with pytest.raises(AuthenticationError, match="Missing identifier: `category_asset_cipher`"):
        await partner.request("GET", CAMPAIGNS)


async def test_a_client_finds_the_cipher_that_a_new_consent_gave(client: TikTokShop, sandbox: Sandbox) -> None:
    partner = await client.partner(sandbox.partner.open_id)
    asset = await partner.category_asset(target_market="GB")
    assert (await asset.request("GET", CAMPAIGNS, category_asset_cipher=True)).attempts == 1
    before = sandbox.category_asset_cipher
    exchange(sandbox.world, sandbox.authorize("partner"))  # elsewhere, so that this client does not know
    assert sandbox.category_asset_cipher != before
    assert (await asset.request("GET", CAMPAIGNS, category_asset_cipher=True)).attempts == 2
