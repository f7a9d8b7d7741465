"""The life of a call: what is checked before, what goes out, and what comes of the answer."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from tests.runtime.conftest import APP_KEY, APP_SECRET, ASSET_CIPHER, CIPHER, TOKEN
from tests.runtime.depot import Crate
from tests.runtime.wire import START, answer, page
from tiktok_shop_async import (
    APIError,
    ArgumentError,
    CallOptions,
    ClientClosedError,
    CredentialsError,
    DecodingError,
    MissingScopeError,
    NotFoundError,
    PartialFailureError,
    RetiredVersionError,
    ServerError,
    TransportError,
    response_of,
    sign,
)
from tiktok_shop_async.model import Acknowledgement

if TYPE_CHECKING:
    from tests.runtime.conftest import MakeDepot
    from tests.runtime.wire import Sent

pytestmark = pytest.mark.anyio

CRATE = {"id": "1", "name": "a"}


# Before anything is sent


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ("access_token", r"^depot\.get_crate needs an access token: give access_token="),
        ("shop_cipher", r"^depot\.get_crate needs a shop_cipher: give shop_cipher= .*client\.shop\("),
    ],
)
async def test_what_the_client_lacks_is_named_before_anything_is_sent(
    make_depot: MakeDepot, missing: str, named: str
) -> None:
    at = make_depot(**{missing: None, "refresh_token": None})
    with pytest.raises(CredentialsError, match=named):
        await at.depot.get_crate(crate_id="1")
    assert at.wire.sent == []


async def test_a_missing_asset_cipher_is_named_too(make_depot: MakeDepot) -> None:
    at = make_depot(category_asset_cipher="")
    with pytest.raises(CredentialsError, match="needs a category_asset_cipher"):
        await at.depot.open_depot()
    assert at.wire.sent == []


async def test_a_wrong_argument_is_refused_before_anything_is_sent(make_depot: MakeDepot) -> None:
    at = make_depot()
    with pytest.raises(ArgumentError):
        await at.depot.get_crate(crate_id="1/2")
    with pytest.raises(ValueError, match="page_size"):
        await at.depot.list_crates(page_size=0)
    assert at.wire.sent == []


async def test_an_unknown_argument_stays_a_type_error(make_depot: MakeDepot) -> None:
    at = make_depot()
    with pytest.raises(TypeError, match="colour"):
        await at.depot.get_crate(crate_id="1", colour="red")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="colour"):
        at.depot.list_crates(colour="red")  # type: ignore[call-arg]
    assert at.wire.sent == []


async def test_a_closed_client_refuses_calls_and_so_do_its_views(make_depot: MakeDepot) -> None:
    at = make_depot()
    view = at.client.with_shop(shop_cipher="ROW_2")
    await at.client.aclose()
    with pytest.raises(ClientClosedError, match=r"^depot\.get_crate: the client is closed"):
        await at.depot.get_crate(crate_id="1")
    with pytest.raises(RuntimeError):
        await view.request("GET", "/depot/202309/crates")
    assert at.wire.sent == []


# What goes out


async def sent_by(at: Any, call: Any) -> Sent:
    await call
    sent: Sent = at.wire.sent[-1]
    return sent


async def test_a_request_carries_identity_time_and_signature(make_depot: MakeDepot) -> None:
    at = make_depot(answer(CRATE))
    sent = await sent_by(at, at.depot.get_crate(crate_id="57"))
    assert sent.method == "GET"
    assert sent.url.startswith("https://open-api.tiktokglobalshop.com/depot/202309/crates/57?")
    unsigned = {name: value for name, value in sent.query.items() if name != "sign"}
    assert unsigned == {"app_key": APP_KEY, "timestamp": str(int(START)), "shop_cipher": CIPHER}
    assert sent.query["sign"] == sign(app_secret=APP_SECRET, path="/depot/202309/crates/57", query=unsigned)
    assert sent.headers["x-tts-access-token"] == TOKEN
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["user-agent"].startswith("tiktok-shop-async/")
    assert sent.body == b""


async def test_the_bytes_that_are_sent_are_the_bytes_that_are_signed(make_depot: MakeDepot) -> None:
    at = make_depot(answer(CRATE))
    sent = await sent_by(at, at.depot.make_crate(name="naïve + 50 % & more", extra=[1, {"é": None}]))
    query = {name: value for name, value in sent.query.items() if name != "sign"}
    assert sent.query["sign"] == sign(app_secret=APP_SECRET, path=sent.path, query=query, body=sent.body)
    assert json.loads(sent.body) == {"name": "naïve + 50 % & more", "extra": [1, {"é": None}]}


async def test_a_search_without_a_filter_sends_and_signs_an_empty_object(make_depot: MakeDepot) -> None:
    at = make_depot()
    await at.depot.list_crates()
    (sent,) = at.wire.sent
    query = {name: value for name, value in sent.query.items() if name != "sign"}
    assert sent.body == b"{}"
    assert sent.query["sign"] == sign(app_secret=APP_SECRET, path=sent.path, query=query, body=b"{}")


async def test_identifiers_go_only_where_they_are_taken(make_depot: MakeDepot) -> None:
    at = make_depot()
    takes_shop = await sent_by(at, at.depot.get_crate(crate_id="1"))
    takes_none = await sent_by(at, at.depot.drop_crates())
    takes_asset = await sent_by(at, at.depot.open_depot())
    takes_either = await sent_by(at, at.depot.move_crates(crate_ids=["1"]))
    assert takes_shop.own_query == {"shop_cipher": CIPHER}
    assert takes_none.own_query == {}
    assert takes_asset.own_query == {"category_asset_cipher": ASSET_CIPHER}
    assert takes_either.own_query == {"shop_cipher": CIPHER, "category_asset_cipher": ASSET_CIPHER}


async def test_an_optional_identifier_that_is_not_there_is_left_out(make_depot: MakeDepot) -> None:
    at = make_depot(shop_cipher=None, category_asset_cipher=None)
    assert (await sent_by(at, at.depot.move_crates(crate_ids=["1"]))).own_query == {}


async def test_there_may_be_no_time_limit_at_all(make_depot: MakeDepot) -> None:
    at = make_depot(answer(CRATE), timeout=math.inf)
    assert (await at.depot.get_crate(crate_id="1")).id == "1"


async def test_headers_of_the_call_are_sent_along(make_depot: MakeDepot) -> None:
    at = make_depot()
    options = CallOptions(headers={"X-Trace": "abc", "User-Agent": "mine/1"})
    sent = await sent_by(at, at.depot.get_crate(crate_id="1", options=options))
    assert (sent.headers["x-trace"], sent.headers["user-agent"]) == ("abc", "mine/1")


# What comes back


async def test_the_data_of_the_answer_is_returned_typed(make_depot: MakeDepot) -> None:
    at = make_depot(answer(CRATE))
    assert await at.depot.get_crate(crate_id="1") == Crate(id="1", name="a")


@pytest.mark.parametrize("code", [0, "0"])
@pytest.mark.parametrize("status", [200, 400, 500])
async def test_code_0_is_success_whatever_the_http_status(make_depot: MakeDepot, code: object, status: int) -> None:
    at = make_depot(answer(CRATE, code=code, status=status))
    assert (await at.depot.get_crate(crate_id="1")).name == "a"


@pytest.mark.parametrize("body", ['{"code":0,"data":null}', '{"code":0}', '{"code":0,"data":{}}'])
async def test_absent_data_is_an_empty_model(make_depot: MakeDepot, body: str) -> None:
    at = make_depot(page(body))
    assert await at.depot.get_crate(crate_id="1") == Crate()


async def test_an_operation_without_data_is_acknowledged(make_depot: MakeDepot) -> None:
    at = make_depot(answer(None))
    assert await at.depot.drop_crates() == Acknowledgement()


async def test_the_answer_behind_a_result_is_in_reach(make_depot: MakeDepot) -> None:
    at = make_depot(answer(code=36009003), answer({"id": "1", "new": True}, x_note="n"))
    response = response_of(await at.depot.get_crate(crate_id="1"))
    assert (response.status, response.request_id, response.operation) == (200, "20231114A1", "depot.get_crate")
    assert (response.attempts, response.headers["x-note"], response.data) == (2, "n", {"id": "1", "new": True})
    assert response.content == at.wire.script[-1].content  # type: ignore[union-attr]


async def test_a_page_has_its_answer_and_a_row_has_none(make_depot: MakeDepot) -> None:
    at = make_depot(answer({"shelf": {"crates": [CRATE]}}))
    first = await at.depot.list_crates()
    assert response_of(first).operation == "depot.list_crates"
    with pytest.raises(ArgumentError, match="this Crate is not what a call returned"):
        response_of(first.shelf.crates[0])


# What is refused


async def test_an_error_carries_all_there_is_to_know(make_depot: MakeDepot) -> None:
    at = make_depot(answer(code=12345678, message="crate is gone", status=200))
    with pytest.raises(APIError) as caught:
        await at.depot.get_crate(crate_id="1")
    error = caught.value
    assert (error.code, error.message, error.request_id) == (12345678, "crate is gone", "20231114A1")
    assert (error.status, error.operation, error.attempts, error.outcome_unknown) == (200, "depot.get_crate", 1, False)
    assert str(error) == "depot.get_crate: crate is gone (code 12345678, HTTP 200, request id 20231114A1)"
    assert error.response is not None
    assert error.response.data is None


async def test_a_code_may_be_text(make_depot: MakeDepot) -> None:
    at = make_depot(answer(code="12345678"))
    with pytest.raises(APIError) as caught:
        await at.depot.get_crate(crate_id="1")
    assert caught.value.code == 12345678


async def test_a_missing_scope_names_the_scopes_of_the_operation(make_depot: MakeDepot) -> None:
    at = make_depot(answer(code=105005, message="denied"))
    with pytest.raises(
        MissingScopeError, match=r"needs depot\.read: enable the scope .* authorise the app again"
    ) as caught:
        await at.depot.get_crate(crate_id="1")
    assert caught.value.scopes == ("depot.read",)


async def test_a_retired_version_names_its_successor(make_depot: MakeDepot) -> None:
    at = make_depot(answer(code=36009014, message="gone", status=400))
    with pytest.raises(RetiredVersionError, match=r"Call depot\.get_crate_202507 instead"):
        await at.depot.get_crate(crate_id="1")


async def test_a_page_of_a_proxy_is_told_by_its_status(make_depot: MakeDepot) -> None:
    at = make_depot(page("<html>not here</html>", status=404))
    with pytest.raises(NotFoundError, match="an HTML or XML page") as caught:
        await at.depot.get_crate(crate_id="1")
    assert (caught.value.code, caught.value.status) == (None, 404)
    assert caught.value.response is not None
    assert caught.value.response.content == b"<html>not here</html>"


async def test_an_html_502_is_a_failure_of_the_server(make_depot: MakeDepot) -> None:
    at = make_depot(page("<html>bad gateway</html>", status=502))
    with pytest.raises(ServerError, match="HTTP 502"):
        await at.depot.get_crate(crate_id="1", options=CallOptions(max_retries=0))


@pytest.mark.parametrize("text", ["", "<html>welcome</html>", '{"hello": 1}', "[]"])
async def test_a_200_that_is_not_the_apis_is_no_success(make_depot: MakeDepot, text: str) -> None:
    at = make_depot(page(text))
    with pytest.raises(DecodingError, match=r"^depot\.get_crate: .*HTTP 200") as caught:
        await at.depot.get_crate(crate_id="1")
    assert (caught.value.status, caught.value.attempts, caught.value.outcome_unknown) == (200, 1, False)
    assert caught.value.response is not None
    assert caught.value.response.content == text.encode()


async def test_an_unreadable_answer_to_a_write_leaves_its_outcome_unknown(make_depot: MakeDepot) -> None:
    at = make_depot(page("<html>ok</html>"))
    with pytest.raises(DecodingError) as caught:
        await at.depot.move_crates(crate_ids=["1"])
    assert caught.value.outcome_unknown is True


async def test_a_redirect_is_not_followed_and_not_taken_for_an_answer(make_depot: MakeDepot) -> None:
    at = make_depot(page("", status=302, location="https://elsewhere.example"))
    with pytest.raises(DecodingError, match="HTTP 302") as caught:
        await at.depot.make_crate(name="a")
    assert caught.value.outcome_unknown is False
    assert len(at.wire.sent) == 1


async def test_an_error_of_the_transport_gets_the_context_of_the_call(make_depot: MakeDepot) -> None:
    at = make_depot(TransportError("no answer: ConnectError", kind="connect"))
    with pytest.raises(TransportError, match=r"^depot\.get_crate: no answer: ConnectError \(2 attempts\)$"):
        await at.depot.get_crate(crate_id="1", options=CallOptions(max_retries=1))


async def test_a_bug_in_a_transport_is_not_disguised(make_depot: MakeDepot) -> None:
    at = make_depot(ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError, match="a bug"):
        await at.depot.get_crate(crate_id="1")


# Failed items in an answer of code 0

PARTLY = {
    "errors": [
        {"code": 7, "message": "is nailed down", "detail": {"id": "2"}},
        {"code": 8, "message": "is lost", "detail": {}},
    ]
}


async def test_failed_items_raise(make_depot: MakeDepot) -> None:
    at = make_depot(answer(PARTLY))
    with pytest.raises(PartialFailureError, match="2 of the items failed, the first with: is nailed down") as caught:
        await at.depot.move_crates(crate_ids=["1", "2", "3"])
    error = caught.value
    assert [entry.message for entry in error.errors] == ["is nailed down", "is lost"]
    assert error.failed_ids == ["2"]
    assert error.data.errors == error.errors
    assert (error.request_id, error.status, error.operation) == ("20231114A1", 200, "depot.move_crates")
    assert response_of(error.data).operation == "depot.move_crates"


async def test_failed_items_may_be_listed_by_their_bare_ids(make_depot: MakeDepot) -> None:
    at = make_depot(answer({"failed_ids": ["7", "8"]}))
    with pytest.raises(PartialFailureError, match="2 of the items failed") as caught:
        await at.depot.seal_crates()
    assert caught.value.failed_ids == caught.value.errors == ["7", "8"]


async def test_failed_items_are_returned_when_the_call_asks_for_that(make_depot: MakeDepot) -> None:
    at = make_depot(answer(PARTLY))
    result = await at.depot.move_crates(crate_ids=["1"], options=CallOptions(partial_failure="return"))
    assert len(result.errors) == 2


@pytest.mark.parametrize("data", [{}, None, {"errors": []}, {"errors": None}])
async def test_no_failed_items_are_no_failure(make_depot: MakeDepot, data: Any) -> None:
    at = make_depot(answer(data))
    assert (await at.depot.move_crates(crate_ids=["1"])).errors == []
