"""Pages of rows behind opaque tokens that are tied to the filters they were made for.

A token marks the last row that was handed out, by sort value and id, so that rows which arrive or move while someone
pages do not shift the rest. Like the live ones, tokens always contain `/`, `+` and `=`: a client that forgets to
percent-encode them, or signs them encoded, fails here and not in production.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from tiktok_shop_async.sandbox.refusal import BAD_REQUEST, RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tiktok_shop_async.sandbox.call import Call

RowT = TypeVar("RowT")

_BEGINNING = "+/"
_DIGEST_SIZE = 9
_POSITION_FIELDS = frozenset({"page_token", "page_size"})


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
) -> Page[RowT]:
    """Cuts the page that a call asks for out of the rows that fit its filters.

    Args:
        call: names `page_size` and `page_token` in its query.
        rows: every row that fits the filters, in any order.
        key: a row's sort value and its id, which settles ties.
        newest_first: whether the largest key comes first.
        default_size: how many rows a page has when the call does not say.
        token_after_the_last: hand out a token even on the last page, as the live product search does.

    Raises:
        RefusalError: the token is not one of ours, or was made for other filters.
    """
    ordered = sorted(rows, key=key, reverse=newest_first)
    digest = _digest(call)
    start = 0
    if token := call.query.get("page_token"):
        mark = _read_token(str(token), digest)
        start = sum(1 for row in ordered if (key(row) >= mark if newest_first else key(row) <= mark))
    size = int(call.query.get("page_size", default_size))
    page = ordered[start : start + size]
    is_last = start + size >= len(ordered)
    ended = not page or (is_last and not token_after_the_last)
    return Page(page, len(ordered), "" if ended else _write_token(key(page[-1]), digest))


def _digest(call: Call) -> bytes:
    filters = {name: value for name, value in call.query.items() if name not in _POSITION_FIELDS}
    shop = call.shop.id if call.has_shop else ""
    seed = json.dumps([call.operation.id, shop, dict(call.path), filters, call.body], sort_keys=True)
    return hashlib.sha256(seed.encode()).digest()[:_DIGEST_SIZE]


def _write_token(mark: tuple[int, str], digest: bytes) -> str:
    payload = digest + json.dumps(mark).encode()
    # One byte beyond a multiple of three makes the padding.
    return _BEGINNING + base64.b64encode(payload.ljust((len(payload) + 2) // 3 * 3 + 1)).decode()


def _read_token(token: str, digest: bytes) -> tuple[int, str]:
    try:
        payload = base64.b64decode(token.removeprefix(_BEGINNING), validate=True)
        if payload[:_DIGEST_SIZE] != digest:
            raise RefusalError(BAD_REQUEST, "Invalid `page_token`: it belongs to a search with other filters.", 400)
        return msgspec.json.decode(payload[_DIGEST_SIZE:], type=tuple[int, str])
    except ValueError as error:
        raise RefusalError(BAD_REQUEST, "Invalid `page_token`: it was not handed out by this service.", 400) from error
