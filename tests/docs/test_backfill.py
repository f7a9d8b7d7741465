"""The guide to reading months of orders: its code runs, and its figures are those of the code."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from tests.docs.test_readme import ROOT
from tiktok_shop_async import Clock, TikTokShop
from tiktok_shop_async.sandbox import Sandbox
from tiktok_shop_async.source import CONCURRENCY, LOOK_AHEAD

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.anyio

GUIDE = (ROOT / "docs/backfill.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


async def test_the_code_of_the_guide_runs() -> None:
    sandbox = Sandbox(orders=150)
    until = sandbox.world.now + 1
    stored: list[str] = []
    positions: list[dict[str, Any]] = []

    async def store(orders: Sequence[Any], position: str) -> None:
        stored.extend(order.id for order in orders)
        positions.append(json.loads(position))

    async with (
        sandbox.http_client() as http,
        TikTokShop(
            sandbox.app_key,
            sandbox.app_secret,
            access_token=sandbox.access_token,
            base_url=sandbox.url,
            http_client=http,
            clock=Clock.instant(),
        ) as client,
    ):
        names: dict[str, Any] = {"shop": await client.shop(sandbox.shop_id), "json": json, "store": store}
        names |= {"since": 0, "until": until, "saved": None, "watermark": 0}
        for block in BLOCKS:
            code = f"async def main({', '.join(names)}):\n{textwrap.indent(block, '    ')}"
            scope: dict[str, Any] = {}
            exec(code, scope)  # noqa: S102
            await scope["main"](**names)
    assert len(BLOCKS) == 3
    assert sorted(stored) == sorted(order.id for order in sandbox.shop.orders)
    assert positions[-1]["until"] == until


def test_the_defaults_are_those_of_the_code() -> None:
    assert f"most calls at a time, {CONCURRENCY} unless" in GUIDE
    assert f"whose turn it is, {LOOK_AHEAD} unless" in GUIDE
