"""One object for equal values: ten thousand orders name the same few products, statuses, towns and amounts.

Without it, a large shop takes twice the memory, most of all after it was read from a file, where each value comes anew.
"""

from __future__ import annotations

import sys
from dataclasses import fields
from decimal import Decimal
from typing import Any, cast

MOST_AMOUNTS = 20_000

_amounts: dict[str, Decimal] = {}


def share_values(row: object) -> None:
    """Puts shared objects in the place of a dataclass's texts and amounts. For texts that many rows have."""
    names = _shareable.get(type(row))
    if names is None:
        names = tuple(
            field.name for field in fields(cast("Any", row)) if field.type in _KINDS and field.name not in _OWN
        )
        _shareable[type(row)] = names
    for name in names:
        value = getattr(row, name)
        if type(value) is Decimal:
            object.__setattr__(row, name, shared_amount(value))
        elif type(value) is str:
            object.__setattr__(row, name, sys.intern(value))


def shared_amount(amount: Decimal) -> Decimal:
    """An amount that equals this one to the last digit, so 1.0 is not 1.00."""
    if len(_amounts) >= MOST_AMOUNTS:
        _amounts.clear()
    return _amounts.setdefault(str(amount), amount)


_shareable: dict[type[object], tuple[str, ...]] = {}

_KINDS = frozenset({"str", "str | None", "Decimal", "Decimal | None"})

_OWN = frozenset({"id", "user_id", "phone", "street", "package_id", "order_id", "tracking_number"})
"""Fields that hardly any two rows have the same in."""
