"""What changes ask of a version, and what a changelog says of them."""

from __future__ import annotations

import pytest

from tests.spec_diff.bakery import CORPUS, pair
from tiktok_shop_async.spec_diff import RULES, Change, Severity, compare
from tiktok_shop_async.spec_diff.release import Bump, bump_of, changelog, next_version, suffices


def change(rule: str, subject: str = "Cake.weight", text: str = "something is different") -> Change:
    """A change of a rule."""
    severity = Severity(RULES[rule].severity)
    return Change(rule=rule, severity=severity, place="#", subject=subject, wire=text, python=text)


def changelog_of(*names: str) -> str:
    """The entry for the changes of some files of the corpus."""
    pairs = [pair(CORPUS / f"{name}.yaml") for name in names]
    changes = [each for found in pairs for each in compare(found.base, found.revision)]
    return changelog(sorted(changes, key=lambda each: each.order), "1.2.0")


@pytest.mark.parametrize(
    ("rules", "bump"),
    [
        ([], "none"),
        (["error-code-removed"], "patch"),
        (["answer-field-added"], "minor"),
        (["answer-field-added", "error-code-removed"], "minor"),
        (["operation-left-preview"], "minor"),
        (["markets-widened"], "minor"),
        (["safety-weakened"], "minor"),
        (["safety-weakened", "error-code-removed"], "minor"),
        (["answer-field-removed", "answer-field-added"], "major"),
    ],
)
def test_changes_ask_for_the_greatest_bump_of_one_of_them(rules: list[str], bump: Bump) -> None:
    assert bump_of(map(change, rules)) == bump
    assert bump_of(map(change, reversed(rules))) == bump


@pytest.mark.parametrize(
    ("version", "bump", "after"),
    [
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", "none", "1.2.3"),
        ("0.2.3", "major", "0.3.0"),
        ("0.2.3", "minor", "0.2.4"),
        ("0.2.3", "patch", "0.2.4"),
        ("0.2.3", "none", "0.2.3"),
    ],
)
def test_before_1_0_each_bump_counts_one_place_less(version: str, bump: Bump, after: str) -> None:
    assert next_version(version, bump) == after


@pytest.mark.parametrize(
    ("base", "revision", "bump", "enough"),
    [
        ("1.2.3", "2.0.0", "major", True),
        ("1.2.3", "1.3.0", "major", False),
        ("1.2.3", "1.10.0", "minor", True),
        ("1.2.3", "1.2.4", "minor", False),
        ("1.2.3", "1.2.3", "none", True),
        ("0.2.3", "0.3.0", "major", True),
        ("0.2.3", "0.2.4", "major", False),
    ],
)
def test_a_version_suffices_from_the_one_on_that_is_asked_for(
    base: str, revision: str, bump: Bump, enough: bool
) -> None:
    assert suffices(base, revision, bump) is enough


@pytest.mark.parametrize("version", ["", "1.2", "next", "v1.2.3"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="give one such as"):
        next_version(version, "patch")


def test_a_changelog_begins_with_names_that_mean_something_else() -> None:
    lines = changelog_of("answer-field-removed", "operation-removed", "method-means-another-operation").splitlines()
    assert lines[:4] == ["## 1.2.0", "", "### What breaks", ""]
    assert [line.split(" ")[1] for line in lines[4:7]] == ["`cakes.get_cake()`", "`cakes.find_cake()`", "`Cake.weight`"]


def test_a_changelog_tells_what_to_look_at_apart() -> None:
    assert changelog_of("safety-weakened", "answer-field-removed") == (
        "## 1.2.0\n\n"
        "### What breaks\n\n"
        "- `Cake.weight` is no longer there.\n\n"
        "### What to look at\n\n"
        "- `cakes.bake_cake()` counts as `unsafe`, and counted as `idempotent`: it is retried less.\n"
    )


def test_a_changelog_gathers_new_operations_by_resource() -> None:
    assert changelog_of("operation-added", "revision-added") == (
        "## 1.2.0\n\n### New operations\n\n- `cakes`: `get_cake_2026`, `list_cakes`\n"
    )


def test_a_changelog_gathers_new_fields_by_what_has_them() -> None:
    entry = changelog_of("answer-field-added", "request-field-added", "one-class-in-both-directions")
    assert entry == (
        "## 1.2.0\n\n"
        "### New fields and arguments\n\n"
        "- `Cake`: `weight`\n"
        "- `Oven`: `door`\n"
        "- `cakes.bake_cake()`: `flour`\n"
    )


def test_a_field_of_an_answer_without_a_class_is_one_of_the_call() -> None:
    entry = changelog([change("answer-field-added", "cakes.get_cake().weight")], "1.2.0")
    assert "- `cakes.get_cake()`: `weight`" in entry


def test_a_new_class_is_told_by_the_field_that_has_it_alone() -> None:
    assert changelog_of("class-added").count("`Oven`") == 0


def test_a_changelog_says_the_same_once() -> None:
    text = "`Cake.weight` is no longer there"
    entry = changelog([change("answer-field-removed", text=text), change("answer-field-removed", text=text)], "1.2.0")
    assert entry.count(text) == 1


def test_what_callers_do_not_notice_and_breaks_nothing_is_left_out() -> None:
    assert changelog_of("answer-header-added") == "## 1.2.0\n"


def test_what_is_safe_and_no_addition_comes_last() -> None:
    entry = changelog_of("operation-deprecated", "answer-field-added")
    assert entry.index("### New fields") < entry.index("### Also") < entry.index("is deprecated")
