"""What was received can be read back, with what the gate thought of it and without secrets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import make_caller
from tiktok_shop_async.sandbox.app import create_app
from tiktok_shop_async.sandbox.journal import LONGEST_BODY, Journal
from tiktok_shop_async.sandbox.spec import bundled_spec

if TYPE_CHECKING:
    from tests.sandbox.conformance import Conformance
    from tests.sandbox.signed_calls import Caller

SEARCH = "/order/202309/orders/search"


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def caller(conformance: Conformance, journal: Journal) -> Caller:
    caller = make_caller(conformance, orders=20)
    return replace(caller, app=create_app(bundled_spec(), caller.world, journal=journal))


def last(journal: Journal) -> dict[str, Any]:
    return journal.all()[-1].to_dict()


def test_an_exchange_holds_the_request_and_its_answer(caller: Caller, journal: Journal) -> None:
    answer = caller.post(SEARCH, {"order_status": "UNPAID"}, page_size=10)
    exchange = last(journal)
    assert exchange["milliseconds"] > 0
    assert exchange["query"].startswith("app_key=")
    assert {name: exchange[name] for name in exchange if name not in {"milliseconds", "query", "headers"}} == {
        "id": 1,
        "time": caller.world.now,
        "method": "POST",
        "path": SEARCH,
        "body": '{"order_status": "UNPAID"}',
        "body_length": 26,
        "operation": "get_order_list",
        "shop_id": caller.shop.id,
        "signature": {"valid": True},
        "ignored": [],
        "remarks": [],
        "fault": None,
        "executed": True,
        "status": 200,
        "code": 0,
        "message": "Success",
        "request_id": answer.envelope["request_id"],
    }


def test_a_wrong_signature_is_explained_without_the_secret(caller: Caller, journal: Journal) -> None:
    query = caller.signed(SEARCH, {}, b"{}")
    headers = {"content-type": "application/json", "x-tts-access-token": caller.token}
    assert caller.send("POST", SEARCH, query, b'{"page": 1}', headers).code == 106001
    signature = last(journal)["signature"]
    assert signature["valid"] is False
    assert signature["string_to_sign"].startswith(f"<secret>{SEARCH}app_key")
    assert signature["string_to_sign"].endswith('{"page": 1}<secret>')
    assert signature["given"] == query["sign"] != signature["expected"]
    assert caller.world.app_secret not in str(last(journal))


def test_a_likely_mistake_is_named(caller: Caller, journal: Journal) -> None:
    headers = {"content-type": "application/json", "x-tts-access-token": caller.token}
    caller.send("POST", SEARCH, caller.signed(SEARCH, {}), b"{}", headers)
    assert last(journal)["signature"]["mistakes"] == ["the body is left out"]


def test_a_request_without_a_signature_shows_what_had_to_be_signed(caller: Caller, journal: Journal) -> None:
    query = caller.signed(SEARCH, {})
    del query["sign"]
    caller.send("POST", SEARCH, query)
    assert last(journal)["signature"]["string_to_sign"].startswith(f"<secret>{SEARCH}")
    assert last(journal)["signature"]["mistakes"] == []


def test_fields_that_were_ignored_are_named(caller: Caller, journal: Journal) -> None:
    caller.post(SEARCH, {"status": 100}, page_no=2)
    assert last(journal)["ignored"] == [
        {"name": "page_no", "place": "query", "belongs": ""},
        {"name": "status", "place": "body", "belongs": ""},
    ]


def test_a_refusal_is_noted_with_its_code_and_message(caller: Caller, journal: Journal) -> None:
    answer = caller.post(SEARCH, page_size=101)
    exchange = last(journal)
    assert (exchange["code"], exchange["status"], exchange["message"]) == (98001004, 400, answer.message)
    assert exchange["executed"] is False


def test_a_request_to_a_path_that_no_one_knows_is_kept_too(caller: Caller, journal: Journal) -> None:
    caller.get("/nowhere")
    assert (last(journal)["operation"], last(journal)["code"]) == (None, 36009009)


def test_tokens_and_secrets_are_masked(caller: Caller, journal: Journal) -> None:
    query = caller.signed(SEARCH, {}, b"{}") | {"access_token": caller.token, "app_secret": caller.world.app_secret}
    caller.send("POST", SEARCH, query, b"{}", {"x-tts-access-token": caller.token})
    assert last(journal)["headers"]["x-tts-access-token"] == f"{caller.token[:8]}<masked>"
    assert caller.token not in str(last(journal)["query"])
    assert caller.world.app_secret not in str(last(journal)["query"])


def test_of_a_long_body_the_beginning_is_kept(caller: Caller, journal: Journal) -> None:
    caller.post(SEARCH, {"nonsense": "x" * (2 * LONGEST_BODY)})
    exchange = last(journal)
    assert len(exchange["body"]) == LONGEST_BODY
    assert exchange["body_length"] > 2 * LONGEST_BODY


def test_the_oldest_exchanges_make_room() -> None:
    journal = Journal(capacity=2)
    for path in ("/one", "/two", "/three"):
        journal.begin(time=0, method="GET", path=path, query="", headers=[])
    assert [each.path for each in journal.all()] == ["/two", "/three"]
    assert journal.get(1) is None
    assert getattr(journal.get(3), "path", None) == "/three"


def test_exchanges_are_found_by_what_they_are_about(caller: Caller, journal: Journal) -> None:
    caller.post(SEARCH, page_size=10)
    caller.post(SEARCH, page_size=0)
    caller.without_cipher().get("/authorization/202309/shops")
    assert [each.id for each in journal.find(operation="get_order_list")] == [1, 2]
    assert [each.id for each in journal.find(path="/authorization")] == [3]
    assert [each.id for each in journal.find(code=98001004)] == [2]
    assert [each.id for each in journal.find(failed=False, after=1)] == [3]
    assert [each.id for each in journal.find(shop_id=caller.shop.id, status=200)] == [1]
    assert [each.id for each in journal.find(method="GET")] == [3]
    journal.clear()
    assert journal.find() == []
