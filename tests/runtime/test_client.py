"""The client and its views: how they are made, what they share, how they end."""

from __future__ import annotations

import inspect
import json
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest

from tests.runtime.conftest import CIPHER, TOKEN
from tests.runtime.depot import Depot
from tests.runtime.wire import Wire, answer, page
from tiktok_shop_async import (
    ArgumentError,
    AuthenticationError,
    ClientClosedError,
    CreatorView,
    CredentialsError,
    PartnerView,
    RateLimitError,
    ServerError,
    ShopView,
    TikTokShop,
)
from tiktok_shop_async.api import CreatorResources, PartnerResources, ShopResources
from tiktok_shop_async.client import Settings

if TYPE_CHECKING:
    from tests.runtime.conftest import MakeClient, MakeDepot
    from tiktok_shop_async import RawAnswer

SHOPS = answer({"shops": [{"id": "71", "cipher": "ROW_1"}, {"id": "72", "cipher": "ROW_2"}, {"id": "73"}]})
ENVIRONMENT = {
    "TIKTOK_SHOP_APP_KEY": "k",
    "TIKTOK_SHOP_APP_SECRET": "s",
    "TIKTOK_SHOP_ACCESS_TOKEN": "t",
    "TIKTOK_SHOP_REFRESH_TOKEN": "r",
    "TIKTOK_SHOP_SHOP_CIPHER": "c",
    "TIKTOK_SHOP_BASE_URL": "http://localhost:8000",
    "TIKTOK_SHOP_AUTH_URL": "http://localhost:8000/auth",
}


# Making one


@pytest.mark.parametrize(("key", "secret", "named"), [("", "s", "app_key"), ("k", "", "app_secret")])
def test_an_empty_key_or_secret_is_refused_at_once(key: str, secret: str, named: str) -> None:
    with pytest.raises(CredentialsError, match=f"^{named} is missing: .*TIKTOK_SHOP_{named.upper()}"):
        TikTokShop(key, secret)


@pytest.mark.parametrize(
    "name", ["access_token", "refresh_token", "shop_cipher", "category_asset_cipher", "app_key", "app_secret"]
)
@pytest.mark.parametrize("value", ["abc\n", " abc", "a b", "ab\u200bc"])
def test_a_line_end_or_space_in_a_credential_is_refused_and_not_shown(name: str, value: str) -> None:
    given: dict[str, Any] = {"app_key": "k", "app_secret": "s", name: value}
    with pytest.raises(CredentialsError, match=f"^{name} holds") as caught:
        TikTokShop(**given)
    assert "abc" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "open-api.example",
        "ftp://open-api.example",
        "https://",
        "https://user:pass@open-api.example",
        "https://open-api.example?x=1",
        "https://open-api.example/#x",
        "https://open-api.example:port",
        "https://open api.example",
        "https://open-api.example\n",
        "https://[::1",
        "https://oпen-api.example",
    ],
)
@pytest.mark.parametrize("name", ["base_url", "auth_url"])
def test_an_address_that_is_none_is_refused_and_not_shown(name: str, url: str) -> None:
    given: dict[str, Any] = {name: url}
    with pytest.raises(ArgumentError, match=f"^{name}: give the address of a host") as caught:
        TikTokShop("k", "s", **given)
    assert "pass" not in str(caught.value)


@pytest.mark.anyio
@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://127.0.0.1:8000/", "https://gate.example/tts/"])
async def test_calls_go_to_the_base_url(make_client: MakeClient, url: str) -> None:
    wire = Wire()
    await make_client(wire, base_url=url).request("GET", "/depot/202309/crates")
    assert wire.sent[0].url.startswith(f"{url.rstrip('/')}/depot/202309/crates?")


