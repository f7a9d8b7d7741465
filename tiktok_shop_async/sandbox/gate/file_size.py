"""How large a file may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tiktok_shop_async.sandbox.refusal import FILE_TOO_LARGE, RefusalError

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import FilePart

MEGABYTE = 1024 * 1024


def check_size(name: str, part: FilePart, limit: int) -> None:
    """Holds a part of a form against a limit in bytes.

    Raises:
        RefusalError: it is larger.
    """
    size = len(part.content)
    if size > limit:
        message = f"File too large: `{name}` takes {limit / MEGABYTE:g} MB, got {size / MEGABYTE:.1f} MB."
        raise RefusalError(FILE_TOO_LARGE, message, 400)
