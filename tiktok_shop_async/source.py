"""Where the pages of a list come from, and how wide a scan reads them unless it is told.

Apart from `scan.py`, so that a program which scans nothing does not load that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tiktok_shop_async.model import Model
    from tiktok_shop_async.response import Response

__all__ = ["CONCURRENCY", "LOOK_AHEAD", "Source"]

PageT = TypeVar("PageT")

CONCURRENCY = 24
"""Most calls of a scan at a time."""
LOOK_AHEAD = 350
"""Most pages that a scan reads ahead of the one whose turn it is."""


class Source(Struct, Generic[PageT], frozen=True):
    """Where a list comes from.

    Attributes:
        name: Of the operation.
        fetch: Makes a call, with these arguments in place of the given ones.
        look: The same, for an answer of which only these dotted paths are of use now.
        read: Reads the whole of such an answer.
        now: The API's time.
        monotonic: Seconds that never run backwards.
    """

    name: str
    fetch: Callable[[Mapping[str, object]], Awaitable[PageT]]
    look: Callable[[Mapping[str, object], tuple[str, ...]], Awaitable[Model]]
    read: Callable[[Response], PageT]
    now: Callable[[], float]
    monotonic: Callable[[], float]
