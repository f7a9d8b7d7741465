"""What a set of changes asks of a release: the version, and the entry of the changelog."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from tiktok_shop_async.spec_diff.change import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tiktok_shop_async.spec_diff.change import Change

__all__ = ["Bump", "bump_of", "changelog", "next_version", "suffices"]

Bump: TypeAlias = Literal["major", "minor", "patch", "none"]

_ORDER: tuple[Bump, ...] = ("none", "patch", "minor", "major")
_ADDITIONS = re.compile(r"-(added|allowed|widened|left-preview)$")
_LEADING = ("method-means-another-operation", "method-renamed", "method-removed", "operation-removed")


def bump_of(changes: Iterable[Change]) -> Bump:
    """Which part of the version has to be raised: `major` for what breaks, `minor` for what is new or risky.

    Else it is `patch`: whoever takes patches alone need not look at them.
    """
    bump: Bump = "none"
    for change in changes:
        if change.severity is Severity.BREAKING:
            return "major"
        shows = change.severity is Severity.RISKY or _ADDITIONS.search(change.rule)
        needed: Bump = "minor" if shows else "patch"
        bump = needed if _ORDER.index(needed) > _ORDER.index(bump) else bump
    return bump


def next_version(version: str, bump: Bump) -> str:
    """The version after a bump. Before 1.0 nothing is promised, so each part moves one place to the right.

    Raises:
        ValueError: The version is not of the form 1.2.3.
    """
    major, minor, patch = _parts(version)
    if major == 0:
        bump = {"major": "minor", "minor": "patch", "patch": "patch", "none": "none"}[bump]  # type: ignore[assignment]
    return {
        "major": f"{major + 1}.0.0",
        "minor": f"{major}.{minor + 1}.0",
        "patch": f"{major}.{minor}.{patch + 1}",
        "none": f"{major}.{minor}.{patch}",
    }[bump]


def suffices(base: str, revision: str, bump: Bump) -> bool:
    """Whether a version is at least what the bump asks for after an older one.

    Raises:
        ValueError: A version is not of the form 1.2.3.
    """
    return _parts(revision) >= _parts(next_version(base, bump))


def changelog(changes: Sequence[Change], version: str) -> str:
    """The entry that a changelog has for the changes: what breaks first, what is new by resource."""
    lines = [f"## {version}", ""]
    breaking = [change for change in changes if change.severity is Severity.BREAKING]
    risky = [change for change in changes if change.severity is Severity.RISKY]
    safe = [change for change in changes if change.severity is Severity.SAFE]
    # What means another thing without a word is worse than what is missing.
    breaking.sort(key=lambda change: (change.rule not in _LEADING, _rank(change.rule), change.order))
    for title, told in (("What breaks", breaking), ("What to look at", risky)):
        if told:
            lines += [f"### {title}", "", *_bullets(told), ""]
    lines += _news(safe)
    return "\n".join(lines).rstrip() + "\n"


def _news(safe: Sequence[Change]) -> list[str]:
    lines: list[str] = []
    operations: dict[str, list[str]] = {}
    for change in safe:
        if change.rule == "operation-added":
            resource, _, method = change.subject.removesuffix("()").rpartition(".")
            operations.setdefault(resource, []).append(f"`{method}`")
    if operations:
        lines += ["### New operations", ""]
        lines += [f"- `{resource}`: {', '.join(sorted(names))}" for resource, names in sorted(operations.items())]
        lines.append("")
    fields: dict[str, list[str]] = {}
    for change in safe:
        if change.rule in ("answer-field-added", "request-field-added") and change.python:
            owner, name = _split(change.subject)
            fields.setdefault(owner, []).append(f"`{name}`")
    if fields:
        lines += ["### New fields and arguments", ""]
        lines += [f"- `{owner}`: {', '.join(sorted(set(names)))}" for owner, names in sorted(fields.items())]
        lines.append("")
    told = ("operation-added", "answer-field-added", "request-field-added", "class-added")
    others = [change for change in safe if change.python and change.rule not in told]
    if others:
        lines += ["### Also", "", *_bullets(others), ""]
    return lines


def _bullets(changes: Iterable[Change]) -> list[str]:
    return [f"- {line}." for line in dict.fromkeys(change.text for change in changes)]


def _rank(rule: str) -> int:
    return _LEADING.index(rule) if rule in _LEADING else len(_LEADING)


def _split(subject: str) -> tuple[str, str]:
    """`Order.payment`, `orders.get_order_list(page_size=…)` or `orders.get_order_list().rows`: the owner, the name."""
    if subject.endswith("=…)"):
        owner, _, name = subject.removesuffix("=…)").partition("(")
        return f"{owner}()", name
    owner, call, name = subject.partition("().")
    if call:
        return f"{owner}()", name
    owner, _, name = subject.partition(".")
    return owner, name


def _parts(version: str) -> tuple[int, int, int]:
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if match is None:
        raise ValueError(f"version: got {version!r}; give one such as 1.2.3")
    return (int(match[1]), int(match[2]), int(match[3]))
