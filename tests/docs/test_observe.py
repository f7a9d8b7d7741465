"""The guide to watching calls: its code runs, and its tables name what is there."""

from __future__ import annotations

import logging
import os
import re
from typing import TYPE_CHECKING, Any, get_args

import pytest

from tests.docs.test_readme import ROOT, run
from tiktok_shop_async import TikTokShop
from tiktok_shop_async.observation import Outcome
from tiktok_shop_async.sandbox import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.anyio

GUIDE = (ROOT / "docs" / "observe.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """The package's logger, which the guide sets to DEBUG."""
    logger = logging.getLogger("tiktok_shop_async")
    before = logger.level
    yield logger
    logger.setLevel(before)


async def test_the_snippets_run_and_records_have_the_fields_of_the_table(
    logger: logging.Logger,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with SandboxServer(orders=60) as sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setitem(os.environ, name, value)
        async with TikTokShop.from_env() as client:
            names: dict[str, Any] = {"TikTokShop": TikTokShop, "shop": await client.shop(sandbox.shop_id)}
            for snippet in SNIPPETS:
                names |= await run(snippet, names)
    assert names["page"].orders
    assert names["shops"].shops
    assert capsys.readouterr().out == "Counter({'success': 2})\n"
    record = next(each for each in caplog.records if each.name == "tiktok_shop_async.call")
    fields = re.findall(r"`(\w+)`", " ".join(line.split("|")[1] for line in table_of("field")))
    assert {*fields} - record.__dict__.keys() == {"wait"}


def test_the_outcomes_are_those_of_the_table() -> None:
    (row,) = (line for line in table_of("field") if line.startswith("| `outcome`"))
    assert re.findall(r"`(\w+)`", row)[1:] == [*get_args(Outcome), "retry"]


def table_of(head: str) -> list[str]:
    """The rows of a table, by what its first column is called."""
    rows = GUIDE[GUIDE.index(f"\n| {head} |") :].lstrip().split("\n\n")[0].splitlines()
    return rows[2:]
