"""Reading a range of time of a list by many calls at once, in order: what `Pager.scan` gives.

`windows.py` knows which call comes next, and `ahead.py` how what was read ahead of its turn is kept small. Here the
calls are made, and the place is remembered where a later scan goes on.
"""

from __future__ import annotations

import math
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import anyio
import anyio.lowlevel

from tiktok_shop_async.ahead import Held, compress
from tiktok_shop_async.errors import ArgumentError, DecodingError
from tiktok_shop_async.model import Model, response_of
from tiktok_shop_async.places import follow, given, placed
from tiktok_shop_async.source import CONCURRENCY, LOOK_AHEAD
from tiktok_shop_async.values import MILLISECONDS_FROM
from tiktok_shop_async.windows import Answer, Plan, UnsortedError, Window

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from types import TracebackType

    from anyio.abc import TaskGroup

    from tiktok_shop_async.operation import Paging
    from tiktok_shop_async.operation import Window as Filters
    from tiktok_shop_async.response import Response
    from tiktok_shop_async.source import Source
    from tiktok_shop_async.windows import Request

__all__ = ["Scan", "ScannedPages", "ScannedRows"]

PageT = TypeVar("PageT")
ItemT = TypeVar("ItemT")

_VERSION = 1
_UNCOMPRESSED = 8_000_000
"""So many bytes of pages that wait are not compressed, of those whose turn is next."""

_TURNS = 4
"""How often all else has its turn between two pages that are there already. A page takes some milliseconds, and a call
that goes out or an answer that is read takes a few turns: with one between pages, calls would go out late."""

_NO_WAIT, _LONG_WAIT = 0.05, 0.25
"""Parts of the time that an answer takes, for which a call waits for its turn: below the first there are too few calls,
above the second too many."""

_FIRST_CALLS = 16
"""Calls at a time before it is known how many it takes."""

_SETTLED = 60
"""Seconds up to now that a scan without an end leaves out: clocks differ, and rows can show up late."""


