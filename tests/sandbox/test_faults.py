"""Faults on request: who they hit, how often, and what the caller and the state see of them."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest

from tests.sandbox.conftest import make_caller
from tiktok_shop_async.sandbox.app import create_app
from tiktok_shop_async.sandbox.faults.oddities import EXTRA_FIELD, ODDITIES, UNKNOWN_VALUE
from tiktok_shop_async.sandbox.faults.rules import KINDS, Fault, Faults
from tiktok_shop_async.sandbox.journal import Journal
from tiktok_shop_async.sandbox.spec import bundled_spec

if TYPE_CHECKING:
    from tests.sandbox.conformance import Conformance
    from tests.sandbox.signed_calls import Answer

SEARCH = "/order/202309/orders/search"
PRODUCTS = "/product/202502/products/search"
SHOPS = "/authorization/202309/shops"
STOCK = "/product/202309/products/{}/inventory/update"


class Bench:
    """A caller, the faults that it meets, what was written down, and how long the sandbox pretended to wait."""

    def __init__(self, conformance: Conformance) -> None:
        self.faults = Faults(random.Random(3))  # noqa: S311
        self.journal = Journal()
        self.slept: list[float] = []
        caller = make_caller(conformance, orders=30)
        app = create_app(bundled_spec(), caller.world, journal=self.journal, faults=self.faults, sleep=self._sleep)
        self.caller = replace(caller, app=app)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def add(self, kind: str, **rule: Any) -> Fault:
        return self.faults.add(Fault(kind=kind, **rule))

    def raw(self, path: str = SEARCH, body: bytes = b"{}", query: dict[str, object] | None = None) -> httpx.Response:
        """A signed request whose answer may be anything."""
        caller = self.caller
        headers = {"content-type": "application/json", "x-tts-access-token": caller.token}
        params = caller.signed(path, query or {}, body)

        async def main() -> httpx.Response:
            transport = httpx.ASGITransport(caller.app)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url=caller.base_url) as client:
                return await client.post(path, params=params, content=body, headers=headers)

        return anyio.run(main)

    def data(self, path: str = SEARCH, **query: object) -> dict[str, Any]:
        """The data of an answer that no schema is held against."""
        data: dict[str, Any] = self.raw(path, query=query).json()["data"]
        return data

    def last(self) -> dict[str, Any]:
        return self.journal.all()[-1].to_dict()


@pytest.fixture
def bench(conformance: Conformance) -> Bench:
    return Bench(conformance)


class TestWhichCalls:
    def test_a_fault_hits_once_if_nothing_else_is_said(self, bench: Bench) -> None:
        bench.add("error")
        assert [bench.caller.post(SEARCH).code for _ in range(3)] == [36009003, 0, 0]

    def test_a_fault_hits_as_often_as_it_is_told(self, bench: Bench) -> None:
        fault = bench.add("error", times=2)
        assert [bench.caller.post(SEARCH).code for _ in range(3)] == [36009003, 36009003, 0]
        assert (fault.hits, fault.is_over) == (2, True)

    def test_a_fault_without_an_end_hits_until_it_is_taken_out(self, bench: Bench) -> None:
        fault = bench.add("error", times=None)
        assert {bench.caller.post(SEARCH).code for _ in range(5)} == {36009003}
        assert bench.faults.remove(fault.id)
        assert not bench.faults.remove(fault.id)
        assert bench.caller.post(SEARCH).code == 0

    def test_an_operation_is_told_by_its_id(self, bench: Bench) -> None:
        bench.add("error", operation="get_order_list")
        assert bench.caller.without_cipher().get(SHOPS).code == 0
        assert bench.caller.post(SEARCH).code == 36009003

    def test_operations_are_told_by_a_pattern_of_their_path(self, bench: Bench) -> None:
        bench.add("error", path="/authorization/*")
        assert bench.caller.post(SEARCH).code == 0
        assert bench.caller.without_cipher().get(SHOPS).code == 36009003

    def test_a_path_that_no_endpoint_has_can_fail_too(self, bench: Bench) -> None:
        """As when a page of the network in front answers for a category that it does not know."""
        bench.add("not_json", path="/nowhere/*", status=404)
        answer = bench.raw("/nowhere/at/all")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")

    def test_one_shop_fails_and_another_does_not(self, bench: Bench) -> None:
        first, second, *_ = bench.caller.world.shops
        bench.add("error", shop_id=second.id)
        assert bench.caller.post(SEARCH).code == 0
        assert replace(bench.caller, cipher=second.cipher).post(SEARCH).code == 36009003
        assert bench.caller.shop is first

    def test_a_share_is_drawn_from_the_seed(self, conformance: Conformance) -> None:
        def codes() -> list[int]:
            bench = Bench(conformance)
            bench.add("error", times=None, share=0.5)
            return [bench.caller.post(SEARCH, page_size=1).code for _ in range(40)]

        first = codes()
        assert first == codes()
        assert 10 < first.count(36009003) < 30

    def test_the_first_rule_that_fits_acts(self, bench: Bench) -> None:
        bench.add("error", code=1)
        bench.add("error", code=2)
        assert [bench.caller.post(SEARCH).code for _ in range(3)] == [1, 2, 0]

    def test_all_rules_are_taken_out(self, bench: Bench) -> None:
        bench.add("error")
        bench.add("reset")
        assert [fault.id for fault in bench.faults.all()] == [1, 2]
        bench.faults.clear()
        assert bench.caller.post(SEARCH).code == 0

    def test_what_was_injected_is_written_down(self, bench: Bench) -> None:
        bench.add("unavailable")
        bench.caller.post(SEARCH)
        written = bench.last()
        assert (written["fault"], written["status"], written["code"]) == ("unavailable", 503, 36009003)
        assert (written["operation"], written["executed"], written["body"]) == ("get_order_list", False, "{}")


class TestAnswers:
    @pytest.mark.parametrize(
        ("kind", "status", "code"),
        [
            ("error", 500, 36009003),
            ("unavailable", 503, 36009003),
            ("server_timeout", 504, 36009007),
            ("too_many_requests", 429, 36009002),
            ("expired_token", 401, 105002),
        ],
    )
    def test_a_kind_stands_for_a_status_and_a_code(self, bench: Bench, kind: str, status: int, code: int) -> None:
        bench.add(kind)
        answer = bench.caller.post(SEARCH)
        assert (answer.status, answer.code) == (status, code)
        assert answer.envelope["request_id"]

    @pytest.mark.parametrize("status", [99, 100, 101, 199, 204, 205, 304, 600])
    def test_a_status_that_no_answer_with_a_body_can_have_is_refused(self, bench: Bench, status: int) -> None:
        with pytest.raises(ValueError, match=f"{status} is no HTTP status"):
            bench.add("error", status=status)

    def test_status_code_and_message_can_be_any(self, bench: Bench) -> None:
        bench.add("error", status=200, code=25001028, message="locked")
        answer = bench.caller.post(SEARCH)
        assert (answer.status, answer.code, answer.message) == (200, 25001028, "locked")

    def test_a_limit_says_when_to_come_back(self, bench: Bench) -> None:
        bench.add("too_many_requests", retry_after=7)
        assert bench.caller.post(SEARCH).headers["retry-after"] == "7"

    def test_a_page_that_is_not_json(self, bench: Bench) -> None:
        bench.add("not_json")
        answer = bench.raw()
        assert answer.status_code == 502
        assert "<html>" in answer.text
        assert bench.last()["code"] is None

    def test_an_answer_that_ends_half_way(self, bench: Bench) -> None:
        bench.add("truncated")
        answer = bench.raw()
        assert answer.status_code == 200
        with pytest.raises(json.JSONDecodeError):
            answer.json()

    def test_a_delay_lets_the_call_go_on(self, bench: Bench) -> None:
        bench.add("delay", delay=2.5)
        assert bench.caller.post(SEARCH).code == 0
        assert bench.slept == [2.5]
        assert bench.last()["executed"]

    def test_any_fault_can_come_late(self, bench: Bench) -> None:
        bench.add("error", delay=4)
        assert bench.caller.post(SEARCH).code == 36009003
        assert bench.slept == [4]


class TestNoAnswer:
    def test_a_reset_in_this_process_is_an_error_of_the_application(self, bench: Bench) -> None:
        bench.add("reset")
        with pytest.raises(ConnectionResetError):
            bench.raw()
        written = bench.last()
        assert (written["fault"], written["status"], written["executed"]) == ("reset", None, False)

    def test_silence_lasts_until_the_caller_gives_up(self, bench: Bench) -> None:
        bench.add("no_answer")
        caller = bench.caller

        async def main() -> None:
            transport = httpx.ASGITransport(caller.app)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url=caller.base_url) as client:
                with anyio.move_on_after(0.05) as patience:
                    await client.post(SEARCH, params=caller.signed(SEARCH, {}, b"{}"), content=b"{}")
                assert patience.cancelled_caught

        anyio.run(main)
        assert bench.last()["fault"] == "no_answer"


class TestAfter:
    def set_stock(self, bench: Bench, quantity: int) -> tuple[int, Answer | None]:
        """Sets a stock, and reads from the state what it is then."""
        caller, shop = bench.caller, bench.caller.shop
        product = next(each for each in shop.products if each.status == "ACTIVATE")
        sku, warehouse = product.skus[0], shop.sales_warehouse
        body = {"skus": [{"id": sku.id, "inventory": [{"warehouse_id": warehouse.id, "quantity": quantity}]}]}
        try:
            answer = caller.post(STOCK.format(product.id), body)
        except ConnectionResetError:
            answer = None
        return product.skus[0].stock[warehouse.id], answer

    def test_a_call_is_carried_out_and_its_answer_lost(self, bench: Bench) -> None:
        bench.add("reset", after=True)
        stock, answer = self.set_stock(bench, 4321)
        assert (stock, answer) == (4321, None)
        assert bench.last()["executed"]

    def test_a_call_is_carried_out_and_answered_by_a_time_out(self, bench: Bench) -> None:
        bench.add("server_timeout", after=True)
        stock, answer = self.set_stock(bench, 4322)
        assert stock == 4322
        assert answer is not None
        assert (answer.status, answer.code) == (504, 36009007)

    def test_without_it_nothing_is_carried_out(self, bench: Bench) -> None:
        bench.add("server_timeout")
        stock, _ = self.set_stock(bench, 4323)
        assert stock != 4323

    def test_a_refused_call_keeps_the_fault_for_the_next(self, bench: Bench) -> None:
        bench.add("reset", after=True)
        assert bench.caller.post(SEARCH, page_size=0).code == 98001004
        with pytest.raises(ConnectionResetError):
            bench.raw()

    def test_items_that_are_called_failed(self, bench: Bench) -> None:
        bench.add("partial_errors")
        product = next(iter(bench.caller.shop.products))
        answer = bench.caller.post("/product/202309/products/deactivate", {"product_ids": [product.id]})
        (error,) = answer.data["errors"]
        assert error["detail"] == {"product_id": product.id}

    def test_failed_items_that_are_no_more_than_their_ids(self, bench: Bench) -> None:
        bench.add("partial_errors")
        answer = bench.caller.post("/affiliate_seller/202412/conversatons/read", {"conversation_ids": ["7", "8"]})
        assert answer.data == {"failed_conversation_ids": ["7"]}

    def test_failed_items_within_an_object_of_the_answer(self, bench: Bench) -> None:
        operation = next(
            each for each in bundled_spec().operations if each.failed_items == "stock_operation.failed_sku_ids"
        )
        bench.add("partial_errors")
        answer = bench.caller.call(operation.method, operation.path, body={"seller_id": "1", "sku_ids": ["7", "8"]})
        assert answer.data["stock_operation"]["failed_sku_ids"] == ["7"]

    def test_failed_items_whose_id_stands_beside_the_message(self, bench: Bench) -> None:
        bench.add("partial_errors")
        body = {"material": {"type": "PRODUCT", "promotion_campaign_schema": "s", "ids": ["7", "8"]}}
        path = "/affiliate_creator/202505/affiliate_sharing_links/general_publishers/generate_batch"
        creator = bench.caller.without_cipher().with_token(bench.caller.world.issue_token("creator").id)
        (failed,) = creator.post(path, body).data["failed_materials"]
        assert failed == {"material_id": "7", "fail_reason": "Internal error: this item failed"}


class TestOddAnswers:
    def test_nulls(self, bench: Bench) -> None:
        bench.add("nulls", fields=["orders.payment", "orders.line_items.sku_id"])
        order = bench.data()["orders"][0]
        assert order["payment"] is None
        assert {line["sku_id"] for line in order["line_items"]} == {None}
        assert order["id"]

    def test_empty_strings(self, bench: Bench) -> None:
        bench.add("empty_strings", fields=["currency"])
        assert bench.data()["orders"][0]["payment"]["currency"] == ""

    def test_numbers_for_strings_and_strings_for_numbers(self, bench: Bench) -> None:
        order = bench.data()["orders"][0]
        bench.add("swapped_types", fields=["orders.id", "orders.create_time", "orders.payment.total_amount"])
        odd = bench.data()["orders"][0]
        assert odd["id"] == int(order["id"])
        assert odd["create_time"] == str(order["create_time"])
        assert odd["payment"]["total_amount"] == float(order["payment"]["total_amount"])

    def test_enumerations_take_values_that_are_in_no_reference(self, bench: Bench) -> None:
        bench.add("unknown_enums", fields=["orders.status"])
        assert {order["status"] for order in bench.data()["orders"]} == {UNKNOWN_VALUE}

    def test_fields_that_are_in_no_reference(self, bench: Bench) -> None:
        bench.add("extra_fields", fields=["orders.payment"])
        assert EXTRA_FIELD in bench.data()["orders"][0]["payment"]

    def test_milliseconds_for_seconds(self, bench: Bench) -> None:
        order = bench.data()["orders"][0]
        bench.add("milliseconds", fields=["orders.*_time"])
        odd = bench.data()["orders"][0]
        assert odd["create_time"] == order["create_time"] * 1000

    def test_a_token_on_the_last_page_leads_to_an_empty_one(self, bench: Bench) -> None:
        bench.add("last_page_token")
        token = bench.data(page_size=100)["next_page_token"]
        assert token
        beyond = bench.caller.post(SEARCH, page_size=100, page_token=token).data
        assert beyond["orders"] == []
        assert not beyond.get("next_page_token")

    def test_a_token_on_the_last_page_whose_place_is_within_an_object(self, bench: Bench) -> None:
        bench.add("last_page_token", times=None)
        path, body = "/product/202604/opportunities/query", {"opportunity_type": "KEYWORD"}
        token = bench.caller.post(path, body, page_size=100).data["data"]["next_page_token"]
        beyond = bench.caller.post(path, body, page_size=100, page_token=token).data["data"]
        assert token
        assert beyond["opportunities"] == []

    def test_a_page_in_the_middle_keeps_its_token(self, bench: Bench) -> None:
        token = bench.data(page_size=10)["next_page_token"]
        bench.add("last_page_token")
        assert bench.data(page_size=10)["next_page_token"] == token

    def test_data_is_null_or_empty_or_absent(self, bench: Bench) -> None:
        bench.add("no_data", times=None)
        seen = {repr(bench.raw().json().get("data", "absent")) for _ in range(20)}
        assert seen == {"None", "{}", "'absent'"}

    def test_without_names_some_fields_change_and_rows_keep_their_ids(self, bench: Bench) -> None:
        before = bench.data()
        bench.add("nulls")
        odd = bench.data()
        assert [order["id"] for order in odd["orders"]] == [order["id"] for order in before["orders"]]
        changed = {name for row in odd["orders"] for name, value in row.items() if value is None}
        assert len(changed) > 5
        assert {row["status"] is None for row in odd["orders"]} == {True, False}

    @pytest.mark.parametrize("kind", ODDITIES)
    def test_the_state_stays_as_it_is(self, bench: Bench, kind: str) -> None:
        before = bench.data(PRODUCTS), bench.data()
        bench.add(kind, times=2)
        bench.raw(PRODUCTS)
        bench.raw()
        assert (bench.data(PRODUCTS), bench.data()) == before

    @pytest.mark.parametrize("kind", ODDITIES)
    def test_an_answer_without_rows_is_fine_too(self, bench: Bench, kind: str) -> None:
        bench.add(kind)
        empty = bench.raw(body=b'{"create_time_ge": 4000000000}')
        assert (empty.json()["code"], bench.last()["fault"]) == (0, kind)


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ({"kind": "explosion"}, "no kind of fault; there are error, "),
        ({"kind": "reset", "times": 0}, "`times`"),
        ({"kind": "reset", "share": 1.5}, "`share`"),
        ({"kind": "delay", "delay": -1}, "`delay`"),
        ({"kind": "reset", "fields": ["id"]}, "`fields`"),
        ({"kind": "error", "status": 42}, "HTTP status"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Fault(**rule)


def test_a_rule_tells_all_about_itself() -> None:
    told = Fault(kind="truncated", operation="get_order_list").to_dict()
    assert told["operation"] == "get_order_list"
    assert told["after"] is True
    assert told["kind"] in KINDS
