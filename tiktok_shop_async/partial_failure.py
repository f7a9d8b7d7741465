"""Success that is not: an answer of code 0 that lists items which failed. The easiest failure to miss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tiktok_shop_async.errors import PartialFailureError
from tiktok_shop_async.places import follow

if TYPE_CHECKING:
    from tiktok_shop_async.model import Model
    from tiktok_shop_async.operation import Operation
    from tiktok_shop_async.response import Response

__all__ = ["raise_partial_failure"]


def raise_partial_failure(operation: Operation[Any], result: Model, response: Response) -> None:
    """Raise if an answer of code 0 lists items that failed.

    Raises:
        PartialFailureError: It does.
    """
    place = operation.partial_errors
    found = follow(result, place.errors) if place is not None else None
    if place is None or not isinstance(found, list) or not found:
        return
    entries = cast("list[object]", found)
    # Some endpoints list no entries but the bare ids.
    ids = entries if place.item is None else [follow(entry, place.item) for entry in entries]
    first = getattr(entries[0], "message", None)
    raise PartialFailureError(
        f"{len(entries)} of the items failed" + (f", the first with: {first}" if first else ""),
        errors=entries,
        failed_ids=[each for each in ids if isinstance(each, str) and each],
        data=result,
        operation=operation.name,
        status=response.status,
        request_id=response.request_id,
        attempts=response.attempts,
        response=response,
    )
