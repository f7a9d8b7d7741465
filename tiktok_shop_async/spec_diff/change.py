"""What a difference between two documents is: which rule it falls under, where it is, and what it means for whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.spec_diff.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Change", "Severity"]


class Severity(StrEnum):
    """What a change asks of those who call."""

    BREAKING = "breaking"
    """Code that worked stops working, or does something else."""
    RISKY = "risky"
    """Code goes on working, and may meet what it was not written for."""
    SAFE = "safe"
    """Nothing has to be looked at."""

    @property
    def rank(self) -> int:
        """0 for what is worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    `subject` names what changed as Python callers know it; `wire` and `python` say what it means for requests and
    answers and for code that calls this package, and one of them may be empty. `operations` are those that it concerns,
    by the names of their methods; `base` and `revision` are the values before and after, where there are any.
    """

    rule: str
    severity: Severity
    place: str
    """JSON pointer into the document that has it: the newer one, or the older one for what is gone."""
    subject: str
    wire: str = ""
    python: str = ""
    operations: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    """The same as `GET /order/202309/orders`, in the same order."""
    fields: tuple[str, ...] = ()
    """Where a field is new: its name, and the dotted paths of all that it holds."""
    names: frozenset[str] = field(default_factory=frozenset[str])
    """The classes and methods that it is about, by which code is found that uses them."""
    base: Any = None
    revision: Any = None

    @property
    def text(self) -> str:
        """What it means, Python callers first."""
        return self.python or self.wire

    @property
    def order(self) -> tuple[int, str, str, str, str]:
        """Sorts the worst first, and the rest so that like stands by like."""
        return (self.severity.rank, self.rule, self.subject, self.place, self.text)

    def to_dict(self) -> Mapping[str, Any]:
        """The change as JSON holds it."""
        told: dict[str, Any] = {
            "rule": self.rule,
            "severity": self.severity.value,
            "place": self.place,
            "subject": self.subject,
            "wire": self.wire,
            "python": self.python,
            "operations": list(self.operations),
            "endpoints": list(self.endpoints),
        }
        if self.fields:
            told["fields"] = list(self.fields)
        values = {"base": self.base, "revision": self.revision}
        return {**told, **{name: value for name, value in values.items() if value is not None}}


def severity_of(rule: str) -> Severity:
    """What a rule asks, unless the caller of the diff decides otherwise."""
    return Severity(RULES[rule].severity)
