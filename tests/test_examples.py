"""The examples run as they are, against the sandbox that ships with the package: the programs and the guide's."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"


def test_the_demo_runs_without_a_warning_and_prints_plain_text() -> None:
    """Into a pipe, so without progress in place and without control characters."""
    command = [sys.executable, "-W", "error", str(EXAMPLES / "demo.py")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert (run.returncode, run.stderr) == (0, "")
    assert "1,200 orders" in run.stdout
    assert "add up to the cent" in run.stdout
    assert "MissingScopeError 105005" in run.stdout
    assert all(line.isprintable() for line in run.stdout.splitlines())


def test_the_tracing_example_records_calls_and_attempts() -> None:
    command = [sys.executable, "-W", "error", str(EXAMPLES / "tracing.py")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert (run.returncode, run.stderr) == (0, "")
    lookup = "authorization.get_authorized_shops"
    assert (
        f"""
nightly job
  {lookup} attempts=2 outcome=success status_code=200
    GET /authorization/202309/shops type=TransportError
    GET /authorization/202309/shops status_code=200
  orders.get_order_list shop=749501293970703731 attempts=1 outcome=success status_code=200
    POST /order/202309/orders/search status_code=200
  orders.get_order_detail"""
        in run.stdout
    )
    assert f"tiktok_shop.retries\n  operation={lookup} error=TransportError: 1\n" in run.stdout
    assert f"  operation={lookup} outcome=success: 1 measured\n" in run.stdout
    assert all(line.isprintable() for line in run.stdout.splitlines())


def test_the_example_of_the_sandbox_guide_runs() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(block, names)  # noqa: S102
    assert asyncio.run(names["newest_order"]()).isdigit()
