"""`python -m tiktok_shop_async.spec_diff`: which documents it takes, what it tells, and how it ends."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.spec_diff.bakery import CORPUS, pair
from tiktok_shop_async.spec_diff import RULES
from tiktok_shop_async.spec_diff.__main__ import main

GIT = shutil.which("git")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command is run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def documents(name: str) -> list[str]:
    """The two documents of a file of the corpus, as files in the folder."""
    told = pair(CORPUS / f"{name}.yaml")
    Path("old.json").write_text(json.dumps(told.before), encoding="utf-8")
    Path("new.json").write_text(json.dumps(told.after), encoding="utf-8")
    return ["old.json", "new.json"]


def git(*arguments: str) -> None:
    """Run git in the folder, as nobody in particular."""
    assert GIT is not None
    settings = ["-c", "user.name=baker", "-c", "user.email=baker@bakery.example", "-c", "commit.gpgsign=false"]
    subprocess.run([GIT, *settings, *arguments], check=True, capture_output=True)  # noqa: S603


@pytest.mark.parametrize(
    ("name", "fail_on", "ends_with"),
    [
        ("answer-field-removed", "breaking", 1),
        ("answer-field-removed", "none", 0),
        ("safety-weakened", "breaking", 0),
        ("safety-weakened", "risky", 1),
        ("answer-field-added", "risky", 0),
        ("answer-field-added", "safe", 1),
        ("nothing-descriptions", "safe", 0),
    ],
)
def test_it_fails_on_changes_that_are_as_bad_as_it_is_told(name: str, fail_on: str, ends_with: int) -> None:
    assert main([*documents(name), "--fail-on", fail_on]) == ends_with


def test_it_fails_on_what_breaks_where_it_is_not_told_otherwise() -> None:
    assert main(documents("answer-field-removed")) == 1
    assert main(documents("safety-weakened")) == 0


def test_it_tells_the_changes(capsys: pytest.CaptureFixture[str]) -> None:
    main(documents("answer-field-removed"))
    assert capsys.readouterr().out.startswith("Breaking (1)\n  [answer-field-removed] Cake.weight is no longer there")


@pytest.mark.parametrize(
    ("name", "beginning"), [("json", "{"), ("markdown", "**"), ("github", "::error "), ("changelog", "## Unreleased\n")]
)
def test_it_tells_them_in_another_format(name: str, beginning: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*documents("answer-field-removed"), "--format", name]) == 1
    assert capsys.readouterr().out.startswith(beginning)


def test_what_is_no_document_is_told_and_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([documents("answer-field-removed")[0], "nowhere.json"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("nowhere.json: cannot be read")


@pytest.mark.parametrize("arguments", [[], ["old.json"], ["old.json", "new.json", "--fail-on", "never"]])
def test_arguments_of_no_use_end_with_2(arguments: list[str]) -> None:
    documents("answer-field-removed")
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_the_installed_spec_is_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["installed", "installed"]) == 0
    assert capsys.readouterr().out.startswith("no difference")


@pytest.mark.skipif(GIT is None, reason="git is not installed")
class TestGit:
    """Documents of a git repository."""

    def test_a_revision_of_a_file_is_a_document(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        old, new = documents("answer-field-removed")
        git("init", "--quiet")
        (folder / old).rename("openapi.json")
        git("add", "openapi.json")
        git("commit", "--quiet", "--message", "The first cake")
        git("tag", "v1.0.0")
        (folder / new).rename("openapi.json")
        git("commit", "--quiet", "--all", "--message", "Cakes without a weight")
        for revision in ("v1.0.0", "HEAD~1"):
            assert main([f"{revision}:openapi.json", "HEAD:openapi.json"]) == 1
            assert "Cake.weight is no longer there" in capsys.readouterr().out

    def test_a_revision_that_is_not_there_is_told(self, capsys: pytest.CaptureFixture[str]) -> None:
        git("init", "--quiet")
        assert main(["v9:openapi.json", *documents("answer-field-removed")[1:]]) == 2
        assert capsys.readouterr().err.startswith("v9:openapi.json: fatal: ")

    def test_a_file_with_a_colon_in_its_name_is_a_file(self, folder: Path) -> None:
        (folder / documents("answer-field-removed")[0]).rename("old:1.json")
        assert main(["old:1.json", "new.json"]) == 1


def test_without_git_a_revision_cannot_be_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    old, _ = documents("answer-field-removed")
    monkeypatch.setenv("PATH", str(folder))
    assert main([old, "HEAD:openapi.json"]) == 2
    assert capsys.readouterr().err.startswith("HEAD:openapi.json: git cannot be run: ")


def test_a_rule_can_have_another_level() -> None:
    assert main([*documents("answer-field-removed"), "--level", "answer-field-removed=risky"]) == 0
    assert main([*documents("safety-weakened"), "--level", "safety-weakened=breaking"]) == 1


def test_a_rule_can_be_switched_off(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*documents("answer-field-removed"), "--level", "answer-field-removed=off"]) == 0
    assert capsys.readouterr().out.startswith("no difference")


@pytest.mark.parametrize(
    ("level", "complaint"),
    [
        ("cake-removed=off", "there is no rule cake-removed; --rules lists them"),
        ("operation-removed=bad", "give one of breaking, risky, safe, off"),
        ("operation-removed", "give one of breaking, risky, safe, off"),
    ],
)
def test_a_level_that_is_none_is_told(level: str, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*documents("answer-field-removed"), "--level", level]) == 2
    assert capsys.readouterr().err == f"--level {level}: {complaint}\n"


def test_of_some_code_only_what_it_calls_is_told(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "baking.py").write_text("shop.cakes.bake_cake()", encoding="utf-8")
    (folder / "eating.py").write_text("shop.cakes.get_cake()", encoding="utf-8")
    arguments = documents("answer-field-removed")
    assert main([*arguments, "--calls", "baking.py"]) == 0
    assert capsys.readouterr().out.startswith("no difference")
    assert main([*arguments, "--calls", "baking.py", "eating.py"]) == 1


def test_code_that_is_none_ends_with_2(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "shop.py").write_text("async def", encoding="utf-8")
    assert main([*documents("answer-field-removed"), "--calls", "."]) == 2
    assert "shop.py: cannot be read as Python" in capsys.readouterr().err


def test_of_a_list_only_what_it_names_is_told(folder: Path) -> None:
    (folder / "calls.txt").write_text("cakes.bake_cake\n", encoding="utf-8")
    arguments = documents("answer-field-removed")
    assert main([*arguments, "--operations", "calls.txt"]) == 0
    (folder / "calls.txt").write_text("cakes.bake_cake\nCake\n", encoding="utf-8")
    assert main([*arguments, "--operations", "calls.txt"]) == 1


def test_what_a_list_names_in_vain_ends_with_2(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "calls.txt").write_text("cakes.get_pie\n", encoding="utf-8")
    assert main([*documents("answer-field-removed"), "--operations", "calls.txt"]) == 2
    assert capsys.readouterr().err == "cakes.get_pie: is in neither document\n"


def test_a_list_that_is_not_there_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*documents("answer-field-removed"), "--operations", "calls.txt"]) == 2
    assert capsys.readouterr().err.startswith("calls.txt: cannot be read")


def test_code_and_a_list_are_not_taken_together() -> None:
    with pytest.raises(SystemExit):
        main([*documents("answer-field-removed"), "--calls", ".", "--operations", "calls.txt"])


@pytest.mark.parametrize(
    ("name", "version", "ends_with"),
    [
        ("answer-field-removed", "2.0.0", 0),
        ("answer-field-removed", "1.3.0", 1),
        ("answer-field-added", "1.3.0", 0),
        ("answer-field-added", "1.2.1", 1),
        ("nothing-descriptions", "1.2.0", 0),
    ],
)
def test_a_release_fails_where_its_version_is_too_low(name: str, version: str, ends_with: int) -> None:
    assert main([*documents(name), "--from-version", "1.2.0", "--to-version", version]) == ends_with


def test_a_version_that_is_too_low_is_told_with_the_one_that_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    main([*documents("answer-field-removed"), "--from-version", "1.2.0", "--to-version", "1.3.0"])
    assert capsys.readouterr().err == "1.3.0 is not enough after 1.2.0: these changes ask for 2.0.0\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--to-version", "1.3.0"], "--to-version needs --from-version"),
        (["--from-version", "last", "--to-version", "1.3.0"], "give one such as 1.2.3"),
        (["--from-version", "last", "--format", "changelog"], "give one such as 1.2.3"),
    ],
)
def test_versions_of_no_use_end_with_2(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*documents("answer-field-removed"), *arguments]) == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        ([], "## Unreleased"),
        (["--from-version", "1.2.0"], "## 2.0.0"),
        (["--from-version", "1.2.0", "--to-version", "3.0.0"], "## 3.0.0"),
    ],
)
def test_the_entry_of_a_changelog_is_called_by_the_version(
    arguments: list[str], title: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*documents("answer-field-removed"), "--format", "changelog", *arguments])
    assert capsys.readouterr().out.startswith(f"{title}\n")


def test_the_rules_are_listed_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [[rule.id, rule.severity] for rule in RULES.values()]


def test_it_is_run_as_a_module() -> None:
    old, new = documents("answer-field-removed")
    command = [sys.executable, "-m", "tiktok_shop_async.spec_diff", old, new]
    ended = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    assert (ended.returncode, ended.stderr) == (1, b"")
