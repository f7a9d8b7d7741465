"""How a range of time is read by many calls at once: which call comes next, and what its answer leaves to be read.

Pure reckoning: `scan.py` makes the calls. The range is a row of windows that are still to be read, with the pages that
were read between them, in the order of time. A window is read from both of its ends at once, by time alone: the next
page of an end begins at the second of the last row that was read there, and rows of that second that were seen before
are left out. So no row is passed over when others before it have gone, as they would be with tokens that count rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil
from typing import Generic, TypeVar

__all__ = ["Answer", "Plan", "Request", "UnsortedError", "Window"]

HeldT = TypeVar("HeldT")

_TOO_FULL = 1.5
"""How many times what a window is meant to hold it may hold without being split."""

_SPARSER = 4
"""How many times as wide as the last a window may become. Rows can be back at once behind a gap of months."""

_SLACK = 0.8
"""The part of the look-ahead that windows are made to fill: some turn out fuller than expected."""

_LEAST = 5
"""How many pages a window has at least that is made smaller to fit into the look-ahead."""

_BEHIND = 0.3
"""What part of a full window the first one may have left before more calls read it than two. With windows that end one
after the other it has less; where it has more, it began late or turned out full, and all behind it waits."""

_LONG = 10
"""How many pages a window must have left for idle callers to share it rather than the longest, if it is the first. What
is handed out early is not left to the end, when all has been read and the last pages are made into models."""

_WORTH_SPLITTING = 3
"""How many pages a window must have left for idle callers to share it. A split costs half a page."""


_WIDE = 28 * 86_400
"""Seconds of a range that is cut before anything is known of it, a window for every caller. Else one call alone is
under way at first, which costs a year's orders a hundredth of the time. A shorter range may hold nothing, and takes one
call then."""


class UnsortedError(Exception):
    """The rows of an answer are not in the order that was asked for, so that no later call would be right."""


@dataclass(slots=True)
class _End:
    """One end of a window, and how far it was read.

    Attributes:
        forward: Whether it is the early end, which is read with time.
        seen: The rows that were read of the second where the end stands.
        alone: Whether that second is read by itself, because its rows fill a page. There is no other way then but by
            token, which may count rows: it is not followed out of the second.
        token: The next page of it.
        tokens: Those that there were before in it.
        busy: Whether a call is under way.
    """

    window: Window
    forward: bool
    seen: set[str] = field(default_factory=set[str])
    alone: bool = False
    token: str | None = None
    tokens: set[str] = field(default_factory=set[str])
    busy: bool = False

    def see(self, second: int, answer: Answer) -> None:
        """Remember the rows of a second."""
        self.seen |= {key for time, key in answer.rows if time == second}

    def reset(self) -> None:
        """Forget what holds for the second that is left."""
        self.seen, self.tokens = set(), set()
        self.alone, self.token = False, None


class Window:
    """A stretch of time, `until` not included, of which rows are still to be read.

    Attributes:
        rows: How many are left, as far as that can be told; None before anything is known.
        is_counted: Whether that is by an answer, and not a guess.
    """

    __slots__ = ("early", "is_counted", "is_over", "late", "rows", "since", "splits", "taken", "until")

    def __init__(self, since: int, until: int, rows: float | None = None) -> None:
        self.since = since
        self.until = until
        self.rows = rows
        self.is_counted = False
        self.is_over = False
        self.taken = 0
        self.splits = 0
        self.early = _End(self, forward=True)
        self.late = _End(self, forward=False)

    @property
    def under_way(self) -> int:
        """How many calls are."""
        return self.early.busy + self.late.busy


@dataclass(frozen=True, slots=True)
class Request:
    """A page to ask for: the rows from `since` up to `until`, the latter not included, by time or against it."""

    since: int
    until: int
    forward: bool
    token: str | None
    alone: bool
    end: _End
    window: Window
    taken: int
    """How many rows of the window had been read when it was asked for."""
    splits: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A page: the times and ids of its rows in their order, the token of the next one, and how many there are in all.

    The token is None on the last page, and the total where the endpoint counts none.
    """

    rows: list[tuple[int, str]]
    token: str | None
    total: int | None


