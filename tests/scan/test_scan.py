"""Scans: a range of time by many calls at once, in order, resumable, and over when their block is left."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scan.books import LATENCY, Books, EvenBooks, Search, client, page, refusal
from tests.virtual_time import START, run
from tiktok_shop_async import ArgumentError, DecodingError, Response, Scan, ServerError, response_of
from tiktok_shop_async.model import attach
from tiktok_shop_async.models import OrderPage
from tiktok_shop_async.operation import Paging, Window
from tiktok_shop_async.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tiktok_shop_async import RawAnswer
    from tiktok_shop_async.models import Order

pytestmark = pytest.mark.anyio

UNTIL = 1_000_000


def scan(books: Books, since: Any = 0, until: Any = UNTIL, by: str = "create_time", **options: Any) -> Scan[Any, Any]:
    return client(books).orders.get_order_list().scan(by, since, until, **options)


async def ids(orders: Scan[OrderPage, Order], most: int | None = None) -> list[str]:
    taken: list[str] = []
    async with orders:
        async for order in orders:
            taken.append(order.id)
            if len(taken) == most:
                break
    return taken


async def gather(orders: Scan[OrderPage, Order], into: list[str]) -> None:
    """Take what comes up to the error."""
    async for order in orders:
        into.append(order.id)  # noqa: PERF401  a comprehension would lose them


# What comes, and in which order


async def test_every_order_of_the_range_comes_once_in_the_order_of_time() -> None:
    books = Books().add(*range(0, 900_000, 300))
    assert await ids(scan(books)) == books.ids()


@settings(max_examples=30)
@given(
    times=st.lists(st.integers(0, 400), max_size=150),
    page_size=st.integers(1, 12),
    concurrency=st.integers(1, 9),
    look_ahead=st.integers(1, 30),
    counts=st.booleans(),
    most=st.integers(0, 150),
    backend=st.sampled_from(["asyncio", "trio"]),
)
def test_stopped_and_resumed_anywhere_every_order_comes_once(
    times: list[int],
    page_size: int,
    concurrency: int,
    look_ahead: int,
    counts: bool,
    most: int,
    backend: str,
) -> None:
    books = Books(counts=counts).add(*times)
    options: dict[str, Any] = {"page_size": page_size, "concurrency": concurrency, "look_ahead": look_ahead}

    async def main() -> list[str]:
        first = scan(books, 0, 401, **options)
        begun = await ids(first, most) if most else []
        saved = json.loads(json.dumps(first.position))
        return begun + await ids(scan(books, 0, 401, resume=saved, **options))

    taken = run(backend, main)
    assert sorted(taken) == books.ids()
    assert [books.orders[each]["create_time"] for each in taken] == sorted(times)


async def test_the_begin_is_part_of_the_range_and_its_end_is_not() -> None:
    assert await ids(scan(Books().add(9, 10, 19, 20), 10, 20)) == ["000001", "000002"]


async def test_an_inclusive_filter_is_told_the_second_before_the_end() -> None:
    said: list[Mapping[str, object]] = []

    async def fetch(arguments: Mapping[str, object], paths: tuple[str, ...] = ()) -> OrderPage:
        said.append(arguments)
        return read(Response(200, {}, b""))

    def read(response: Response) -> OrderPage:
        page = OrderPage()
        attach(page, response)
        return page

    window = Window("create_time_ge", "create_time_le", inclusive=True, sort="create_time")
    paging = Paging(items="orders", key="id", windows={"create_time": window})
    source = Source("orders.get_order_list", fetch, fetch, read, lambda: START, lambda: 0.0)
    orders: Scan[OrderPage, Order] = Scan(source, paging, {}, "create_time", 10, 20)
    assert await ids(orders) == []
    assert (said[0]["create_time_ge"], said[0]["create_time_le"]) == (10, 19)


async def test_many_orders_of_one_second_all_come() -> None:
    books = Books().add(3, *[5] * 350, 9)
    assert sorted(await ids(scan(books))) == books.ids()


async def test_a_quiet_range_costs_one_call() -> None:
    books = Books().add(10, 20, 30)
    assert await ids(scan(books)) == books.ids()
    assert len(books.searches) == 1


async def test_pages_hold_their_own_rows_in_order() -> None:
    books = Books().add(*range(0, 900_000, 700))
    async with scan(books) as orders:
        pages = [each async for each in orders.pages()]
    assert [order.id for each in pages for order in each.orders] == books.ids()
    assert all(response_of(each).status == 200 for each in pages)


async def test_filters_of_the_call_hold_for_all_of_it() -> None:
    books = Books().add(*range(0, 900_000, 5000))
    pager = client(books).orders.get_order_list(order_status="UNPAID")
    await ids(pager.scan("create_time", 0, UNTIL))
    assert {each.fields["order_status"] for each in books.searches} == {"UNPAID"}
    assert {each.size for each in books.searches} == {100}


# How fast


@pytest.mark.parametrize(("every", "part"), [(1, 0.90), (30, 0.915)], ids=["a day", "a month"])
async def test_a_scan_reaches_more_than_nine_tenths_of_what_the_rate_limit_allows(every: int, part: float) -> None:
    """100 orders a page and 50 calls a second are 5,000 orders a second; one page after another gives 330.

    The limiter itself lets 98 % through, the last answer takes a hundredth, and 3 % are half pages. In a short range
    the first answer takes another hundredth, for which many calls wait. Trio's order of tasks, which is random, takes
    or gives a few thousandths.
    """
    books = EvenBooks(100_000, every=every)
    started = anyio.current_time()
    assert await ids(scan(books, 0, 100_000 * every)) == books.ids()
    assert 100_000 / (anyio.current_time() - started) >= part * 5_000


async def test_a_long_range_is_begun_by_many_calls_at_once() -> None:
    books = Books().add(10, 20, 30)
    assert await ids(scan(books, 0, 90 * 86_400)) == books.ids()
    assert sorted(each.since for each in books.searches) == [each * 90 * 5_400 for each in range(16)]


async def test_slower_answers_get_more_calls_at_a_time() -> None:
    """As many as the limit lets out meanwhile, and not many more."""
    most: dict[float, int] = {}
    for latency in (0.1, 0.3, 0.6):
        books = EvenBooks(30_000, latency)
        await ids(scan(books, 0, 30_000, concurrency=50))
        most[latency] = books.most
    assert most[0.1] <= 16 <= most[0.3] <= 22 < most[0.6] <= 40


# Rows that move


async def test_orders_created_meanwhile_neither_shift_nor_repeat_the_others() -> None:
    books = Books().add(*range(0, 900_000, 300))
    there = books.ids()

    def before(search: Search) -> None:
        books.add(950_000 + len(books.orders))

    books.before = before
    taken = await ids(scan(books))
    assert [each for each in taken if each in set(there)] == there
    assert len(taken) == len(set(taken))


async def test_by_update_each_order_comes_in_this_scan_or_in_the_next_from_its_watermark() -> None:
    books = Books().add(*range(0, 900_000, 300))
    now = UNTIL

    def before(search: Search) -> None:
        nonlocal now
        now += 1
        books.orders[f"{now * 7919 % 3000:06}"]["update_time"] = now

    books.before = before
    first = scan(books, by="update_time")
    taken = await ids(first)
    assert len(taken) == len(set(taken))
    books.before = lambda _: None
    following = await ids(scan(books, first.watermark, now + 1, by="update_time"))
    assert set(taken) | set(following) == set(books.ids())
    moved = {key for key, order in books.orders.items() if order["update_time"] > UNTIL}
    assert moved <= set(following)


# Stopping and resuming


async def test_the_position_is_small_and_says_its_version() -> None:
    orders = scan(Books().add(10, 20, 20, 30))
    assert orders.position == {"version": 1, "by": "create_time", "at": 0, "seen": [], "until": UNTIL}
    await ids(orders, 3)
    assert orders.position == {
        "version": 1,
        "by": "create_time",
        "at": 20,
        "seen": ["000001", "000002"],
        "until": UNTIL,
    }
    assert orders.watermark == 20


async def test_a_resumed_scan_goes_on_behind_the_row_of_its_position() -> None:
    books = Books().add(10, 20, 20, 30)
    first = scan(books)
    await ids(first, 2)
    assert await ids(scan(books, None, None, resume=first.position)) == ["000002", "000003"]


async def test_a_resumed_scan_asks_for_at_most_one_page_again() -> None:
    """Of what was handed out; what was read ahead and not handed out is read then."""
    books = Books().add(*range(0, 900_000, 300))
    first = scan(books)
    await ids(first, 1050)
    books.searches.clear()
    await ids(scan(books, resume=first.position))
    assert min(each.since for each in books.searches) == 1049 * 300


@pytest.mark.parametrize(
    ("position", "message"),
    [
        ({}, "no position"),
        ({"version": 1, "by": "create_time", "at": "1", "seen": [], "until": 2}, "no position"),
        ({"version": 2, "by": "create_time"}, "later version"),
        ({"version": 1, "by": "update_time", "at": 1, "seen": [], "until": 2}, "by update_time"),
    ],
)
def test_what_is_no_position_of_such_a_scan_is_refused(position: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=rf"^resume: .*{message}"):
        scan(Books(), resume=position)


# Errors


async def test_an_error_comes_when_all_rows_before_it_have_been_handed_out() -> None:
    books = Books().add(*range(0, 900_000, 300))
    broken = True

    def before(search: Search) -> RawAnswer | None:
        return refusal(36009003) if broken and search.since <= 450_000 < search.until < UNTIL else None

    books.before = before
    taken: list[str] = []
    shop = client(books, max_retries=0)
    async with shop.orders.get_order_list().scan("create_time", 0, UNTIL, look_ahead=60) as orders:
        with pytest.raises(ServerError):
            await gather(orders, taken)
        with pytest.raises(ServerError):  # and it stays
            await anext(aiter(orders))
    assert taken == books.ids()[: len(taken)]
    assert taken
    broken = False
    taken += await ids(scan(books, resume=orders.position))
    assert taken == books.ids()


async def test_a_passing_failure_is_tried_again_by_the_call_itself() -> None:
    books = Books().add(*range(0, 900_000, 300))
    failed: set[tuple[int, int]] = set()

    def before(search: Search) -> RawAnswer | None:
        if (search.since, search.until) in failed:
            return None
        failed.add((search.since, search.until))
        return refusal(36009003)

    books.before = before
    assert await ids(scan(books)) == books.ids()


@pytest.mark.parametrize(
    ("orders", "message"),
    [
        ([{"id": "1", "create_time": 20}, {"id": "2", "create_time": 10}], "not in the order of create_time"),
        ([{"id": "1"}], "without its id or its create_time"),
        ([{"create_time": 5}], "without its id or its create_time"),
    ],
)
async def test_rows_that_cannot_be_placed_are_an_error_and_not_a_gap(
    orders: list[dict[str, Any]], message: str
) -> None:
    books = Books(before=lambda _: page(orders))
    with pytest.raises(DecodingError, match=message):
        await ids(scan(books))


async def test_an_answer_that_is_read_in_vain_ends_the_scan_when_its_turn_comes() -> None:
    """What the plan needs of it was fine, so that it shows late."""
    books = Books().add(*range(0, 900_000, 300))

    def before(search: Search) -> RawAnswer | None:
        if search.since <= 450_000 < search.until < UNTIL:
            rows = [order for order in books.orders.values() if search.since <= order["create_time"] < search.until]
            whole = page([{**order, "buyer_message": "?"} for order in rows[:: 1 if search.forward else -1]])
            return replace(whole, content=whole.content.replace(b'"?"', b'"\xff"'))
        return None

    books.before = before
    taken: list[str] = []
    async with scan(books) as orders:
        with pytest.raises(DecodingError, match="not UTF-8") as caught:
            await gather(orders, taken)
        with pytest.raises(DecodingError):  # and it stays
            await anext(aiter(orders))
    assert taken == books.ids()[: len(taken)]
    assert 0 < len(taken) < len(books.ids())
    assert caught.value.response is not None
    assert caught.value.status == 200
    books.before = lambda _: None
    assert taken + await ids(scan(books, resume=orders.position)) == books.ids()


async def test_what_the_block_raises_comes_out_as_it_is() -> None:
    with pytest.raises(KeyError):
        async with scan(Books().add(*range(5000))):
            raise KeyError


# Tasks and memory


async def test_no_task_outlives_the_block() -> None:
    books = Books().add(*range(0, 900_000, 300))
    async with scan(books) as orders:
        await anext(aiter(orders))
        await anyio.sleep(LATENCY / 2)
        assert books.under_way > 3
    assert books.under_way == 0
    asked = len(books.searches)
    await anyio.sleep(60)
    assert len(books.searches) == asked


async def test_a_scan_that_is_cancelled_leaves_nothing_under_way() -> None:
    books = Books().add(*range(0, 900_000, 300))
    with anyio.move_on_after(LATENCY * 3.5) as scope:
        await ids(scan(books))
    assert scope.cancelled_caught
    assert books.under_way == 0


async def test_a_block_that_is_left_at_once_leaves_nothing_under_way() -> None:
    books = Books().add(*range(3000))
    async with scan(books):
        pass
    assert books.under_way == 0


async def test_a_slow_reader_stops_the_reading() -> None:
    books = Books().add(*range(0, 900_000, 30))
    async with scan(books, look_ahead=40) as orders:
        rows = aiter(orders)
        await anext(rows)
        await anyio.sleep(100)
        asked = len(books.searches)
        assert asked < 50
        await anyio.sleep(100)
        assert len(books.searches) == asked
        for _ in range(1000):
            await anext(rows)
        await anyio.sleep(100)
        assert asked < len(books.searches) < asked + 20


async def test_pages_that_are_there_already_do_not_hold_up_other_tasks() -> None:
    books = Books().add(*range(0, 900_000, 300))
    turns = pages = 0

    async def work() -> None:
        nonlocal turns
        while True:
            turns += 1
            await anyio.lowlevel.checkpoint()

    async with scan(books) as orders, anyio.create_task_group() as tasks:
        await anyio.sleep(100)
        tasks.start_soon(work)
        async for _ in orders.pages():
            pages += 1
        tasks.cancel_scope.cancel()
    assert pages <= turns + 1


async def test_so_many_calls_are_made_at_a_time() -> None:
    books = Books().add(*range(0, 900_000, 100))
    await ids(scan(books, concurrency=7))
    assert books.most == 7


async def test_one_call_at_a_time_is_enough() -> None:
    books = Books().add(*range(0, 900_000, 900))
    assert await ids(scan(books, concurrency=1, look_ahead=1)) == books.ids()
    assert books.most == 1


async def test_tasks_that_share_a_scan_get_each_row_once() -> None:
    books = Books().add(*range(0, 900_000, 900))
    taken: list[str] = []
    async with scan(books) as orders:

        async def work() -> None:
            async for order in orders:
                taken.append(order.id)
                await anyio.lowlevel.checkpoint()

        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(work)
    assert sorted(taken) == books.ids()


async def test_a_scan_is_read_inside_of_its_block_and_once() -> None:
    orders = scan(Books())
    with pytest.raises(RuntimeError, match="inside"):
        await anext(aiter(orders))
    async with orders:
        pass
    with pytest.raises(RuntimeError, match="inside"):
        await anext(aiter(orders))
    with pytest.raises(RuntimeError, match="once"):
        await orders.__aenter__()


# Arguments


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (17, 17),
        (datetime(1970, 1, 1, 0, 0, 17, tzinfo=UTC), 17),
        (datetime(1970, 1, 1, 1, 0, 17, tzinfo=timezone(timedelta(hours=1))), 17),
        (datetime(1970, 1, 1, 0, 0, 16, 1, tzinfo=UTC), 17),
    ],
)
async def test_a_moment_is_a_datetime_or_unix_seconds(since: Any, expected: int) -> None:
    books = Books()
    await ids(scan(books, since))
    assert books.searches[0].since == expected


@pytest.mark.parametrize(
    "moment",
    [None, True, -1, 1.5, "2026-01-01", 1_700_000_000_000, datetime(2026, 1, 1)],
)
def test_anything_else_is_refused(moment: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^since: "):
        scan(Books(), moment)


async def test_without_an_end_a_scan_leaves_out_the_last_minute() -> None:
    assert scan(Books(), 0, None).until == START - 60


def test_a_begin_behind_the_end_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"^since: .*later than until"):
        scan(Books(), 20, 10)


@pytest.mark.parametrize("name", ["concurrency", "look_ahead", "page_size"])
@pytest.mark.parametrize("value", [0, True, 1.5])
def test_numbers_that_make_no_sense_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ArgumentError, match=rf"^{name}: "):
        scan(Books(), **{name: value})


def test_a_page_larger_than_the_endpoint_gives_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"^page_size: .*100 rows at most"):
        scan(Books(), page_size=101)


def test_a_time_that_the_list_has_not_is_refused_with_those_it_has() -> None:
    with pytest.raises(ArgumentError, match=r"'paid_time'; orders\.get_order_list .* by create_time or update_time"):
        scan(Books(), by="paid_time")


def test_a_list_that_cannot_be_sorted_by_a_time_has_no_scan() -> None:
    with pytest.raises(ArgumentError, match="page by page"):
        client(Books()).products.search_products().scan("create_time", 0)


@pytest.mark.parametrize("name", ["create_time_ge", "create_time_lt", "page_token"])
def test_what_the_scan_says_is_not_said_by_the_call(name: str) -> None:
    arguments: dict[str, Any] = {name: "t" if name == "page_token" else 5}
    with pytest.raises(ArgumentError, match=rf"^{name}: "):
        client(Books()).orders.get_order_list(**arguments).scan("create_time", 0)


def test_a_limited_list_has_no_scan() -> None:
    with pytest.raises(ArgumentError, match=r"^limit: "):
        client(Books()).orders.get_order_list().limit(5).scan("create_time", 0)


def test_a_scan_says_what_it_reads() -> None:
    assert repr(scan(Books(), 5, 10)) == "<Scan of orders.get_order_list by create_time from 5 to 10>"
