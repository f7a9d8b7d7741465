"""The package's plugin for pytest: a sandbox for tests, as the fixtures `sandbox`, `sandbox_server` and `clock`.

    async def test_an_order_is_shipped(sandbox):
        (order,) = sandbox.create_orders()
        async with sandbox.http_client() as http:
            ...

Every run of pytest in an environment with this package loads this module, so it imports nothing but pytest; the sandbox
and what it needs are imported when a test asks for a fixture. A project's own fixture of one of these names wins.
"""

from __future__ import annotations

from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tiktok_shop_async.sandbox import MovableClock, Sandbox

ORDERS = 50
MARKER = (
    "sandbox(**settings): how the sandbox of a test is made: seed, orders, state, spec, rules, strict, rate, hosts, "
    "as in tiktok_shop_async.sandbox.Sandbox"
)


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def clock() -> MovableClock:
    """The time of the sandbox's shops: it runs as any clock, and a test moves it with `clock.advance(seconds)`."""
    made: MovableClock = _sandbox().MovableClock()
    return made


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, clock: MovableClock) -> Iterator[Sandbox]:
    """A sandbox in the process of the test, without a port: `sandbox.transport` and `sandbox.http_client()` lead there.

    Its settings come from the marker `sandbox`.
    """
    made: Sandbox = _sandbox().Sandbox(clock=_checked(clock), **_settings(request))
    yield made
    made.close()


@pytest.fixture
def sandbox_server(request: pytest.FixtureRequest, clock: MovableClock) -> Iterator[Sandbox]:
    """A sandbox on a port of this machine, at `sandbox_server.url`, for clients of any kind.

    Its settings come from the marker `sandbox`.
    """
    with _sandbox().SandboxServer(clock=_checked(clock), **{"rate": 0, **_settings(request)}) as running:
        yield running


def _checked(clock: MovableClock) -> MovableClock:
    """A project may have a fixture `clock` of its own, of another kind."""
    if not callable(clock):
        pytest.fail(
            f"the fixture `clock` that `sandbox` runs by is {type(clock).__name__} here, and has to be a function that "
            "answers Unix seconds, such as tiktok_shop_async.sandbox.ManualClock: name your own fixture otherwise, or "
            "make the sandbox yourself",
            pytrace=False,
        )
    return clock


def _settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    settings: dict[str, Any] = {"orders": ORDERS}
    known = [name for name in signature(_sandbox().Sandbox).parameters if name != "clock"]
    for mark in reversed(list(request.node.iter_markers("sandbox"))):
        if mark.args or not mark.kwargs.keys() <= set(known):
            pytest.fail(f"the marker `sandbox` takes settings by name: {', '.join(known)}", pytrace=False)
        settings |= mark.kwargs
    return settings


def _sandbox() -> Any:
    try:
        return import_module("tiktok_shop_async.sandbox")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("tiktok_shop_async"):
            raise
        pytest.fail(str(error), pytrace=False)
