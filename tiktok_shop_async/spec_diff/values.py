"""Compares what two schemas say of a single value: its type, its limits, how it is written, what it stands for."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.spec_diff.markets import in_words, served
from tiktok_shop_async.spec_diff.names import python_type, wire_type
from tiktok_shop_async.spec_diff.rules import LIMITS
from tiktok_shop_async.spec_diff.shapes import CONSTRAINTS, canonical, limits_of

if TYPE_CHECKING:
    from tiktok_shop_async.spec_diff.document import Document, Schema
    from tiktok_shop_async.spec_diff.findings import Findings, Subject
    from tiktok_shop_async.spec_diff.names import Direction, Names

__all__ = ["Values", "sides", "spoken"]

_WRITTEN = {
    ("format", "request"): ("has to be written as", "no longer has to be written as"),
    ("format", "answer"): ("is written as", "is no longer known to be written as"),
    ("pattern", "request"): ("has to match", "no longer has to match"),
    ("pattern", "answer"): ("matches", "is no longer known to match"),
}


class Values:
    """Compares values of an older document with those of a newer one."""

    def __init__(self, base: tuple[Document, Names], revision: tuple[Document, Names], findings: Findings) -> None:
        self._base, self._base_names = base
        self._revision, self._revision_names = revision
        self._findings = findings

    def requirement(self, pointer: str, newer: Schema, is_now: bool, direction: Direction, subject: Subject) -> None:
        """A field has to be there that could be missing, or the other way round."""
        name = subject.path[-1]
        rule = f"{direction}-field-became-{'required' if is_now else 'optional'}"
        if direction == "answer":
            wire = f"{sides(direction, subject)} {'always' if is_now else 'need not'} carry `{name}`"
            python = f"`{subject}` {'is always there' if is_now else 'may be missing'}"
        else:
            wire = f"requests {'have to' if is_now else 'need not'} carry `{name}`"
            python = f"`{subject}` {'has to be given' if is_now else 'can be left out'}"
            if is_now and "default" in newer.data:
                rule = "request-field-with-default-became-required"
                python = f"`{subject}` is sent with its default, where nothing else is given"
        self._findings.report(rule, pointer, subject, wire=wire, python=python)

    def standing(self, older: Schema, newer: Schema, pointer: str, direction: Direction, subject: Subject) -> None:
        """Compare what is said of a field beside its shape."""
        was, is_now = older.data.get("deprecated") is True, newer.data.get("deprecated") is True
        if was != is_now:
            self.deprecation(is_now, pointer, direction, subject)
        if older.is_preview != newer.is_preview:
            became = "left" if older.is_preview else "became"
            text = f"`{subject}` is {'no longer a preview' if older.is_preview else 'a preview, and may still change'}"
            self._report(f"{direction}-field-{became}-preview", pointer, subject, text)
        before, after = older.data.get("x-markets", "all"), newer.data.get("x-markets", "all")
        if served(before) != served(after):
            text = f"`{subject}` is for {in_words(after)}, and was for {in_words(before)}"
            self._report(f"{direction}-field-markets-changed", pointer, subject, text, before, after)

    def deprecation(self, is_now: bool, pointer: str, direction: Direction, subject: Subject) -> None:
        """A field is deprecated, or no longer so."""
        rule = f"{direction}-field-{'deprecated' if is_now else 'reinstated'}"
        self._report(rule, pointer, subject, f"`{subject}` is {'deprecated' if is_now else 'no longer deprecated'}")

    def default(
        self, older: Schema, newer: Schema, required: bool, pointer: str, direction: Direction, subject: Subject
    ) -> None:
        """Compare what stands for a field that is left out."""
        before, after = older.data.get("default"), newer.data.get("default")
        if before == after:
            return
        if direction == "answer":
            rule = "answer-default-changed"
            text = f"where `{subject}` is left out it stands for {spoken(after)}, and stood for {spoken(before)}"
        elif before is None:
            rule, text = "request-default-added", f"`{subject}` has the default {spoken(after)}"
        elif after is None:
            rule = "required-request-default-removed" if required else "request-default-removed"
            text = f"`{subject}` no longer has a default; it was {spoken(before)}"
        else:
            rule = "request-default-changed"
            text = f"the default of `{subject}` is {spoken(after)}, and was {spoken(before)}"
        self._report(rule, pointer, subject, text, before, after)

    def null(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Compare whether null is a value."""
        if base.nullable == revision.nullable:
            return
        rule = f"{direction}-became-{'nullable' if revision.nullable else 'not-nullable'}"
        verb = "may be" if revision.nullable else "may not be" if direction == "request" else "is never"
        self._report(rule, revision.pointer, subject, f"{subject.told} {verb} null")

    def types(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> bool:
        """Compare the types; whether there is any use in looking further."""
        before, after = _widened(base.types), _widened(revision.types)
        if before == after:
            return True
        wider = not after or (bool(before) and before < after)
        narrower = not before or (bool(after) and after < before)
        rule = f"{direction}-type-changed"
        if wider:
            rule = f"{direction}-type-widened"
        elif narrower and direction == "answer":
            rule = "answer-type-narrowed"
        wires = wire_type(self._base, base), wire_type(self._revision, revision)
        pythons = (
            python_type(self._base, self._base_names, base, direction, argument=subject.method),
            python_type(self._revision, self._revision_names, revision, direction, argument=subject.method),
        )
        self._findings.report(
            rule,
            revision.pointer,
            subject,
            wire=f"{subject.told} is {wires[1]}, and was {wires[0]}",
            python="" if pythons[0] == pythons[1] else f"{subject.told} is `{pythons[1]}`, and was `{pythons[0]}`",
            base=wires[0],
            revision=wires[1],
        )
        return wider or narrower

    def listed(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Compare what is listed of the values."""
        before, after = base.enum, revision.enum
        if before is None or after is None:
            if before is not None or after is not None:
                added = before is None
                text = f"the values of {subject.told} are {'listed' if added else 'no longer listed'}"
                rule = f"{direction}-enum-{'added' if added else 'removed'}"
                self._report(rule, revision.pointer, subject, text, before, after)
            return
        report = self._findings.report
        field = subject.path[-1] if subject.path else subject.owner
        can = {"request": "can ", "answer": ""}[direction]
        for value in before:
            if value not in after:
                text = f"{_constant(base, subject, value)} is no longer there"
                wire = f"{sides(direction, subject)} {can}no longer carry {spoken(value)} as `{field}`"
                report(f"{direction}-enum-value-removed", base.pointer, subject, wire=wire, python=text, base=value)
        was_open, is_open = (each.data.get("x-enum") == "open" for each in (base, revision))
        for value in after:
            if value not in before:
                rule = f"{direction}-enum-value-added"
                if direction == "answer" and not was_open:
                    rule = "answer-closed-enum-value-added"
                text = f"{_constant(revision, subject, value)} is new"
                wire = f"{sides(direction, subject)} can carry {spoken(value)} as `{field}`"
                report(rule, revision.pointer, subject, wire=wire, python=text, revision=value)
        if direction == "answer" and was_open != is_open:
            text = f"{subject.told} {'can hold values that are not listed' if is_open else 'holds listed values only'}"
            self._report(f"answer-enum-{'opened' if is_open else 'closed'}", revision.pointer, subject, text)

    def writing(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Compare how text and numbers are written."""
        for keyword in ("format", "pattern"):
            before, after = base.data.get(keyword), revision.data.get(keyword)
            if before == after:
                continue
            does, does_not = _WRITTEN[keyword, direction]
            if before is None:
                kind, text = "added", f"{subject.told} {does} `{after}`"
            elif after is None:
                kind, text = "removed", f"{subject.told} {does_not} `{before}`"
            else:
                kind, text = "changed", f"{subject.told} {does} `{after}`, and before `{before}`"
            self._report(f"{direction}-{keyword}-{kind}", revision.pointer, subject, text, before, after)

    def limits(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Compare the bounds of a value."""
        before, after = limits_of(base), limits_of(revision)
        for keyword, (name, stricter) in LIMITS.items():
            old, new = before.get(keyword), after.get(keyword)
            if old == new:
                continue
            kind = "tightened" if _tightened(old, new, stricter) else "relaxed"
            if keyword == "uniqueItems":
                text = f"the entries of {subject.told} {'all differ' if new else 'may be the same'}"
            elif old is None:
                text = f"{subject.told} has the `{keyword}` {new}, and had none"
            elif new is None:
                text = f"{subject.told} has no `{keyword}` any more; it was {old}"
            else:
                text = f"the `{keyword}` of {subject.told} is {new}, and was {old}"
            self._report(f"{direction}-{name}-{kind}", revision.pointer, subject, text, old, new)

    def constraints(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Compare what bounds a value otherwise."""
        for keyword in CONSTRAINTS:
            before, after = base.data.get(keyword), revision.data.get(keyword)
            if canonical(before) != canonical(after):
                verb = "is new" if before is None else "is gone" if after is None else "is another"
                text = f"the `{keyword}` of {subject.told} {verb}"
                self._report(f"{direction}-constraint-changed", revision.pointer, subject, text, before, after)

    def _report(
        self, rule: str, pointer: str, subject: Subject, text: str, base: Any = None, revision: Any = None
    ) -> None:
        """Note what means the same on the wire and in Python."""
        self._findings.report(rule, pointer, subject, wire=text, python=text, base=base, revision=revision)


def sides(direction: Direction, subject: Subject) -> str:
    """What travels in a direction, in a message."""
    return "requests" if direction == "request" else "notifications" if subject.notification else "answers"


def spoken(value: Any) -> str:
    """A value in a message."""
    return "nothing" if value is None else f"`{json.dumps(value, ensure_ascii=False)}`"


def _widened(types: frozenset[str]) -> frozenset[str]:
    """Every integer is a number."""
    return types | {"integer"} if "number" in types else types


def _tightened(old: Any, new: Any, stricter: str) -> bool:
    if old is None or new is None:
        return old is None
    if stricter == "up":
        return bool(new > old)
    if stricter == "down":
        return bool(new < old)
    return not (isinstance(old, int | float) and isinstance(new, int | float) and new and old % new == 0)


def _constant(schema: Schema, subject: Subject, value: Any) -> str:
    """A listed value as Python callers write it."""
    if schema.name and isinstance(value, str) and re.fullmatch(r"[A-Za-z_]\w*", value):
        return f"`{schema.name}.{value}`"
    return f"the value {spoken(value)} of `{subject}`"
