"""Every list hands out every row once, whatever the size of its pages, and takes back only its own tokens."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from tiktok_shop_async.sandbox.paging import REMEMBERED, Searches
from tiktok_shop_async.sandbox.registry import served
from tiktok_shop_async.sandbox.spec import BUNDLE

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Answer, Caller

PAGED: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method.upper(), path, operation["x-pagination"])
    for path, item in json.loads(BUNDLE.read_bytes())["paths"].items()
    for method, operation in item.items()
    if (method.upper(), path) in served()
    and "next-token" in operation.get("x-pagination", {})
    and "shop_cipher" in operation["x-identifiers"]  # what a seller has beyond the shops begins empty
}
NEEDED: dict[str, dict[str, object]] = {
    "get_payments_202309": {"sort_field": "create_time"},
    "get_statements": {"sort_field": "statement_time"},
    "get_seller_financial_transactions": {"types": ["SETTLE", "WITHDRAW"]},
    "get_transactions_by_statement_202501": {"sort_field": "order_create_time"},
}


SOUTH_EAST_ASIAN = {"get_seller_financial_transactions"}


def turn(caller: Caller, operation_id: str, **query: object) -> Answer:
    """One page."""
    caller = caller.within("ID") if operation_id in SOUTH_EAST_ASIAN else caller
    method, path, _ = PAGED[operation_id]
    path = path.replace("{statement_id}", caller.shop.ledger.issued(caller.world.now)[-1].id)
    body: dict[str, Any] | None = None if method == "GET" else {}
    return caller.call(method, path, query={**NEEDED.get(operation_id, {}), **query}, body=body)


def read(caller: Caller, operation_id: str, size: int) -> list[str]:
    """The ids of every row, page by page, up to the first page that is empty or has no token."""
    rules = PAGED[operation_id][2]
    ids: list[str] = []
    token = ""
    while True:
        data = turn(caller, operation_id, page_size=size, page_token=token).data
        page = [str(row[rules["key"]]) for row in data.get(rules["items"], [])]
        ids += page
        token = data.get(rules["next-token"], "")
        if not page or not token:
            assert data.get("total_count", len(ids)) == len(ids)
            return ids


@pytest.mark.parametrize("operation_id", PAGED)
def test_pages_of_any_size_give_every_row_once(reader: Caller, operation_id: str) -> None:
    size = PAGED[operation_id][2]["page-size"]
    smallest = max(size.get("minimum", 1), 1)
    ids = read(reader, operation_id, size["maximum"])
    assert ids
    assert len(ids) == len(set(ids))
    assert read(reader, operation_id, smallest) == ids
    assert read(reader, operation_id, smallest + 3) == ids


@pytest.mark.parametrize("end", [b"", b"5", b'["x", "y"]', b"[1]", b"[null, null]", b"\xff"])
def test_a_token_that_was_tampered_with_is_refused(reader: Caller, end: bytes) -> None:
    """Its beginning is right: it belongs to this very search."""
    token = turn(reader, "get_order_list", page_size=10).data["next_page_token"]
    forged = token[:2] + base64.b64encode(base64.b64decode(token[2:])[:9] + end).decode()
    answer = turn(reader, "get_order_list", page_size=10, page_token=forged)
    assert (answer.code, answer.status) == (36009004, 400)


def test_a_search_that_is_repeated_finds_what_has_changed_in_between(caller: Caller) -> None:
    """What a search has found is remembered no longer than it holds."""
    path, body = "/order/202309/orders/search", {"order_status": "AWAITING_SHIPMENT"}
    before = caller.post(path, body, page_size=1).data
    order_id = before["orders"][0]["id"]
    assert caller.post(path, body, page_size=1).data == before
    wish = {"order_id": order_id, "cancel_reason": "ecom_order_to_ship_canceled_reason_out_of_stock_seller"}
    assert caller.post("/return_refund/202309/cancellations", wish).code == 0
    after = caller.post(path, body, page_size=1).data
    assert after["total_count"] == before["total_count"] - 1
    assert after["orders"][0]["id"] != order_id


def test_no_more_searches_are_remembered_than_a_few() -> None:
    searches = Searches()
    for number in range(REMEMBERED + 1):
        searches.remember(bytes([number]), 1, [number])
    assert searches.recall(bytes([0]), 1) is None
    assert searches.recall(bytes([REMEMBERED]), 1) == [REMEMBERED]
    assert searches.recall(bytes([REMEMBERED]), 2) is None
