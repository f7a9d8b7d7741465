"""The guides to accounts, shops and workers: their code runs, against a sandbox and a small OAuth server."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest
from redis.asyncio import Redis

from tests.docs.test_readme import ROOT, run
from tests.redis_server import needs_redis, running_redis
from tests.tokens.oauth_server import OAuthServer
from tiktok_shop_async import TikTokShop
from tiktok_shop_async.sandbox import Sandbox, SandboxServer
from tiktok_shop_async.tokens import RedisTokenStore, SQLiteTokenStore, Tokens, provider

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.anyio

FAR = 4_000_000_000


def snippets(guide: str) -> list[str]:
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with SandboxServer(orders=60) as running:
        yield running


@pytest.fixture
def oauth(sandbox: Sandbox) -> Iterator[OAuthServer]:
    """It gives out the sandbox's token."""
    with OAuthServer() as server:
        make = server.tokens
        server.tokens = lambda generation: make(generation) | {"access_token": sandbox.access_token}  # type: ignore[method-assign]
        yield server


@pytest.fixture
def names(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> dict[str, Any]:
    monkeypatch.chdir(tmp_path)
    return {"app_key": sandbox.app_key, "app_secret": sandbox.app_secret, "shop_id": sandbox.shop_id}


async def test_a_seller_is_authorised(
    sandbox: Sandbox, oauth: OAuthServer, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = TikTokShop.__init__.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "base_url", sandbox.url)
    monkeypatch.setitem(defaults, "auth_url", oauth.url)
    visited: list[str] = []
    told: list[str] = []
    names |= {
        "session": {},
        "redirect": visited.append,
        "notify": told.append,
        "page_for": str,
        "open_id": oauth.tokens(1)["open_id"],
    }
    store, link, callback, calls, end, encryption = snippets("authorise.md")
    names |= await run(store, names)
    names |= await run(link, names)
    assert visited == [names["page"].url]
    state = names["session"]["state"]
    on_callback = (await run(callback, names))["on_callback"]
    assert await on_callback("?code=null&error=auth_denied&state=" + state) == (
        "You declined. The app needs the access to show your orders."
    )
    assert (await on_callback("?code=c")).startswith("You come from the app store")
    assert (await on_callback("?code=c&state=another")).startswith("This is not the answer")
    assert (await on_callback("?state=" + state)).startswith("TikTok sent no code")
    assert (await on_callback(f"https://me.test/back?code=c&state={state}")).startswith("Welcome, ")
    names |= await run(calls, names)
    assert names["page"].orders
    names |= await run(end, names)
    assert told == []
    assert await run(encryption, names)
    await names["client"].aclose()


async def test_many_shops_are_called_for(
    sandbox: Sandbox, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(TikTokShop.__init__.__kwdefaults__ or {}, "base_url", sandbox.url)
    for number, shop in enumerate(sandbox.world.shops):
        tokens = Tokens(
            access_token=sandbox.issue_token(shop_ids=[shop.id]),
            refresh_token="r",
            access_token_expire_in=FAR,
            open_id=f"account {number}",
        )
        await SQLiteTokenStore("tokens.db").put(tokens.open_id, tokens)
    shops = list(sandbox.world.shops)
    names |= {
        "shop_ids": [each.id for each in shops],
        "token": sandbox.access_token,
        "cipher": sandbox.shop_cipher,
    }
    first, all_at_once, by_account, elsewhere = snippets("many-shops.md")
    names |= await run(first, names)
    assert names["page"].orders
    names |= await run(all_at_once, names)
    names |= await run(by_account, names)
    names |= await run(elsewhere, names)
    printed = capsys.readouterr().out
    for each in shops:
        assert f"{each.id} {len(each.orders)}" in printed
        assert f"{each.name} {len(each.orders)}" in printed
    await names["client"].aclose()


async def test_creators_and_partners_are_called_for(
    sandbox: Sandbox, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for setting in ("base_url", "auth_url"):
        monkeypatch.setitem(TikTokShop.__init__.__kwdefaults__ or {}, setting, sandbox.url)
    names |= {
        "service_id": sandbox.service_id,
        "code_of_a_creator": sandbox.authorize("creator"),
        "code_of_a_partner": sandbox.authorize("partner"),
        "token_of_a_creator": sandbox.issue_token("creator"),
        "token_of_a_partner": sandbox.issue_token("partner"),
    }
    pages, *others = snippets("creators-and-partners.md")
    names |= await run(pages, names)
    assert names["of_creators"].url.startswith("https://shop.tiktok.com/alliance/creator/auth?")
    assert names["of_partners"].url.startswith("https://partner.us.tiktokshop.com/open/authorize?")
    for each in others:
        names |= await run(each, names)
    await names["test_a_partner_has_opened_home_supplies_in_gb"](sandbox)
    assert "GB 600001 Home supplies" in capsys.readouterr().out
    assert len(names["answer"].data["category_assets"]) == 3
    await names["client"].aclose()


async def test_workers_of_one_machine_share_a_file(
    sandbox: Sandbox, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TikTokShop.__init__.__kwdefaults__ or {}, "base_url", sandbox.url)
    await SQLiteTokenStore("tokens.db").put("account", tokens_of(sandbox))
    one_machine, _ = snippets("many-workers.md")
    names |= await run(one_machine, names | {"workers": 4})
    assert names["page"].orders
    await names["client"].aclose()


@needs_redis
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_workers_of_many_machines_share_redis(
    sandbox: Sandbox, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(TikTokShop.__init__.__kwdefaults__ or {}, "base_url", sandbox.url)
    _, many_machines = snippets("many-workers.md")
    with running_redis(tmp_path) as server:
        async with Redis.from_url(server.url) as redis:
            await RedisTokenStore(redis).put("account", tokens_of(sandbox))
        names |= await run(many_machines, names | {"redis_url": server.url})
        assert names["page"].orders
        await names["client"].aclose()
        await names["redis"].aclose()


def tokens_of(sandbox: Sandbox) -> Tokens:
    return Tokens(access_token=sandbox.access_token, refresh_token="r", access_token_expire_in=FAR, open_id="account")


def test_the_margin_is_the_default() -> None:
    assert inspect.signature(TikTokShop).parameters["refresh_margin"].default == provider.DEFAULT_MARGIN == 3600
    assert "one to two hours before its end" in (ROOT / "docs" / "authorise.md").read_text(encoding="utf-8")
