"""The console over HTTP: what its pages tell, and what they keep to themselves."""

from __future__ import annotations

import html
import re
from itertools import chain
from typing import TYPE_CHECKING

import anyio
import httpx
import pytest
from starlette.responses import Response

from tests.sandbox.forms import Page
from tests.sandbox.signed_calls import keyed_hash
from tiktok_shop_async.sandbox.state.clock import MINUTE

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from tests.sandbox.signed_calls import Caller

HERE = "http://127.0.0.1:8080"
SEARCH = "/order/202309/orders/search"


def page(caller: Caller, path: str, code: int = 200, /, **query: str) -> str:
    """The text of a page, without its tags."""
    return as_text(response(caller, path, code, **query))


def response(caller: Caller, path: str, code: int = 200, /, **query: str) -> httpx.Response:
    """A page as it comes."""
    answer = caller.send_request(httpx.Request("GET", f"{HERE}/sandbox/{path}", params=query))
    assert answer.status_code == code, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer


def as_text(answer: httpx.Response) -> str:
    """What a reader sees, on one line."""
    inline = re.sub(r"</?(?:span|code)\b[^>]*>", "", answer.text)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", inline)))


def badly_signed(caller: Caller, signed_body: bytes, body: bytes = b'{"a": 1}') -> int:
    """Sends a search that was signed with another body, and answers the number of the exchange."""
    query = caller.signed(SEARCH, {"page_size": 10}, signed_body)
    headers = {"content-type": "application/json", "x-tts-access-token": caller.token}
    assert caller.send("POST", SEARCH, query, body, headers).code == 106001
    return latest(caller)


def latest(caller: Caller) -> int:
    """The number of the newest exchange."""
    return max(map(int, re.findall(r"/sandbox/requests/(\d+)", response(caller, "requests").text)))


def test_the_overview_says_how_to_reach_the_sandbox_and_what_went_wrong(caller: Caller) -> None:
    badly_signed(caller, b"{}")
    text = page(caller, "")
    for fact in (
        HERE,
        caller.world.app_key,
        caller.world.service_id,
        f"Shops {len(caller.world.shops)}",
        "2026-09-21 14:13:20 UTC",
        "stands still",
    ):
        assert fact in text
    assert f"POST {SEARCH} 106001 wrong" in text


def test_the_address_without_its_slash_leads_to_the_overview(reader: Caller) -> None:
    answer = reader.send_request(httpx.Request("GET", f"{HERE}/sandbox"))
    assert (answer.status_code, answer.headers["location"]) == (307, "/sandbox/")


def test_the_shops_are_listed_with_how_much_is_in_them(reader: Caller) -> None:
    text = page(reader, "shops")
    for shop in reader.world.shops:
        assert shop.name in text
        assert f"{shop.id} {shop.cipher} {len(shop.products)} {len(shop.orders)} {len(shop.packages)}" in text


def order_ids(text: str) -> list[str]:
    """The ids of the orders on a page."""
    return re.findall(r"\b5811\d{14}\b", text)


