"""Pagers: one object that is awaited or iterated, and where its iteration ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest

from tests.runtime.depot import PositionInput
from tests.runtime.wire import answer
from tiktok_shop_async import ArgumentError, CallOptions, ServerError

if TYPE_CHECKING:
    from tests.runtime.conftest import MakeDepot
    from tests.runtime.depot import Crate, CratePage
    from tiktok_shop_async import Pager, RawAnswer

pytestmark = pytest.mark.anyio


def crates(*ids: str, then: Any = None) -> RawAnswer:
    """A page of crates with these ids, and the token of the next one."""
    return answer({"shelf": {"crates": [{"id": each} for each in ids]}, "next_page_token": then})


THREE_PAGES = (crates("1", "2", then="t2"), crates("3", "4", then="t3"), crates("5"))


async def rows(pager: Pager[CratePage, Crate]) -> list[str]:
    return [crate.id async for crate in pager]


async def test_the_rows_of_all_pages_come_in_order(make_depot: MakeDepot) -> None:
    at = make_depot(*THREE_PAGES)
    assert await rows(at.depot.list_crates()) == ["1", "2", "3", "4", "5"]
    assert [sent.query.get("page_token") for sent in at.wire.sent] == [None, "t2", "t3"]


async def test_pages_can_be_iterated_too(make_depot: MakeDepot) -> None:
    at = make_depot(*THREE_PAGES)
    pages = [[crate.id for crate in page.shelf.crates] async for page in at.depot.list_crates().pages()]
    assert pages == [["1", "2"], ["3", "4"], ["5"]]


async def test_awaiting_gives_the_first_page(make_depot: MakeDepot) -> None:
    at = make_depot(*THREE_PAGES)
    pager = at.depot.list_crates()
    page = await pager
    assert [crate.id for crate in page.shelf.crates] == ["1", "2"]
    assert pager.next_page_token == page.next_page_token == "t2"
    assert len(at.wire.sent) == 1


async def test_first_is_a_coroutine_for_those_who_need_one(make_depot: MakeDepot) -> None:
    at = make_depot(crates("1"))
    assert (await at.depot.list_crates().first()).shelf.crates[0].id == "1"


async def test_nothing_is_sent_before_the_first_row_is_asked_for(make_depot: MakeDepot) -> None:
    at = make_depot(*THREE_PAGES)
    pager = at.depot.list_crates()
    iterator = aiter(pager)
    assert at.wire.sent == []
    await anext(iterator)
    await anext(iterator)
    assert len(at.wire.sent) == 1


async def test_each_iteration_starts_anew(make_depot: MakeDepot) -> None:
    at = make_depot(crates("1", then="t2"), crates("2"), crates("1", then="t2"), crates("2"))
    pager = at.depot.list_crates()
    assert await rows(pager) == ["1", "2"]
    assert await rows(pager) == ["1", "2"]


async def test_filters_and_options_hold_for_every_page(make_depot: MakeDepot) -> None:
    at = make_depot(*THREE_PAGES)
    pager = at.depot.list_crates(page_size=2, name="a", options=CallOptions(headers={"x-trace": "t"}))
    await rows(pager)
    assert [sent.query["page_size"] for sent in at.wire.sent] == ["2"] * 3
    assert [json.loads(sent.body) for sent in at.wire.sent] == [{"name": "a"}] * 3
    assert [sent.headers["x-trace"] for sent in at.wire.sent] == ["t"] * 3


async def test_the_position_can_travel_in_the_body(make_depot: MakeDepot) -> None:
    at = make_depot(crates("1", then="t2"), crates("2"))
    assert await rows(at.depot.list_crates_by_body()) == ["1", "2"]
    assert [json.loads(sent.body) for sent in at.wire.sent] == [{}, {"cursor": "t2"}]
    assert "cursor" not in at.wire.sent[1].query


@pytest.mark.parametrize("given", [PositionInput(size=1), {"size": 1}], ids=["as an object", "as a dict"])
async def test_the_position_can_travel_in_an_object_of_the_body_beside_the_rest_of_it(
    make_depot: MakeDepot, given: PositionInput | dict[str, Any]
) -> None:
    at = make_depot(crates("1", then="t2"), crates("2"))
    assert await rows(at.depot.list_crates_by_object(position=given)) == ["1", "2"]
    assert [json.loads(sent.body) for sent in at.wire.sent] == [
        {"position": {"size": 1}},
        {"position": {"size": 1, "cursor": "t2"}},
    ]


async def test_an_object_that_was_not_given_is_made_for_the_position(make_depot: MakeDepot) -> None:
    at = make_depot(crates("1", then="t2"), crates("2"))
    assert await rows(at.depot.list_crates_by_object()) == ["1", "2"]
    assert [json.loads(sent.body) for sent in at.wire.sent] == [{}, {"position": {"cursor": "t2"}}]


@pytest.mark.parametrize("given", [PositionInput(cursor="t2"), {"cursor": "t2"}], ids=["as an object", "as a dict"])
async def test_a_token_given_in_an_object_was_there_before(
    make_depot: MakeDepot, given: PositionInput | dict[str, Any]
) -> None:
    at = make_depot(crates("2", then="t2"), crates("2"))
    assert await rows(at.depot.list_crates_by_object(position=given)) == ["2"]


# Where it ends


@pytest.mark.parametrize("token", [None, ""])
async def test_without_a_token_the_page_is_the_last(make_depot: MakeDepot, token: str | None) -> None:
    at = make_depot(crates("1", then=token), crates("2"))
    pager = at.depot.list_crates()
    assert await rows(pager) == ["1"]
    assert pager.next_page_token is None


async def test_a_page_that_repeats_its_token_stops_the_iteration(make_depot: MakeDepot) -> None:
    at = make_depot(crates("1", then="t2"), crates("2", then="t2"), crates("3"))
    pager = at.depot.list_crates()
    assert await rows(pager) == ["1", "2"]
    assert pager.next_page_token is None


async def test_a_token_from_further_back_stops_the_iteration(make_depot: MakeDepot) -> None:
    at = make_depot(crates("1", then="t2"), crates("2", then="t3"), crates("3", then="t2"), crates("4"))
    assert await rows(at.depot.list_crates()) == ["1", "2", "3"]


async def test_the_token_that_the_call_was_given_counts_as_seen(make_depot: MakeDepot) -> None:
    at = make_depot(crates("1", then="t1"), crates("2"))
    assert await rows(at.depot.list_crates(page_token="t1")) == ["1"]


async def test_an_empty_page_stops_the_iteration_though_it_has_a_token(make_depot: MakeDepot) -> None:
    at = make_depot(crates("1", then="t2"), crates(then="t3"), crates("2"))
    pager = at.depot.list_crates()
    pages = [page async for page in pager.pages()]
    assert [len(page.shelf.crates) for page in pages] == [1]
    assert pager.next_page_token is None


async def test_an_empty_list_has_a_first_page_and_no_rows(make_depot: MakeDepot) -> None:
    at = make_depot(answer(None))
    assert (await at.depot.list_crates()).shelf.crates == []
    assert await rows(at.depot.list_crates()) == []


async def test_an_iteration_that_has_ended_stays_ended(make_depot: MakeDepot) -> None:
    at = make_depot(crates("1"))
    pages = at.depot.list_crates().pages()
    assert [len(page.shelf.crates) async for page in pages] == [1]
    with pytest.raises(StopAsyncIteration):
        await anext(pages)
    assert len(at.wire.sent) == 1


# Stopping early, and going on


@pytest.mark.parametrize(("limit", "expected", "requests"), [(0, 0, 0), (1, 1, 1), (2, 2, 1), (3, 3, 2), (9, 5, 3)])
async def test_a_limit_stops_after_so_many_rows(
    make_depot: MakeDepot, limit: int, expected: int, requests: int
) -> None:
    at = make_depot(*THREE_PAGES)
    assert len(await rows(at.depot.list_crates().limit(limit))) == expected
    assert len(at.wire.sent) == requests


@pytest.mark.parametrize(("limit", "expected"), [(0, 0), (1, 1), (2, 1), (3, 2)])
async def test_pages_stop_with_the_one_that_reaches_the_limit(make_depot: MakeDepot, limit: int, expected: int) -> None:
    at = make_depot(*THREE_PAGES)
    assert len([page async for page in at.depot.list_crates().limit(limit).pages()]) == expected


@pytest.mark.parametrize("limit", [-1, True, 1.5, "5"])
def test_a_limit_that_makes_no_sense_is_refused(make_depot: MakeDepot, limit: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^limit: "):
        make_depot().depot.list_crates().limit(limit)


async def test_a_saved_token_takes_the_iteration_up_again(make_depot: MakeDepot) -> None:
    at = make_depot(*THREE_PAGES)
    pager = at.depot.list_crates()
    async for _ in pager.pages():
        saved = pager.next_page_token
        break
    assert await rows(at.depot.list_crates(page_token=saved)) == ["3", "4", "5"]


async def test_awaiting_a_resumed_pager_gives_the_page_of_its_token(make_depot: MakeDepot) -> None:
    at = make_depot(crates("3", then="t3"))
    await at.depot.list_crates(page_token="t2")
    assert at.wire.sent[0].query["page_token"] == "t2"


async def test_an_iteration_can_go_on_after_an_error(make_depot: MakeDepot) -> None:
    """The position is that of the page which could not be read."""
    at = make_depot(crates("1", then="t2"), answer(code=36009003), crates("2"), max_retries=0)
    pager = at.depot.list_crates()
    pages = pager.pages()
    await anext(pages)
    with pytest.raises(ServerError):
        await anext(pages)
    assert pager.next_page_token == "t2"
    assert (await anext(pages)).shelf.crates[0].id == "2"


async def test_tasks_that_share_an_iteration_get_each_row_once(make_depot: MakeDepot) -> None:
    at = make_depot(*THREE_PAGES)
    shared = aiter(at.depot.list_crates().limit(5))
    taken: list[str] = []

    async def work() -> None:
        async for crate in shared:
            taken.append(crate.id)
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(work)
    assert sorted(taken) == ["1", "2", "3", "4", "5"]
    assert len(at.wire.sent) == 3


async def test_tasks_that_share_an_iteration_get_each_page_once(make_depot: MakeDepot) -> None:
    at = make_depot(*THREE_PAGES)
    shared = at.depot.list_crates().pages()
    taken: list[str] = []

    async def work() -> None:
        async for page in shared:
            taken.extend(crate.id for crate in page.shelf.crates)

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(work)
    assert taken == ["1", "2", "3", "4", "5"]


async def test_leaving_an_iteration_early_leaves_nothing_behind(make_depot: MakeDepot) -> None:
    """Neither iterator has anything to close, which an async generator would."""
    pager = make_depot(*THREE_PAGES).depot.list_crates()
    assert not hasattr(aiter(pager), "aclose")
    assert not hasattr(pager.pages(), "aclose")


def test_a_pager_says_what_it_lists(make_depot: MakeDepot) -> None:
    assert repr(make_depot().depot.list_crates()) == "<Pager of shelf.crates>"


def counted(*ids: str, total: Any = None) -> RawAnswer:
    """A page of a list whose pages are counted."""
    return answer({"shelf": {"crates": [{"id": each} for each in ids]}, "total_count": total})


async def test_pages_that_are_counted_are_asked_for_by_number(make_depot: MakeDepot) -> None:
    at = make_depot(counted("1", "2", total=5), counted("3", "4", total=5), counted("5", total=5))
    assert await rows(at.depot.leaf_through_crates()) == ["1", "2", "3", "4", "5"]
    assert [json.loads(sent.body).get("page_no") for sent in at.wire.sent] == [None, 2, 3]


async def test_a_counted_list_ends_with_the_last_row_that_is_counted(make_depot: MakeDepot) -> None:
    """The next number would give an empty page, or on some services the last page once more."""
    at = make_depot(counted("1", "2", total=2))
    pager = at.depot.leaf_through_crates()
    assert await rows(pager) == ["1", "2"]
    assert (len(at.wire.sent), pager.next_page_number) == (1, None)


async def test_a_counted_list_without_a_total_ends_on_an_empty_page(make_depot: MakeDepot) -> None:
    at = make_depot(counted("1", "2"), counted("3"), counted())
    assert await rows(at.depot.leaf_through_crates()) == ["1", "2", "3"]


async def test_a_counted_list_goes_on_from_a_saved_number(make_depot: MakeDepot) -> None:
    at = make_depot(counted("1", "2", total=5), counted("3", "4", total=5), counted("5", total=5))
    pager = at.depot.leaf_through_crates()
    await pager
    assert (pager.next_page_number, pager.next_page_token) == (2, None)
    assert await rows(at.depot.leaf_through_crates(page_no=pager.next_page_number)) == ["3", "4", "5"]
    assert [json.loads(sent.body).get("page_no") for sent in at.wire.sent] == [None, 2, 3]


async def test_a_list_by_token_has_no_page_number(make_depot: MakeDepot) -> None:
    pager = make_depot(*THREE_PAGES).depot.list_crates()
    await pager
    assert (pager.next_page_token, pager.next_page_number) == ("t2", None)
