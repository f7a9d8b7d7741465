"""The sandbox stands on its own: were it to share code with the client, it could not prove the client wrong."""

from __future__ import annotations

import subprocess
import sys

WITHOUT_THE_EXTRA = """
import sys
sys.modules["starlette.applications"] = None
import tiktok_shop_async.sandbox
"""

CHECK = """
import sys, tiktok_shop_async.sandbox.__main__
print(*sorted(name for name in sys.modules if name.startswith("tiktok_shop_async.")), sep="\\n")
"""


def test_the_sandbox_imports_nothing_of_the_client() -> None:
    command = [sys.executable, "-c", CHECK]
    modules = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()  # noqa: S603
    assert "tiktok_shop_async.sandbox.gate.gate" in modules
    assert [name for name in modules if not name.startswith("tiktok_shop_async.sandbox")] == []


def test_without_its_extra_the_sandbox_says_what_to_install() -> None:
    command = [sys.executable, "-c", WITHOUT_THE_EXTRA]
    run = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    assert "pip install 'tiktok-shop-async[sandbox]'" in run.stderr
