"""The guide to testing: its Python blocks are test modules that pass, its shell blocks run against a sandbox."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import pytest

from tests.docs.test_readme import ROOT
from tiktok_shop_async.sandbox import SandboxServer
from tiktok_shop_async.sandbox.faults.rules import KINDS
from tiktok_shop_async.sandbox.web.control import ENDPOINTS

pytest_plugins = ["pytester"]

GUIDE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
SANDBOX = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
MODULES = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
SCRIPTS = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize("number", range(len(MODULES)))
def test_the_tests_of_the_guide_pass(pytester: pytest.Pytester, number: int) -> None:
    """On asyncio and on trio."""
    pytester.makepyfile(MODULES[number])
    tests = MODULES[number].count("def test_")
    pytester.runpytest_subprocess("-q", "-p", "no:asyncio").assert_outcomes(passed=2 * tests)
    assert tests


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_an_account_is_authorised_by_the_commands_of_the_page_on_the_sandbox() -> None:
    (script,) = [each for each in re.findall(r"```sh\n(.*?)```", SANDBOX, re.DOTALL) if "token/get" in each]
    with SandboxServer(orders=0) as sandbox:
        environment = {**os.environ, **sandbox.environment}
        run = subprocess.run(["sh", "-euc", script], env=environment, check=True, capture_output=True, text=True)  # noqa: S603, S607
    assert json.loads(run.stdout)["data"]["access_token"]


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("openssl"), reason="needs curl and openssl")
def test_the_commands_of_the_guide_do_what_they_say() -> None:
    with SandboxServer(orders=30) as sandbox:
        environment = {**os.environ, **sandbox.environment}
        control, signed = (
            subprocess.run(["sh", "-euc", script], env=environment, check=True, capture_output=True, text=True).stdout  # noqa: S603, S607
            for script in SCRIPTS
        )
        cities = [order.buyer.city for order in sandbox.shop.orders]
        assert cities.count("Mallow") == 3
        assert [fault.kind for fault in sandbox.faults.all()] == ["reset"]
        assert sandbox.world.now - sandbox.world.wall_now >= 86_400
        assert len(json.loads(signed)["data"]["shops"]) == len(sandbox.world.shops)
    assert '"requests":[]' in control


def test_every_kind_of_fault_is_described() -> None:
    described = SANDBOX[SANDBOX.index("\n## Faults") :].split("\n## ")[1]
    assert {kind for kind in KINDS if f"`{kind}`" not in described} == set()


def test_every_endpoint_of_the_control_api_is_described() -> None:
    described = SANDBOX[SANDBOX.index("\n## Control it") :].split("\n## ")[1]
    rows = set(re.findall(r"^\| `(/[^`]*)` \|", described, re.MULTILINE))
    assert {endpoint.path for endpoint in ENDPOINTS} | {"/reset", "/openapi.json"} == rows
