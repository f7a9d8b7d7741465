"""The guide to migration: its code runs, and its commands find what they ask for."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.docs.test_readme import ROOT
from tiktok_shop_async.migration import Successor, main, successors

GUIDE = (ROOT / "docs" / "migrate.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^python -m tiktok_shop_async\.migration (.*)$", GUIDE, re.MULTILINE)


def test_the_snippet_holds() -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    exec(compile(snippet, "docs/migrate.md", "exec"), {})  # noqa: S102


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_finds_what_it_asks_for(command: str) -> None:
    assert main(shlex.split(command, comments=True)) == 0


def test_there_are_commands() -> None:
    assert COMMANDS


@pytest.mark.parametrize("row", [each for each in successors() if each.area != "Revision"], ids=lambda row: row.name)
def test_every_api_has_its_row(row: Successor) -> None:
    assert f"\n| {row.name}" in GUIDE


def test_every_revision_has_its_section_in_the_page_about_them() -> None:
    page = (ROOT / "docs" / "revisions.md").read_text(encoding="utf-8")
    revisions = [each.name.partition(".")[2] for each in successors() if each.area == "Revision"]
    assert re.findall(r"^### (.*)$", page, re.MULTILINE) == revisions
