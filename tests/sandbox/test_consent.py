"""The consent page over HTTP: who is asked, what comes back, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

import httpx
import pytest

from tests.sandbox.forms import Page
from tests.sandbox.snapshot import as_after_a_kill
from tiktok_shop_async.sandbox.life.accounts import AuthorizationRules, exchange
from tiktok_shop_async.sandbox.state.storage import Storage

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.signed_calls import Caller

CALLBACK = "https://app.example/tiktok/callback"
HOME = "http://127.0.0.1:8080"


def get(caller: Caller, path: str, **query: str) -> httpx.Response:
    """A page."""
    return caller.send_request(httpx.Request("GET", f"{HOME}{path}?{urlencode(query)}"))


def seller_page(caller: Caller, **query: str) -> Page:
    """The consent page of sellers."""
    response = get(caller, "/open/authorize", service_id=caller.world.service_id, **query)
    assert response.status_code == 200
    return Page(response)


def sent_back(response: httpx.Response, to: str = CALLBACK) -> dict[str, str]:
    """The parameters that the app gets, at its own address."""
    assert response.status_code == 303, response.text
    place, _, query = response.headers["location"].partition("?")
    assert place == to
    return {name: value for name, (value,) in parse_qs(query, keep_blank_values=True, strict_parsing=True).items()}


@pytest.fixture
def caller(caller: Caller) -> Caller:
    """A caller whose app has a redirect URL."""
    caller.world.rules = AuthorizationRules(redirect_url=CALLBACK)
    return caller


def test_who_accepts_is_sent_back_with_a_code_for_all_shops_and_the_state(caller: Caller) -> None:
    page = seller_page(caller, state="a+b/c= &d")
    given = sent_back(caller.send_request(page.answer("accept")))
    assert given.keys() == {"code", "state"}
    assert given["state"] == "a+b/c= &d"
    account, grant, _ = exchange(caller.world, given["code"])
    assert account.kind == "seller"
    assert grant.shop_ids == {shop.id for shop in caller.world.shops}


def test_who_refuses_is_sent_back_without_a_code(caller: Caller) -> None:
    page = seller_page(caller, state="s")
    given = sent_back(caller.send_request(page.answer("refuse")))
    assert given == {"code": "null", "error": "auth_denied", "state": "s"}
    assert len(caller.world.codes) == 1  # that of the ready token


def test_without_a_state_none_comes_back(caller: Caller) -> None:
    assert sent_back(caller.send_request(seller_page(caller).answer("accept"))).keys() == {"code"}


def test_only_the_chosen_shops_are_granted(caller: Caller) -> None:
    british = list(caller.world.shops)[1].id
    given = sent_back(caller.send_request(seller_page(caller).answer("accept", shop=[british])))
    assert exchange(caller.world, given["code"])[1].shop_ids == {british}


def test_without_a_shop_there_is_nothing_to_accept(caller: Caller) -> None:
    response = caller.send_request(seller_page(caller).answer("accept", shop=[]))
    assert response.status_code == 400
    assert "Choose a shop" in response.text
    assert "checked" not in response.text


def test_the_shop_of_someone_else_cannot_be_chosen(caller: Caller) -> None:
    response = caller.send_request(seller_page(caller).answer("accept", shop=["4711"]))
    assert response.status_code == 400
    assert len(caller.world.codes) == 1


def test_partners_are_a_link_away(caller: Caller) -> None:
    (link,) = seller_page(caller, state="s").links
    page = Page(caller.send_request(httpx.Request("GET", link)))
    given = sent_back(caller.send_request(page.answer("accept")))
    assert given["state"] == "s"
    assert exchange(caller.world, given["code"])[0].kind == "partner"


def test_creators_have_a_page_of_their_own(caller: Caller) -> None:
    page = Page(get(caller, "/alliance/creator/auth", app_key=caller.world.app_key, state="s"))
    given = sent_back(caller.send_request(page.answer("accept")))
    assert given["state"] == "s"
    assert exchange(caller.world, given["code"])[0].kind == "creator"


@pytest.mark.parametrize(
    ("path", "name", "words"),
    [
        ("/open/authorize", "service_id", "no service_id"),
        ("/alliance/creator/auth", "app_key", "no app_key"),
        ("/open/authorize", "wrong", "No app has the service_id wrong"),
        ("/open/authorize", "app key", "That is its app key"),
        ("/alliance/creator/auth", "service id", "That is its service id"),
    ],
)
def test_a_link_to_another_app_leads_nowhere(caller: Caller, path: str, name: str, words: str) -> None:
    parameter = "service_id" if path == "/open/authorize" else "app_key"
    given = {"wrong": "wrong", "app key": caller.world.app_key, "service id": caller.world.service_id}.get(name)
    query = {parameter: given} if given else {}
    response = get(caller, path, **query)
    assert response.status_code == 400
    assert words in response.text
    assert "<form" not in response.text
    posted = caller.send_request(httpx.Request("POST", str(response.url), data={"decision": "accept"}))
    assert posted.status_code == 400


def test_people_are_sent_to_no_address_but_the_registered_one(caller: Caller) -> None:
    page = seller_page(caller, redirect_uri="https://evil.example", redirect_url="https://evil.example", state="s")
    sent_back(caller.send_request(page.answer("accept", redirect_url=["https://evil.example"])))


def test_the_registered_address_keeps_its_own_parameters(caller: Caller) -> None:
    caller.world.rules = AuthorizationRules(redirect_url="https://app.example/cb?tenant=7&empty=")
    given = sent_back(caller.send_request(seller_page(caller).answer("accept")), "https://app.example/cb")
    assert (given["tenant"], given["empty"]) == ("7", "")
    assert "code" in given


@pytest.mark.parametrize(
    ("redirect_url", "target"),
    [
        ("https://user@app.example:8443/cb", "https://app.example:8443"),
        ("myapp://callback", "myapp:"),
        ("http://127.0.0.1:9000/cb", "http://127.0.0.1:9000"),
    ],
)
def test_the_form_may_lead_to_the_app_and_nowhere_else(caller: Caller, redirect_url: str, target: str) -> None:
    caller.world.rules = AuthorizationRules(redirect_url=redirect_url)
    response = get(caller, "/open/authorize", service_id=caller.world.service_id)
    policy = response.headers["content-security-policy"]
    assert f"form-action 'self' {target};" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_form_of_another_origin_is_refused(caller: Caller) -> None:
    request = seller_page(caller).answer("accept")
    for name, value in (("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")):
        forged = httpx.Request(request.method, request.url, content=request.read(), headers=request.headers)
        forged.headers[name] = value
        assert caller.send_request(forged).status_code == 403
    request.headers["origin"] = HOME
    sent_back(caller.send_request(request))


def test_a_form_that_no_page_gave_out_is_refused(caller: Caller) -> None:
    page = seller_page(caller)
    for key in ([], ["guessed"], ["gü"]):
        response = caller.send_request(page.answer("accept", form_key=key))
        assert response.status_code == 403
        assert "not from here" in response.text
    assert len(caller.world.codes) == 1


def test_a_name_that_was_given_this_address_is_refused(caller: Caller) -> None:
    """Someone else's name that is made to mean this machine would make their pages ours."""
    query = urlencode({"service_id": caller.world.service_id})
    request = httpx.Request("GET", f"http://evil.example/open/authorize?{query}")
    assert caller.send_request(request).status_code == 403


