"""The sweep that holds the whole suite to "no secret gets out" finds what it looks for."""

from __future__ import annotations

import logging

import pytest

from tests.secret_sweep import SWEEP, Sweep
from tiktok_shop_async import ArgumentError
from tiktok_shop_async.secret import Secret

TOKEN = "access-token-of-the-sweep"


@pytest.fixture
def sweep() -> Sweep:
    sweep = Sweep()
    sweep.add(TOKEN)
    return sweep


@pytest.mark.parametrize("text", [f"token={TOKEN}&x=1", f"(b'{TOKEN}',)", f"It was {TOKEN}."])
def test_a_secret_is_found_wherever_it_stands(sweep: Sweep, text: str) -> None:
    assert sweep.leaks(text) == [TOKEN]
    assert not sweep.leaks(text.replace(TOKEN, "***"))


def test_a_signature_is_found_by_its_form(sweep: Sweep) -> None:
    assert sweep.leaks(f"https://host/path?sign={'0f' * 32}") == ["0f" * 32]


def test_an_error_that_tells_a_secret_is_found(sweep: Sweep) -> None:
    try:
        raise ArgumentError(f"not {TOKEN}")
    except ArgumentError as error:
        sweep.errors.append(error)
        SWEEP.errors.remove(error)
    sweep.look_at_errors()
    assert [each.split(" shows")[0] for each in sweep.found] == [
        "ArgumentError",
        "the pickle of ArgumentError",
        "the traceback of ArgumentError",
    ]


def test_each_secret_of_the_package_is_known_to_it() -> None:
    assert Secret("a-secret-that-is-new") in SWEEP.secrets


@pytest.mark.parametrize("name", ["tiktok_shop_async.call", "httpx", "httpcore.http11"])
def test_a_record_below_the_level_of_its_logger_is_looked_at(name: str, caplog: pytest.LogCaptureFixture) -> None:
    Secret(TOKEN)
    logging.getLogger(name).debug("sent %s", TOKEN)
    found, SWEEP.found = SWEEP.found, []
    assert len(found) == 1
    assert not caplog.records