def test_orders_are_paged_newest_first(reader: Caller) -> None:
    every = [order for shop in reader.world.shops for order in shop.orders]
    every.sort(key=lambda order: (order.create_time, order.id), reverse=True)
    pages = [order_ids(page(reader, "orders", page=str(number))) for number in range(1, len(every) // 50 + 2)]
    assert [len(each) for each in pages[:-1]] == [50] * (len(every) // 50)
    assert list(chain.from_iterable(pages)) == [order.id for order in every]


@pytest.mark.parametrize("number", ["0", "-1", "400", "x", "9" * 5000])
def test_a_page_that_is_none_is_the_nearest(reader: Caller, number: str) -> None:
    assert 0 < len(order_ids(page(reader, "orders", page=number))) <= 50


def test_orders_are_found_by_shop_status_id_and_buyer(reader: Caller) -> None:
    british = list(reader.world.shops)[1]
    assert set(order_ids(page(reader, "orders", shop=british.id))) == {order.id for order in british.orders}
    unpaid = [order.id for order in reader.shop.orders if order.status == "UNPAID"]
    assert unpaid
    assert set(order_ids(page(reader, "orders", shop=reader.shop.id, status="UNPAID"))) == set(unpaid)
    assert order_ids(page(reader, "orders", search=unpaid[0])) == [unpaid[0]]
    buyer = reader.shop.orders[unpaid[0]].buyer
    assert unpaid[0] in order_ids(page(reader, "orders", search=f"{buyer.first_name} {buyer.last_name}".upper()))
    assert "No order fits" in page(reader, "orders", search="nobody")


def test_filters_stay_when_the_page_is_turned(reader: Caller) -> None:
    text = response(reader, "orders", shop=reader.shop.id).text
    assert f"?shop={reader.shop.id}&amp;page=2" in text


def test_an_order_shows_what_was_bought_and_what_happened(reader: Caller) -> None:
    order = next(order for order in reader.shop.orders if order.status == "COMPLETED")
    text = page(reader, f"orders/{order.id}")
    assert f"{order.total_amount} USD" in text
    for word in (order.lines[0].product_name, "paid", "shipped", "delivered", "completed", order.buyer.last_name):
        assert word in text
    assert str(order.lines[0].package_id) in text


@pytest.mark.parametrize("path", ["orders/1", "requests/99999", "deliveries/99999"])
def test_what_is_not_there_is_said_on_a_page(reader: Caller, path: str) -> None:
    assert "No such" in page(reader, path, 404)


def test_requests_are_listed_with_their_outcome(caller: Caller) -> None:
    caller.post(SEARCH, {"status": "UNPAID"}, page_size=10)
    text = page(caller, "requests")
    assert f"POST {SEARCH} get_order_list 0 success valid 1 ignored 200 {caller.shop.name}" in text


def test_requests_are_filtered_by_outcome_and_path(caller: Caller) -> None:
    caller.get("/order/202309/parcels")
    caller.post(SEARCH, page_size=10)
    caller.post(SEARCH, {"old_name": 1}, page_size=10)
    badly_signed(caller, b"{}")
    for show, count in (("all", 4), ("failed", 2), ("signature", 1), ("ignored", 1), ("no such filter", 4)):
        assert f"{count} request" in page(caller, "requests", show=show), show
    assert "1 request," in page(caller, "requests", path="parcels")
    assert "No request fits" in page(caller, "requests", path="elsewhere")


def test_a_wrong_signature_is_explained_by_the_string_and_the_mistake(caller: Caller) -> None:
    number = badly_signed(caller, b'{"a":1}')
    text = page(caller, f"requests/{number}")
    assert "Refused with 106001" in text
    assert "comes out if the body is serialised again, without spaces" in text
    query = caller.signed(SEARCH, {"page_size": 10}, b'{"a": 1}')
    signed = SEARCH + "".join(name + query[name] for name in sorted(query) if name != "sign")
    assert f'<secret>{signed}{{"a": 1}}<secret>' in text
    assert query["sign"] == keyed_hash(caller.world.app_secret, signed, b'{"a": 1}')
    assert f"Its signature {query['sign']}" in text


def test_the_string_to_sign_is_taken_apart(caller: Caller) -> None:
    number = badly_signed(caller, b"{}")
    text = page(caller, f"requests/{number}")
    parts = text[text.index("Part Text") : text.index("Its signature")]
    order = [
        "app secret",
        f"path {SEARCH}",
        "app_key",
        "page_size page_size10",
        "shop_cipher",
        "timestamp",
        'body {"a": 1}',
    ]
    places = [parts.index(part) for part in order]
    assert places == sorted(places)


def test_a_signature_that_no_usual_mistake_explains_says_so(caller: Caller) -> None:
    number = badly_signed(caller, b"something else altogether")
    assert "None of the usual mistakes" in page(caller, f"requests/{number}")


def test_ignored_fields_are_named_with_where_they_belong(caller: Caller) -> None:
    caller.post(SEARCH, {"page_size": 10, "status": "UNPAID"})
    text = page(caller, f"requests/{latest(caller)}")
    assert "page_size in the body: belongs in the query" in text
    assert "status in the body: unknown to this endpoint" in text
    assert "Why the signature failed" not in text


def delivered(caller: Caller, *statuses: int) -> str:
    """Notifies a receiver that answers like this, one attempt after the other, and answers the delivery's id."""
    answers = iter(statuses)

    async def receiver(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(status_code=next(answers))(scope, receive, send)

    world = caller.world
    world.deliveries.send_into(receiver)
    world.deliveries.manner.address = "https://app.example/hook"
    delivery = world.notifications.emit(caller.shop, "PRODUCT_STATUS_CHANGE", {"product_id": "<b>1"}, world.now)
    assert delivery is not None
    anyio.run(world.deliveries.send_due, world)
    caller.clock.advance(2 * MINUTE)
    anyio.run(world.deliveries.send_due, world)
    return delivery.id


def test_deliveries_are_listed_with_what_came_of_them(caller: Caller) -> None:
    assert "Nothing was sent yet" in page(caller, "deliveries")
    delivered(caller, 500, 200)
    delivered(caller, 500, 503)
    text = page(caller, "deliveries")
    assert "2 deliveries" in text
    assert f"PRODUCT_STATUS_CHANGE delivered 2 200 never {caller.shop.name} https://app.example/hook" in text
    assert "PRODUCT_STATUS_CHANGE waiting 2 answered 503, not 200 2026-09-21 14:47:20" in text
    assert text.index("waiting 2") < text.index("delivered 2")
    for state, count in (("waiting", 1), ("delivered", 1)):
        assert f"{count} delivery of notifications" in page(caller, "deliveries", state=state)
    assert "No delivery fits" in page(caller, "deliveries", state="given up")
    assert "No delivery fits" in page(caller, "deliveries", type="ORDER_STATUS_CHANGE")


def test_a_delivery_shows_its_attempts_and_its_body(caller: Caller) -> None:
    number = delivered(caller, 500, 200)
    text = page(caller, f"deliveries/{number}")
    assert "2026-09-21 14:13:20 500 answered 500, not 200" in text
    assert "2026-09-21 14:15:20 200 nothing" in text
    assert '"product_id":"<b>1"' in text.replace('": "', '":"')
    assert "<b>1" not in response(caller, f"deliveries/{number}").text


def test_accounts_show_who_authorised_the_app(caller: Caller) -> None:
    text = page(caller, "accounts")
    assert "Larkfield Trading seller, US Authorisation authorised since" in text
    assert "1 valid" in text
    assert "Wren at Home creator, US Authorisation none" in text


def test_an_authorisation_is_withdrawn_with_a_button(caller: Caller) -> None:
    form = Page(response(caller, "accounts"))
    answer = caller.send_request(form.answer(""))
    assert (answer.status_code, answer.headers["location"]) == (303, "/sandbox/accounts")
    assert next(iter(caller.world.accounts)).grant is None
    assert "none valid" not in page(caller, "accounts")


def test_an_authorisation_is_not_withdrawn_by_a_form_from_elsewhere(caller: Caller) -> None:
    form = Page(response(caller, "accounts"))
    assert caller.send_request(form.answer("", form_key=["guessed"])).status_code == 403
    forged = form.answer("")
    forged.headers["origin"] = "https://evil.example"
    assert caller.send_request(forged).status_code == 403
    assert caller.send_request(form.answer("", account=["nobody"])).status_code == 404
    assert next(iter(caller.world.accounts)).grant is not None


def test_no_page_shows_a_secret(caller: Caller) -> None:
    world = caller.world
    grant = next(iter(world.accounts)).grant
    assert grant is not None
    query = {
        "app_key": world.app_key,
        "app_secret": world.app_secret,
        "grant_type": "refresh_token",
        "refresh_token": grant.refresh_token,
    }
    caller.send_request(httpx.Request("GET", f"{HERE}/api/v2/token/refresh", params=query))
    number = badly_signed(caller, b"{}")
    paths = ["", "shops", "orders", "accounts", "requests", f"requests/{number}", f"requests/{number - 1}"]
    renewed = next(iter(world.accounts)).grant
    assert renewed is not None
    tokens = [token.id for token in world.tokens]
    for path in paths:
        text = response(caller, path).text
        for secret in (world.app_secret, grant.refresh_token, renewed.refresh_token, *tokens):
            assert secret not in text, path


def test_what_requests_bring_along_is_text_on_the_page(caller: Caller) -> None:
    script = "<script>alert(1)</script>"
    caller.post(SEARCH, {script: script}, page_size=10)
    headers = {"user-agent": script, "x-tts-access-token": script}
    caller.send("POST", SEARCH, {**caller.signed(SEARCH, {}), "sign": script, script: script}, script.encode(), headers)
    number = latest(caller)
    for path in (f"requests/{number}", f"requests/{number - 1}", "requests", ""):
        assert "<script" not in response(caller, path).text
    for path in ("orders", "requests"):
        assert "<script" not in response(caller, path, search=script, path=script).text.lower()


@pytest.mark.parametrize("path", ["", "shops", "orders", "requests", "deliveries", "accounts", "orders/1"])
def test_pages_load_nothing_from_elsewhere_and_run_no_script(reader: Caller, path: str) -> None:
    answer = response(reader, path, 404 if path == "orders/1" else 200)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self';")
    assert "unsafe" not in policy
    assert re.findall(r"(?:src|href)=\"(?!/|\?|#main)[^\"]*", answer.text) == []
    assert " style=" not in answer.text


def test_style_and_icon_are_served(reader: Caller) -> None:
    answer = reader.send_request(httpx.Request("GET", f"{HERE}/sandbox/style.css"))
    assert answer.headers["content-type"].startswith("text/css")
    assert "prefers-color-scheme: dark" in answer.text
    icon = reader.send_request(httpx.Request("GET", f"{HERE}/favicon.ico"))
    assert icon.headers["content-type"] == "image/svg+xml"


def test_pages_of_other_origins_do_not_get_at_the_console(reader: Caller) -> None:
    for name, value in (("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("host", "evil.example")):
        request = httpx.Request("GET", f"{HERE}/sandbox/", headers={name: value})
        assert reader.send_request(request).status_code == 403, name


def test_looking_at_the_console_is_no_request_of_its_own(caller: Caller) -> None:
    page(caller, "requests")
    assert "No request fits" in page(caller, "requests")
