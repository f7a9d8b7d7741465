"""Codes and tokens: what the token endpoints answer, what they refuse, and what tests can bring about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.sandbox.signed_calls import BASE_URL
from tiktok_shop_async.sandbox.gate.category_assets import category_assets
from tiktok_shop_async.sandbox.life.accounts import (
    AuthorizationRules,
    consent,
    exchange,
    expire_tokens,
    ready_token,
    renew_ready_token,
    revoke,
)
from tiktok_shop_async.sandbox.state.clock import DAY, MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.sandbox.signed_calls import Caller
    from tiktok_shop_async.sandbox.life.accounts import Account

SHOPS = "/authorization/202309/shops"
SEARCH = "/order/202309/orders/search"


def ask(caller: Caller, step: str, **changes: str | None) -> httpx.Response:
    """A request for tokens with the right app credentials, but for the changes; None takes one out."""
    query: dict[str, str | None] = {"app_key": caller.world.app_key, "app_secret": caller.world.app_secret}
    query["grant_type"] = "authorized_code" if step == "get" else "refresh_token"
    query |= changes
    given = {name: value for name, value in query.items() if value is not None}
    return caller.fetch(f"{BASE_URL}/api/v2/token/{step}?{urlencode(given)}")


def tokens(response: httpx.Response) -> dict[str, Any]:
    """The tokens of an answer, which has to be a success."""
    envelope = response.json()
    assert (response.status_code, envelope["code"]) == (200, 0), envelope
    data: dict[str, Any] = envelope["data"]
    return data


def account_of(caller: Caller, kind: str) -> Account:
    """The first account of a kind."""
    return next(account for account in caller.world.accounts if account.kind == kind)


def code_of(caller: Caller, kind: str = "seller", **settings: Any) -> str:
    """A code, from the consent of the first account of a kind."""
    return consent(caller.world, account_of(caller, kind), **settings).id


def exchanged(caller: Caller, kind: str = "seller", **settings: Any) -> dict[str, Any]:
    """The tokens for a new code."""
    return tokens(ask(caller, "get", auth_code=code_of(caller, kind, **settings)))


def refreshed(caller: Caller, refresh_token: str) -> dict[str, Any]:
    """The tokens for a refresh token."""
    return tokens(ask(caller, "refresh", refresh_token=refresh_token))


def search(caller: Caller, token: str) -> int:
    """The code that a search for orders is answered with."""
    return caller.with_token(token).post(SEARCH, page_size=10).code


def test_a_code_gives_tokens_that_open_the_shops(caller: Caller) -> None:
    data = exchanged(caller)
    seller = account_of(caller, "seller")
    assert data["access_token_expire_in"] == caller.world.now + 7 * DAY
    assert data["refresh_token_expire_in"] > data["access_token_expire_in"]
    assert (data["open_id"], data["user_type"]) == (seller.id, 0)
    assert (data["seller_name"], data["seller_base_region"]) == (seller.name, "US")
    assert {"seller.order.info", "seller.product.write"} <= set(data["granted_scopes"])
    opened = caller.with_token(data["access_token"]).without_cipher().get(SHOPS).data["shops"]
    assert [shop["id"] for shop in opened] == [shop.id for shop in caller.world.shops]


@pytest.mark.parametrize(("kind", "user_type"), [("seller", 0), ("creator", 1), ("partner", 3)])
def test_the_kind_of_account_is_told_and_kept(caller: Caller, kind: str, user_type: int) -> None:
    data = exchanged(caller, kind)
    assert data["user_type"] == user_type
    assert refreshed(caller, data["refresh_token"])["user_type"] == user_type
    assert search(caller, data["access_token"]) == (0 if kind == "seller" else 101000)


def test_shops_and_scopes_that_were_not_granted_are_refused(caller: Caller) -> None:
    british = list(caller.world.shops)[1].id
    other_shop = exchanged(caller, shop_ids=[british])
    assert search(caller, other_shop["access_token"]) == 101000
    other_scope = exchanged(caller, scopes=["seller.product.basic"])
    assert other_scope["granted_scopes"] == ["seller.product.basic"]
    assert search(caller, other_scope["access_token"]) == 105005


def test_a_shop_of_someone_else_cannot_be_granted(caller: Caller) -> None:
    with pytest.raises(ValueError, match="4711: not a shop of"):
        code_of(caller, shop_ids=["4711"])


def test_a_code_works_once(caller: Caller) -> None:
    code = code_of(caller)
    tokens(ask(caller, "get", auth_code=code))
    again = ask(caller, "get", auth_code=code)
    assert (again.status_code, again.json()["code"]) == (400, 36004004)
    assert "used before" in again.json()["message"]


@pytest.mark.parametrize(("age", "code"), [(30 * MINUTE - 1, 0), (30 * MINUTE, 36004004)])
def test_a_code_lives_for_half_an_hour(caller: Caller, age: int, code: int) -> None:
    given = code_of(caller)
    caller.clock.advance(age)
    assert ask(caller, "get", auth_code=given).json()["code"] == code


REFUSALS: dict[str, tuple[Callable[[Caller], httpx.Response], int, int, str]] = {
    "no app key": (lambda c: ask(c, "get", app_key=None, auth_code="x"), 36009004, 400, "`app_key` is required"),
    "another app key": (lambda c: ask(c, "get", app_key="x", auth_code="x"), 36009004, 400, "`app_key` is wrong"),
    "another secret": (lambda c: ask(c, "get", app_secret="x", auth_code="x"), 36009004, 400, "`app_secret` is wrong"),
    "another grant type": (lambda c: ask(c, "get", grant_type="refresh_token"), 36009004, 400, "authorized_code"),
    "no code": (lambda c: ask(c, "get"), 36009004, 400, "`auth_code` is required"),
    "a code that was made up": (lambda c: ask(c, "get", auth_code="x"), 36004004, 400, "unknown"),
    "the code of a refusal": (lambda c: ask(c, "get", auth_code="null"), 36004004, 400, "unknown"),
    "a refresh with the other grant type": (
        lambda c: ask(c, "refresh", grant_type="authorized_code", refresh_token="x"), 36009004, 400, "grant_type",
    ),
    "no refresh token": (lambda c: ask(c, "refresh"), 36009004, 400, "`refresh_token` is required"),
    "a refresh token that was made up": (lambda c: ask(c, "refresh", refresh_token="x"), 36009004, 401, "unknown"),
    "another step": (lambda c: ask(c, "revoke"), 36009009, 404, "path"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSALS)
def test_the_token_endpoints_refuse(reader: Caller, what: str) -> None:
    request, code, status, words = REFUSALS[what]
    response = request(reader)
    envelope = response.json()
    assert (envelope["code"], response.status_code) == (code, status), envelope
    assert words in envelope["message"]
    assert reader.world.app_secret not in response.text


def test_the_token_endpoints_take_no_other_method(reader: Caller) -> None:
    answer = reader.send("POST", "/api/v2/token/get", {})
    assert (answer.code, answer.status) == (36009010, 405)


def test_a_refresh_gives_a_new_pair_and_ends_the_refresh_token_before(caller: Caller) -> None:
    first = exchanged(caller)
    caller.clock.advance(6 * DAY)
    second = refreshed(caller, first["refresh_token"])
    assert second["access_token_expire_in"] == caller.world.now + 7 * DAY
    assert second["refresh_token"] != first["refresh_token"]
    replaced = ask(caller, "refresh", refresh_token=first["refresh_token"])
    assert (replaced.status_code, replaced.json()["code"]) == (401, 36009004)
    assert "replaced by a newer one" in replaced.json()["message"]
    assert search(caller, first["access_token"]) == search(caller, second["access_token"]) == 0


def test_a_refresh_token_can_be_kept(caller: Caller) -> None:
    caller.world.rules = AuthorizationRules(rotate_refresh_tokens=False)
    first = exchanged(caller)
    second = refreshed(caller, first["refresh_token"])
    third = refreshed(caller, first["refresh_token"])
    assert first["refresh_token"] == second["refresh_token"] == third["refresh_token"]
    assert first["refresh_token_expire_in"] == third["refresh_token_expire_in"]
    assert len({each["access_token"] for each in (first, second, third)}) == 3


def test_a_refresh_grants_what_was_granted_and_no_more(caller: Caller) -> None:
    first = exchanged(caller, shop_ids=[caller.shop.id], scopes=["seller.order.info", "seller.authorization.info"])
    second = refreshed(caller, first["refresh_token"])
    assert second["granted_scopes"] == ["seller.authorization.info", "seller.order.info"]
    opened = caller.with_token(second["access_token"]).without_cipher().get(SHOPS).data["shops"]
    assert [shop["id"] for shop in opened] == [caller.shop.id]


def test_an_access_token_ends_after_seven_days(caller: Caller) -> None:
    data = exchanged(caller)
    caller.clock.advance(7 * DAY - 1)
    assert search(caller, data["access_token"]) == 0
    caller.clock.advance(1)
    assert search(caller, data["access_token"]) == 105002


def test_a_refresh_token_ends_too(caller: Caller) -> None:
    data = exchanged(caller)
    caller.clock.advance(data["refresh_token_expire_in"] - caller.world.now)
    over = ask(caller, "refresh", refresh_token=data["refresh_token"])
    assert (over.status_code, over.json()["code"]) == (401, 36009004)
    assert "over" in over.json()["message"]


def test_access_tokens_can_be_ended_ahead_of_their_time(caller: Caller) -> None:
    data = exchanged(caller)
    expire_tokens(caller.world)
    assert search(caller, data["access_token"]) == 105002
    assert search(caller, refreshed(caller, data["refresh_token"])["access_token"]) == 0


def test_refresh_tokens_end_ahead_of_their_time_when_told_so(caller: Caller) -> None:
    data = exchanged(caller)
    expire_tokens(caller.world, refresh_tokens=True)
    assert ask(caller, "refresh", refresh_token=data["refresh_token"]).status_code == 401


def test_the_tokens_of_one_account_end_alone(caller: Caller) -> None:
    seller, creator = exchanged(caller), exchanged(caller, "creator")
    expire_tokens(caller.world, account_of(caller, "creator"), refresh_tokens=True)
    assert search(caller, seller["access_token"]) == 0
    refreshed(caller, seller["refresh_token"])
    assert ask(caller, "refresh", refresh_token=creator["refresh_token"]).status_code == 401


def test_a_withdrawn_authorisation_ends_both_tokens(caller: Caller) -> None:
    data = exchanged(caller)
    revoke(caller.world, account_of(caller, "seller"))
    assert search(caller, data["access_token"]) == 105002
    refused = ask(caller, "refresh", refresh_token=data["refresh_token"])
    assert "withdrawn" in refused.json()["message"]
    assert search(caller, exchanged(caller)["access_token"]) == 0


def test_a_withdrawn_authorisation_is_told_for_each_of_its_shops(caller: Caller) -> None:
    caller.world.deliveries.manner.address = "https://app.example/hook"
    british = list(caller.world.shops)[1].id
    exchanged(caller, shop_ids=[british])
    for _ in range(2):
        revoke(caller.world, account_of(caller, "seller"))
    (told,) = caller.world.deliveries.log()
    assert (told.event_type, told.shop_id) == ("SELLER_DEAUTHORIZATION", british)


def test_a_new_authorisation_ends_the_refresh_token_before(caller: Caller) -> None:
    first, second = exchanged(caller), exchanged(caller)
    assert ask(caller, "refresh", refresh_token=first["refresh_token"]).status_code == 401
    refreshed(caller, second["refresh_token"])


def test_ciphers_stay_unless_told_otherwise(caller: Caller) -> None:
    exchanged(caller)
    assert caller.shop.cipher == caller.cipher


def test_a_new_authorisation_can_give_new_ciphers(caller: Caller) -> None:
    caller.world.rules = AuthorizationRules(renew_ciphers=True)
    american, british, *_ = caller.world.shops
    before = american.cipher, british.cipher
    data = exchanged(caller, shop_ids=[american.id])
    assert (american.cipher, british.cipher) != before
    assert american.cipher.startswith("TTP_")
    assert british.cipher == before[1]
    assert search(caller, data["access_token"]) == 36009004


def test_a_new_authorisation_of_a_partner_can_give_its_category_assets_new_ciphers(caller: Caller) -> None:
    given = category_assets(caller.world)
    exchanged(caller, "partner")
    assert category_assets(caller.world) == given
    caller.world.rules = AuthorizationRules(renew_ciphers=True)
    before = category_assets(caller.world)
    exchanged(caller, "creator")
    assert category_assets(caller.world) == before
    exchanged(caller, "partner")
    after = category_assets(caller.world)
    assert not {asset.cipher for asset in after} & {asset.cipher for asset in before}
    assert [asset.category_name for asset in after] == [asset.category_name for asset in before]


def test_the_ready_token_is_replaced_when_it_is_over_and_the_refresh_token_stays(caller: Caller) -> None:
    world = caller.world
    first, grant = ready_token(world), next(iter(world.accounts)).grant
    assert first is not None
    assert renew_ready_token(world) == first
    caller.clock.advance(7 * DAY)
    assert search(caller, first.id) == 105002
    assert ready_token(world) is None
    second = renew_ready_token(world)
    assert second is not None
    assert search(caller, second.id) == 0
    assert next(iter(world.accounts)).grant == grant


def test_no_token_is_ready_after_a_withdrawal(caller: Caller) -> None:
    revoke(caller.world, caller.world.accounts[next(iter(caller.world.accounts)).id])
    assert renew_ready_token(caller.world) is None
    assert next(iter(caller.world.accounts)).grant is None


def test_exchanges_are_logged_without_their_credentials(caller: Caller, caplog: pytest.LogCaptureFixture) -> None:
    code = code_of(caller)
    with caplog.at_level("INFO", logger="tiktok_shop_async.sandbox"):
        data = tokens(ask(caller, "get", auth_code=code))
    assert "GET /api/v2/token/get -> 200, code 0" in caplog.text
    for secret in (caller.world.app_secret, code, data["access_token"], data["refresh_token"]):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    "url", ["/callback", "callback", "https://app.example/#part", "https://", "https://a\n.example"]
)
def test_a_redirect_url_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="no redirect URL"):
        AuthorizationRules(redirect_url=url)


def test_a_code_is_bound_to_its_account(caller: Caller) -> None:
    account, _, token = exchange(caller.world, code_of(caller, "creator"))
    assert account.kind == token.kind == "creator"
    assert token.account_id == account.id
