"""Rules on the names of schemas: those an engineer would give."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scripts.spec_rules.rule import Problem, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.spec_rules.spec import Spec

LONGEST_NAME = 40

# What generators make of a JSON path, and of two things that they cannot tell apart. A version (`V2`, `202309`) at
# the end of a name is a person's choice.
_GENERATED = (
    (r"(Request|Response)(Body|Data)", "it says where the shape stands and not what it is"),
    (r"^(Get|Post|Put|Patch|Delete)\w*(Request|Response)$", "it says where the shape stands and not what it is"),
    (r"Data[A-Z]\w*Item|ItemsItem|ItemItem", "it repeats a path in the JSON"),
    (r"(Inner|Inline|Dto|Object|Schema)$", "it ends in what every schema is"),
    (r"(?<!V)(?<!\d)\d{1,5}$", "a number tells it from another schema"),
)


@rule("schema-name")
def schema_name(spec: Spec) -> Iterator[Problem]:
    """A schema has a name in CamelCase, of a length that a person would choose, that no generator made up."""
    for name in spec.schemas:
        if problem := flaw(name):
            yield Problem(("components", "schemas", name), problem, name)


def flaw(name: str) -> str | None:
    """What is wrong with the name of a shape; None where an engineer could have given it."""
    if not re.fullmatch(r"([A-Z][a-z0-9]*)+", name):
        return f"{name}: write it in CamelCase"
    if len(name) > LONGEST_NAME:
        return f"{name}: {len(name)} letters, find a name of {LONGEST_NAME} at most"
    for pattern, reason in _GENERATED:
        if re.search(pattern, name):
            return f"{name} looks generated: {reason}"
    return None
