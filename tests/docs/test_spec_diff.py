"""The guide to the diff of specs: its table is complete, its commands are understood, and its code runs."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.spec_diff.bakery import CORPUS, pair
from tiktok_shop_async.spec_diff import compare
from tiktok_shop_async.spec_diff.__main__ import argument_parser, main
from tiktok_shop_async.spec_diff.reports import REPORTS

PAGE = Path(__file__).parents[2] / "docs" / "spec-diff.md"
TEXT = PAGE.read_text(encoding="utf-8")
COMMAND = "python -m tiktok_shop_async.spec_diff "


def blocks(language: str) -> list[str]:
    """The code of a language on the page."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def workflow() -> dict[str, Any]:
    """The workflow for a repository that pins this package."""
    (text,) = blocks("yaml")
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return found


def test_the_table_has_every_rule_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--rules", "--format", "markdown"])
    assert TEXT.endswith(f"\n\n{capsys.readouterr().out}")


def test_the_command_of_the_workflow_is_understood() -> None:
    runs = [step["run"] for step in workflow()["jobs"]["compare"]["steps"] if "run" in step]
    (command,) = [run.removeprefix(COMMAND) for run in runs if run.startswith(COMMAND)]
    options = argument_parser().parse_args(shlex.split(command))
    assert (options.base, options.format, options.calls) == ("installed", "github", [Path("src")])


def test_the_options_of_make_are_understood() -> None:
    given = re.findall(r'make spec-diff.*?ARGS="(.*?)"', TEXT)
    assert len(given) == 3
    for options in given:
        argument_parser().parse_args(["old.json", "new.json", *shlex.split(options)])


def test_the_table_of_json_has_every_key_of_it() -> None:
    changes = [each for path in CORPUS.glob("*.yaml") for each in compare(pair(path).base, pair(path).revision)]
    told = json.loads(REPORTS["json"](changes))
    rows = "".join(line.split("|")[1] for line in TEXT.partition("| Key |")[2].partition("\n\n")[0].splitlines()[2:])
    documented = set(re.findall(r"`(?:changes\[\])?\.?(\w+)`", rows))
    assert documented == told.keys() | {key for change in told["changes"] for key in change}


@pytest.mark.parametrize("code", blocks("python"))
def test_the_code_runs(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    told = pair(CORPUS / "answer-field-removed.yaml")
    (tmp_path / "old.json").write_text(json.dumps(told.before), encoding="utf-8")
    (tmp_path / "new.json").write_text(json.dumps(told.after), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, str(PAGE), "exec"), {})  # noqa: S102
    assert capsys.readouterr().out
