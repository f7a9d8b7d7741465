"""Pages that were read ahead of their turn, kept small: as they came over the wire, and compressed when many wait."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tiktok_shop_async.response import Response

__all__ = ["Held", "compress"]

_PLAIN = -zlib.MAX_WBITS
"""Without the check sum, which takes a twentieth of the time: nothing here leaves the memory."""


@dataclass(slots=True)
class Held:
    """A page ahead of its turn, and which of its rows are wanted, in order.

    As it came over the wire it weighs a third of what its objects would. Compressing takes another two thirds, and as
    long as reading the page three times.
    """

    response: Response
    wanted: list[int]
    is_compressed: bool = False

    @property
    def weight(self) -> int:
        """In bytes, of what is not compressed."""
        return 0 if self.is_compressed else len(self.response.content)

    def compress(self) -> None:
        """Make it small until its turn comes."""
        self.response = replace(self.response, content=zlib.compress(self.response.content, 1, _PLAIN))
        self.is_compressed = True

    def answer(self) -> Response:
        """The answer, as it came."""
        if not self.is_compressed:
            return self.response
        return replace(self.response, content=zlib.decompress(self.response.content, _PLAIN))


def compress(pages: Iterable[Held], excess: int) -> int:
    """Compress so many bytes, beginning with the first of these pages. Returns how many were."""
    done = 0
    for page in pages:
        if done >= excess:
            break
        if not page.is_compressed:
            done += page.weight
            page.compress()
    return done
