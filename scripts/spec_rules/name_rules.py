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
        pointer = ("components", "schemas", name)
        if not re.fullmatch(r"([A-Z][a-z0-9]*)+", name):
            yield Problem(pointer, f"{name}: write it in CamelCase", name)
        elif len(name) > LONGEST_NAME:
            yield Problem(pointer, f"{name}: {len(name)} letters, find a name of {LONGEST_NAME} at most", name)
        else:
            for pattern, reason in _GENERATED:
                if re.search(pattern, name):
                    yield Problem(pointer, f"{name} looks generated: {reason}", name)
                    break
