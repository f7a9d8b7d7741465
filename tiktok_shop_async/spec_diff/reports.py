"""Writes changes down: for a terminal, as JSON, as Markdown for a pull request, and as annotations of GitHub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tiktok_shop_async.spec_diff.change import Severity
from tiktok_shop_async.spec_diff.release import bump_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tiktok_shop_async.spec_diff.change import Change

__all__ = ["REPORTS", "count"]

_TITLES = {Severity.BREAKING: "Breaking", Severity.RISKY: "Risky", Severity.SAFE: "Safe"}
_LEVELS = {Severity.BREAKING: "error", Severity.RISKY: "warning", Severity.SAFE: "notice"}
_MOST_OPERATIONS = 3


def count(changes: Sequence[Change]) -> str:
    """How many changes there are of which severity."""
    if not changes:
        return "no difference"
    counts = {severity: sum(change.severity is severity for change in changes) for severity in Severity}
    return ", ".join(f"{number} {severity}" for severity, number in counts.items() if number)


def as_text(changes: Sequence[Change]) -> str:
    """A line a change, with what it means on the wire below where that says more."""
    lines: list[str] = []
    for severity in Severity:
        told = [change for change in changes if change.severity is severity]
        if not told:
            continue
        lines += [f"{_TITLES[severity]} ({len(told)})"]
        for change in told:
            lines.append(f"  [{change.rule}] {_plain(change.text)}{_where(change)}")
            if change.python and change.wire not in ("", change.python):
                lines.append(f"      on the wire: {_plain(change.wire)}")
        lines.append("")
    return "\n".join([*lines, f"{count(changes)}; asks for the version bump: {bump_of(changes)}"]) + "\n"


def as_json(changes: Sequence[Change]) -> str:
    """Everything that is known, for programs."""
    told = {
        "bump": bump_of(changes),
        "counts": {severity.value: sum(change.severity is severity for change in changes) for severity in Severity},
        "changes": [change.to_dict() for change in changes],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def as_markdown(changes: Sequence[Change]) -> str:
    """A comment for a pull request: what breaks in the open, the rest folded."""
    lines = [f"**Changes of the API**: {count(changes)}. Version bump: **{bump_of(changes)}**.", ""]
    for severity in Severity:
        told = [change for change in changes if change.severity is severity]
        if not told:
            continue
        rows = ["| Rule | For Python callers | On the wire | Operations |", "|---|---|---|---|"]
        rows += [
            f"| `{change.rule}` | {_cell(change.python)} | {_cell(change.wire)} | {_cell(_operations(change))} |"
            for change in told
        ]
        title = f"{_TITLES[severity]} ({len(told)})"
        if severity is Severity.SAFE:
            lines += [f"<details><summary>{title}</summary>", "", *rows, "", "</details>", ""]
        else:
            lines += [f"### {title}", "", *rows, ""]
    return "\n".join(lines)


def as_github(changes: Sequence[Change]) -> str:
    """A workflow command a change, which GitHub shows beside the run; what is safe is counted only."""
    lines = [
        f"::{_LEVELS[change.severity]} title={_property(change.rule)}::{_message(change.text + _where(change))}"
        for change in changes
        if change.severity is not Severity.SAFE
    ]
    return "\n".join([*lines, f"::notice title=API::{_message(count(changes))}"]) + "\n"


REPORTS: Mapping[str, Callable[[Sequence[Change]], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    "github": as_github,
}
"""By the name of the format."""


def _operations(change: Change) -> str:
    names = [f"`{name}`" for name in change.operations[:_MOST_OPERATIONS]]
    more = len(change.operations) - _MOST_OPERATIONS
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _where(change: Change) -> str:
    owner = change.subject.partition("(")[0]
    if change.operations in ((), (owner,), (owner.partition(".")[0],)):
        return ""
    return f" ({_plain(_operations(change))})"


def _plain(text: str) -> str:
    return text.replace("`", "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
