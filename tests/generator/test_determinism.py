"""The same spec gives the same bytes."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from scripts.generate import generate
from scripts.generator.document import Document

AUTHORED = ("properties", "enum", "default")


def shuffled(value: Any, random: Random) -> Any:
    """The same document with the members of its maps in another order, but for those that authors put in order."""
    if isinstance(value, list):
        return [shuffled(each, random) for each in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    random.shuffle(keys)
    return {
        key: value[key]
        if key in AUTHORED[1:]
        else {name: shuffled(each, random) for name, each in value[key].items()}
        if key == "properties"
        else shuffled(value[key], random)
        for key in keys
    }


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_files_paths_and_schemas_makes_no_difference(
    garden: dict[str, Any], generated: dict[str, str], seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - nothing secret
    random.shuffle(garden["tags"])

    assert generate(Document(shuffled(garden, random))) == generated


def test_generating_does_not_change_the_document(garden: dict[str, Any]) -> None:
    before = repr(garden)

    generate(Document(garden))

    assert repr(garden) == before
