"""Shares add up to what is shared."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tiktok_shop_async.sandbox.state.money import cents, shares, text

amounts = st.decimals(min_value=-10_000, max_value=10_000, places=2)
weights = st.lists(st.decimals(min_value=0, max_value=1_000, places=2), min_size=1, max_size=12)


@given(amounts, weights)
def test_shares_add_up_to_the_amount(amount: Decimal, parts: list[Decimal]) -> None:
    assert sum(shares(amount, parts)) == amount


@given(amounts, weights)
def test_a_share_is_within_a_cent_of_its_proportion(amount: Decimal, parts: list[Decimal]) -> None:
    whole = sum(parts)
    if whole:
        for share, weight in zip(shares(amount, parts), parts, strict=True):
            assert abs(share - amount * weight / whole) <= Decimal("0.01")


def test_weights_of_nothing_share_evenly() -> None:
    assert shares(Decimal("1.00"), [Decimal(0), Decimal(0)]) == [Decimal("0.50"), Decimal("0.50")]


def test_half_a_cent_is_rounded_upwards() -> None:
    assert cents(Decimal("0.125")) == Decimal("0.13")


def test_an_amount_always_has_two_places() -> None:
    assert text(Decimal(5)) == "5.00"
    assert text(Decimal("-0.1")) == "-0.10"
