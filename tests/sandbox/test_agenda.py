"""What lies ahead: in order, by name, and nothing that could not be written down."""

from __future__ import annotations

import pytest

from tiktok_shop_async.sandbox.state.agenda import event
from tiktok_shop_async.sandbox.state.clock import ManualClock
from tiktok_shop_async.sandbox.world import World

NOW = 1_790_000_000

happened: list[tuple[int, str]] = []


@event("test: note")
def note(_: World, at: int, name: str) -> None:
    """Notes that it was called."""
    happened.append((at, name))


@event("test: note and repeat")
def note_and_repeat(world: World, at: int, name: str, seconds: str) -> None:
    """Notes that it was called, and puts one more down."""
    happened.append((at, name))
    world.agenda.add(at + int(seconds), "test: note", f"{name} again")


@pytest.fixture
def world() -> World:
    """A world with nothing in it, in which nothing has happened."""
    happened.clear()
    return World(ManualClock(NOW), seed=1)


def test_events_of_one_second_happen_in_the_order_in_which_they_were_put_down(world: World) -> None:
    names = [f"{number}" for number in range(50)]
    for name in names:
        world.agenda.add(NOW + 1, "test: note", name)
    world.agenda.run(world, NOW + 1)
    assert [name for _, name in happened] == names


def test_events_happen_in_the_order_of_their_time_and_not_before_it(world: World) -> None:
    for due in (NOW + 30, NOW + 10, NOW + 20, NOW + 31):
        world.agenda.add(due, "test: note", "")
    world.agenda.run(world, NOW + 30)
    assert [at for at, _ in happened] == [NOW + 10, NOW + 20, NOW + 30]


def test_what_an_event_puts_down_happens_in_the_same_run_when_it_is_due(world: World) -> None:
    world.agenda.add(NOW, "test: note and repeat", "soon", "5")
    world.agenda.add(NOW, "test: note and repeat", "late", "60")
    world.agenda.run(world, NOW + 10)
    assert happened == [(NOW, "soon"), (NOW, "late"), (NOW + 5, "soon again")]


def test_an_event_that_no_function_is_entered_for_is_refused_when_it_is_put_down(world: World) -> None:
    with pytest.raises(LookupError, match="'test: unheard of'"):
        world.agenda.add(NOW, "test: unheard of")


def test_a_name_is_entered_once() -> None:
    with pytest.raises(ValueError, match="'test: note'"):
        event("test: note")(note)
