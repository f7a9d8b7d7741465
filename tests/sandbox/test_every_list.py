"""Every list that is made up hands out its rows once and comes to an end, wherever its endpoint takes the position."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import make_caller
from tests.sandbox.drawn_requests import SPEC, Drawer, Drawn, Sender
from tiktok_shop_async.sandbox.made_up.invention import ROWS
from tiktok_shop_async.sandbox.registry import served

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.sandbox.conformance import Conformance
    from tests.sandbox.signed_calls import Caller
    from tiktok_shop_async.sandbox.spec import Operation

LISTS = {
    operation.id: operation
    for operation in SPEC.operations
    if operation.pagination
    and operation.pagination["style"] != "none"
    and (operation.method, operation.path) not in served()
}


@pytest.fixture(scope="module")
def small(conformance: Conformance) -> Caller:
    """A caller whose world the tests share, since what is made up changes nothing; a field too many is refused."""
    return make_caller(conformance, orders=20, strict=True)


@pytest.fixture(scope="module")
def sender(small: Caller) -> Iterator[Sender]:
    """Sends to that world."""
    sender = Sender(small)
    yield sender
    sender.close()


def placed(drawn: Drawn, place: Mapping[str, Any], value: str | int) -> Drawn:
    """The request with a value at a place of the query, of the body, or of an object in the body."""
    if place["in"] == "query":
        return replace(drawn, query={**drawn.query, place["name"]: str(value)})
    outer, _, inner = str(place["name"]).rpartition(".")
    body: dict[str, Any] = dict(drawn.body or {})
    body |= {outer: {**body.get(outer, {}), inner: value}} if outer else {inner: value}
    return replace(drawn, body=body)


def found(data: Any, path: str) -> Any:
    """What stands under a dotted path, None where it breaks off."""
    for name in path.split("."):
        data = None if data is None else data.get(name)
    return data


@pytest.mark.parametrize("operation", LISTS.values(), ids=LISTS)
def test_a_list_hands_out_each_row_once_and_ends(small: Caller, sender: Sender, operation: Operation) -> None:
    """Asked for with what it needs and no more: in pages of ten, or without a size where that is in an object."""
    places = operation.pagination or {}
    drawn = Drawer(small, operation.id).draw(operation, sparing=True)
    size = places.get("page-size")
    if size and "default" not in size and "." not in size["name"]:
        drawn = placed(drawn, size, max(size.get("minimum", 1), 10))
    number = places.get("page-number", {}).get("first")
    following: Drawn | None = drawn if number is None else placed(drawn, places["page-number"], number)
    rows: list[Any] = []
    while following is not None:
        answer = sender.send(following)
        assert answer.code == 0, answer
        page: list[Any] = found(answer.data, places["items"]) or []
        rows += page
        assert len(rows) <= ROWS
        if number is not None and page:
            number += 1
            following = placed(drawn, places["page-number"], number)
        elif number is None and (token := found(answer.data, places["next-token"])):
            following = placed(drawn, places["token"], token)
        else:
            following = None
    keys = [row[places["key"]] for row in rows] if places.get("key") else []
    assert len(rows) == ROWS
    assert len(set(keys)) == len(keys)
