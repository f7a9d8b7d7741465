"""The raw answer behind a result, for what no model shows: headers, unknown fields, the very bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from tiktok_shop_async import tolerance

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Response"]


@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """One answer of the API.

    Attributes:
        status: HTTP status.
        headers: Names in lower case.
        content: The body, byte for byte, decompressed.
        request_id: The API's name for the request, for its support.
        operation: What was called: `orders.get_order_list`.
        attempts: How many requests the call took.
        elapsed: Seconds from sending the last of them to its complete answer.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    request_id: str = ""
    operation: str = ""
    attempts: int = 1
    elapsed: float = 0.0

    def json(self) -> Any:
        """The body as plain Python values, read anew by each call.

        A number that no Python number holds exactly is its text, as in results.

        Raises:
            ValueError: The body is not JSON: the page of a proxy, for example.
        """
        try:
            return tolerance.plain(tolerance.mend(self.content))
        except (ValueError, RecursionError):
            problem = ValueError(f"the answer cannot be read as JSON ({len(self.content)} bytes)")
        # Outside of the handler, whose exception carries the body: it names people.
        raise problem

    @property
    def data(self) -> Any:
        """What stands under `data` in the body, as plain Python values; None where there is none.

        Raises:
            ValueError: The body is not JSON.
        """
        body = self.json()
        return cast("dict[str, Any]", body).get("data") if isinstance(body, dict) else None

    def __repr__(self) -> str:
        named = f" {self.operation}" if self.operation else ""
        return f"<Response {self.status}{named} request_id={self.request_id!r} {len(self.content)} bytes>"
