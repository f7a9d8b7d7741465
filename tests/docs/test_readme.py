"""What the README shows can be pasted as it stands: its Python runs against a sandbox, and its commands exist."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tiktok_shop_async import TikTokShop, response_of
from tiktok_shop_async.sandbox import Sandbox, SandboxServer
from tiktok_shop_async.sandbox.spec import BUNDLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAM, *SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with SandboxServer(orders=120) as running:
        yield running


def test_the_first_program_prints_orders_of_the_sandbox(sandbox: Sandbox, tmp_path: Path) -> None:
    program = tmp_path / "first.py"
    program.write_text(PROGRAM, encoding="utf-8")
    environment = {**os.environ, **sandbox.environment, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, program], env=environment, capture_output=True, text=True, timeout=60)  # noqa: S603
    assert done.returncode == 0, done.stderr
    waiting = [each for each in sandbox.shop.orders if each.status == "AWAITING_SHIPMENT"]
    assert len(done.stdout.splitlines()) == len(waiting) > 0


@pytest.mark.anyio
async def test_the_other_snippets_run_one_after_the_other(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIKTOK_SHOP_APP_KEY", sandbox.app_key)
    monkeypatch.setenv("TIKTOK_SHOP_APP_SECRET", sandbox.app_secret)
    names: dict[str, Any] = {}
    async with TikTokShop.from_env(sandbox.environment) as client:
        names |= {"client": client, "shop": await client.shop(sandbox.shop_id)}
        for snippet in SNIPPETS:
            names |= await run(snippet, names)
    sandbox.send_into(names["webhooks"])
    sandbox.send("ORDER_STATUS_CHANGE", changes={"order_id": "5", "order_status": "UNPAID"})
    await sandbox.send_notifications()
    await names["webhooks"].drain()
    await names["webhooks"].inbox.aclose()
    printed = capsys.readouterr().out
    assert names["first"].return_orders
    assert names["total"] > 0
    assert "['1', '2'] products.delete_products: 2 of the items failed" in printed
    assert response_of(names["page"]).request_id in printed
    assert "'warehouses': [" in printed
    assert printed.endswith("5 UNPAID\n")


@pytest.mark.parametrize("command", sorted(set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE))))
def test_a_make_command_exists(command: str) -> None:
    assert re.search(rf"^{command}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


async def run(snippet: str, names: dict[str, Any]) -> dict[str, Any]:
    """Run a snippet as the body of a coroutine function, and give back the names it has bound."""
    function = f"async def body():\n{textwrap.indent(snippet, '    ')}\n    return locals()\n"
    place = dict(names)
    exec(compile(function, "README.md", "exec"), place)  # noqa: S102 - the README's own code
    body = place["body"]
    assert inspect.iscoroutinefunction(body)
    bound: dict[str, Any] = await body()
    return bound


def counts_pages(rules: dict[str, Any]) -> bool:
    return "page-number" in rules


def takes_an_object(rules: dict[str, Any]) -> bool:
    return "." in rules.get("token", {}).get("name", "")


@pytest.mark.parametrize(
    ("sentence", "is_meant"),
    [
        (r"Two lists count their pages\n\((.*)\)", counts_pages),
        (r"Two take size and token within an object, [^(]*\((.*)\)", takes_an_object),
    ],
)
def test_the_lists_that_are_paged_in_another_way_are_named(
    sentence: str, is_meant: Callable[[dict[str, Any]], bool]
) -> None:
    (said,) = re.findall(sentence, README)
    meant = {
        f"{operation['tags'][0]}.{operation['operationId']}"
        for item in json.loads(BUNDLE.read_bytes())["paths"].values()
        for operation in item.values()
        if is_meant(operation.get("x-pagination", {}))
    }
    assert set(re.findall(r"`(.*?)`", said)) == meant
