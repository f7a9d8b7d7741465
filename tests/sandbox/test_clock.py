"""The two times: the shop's can be moved and hurried, the callers' stays that of their clocks."""

from __future__ import annotations

import pytest

from tiktok_shop_async.sandbox.state.clock import DAY, ManualClock, MovableClock

START = 1_790_000_000.0


class Source:
    """A machine's clock."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def source() -> Source:
    return Source()


def test_a_clock_runs_with_its_source(source: Source) -> None:
    clock = MovableClock(source=source)
    source.now += 5
    assert (clock(), clock.wall()) == (START + 5, START + 5)


def test_moving_a_clock_that_runs_leaves_the_callers_time_alone(source: Source) -> None:
    clock = MovableClock(source=source)
    clock.advance(3 * DAY)
    source.now += 5
    assert (clock(), clock.wall()) == (START + 3 * DAY + 5, START + 5)


def test_a_clock_can_be_hurried_and_goes_on_from_where_it_is(source: Source) -> None:
    clock = MovableClock(factor=1440, source=source)
    source.now += 60
    clock.run(1)
    source.now += 5
    assert (clock(), clock.wall(), clock.factor) == (START + DAY + 5, START + 65, 1)


def test_a_clock_can_be_stopped(source: Source) -> None:
    clock = MovableClock(source=source)
    clock.run(0)
    source.now += 60
    assert clock() == START


def test_a_clock_is_set_to_a_time_ahead_and_never_back(source: Source) -> None:
    clock = MovableClock(source=source)
    clock.set(START + 100)
    assert clock() == START + 100
    with pytest.raises(ValueError, match="forward only"):
        clock.set(START)
    with pytest.raises(ValueError, match="forward only"):
        clock.advance(-1)
    with pytest.raises(ValueError, match="backward"):
        clock.run(-1)


def test_a_manual_clock_is_the_callers_time_too() -> None:
    clock = ManualClock(START)
    clock.advance(DAY)
    assert (clock(), clock.wall()) == (START + DAY, START + DAY)
