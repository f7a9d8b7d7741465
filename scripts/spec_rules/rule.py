"""What a rule is, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from scripts.findings import Finding
from scripts.spec_files import Place, Pointer

if TYPE_CHECKING:
    from scripts.spec_rules.spec import Spec


@dataclass(frozen=True, slots=True)
class Problem:
    """Where a rule is broken, and what to do. `where` is a pointer into the bundled document, or a place in a file."""

    where: Pointer | Place
    message: str
    subject: str = ""


Check: TypeAlias = Callable[["Spec"], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id, what it demands, and the function that looks for places that break it."""

    id: str
    demand: str
    check: Check

    def findings(self, spec: Spec) -> Iterator[Finding]:
        """The places where the spec breaks the rule."""
        for problem in self.check(spec):
            place = problem.where if isinstance(problem.where, Place) else spec.bundle.place(problem.where)
            yield Finding(self.id, place, problem.message, problem.subject)


RULES: dict[str, Rule] = {}


def rule(id: str) -> Callable[[Check], Check]:  # noqa: A002 - rules have ids
    """Registers a function as the rule `id`; the first line of its docstring says what it demands."""

    def register(check: Check) -> Check:
        if id in RULES:
            raise ValueError(f"two rules have the id {id}")
        demand = (check.__doc__ or "").partition("\n")[0]
        RULES[id] = Rule(id, demand, check)
        return check

    return register
