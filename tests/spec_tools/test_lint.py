"""The linter applies every rule, lets exceptions pass, and tells a person where to look."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.lint import lint, main
from scripts.spec_rules import RULES
from tests.spec_tools.conftest import SPEC, Workshop

REPAIRS = "workshop/paths/repairs.yaml"
EXCEPTIONS = "lint-exceptions.yaml"


def complaints(workshop: Workshop) -> list[tuple[str, str]]:
    """What the linter says: rule and message."""
    return [(finding.rule, finding.message) for finding in lint(workshop.root)]


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "same-shape"])
def test_a_good_spec_passes(workshop: Workshop, rule: str) -> None:
    assert workshop.complaints(rule) == []


def test_a_good_spec_passes_as_a_whole_with_its_exceptions(workshop: Workshop) -> None:
    assert complaints(workshop) == []


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_it_demands_and_has_a_test_that_breaks_it(rule: str) -> None:
    tests = "".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_*_rules.py"))
    assert RULES[rule].demand.endswith((".", "!"))
    assert f'("{rule}")' in tests


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_in_the_guide_to_the_spec(rule: str) -> None:
    guide = (SPEC.parent / "docs" / "spec.md").read_text(encoding="utf-8")
    assert f"`{rule}`" in guide


def test_a_finding_without_an_exception_is_told(workshop: Workshop) -> None:
    (workshop.folder / EXCEPTIONS).unlink()
    assert [rule for rule, _ in complaints(workshop)] == ["same-shape"]


def test_an_exception_is_for_one_subject_alone(workshop: Workshop) -> None:
    workshop.replace(EXCEPTIONS, "FrameSize, PhotoSize", "FrameSize, WheelSize")
    assert complaints(workshop) == [
        ("same-shape", "FrameSize, PhotoSize have one shape, and size is each of them: make them one"),
        ("exception-entry", "nothing breaks same-shape about FrameSize, WheelSize any more: remove the exception"),
    ]


@pytest.mark.parametrize("entry", ["all", "{rule: same-shape, subject: FrameSize}", "{rule: a, subject: b, reason: }"])
def test_an_exception_without_a_reason_is_none(workshop: Workshop, entry: str) -> None:
    workshop.append(EXCEPTIONS, f"- {entry}\n")
    assert complaints(workshop) == [("exception-entry", "an exception has a rule, a subject and a reason")]


def test_exceptions_that_cannot_be_read_are_told(workshop: Workshop) -> None:
    workshop.write(EXCEPTIONS, "- {")
    assert [rule for rule, _ in complaints(workshop)] == ["unreadable-file"]


def test_what_keeps_the_files_from_being_joined_is_told_alone(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "    summary: List repairs.\n", "")
    workshop.replace(REPAIRS, "#/RepairPage", "#/RepairSide")
    assert [rule for rule, _ in complaints(workshop)] == ["unresolved-reference"]


def test_the_command_tells_file_line_and_rule(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    workshop.replace(REPAIRS, "summary: List repairs.", 'summary: ""')
    workshop.replace(REPAIRS, "{name: bicycle_id, in: path,", "{name: bike_id, in: path,")
    assert main(["--spec", str(workshop.root)]) == 1
    file = workshop.folder / REPAIRS
    assert capsys.readouterr().err.splitlines() == [
        f"{file}:2: [missing-summary] list_repairs: add a summary of one sentence",
        f"{file}:45: [path-parameters] order_repair: list the path parameter bicycle_id",
        f"{file}:45: [path-parameters] order_repair: the path has no placeholder {{bike_id}}",
        "3 findings",
    ]


def test_a_single_finding_is_counted_as_one(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    workshop.replace(REPAIRS, "summary: List repairs.", 'summary: ""')
    assert main(["--spec", str(workshop.root)]) == 1
    assert capsys.readouterr().err.splitlines()[1:] == ["1 finding"]


def test_a_place_in_a_list_has_a_line(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    workshop.replace(REPAIRS, "{name: idempotency_key, in: query", "{name: x-trace, in: header")
    assert main(["--spec", str(workshop.root)]) == 1
    assert f"{workshop.folder / REPAIRS}:61: [runtime-parameter] take x-trace out" in capsys.readouterr().err


def test_the_command_passes_a_good_spec(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--spec", str(workshop.root)]) == 0
    assert capsys.readouterr().out == f"{workshop.root}: in order, by {len(RULES)} rules\n"


def test_the_command_lists_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rules"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == list(RULES)
