"""Amounts and times as Python values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok_shop_async import as_datetime, as_decimal

if TYPE_CHECKING:
    from decimal import Decimal


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12.50", "12.50"),
        ("-3.1", "-3.1"),
        ("+3", "3"),
        ("250000", "250000"),
        ("0", "0"),
        (" 7.00 ", "7.00"),
        ("0.1234567890123456789012345678901", "0.1234567890123456789012345678901"),
    ],
)
def test_an_amount_is_read_exactly(text: str, amount: str) -> None:
    assert str(as_decimal(text)) == amount


@pytest.mark.parametrize("text", [None, "", "  "])
def test_no_text_is_no_amount(text: str | None) -> None:
    assert as_decimal(text) is None


@pytest.mark.parametrize("text", ["12,50", "1.234,5", "£5", "five", "NaN", "Infinity", "--1"])
def test_what_is_no_amount_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        as_decimal(text)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_every_decimal_survives(amount: Decimal) -> None:
    assert as_decimal(str(amount)) == amount


def test_a_moment_is_read_from_seconds() -> None:
    assert as_datetime(1_700_000_000) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_a_moment_is_read_from_milliseconds() -> None:
    assert as_datetime(1_700_000_000_123) == datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC)


@pytest.mark.parametrize("unix", [None, 0])
def test_no_number_is_no_moment(unix: int | None) -> None:
    assert as_datetime(unix) is None


def test_seconds_end_where_milliseconds_begin() -> None:
    assert as_datetime(99_999_999_999) == datetime(5138, 11, 16, 9, 46, 39, tzinfo=UTC)
    assert as_datetime(100_000_000_000) == datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)


def test_a_moment_before_1970_is_read_too() -> None:
    assert as_datetime(-1) == datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert as_datetime(-100_000_000_001) == datetime(1966, 10, 31, 14, 13, 19, 999000, tzinfo=UTC)


@pytest.mark.parametrize("unix", [9 * 10**15, 10**30, -(10**15)])
def test_a_moment_out_of_all_years_is_an_error(unix: int) -> None:
    with pytest.raises(ValueError, match="not a moment"):
        as_datetime(unix)


@given(st.integers(1, 99_999_999_999))
def test_every_second_survives(unix: int) -> None:
    moment = as_datetime(unix)
    assert moment is not None
    assert moment.timestamp() == unix
