"""The plugin, in projects of their own: whatever runs their tests, and at no cost to projects that do not use it."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

COST = """
import sys
before = set(sys.modules)
import tiktok_shop_async.pytest_plugin
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(new & {"starlette", "uvicorn", "httpx", "msgspec", "anyio", "jinja2", "attrs"}))
print(*sorted(name for name in set(sys.modules) - before if name.startswith("tiktok_shop_async")))
"""

SYNCHRONOUS = """
import urllib.request, json

def test_a_server_answers(sandbox_server):
    facts = json.load(urllib.request.urlopen(sandbox_server.url + "/sandbox/control/"))
    assert facts["app_key"] == sandbox_server.app_key

def test_orders_live_by_the_clock(sandbox, clock):
    (order,) = sandbox.create_orders(status="ON_HOLD")
    clock.advance(3600)
    sandbox.world.catch_up()
    assert order.status == "AWAITING_SHIPMENT"

def test_each_test_has_a_world_of_its_own(sandbox):
    assert len(sandbox.shop.orders) == 50
"""

ASYNCHRONOUS = """
import httpx, pytest

@pytest.mark.{marker}
async def test_the_sandbox_is_in_the_process(sandbox):
    async with sandbox.http_client() as http:
        answer = await http.get("/authorization/202309/shops")
    assert answer.json()["code"] == 36009004
    assert sandbox.requests()[-1].path == "/authorization/202309/shops"

@pytest.mark.{marker}
async def test_a_client_of_ones_own_takes_the_transport(sandbox):
    async with httpx.AsyncClient(transport=sandbox.transport, base_url=sandbox.url) as http:
        assert (await http.get("/nowhere")).status_code == 404
"""

SETTINGS = """
import pytest

pytestmark = pytest.mark.sandbox(orders=20)

@pytest.mark.sandbox(seed=9)
def test_the_nearest_marker_adds_to_those_around(sandbox):
    assert len(sandbox.shop.orders) == 20
    assert sandbox.app_key != __import__("tiktok_shop_async.sandbox").sandbox.Sandbox(orders=0).app_key

@pytest.mark.sandbox(orders=0)
def test_and_wins_over_them(sandbox_server):
    assert len(sandbox_server.shop.orders) == 0
"""

OWN = """
import pytest

@pytest.fixture
def clock():
    return "mine"

def test_a_fixture_of_ones_own_wins(clock):
    assert clock == "mine"
"""

MISSING = """
import sys
sys.modules["uvicorn"] = None

def test_it(sandbox):
    pass
"""


def run(pytester: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    """Runs a project of one test module in a process of its own."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(source)
    return pytester.runpytest_subprocess("-q", "-p", "no:randomly", *arguments)


def test_loading_it_imports_nothing_of_the_sandbox() -> None:
    command = [sys.executable, "-c", "import pytest\n" + COST]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    assert printed.splitlines() == ["", "tiktok_shop_async tiktok_shop_async.pytest_plugin"]


def test_plain_tests_use_it(pytester: pytest.Pytester) -> None:
    run(pytester, SYNCHRONOUS).assert_outcomes(passed=3)


def test_tests_of_pytest_asyncio_use_it(pytester: pytest.Pytester) -> None:
    run(pytester, ASYNCHRONOUS.format(marker="asyncio")).assert_outcomes(passed=2)


def test_tests_of_anyio_use_it_on_both_backends(pytester: pytest.Pytester) -> None:
    run(pytester, ASYNCHRONOUS.format(marker="anyio"), "-p", "no:asyncio").assert_outcomes(passed=4)


def test_a_marker_says_how_the_sandbox_is_made(pytester: pytest.Pytester) -> None:
    run(pytester, SETTINGS, "--strict-markers").assert_outcomes(passed=2)


def test_a_fixture_of_the_project_wins(pytester: pytest.Pytester) -> None:
    run(pytester, OWN).assert_outcomes(passed=1)


def test_a_clock_of_another_kind_is_pointed_out(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def clock():
            return object()

        def test_it(sandbox):
            pass
        """
    )
    result = pytester.runpytest_subprocess("-q")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the fixture `clock` that `sandbox` runs by is object here*"])


@pytest.mark.parametrize("settings", ["5", "oders=5", "clock=None"])
def test_a_marker_that_says_nothing_is_pointed_out(pytester: pytest.Pytester, settings: str) -> None:
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.sandbox({settings})
        def test_it(sandbox):
            pass
        """
    )
    result = pytester.runpytest_subprocess("-q")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the marker `sandbox` takes settings by name: *orders*"])


def test_without_the_extra_it_says_what_to_install(pytester: pytest.Pytester) -> None:
    result = run(pytester, MISSING)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*The sandbox needs uvicorn*pip install 'tiktok-shop-async?sandbox?'*"])
