"""One report of each client, made once and read by all tests."""

from __future__ import annotations

import shutil
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.foreign.install import HERE, interpreter, node_folder
from tests.foreign.reports import Report, run

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = HERE / "clients"
API_ASYNC = "tiktok-shop-api, asynchronous"
API_SYNC = "tiktok-shop-api, synchronous"
SDK = "tiktok-shop-sdk"
CLIENT = "tiktok-shop-client"
NAMES = (API_ASYNC, API_SYNC, SDK, CLIENT)


@cache
def report_of(name: str) -> Report | str:
    """What a client reported, or why it cannot be asked."""
    if name in (API_ASYNC, API_SYNC):
        python = interpreter()
        if python is None:
            return "the clients of PyPI are not installed: `make setup` does it, with a network"
        return run(python, SCRIPTS / "tiktok_shop_api_steps.py", "async" if name == API_ASYNC else "sync")
    node, folder = shutil.which("node"), node_folder()
    if node is None or folder is None:
        return "the clients of npm are not installed: `make setup` does it, with npm and a network"
    return run(*_node_command(node, name))


def _node_command(node: str, name: str) -> list[str | Path]:
    if name == SDK:
        return [node, "--import", SCRIPTS / "redirect.mjs", SCRIPTS / "tiktok_shop_sdk_steps.mjs"]
    return [node, SCRIPTS / "tiktok_shop_client_steps.mjs"]


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """The report of the client that the test is about."""
    found = report_of(request.param)
    if isinstance(found, str):
        pytest.skip(found)
    return found


def of(*names: str) -> pytest.MarkDecorator:
    """Has a test run with the reports of these clients in turn."""
    return pytest.mark.parametrize("report", names, indirect=True)
