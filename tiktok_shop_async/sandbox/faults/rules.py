"""Faults on request: which calls fail, how often, and in what way.

A fault is a rule that waits for calls that it fits. Before a call is carried out it can answer in its place, reset the
connection or never answer; with `after` the call is carried out first, so that its outcome is in doubt for the caller.
The kinds of `oddities` change the data of a call that went well. The first rule that fits a call is the one that acts.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.faults.oddities import ODDITIES
from tiktok_shop_async.sandbox.refusal import INTERNAL_ERROR, SERVER_TIMEOUT, TOKEN_EXPIRED, TOO_MANY_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Sequence

RESET = "reset"
NO_ANSWER = "no_answer"
DELAY = "delay"
NOT_JSON = "not_json"
TRUNCATED = "truncated"

ANSWERS = {
    "error": (500, INTERNAL_ERROR, "Internal error"),
    "unavailable": (503, INTERNAL_ERROR, "Service unavailable: overload protection"),
    "server_timeout": (504, SERVER_TIMEOUT, "The server timed out"),
    "too_many_requests": (429, TOO_MANY_REQUESTS, "Too many requests"),
    "expired_token": (401, TOKEN_EXPIRED, "Expired credentials: the access token is over"),
}
"""Kinds that answer with an envelope: HTTP status, code and message, unless the fault names others."""

KINDS = (*ANSWERS, RESET, NO_ANSWER, DELAY, NOT_JSON, TRUNCATED, *ODDITIES)
_ALWAYS_AFTER = frozenset({TRUNCATED, *ODDITIES})

GATEWAY_PAGE = b"""<html><head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>sandbox</center></body></html>
"""


@dataclass(slots=True, kw_only=True)
class Fault:
    """What is to go wrong, with which calls.

    Attributes:
        kind: one of `KINDS`.
        operation: the operation's id, such as `get_order_list`; any when left out.
        path: a pattern of the path, such as `/order/*`; any when left out.
        shop_id: only calls that name this shop.
        times: how many calls it hits; without an end when None.
        share: which part of the fitting calls it hits, drawn from the sandbox's own chance.
        after: whether the call is carried out first.
        status: the HTTP status of the answer.
        code: the code of the answer.
        message: the message of the answer.
        retry_after: the seconds of a `Retry-After` header.
        delay: how many seconds of real time the caller waits before.
        fields: which fields an odd answer is odd in, as patterns of their dotted names, such as `orders.*_time`.
        id: its number.
        hits: how many calls it has hit.
    """

    kind: str
    operation: str | None = None
    path: str | None = None
    shop_id: str | None = None
    times: int | None = 1
    share: float = 1.0
    after: bool = False
    status: int | None = None
    code: int | None = None
    message: str | None = None
    retry_after: int | None = None
    delay: float = 0.0
    fields: Sequence[str] = ()
    id: int = 0
    hits: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no kind of fault; there are {', '.join(KINDS)}")
        if self.times is not None and self.times < 1:
            raise ValueError(f"`times` is 1 or more, or null for no end, not {self.times}")
        if not 0 <= self.share <= 1:
            raise ValueError(f"`share` is between 0 and 1, not {self.share}")
        if self.delay < 0:
            raise ValueError(f"`delay` is 0 seconds or more, not {self.delay}")
        if self.fields and self.kind not in ODDITIES:
            raise ValueError(f"`fields` belongs to odd answers ({', '.join(ODDITIES)}), not to {self.kind!r}")
        if self.status is not None and (not 200 <= self.status <= 599 or self.status in {204, 205, 304}):
            raise ValueError(f"{self.status} is no HTTP status that an answer with a body can have")
        self.after = self.after or self.kind in _ALWAYS_AFTER

    @property
    def is_over(self) -> bool:
        """Whether it has hit as many calls as it was to."""
        return self.times is not None and self.hits >= self.times

    def fits(self, operation: str | None, path: str, shop_id: str | None) -> bool:
        """Whether a call is one of those that it waits for."""
        return (
            (self.operation is None or self.operation == operation)
            and (self.path is None or fnmatchcase(path, self.path))
            and (self.shop_id is None or self.shop_id == shop_id)
        )

    def answer(self) -> tuple[int, int, str]:
        """HTTP status, code and message of a kind that answers."""
        status, code, message = ANSWERS[self.kind]
        return (
            status if self.status is None else self.status,
            code if self.code is None else self.code,
            message if self.message is None else self.message,
        )

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Faults:
    """The rules, in the order in which they were put in, and the chance that they draw from.

    They may be changed in one thread while another asks for them.
    """

    chance: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - chance, not a secret
    _rules: list[Fault] = field(default_factory=list[Fault])
    _last: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> Fault:
        """Puts a rule in, and gives it its number."""
        with self._lock:
            self._last += 1
            fault.id = self._last
            self._rules.append(fault)
        return fault

    def all(self) -> list[Fault]:
        """The rules, also those that are over."""
        return list(self._rules)

    def remove(self, fault_id: int) -> bool:
        """Takes one rule out, and tells whether it was there."""
        with self._lock:
            rest = [each for each in self._rules if each.id != fault_id]
            found = len(rest) < len(self._rules)
            self._rules = rest
        return found

    def clear(self) -> None:
        """Takes all rules out."""
        with self._lock:
            self._rules = []

    @property
    def are_waiting(self) -> bool:
        """Whether any rule can still hit."""
        return any(not each.is_over for each in self._rules)

    def meet(self, *, after: bool, operation: str | None, path: str, shop_id: str | None) -> Fault | None:
        """The rule that hits a call at this point, before or after it is carried out, or None."""
        with self._lock:
            for each in self._rules:
                if each.after is after and not each.is_over and each.fits(operation, path, shop_id):
                    if each.share < 1 and self.chance.random() >= each.share:
                        continue
                    each.hits += 1
                    return each
        return None