@pytest.mark.parametrize("timeout", [0, -1, math.nan, True, "5", Decimal(5), httpx.Timeout(5)])
def test_a_time_limit_that_makes_no_sense_is_refused(timeout: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^timeout: "):
        TikTokShop("k", "s", timeout=timeout)


@pytest.mark.parametrize("max_retries", [-1, True, 1.5, "5"])
def test_a_number_of_retries_that_makes_no_sense_is_refused(max_retries: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^max_retries: "):
        TikTokShop("k", "s", max_retries=max_retries)


def test_there_is_one_way_to_send() -> None:
    with pytest.raises(ArgumentError, match=r"^transport, http_client: give one"):
        TikTokShop("k", "s", transport=Wire(), http_client=httpx.AsyncClient())


def test_a_transport_of_httpx_is_told_where_it_belongs() -> None:
    given: Any = httpx.MockTransport(lambda _: httpx.Response(200))
    with pytest.raises(ArgumentError, match=r"^transport: has no send\(\); .* http_client=httpx\.AsyncClient"):
        TikTokShop("k", "s", transport=given)


@pytest.mark.parametrize("name", ["app_key", "app_secret", "access_token"])
def test_a_credential_that_is_no_text_is_refused_and_not_shown(name: str) -> None:
    given: dict[str, Any] = {"app_key": "k", "app_secret": "s", name: 417}
    with pytest.raises(CredentialsError, match=f"^{name}: got int; give a str$"):
        TikTokShop(**given)


def test_the_environment_makes_a_client() -> None:
    client = TikTokShop.from_env(ENVIRONMENT, timeout=5.0)
    credentials = client._call.credentials
    session = client._call.session
    assert (credentials.app_key, credentials.app_secret, credentials.access_token) == ("k", "s", "t")
    assert (credentials.refresh_token, credentials.shop_cipher) == ("r", "c")
    assert (session.base_url, session.auth_url) == ("http://localhost:8000", "http://localhost:8000/auth")
    assert session.timeout == 5.0


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert TikTokShop.from_env()._call.credentials.access_token == "t"


def test_what_the_environment_leaves_out_or_empty_is_the_default() -> None:
    environment = {"TIKTOK_SHOP_APP_KEY": "k", "TIKTOK_SHOP_APP_SECRET": "s", "TIKTOK_SHOP_BASE_URL": ""}
    client = TikTokShop.from_env(environment)
    assert client._call.session.base_url == "https://open-api.tiktokglobalshop.com"
    assert client._call.credentials.access_token is None


@pytest.mark.parametrize("name", ["APP_KEY", "APP_SECRET"])
def test_a_missing_variable_is_named(name: str) -> None:
    environment = {each: value for each, value in ENVIRONMENT.items() if not each.endswith(name)}
    with pytest.raises(CredentialsError, match=f"TIKTOK_SHOP_{name}"):
        TikTokShop.from_env(environment)


def test_from_env_takes_every_setting_that_is_no_credential() -> None:
    parameters = set(inspect.signature(TikTokShop).parameters)
    credentials = {"app_key", "app_secret", "access_token", "refresh_token", "shop_cipher", "category_asset_cipher"}
    assert set(Settings.__annotations__) == parameters - credentials - {"base_url", "auth_url"}


def test_the_repr_says_where_and_who_and_no_more(make_client: MakeClient) -> None:
    client = make_client(Wire())
    assert repr(client) == (
        "TikTokShop(base_url='https://open-api.tiktokglobalshop.com', "
        "Credentials(app_key='app-key-77', app_secret=***, access_token=***, refresh_token=***, shop_cipher=***, "
        "category_asset_cipher=***))"
    )
    assert repr(TikTokShop("k", "s")).endswith("Credentials(app_key='k', app_secret=***))")


# Ending


@pytest.mark.anyio
async def test_the_client_closes_with_its_block(make_client: MakeClient) -> None:
    async with make_client(Wire()) as client:
        await client.request("GET", "/depot/202309/crates")
    with pytest.raises(ClientClosedError):
        await client.request("GET", "/depot/202309/crates")


@pytest.mark.anyio
async def test_a_client_that_is_closed_between_two_attempts_sends_no_other(make_client: MakeClient) -> None:
    """The error is that of the attempt: "closed" would say that nothing was sent."""

    async def close_and_refuse() -> RawAnswer:
        await client.aclose()
        return answer(code=36009002, status=429)

    wire = Wire(close_and_refuse)
    client = make_client(wire)
    with pytest.raises(RateLimitError) as caught:
        await client.request("GET", "/depot/202309/crates")
    assert caught.value.attempts == len(wire.sent) == 1


@pytest.mark.anyio
async def test_a_client_that_was_never_used_closes_too_and_more_than_once() -> None:
    client = TikTokShop("k", "s")
    await client.aclose()
    await client.aclose()


@pytest.mark.anyio
async def test_what_was_handed_over_stays_open() -> None:
    async with httpx.AsyncClient() as http_client:
        async with TikTokShop("k", "s", http_client=http_client):
            pass
        assert not http_client.is_closed


# Views


@pytest.mark.anyio
async def test_a_view_calls_for_its_own_shop_over_the_same_wire(make_client: MakeClient) -> None:
    wire = Wire()
    client = make_client(wire)
    view = client.with_shop(access_token="other-token", shop_cipher="ROW_other")
    await Depot(view._call).get_crate(crate_id="1")
    await Depot(client._call).get_crate(crate_id="1")
    theirs, ours = wire.sent
    assert (theirs.headers["x-tts-access-token"], theirs.query["shop_cipher"]) == ("other-token", "ROW_other")
    assert (ours.headers["x-tts-access-token"], ours.query["shop_cipher"]) == (TOKEN, CIPHER)


@pytest.mark.anyio
async def test_a_view_keeps_what_it_is_not_given(make_client: MakeClient) -> None:
    wire = Wire()
    view = make_client(wire).with_shop(shop_cipher="ROW_other")
    await Depot(view._call).move_crates(crate_ids=["1"])
    assert wire.sent[0].headers["x-tts-access-token"] == TOKEN
    assert wire.sent[0].own_query == {"shop_cipher": "ROW_other", "category_asset_cipher": "asset-cipher-77"}


@pytest.mark.anyio
async def test_an_empty_cipher_is_none_and_not_that_of_another_shop(make_client: MakeClient) -> None:
    view = make_client(Wire()).with_shop(shop_cipher="", category_asset_cipher="")
    with pytest.raises(CredentialsError, match="needs a shop_cipher"):
        await Depot(view._call).get_crate(crate_id="1")
    with pytest.raises(CredentialsError, match="needs a category_asset_cipher"):
        await Depot(view._call).open_depot()


@pytest.mark.anyio
async def test_another_account_does_not_inherit_ciphers(make_client: MakeClient) -> None:
    """They belong to the account that they were given out to."""
    wire = Wire()
    view = make_client(wire).with_shop(access_token="other-token")
    await Depot(view._call).move_crates(crate_ids=["1"])
    assert wire.sent[0].own_query == {}
    assert view._call.credentials.refresh_token is None
    with pytest.raises(CredentialsError, match="shop_cipher"):
        await Depot(view._call).get_crate(crate_id="1")


def test_a_view_has_the_resources_of_the_client(make_client: MakeClient) -> None:
    client = make_client(Wire())
    assert type(client.with_shop(shop_cipher="x").orders) is type(client.orders)


@pytest.mark.parametrize(
    ("view", "resources"),
    [(ShopView, ShopResources), (CreatorView, CreatorResources), (PartnerView, PartnerResources)],
)
def test_a_view_has_the_resources_for_its_kind_of_account_and_the_client_has_all(view: type, resources: type) -> None:
    every = {name for each in (ShopResources, CreatorResources, PartnerResources) for name in vars(each)}
    own = {name for name in vars(resources) if not name.startswith("_")}
    assert own == {name for name in every if hasattr(view, name) and not name.startswith("_")}
    assert own <= set(dir(TikTokShop))


def test_what_was_released_on_shops_stays_there() -> None:
    released = {"authorization", "event", "finance", "fulfillment", "logistics", "orders", "products", "returns"}
    assert released | {"seller", "supply_chain"} <= set(dir(ShopView))


def test_the_repr_of_a_view_shows_no_secret(make_client: MakeClient) -> None:
    view = make_client(Wire()).with_shop(access_token="other-token", shop_cipher="ROW_other")
    assert repr(view).startswith("ShopView(")
    assert "other" not in repr(view)


# Finding a shop


@pytest.mark.anyio
async def test_a_shop_is_found_by_its_id(make_client: MakeClient) -> None:
    wire = Wire(SHOPS, answer({}))
    shop = await make_client(wire, shop_cipher=None).shop("72")
    await Depot(shop._call).get_crate(crate_id="1")
    lookup, call = wire.sent
    assert (lookup.method, lookup.path, lookup.own_query) == ("GET", "/authorization/202309/shops", {})
    assert call.query["shop_cipher"] == "ROW_2"


@pytest.mark.anyio
async def test_the_lookup_sends_no_cipher(make_client: MakeClient) -> None:
    wire = Wire(SHOPS)
    await make_client(wire).shop("71")
    assert wire.sent[0].own_query == {}


@pytest.mark.anyio
async def test_the_shops_of_a_token_are_asked_for_once(make_client: MakeClient) -> None:
    wire = Wire(SHOPS)
    client = make_client(wire)
    await client.shop("71")
    await client.shop("72")
    await client.with_shop(shop_cipher="x").shop("71")
    assert len(wire.sent) == 1


@pytest.mark.anyio
async def test_tasks_that_start_together_ask_once(make_client: MakeClient) -> None:
    wire = Wire(SHOPS)
    client = make_client(wire)
    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(client.shop, "71")
    assert len(wire.sent) == 1


@pytest.mark.anyio
async def test_a_lookup_keeps_no_other_account_waiting(make_client: MakeClient) -> None:
    async def hang() -> RawAnswer:
        await anyio.sleep_forever()
        raise AssertionError

    client = make_client(Wire(hang, SHOPS))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(client.shop, "71")
        await anyio.wait_all_tasks_blocked()
        other = await client.with_shop(access_token="other-token").shop("71")
        assert other._call.credentials.shop_cipher == "ROW_1"
        tasks.cancel_scope.cancel()


@pytest.mark.anyio
async def test_a_lookup_that_is_cancelled_leaves_the_next_one_free(make_client: MakeClient) -> None:
    async def hang() -> RawAnswer:
        await anyio.sleep_forever()
        raise AssertionError

    client = make_client(Wire(hang, SHOPS))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(client.shop, "71")
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    assert (await client.shop("71"))._call.credentials.shop_cipher == "ROW_1"


@pytest.mark.anyio
async def test_each_token_has_shops_of_its_own(make_client: MakeClient) -> None:
    wire = Wire(SHOPS, answer({"shops": [{"id": "71", "cipher": "ROW_9"}]}))
    client = make_client(wire)
    await client.shop("71")
    other = await client.with_shop(access_token="other-token").shop("71")
    assert other._call.credentials.shop_cipher == "ROW_9"
    assert wire.sent[1].headers["x-tts-access-token"] == "other-token"


@pytest.mark.anyio
async def test_a_shop_that_was_authorised_since_is_found(make_client: MakeClient) -> None:
    wire = Wire(SHOPS, answer({"shops": [{"id": "74", "cipher": "ROW_4"}]}))
    client = make_client(wire)
    await client.shop("71")
    assert (await client.shop("74"))._call.credentials.shop_cipher == "ROW_4"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("lookup", "told"),
    [
        (SHOPS, r"covers 2 shops \('71', '72'\), and not this one"),
        (answer({"shops": [{"id": "71", "cipher": "c"}]}), r"covers 1 shop \('71'\), and not this one"),
        (
            answer({"shops": [{"id": str(number), "cipher": "c"} for number in range(7)]}),
            r"covers 7 shops \('0', '1', '2', '3', '4', …\), and not this one",
        ),
        (answer({"shops": []}), "covers 0 shops, and not this one"),
        (answer({}), "covers 0 shops"),
        (answer(None), "covers 0 shops"),
        (answer({"shops": [None, "x", {"id": 99}, {"cipher": "c"}]}), "covers 0 shops"),
    ],
)
async def test_a_shop_that_the_token_does_not_cover_is_an_error(
    make_client: MakeClient, lookup: Any, told: str
) -> None:
    with pytest.raises(ArgumentError, match=f"^shop_id: the access token {told}"):
        await make_client(Wire(lookup)).shop("99")


@pytest.mark.anyio
async def test_a_shop_cannot_be_found_without_a_token(make_client: MakeClient) -> None:
    wire = Wire()
    with pytest.raises(CredentialsError, match="needs an access token"):
        await make_client(wire, access_token=None, refresh_token=None).shop("71")
    assert wire.sent == []


@pytest.mark.anyio
async def test_a_lookup_that_fails_is_not_remembered(make_client: MakeClient) -> None:
    wire = Wire(answer(code=101000), SHOPS)
    client = make_client(wire)
    with pytest.raises(AuthenticationError):
        await client.shop("71")
    assert (await client.shop("71"))._call.credentials.shop_cipher == "ROW_1"


# Endpoints that the package has no method for


@pytest.mark.anyio
async def test_an_unlisted_endpoint_gives_the_raw_answer(make_client: MakeClient) -> None:
    wire = Wire(answer({"wagons": [1]}))
    response = await make_client(wire).request("POST", "/yard/202511/wagons", query={"n": 1}, body={"a": 1})
    assert response.data == {"wagons": [1]}
    assert (response.operation, response.attempts) == ("POST /yard/202511/wagons", 1)
    assert wire.sent[0].own_query == {"n": "1", "shop_cipher": CIPHER}
    assert json.loads(wire.sent[0].body) == {"a": 1}


@pytest.mark.anyio
async def test_which_ciphers_an_unlisted_endpoint_gets_can_be_chosen(make_client: MakeClient) -> None:
    wire = Wire()
    client = make_client(wire)
    await client.request("GET", "/a/202309/b", shop_cipher=False)
    await client.request("GET", "/a/202309/b", shop_cipher=False, category_asset_cipher=True)
    await make_client(wire, shop_cipher=None).request("GET", "/a/202309/b")
    assert [sent.own_query for sent in wire.sent] == [{}, {"category_asset_cipher": "asset-cipher-77"}, {}]


@pytest.mark.anyio
async def test_an_unlisted_get_is_tried_again_and_a_post_is_not(make_client: MakeClient) -> None:
    wire = Wire(answer(code=36009003), answer({}), answer(code=36009003))
    client = make_client(wire)
    await client.request("GET", "/a/202309/b")
    with pytest.raises(ServerError) as caught:
        await client.request("POST", "/a/202309/b")
    assert caught.value.outcome_unknown is True
    assert len(wire.sent) == 3


@pytest.mark.anyio
async def test_an_unlisted_upload_is_a_form(make_client: MakeClient) -> None:
    wire = Wire()
    await make_client(wire).request("POST", "/a/202309/b", body={"name": "n"}, files={"data": b"content"})
    assert wire.sent[0].headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="name"\r\n\r\nn\r\n' in wire.sent[0].body
    assert b"content" in wire.sent[0].body


@pytest.mark.anyio
async def test_an_unlisted_endpoint_needs_a_token(make_client: MakeClient) -> None:
    with pytest.raises(CredentialsError, match=r"^GET /a/202309/b needs an access token"):
        await make_client(Wire(), access_token=None, refresh_token=None).request("GET", "/a/202309/b")


@pytest.mark.anyio
async def test_a_response_reads_its_body_and_shows_little_of_it(make_depot: MakeDepot) -> None:
    at = make_depot(page('{"code":0,"message":"","request_id":"r1","data":{"name":"Ada"}}'))
    response = await at.client.request("GET", "/a/202309/b")
    assert response.json()["data"] == response.data == {"name": "Ada"}
    assert repr(response) == "<Response 200 GET /a/202309/b request_id='r1' 63 bytes>"
