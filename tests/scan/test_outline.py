"""Outlines of models: some fields of an answer, read as its whole would be."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import define, field, fields

from tiktok_shop_async.decoding import decode_envelope
from tiktok_shop_async.model import Model, empty_list
from tiktok_shop_async.models import OrderPage
from tiktok_shop_async.outline import outline

NEEDED = ("orders.id", "orders.create_time", "next_page_token", "total_count")


@define(kw_only=True, eq=False, repr=False)
class Row(Model):
    id: str = ""
    name: str | None = None


@define(kw_only=True, eq=False, repr=False)
class Rows(Model):
    entries: list[Row] = field(factory=empty_list)
    total: int | None = None


@define(kw_only=True, eq=False, repr=False)
class Page(Model):
    rows: Rows = field(factory=Rows)
    note: str | None = None


def test_an_outline_has_what_was_asked_for_and_nothing_else() -> None:
    part: Any = outline(OrderPage, NEEDED)
    assert [each.name for each in fields(part)] == ["next_page_token", "orders", "total_count"]
    page = part.from_dict({"orders": [{"id": "1", "create_time": 2, "status": "UNPAID"}]})
    assert page.to_dict() == {"orders": [{"id": "1", "create_time": 2}]}


def test_paths_lead_through_objects_and_lists() -> None:
    found = outline(Page, ("rows.entries.id", "rows.total")).from_dict(
        {"rows": {"entries": [{"id": "1", "name": "a"}], "total": 3}, "note": "b"}
    )
    assert found.to_dict() == {"rows": {"entries": [{"id": "1"}], "total": 3}}


def test_what_is_absent_has_the_defaults_of_the_model() -> None:
    found: Any = outline(Page, ("rows.entries.id", "rows.total"))()
    assert found.rows.entries == []
    assert found.rows.total is None


def test_an_outline_is_made_once() -> None:
    assert outline(OrderPage, NEEDED) is outline(OrderPage, NEEDED)


@pytest.mark.parametrize(
    "data",
    [
        '{"orders":[{"id":"1","create_time":5},{"id":"2","create_time":6}],"total_count":2,"next_page_token":"a"}',
        '{"orders":[{"id":17,"create_time":"5"},{"create_time":6.0}],"total_count":"2"}',
        '{"orders":[null,{"id":"2"},{"id":"3","create_time":"soon","line_items":{"id":"4"}}]}',
        '{"orders":{"id":"1","create_time":5,"payment":[]}}',
        '{"orders":"","total_count":"many","next_page_token":7}',
        '{"orders":[{"id":"1","create_time":5,"buyer_message":"\\ud83d"}]}',
        "null",
        "[]",
    ],
)
def test_what_is_odd_is_fitted_as_it_is_in_the_whole(data: str) -> None:
    content = b'{"code":0,"data":%b}' % data.encode()
    whole = decode_envelope(content, OrderPage, operation="orders.get_order_list").data
    found: Any = decode_envelope(content, outline(OrderPage, NEEDED), operation="orders.get_order_list").data
    assert [(each.id, each.create_time) for each in found.orders] == [
        (each.id, each.create_time) for each in whole.orders
    ]
    assert found.next_page_token == whole.next_page_token
    assert found.total_count == whole.total_count
