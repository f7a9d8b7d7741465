"""The raw answer behind a result, for what no model shows: headers, unknown fields, the very bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import msgspec

from tiktok_shop_async.errors import ArgumentError, DecodingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tiktok_shop_async.model import Model

__all__ = ["Response", "attach", "response_of"]


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
        """The body as plain Python values, each call decoding it anew.

        Raises:
            DecodingError: The body is not JSON.
        """
        try:
            return msgspec.json.decode(self.content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            problem = DecodingError(
                "the answer is not JSON", operation=self.operation, status=self.status, request_id=self.request_id
            )
        raise problem

    @property
    def data(self) -> Any:
        """What stands under `data` in the body, as plain Python values; None where there is none."""
        body = self.json()
        return cast("dict[str, Any]", body).get("data") if isinstance(body, dict) else None

    def __repr__(self) -> str:
        named = f" {self.operation}" if self.operation else ""
        return f"<Response {self.status}{named} request_id={self.request_id!r} {len(self.content)} bytes>"


def response_of(result: Model) -> Response:
    """The answer that a result of this client came with.

    Args:
        result: What a method returned, or a page of a pager. Rows and other parts have no answer of their own.

    Raises:
        ArgumentError: The object did not come straight from a call: a part of a result, or one that was built,
            copied or unpickled.
    """
    response: Response | None = getattr(result, "_response", None)
    if response is None:
        raise ArgumentError(f"this {type(result).__name__} is not what a call returned: ask the whole result or page")
    return response


def attach(result: Model, response: Response) -> None:
    """Remember the answer that a result came with."""
    result._response = response  # pyright: ignore[reportPrivateUsage]
