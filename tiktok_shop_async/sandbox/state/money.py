"""Amounts to the cent: rounding, text, and shares that add up to the whole."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ZERO = Decimal("0.00")
_CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Rounds to the cent, halves upwards."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def is_whole_cents(amount: Decimal) -> bool:
    """Whether an amount has no more than two decimals."""
    return amount == cents(amount)


def text(amount: Decimal) -> str:
    """An amount as the API writes it: a decimal with two places, negative for what the seller pays."""
    return format(cents(amount), "f")


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum, 0.00 for no amounts."""
    return sum(amounts, ZERO)


def shares(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Splits an amount in proportion to weights; the parts add up to it exactly.

    Each share is the difference of two rounded running totals, so no cent is lost and none is made.
    """
    whole = total(weights)
    if whole == 0:
        weights, whole = [Decimal(1)] * len(weights), Decimal(len(weights))
    parts: list[Decimal] = []
    handed_out = running = ZERO
    for weight in weights:
        running += weight
        upto = cents(amount * running / whole)
        parts.append(upto - handed_out)
        handed_out = upto
    return parts