class Plan(Generic[HeldT]):
    """What was read of a range, and what is to be read next.

    Args:
        since: Begin of the range.
        until: Its end, not included.
        seen: Rows at `since` that are not wanted any more.
        page: How many rows a page has.
        concurrency: How many calls there are at a time; this may change.
        look_ahead: How many pages ahead of the next one may be read.
    """

    def __init__(self, since: int, until: int, seen: set[str], *, page: int, concurrency: int, look_ahead: int) -> None:
        number = min(concurrency, look_ahead) if until - since >= _WIDE else 1
        ends = [since + (until - since) * each // number for each in range(number + 1)]
        windows = [Window(*each) for each in pairwise(ends)] if since < until else []
        if windows:
            windows[0].early.seen = seen
        self.parts: list[Window | HeldT] = [*windows]
        self._page = page
        # A page begins with the last row of the one before it.
        self._gain = max(page - 1, 1)
        self._look_ahead = look_ahead
        self.concurrency = concurrency
        self._cut = 0
        self._density: float | None = None

    def next_request(self) -> Request | None:
        """The page that is wanted most, which then counts as asked for; None where there is none at the moment."""
        before = 0
        busy: list[Window] = []
        for index, part in enumerate(self.parts):
            if not isinstance(part, Window):
                before += 1
                continue
            room = (self._look_ahead - before) * self._gain
            size = min(self._size(), room)
            if part.rows is not None and part.rows > size * _TOO_FULL and room >= _LEAST * self._gain:
                self._cut_off(part, size)
            pages = ceil((part.rows or 1) / self._gain)
            is_ahead = index > 0 or part.under_way > 0
            if is_ahead and before + pages > self._look_ahead:
                return None
            if part.under_way < self._most_calls(part):
                return self._ask(part.late if part.early.busy else part.early)
            if index == 0 and (part.rows or 0.0) > _BEHIND * self._full():
                request = self._share_out([part])
                if request is not None:
                    return request
            before += pages
            busy.append(part)
        return self._share_out(busy)

    def answered(self, request: Request, answer: Answer) -> tuple[list[int], _Place]:
        """Take note of a page.

        Returns:
            Which of its rows are new and belong here, in the order of time, and the place to `put` them.

        Raises:
            UnsortedError: The API did not sort as it was told.
        """
        times = [time for time, _ in answer.rows]
        if times != sorted(times, reverse=not request.forward):
            raise UnsortedError
        end = request.end
        window, end.busy = end.window, False
        new = [] if window.is_over else _new(window, answer.rows)
        place = _Place(window, before=end.forward)
        self._reckon(request, answer, len(new))
        if not window.is_over:
            window.taken += len(new)
            _move(end, request, answer)
            if window.is_over:
                place.index = self.parts.index(window)
                del self.parts[place.index]
        return new if end.forward else new[::-1], place

    def put(self, place: _Place, held: HeldT) -> None:
        """Put a page where its rows belong."""
        index = place.index
        if index is None:
            index = self.parts.index(place.window) + (0 if place.before else 1)
        self.parts.insert(index, held)

    def _ask(self, end: _End) -> Request:
        window, end.busy = end.window, True
        since, until = window.since, window.until
        if end.alone:
            since, until = (since, since + 1) if end.forward else (until - 1, until)
        return Request(since, until, end.forward, end.token, end.alone, end, window, window.taken, window.splits)

    def _most_calls(self, window: Window) -> int:
        """How many calls at once have something to read. One, until it is known what there is."""
        if not window.is_counted or window.rows is None or window.until - window.since == 1:
            return 1
        return 1 if window.rows <= self._page else 2

    @property
    def _together(self) -> int:
        """How many windows are read at once, with two calls each."""
        return self.concurrency // 2 + 1

    def _full(self) -> float:
        """How many rows a window is to hold: those that are read together are as long as may be read ahead.

        The longer a window, the less the half page weighs that is wasted on average where its ends meet.
        """
        return _SLACK * self._look_ahead / self._together * self._page

    def _size(self) -> float:
        """How many rows the next window is to hold: the first ones few, so that windows do not end all at once."""
        size = self._full() * min((self._cut + 1) / self._together, 1)
        return max(int(size / self._page), 2) * self._page

    def _cut_off(self, window: Window, size: float) -> None:
        """Cut from the begin of a window as much as one should hold."""
        rows, width = window.rows or 0.0, window.until - window.since
        density = rows / width
        if not window.is_counted and self._density is not None:
            density = max(self._density, density / _SPARSER)
        self._split(window, min(size / density / width, 1.0), size)
        self._cut += 1

    def _share_out(self, windows: list[Window]) -> Request | None:
        """Split a window that is being read for callers that are left: the first long one, or else the longest."""
        counted = [window for window in windows if window.is_counted]
        chosen = next((window for window in counted if (window.rows or 0.0) > _LONG * self._page), None)
        chosen = chosen or max(counted, key=lambda window: window.rows or 0.0, default=None)
        if chosen is None or (chosen.rows or 0.0) < _WORTH_SPLITTING * self._page:
            return None
        later = self._split(chosen, 0.5, (chosen.rows or 0.0) / 2)
        if later is None:
            return None
        chosen.is_counted = later.is_counted = True  # well enough, for now
        return self._ask(later.late if later.early.busy else later.early)

    def _split(self, window: Window, share: float, first: float) -> Window | None:
        """Cut a window in two, the earlier of which keeps its place and is taken to hold so many rows.

        Returns:
            The later one, or None for a window of one second.
        """
        if window.until - window.since < 2:
            return None
        width = min(max(round((window.until - window.since) * share), 1), window.until - window.since - 1)
        later = Window(window.since + width, window.until, max((window.rows or 0.0) - first, 0.0))
        later.late, window.late = window.late, later.late
        later.late.window, window.late.window = later, window
        window.until, window.rows, window.is_counted = later.since, first, False
        window.splits += 1
        later.splits = window.splits
        self.parts.insert(self.parts.index(window) + 1, later)
        return later

    def _reckon(self, request: Request, answer: Answer, new: int) -> None:
        """Learn from an answer how many rows there are."""
        rows, window, width = len(answer.rows), request.end.window, request.until - request.since
        if request.alone:
            window.rows = max((window.rows or 0.0) - new, 0.0)
            return
        if answer.token is None:
            density = rows / width
        elif answer.total is not None:
            density = answer.total / width
        else:
            density = rows / (abs(answer.rows[-1][0] - answer.rows[0][0]) + 1) if rows else 0.0
        self._density = max(density, (self._density or 0.0) / _SPARSER)
        if window.is_over:
            return
        if answer.total is not None and window is request.window and window.splits == request.splits:
            window.rows = max(answer.total - new - (window.taken - request.taken), 0)
        else:
            window.rows = max(density * (window.until - window.since) - new, 0.0)
        window.is_counted = True


@dataclass(slots=True)
class _Place:
    """Where a page belongs: before or after what is left of its window, or at an index where nothing is left."""

    window: Window
    before: bool
    index: int | None = None


def _new(window: Window, rows: list[tuple[int, str]]) -> list[int]:
    """Which rows of a page belong to what is left of a window."""
    before: set[str] = set()
    new: list[int] = []
    for index, (time, key) in enumerate(rows):
        seen = (time == window.since and key in window.early.seen) or (
            time == window.until - 1 and key in window.late.seen
        )
        if window.since <= time < window.until and not seen and key not in before:
            new.append(index)
        before.add(key)
    return new


def _move(end: _End, request: Request, answer: Answer) -> None:
    """Move an end of a window to the last second of a page, which may go on behind it."""
    window = end.window
    stood = window.since if end.forward else window.until - 1
    ended = answer.token is None or not answer.rows
    if request.alone:
        if ended or answer.token in end.tokens:  # that was all of this second, or the API goes in circles
            end.reset()
            _put(end, stood + (1 if end.forward else -1))
        else:
            end.see(stood, answer)
            end.token = answer.token
            end.tokens.add(answer.token or "")
        return
    if ended:
        window.is_over = True
        return
    last = max(answer.rows[-1][0], stood) if end.forward else min(answer.rows[-1][0], stood)
    if last == stood:
        end.alone = True
    else:
        end.reset()
        _put(end, last)
    end.see(last, answer)


def _put(end: _End, second: int) -> None:
    window = end.window
    if end.forward:
        window.since = second
    else:
        window.until = second + 1
    window.is_over = window.since >= window.until
