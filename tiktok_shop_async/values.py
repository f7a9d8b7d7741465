"""Amounts and times as Python values. Models keep what the wire sent; these read it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

__all__ = ["MILLISECONDS_FROM", "as_datetime", "as_decimal"]

MILLISECONDS_FROM = 100_000_000_000
"""Seconds reach this in the year 5138, milliseconds did in 1973: a larger number counts milliseconds."""


def as_decimal(text: str | None) -> Decimal | None:
    """Read an amount exactly: `as_decimal("12.50")` is `Decimal("12.50")`.

    Args:
        text: An amount as the API sends it, a negative fee or a sum without decimals included. Blank ends do not
            matter; None and blank text mean that there is none.

    Returns:
        The amount with as many decimals as the text has, or None where there is none.

    Raises:
        ValueError: The text is no finite number: a unit or a thousands separator stands in it, for example.
    """
    if text is None or not text.strip():
        return None
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite():
        raise ValueError(f"not an amount: {text!r}")
    return amount


def as_datetime(unix: int | None) -> datetime | None:
    """Read a moment: `as_datetime(1700000000)` is 14 November 2023, 22:13:20 UTC.

    Args:
        unix: Unix time, in seconds or in milliseconds: the API has both, now and then in the same field, and a number
            from 100,000,000,000 on can only be milliseconds. None and 0 mean that there is none.

    Returns:
        The moment with UTC as its time zone, or None where there is none.

    Raises:
        ValueError: The moment is out of the years 1 to 9999.
    """
    if not unix:
        return None
    in_milliseconds = abs(unix) >= MILLISECONDS_FROM
    try:
        moment = datetime.fromtimestamp(unix // 1000 if in_milliseconds else unix, UTC)
    except (OverflowError, OSError, ValueError):
        moment = None
    if moment is None:
        raise ValueError(f"not a moment between the years 1 and 9999: {unix}")
    return moment.replace(microsecond=unix % 1000 * 1000) if in_milliseconds else moment
