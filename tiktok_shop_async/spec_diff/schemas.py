"""Compares two schemas, in the direction that their values travel in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.spec_diff.findings import Subject
from tiktok_shop_async.spec_diff.names import below, python_type, wire_type
from tiktok_shop_async.spec_diff.shapes import kindred, paths, resemble, shape, variants_of
from tiktok_shop_async.spec_diff.values import Values, sides

if TYPE_CHECKING:
    from tiktok_shop_async.spec_diff.document import Document, Node, Schema
    from tiktok_shop_async.spec_diff.findings import Findings
    from tiktok_shop_async.spec_diff.names import Direction, Names

__all__ = ["Schemas"]


class Schemas:
    """Compares schemas of an older document with those of a newer one."""

    def __init__(self, base: tuple[Document, Names], revision: tuple[Document, Names], findings: Findings) -> None:
        self._base, self._base_names = base
        self._revision, self._revision_names = revision
        self._findings = findings
        self.values = Values(base, revision, findings)
        self.pairs: dict[str, dict[str, set[tuple[str, Direction]]]] = {}
        """Which classes stand where a class stood, and where that is, by the older one's name."""
        self._under_way: set[tuple[str, str, str]] = set()

    def compare(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Tell how two schemas differ, and all that they hold."""
        # Whether null is a value is said where a class is used, and not of the class.
        self.values.null(base, revision, direction, subject)
        old, new = self._class_of(base, direction, older=True), self._class_of(revision, direction, older=False)
        if old and new:
            self.pairs.setdefault(old, {}).setdefault(new, set()).add((str(subject), direction))
        elif base.names and revision.names and (old or new):
            kinds = [f"of the class `{name}`" if name else "a plain object" for name in (new, old)]
            text = f"`{subject}` is {kinds[0]}, and was {kinds[1]}"
            rule = f"{'input' if direction == 'request' else 'answer'}-class-changed"
            self._findings.report(rule, revision.pointer, subject, python=text, names=filter(None, (old, new)))
        key = (base.pointer, revision.pointer, direction)
        one = bool(old and new) and (base.name == revision.name or self._is_renamed(old, new, base, revision))
        if one and base.whole and revision.whole:
            seen = Subject(new, hidden=subject.hidden, notification=subject.notification)
            if self._findings.enter((*key, str(seen.hidden), str(seen.notification))):
                # Told once, and so the same wherever it is come upon first.
                outside, self._under_way = self._under_way, set()
                self._contents(base, revision, direction, seen)
                self._under_way = outside
                self._findings.leave()
        elif key not in self._under_way:
            self._under_way.add(key)
            self._contents(base, revision, direction, subject)
            self._under_way.remove(key)

    def fields(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Tell how the fields of two objects differ."""
        old = {name: self._base.property(base, name) for name in base.names}
        new = {name: self._revision.property(revision, name) for name in revision.names}
        old = {name: node for name, node in old.items() if not _one_way(self._base.schema(node), direction)}
        new = {name: node for name, node in new.items() if not _one_way(self._revision.schema(node), direction)}
        renamed = self.renames(
            {name: node for name, node in old.items() if name not in new},
            {name: node for name, node in new.items() if name not in old},
        )
        for name, node in old.items():
            if name in renamed:
                self.renamed(name, renamed[name], new[renamed[name]], direction, subject)
            elif name not in new:
                self.removed(name, node, direction, subject)
        before = {now: name for name, now in renamed.items()}
        for name, node in new.items():
            known = before.get(name, name)
            if known in old:
                was, is_now = known in base.required, name in revision.required
                self.field(old[known], node, (was, is_now), direction, subject.of(name))
            else:
                self.added(name, node, name in revision.required, direction, subject)

    def field(
        self, base: Node, revision: Node, required: tuple[bool, bool], direction: Direction, subject: Subject
    ) -> None:
        """Tell how one field differs, whether it has to be there included."""
        older, newer = self._base.schema(base), self._revision.schema(revision)
        was, is_now = required
        if was != is_now:
            self.values.requirement(revision.pointer, newer, is_now, direction, subject)
        self.values.standing(older, newer, revision.pointer, direction, subject)
        self.values.default(older, newer, is_now and was, revision.pointer, direction, subject)
        self.compare(older, newer, direction, subject)

    def around(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Tell how two objects differ besides their fields."""
        if variants_of(base) or variants_of(revision):
            self._variants(base, revision, direction, subject)
        self.values.limits(base, revision, direction, subject)
        self.values.constraints(base, revision, direction, subject)
        self._more_fields(base, revision, direction, subject)

    def added(self, name: str, node: Node, required: bool, direction: Direction, subject: Subject) -> None:
        """A field that was not there before."""
        schema = self._revision.schema(node)
        # What has a default is sent with it, so that no one has to change anything.
        needed = direction == "request" and required and "default" not in schema.data
        rule = "answer-field-added"
        if direction == "request":
            rule = "required-request-field-added" if needed else "request-field-added"
        spelled = python_type(self._revision, self._revision_names, schema, direction, argument=subject.method)
        whole = subject.of(name)
        if subject.method:
            gains = f"`{subject.owner}()` {'demands' if needed else 'gains'} `{'.'.join(whole.path)}`"
            python = f"{gains}, `{spelled}`"
        else:
            python = f"`{whole}` is new, `{spelled}`{', and has to be given' if needed else ''}"
        if schema.is_preview:
            python += ", as a preview"
        verb = "have to" if needed else "can"
        wire = f"{sides(direction, subject)} {verb} carry `{name}`, {wire_type(self._revision, schema)}"
        fields = [name, *(f"{name}.{path}" for path in paths(self._revision, schema))]
        self._findings.report(rule, node.pointer, whole, wire=wire, python=python, fields=fields)

    def removed(self, name: str, node: Node, direction: Direction, subject: Subject) -> None:
        """A field that is gone."""
        whole = subject.of(name)
        wire = f"{sides(direction, subject)} {'can ' if direction == 'request' else ''}no longer carry `{name}`"
        if subject.method:
            python = f"`{subject.owner}()` no longer takes `{'.'.join(whole.path)}`"
        else:
            python = f"`{whole}` is no longer there"
        preview = "preview-" if self._base.schema(node).is_preview else ""
        self._findings.report(f"{preview}{direction}-field-removed", node.pointer, whole, wire=wire, python=python)

    def renamed(
        self, name: str, now: str, node: Node, direction: Direction, subject: Subject, *, on_the_wire: bool = True
    ) -> None:
        """A field that has another name; that of a placeholder in a path does not travel."""
        whole = subject.of(now)
        wire = f"`{name}` of {sides(direction, subject)} is now `{now}`" if on_the_wire else ""
        if subject.method:
            python = f"`{subject.owner}()` takes `{now}` in place of `{name}`"
        else:
            python = f"`{subject.of(name)}` is now `{whole}`"
        rule = f"{direction}-field-renamed"
        self._findings.report(rule, node.pointer, whole, wire=wire, python=python, base=name, revision=now)

    def renames(self, gone: dict[str, Node], new: dict[str, Node]) -> dict[str, str]:
        """Renames that are evident: one shape, and names that are alike as no others are.

        Of a preview nobody was promised a name, so that it goes, and what has come is new.
        """
        gone = {name: node for name, node in gone.items() if not self._base.schema(node).is_preview}
        likely = [
            (name, now)
            for name, node in gone.items()
            for now, other in new.items()
            if resemble(name, now) and self._same_shape(self._base.schema(node), self._revision.schema(other))
        ]
        return {
            name: now
            for name, now in likely
            if sum(name == each for each, _ in likely) == 1 == sum(now == each for _, each in likely)
        }

    def _same_shape(self, base: Schema, revision: Schema) -> bool:
        return shape(self._base, base) == shape(self._revision, revision)

    def _class_of(self, schema: Schema, direction: Direction, *, older: bool) -> str:
        names = self._base_names if older else self._revision_names
        if not schema.name or (not schema.names and schema.enum is None):
            return ""
        return schema.name if schema.enum is not None else names.class_of(schema.name, direction)

    def _is_renamed(self, old: str, new: str, base: Schema, revision: Schema) -> bool:
        """Whether a class has another name; if either is in both documents, the place has another class."""
        fresh = new not in self._base_names.classes and old not in self._revision_names.classes
        return fresh and kindred(base, revision)

    def _contents(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        variants = bool(variants_of(base)), bool(variants_of(revision))
        if any(variants):
            self._variants(base, revision, direction, subject)
            if not all(variants):
                return
        if not self.values.types(base, revision, direction, subject):
            return
        self.values.listed(base, revision, direction, subject)
        self.values.writing(base, revision, direction, subject)
        self.values.limits(base, revision, direction, subject)
        self.values.constraints(base, revision, direction, subject)
        both = base.types & revision.types
        if "array" in both:
            self.compare(
                self._base.schema(below(base, "items")),
                self._revision.schema(below(revision, "items")),
                direction,
                replace(subject, entries=True),
            )
        if "object" in both:
            self.fields(base, revision, direction, subject)
            self._more_fields(base, revision, direction, subject)

    def _variants(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Compare the shapes that a value may have."""
        left = [self._base.schema(each) for each in variants_of(base)] or [base]
        newer = [self._revision.schema(each) for each in variants_of(revision)] or [revision]
        gone: list[Schema] = []
        for each in left:
            same = self._same(each, newer)
            if same is None:
                gone.append(each)
            else:
                newer.remove(same)
                self.compare(each, same, direction, subject)
        for older, now in _alike(gone, newer):
            gone.remove(older)
            newer.remove(now)
            self.compare(older, now, direction, subject)
        if self._told_apart_otherwise(base, revision):
            text = f"the shapes of {subject.told} are told apart in another way"
            rule = f"{direction}-discriminator-changed"
            self._findings.report(rule, revision.pointer, subject, wire=text, python=text)
        never = "may no longer be" if direction == "request" else "is never"
        for rule, verb, schemas, document, names in (
            ("removed", never, gone, self._base, self._base_names),
            ("added", "may be", newer, self._revision, self._revision_names),
        ):
            for each in schemas:
                wire = f"{subject.told} {verb} {_outline(each) or wire_type(document, each)}"
                spelled = python_type(document, names, each, direction, argument=subject.method)
                python = wire if spelled == "Any" else f"{subject.told} {verb} `{spelled}`"
                self._findings.report(f"{direction}-variant-{rule}", each.pointer, subject, wire=wire, python=python)

    def _same(self, schema: Schema, among: list[Schema]) -> Schema | None:
        """The variant that is the same one: by its name, or else by its shape."""
        if schema.name:
            for each in among:
                if each.name == schema.name:
                    return each
        return next((each for each in among if self._same_shape(schema, each)), None)

    def _told_apart_otherwise(self, base: Schema, revision: Schema) -> bool:
        """Whether a variant that stayed is told by another value, or by another field."""
        before, after = base.data.get("discriminator", {}), revision.data.get("discriminator", {})
        if before.get("propertyName") != after.get("propertyName"):
            return True
        old, new = (_told_by(each.get("mapping", {})) for each in (before, after))
        return any(old[name] != new[name] for name in old.keys() & new.keys())

    def _more_fields(self, base: Schema, revision: Schema, direction: Direction, subject: Subject) -> None:
        """Compare what an object may hold besides the fields that are named."""
        before, after = base.data.get("additionalProperties", True), revision.data.get("additionalProperties", True)
        before, after = (True if each == {} else each for each in (before, after))
        if isinstance(before, dict) and isinstance(after, dict):
            self.compare(
                self._base.schema(below(base, "additionalProperties")),
                self._revision.schema(below(revision, "additionalProperties")),
                direction,
                subject,
            )
            return
        if before == after:
            return
        holds = "may hold" if direction == "request" else "holds"
        if after is False:
            kind, text = "forbidden", f"{subject.told} {holds} nothing besides its fields"
        elif before is False:
            kind, text = "allowed", f"{subject.told} can hold more than its fields"
        else:
            kind = "changed"
            types = [
                wire_type(document, document.schema(below(schema, "additionalProperties")))
                for document, schema in ((self._revision, revision), (self._base, base))
            ]
            text = f"besides its fields {subject.told} {holds} {types[0]}, and before {types[1]}"
        rule = f"{direction}-additional-fields-{kind}"
        self._findings.report(rule, revision.pointer, subject, wire=text, python=text)


def _one_way(schema: Schema, direction: Direction) -> bool:
    """Whether a field travels in the other direction alone."""
    return schema.data.get("readOnly" if direction == "request" else "writeOnly") is True


def _alike(gone: list[Schema], arrived: list[Schema]) -> list[tuple[Schema, Schema]]:
    """Variants without names that are likely the same one: no other of either side is of their type."""
    pairs: list[tuple[Schema, Schema]] = []
    for each in gone:
        old, new = ([other for other in side if other.types == each.types] for side in (gone, arrived))
        if len(old) == len(new) == 1 and not (each.name or new[0].name):
            pairs.append((each, new[0]))
    return pairs


def _told_by(mapping: dict[str, Any]) -> dict[str, set[str]]:
    """The values by which a variant is told, by its name."""
    found: dict[str, set[str]] = {}
    for value, reference in mapping.items():
        found.setdefault(str(reference).rpartition("/")[2], set()).add(value)
    return found


def _outline(schema: Schema) -> str:
    """An object without a class, in a message."""
    return f"an object of {', '.join(f'`{name}`' for name in schema.names)}" if schema.names else ""
