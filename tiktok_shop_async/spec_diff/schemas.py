"""Compares two schemas, in the direction that their values travel in."""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.spec_diff.findings import Subject
from tiktok_shop_async.spec_diff.names import below, python_type, wire_type
from tiktok_shop_async.spec_diff.rules import LIMITS

if TYPE_CHECKING:
    from tiktok_shop_async.spec_diff.document import Document, Node, Schema
    from tiktok_shop_async.spec_diff.findings import Findings
    from tiktok_shop_async.spec_diff.names import Direction, Names

__all__ = ["Schemas", "limits_of"]

_ALIKE = 0.8
_SIDES = {"request": "requests", "answer": "answers"}
_NOT_OF_THE_SHAPE = ("description", "summary", "title", "example", "examples", "externalDocs", "x-enum-descriptions")


class Schemas:
    """Compares schemas of an older document with those of a newer one."""

    def __init__(self, base: tuple[Document, Names], revision: tuple[Document, Names], findings: Findings) -> None:
        self._base, self._base_names = base
        self._revision, self._revision_names = revision
        self._findings = findings
        self.pairs: dict[str, dict[str, set[str]]] = {}
        """Which classes stand where a class stood, and where that is, by the older one's name."""

    def compare(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Tell how two schemas differ, and all that they hold."""
        old, new = self._class_of(base, direction, older=True), self._class_of(revision, direction, older=False)
        if old and new:
            self.pairs.setdefault(old, {}).setdefault(new, set()).add(str(subject))
        if not new:
            self._contents(base, revision, direction, subject)
        elif self._findings.enter((base.pointer, revision.pointer, direction)):
            self._contents(base, revision, direction, Subject(new))
            self._findings.leave()

    def fields(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Tell how the fields of two objects differ."""
        old = {name: self._base.property(base, name) for name in base.names}
        new = {name: self._revision.property(revision, name) for name in revision.names}
        old = {name: node for name, node in old.items() if not _one_way(self._base.schema(node), direction)}
        new = {name: node for name, node in new.items() if not _one_way(self._revision.schema(node), direction)}
        renamed = self._renamed(
            {name: node for name, node in old.items() if name not in new},
            {name: node for name, node in new.items() if name not in old},
        )
        for name, node in old.items():
            if name in renamed:
                self.renamed(name, renamed[name], new[renamed[name]], direction, subject)
            elif name not in new:
                self.removed(name, node.pointer, direction, subject)
        for name, node in new.items():
            before = next((each for each, after in renamed.items() if after == name), name)
            if before in old:
                was, is_now = before in base.required, name in revision.required
                self.field(old[before], node, (was, is_now), direction, subject.of(name))
            else:
                self.added(name, node, name in revision.required, direction, subject)

    def field(
        self, base: Node, revision: Node, required: tuple[bool, bool], direction: Direction, subject: Subject
    ) -> None:
        """Tell how one field differs, whether it has to be there included."""
        older, newer = self._base.schema(base), self._revision.schema(revision)
        was, is_now = required
        if was != is_now:
            self._requirement(revision.pointer, newer, is_now, direction, subject)
        self._about(older, newer, revision.pointer, direction, subject)
        self._default(older, newer, is_now and was, revision.pointer, direction, subject)
        self.compare(older, newer, direction, subject)

    def added(self, name: str, node: Node, required: bool, direction: Direction, subject: Subject) -> None:
        """A field that was not there before."""
        schema = self._revision.schema(node)
        # What has a default is sent with it, so that no one has to change anything.
        needed = required and "default" not in schema.data
        rule = "answer-field-added"
        if direction == "request":
            rule = "required-request-field-added" if needed else "request-field-added"
        spelled = python_type(self._revision, self._revision_names, schema, direction)
        whole = subject.of(name)
        if subject.method:
            gains = f"`{subject.owner}()` {'demands' if needed else 'gains'} `{'.'.join(whole.path)}`"
            python = f"{gains}, `{spelled}`"
        else:
            python = (
                f"`{whole}` is new, `{spelled}`{' and has to be given' if direction == 'request' and needed else ''}"
            )
        carry = "have to carry" if direction == "request" and needed else "can carry"
        wire = f"{_SIDES[direction]} {carry} `{name}`, {wire_type(self._revision, schema)}"
        self._findings.report(rule, node.pointer, whole, wire=wire, python=python)

    def removed(self, name: str, pointer: str, direction: Direction, subject: Subject) -> None:
        """A field that is gone."""
        whole = subject.of(name)
        wire = f"{_SIDES[direction]} no longer carry `{name}`"
        if subject.method:
            python = f"`{subject.owner}()` no longer takes `{'.'.join(whole.path)}`"
        else:
            python = f"`{whole}` is no longer there"
        self._findings.report(f"{direction}-field-removed", pointer, whole, wire=wire, python=python)

    def renamed(self, name: str, now: str, node: Node, direction: Direction, subject: Subject) -> None:
        """A field that has another name."""
        whole = subject.of(now)
        wire = f"`{name}` of {_SIDES[direction]} is now `{now}`"
        if subject.method:
            python = f"`{subject.owner}()` takes `{now}` in place of `{name}`"
        else:
            python = f"`{subject.of(name)}` is now `{whole}`"
        self._findings.report(
            f"{direction}-field-renamed", node.pointer, whole, wire=wire, python=python, base=name, revision=now
        )

    def is_renamed(self, name: str, base: Node, now: str, revision: Node) -> bool:
        """Whether a field that is gone and a new one have one shape, and names that are spellings of one."""
        if not _resemble(name, now):
            return False
        older = _shape(self._base, self._base.schema(base), ())
        return older == _shape(self._revision, self._revision.schema(revision), ())

    def _renamed(self, gone: dict[str, Node], new: dict[str, Node]) -> dict[str, str]:
        """Renames that are evident: one shape, and names that are alike as no others are."""
        found: dict[str, str] = {}
        for name, node in gone.items():
            likely = [each for each, other in new.items() if self.is_renamed(name, node, each, other)]
            if len(likely) == 1 and likely[0] not in found.values():
                found[name] = likely[0]
        return found

    def _class_of(self, schema: Schema, direction: Direction, *, older: bool) -> str:
        names = self._base_names if older else self._revision_names
        if not schema.name or (not schema.names and schema.enum is None):
            return ""
        return schema.name if schema.enum is not None else names.class_of(schema.name, direction)

    def _contents(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        if self._variants(base, revision, direction, subject):
            return
        if not self._types(base, revision, direction, subject):
            return
        self._values(base, revision, direction, subject)
        self._formats(base, revision, direction, subject)
        self._limits(base, revision, direction, subject)
        if "array" in base.types and "array" in revision.types:
            self.compare(
                self._base.schema(below(base, "items")),
                self._revision.schema(below(revision, "items")),
                direction,
                subject,
            )
        if base.names or revision.names:
            self.fields(base, revision, direction, subject)
        if "object" in base.types and "object" in revision.types:
            self._more_fields(base, revision, direction, subject)

    def _requirement(self, pointer: str, newer: Schema, is_now: bool, direction: Direction, subject: Subject) -> None:
        became = "required" if is_now else "optional"
        rule = f"{direction}-field-became-{became}"
        name = subject.path[-1]
        if direction == "request":
            verb = "have to" if is_now else "need not"
            wire = f"requests {verb} carry `{name}`"
            python = f"`{subject}` becomes {became}"
            if is_now and "default" in newer.data:
                rule, python = (
                    "request-default-added",
                    f"`{subject}` is sent with its default, if nothing else is given",
                )
        else:
            wire = f"answers {'always' if is_now else 'need not'} carry `{name}`"
            python = f"`{subject}` {'is always there' if is_now else 'may be missing'}"
        self._findings.report(rule, pointer, subject, wire=wire, python=python)

    def _about(self, older: Schema, newer: Schema, pointer: str, direction: Direction, subject: Subject) -> None:
        """What is said of a field beside its shape."""
        was, is_now = older.data.get("deprecated") is True, newer.data.get("deprecated") is True
        if was != is_now:
            rule = f"{direction}-field-{'deprecated' if is_now else 'reinstated'}"
            text = f"`{subject}` is {'deprecated' if is_now else 'no longer deprecated'}"
            self._findings.report(rule, pointer, subject, wire=text, python=text)
        if older.data.get("x-status") == "preview" and newer.data.get("x-status", "stable") == "stable":
            text = f"`{subject}` is no longer a preview"
            self._findings.report(f"{direction}-field-left-preview", pointer, subject, wire=text, python=text)
        before, after = older.data.get("x-markets", "all"), newer.data.get("x-markets", "all")
        if _canonical(before) != _canonical(after):
            text = f"`{subject}` is for other sellers or markets"
            self._findings.report(
                f"{direction}-field-markets-changed",
                pointer,
                subject,
                wire=text,
                python=text,
                base=before,
                revision=after,
            )

    def _default(
        self, older: Schema, newer: Schema, required: bool, pointer: str, direction: Direction, subject: Subject
    ) -> None:
        before, after = older.data.get("default"), newer.data.get("default")
        if before == after:
            return
        if direction == "answer":
            rule = "answer-default-changed"
            text = f"where `{subject}` is left out it stands for {_spoken(after)}, before for {_spoken(before)}"
        elif before is None:
            rule, text = "request-default-added", f"`{subject}` has the default {_spoken(after)}"
        elif after is None:
            rule = "required-request-default-removed" if required else "request-default-removed"
            text = f"`{subject}` has no default any more, and had {_spoken(before)}"
        else:
            rule = "request-default-changed"
            text = f"the default of `{subject}` is {_spoken(after)}, and was {_spoken(before)}"
        self._findings.report(rule, pointer, subject, wire=text, python=text, base=before, revision=after)

    def _variants(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> bool:
        """Compare the shapes that a value may have; whether there are any."""
        older, newer = _variants(base), _variants(revision)
        if not older and not newer:
            return False
        if base.data.get("discriminator") != revision.data.get("discriminator"):
            text = f"the shapes of `{subject}` are told apart in another way"
            self._findings.report(
                f"{direction}-discriminator-changed", revision.pointer, subject, wire=text, python=text
            )
        old = [self._base.schema(each) for each in older] or [base]
        new = [self._revision.schema(each) for each in newer] or [revision]
        left = list(new)
        gone: list[Schema] = []
        for each in old:
            same = self._same(each, left)
            if same is None:
                gone.append(each)
            else:
                left.remove(same)
                if each.name or same.name or len(old) == len(new) == 1:
                    self.compare(each, same, direction, subject)
        for rule, schemas, document, names in (
            ("removed", gone, self._base, self._base_names),
            ("added", left, self._revision, self._revision_names),
        ):
            for each in schemas:
                spelled = python_type(document, names, each, direction)
                verb = "may be" if rule == "added" else "is never"
                text = f"`{subject}` {verb} `{spelled}`"
                self._findings.report(f"{direction}-variant-{rule}", each.pointer, subject, wire=text, python=text)
        return True

    def _same(self, schema: Schema, among: list[Schema]) -> Schema | None:
        """The variant that is the same one: by its name, or else by its shape."""
        if schema.name:
            for each in among:
                if each.name == schema.name:
                    return each
        shape = _shape(self._base, schema, ())
        return next((each for each in among if _shape(self._revision, each, ()) == shape), None)

    def _types(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> bool:
        """Compare the types; whether there is any use in looking further."""
        before, after = _widened(base.types), _widened(revision.types)
        if base.nullable != revision.nullable:
            became = "nullable" if revision.nullable else "not-nullable"
            text = f"`{subject}` {'may be null' if revision.nullable else 'is never null'}"
            self._findings.report(f"{direction}-became-{became}", revision.pointer, subject, wire=text, python=text)
        if before == after:
            return True
        wider = not after or (before and before < after)
        narrower = not before or (after and after < before)
        rule = f"{direction}-type-changed"
        if wider:
            rule = f"{direction}-type-widened"
        elif narrower and direction == "answer":
            rule = "answer-type-narrowed"
        wires = wire_type(self._base, base), wire_type(self._revision, revision)
        pythons = (
            python_type(self._base, self._base_names, base, direction),
            python_type(self._revision, self._revision_names, revision, direction),
        )
        self._findings.report(
            rule,
            revision.pointer,
            subject,
            wire=f"`{subject}` is {wires[1]}, and was {wires[0]}",
            python="" if pythons[0] == pythons[1] else f"`{subject}` is `{pythons[1]}`, and was `{pythons[0]}`",
            base=wires[0],
            revision=wires[1],
        )
        return bool(wider or narrower)

    def _values(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Compare what is listed of the values."""
        before, after = base.enum, revision.enum
        report = self._findings.report
        if before is None or after is None:
            if before is not None or after is not None:
                added = before is None
                text = f"the values of `{subject}` are {'listed' if added else 'listed no more'}"
                rule = f"{direction}-enum-{'added' if added else 'removed'}"
                report(rule, revision.pointer, subject, wire=text, python=text, base=before, revision=after)
            return
        for value in before:
            if value not in after:
                text = f"{_constant(base, subject, value)} is no longer there"
                wire = f"{_SIDES[direction]} no longer carry {_spoken(value)} as `{subject}`"
                report(f"{direction}-enum-value-removed", base.pointer, subject, wire=wire, python=text, base=value)
        was_open, is_open = (each.data.get("x-enum") == "open" for each in (base, revision))
        for value in after:
            if value not in before:
                rule = f"{direction}-enum-value-added"
                if direction == "answer" and not was_open:
                    rule = "answer-closed-enum-value-added"
                text = f"{_constant(revision, subject, value)} is new"
                wire = f"{_SIDES[direction]} can carry {_spoken(value)} as `{subject}`"
                report(rule, revision.pointer, subject, wire=wire, python=text, revision=value)
        if direction == "answer" and was_open != is_open:
            text = f"`{subject}` may {'hold values that are not listed' if is_open else 'hold the listed values alone'}"
            rule = f"answer-enum-{'opened' if is_open else 'closed'}"
            report(rule, revision.pointer, subject, wire=text, python=text)

    def _formats(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Compare how text and numbers are written."""
        for keyword, written in (("format", "is written as"), ("pattern", "matches")):
            before, after = base.data.get(keyword), revision.data.get(keyword)
            if before == after:
                continue
            kind = "added" if before is None else "removed" if after is None else "changed"
            text = f"`{subject}` {written} {_spoken(after)}, and before {_spoken(before)}"
            self._findings.report(
                f"{direction}-{keyword}-{kind}",
                revision.pointer,
                subject,
                wire=text,
                python=text,
                base=before,
                revision=after,
            )

    def _limits(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Compare the bounds of a value."""
        before, after = limits_of(base), limits_of(revision)
        for keyword in LIMITS:
            old, new = before.get(keyword), after.get(keyword)
            if old == new:
                continue
            name, stricter = LIMITS[keyword]
            kind = "tightened" if _tightened(old, new, stricter) else "relaxed"
            text = f"`{subject}`: `{keyword}` is {_spoken(new)}, and was {_spoken(old)}"
            self._findings.report(
                f"{direction}-{name}-{kind}",
                revision.pointer,
                subject,
                wire=text,
                python=text,
                base=old,
                revision=new,
            )

    def _more_fields(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Compare what an object may hold besides the fields that are named."""
        before, after = base.data.get("additionalProperties", True), revision.data.get("additionalProperties", True)
        before, after = (True if each == {} else each for each in (before, after))
        if before == after:
            return
        if isinstance(before, dict) and isinstance(after, dict):
            self.compare(
                self._base.schema(below(base, "additionalProperties")),
                self._revision.schema(below(revision, "additionalProperties")),
                direction,
                subject,
            )
            return
        kind = "forbidden" if after is False else "allowed" if before is False else "changed"
        text = f"what `{subject}` may hold besides its fields is {kind}"
        self._findings.report(
            f"{direction}-additional-fields-{kind}", revision.pointer, subject, wire=text, python=text
        )


def limits_of(schema: Schema) -> dict[str, Any]:
    """The bounds of a schema, those of OpenAPI 3.0 as 3.1 writes them."""
    found = {keyword: schema.data[keyword] for keyword in LIMITS if keyword in schema.data}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if found.get(exclusive) is True:
            found[exclusive] = found.pop(bound, None)
        elif found.get(exclusive) is False:
            del found[exclusive]
    if found.get("uniqueItems") is False:
        del found["uniqueItems"]
    return found


def _resemble(one: str, other: str) -> bool:
    """Whether two names are spellings of one."""
    flat = [re.sub(r"[^a-z0-9]", "", each.lower()) for each in (one, other)]
    return flat[0] == flat[1] or difflib.SequenceMatcher(None, flat[0], flat[1]).ratio() >= _ALIKE


def _one_way(schema: Schema, direction: Direction) -> bool:
    """Whether a field travels in the other direction alone."""
    return schema.data.get("readOnly" if direction == "request" else "writeOnly") is True


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


def _variants(schema: Schema) -> list[Node]:
    for key in ("oneOf", "anyOf"):
        if key in schema.data:
            node = below(schema, key)
            return [node.at(number) for number in range(len(schema.data[key]))]
    return []


def _shape(document: Document, schema: Schema, above: tuple[str, ...]) -> str:
    """A schema as text that is the same for the same shape, whatever its parts are called and wherever they stand."""
    if schema.pointer in above:
        return f"<{len(above) - above.index(schema.pointer)} up>"
    above = (*above, schema.pointer)
    said: dict[str, Any] = {
        key: value
        for key, value in schema.data.items()
        if key not in (*_NOT_OF_THE_SHAPE, "properties", "items", "additionalProperties", "oneOf", "anyOf", "x-module")
    }
    said["properties"] = {
        name: _shape(document, document.schema(document.property(schema, name)), above) for name in schema.names
    }
    for key in ("items", "additionalProperties"):
        if isinstance(schema.data.get(key), dict):
            said[key] = _shape(document, document.schema(below(schema, key)), above)
    said["variants"] = sorted(_shape(document, document.schema(each), above) for each in _variants(schema))
    return _canonical(said)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _constant(schema: Schema, subject: Subject, value: Any) -> str:
    """A listed value as Python callers write it."""
    if schema.name and isinstance(value, str) and re.fullmatch(r"[A-Za-z_]\w*", value):
        return f"`{schema.name}.{value}`"
    return f"{_spoken(value)} of `{subject}`"


def _spoken(value: Any) -> str:
    if value is None:
        return "none"
    return f"`{json.dumps(value, ensure_ascii=False)}`"
