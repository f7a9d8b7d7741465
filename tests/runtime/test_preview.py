"""Whoever uses what is announced and not released is told so, once for each name."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping  # noqa: TC003 - msgspec resolves annotations at run time
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from attrs import define
from msgspec.structs import replace

from tests.runtime.depot import GET_CRATE, LIST_CRATES, MAKE_CRATE, Crate
from tests.runtime.wire import answer
from tiktok_shop_async import ArgumentError, PreviewWarning
from tiktok_shop_async.model import InputModel
from tiktok_shop_async.operation import TEXT, Object, Parameter

if TYPE_CHECKING:
    from tests.runtime.conftest import MakeDepot

pytestmark = pytest.mark.anyio

CRATE = {"id": "1", "name": "a"}
PREVIEW = replace(GET_CRATE, preview=True)
ROWS = replace(LIST_CRATES, preview=True)


@define(kw_only=True)
class StampInput(InputModel):
    """A stamp."""

    text: str | None = None
    colour: str | None = None

    __preview__ = ("colour",)

    __shapes__: ClassVar[Mapping[str, Parameter]] = {
        "text": Parameter(TEXT),
        "colour": Parameter(TEXT, preview=True),
    }


MAKE = replace(
    MAKE_CRATE,
    body={
        **MAKE_CRATE.body,
        "stamp": Parameter(Object("stamps.StampInput")),
        "shelf": Parameter(TEXT, preview=True),
    },
)


@pytest.fixture(autouse=True)
def _stamps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `Object("stamps.StampInput")` looks for the class."""
    monkeypatch.setitem(sys.modules, "tiktok_shop_async.models.stamps", sys.modules[__name__])


async def told(make_depot: MakeDepot, operation: Any, *calls: dict[str, Any], action: Any = "default") -> list[str]:
    """What calls of an operation warn of."""
    at = make_depot(*(answer(CRATE) for _ in calls))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter(action)
        for arguments in calls:
            await at.client._call.send(operation, arguments)
    assert {each.category for each in caught} <= {PreviewWarning}
    return [str(each.message) for each in caught]


async def test_a_preview_that_is_called_is_told(make_depot: MakeDepot) -> None:
    assert await told(make_depot, PREVIEW, {"crate_id": "1"}) == [
        "depot.get_crate is a preview: announced, and may still change"
    ]


async def test_it_is_told_once_however_often_it_is_called(make_depot: MakeDepot) -> None:
    assert len(await told(make_depot, PREVIEW, {"crate_id": "1"}, {"crate_id": "2"})) == 1


async def test_it_is_told_once_for_all_pages_of_a_list(make_depot: MakeDepot) -> None:
    at = make_depot(
        answer({"shelf": {"crates": [{"id": "1"}]}, "next_page_token": "next"}),
        answer({"shelf": {"crates": [{"id": "2"}]}}),
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        assert [row.id async for row in at.client._call.pages(ROWS, {"page_size": 1})] == ["1", "2"]
    assert len(caught) == 1


async def test_each_operation_is_told(make_depot: MakeDepot) -> None:
    other = replace(PREVIEW, name="depot.find_crate")
    at = make_depot(answer(CRATE), answer(CRATE))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for operation in (PREVIEW, other):
            await at.client._call.send(operation, {"crate_id": "1"})
    assert [str(each.message).split()[0] for each in caught] == ["depot.get_crate", "depot.find_crate"]


async def test_filters_decide_as_with_any_warning(make_depot: MakeDepot) -> None:
    calls = {"crate_id": "1"}, {"crate_id": "2"}
    assert await told(make_depot, PREVIEW, *calls, action="ignore") == []
    assert len(await told(make_depot, PREVIEW, *calls, action="always")) == 2


async def test_as_an_error_it_keeps_the_call_from_being_made(make_depot: MakeDepot) -> None:
    at = make_depot(answer(CRATE))
    with pytest.raises(PreviewWarning, match=r"depot\.get_crate"):
        await at.client._call.send(PREVIEW, {"crate_id": "1"})
    assert at.wire.sent == []


async def test_an_operation_that_is_none_says_nothing(make_depot: MakeDepot) -> None:
    assert await told(make_depot, GET_CRATE, {"crate_id": "1"}) == []


async def test_an_argument_that_is_a_preview_is_told_when_it_is_sent(make_depot: MakeDepot) -> None:
    assert await told(make_depot, MAKE, {"name": "n", "shelf": "top"}) == [
        "depot.make_crate(shelf=…) is a preview: announced, and may still change"
    ]
    assert await told(make_depot, MAKE, {"name": "n", "shelf": None}) == []


@pytest.mark.parametrize("stamp", [StampInput(colour="red"), {"colour": "red"}], ids=["an object", "a dict"])
async def test_a_field_that_is_a_preview_is_told_when_it_is_sent(make_depot: MakeDepot, stamp: Any) -> None:
    assert await told(make_depot, MAKE, {"name": "n", "stamp": stamp}) == [
        "StampInput(colour=…) is a preview: announced, and may still change"
    ]
    assert await told(make_depot, MAKE, {"name": "n", "stamp": StampInput(text="fragile")}) == []


async def test_what_is_refused_is_refused_as_ever(make_depot: MakeDepot) -> None:
    at = make_depot()
    with pytest.warns(PreviewWarning), pytest.raises(ArgumentError, match=r"crate_id: missing"):
        await at.client._call.send(PREVIEW, {})


def test_a_class_lists_its_fields_that_are_previews() -> None:
    assert StampInput.__preview__ == ("colour",)
    assert Crate.__preview__ == ()