class Scan(Generic[PageT, ItemT]):
    """The rows of a range of time, in its order, read by many calls at once. Made by `Pager.scan`.

        async with shop.orders.get_order_list().scan("create_time", since, until) as orders:
            async for order in orders:
                ...

    It reads ahead from the moment that the block is entered, and no further than it may when rows are not taken. What
    goes wrong is raised when all rows before it have been handed out. When the block is left, nothing of it is under
    way any more. A scan is gone through once, by row or by page.
    """

    def __init__(
        self,
        source: Source[PageT],
        paging: Paging,
        arguments: Mapping[str, object],
        by: str,
        since: datetime | int | None,
        until: datetime | int | None,
        *,
        resume: Mapping[str, Any] | None = None,
        concurrency: int = CONCURRENCY,
        look_ahead: int = LOOK_AHEAD,
        page_size: int | None = None,
    ) -> None:
        self._source = source
        self._paging = paging
        self._by = by
        self._filters = _filters(source.name, paging, by)
        self._time_of, self._key_of = attrgetter(by), attrgetter(paging.key or "")
        self._needed = _needed(paging, by)
        self._arguments = _free(arguments, paging, self._filters)
        self._concurrency = _number("concurrency", concurrency, 1)
        self._look_ahead = _number("look_ahead", look_ahead, 1)
        self._page_size = _page_size(paging, page_size)
        seen: set[str] = set()
        if resume is not None:
            since, seen, kept = _read_position(resume, by)
            until = kept if until is None else until
        self._at = _seconds("since", since)
        self._until = int(source.now()) - _SETTLED if until is None else _seconds("until", until)
        if self._at > self._until:
            raise ArgumentError(f"since: it is {self._at}, which is later than until, {self._until}")
        self._seen: set[str] = seen
        self._plan: Plan[Held] = Plan(
            self._at,
            self._until,
            set(seen),
            page=self._page_size or 20,
            concurrency=min(self._concurrency, _FIRST_CALLS),
            look_ahead=self._look_ahead,
        )
        self._under_way = 0
        self._calls = float(min(self._concurrency, _FIRST_CALLS))
        self._weight = 0
        self._failure: Exception | None = None
        self._tasks: TaskGroup | None = None
        self._is_closed = False
        self._ended = anyio.Event()
        self._changed = anyio.Event()
        self._turn = anyio.Lock(fast_acquire=True)
        self._rows: Iterator[ItemT] = iter(())

    @property
    def position(self) -> dict[str, Any]:
        """Where to go on, behind the row (or the page) that was handed out last: `scan(…, resume=position)`.

        Small, made of what JSON can hold, and good for any later version of this package. Save it when the row has
        been dealt with.
        """
        return {"version": _VERSION, "by": self._by, "at": self._at, "seen": sorted(self._seen), "until": self._until}

    @property
    def watermark(self) -> int:
        """The time of the row that was handed out last, or of the begin before there was one; in Unix seconds.

        When the scan is through, the next one begins there: the newest row that was seen, and not a clock, says what
        is known.
        """
        return self._at

    @property
    def until(self) -> int:
        """The end of the range, which is not part of it; in Unix seconds."""
        return self._until

    async def __aenter__(self) -> Scan[PageT, ItemT]:
        if self._tasks is not None:
            raise RuntimeError("a scan can be entered once; make another one, with `resume` to go on")
        self._tasks = await anyio.create_task_group().__aenter__()
        self._send_out()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_closed = True
        if self._tasks is None:
            return
        self._tasks.cancel_scope.cancel()
        # The group would wrap whatever is passed through it, and there is nothing of its own to tell.
        with anyio.CancelScope(shield=True):
            if self._under_way:
                await self._ended.wait()
        await self._tasks.__aexit__(None, None, None)
        self._plan.parts.clear()

    def pages(self) -> ScannedPages[PageT]:
        """Iterate over the pages instead. Each holds the rows that are its own, in the order of time."""
        return ScannedPages(self._next_page)

    def __aiter__(self) -> ScannedRows[ItemT]:
        return ScannedRows(self._next_row)

    def __repr__(self) -> str:
        if not hasattr(self, "_plan"):  # in a traceback with variables, when an argument was refused
            return f"<Scan of {self._source.name}>"
        return f"<Scan of {self._source.name} by {self._by} from {self._at} to {self._until}>"

    async def _next_row(self) -> ItemT:
        for row in self._rows:
            self._move([row])
            return row
        async with self._turn:
            for row in self._rows:  # that another task has fetched
                self._move([row])
                return row
            self._rows = iter(self._items(await self._take()))
            row = next(self._rows)
            self._move([row])
            return row

    async def _next_page(self) -> PageT:
        async with self._turn:
            page = await self._take()
            self._move(self._items(page))
            return page

    async def _take(self) -> PageT:
        """The page whose turn it is."""
        for _ in range(_TURNS):
            await anyio.lowlevel.checkpoint()
        while True:
            if self._tasks is None or self._is_closed:
                raise RuntimeError("a scan is read inside of its `async with`")
            if not self._plan.parts:
                raise StopAsyncIteration
            first = self._plan.parts[0]
            if not isinstance(first, Window):
                page = self._source.read(first.answer())
                items = self._items(page)
                items[:] = [items[index] for index in first.wanted]
                self._weight -= first.weight
                del self._plan.parts[0]
                self._send_out()
                return page
            if self._failure is not None:
                raise self._failure
            self._changed = anyio.Event()
            await self._changed.wait()

    def _send_out(self) -> None:
        """Make as many calls as there may be."""
        while self._tasks is not None and self._under_way < int(self._calls) and not self._stops:
            request = self._plan.next_request()
            if request is None:
                return
            self._under_way += 1
            self._tasks.start_soon(self._ask, request)

    @property
    def _stops(self) -> bool:
        return self._is_closed or self._failure is not None

    async def _ask(self, request: Request) -> None:
        started = self._source.monotonic()
        try:
            found = await self._source.look(self._said(request), self._needed)
            response = response_of(found)
            self._adapt(self._source.monotonic() - started, response)
            self._answered(request, found, response)
        except Exception as error:  # for whoever reads the scan, and not for the task group
            self._failure = self._failure or error
        finally:
            self._under_way -= 1
            if self._under_way == 0 and self._is_closed:
                self._ended.set()
        self._send_out()
        self._changed.set()

    def _adapt(self, taken: float, response: Response) -> None:
        """Make as many calls at a time as it takes for the next one to be there when the rate limit lets it out.

        More would only wait, and make windows shorter.
        """
        if response.attempts > 1:
            return
        waited = taken - response.elapsed
        # By two in the time of one answer: the next one shows no sooner what became of it.
        if waited < _NO_WAIT * response.elapsed:
            self._calls = min(self._calls + 2 / self._calls, self._concurrency)
        elif waited > _LONG_WAIT * response.elapsed:
            self._calls = max(self._calls - 2 / self._calls, 1.0)
        self._plan.concurrency = int(self._calls)

    def _said(self, request: Request) -> dict[str, object]:
        """The arguments of a call."""
        filters, until = self._filters, request.until - 1 if self._filters.inclusive else request.until
        said: dict[str, object] = {
            "sort_field": filters.sort,
            "sort_order": "ASC" if request.forward else "DESC",
        }
        if self._paging.size is not None:
            said[self._paging.size] = self._page_size
        for place, value in ((filters.since, request.since), (filters.until, until)):
            said |= placed({**self._arguments, **said}, place, value)
        if request.token is not None:
            said |= placed({**self._arguments, **said}, self._paging.token, request.token)
        return said

    def _answered(self, request: Request, found: Model, response: Response) -> None:
        rows = [self._place(row, response) for row in self._items(found)]
        token, total = follow(found, self._paging.next_token), self._paging.total and follow(found, self._paging.total)
        answer = Answer(
            rows,
            token if isinstance(token, str) and token else None,
            total if isinstance(total, int) else None,
        )
        try:
            wanted, place = self._plan.answered(request, answer)
        except UnsortedError:
            raise self._odd(f"rows that are not in the order of {self._by}", response) from None
        if wanted:
            held = Held(response, wanted)
            self._plan.put(place, held)
            self._weight += held.weight
            if self._weight > _UNCOMPRESSED:
                # Those whose turn is last: they wait longest.
                last = (part for part in reversed(self._plan.parts) if isinstance(part, Held))
                self._weight -= compress(last, self._weight - _UNCOMPRESSED)

    def _place(self, row: object, response: Response) -> tuple[int, str]:
        """Where a row belongs: its time, and its id to tell it from others of that second."""
        time, key = self._time_of(row), self._key_of(row)
        if not isinstance(time, int) or not key:
            raise self._odd(f"a row without its {self._paging.key} or its {self._by}", response)
        return time, str(key)

    def _odd(self, what: str, response: Response) -> DecodingError:
        return DecodingError(f"expected rows to scan, got {what}", operation=self._source.name, response=response)

    def _items(self, page: object) -> list[Any]:
        items: list[Any] | None = follow(page, self._paging.items)
        return [] if items is None else items

    def _move(self, rows: list[Any]) -> None:
        """Move the position behind rows."""
        for row in rows:
            time, key = self._time_of(row), str(self._key_of(row))
            if time > self._at:
                self._at, self._seen = time, set[str]()
            self._seen.add(key)


