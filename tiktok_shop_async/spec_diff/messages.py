"""Compares what two operations send and answer: bodies, arguments, statuses, headers and data."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tiktok_shop_async.spec_diff.document import PLACES, Node
from tiktok_shop_async.spec_diff.findings import Subject
from tiktok_shop_async.spec_diff.names import body_of, is_envelope, media_of, parameters_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tiktok_shop_async.spec_diff.document import Document, Operation, Schema
    from tiktok_shop_async.spec_diff.findings import Findings
    from tiktok_shop_async.spec_diff.schemas import Schemas

__all__ = ["Messages", "arguments_of"]

_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


@dataclass(frozen=True, slots=True)
class Argument:
    """Something that a request carries under a name, wherever that is."""

    name: str
    place: str
    node: Node
    """Its schema."""
    required: bool
    parameter: Node | None = None


class Messages:
    """Compares requests and answers of an older document with those of a newer one."""

    def __init__(self, base: Document, revision: Document, schemas: Schemas, findings: Findings) -> None:
        self._base = base
        self._revision = revision
        self._schemas = schemas
        self._findings = findings

    def compare(self, base: Operation, revision: Operation) -> None:
        """Tell how the requests and answers of two operations differ."""
        self._bodies(base, revision)
        self._arguments(base, revision)
        self._answers(base, revision)

    def _bodies(self, base: Operation, revision: Operation) -> None:
        old, new = (
            self._base.follow(base.node.at("requestBody")),
            self._revision.follow(revision.node.at("requestBody")),
        )
        name = f"`{revision.called}`"
        was, now = (each.data.get("required") is True for each in (old, new))
        if was != now and (now or new.data):
            verb = "need a body" if now else "need no body"
            became = "required" if now else "optional"
            self._say(f"request-body-became-{became}", new.pointer, revision, f"requests of {name} {verb}")
        before, after = media_of(self._base, old), media_of(self._revision, new)
        bodies = (self._base, body_of(self._base, base)), (self._revision, body_of(self._revision, revision))
        sent = [document.schema(body).pointer for document, body in bodies if body is not None]
        for media in sorted(before.keys() & after.keys()):
            older, newer = self._base.schema(before[media]), self._revision.schema(after[media])
            # How the body differs that callers of this package send, its arguments tell.
            if [older.pointer, newer.pointer] != sent:
                self._schemas.compare(older, newer, "request", Subject(f"{revision.called} {media}", hidden=True))
        if before and after:
            for media in sorted(after.keys() - before.keys()):
                text = f"bodies of {name} can be sent as `{media}`"
                self._say("request-media-type-added", after[media].pointer, revision, text)
            for media in sorted(before.keys() - after.keys()):
                text = f"bodies of {name} can no longer be sent as `{media}`"
                self._say("request-media-type-removed", before[media].pointer, revision, text)

    def _arguments(self, base: Operation, revision: Operation) -> None:
        subject = Subject(revision.name, method=True, hidden=not revision.id)
        old, new = arguments_of(self._base, base), arguments_of(self._revision, revision)
        placeholders = _placeholders(base, revision)
        names = {each.name for each in old.values()}, {each.name for each in new.values()}
        gone: dict[str, Argument] = {}
        arrived = {key: argument for key, argument in new.items() if key not in old}
        for (place, name), argument in old.items():
            now_called = placeholders.get(name, name) if place == "path" else name
            now = new.get((place, now_called))
            if now is None:
                now = next((each for each in arrived.values() if each.name == name), None)
                if now is None:
                    gone[name] = argument
                    continue
                self._moved(argument, now, subject)
            arrived.pop((now.place, now.name), None)
            if now.name != name:
                # The name of a placeholder is not sent, and yet is the name of the argument.
                self._schemas.renamed(name, now.name, now.node, "request", subject, on_the_wire=False)
            self._argument(argument, now, subject)
        fresh = {each.name: each for each in arrived.values()}
        renamed = self._schemas.renames(
            {name: each.node for name, each in gone.items() if name not in names[1]},
            {name: each.node for name, each in fresh.items() if name not in names[0]},
        )
        for name, argument in gone.items():
            if name in renamed:
                now = fresh.pop(renamed[name])
                self._schemas.renamed(name, now.name, now.node, "request", subject)
                self._argument(argument, now, subject)
            else:
                # An argument that stands in two places is one to callers.
                seen = replace(subject, hidden=name in names[1])
                self._schemas.removed(name, argument.node, "request", seen)
        for name, argument in fresh.items():
            seen = replace(subject, hidden=name in names[0])
            self._schemas.added(name, argument.node, argument.required, "request", seen)
        bodies = body_of(self._base, base), body_of(self._revision, revision)
        if bodies[0] is not None and bodies[1] is not None:
            older, newer = self._base.schema(bodies[0]), self._revision.schema(bodies[1])
            if older.names and newer.names:
                self._schemas.around(older, newer, "request", subject)

    def _moved(self, base: Argument, revision: Argument, subject: Subject) -> None:
        places = [f"in the {each.place}" for each in (revision, base)]
        self._findings.report(
            "parameter-moved",
            revision.node.pointer,
            subject.of(revision.name),
            wire=f"`{revision.name}` travels {places[0]}, and travelled {places[1]}",
            base=base.place,
            revision=revision.place,
        )

    def _argument(self, base: Argument, revision: Argument, subject: Subject) -> None:
        required = (base.required, revision.required)
        self._schemas.field(base.node, revision.node, required, "request", subject.of(revision.name))
        styles = [_style(each) for each in (base, revision)]
        if base.place == revision.place and styles[0] != styles[1]:
            text = f"`{revision.name}` is written {_in_words(*styles[1])}, and was written {_in_words(*styles[0])}"
            self._findings.report(
                "parameter-style-changed", revision.node.pointer, subject.of(revision.name), wire=text
            )
        old, new = (
            (each.parameter.data if each.parameter else {}).get("deprecated") is True for each in (base, revision)
        )
        if old != new:
            self._schemas.values.deprecation(new, revision.node.pointer, "request", subject.of(revision.name))

    def _answers(self, base: Operation, revision: Operation) -> None:
        old, new = base.node.at("responses"), revision.node.at("responses")
        name = f"`{revision.called}`"
        for status in sorted(_keys(new) - _keys(old)):
            self._say("answer-status-added", new.at(status).pointer, revision, f"{name} can answer {_status(status)}")
        for status in sorted(_keys(old) - _keys(new)):
            kind = "success" if status.startswith("2") else "error"
            text = f"{name} no longer answers {_status(status)}"
            self._say(f"answer-{kind}-status-removed", old.at(status).pointer, revision, text)
        for status in sorted(_keys(old) & _keys(new)):
            self._answer(self._base.follow(old.at(status)), self._revision.follow(new.at(status)), status, revision)

    def _answer(self, old: Node, new: Node, status: str, revision: Operation) -> None:
        name = f"`{revision.called}`"
        headers = [{header.lower(): header for header in _keys(each.at("headers"))} for each in (old, new)]
        for header in sorted(headers[1].keys() - headers[0].keys()):
            text = f"answers of {name} carry the header `{headers[1][header]}`"
            self._say("answer-header-added", new.pointer, revision, text)
        for header in sorted(headers[0].keys() - headers[1].keys()):
            text = f"answers of {name} no longer carry the header `{headers[0][header]}`"
            self._say("answer-header-removed", old.pointer, revision, text)
        for header in sorted(headers[0].keys() & headers[1].keys()):
            was = self._base.follow(old.at("headers").at(headers[0][header]))
            now = self._revision.follow(new.at("headers").at(headers[1][header]))
            required = was.data.get("required") is True, now.data.get("required") is True
            subject = Subject(revision.called, (headers[1][header],), hidden=True)
            self._schemas.field(was.at("schema"), now.at("schema"), required, "answer", subject)
        before, after = media_of(self._base, old), media_of(self._revision, new)
        succeeded = status.startswith("2")
        if succeeded and bool(before) != bool(after):
            self._data(revision, new.pointer, gained=bool(after))
            return
        for media in sorted(after.keys() - before.keys()):
            text = f"{name} can answer in `{media}`"
            self._say("answer-media-type-added", after[media].pointer, revision, text)
        for media in sorted(before.keys() - after.keys()):
            text = f"{name} no longer answers in `{media}`"
            self._say("answer-media-type-removed", before[media].pointer, revision, text)
        for media in sorted(before.keys() & after.keys()):
            older, newer = self._base.schema(before[media]), self._revision.schema(after[media])
            whole = Subject(revision.called) if succeeded else Subject(f"{revision.called} {status}", hidden=True)
            wrapped = is_envelope(older), is_envelope(newer)
            if wrapped[0] != wrapped[1]:
                text = f"answers of {name} {'have' if wrapped[1] else 'no longer have'} an envelope"
                self._say("answer-envelope-changed", newer.pointer, revision, text, python=text)
            if any(wrapped):
                self._envelopes(older, newer, revision, whole)
            else:
                self._schemas.compare(older, newer, "answer", whole)

    def _envelopes(self, older: Schema, newer: Schema, revision: Operation, subject: Subject) -> None:
        """Callers see of an envelope what is in its `data`."""
        before, after = _unwrapped(self._base, older), _unwrapped(self._revision, newer)
        if before is not None and after is not None:
            self._schemas.compare(before, after, "answer", subject)
        elif before is not None or after is not None:
            self._data(revision, newer.pointer, gained=after is not None)
        if is_envelope(older) and is_envelope(newer):
            self._schemas.fields(_wrapping(older), _wrapping(newer), "answer", Subject("envelope", hidden=True))

    def _data(self, revision: Operation, pointer: str, *, gained: bool) -> None:
        text = f"answers of `{revision.called}` {'carry data' if gained else 'no longer carry data'}"
        self._say(f"answer-data-{'added' if gained else 'removed'}", pointer, revision, text, python=text)

    def _say(self, rule: str, pointer: str, revision: Operation, text: str, *, python: str = "") -> None:
        """Note what callers of this package do not notice, unless it is said for Python."""
        python = python if revision.id else ""
        self._findings.report(rule, pointer, revision.called, wire=text, python=python, names=revision.callables)


def arguments_of(document: Document, operation: Operation) -> Mapping[tuple[str, str], Argument]:
    """Everything that a request carries, by place and name."""
    found: dict[tuple[str, str], Argument] = {}
    for node in parameters_of(document, operation):
        place, name = str(node.data.get("in", "")), str(node.data.get("name", ""))
        if place in PLACES:
            shape = node.at("schema")
            if not shape.data and media_of(document, node):
                shape = next(iter(media_of(document, node).values()))
            required = node.data.get("required") is True
            found[(place, name)] = Argument(name, place, shape, required, node)
    body = body_of(document, operation)
    if body is None:
        return found
    schema = document.schema(body)
    if not schema.names:
        if schema.data:
            needed = document.follow(operation.node.at("requestBody")).data.get("required") is True
            found[("body", "body")] = Argument("body", "body", body, needed)
        return found
    for name in schema.names:
        node = document.property(schema, name)
        if document.schema(node).data.get("readOnly") is not True:
            found[("body", name)] = Argument(name, "body", node, name in schema.required)
    return found


def _placeholders(base: Operation, revision: Operation) -> Mapping[str, str]:
    """The names in the path that changed: what stands in one place is one argument."""
    old, new = (re.findall(r"\{([^}]*)\}", each.path) for each in (base, revision))
    return {before: after for before, after in zip(old, new, strict=False) if before != after}


def _style(argument: Argument) -> tuple[str, bool]:
    data = argument.parameter.data if argument.parameter else {}
    style = data.get("style", _STYLES.get(argument.place, ""))
    return style, data.get("explode", style == "form")


def _unwrapped(document: Document, schema: Schema) -> Schema | None:
    """What an answer has to say."""
    if not is_envelope(schema):
        return schema
    return document.schema(document.property(schema, "data")) if "data" in schema.names else None


def _wrapping(envelope: Schema) -> Schema:
    """An envelope without its `data`."""
    properties = {name: value for name, value in envelope.data["properties"].items() if name != "data"}
    return replace(envelope, data={**envelope.data, "properties": properties})


def _status(status: str) -> str:
    return "any other status" if status == "default" else status


def _keys(node: Node) -> set[str]:
    return {str(key) for key in node.data}


def _in_words(style: str, explode: bool) -> str:
    return f"in the style `{style}` with{'' if explode else 'out'} `explode`"
