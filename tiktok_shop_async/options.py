"""Settings of a single call."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tiktok_shop_async.errors import ArgumentError
from tiktok_shop_async.secret import hide

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CallOptions", "check_limits"]

_OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "x-tts-access-token",
    }
)
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """Settings of a single call: `client.orders.get_order_list(options=CallOptions(timeout=5))`.

    Attributes:
        timeout: Seconds for the call as a whole, retries and waits included; `math.inf` for no limit. None: as the
            client has it. For a pager it holds for each page.
        max_retries: How often a failed request is sent again, where that is safe; 0 for never. None: as the client
            has it.
        headers: Sent along. Headers that the client itself sets for the API are refused.
        partial_failure: What to do with an answer that reports some of its items as failed: `raise` a
            `PartialFailureError`, or `return` the answer as it is.

    Raises:
        ArgumentError: A setting that makes no sense.
    """

    timeout: float | None = None
    max_retries: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    partial_failure: Literal["raise", "return"] = "raise"

    def __post_init__(self) -> None:
        check_limits(self.timeout, self.max_retries)
        if self.partial_failure not in {"raise", "return"}:
            raise ArgumentError('partial_failure: give "raise" or "return"')
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise ArgumentError(f"headers: {name} is {type(value).__name__}; give a str")
            if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
                raise ArgumentError(f"headers: {name!r} or its value holds characters that no header may have")
            if name.lower() in _OURS:
                raise ArgumentError(f"headers: {name} is set by the client itself")
            headers[name.lower()] = hide(value)
        object.__setattr__(self, "headers", headers)


def check_limits(timeout: object, max_retries: object) -> None:
    """Refuse a time limit that is not positive, and a number of retries that is none.

    Raises:
        ArgumentError: One of them makes no sense.
    """
    if timeout is not None and (not isinstance(timeout, int | float) or isinstance(timeout, bool) or not timeout > 0):
        raise ArgumentError(f"timeout: got {timeout!r}; give seconds above 0, or math.inf for no limit")
    if max_retries is not None and (
        not isinstance(max_retries, int) or isinstance(max_retries, bool) or max_retries < 0
    ):
        raise ArgumentError(f"max_retries: got {max_retries!r}; give a whole number, 0 or more")
