"""The arithmetic of the limit: which calls pass, and what a refusal changes."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok_shop_async import ArgumentError
from tiktok_shop_async.limits import FULL, LEAST, SECOND, Meter, Pace, penalty

RATES = st.one_of(st.integers(1, 1000), st.floats(1, 1000))


def passed_when(meter: Meter, rests: list[int]) -> list[int]:
    """When calls pass that come after these rests and wait as long as they are told to."""
    now = 0
    moments: list[int] = []
    for rest in rests:
        now += rest
        while wait := meter.take(now):
            now += wait
        moments.append(now)
    return moments


def most_in_a_second(moments: list[int]) -> int:
    """The most calls that any window of one second holds, its end left out."""
    return max(sum(1 for each in moments if start <= each < start + SECOND) for start in moments)


@given(
    rate=st.integers(1, 120), rests=st.lists(st.integers(0, SECOND), min_size=1, max_size=30), crowd=st.integers(0, 300)
)
def test_no_second_holds_more_calls_than_the_setting(rate: int, rests: list[int], crowd: int) -> None:
    """However the calls come: after rests of any length, and in crowds."""
    moments = passed_when(Meter(Pace.of(rate)), [*rests, *[0] * crowd, *rests])
    assert most_in_a_second(moments) <= rate


@given(rate=st.integers(1, 100), start=st.integers(0, 2**40), events=st.lists(st.integers(0, 3 * SECOND), max_size=30))
def test_no_second_holds_more_while_the_pace_changes(rate: int, start: int, events: list[int]) -> None:
    meter = Meter(Pace.of(rate))
    now = start
    moments: list[int] = []
    for number, rest in enumerate(events):
        now += rest
        if number % 3 == 1:
            meter.penalize(now, rest // 7)
        for _ in range(rate // 2 + 1):
            while wait := meter.take(now):
                now += wait
            moments.append(now)
    assert not moments or most_in_a_second(moments) <= rate


@given(rate=RATES)
def test_under_load_at_least_97_percent_of_the_setting_pass(rate: float) -> None:
    moments = passed_when(Meter(Pace.of(rate)), [0] * (10 * math.ceil(rate)))
    flow = (len(moments) - 1) / (moments[-1] / SECOND)
    assert flow >= 0.97 * rate


@given(rate=RATES)
def test_a_burst_has_at_most_five_calls(rate: float) -> None:
    meter = Meter(Pace.of(rate))
    burst = sum(meter.take(0) == 0 for _ in range(10))
    assert 1 <= burst <= 5


def test_fifty_a_second_are_a_burst_of_two_and_then_49_a_second() -> None:
    moments = passed_when(Meter(Pace.of(50)), [0] * 100)
    assert moments[:3] == [0, 0, 20409]
    assert {later - earlier for earlier, later in pairwise(moments[2:])} == {20409}


def test_wake_ups_that_come_late_cost_no_calls() -> None:
    """The tolerance makes up for them, as long as they are not later than that."""
    meter = Meter(Pace.of(50))
    now = count = 0
    while now < 10 * SECOND:
        wait = meter.take(now)
        count += wait == 0
        now += wait and wait + 20_000
    assert count >= 0.979 * 500


@pytest.mark.parametrize("rate", [0.2, 0.5, 1, 2.5, 24.9])
def test_a_slow_pace_is_even(rate: float) -> None:
    moments = passed_when(Meter(Pace.of(rate)), [0] * 4)
    assert [later - earlier for earlier, later in pairwise(moments)] == [int(SECOND / rate) + 1] * 3


@pytest.mark.parametrize("rate", [25, 37, 50, 100, 200])
def test_the_tolerance_is_20_milliseconds_whatever_the_setting(rate: float) -> None:
    assert Pace.of(rate).tolerance == pytest.approx(20_408, abs=4)


@pytest.mark.parametrize("rate", [0, -1, math.nan, True])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(ArgumentError, match="rate: got"):
        Pace.of(rate)


# After a refusal


def test_a_penalty_is_waited_out() -> None:
    meter = Meter(Pace.of(50))
    meter.penalize(SECOND, 7 * SECOND)
    assert meter.take(SECOND) == 7 * SECOND
    assert meter.take(8 * SECOND - 1) == 1
    assert meter.take(8 * SECOND) == 0


def test_after_a_penalty_calls_go_on_at_half_the_pace_and_without_a_burst() -> None:
    meter = Meter(Pace.of(50))
    meter.penalize(0, SECOND)
    first, second, third = passed_when(meter, [SECOND, 0, 0])
    assert first == SECOND
    assert second - first == 2 * 20409
    assert third - second == pytest.approx(2 * 20409, rel=0.02)  # it has begun to recover


def test_a_tenth_of_the_setting_comes_back_each_second() -> None:
    meter = Meter(Pace.of(50))
    meter.penalize(0, SECOND)
    paces: list[int] = []
    for second in range(1, 8):
        fresh = Meter(meter.pace, share=meter.share, resume=meter.resume)
        assert fresh.take(second * SECOND) == 0
        paces.append(round(20409 * 100 / (fresh.due - second * SECOND)))
    assert paces == [50, 60, 70, 80, 90, 100, 100]


def test_refusals_of_one_rush_halve_once() -> None:
    """Thirty calls were on their way when the limit was hit; all of them report the same thing."""
    meter = Meter(Pace.of(50))
    for moment in range(30):
        meter.penalize(moment, SECOND)
    assert meter.share == FULL // 2
    assert meter.resume == SECOND + 29


def test_a_refusal_after_the_penalty_halves_again_down_to_a_tenth() -> None:
    meter = Meter(Pace.of(50))
    shares: list[int] = []
    for second in range(6):
        meter.penalize(second * SECOND, SECOND)
        shares.append(meter.share)
    assert shares == [FULL // 2, FULL // 4, FULL // 8, LEAST, LEAST, LEAST]


def test_a_shorter_penalty_does_not_end_a_longer_one() -> None:
    meter = Meter(Pace.of(50))
    meter.penalize(0, 60 * SECOND)
    meter.penalize(1, SECOND)
    assert meter.take(2 * SECOND) == 58 * SECOND


@pytest.mark.parametrize(
    ("retry_after", "seconds"), [(None, 1), (0.0, 1), (7.0, 7), (0.25, 0.25), (1e9, 86_400), (math.inf, 86_400)]
)
def test_what_is_waited_out(retry_after: float | None, seconds: float) -> None:
    assert penalty(retry_after) == seconds * SECOND


def test_a_meter_is_idle_when_a_fresh_one_would_say_the_same() -> None:
    meter = Meter(Pace.of(50))
    assert meter.is_idle(0)
    meter.take(0)
    assert not meter.is_idle(0)
    assert meter.is_idle(SECOND)
    meter.penalize(SECOND, SECOND)
    assert not meter.is_idle(2 * SECOND)
    assert meter.is_idle(7 * SECOND)