def test_apps_may_link_to_the_page(caller: Caller) -> None:
    query = urlencode({"service_id": caller.world.service_id})
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    request = httpx.Request("GET", f"{HOME}/open/authorize?{query}", headers=headers)
    assert caller.send_request(request).status_code == 200


def test_what_a_link_brings_along_is_text_on_the_page(caller: Caller) -> None:
    script = '"><script>alert(1)</script>'
    response = get(caller, "/open/authorize", service_id=caller.world.service_id, state=script, account=script)
    assert "<script" not in response.text
    assert "<script" not in get(caller, "/open/authorize", service_id=script).text


def test_an_app_without_a_redirect_url_is_shown_what_it_would_get(caller: Caller) -> None:
    caller.world.rules = AuthorizationRules()
    response = caller.send_request(seller_page(caller, state="<b>").answer("accept"))
    given = sent_back(response, "/sandbox/callback")
    shown = get(caller, "/sandbox/callback", **given)
    assert shown.status_code == 200
    assert given["code"] in shown.text
    assert f"{HOME}/api/v2/token/get" in shown.text
    assert "&lt;b&gt;" in shown.text
    assert caller.world.app_secret not in shown.text


def test_an_app_without_a_redirect_url_is_shown_the_refusal_too(caller: Caller) -> None:
    caller.world.rules = AuthorizationRules()
    given = sent_back(caller.send_request(seller_page(caller).answer("refuse")), "/sandbox/callback")
    shown = get(caller, "/sandbox/callback", **given)
    assert "auth_denied" in shown.text
    assert "token/get" not in shown.text


def test_a_code_that_was_made_up_is_not_shown(caller: Caller) -> None:
    assert get(caller, "/sandbox/callback", code="made up").status_code == 404


def test_a_consent_and_its_withdrawal_survive_a_kill(caller: Caller, tmp_path: Path) -> None:
    """Whoever was sent back with a code has it, and whoever withdrew it has done so, before the answer is sent."""
    state = tmp_path / "state.sqlite"
    caller.world.keep_in(Storage(state))
    given = sent_back(caller.send_request(seller_page(caller).answer("accept")))
    again = as_after_a_kill(state, caller.clock, tmp_path / "accepted")
    account, grant, _ = exchange(again, given["code"])
    assert account.kind == "seller"
    assert grant.shop_ids == {shop.id for shop in caller.world.shops}

    form = Page(caller.send_request(httpx.Request("GET", f"{HOME}/sandbox/accounts")))
    assert caller.send_request(form.answer("")).status_code == 303
    again = as_after_a_kill(state, caller.clock, tmp_path / "withdrawn")
    assert next(iter(again.accounts)).grant is None


def test_other_methods_do_nothing(caller: Caller) -> None:
    response = caller.send_request(httpx.Request("DELETE", f"{HOME}/open/authorize"))
    assert response.status_code == 405
