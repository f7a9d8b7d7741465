"""What was received and what came of it: the last exchanges, to be read back by a person or a test.

An exchange is written down as its request comes in and filled on the way, by whoever learns something: the gate what
it thinks of the signature, the application what was answered. What is costly (decoding, masking) waits until somebody
reads. Nothing here depends on the state of the sandbox.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from tiktok_shop_async.sandbox.gate.signature import SECRET_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tiktok_shop_async.sandbox.gate.ignored import Ignored
    from tiktok_shop_async.sandbox.gate.signature import Diagnosis

CAPACITY = 2_000
TOKEN_HEADER = "x-tts-access-token"
LONGEST_BODY = 8_192
TELLING_HEADERS = frozenset({"content-type", "content-length", "user-agent", "x-tts-access-token", "idempotency-key"})

__all__ = ["Exchange", "Journal"]


@dataclass(slots=True, kw_only=True)
class Exchange:
    """A request and its answer.

    `query` and `body` are as received; `to_dict` masks and decodes them. `shop_id` is the one of the cipher. `executed`
    tells whether the operation was carried out, whatever the caller was told. `signature` is None until it is checked.
    """

    id: int
    time: int
    method: str
    path: str
    query: str = field(repr=False)
    headers: Sequence[tuple[bytes, bytes]] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    body_length: int = 0
    operation_id: str | None = None
    shop_id: str | None = None
    signature: Diagnosis | None = None
    ignored: list[Ignored] = field(default_factory=list["Ignored"])
    remarks: list[str] = field(default_factory=list[str])
    fault: str | None = None
    executed: bool = False
    status: int | None = None
    code: int | None = None
    message: str = ""
    request_id: str = ""
    milliseconds: float = 0.0

    def keep_body(self, body: bytes) -> None:
        """Notes the body, of which the beginning is kept."""
        self.body = body[:LONGEST_BODY]
        self.body_length = len(body)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data, without secrets."""
        return {
            "id": self.id,
            "time": self.time,
            "method": self.method,
            "path": self.path,
            "query": self._shown_query(),
            "headers": dict(self._shown_headers()),
            "body": self.body.decode("utf-8", "backslashreplace"),
            "body_length": self.body_length,
            "operation": self.operation_id,
            "shop_id": self.shop_id,
            "signature": None if self.signature is None else self.signature.to_dict(),
            "ignored": [each.to_dict() for each in self.ignored],
            "remarks": list(self.remarks),
            "fault": self.fault,
            "executed": self.executed,
            "status": self.status,
            "code": self.code,
            "message": self.message,
            "request_id": self.request_id,
            "milliseconds": round(self.milliseconds, 2),
        }

    def _shown_query(self) -> str:
        pairs = parse_qsl(self.query, True)
        if SECRET_NAMES.isdisjoint(name for name, _ in pairs):
            return self.query
        return urlencode([(name, _masked(name, value)) for name, value in pairs], safe="<>")

    def _shown_headers(self) -> Iterator[tuple[str, str]]:
        for raw_name, value in self.headers:
            name = raw_name.decode("latin-1").lower()
            if name in TELLING_HEADERS:
                yield name, _masked(name, value.decode("latin-1"))


class Journal:
    """The last exchanges, the newest last. It may be read in one thread while another writes."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Keeps the last `capacity` exchanges."""
        self._exchanges: deque[Exchange] = deque(maxlen=capacity)
        self._numbers = count(1)

    def begin(
        self, *, time: int, method: str, path: str, query: str, headers: Sequence[tuple[bytes, bytes]]
    ) -> Exchange:
        """Writes down a request that came in."""
        exchange = Exchange(id=next(self._numbers), time=time, method=method, path=path, query=query, headers=headers)
        self._exchanges.append(exchange)
        return exchange

    def get(self, exchange_id: int) -> Exchange | None:
        """The exchange with this number, unless it is gone."""
        return next((each for each in reversed(self.all()) if each.id == exchange_id), None)

    def find(
        self,
        *,
        operation: str | None = None,
        path: str | None = None,
        method: str | None = None,
        shop_id: str | None = None,
        code: int | None = None,
        status: int | None = None,
        failed: bool | None = None,
        after: int = 0,
    ) -> list[Exchange]:
        """The exchanges that fit everything given, the oldest first.

        Args:
            operation: the operation's id, such as `get_order_list`.
            path: what the path starts with.
            method: the HTTP method.
            shop_id: the shop that the cipher stood for.
            code: the code of the answer.
            status: the HTTP status of the answer.
            failed: whether the code was another than 0.
            after: leaves out everything up to the exchange with this number.
        """
        return [
            each
            for each in self.all()
            if each.id > after
            and operation in {None, each.operation_id}
            and (path is None or each.path.startswith(path))
            and method in {None, each.method}
            and shop_id in {None, each.shop_id}
            and code in {None, each.code}
            and status in {None, each.status}
            and failed in {None, each.code != 0}
        ]

    def all(self) -> list[Exchange]:
        """Everything that is kept, the oldest first."""
        return list(self._exchanges)

    def clear(self) -> None:
        """Forgets everything. Numbers go on."""
        self._exchanges.clear()


def _masked(name: str, value: str) -> str:
    if name not in SECRET_NAMES or not value:
        return value
    return f"{value[:8] if name == TOKEN_HEADER else ''}<masked>"  # which token it was can be told by its beginning
