"""What a JSON Schema does not allow, told so that a person finds the place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema.exceptions import best_match

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema import Draft202012Validator

    from scripts.spec_files import Pointer


@dataclass(frozen=True, slots=True)
class Refusal:
    """Where something does not hold what its definition allows, and why."""

    path: Pointer
    message: str

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.message}" if self.path else self.message


def refusals(validator: Draft202012Validator, instance: object) -> Iterator[Refusal]:
    """What a definition does not allow about an instance."""
    for error in validator.iter_errors(instance):
        # of several alternatives, the one that the instance comes closest to
        closest = best_match([error]) or error
        message = "is not allowed here" if closest.schema == {"not": {}} else closest.message
        yield Refusal(tuple(map(str, closest.absolute_path)), message)
