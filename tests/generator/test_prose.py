"""How the words of the spec become docstrings."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.generator.document import Value
from scripts.generator.facts import described, markets
from scripts.generator.prose import docstring, prose


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])), st.sampled_from([4, 8]))
def test_any_text_can_be_a_docstring(text: str, indent: int) -> None:
    written = docstring(text, indent)

    assert ast.literal_eval(written).split() == text.split()


@given(st.lists(st.text("abc", min_size=1, max_size=12), min_size=1).map(" ".join), st.sampled_from([4, 8]))
def test_no_line_of_a_docstring_is_too_long(text: str, indent: int) -> None:
    first, *others = docstring(text, indent).split("\n")

    assert len(first) + indent <= 120
    assert all(len(line) <= 120 for line in others)


def test_paragraphs_and_points_stay_apart() -> None:
    assert prose("One\ntwo.\n\nThree:\n- a\n- b", 4).split("\n") == ["One two.", "", "    Three:", "    - a", "    - b"]


def value(schema: dict[str, Any], **more: Any) -> Value:
    return Value("text", schema, **more)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"description": "A time", "format": "unix-seconds"}, "A time. Unix seconds."),
        ({"format": "unix-milliseconds"}, "Unix milliseconds."),
        ({"format": "decimal"}, "Decimal as text."),
        ({"minimum": 1, "maximum": 9}, "1 to 9."),
        ({"minimum": 0}, "At least 0."),
        ({"maximum": 9}, "At most 9."),
        ({"minimum": 3, "maximum": 3}, "Exactly 3."),
        ({"maxLength": 9}, "At most 9 characters."),
        ({"minLength": 1}, "At least 1 character."),
        ({"default": ""}, "Default ''."),
        ({"default": True}, "Default True."),
        ({"default": "ASC"}, "Default ASC."),
        ({"enum": ["A", 2]}, "One of A, 2."),
        ({"x-markets": "all"}, ""),
        ({"x-markets": [{"sellers": ["local"], "markets": ["US"]}]}, "Markets: US (local sellers)."),
        ({"unknown": 1}, ""),
    ],
)
def test_what_the_schema_says_in_keys_is_said_in_words(schema: dict[str, Any], words: str) -> None:
    assert described(value(schema), sent=True) == words


def test_limits_and_defaults_bind_only_what_is_sent() -> None:
    schema = {"maxLength": 9, "default": "a", "format": "decimal"}

    assert described(value(schema), sent=False) == "Decimal as text."


def test_limits_of_a_list_and_of_its_members_are_told_apart() -> None:
    listed = Value("list", {"minItems": 1, "maxItems": 20}, of=value({"maxLength": 5}))

    assert described(listed, sent=True) == "1 to 20 entries. At most 5 characters each."


def test_values_of_an_enumeration_are_told_by_reference() -> None:
    listed = Value("list", {"maxItems": 1}, of=Value("enum", {"enum": ["A"]}, name="PlantState"))

    assert described(listed, sent=True) == "Values: `PlantState`. At most 1 entry."


def test_markets_are_told_by_groups() -> None:
    assert markets("all") == "all"
    assert markets([{"sellers": ["cross-border"], "markets": "all", "since": "2024-03-01", "note": "On request."}]) == (
        "all (cross-border sellers) since 2024-03-01: On request"
    )
