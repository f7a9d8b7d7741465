"""The plan of a scan, by itself: every row of a range once and in order, whatever the answers and their sequence."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok_shop_async.windows import Answer, Plan, Request, UnsortedError, Window

Row = tuple[int, str]


@dataclass
class Books:
    """A list endpoint: rows by time, cut into pages behind tokens that count rows, or mark the last of them."""

    rows: list[Row]
    page: int
    counts: bool = True
    token_on_last_page: bool = False
    asked: list[Request] = field(default_factory=list[Request])

    def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        fitting = sorted(
            (row for row in self.rows if request.since <= row[0] < request.until), reverse=not request.forward
        )
        start = int(request.token or 0)
        rows = fitting[start : start + self.page]
        end = start + self.page
        token = str(end) if end < len(fitting) or (self.token_on_last_page and rows) else None
        return Answer(rows, token, len(fitting) if self.counts else None)


@dataclass
class Walk:
    """A plan that is carried out: which call is answered next, the test says."""

    books: Books
    plan: Plan[list[Row]]
    under_way: list[tuple[Request, Answer]] = field(default_factory=list[tuple[Request, Answer]])
    rows: list[Row] = field(default_factory=list[Row])

    def ask(self) -> bool:
        request = self.plan.next_request()
        if request is not None:
            self.under_way.append((request, self.books.answer(request)))
        return request is not None

    def answer(self, number: int = 0) -> None:
        request, answer = self.under_way.pop(number % len(self.under_way))
        wanted, place = self.plan.answered(request, answer)
        if wanted:
            self.plan.put(place, [answer.rows[index] for index in wanted])

    def take(self) -> None:
        while self.plan.parts and not isinstance(self.plan.parts[0], Window):
            page = self.plan.parts.pop(0)
            assert isinstance(page, list)
            self.rows += page

    def finish(self, concurrency: int = 4) -> list[Row]:
        for _ in range(10_000):
            self.take()
            while len(self.under_way) < concurrency and self.ask():
                pass
            if not self.plan.parts:
                return self.rows
            self.answer()
        raise AssertionError("it does not end")


def walk(
    books: Books,
    since: int = 0,
    until: int = 1000,
    *,
    concurrency: int = 4,
    look_ahead: int = 20,
    seen: set[str] | None = None,
) -> Walk:
    plan: Plan[list[Row]] = Plan(
        since, until, seen or set(), page=books.page, concurrency=concurrency, look_ahead=look_ahead
    )
    return Walk(books, plan)


def numbered(*times: int) -> list[Row]:
    return [(time, f"{number:04}") for number, time in enumerate(times)]


times = st.lists(st.integers(0, 60) | st.sampled_from([7, 8, 30]), max_size=80)
units = st.sampled_from([1, 100_000])
"""Seconds: of a short range, and of one that is cut before anything is known of it."""


@given(
    times=times,
    page=st.integers(1, 7),
    look_ahead=st.integers(1, 30),
    counts=st.booleans(),
    token_on_last_page=st.booleans(),
    until=st.integers(1, 61),
    unit=units,
    data=st.data(),
)
def test_every_row_comes_once_and_in_order_whichever_call_is_answered_first(
    times: list[int],
    page: int,
    look_ahead: int,
    counts: bool,
    token_on_last_page: bool,
    until: int,
    unit: int,
    data: st.DataObject,
) -> None:
    until *= unit
    books = Books(numbered(*[each * unit for each in times]), page, counts, token_on_last_page)
    at = walk(books, 0, until, concurrency=6, look_ahead=look_ahead)
    for _ in range(10_000):
        at.take()
        while len(at.under_way) < 6 and at.ask():
            pass
        if not at.plan.parts:
            break
        at.answer(data.draw(st.integers(0, 5)))
    assert sorted(at.rows) == sorted(row for row in books.rows if row[0] < until)
    assert [time for time, _ in at.rows] == sorted(time for time, _ in at.rows)


@given(times=times, page=st.integers(1, 7), look_ahead=st.integers(1, 30), unit=units, data=st.data())
def test_a_row_that_leaves_the_range_meanwhile_hides_no_other(
    times: list[int], page: int, look_ahead: int, unit: int, data: st.DataObject
) -> None:
    """With tokens that count rows it would, so that they are followed only within a second."""
    distinct = sorted(set(times))
    books = Books(numbered(*[each * unit for each in distinct]), page)
    at = walk(books, 0, 61 * unit, concurrency=6, look_ahead=look_ahead)
    for _ in range(10_000):
        at.take()
        while len(at.under_way) < 6 and at.ask():
            pass
        if not at.plan.parts:
            break
        at.answer(data.draw(st.integers(0, 5)))
        if data.draw(st.booleans()) and books.rows:
            del books.rows[data.draw(st.integers(0, len(books.rows) - 1))]
    assert set(books.rows) <= set(at.rows)
    assert len(at.rows) == len(set(at.rows))


def test_a_window_that_is_too_full_is_split() -> None:
    """The range is, once its rows are counted."""
    at = walk(Books(numbered(*range(1000)), page=10), concurrency=8, look_ahead=50)
    at.ask()
    at.answer()
    for _ in range(4):
        assert at.ask()
    windows = [part for part in at.plan.parts if isinstance(part, Window)]
    assert [window.until - window.since for window in windows[:-1]] == [20, 30, 40, 60]


def test_a_stretch_without_rows_is_skipped() -> None:
    at = walk(Books(numbered(*range(900_000, 900_100)), page=10), until=1_000_000)
    assert len(at.finish()) == 100
    assert len(at.books.asked) < 25


def test_a_range_without_rows_takes_one_call() -> None:
    at = walk(Books([], page=10))
    assert at.finish() == []
    assert len(at.books.asked) == 1


def test_an_empty_range_takes_none() -> None:
    assert walk(Books(numbered(5), page=10), 5, 5).finish() == []


def test_a_second_that_fills_many_pages_is_read_by_token_and_by_itself() -> None:
    at = walk(Books(numbered(3, *[5] * 95, 9), page=10))
    assert sorted(at.finish()) == at.books.rows
    chased = [request for request in at.books.asked if request.token is not None]
    assert len(chased) >= 8
    assert {(each.since, each.until) for each in chased} == {(5, 6)}


def test_tokens_that_go_in_circles_within_a_second_end_it() -> None:
    class Circles(Books):
        def answer(self, request: Request) -> Answer:
            found = super().answer(request)
            return Answer(found.rows, "0", found.total) if request.until == 6 else found

    at = walk(Circles(numbered(5, 5, 5, 9), page=3))
    assert [row for row in at.finish() if row[0] == 5] == numbered(5, 5, 5)


def test_rows_that_were_seen_of_the_first_second_are_left_out() -> None:
    at = walk(Books(numbered(5, 5, 6), page=10), since=5, seen={"0000"})
    assert at.finish() == [(5, "0001"), (6, "0002")]


def test_nothing_is_read_further_ahead_than_it_may_be() -> None:
    at = walk(Books(numbered(*range(1000)), page=10), concurrency=8, look_ahead=5)
    for _ in range(100):
        while at.ask():
            pass
        if at.under_way:
            at.answer()
    assert sum(not isinstance(part, Window) for part in at.plan.parts) <= 6


def test_what_was_taken_makes_room_for_more() -> None:
    at = walk(Books(numbered(*range(1000)), page=10), look_ahead=1)
    at.ask()
    at.answer()
    assert not at.ask()
    at.take()
    assert at.ask()
    assert not at.ask()


def test_two_calls_are_not_spent_on_what_fits_into_one() -> None:
    at = walk(Books(numbered(*range(0, 1000, 50)), page=15))
    at.ask()
    at.answer()  # 5 and the last one are left
    assert at.ask()
    assert not at.ask()


def test_callers_that_would_be_idle_share_the_last_windows() -> None:
    at = walk(Books(numbered(*range(1000)), page=10), concurrency=6, look_ahead=1000)
    for calls in (1, 2):
        for _ in range(calls):
            at.ask()
        for _ in range(calls):
            at.answer()
    assert [at.ask() for _ in range(6)] == [True] * 6


@pytest.mark.parametrize(("rows", "calls"), [(150, 2), (170, 3)])
def test_where_much_of_the_first_window_is_left_more_calls_read_it(rows: int, calls: int) -> None:
    """All that was read behind it waits for it. A full window has 533 rows here."""
    plan: Plan[list[Row]] = Plan(0, 1000, set(), page=10, concurrency=4, look_ahead=200)
    first, second = Window(0, 500, rows), Window(500, 1000, 100)
    first.is_counted = second.is_counted = True
    plan.parts = [first, second]
    asked = [plan.next_request() for _ in range(4)]
    assert sum(each is not None and each.since < 500 for each in asked[:3]) == calls
    assert asked[3] is not None


@pytest.mark.parametrize(("lengths", "shared"), [((9, 9, 12, 20), 2), ((9, 8, 7, 6), 0), ((5, 8, 9, 4), 2)])
def test_callers_that_would_be_idle_share_the_first_long_window_or_else_the_longest(
    lengths: tuple[int, ...], shared: int
) -> None:
    plan: Plan[list[Row]] = Plan(0, 4000, set(), page=10, concurrency=9, look_ahead=1000)
    windows = [Window(start * 1000, start * 1000 + 1000, pages * 10) for start, pages in enumerate(lengths)]
    for window in windows:
        window.is_counted = True
    plan.parts = [*windows]
    for _ in range(8):
        assert plan.next_request() is not None
    request = plan.next_request()
    assert request is not None
    assert request.since // 1000 == shared


def test_the_calls_are_few_more_than_the_pages() -> None:
    at = walk(Books(numbered(*range(0, 100_000, 7)), page=100), until=100_000, concurrency=18, look_ahead=300)
    rows = at.finish(concurrency=18)
    assert len(rows) == 14_286
    assert len(at.books.asked) < 1.12 * 143


@pytest.mark.parametrize("forward", [True, False])
def test_rows_in_another_order_than_was_asked_for_are_an_error(forward: bool) -> None:
    at = walk(Books(numbered(*range(100)), page=10), until=100, look_ahead=100)
    at.ask()
    at.answer()
    at.ask()
    at.ask()
    request = next(each for each, _ in at.under_way if each.forward == forward)
    with pytest.raises(UnsortedError):
        at.plan.answered(request, Answer([(5, "a"), (7, "b"), (6, "c")], None, 3))
