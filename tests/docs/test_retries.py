"""The guide to retries: its code runs, and its figures are those of the code."""

from __future__ import annotations

import inspect
import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.docs.test_readme import ROOT, run
from tiktok_shop_async import RedisLimiter, TikTokShop
from tiktok_shop_async.sandbox import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.anyio

GUIDE = (ROOT / "docs" / "retries.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


async def test_the_snippets_run_one_after_the_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with SandboxServer(orders=60) as sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setitem(os.environ, name, value)
        async with TikTokShop.from_env() as client:
            shop = await client.shop(sandbox.shop_id)
            waiting = await shop.orders.get_order_list(order_status="AWAITING_SHIPMENT", shipping_type="TIKTOK")
            names: dict[str, Any] = {"shop": shop, "package_id": waiting.orders[0].packages[0].id}
            for snippet in SNIPPETS:
                names |= await run(snippet, names)
    assert isinstance(names["client"], TikTokShop)
    assert names["page"].orders
    assert isinstance(names["RedisLimiter"], type(RedisLimiter))


def test_the_figures_are_the_defaults() -> None:
    defaults: Mapping[str, inspect.Parameter] = inspect.signature(TikTokShop).parameters
    assert f"*max_retries* is {defaults['max_retries'].default})" in GUIDE
    assert f"within {defaults['timeout'].default:g} seconds" in GUIDE
    assert f"at most {defaults['max_in_flight'].default} requests" in GUIDE
