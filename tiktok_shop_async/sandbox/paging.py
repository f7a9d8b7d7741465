"""Pages of rows behind opaque tokens that are tied to the filters they were made for.

A token marks the last row that was handed out, by sort value and id, so that rows which arrive or move while someone
pages do not shift the rest. Like the live ones, tokens always contain `/`, `+` and `=`: a client that forgets to
percent-encode them, or signs them encoded, fails here and not in production.
"""

from __future__ import annotations

import base64
import hashlib
import json
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

import msgspec

from tiktok_shop_async.sandbox.refusal import BAD_REQUEST, RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tiktok_shop_async.sandbox.call import Call

RowT = TypeVar("RowT")
Mark: TypeAlias = tuple[int, str]

_BEGINNING = "+/"
_DIGEST_SIZE = 9
REMEMBERED = 16
"""Of how many searches what they found is remembered."""

_USUAL_PLACES: Mapping[str, Any] = {
    "token": {"in": "query", "name": "page_token"},
    "page-size": {"in": "query", "name": "page_size"},
}


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """Some rows, how many there are in all, and the token of the page after; empty when there is none."""

    rows: list[RowT]
    total: int
    next_token: str


def take_page(
    call: Call,
    rows: Iterable[RowT],
    key: Callable[[RowT], tuple[int, str]],
    *,
    newest_first: bool = False,
    default_size: int = 20,
    token_after_the_last: bool = False,
    remember: bool = False,
) -> Page[RowT]:
    """Cuts the page that a call asks for out of the rows that fit its filters.

    Args:
        call: says where it stands and how much it wants, in the places that the spec names for its endpoint.
        rows: every row that fits the filters, in any order.
        key: a row's sort value and its id, which settles ties.
        newest_first: whether the largest key comes first.
        default_size: how many rows a page has when the call does not say.
        remember: whether the same rows fit in the same order until something is changed, so that the next page need not
            look at all of them again. Not for what also depends on the time.
        token_after_the_last: hand out a token even on the last page, as the live product search does.

    Raises:
        RefusalError: the token is not one of ours, or was made for other filters.
    """
    searches, digest = call.world.searches, _digest(call)
    ordered: list[RowT] | None = searches.recall(digest, call.world.version) if remember else None
    if ordered is None:
        ordered = sorted(rows, key=key, reverse=newest_first)
        if remember:
            searches.remember(digest, call.world.version, ordered)
    size = int(_said(call, "page-size") or default_size)
    start = 0
    if token := _said(call, "token"):
        mark = _read_token(str(token), digest)
        is_before = _is_before(mark, newest_first=newest_first)
        start = bisect_left(ordered, True, key=lambda row: not is_before(key(row)))
    elif (number := _said(call, "page-number")) is not None:
        start = max(int(number) - int(_places(call)["page-number"]["first"]), 0) * size
    page = ordered[start : start + size]
    is_last = start + size >= len(ordered)
    ended = not page or (is_last and not token_after_the_last)
    return Page(page, len(ordered), "" if ended else _write_token(key(page[-1]), digest))


class Searches:
    """The rows that the last searches found, as long as nothing has changed since."""

    def __init__(self) -> None:
        self._found: dict[bytes, tuple[int, list[Any]]] = {}

    def recall(self, digest: bytes, version: int) -> list[Any] | None:
        """What a search has found in this version of the world, or None."""
        then, rows = self._found.get(digest, (-1, []))
        return rows if then == version else None

    def remember(self, digest: bytes, version: int, rows: list[Any]) -> None:
        """Notes what a search has found, and forgets the oldest."""
        self._found[digest] = (version, rows)
        while len(self._found) > REMEMBERED:
            del self._found[next(iter(self._found))]


def token_of_an_empty_page(call: Call) -> str:
    """A token that belongs to the same filters and stands behind the last row."""
    return _write_token(None, _digest(call))


def filters_of(call: Call) -> str:
    """What a request asks for, without where it stands: the same for each page of a search, and for no other."""
    said: dict[str, Any] = {"query": dict(call.query), "body": call.body}
    for what in ("token", "page-size", "page-number"):
        if place := _places(call).get(what):
            said[place["in"]] = _without(said[place["in"]], str(place["name"]).split("."))
    owner = call.shop.id if call.has_shop else call.category_asset.cipher if call.category_asset is not None else ""
    return json.dumps([call.operation.id, owner, dict(call.path), said], sort_keys=True)


def _is_before(mark: Mark | None, *, newest_first: bool) -> Callable[[Mark], bool]:
    """Tells which rows were handed out before a mark was set."""
    if mark is None:
        return lambda _: True
    return (lambda key: key >= mark) if newest_first else (lambda key: key <= mark)


def _digest(call: Call) -> bytes:
    return hashlib.sha256(filters_of(call).encode()).digest()[:_DIGEST_SIZE]


def _places(call: Call) -> Mapping[str, Any]:
    return _USUAL_PLACES if call.operation.pagination is None else call.operation.pagination


def _said(call: Call, what: str) -> Any:
    place = _places(call).get(what)
    if place is None:
        return None
    value: Any = call.query if place["in"] == "query" else call.body
    for name in str(place["name"]).split("."):
        value = cast("Mapping[str, Any]", value).get(name) if isinstance(value, Mapping) else None
    return value


def _without(fields: Mapping[str, Any], path: list[str]) -> dict[str, Any]:
    """The fields without the one at the end of a path of names, and without what holds nothing then.

    The first request of a search may leave out the object that the following ones say their token in.
    """
    first, rest = path[0], path[1:]
    others = {name: value for name, value in fields.items() if name != first}
    left = _without(fields[first], rest) if rest and first in fields else {}
    return {**others, first: left} if left else others


def _write_token(mark: Mark | None, digest: bytes) -> str:
    payload = digest + json.dumps(mark).encode()
    # One byte beyond a multiple of three makes the padding.
    return _BEGINNING + base64.b64encode(payload.ljust((len(payload) + 2) // 3 * 3 + 1)).decode()


def _read_token(token: str, digest: bytes) -> Mark | None:
    try:
        payload = base64.b64decode(token.removeprefix(_BEGINNING), validate=True)
        if payload[:_DIGEST_SIZE] != digest:
            raise RefusalError(BAD_REQUEST, "Invalid `page_token`: it belongs to a search with other filters.", 400)
        mark: Mark | None = msgspec.json.decode(payload[_DIGEST_SIZE:], type=Mark | None)
    except ValueError as error:
        raise RefusalError(BAD_REQUEST, "Invalid `page_token`: it was not handed out by this service.", 400) from error
    return mark
