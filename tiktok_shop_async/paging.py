"""Reading a list endpoint page by page, as one object that can be awaited or iterated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import anyio

from tiktok_shop_async.errors import ArgumentError
from tiktok_shop_async.places import follow, given, placed
from tiktok_shop_async.source import CONCURRENCY, LOOK_AHEAD

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
    from datetime import datetime

    from tiktok_shop_async.operation import Paging
    from tiktok_shop_async.scan import Scan
    from tiktok_shop_async.source import Source

__all__ = ["PageIterator", "Pager", "RowIterator"]

PageT = TypeVar("PageT")
ItemT = TypeVar("ItemT")
Position: TypeAlias = str | int
"""A page: its token, or its number where pages are counted."""


class Pager(Generic[PageT, ItemT]):
    """The rows of a list endpoint. Nothing is sent before it is awaited or iterated.

        async for order in client.orders.get_order_list():  # every row of every page
            ...
        async for order in client.orders.get_order_list().limit(500):
            ...
        async for page in client.orders.get_order_list().pages():
            ...
        page = await client.orders.get_order_list()  # the first page

    Each iteration starts anew: from the `page_token` that the call was given, or else from the first page. To go on
    another day, save `next_page_token` when a page has been dealt with, and give it to the same call with the same
    filters. A few endpoints count their pages instead: there it is the page's number, and `next_page_number`.
    """

    def __init__(
        self,
        source: Source[PageT],
        paging: Paging,
        arguments: Mapping[str, object],
        limit: int | None = None,
    ) -> None:
        self._source = source
        self._paging = paging
        self._arguments = arguments
        self._limit = limit
        self._next: Position | None = None

    @property
    def next_page_token(self) -> str | None:
        """Where to go on: the token of the page behind the one fetched last.

        None before the first page and behind the last one, and where pages are counted.
        """
        return self._next if isinstance(self._next, str) else None

    @property
    def next_page_number(self) -> int | None:
        """Where to go on in a list whose pages are counted: the number of the page behind the one fetched last.

        None before the first page and behind the last one, and where pages follow by token.
        """
        return self._next if isinstance(self._next, int) else None

    def limit(self, rows: int) -> Pager[PageT, ItemT]:
        """The same list, cut off after so many rows; `pages()` then stops with the page that reaches them.

        Raises:
            ArgumentError: The number is negative, or no whole one.
        """
        if not isinstance(rows, int) or isinstance(rows, bool) or rows < 0:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ArgumentError(f"limit: got {rows!r}; give a number of rows, 0 or more")
        return Pager(self._source, self._paging, self._arguments, rows)

    async def first(self) -> PageT:
        """Fetch the first page alone."""
        page = await self._source.fetch({})
        start = _start(self._arguments, self._paging)
        handed_out = _handed_out(len(_rows(page, self._paging)), self._paging, start, None)
        self._move(_following(page, self._paging, start, handed_out))
        return page

    def __await__(self) -> Generator[Any, Any, PageT]:
        return self.first().__await__()

    def pages(self) -> PageIterator[PageT]:
        """Iterate over the pages that hold rows."""
        return PageIterator(self._source.fetch, self._paging, self._arguments, self._limit, self._move)

    def scan(
        self,
        by: str,
        since: datetime | int | None = None,
        until: datetime | int | None = None,
        *,
        resume: Mapping[str, Any] | None = None,
        concurrency: int = CONCURRENCY,
        look_ahead: int = LOOK_AHEAD,
        page_size: int | None = None,
    ) -> Scan[PageT, ItemT]:
        """The rows of a range of time, in its order, by many calls at once: for months of orders, as fast as allowed.

            async with shop.orders.get_order_list().scan("create_time", since, until) as orders:
                async for order in orders:
                    ...

        By the time of creation, each row that there was at the beginning comes exactly once. By the time of the last
        change, each comes in this scan, or in the next one from its `watermark`; `until` must not lie in the future
        then. See `docs/backfill.md`.

        Args:
            by: The time: `create_time`, `update_time`, or whatever the list has filters for and can be sorted by.
            since: Begin of the range, included: a datetime with a time zone, or Unix seconds.
            until: Its end, not included. Left out: a minute ago, or the end that `resume` has.
            resume: A saved `position`, behind which to go on instead of at `since`. The rest of the call has to be as
                it was.
            concurrency: Most calls at a time. Of these as many are made as the rate limit lets out while one is
                answered.
            look_ahead: Most pages that are read ahead of the one whose turn it is. Many are kept compressed.
            page_size: Rows of a page, whatever the call says. Left out: as many as the endpoint gives.

        Raises:
            ArgumentError: The list cannot be scanned by this time, a value makes no sense, or the call itself sets what
                the scan sets.
        """
        if self._limit is not None:
            raise ArgumentError("limit: a scan has none; stop where you like, and go on from its position")
        from tiktok_shop_async.scan import Scan

        return Scan(
            self._source,
            self._paging,
            self._arguments,
            by,
            since,
            until,
            resume=resume,
            concurrency=concurrency,
            look_ahead=look_ahead,
            page_size=page_size,
        )

    def __aiter__(self) -> RowIterator[PageT, ItemT]:
        return RowIterator(self.pages(), self._paging, self._limit)

    def __repr__(self) -> str:
        return f"<Pager of {self._paging.items}>"

    def _move(self, following: Position | None) -> None:
        self._next = following


class PageIterator(Generic[PageT]):
    """One walk over the pages. A class and not a generator: leaving it early leaves nothing behind, on trio too.

    It ends where the answer names no next page, and also on a page without rows and on a token that was there before:
    live last pages carry a token now and then. Where pages are counted it ends with the last of the rows that the
    answer counts, or on a page without rows. Tasks can share a walk: each page goes to one of them.
    """

    def __init__(
        self,
        fetch: Callable[[Mapping[str, object]], Awaitable[PageT]],
        paging: Paging,
        arguments: Mapping[str, object],
        limit: int | None,
        moved: Callable[[Position | None], None],
    ) -> None:
        self._fetch = fetch
        self._paging = paging
        self._arguments = arguments
        self._position = _start(arguments, paging)
        self._seen = {self._position}
        self._handed_out: int | None = None
        self._left = limit
        self._moved = moved
        self._ended = False
        self._turn = anyio.Lock(fast_acquire=True)

    def __aiter__(self) -> PageIterator[PageT]:
        return self

    async def __anext__(self) -> PageT:
        async with self._turn:
            return await self._next()

    async def _next(self) -> PageT:
        if self._ended or self._left == 0:
            raise StopAsyncIteration
        # A failed fetch leaves the position where it is, so that the walk can be taken up again.
        position = self._position
        place = self._paging.parameter
        page = await self._fetch({} if position is None else placed(self._arguments, place, position))
        rows = len(_rows(page, self._paging))
        self._handed_out = _handed_out(rows, self._paging, position, self._handed_out)
        following = _following(page, self._paging, position, self._handed_out)
        if not rows or following in self._seen:
            following = None
        self._ended = following is None
        self._seen.add(following)
        self._position = following
        self._moved(following)
        if not rows:
            raise StopAsyncIteration
        if self._left is not None:
            self._left = max(0, self._left - rows)
        return page


class RowIterator(Generic[PageT, ItemT]):
    """One walk over the rows, fetching the next page only when its first row is asked for.

    Tasks can share a walk: each row goes to one of them.
    """

    def __init__(self, pages: PageIterator[PageT], paging: Paging, limit: int | None) -> None:
        self._pages = pages
        self._paging = paging
        self._left = limit
        self._rows: Iterator[ItemT] = iter(())
        self._turn = anyio.Lock(fast_acquire=True)

    def __aiter__(self) -> RowIterator[PageT, ItemT]:
        return self

    async def __anext__(self) -> ItemT:
        async with self._turn:
            return await self._next()

    async def _next(self) -> ItemT:
        if self._left == 0:
            raise StopAsyncIteration
        for row in self._rows:
            return self._take(row)
        self._rows = iter(_rows(await anext(self._pages), self._paging))
        return self._take(next(self._rows))

    def _take(self, row: ItemT) -> ItemT:
        if self._left is not None:
            self._left -= 1
        return row


def _rows(page: object, paging: Paging) -> list[Any]:
    rows: list[Any] | None = follow(page, paging.items)
    return rows or []


def _handed_out(rows: int, paging: Paging, position: Position | None, before: int | None) -> int:
    """How many rows there are up to the end of this page; taken to be of one size before a walk that began later."""
    if before is None:
        before = (position - paging.first) * rows if isinstance(position, int) else 0
    return before + rows


def _following(page: object, paging: Paging, position: Position | None, handed_out: int) -> Position | None:
    """Where the next page is, by what this one says; None where it says that it is the last."""
    if paging.number is None:
        token = follow(page, paging.next_token)
        return token if isinstance(token, str) and token else None
    total = None if paging.total is None else follow(page, paging.total)
    if isinstance(total, int) and handed_out >= total:
        return None
    return (position if isinstance(position, int) else paging.first) + 1


def _start(arguments: Mapping[str, object], paging: Paging) -> Position | None:
    """The page that the call was told to begin with."""
    value = given(arguments, paging.parameter)
    return value if isinstance(value, str | int) and value != "" else None
