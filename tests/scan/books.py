"""A shop's orders behind a transport that takes its time: what a scan is tried on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import anyio

from tests.virtual_time import virtual_clock
from tiktok_shop_async import RawAnswer, TikTokShop

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Mapping, Sequence

LATENCY = 0.3
RATE = 50


@dataclass(frozen=True)
class Search:
    """A request for a page of orders."""

    by: str
    forward: bool
    since: int
    until: int
    size: int
    token: int
    fields: Mapping[str, Any]
    at: float


@dataclass
class Books:
    """Orders by id, each with its times. Tokens count rows, as those of a service well may.

    Attributes:
        before: Is told of each request before it is answered; what it returns is answered instead.
        counts: Whether answers say how many rows there are in all.
        latency: Seconds to an answer.
        more: What each order has besides.
    """

    orders: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    before: Callable[[Search], RawAnswer | None] = lambda _: None
    counts: bool = True
    latency: float = LATENCY
    more: Mapping[str, Any] = field(default_factory=dict[str, Any])
    searches: list[Search] = field(default_factory=list[Search])
    under_way: int = 0
    most: int = 0

    def add(self, *times: int) -> Books:
        for time in times:
            key = f"{len(self.orders):06}"
            self.orders[key] = {"id": key, "create_time": time, "update_time": time}
        return self

    def ids(self) -> list[str]:
        return sorted(self.orders)

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterable[bytes]
    ) -> RawAnswer:
        assert isinstance(body, bytes)
        query, fields = dict(parse_qsl(urlsplit(url).query)), json.loads(body)
        by = query["sort_field"]
        search = Search(
            by=by,
            forward=query["sort_order"] == "ASC",
            since=fields[f"{by}_ge"],
            until=fields[f"{by}_lt"],
            size=int(query["page_size"]),
            token=int(query.get("page_token", 0)),
            fields=fields,
            at=anyio.current_time(),
        )
        self.searches.append(search)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await anyio.sleep(self.latency)
            return self.before(search) or self._answer(search)
        finally:
            self.under_way -= 1

    def _answer(self, search: Search) -> RawAnswer:
        recent = sum(search.at - 1 < each.at <= search.at for each in self.searches[-2 * RATE :])
        if recent > RATE:
            return refusal(36009002, 429)
        found = self._found(search)
        end = search.token + search.size
        rows = [{**self.orders[key], **self.more} for key in found[search.token : end]]
        return page(rows, str(end) if end < len(found) else "", len(found) if self.counts else None)

    def _found(self, search: Search) -> Sequence[str]:
        found = [key for key, order in self.orders.items() if search.since <= order[search.by] < search.until]
        return sorted(found, key=lambda key: (self.orders[key][search.by], key), reverse=not search.forward)


class EvenBooks(Books):
    """As many orders as one likes, found fast: created one every so many seconds, they change no more."""

    def __init__(self, count: int, latency: float = LATENCY, every: int = 1) -> None:
        super().__init__(latency=latency)
        self._every = every
        self.add(*range(0, count * every, every))
        self._keys = list(self.orders)

    def _found(self, search: Search) -> Sequence[str]:
        found = self._keys[ceil(search.since / self._every) : ceil(search.until / self._every)]
        return found if search.forward else found[::-1]


def page(orders: list[dict[str, Any]], token: str = "", total: int | None = None) -> RawAnswer:
    data = {"orders": orders, "next_page_token": token, "total_count": total}
    return RawAnswer(200, {}, json.dumps({"code": 0, "message": "Success", "request_id": "1", "data": data}).encode())


def refusal(code: int, status: int = 200) -> RawAnswer:
    return RawAnswer(status, {}, json.dumps({"code": code, "message": "no", "request_id": "1"}).encode())


def client(books: Books, **settings: Any) -> TikTokShop:
    given: dict[str, Any] = {"access_token": "t", "shop_cipher": "c", "transport": books, "clock": virtual_clock()}
    return TikTokShop("key", "secret", **(given | settings))
