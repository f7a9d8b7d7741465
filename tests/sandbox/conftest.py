"""A sandbox of a small world whose clock stands still, called in this process."""

from __future__ import annotations

import pytest

from tests.sandbox.conformance import Conformance
from tests.sandbox.signed_calls import Caller
from tiktok_shop_async.sandbox.app import create_app
from tiktok_shop_async.sandbox.made_up.seed import make_world
from tiktok_shop_async.sandbox.spec import bundled_spec
from tiktok_shop_async.sandbox.state.clock import DAY, ManualClock

NOW = 1_790_000_000
YEAR = 365 * DAY  # the token of a caller that moves the clock by weeks


def make_caller(conformance: Conformance, *, seed: int = 7, orders: int = 120, strict: bool = False) -> Caller:
    """A fresh world, and a caller for its first shop."""
    clock = ManualClock(NOW)
    world = make_world(clock, seed=seed, orders=orders)
    return Caller(
        world=world,
        clock=clock,
        conformance=conformance,
        app=create_app(bundled_spec(), world, strict=strict),
        token=world.issue_token(lifetime=YEAR).id,
        cipher=next(iter(world.shops)).cipher,
    )


@pytest.fixture(scope="session")
def conformance() -> Conformance:
    """Holds answers against the spec."""
    return Conformance()


@pytest.fixture
def caller(conformance: Conformance) -> Caller:
    """A caller with a world of its own, to change."""
    return make_caller(conformance)


@pytest.fixture(scope="module")
def reader(conformance: Conformance) -> Caller:
    """A caller whose world the tests of a module share; they only read."""
    return make_caller(conformance)
