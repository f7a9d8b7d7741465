"""Ids in the shape of the live ones: long digits as text, growing with time, never the same twice."""

from __future__ import annotations

from string import ascii_letters, digits
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

_PREFIXES = {
    "order": "5811",
    "line": "5812",
    "product": "1734",
    "sku": "1735",
    "package": "1161",
    "return": "4081",
    "return_line": "4082",
    "cancellation": "4083",
    "cancellation_line": "4084",
    "statement": "7421",
    "payment": "3481",
    "transaction": "7422",
    "withdrawal": "3482",
    "user": "7211",
    "shop": "7495",
    "warehouse": "7312",
    "upload": "0",
    "request": "0",
}


class Identifiers:
    """Hands out ids from a seeded source: the same seed and the same calls give the same ids."""

    def __init__(self, source: random.Random) -> None:
        self._source = source
        self.last = {kind: source.randrange(10**12, 2 * 10**12) for kind in _PREFIXES}

    def number(self, kind: str) -> str:
        """The next id of a kind: 18 digits, larger than the one before."""
        self.last[kind] += self._source.randrange(1, 5_000)
        return f"{_PREFIXES[kind]}{self.last[kind]:014d}"

    def token(self, prefix: str, length: int) -> str:
        """An unguessable-looking text of letters and digits, such as a cipher or an access token."""
        return prefix + "".join(self._source.choices(ascii_letters + digits, k=length))

    def hexadecimal(self, length: int) -> str:
        """Lowercase hex of this many characters."""
        return "".join(self._source.choices("0123456789abcdef", k=length))