class ScannedPages(Generic[PageT]):
    """The walk of a scan by page. Tasks can share it: each page goes to one of them."""

    def __init__(self, take: Callable[[], Awaitable[PageT]]) -> None:
        self._take = take

    def __aiter__(self) -> ScannedPages[PageT]:
        return self

    async def __anext__(self) -> PageT:
        return await self._take()


class ScannedRows(Generic[ItemT]):
    """The walk of a scan by row. Tasks can share it: each row goes to one of them."""

    def __init__(self, take: Callable[[], Awaitable[ItemT]]) -> None:
        self._take = take

    def __aiter__(self) -> ScannedRows[ItemT]:
        return self

    async def __anext__(self) -> ItemT:
        return await self._take()


def _filters(name: str, paging: Paging, by: str) -> Filters:
    """The filters of a time by which a list can be scanned."""
    filters = paging.windows.get(by)
    if filters is not None and filters.sort is not None:
        return filters
    able = [each for each, its in paging.windows.items() if its.sort is not None]
    if not able:
        raise ArgumentError(f"scan: {name} has no time that it both filters and sorts by; go through it page by page")
    raise ArgumentError(f"scan: got {by!r}; {name} can be scanned by {' or '.join(able)}")


def _needed(paging: Paging, by: str) -> tuple[str, ...]:
    """What has to be known of an answer for the plan."""
    paths = [f"{paging.items}.{paging.key}", f"{paging.items}.{by}", paging.next_token]
    return (*paths, *([] if paging.total is None else [paging.total]))


def _free(arguments: Mapping[str, object], paging: Paging, filters: Filters) -> Mapping[str, object]:
    """The arguments of the call, in which nothing says what the scan says."""
    for place in (filters.since, filters.until, paging.token):
        if given(arguments, place) is not None:
            raise ArgumentError(f"{place}: the scan sets it; leave it out of the call")
    return arguments


def _page_size(paging: Paging, rows: int | None) -> int | None:
    if rows is None or paging.size is None:
        return paging.largest
    most = paging.largest or rows
    if _number("page_size", rows, 1) > most:
        raise ArgumentError(f"page_size: got {rows}; a page has {most} rows at most")
    return rows


def _number(name: str, value: int, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArgumentError(f"{name}: got {value!r}; give a whole number, {least} or more")
    return value


def _seconds(name: str, moment: datetime | int | None) -> int:
    """Unix seconds. A part of a second counts as the next one, since rows have whole ones."""
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ArgumentError(f"{name}: the datetime has no time zone; give one, such as UTC")
        return math.ceil(moment.timestamp())
    if not isinstance(moment, int) or isinstance(moment, bool) or not 0 <= moment < MILLISECONDS_FROM:
        raise ArgumentError(f"{name}: got {moment!r}; give a datetime with a time zone, or Unix seconds")
    return moment


def _read_position(position: Mapping[str, Any], by: str) -> tuple[int, set[str], int]:
    """Where a saved position says to go on, which rows of that second were handed out, and the end of its range."""
    version = position.get("version")
    if isinstance(version, int) and version > _VERSION:
        raise ArgumentError("resume: a later version of this package has saved it; update, or scan anew")
    at, until, seen = position.get("at"), position.get("until"), position.get("seen")
    if version != _VERSION or not isinstance(at, int) or not isinstance(until, int) or not isinstance(seen, list):
        raise ArgumentError("resume: that is no position of a scan; give what `position` was")
    if position.get("by") != by:
        raise ArgumentError(f"resume: it is of a scan by {position.get('by')}, and this one is by {by}")
    return at, {str(each) for each in cast("list[object]", seen)}, until
