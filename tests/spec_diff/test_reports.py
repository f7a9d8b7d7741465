"""How changes are written down, for a terminal, programs, pull requests and workflows."""

from __future__ import annotations

import json

import pytest

from tests.spec_diff.bakery import CORPUS, pair
from tiktok_shop_async.spec_diff import Change, Severity, compare
from tiktok_shop_async.spec_diff.reports import REPORTS, count


def changes_of(name: str) -> list[Change]:
    """The changes of a file of the corpus."""
    found = pair(CORPUS / f"{name}.yaml")
    return compare(found.base, found.revision)


def odd(text: str, *operations: str) -> Change:
    """A change with a text of its own."""
    return Change(
        rule="answer-type-changed",
        severity=Severity.BREAKING,
        place="#",
        subject="Cake.weight",
        wire=text,
        python=text,
        operations=operations,
    )


SEVERAL = changes_of("several-changes-of-one-operation")


def test_changes_are_counted_by_severity() -> None:
    assert count(SEVERAL) == "2 breaking, 1 safe"
    assert count([]) == "no difference"


def test_text_tells_the_worst_first_and_the_wire_where_it_says_more() -> None:
    assert REPORTS["text"](changes_of("several-changes-of-one-operation")) == (
        "Breaking (2)\n"
        "  [request-type-changed] cakes.bake_cake(flour=…) is str, and was int\n"
        "      on the wire: cakes.bake_cake(flour=…) is string, and was integer\n"
        "  [scopes-required] cakes.bake_cake() needs the scope oven.write\n"
        "\n"
        "Safe (1)\n"
        "  [request-field-added] cakes.bake_cake() gains eggs, int\n"
        "      on the wire: requests can carry eggs, integer\n"
        "\n"
        "2 breaking, 1 safe; asks for the version bump: major\n"
    )


def test_text_of_no_difference_is_a_line() -> None:
    assert REPORTS["text"]([]) == "no difference; asks for the version bump: none\n"


def test_text_names_the_operations_that_the_subject_does_not_name() -> None:
    assert "is no longer there (cakes.get_cake)\n" in REPORTS["text"](changes_of("answer-field-removed"))
    assert "needs the scope oven.read\n" in REPORTS["text"](changes_of("scopes-required"))


def test_an_operation_is_named_though_its_name_begins_the_subject() -> None:
    change = Change(
        rule="answer-type-changed",
        severity=Severity.BREAKING,
        place="#",
        subject="cakes.get_cake_list()",
        python="it is different",
        operations=("cakes.get_cake",),
    )
    assert "(cakes.get_cake)" in REPORTS["text"]([change])


def test_of_many_operations_three_are_named() -> None:
    assert "(a, b, c and 2 more)" in REPORTS["text"]([odd("it is different", "a", "b", "c", "d", "e")])


def test_json_holds_everything() -> None:
    told = json.loads(REPORTS["json"](SEVERAL))
    assert told["bump"] == "major"
    assert told["counts"] == {"breaking": 2, "risky": 0, "safe": 1}
    assert told["changes"][0] == {
        "rule": "request-type-changed",
        "severity": "breaking",
        "place": "#/components/schemas/Recipe/properties/flour",
        "subject": "cakes.bake_cake(flour=…)",
        "wire": "`cakes.bake_cake(flour=…)` is string, and was integer",
        "python": "`cakes.bake_cake(flour=…)` is `str`, and was `int`",
        "operations": ["cakes.bake_cake"],
        "endpoints": ["POST /cakes"],
        "base": "integer",
        "revision": "string",
    }


def test_json_has_no_values_where_there_are_none() -> None:
    (change,) = json.loads(REPORTS["json"](changes_of("answer-field-removed")))["changes"]
    assert change.keys() & {"base", "revision"} == set()


def test_markdown_folds_what_is_safe() -> None:
    assert REPORTS["markdown"](SEVERAL) == (
        "**Changes of the API**: 2 breaking, 1 safe. Version bump: **major**.\n"
        "\n"
        "### Breaking (2)\n"
        "\n"
        "| Rule | For Python callers | On the wire | Operations |\n"
        "|---|---|---|---|\n"
        "| `request-type-changed` | `cakes.bake_cake(flour=…)` is `str`, and was `int`"
        " | `cakes.bake_cake(flour=…)` is string, and was integer | `cakes.bake_cake` |\n"
        "| `scopes-required` | `cakes.bake_cake()` needs the scope `oven.write`"
        " | `cakes.bake_cake()` needs the scope `oven.write` | `cakes.bake_cake` |\n"
        "\n"
        "<details><summary>Safe (1)</summary>\n"
        "\n"
        "| Rule | For Python callers | On the wire | Operations |\n"
        "|---|---|---|---|\n"
        "| `request-field-added` | `cakes.bake_cake()` gains `eggs`, `int`"
        " | requests can carry `eggs`, integer | `cakes.bake_cake` |\n"
        "\n"
        "</details>\n"
    )


def test_markdown_keeps_bars_and_line_ends_out_of_its_tables() -> None:
    assert r"| a \| b c |" in REPORTS["markdown"]([odd("a | b\nc")])


def test_github_gets_an_annotation_for_each_change_that_is_not_safe() -> None:
    changes = [*SEVERAL, *changes_of("safety-weakened")]
    assert REPORTS["github"](changes) == (
        "::error title=request-type-changed::`cakes.bake_cake(flour=…)` is `str`, and was `int`\n"
        "::error title=scopes-required::`cakes.bake_cake()` needs the scope `oven.write`\n"
        "::warning title=safety-weakened::`cakes.bake_cake()` counts as `unsafe`, and counted as `idempotent`:"
        " it is retried less\n"
        "::notice title=API::2 breaking, 1 risky, 1 safe\n"
    )


def test_github_is_not_told_commands_by_the_text_of_a_change() -> None:
    report = REPORTS["github"]([odd("100 %\r\n::error::not mine")])
    assert "::error title=answer-type-changed::100 %25%0D%0A::error::not mine\n" in report


@pytest.mark.parametrize("name", REPORTS)
def test_every_format_can_say_that_nothing_differs(name: str) -> None:
    assert REPORTS[name]([]).endswith("\n")
