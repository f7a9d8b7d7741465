"""Gathers what is found, so that a change in a shared schema is told once, with all the operations that it concerns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from tiktok_shop_async.spec_diff.change import Change, Severity, severity_of
from tiktok_shop_async.spec_diff.names import argument_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Findings", "Levels", "Scope", "Subject"]

Levels: TypeAlias = "Mapping[str, Severity | None]"
"""Severities of rules that differ from the catalogue's; None switches a rule off."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What something is to Python callers: `Order.payment`, or `orders.get_order_list(page_size=…)`."""

    owner: str
    path: tuple[str, ...] = ()
    method: bool = False
    """Whether the owner is a method, and the path one of its arguments."""
    hidden: bool = False
    """Whether Python callers never see it."""
    notification: bool = False
    """Whether notifications bring it, and not answers."""
    entries: bool = False
    """Whether it is not the list of that name, but each of its entries."""

    def of(self, name: str) -> Subject:
        """What is below."""
        name = argument_of(name) if self.method and not self.path else name
        return replace(self, path=(*self.path, name), entries=False)

    @property
    def told(self) -> str:
        """It in a sentence."""
        return f"an entry of `{self}`" if self.entries else f"`{self}`"

    def __str__(self) -> str:
        inner = ".".join(self.path)
        if self.method:
            return f"{self.owner}({inner}=…)" if inner else f"{self.owner}()"
        return f"{self.owner}.{inner}" if inner else self.owner


@dataclass(slots=True)
class Scope:
    """What was found while two things were compared, and what was compared on their account."""

    found: dict[tuple[str, str, str, str], Change] = field(default_factory=dict[tuple[str, str, str, str], Change])
    below: list[Scope] = field(default_factory=list["Scope"])

    def everything(self) -> Iterable[tuple[tuple[str, str, str, str], Change]]:
        """All that was found here and below."""
        seen: set[int] = set()
        waiting = [self]
        while waiting:
            scope = waiting.pop()
            if id(scope) not in seen:
                seen.add(id(scope))
                yield from scope.found.items()
                waiting += scope.below


class Findings:
    """Everything that was found. What is reported goes to the scope that is open.

    Args:
        levels: Severities that differ from the catalogue's; None switches a rule off.
    """

    def __init__(self, levels: Levels) -> None:
        self._levels = levels
        self._scopes = [Scope()]
        self._shared: dict[tuple[str, ...], Scope] = {}
        self._changes: dict[tuple[str, str, str, str], Change] = {}
        self._operations: dict[tuple[str, str, str, str], dict[str, str]] = {}
        """What each change concerns: the endpoints, by the names of their methods; notifications, by their classes."""

    def report(
        self,
        rule: str,
        pointer: str,
        subject: Subject | str,
        *,
        wire: str = "",
        python: str = "",
        names: Iterable[str] = (),
        fields: Iterable[str] = (),
        base: Any = None,
        revision: Any = None,
    ) -> None:
        """Note a change."""
        if isinstance(subject, Subject) and subject.hidden:
            python = ""
        severity = self._levels.get(rule, severity_of(rule))
        if severity is None or not (wire or python):
            return
        key = (rule, pointer, str(subject), python or wire)
        owner = {subject.owner} if isinstance(subject, Subject) else set[str]()
        self._scopes[-1].found[key] = Change(
            rule=rule,
            severity=severity,
            place=pointer,
            subject=str(subject),
            wire=wire,
            python=python,
            names=frozenset(owner | set(names)),
            fields=tuple(fields),
            base=base,
            revision=revision,
        )

    def enter(self, key: tuple[str, ...]) -> bool:
        """Open the scope of two things that several others share; False where they were compared already."""
        known = self._shared.get(key)
        scope = known or Scope()
        self._scopes[-1].below.append(scope)
        if known is not None:
            return False
        self._shared[key] = scope
        self._scopes.append(scope)
        return True

    def leave(self) -> None:
        """Close the scope."""
        self._scopes.pop()

    def begin(self) -> None:
        """Open the scope of an operation."""
        self._scopes.append(Scope())

    def end(self, concerned: str, endpoint: str, names: Iterable[str] = ()) -> None:
        """Close the scope of an operation or notification: all that was found in it concerns it, by all its names."""
        for key, change in self._scopes.pop().everything():
            known = self._changes.get(key, change)
            self._changes[key] = replace(known, names=known.names.union(names))
            self._operations.setdefault(key, {})[concerned] = endpoint

    def changes(self) -> list[Change]:
        """What was found, the worst first."""
        for key, change in self._scopes[0].everything():
            self._changes.setdefault(key, change)
        found: list[Change] = []
        for key, change in self._changes.items():
            concerned = sorted(self._operations.get(key, {}).items())
            names, endpoints = tuple(name for name, _ in concerned), tuple(endpoint for _, endpoint in concerned)
            found.append(replace(change, operations=names, endpoints=endpoints))
        return sorted(found, key=lambda change: change.order)
