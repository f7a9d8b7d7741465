"""Each file of the corpus is a pair of documents, and everything that is to be told of their difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from tests.spec_diff.bakery import CORPUS, Pair, pair
from tiktok_shop_async.spec_diff import RULES, compare

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tiktok_shop_async.spec_diff import Change

PAIRS = [pair(path) for path in sorted(CORPUS.glob("*.yaml"))]

each_pair = pytest.mark.parametrize("pair", PAIRS, ids=[each.name for each in PAIRS])
each_pair_with_a_difference = pytest.mark.parametrize(
    "pair", [each for each in PAIRS if each.changes], ids=[each.name for each in PAIRS if each.changes]
)


def told(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Changes as the files hold them, in one order."""
    texts = ("subject", "wire", "python")
    return in_order(
        {"rule": change.rule, "severity": change.severity.value}
        | {name: getattr(change, name) for name in texts if getattr(change, name)}
        | {"operations": list(change.operations)}
        for change in changes
    )


def in_order(changes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sorted by all that they say."""
    return sorted(changes, key=lambda change: sorted((key, str(value)) for key, value in change.items()))


@each_pair
def test_exactly_the_changes_of_the_file_are_told(pair: Pair) -> None:
    assert told(compare(pair.base, pair.revision)) == in_order(pair.changes)


@each_pair_with_a_difference
def test_with_its_rule_switched_off_a_change_is_not_told_as_another(pair: Pair) -> None:
    others = [change for change in pair.changes if change["rule"] != pair.rule]
    assert told(compare(pair.base, pair.revision, levels={pair.rule: None})) == in_order(others)


@each_pair
def test_both_documents_are_valid_openapi(pair: Pair) -> None:
    for document in (pair.before, pair.after):
        validator = OpenAPIV30SpecValidator if document["openapi"].startswith("3.0") else OpenAPIV31SpecValidator
        assert [error.message for error in validator(document).iter_errors()] == []


def test_every_rule_has_a_file_that_is_about_it() -> None:
    assert RULES.keys() - {each.rule for each in PAIRS} == set()


def test_a_file_that_is_named_after_a_rule_is_about_it() -> None:
    assert [each.name for each in PAIRS if each.name in RULES and each.name != each.rule] == []


def test_a_file_whose_name_says_so_has_no_difference() -> None:
    assert [each.name for each in PAIRS if each.name.startswith("nothing-") != (not each.changes)] == []
