"""Compares two operations: what they demand, what they take, what they answer, and how they may be called."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.spec_diff.document import PLACES, Node
from tiktok_shop_async.spec_diff.findings import Subject
from tiktok_shop_async.spec_diff.names import body_of, is_envelope, media_of, parameters_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tiktok_shop_async.spec_diff.document import Document, Json, Operation, Schema
    from tiktok_shop_async.spec_diff.findings import Findings
    from tiktok_shop_async.spec_diff.schemas import Schemas

__all__ = ["Operations"]

_STANDING = ("preview", "stable", "deprecated", "retired")
_CIPHERS = ("shop_cipher", "category_asset_cipher")
_SAFETIES = ("unsafe", "idempotent", "read")
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


@dataclass(frozen=True, slots=True)
class _Argument:
    """Something that a request carries under a name, wherever that is."""

    name: str
    place: str
    node: Node
    """Its schema."""
    required: bool
    parameter: Node | None = None


class Operations:
    """Compares operations of an older document with those of a newer one."""

    def __init__(self, base: Document, revision: Document, schemas: Schemas, findings: Findings) -> None:
        self._base = base
        self._revision = revision
        self._schemas = schemas
        self._findings = findings

    def compare(self, base: Operation, revision: Operation) -> None:
        """Tell how two operations differ."""
        self._standing(base, revision)
        self._access(base, revision)
        self._repeating(base, revision)
        self._paging(base, revision)
        self._windows(base, revision)
        self._failures(base, revision)
        self._markets(base, revision)
        self._bodies(base, revision)
        self._arguments(base, revision)
        self._answers(base, revision)

    def _say(
        self, rule: str, revision: Operation, text: str, *, python: str = "", base: Any = None, now: Any = None
    ) -> None:
        self._findings.report(
            rule,
            revision.node.pointer,
            f"{revision.name}()" if revision.id else revision.name,
            wire=text,
            python=python or text,
            names=revision.callables,
            base=base,
            revision=now,
        )

    def _standing(self, base: Operation, revision: Operation) -> None:
        before, after = _standing(base), _standing(revision)
        name = _called(revision)
        if before != after:
            successor = revision.data.get("x-successor")
            instead = f"; use `{revision.named(successor)}()`" if successor else ""
            if after == "deprecated":
                self._say("operation-deprecated", revision, f"{name} is deprecated{instead}")
            elif after == "retired":
                self._say("operation-retired", revision, f"{name} is refused by the API{instead}")
            elif after == "preview":
                self._say("operation-became-preview", revision, f"{name} is a preview, and may still change")
            elif before == "preview":
                self._say("operation-left-preview", revision, f"{name} is no longer a preview")
            else:
                self._say("operation-reinstated", revision, f"{name} is no longer {before}")
        successors = base.data.get("x-successor"), revision.data.get("x-successor")
        if successors[0] != successors[1] and before == after:
            text = f"the successor of {name} is {_quoted(successors[1])}, and was {_quoted(successors[0])}"
            self._say("operation-successor-changed", revision, text, base=successors[0], now=successors[1])

    def _access(self, base: Operation, revision: Operation) -> None:
        name = _called(revision)
        before, after = base.data.get("x-token", "seller"), revision.data.get("x-token", "seller")
        if before != after:
            text = f"{name} takes the token of a {after}, and took that of a {before}"
            self._say("token-kind-changed", revision, text, base=before, now=after)
        old, new = _texts(base.data.get("x-scopes")), _texts(revision.data.get("x-scopes"))
        # Which scopes an operation needs is not always known: to learn it is no change.
        rules = ("scopes-required", "scopes-no-longer-required") if old else ("scopes-documented",) * 2
        if more := sorted(new - old):
            self._say(rules[0], revision, f"{name} needs the scope {_quoted(*more)}", now=more)
        if fewer := sorted(old - new):
            self._say(rules[1], revision, f"{name} no longer needs the scope {_quoted(*fewer)}", base=fewer)
        needs = base.data.get("x-identifiers", {}), revision.data.get("x-identifiers", {})
        for cipher in _CIPHERS:
            was, now = needs[0].get(cipher), needs[1].get(cipher)
            if was == now:
                continue
            rule, text = {
                "required": ("identifier-required", f"{name} needs a `{cipher}`"),
                "optional": ("identifier-added", f"{name} can be told a `{cipher}`"),
                None: ("identifier-removed", f"{name} takes no `{cipher}` any more"),
            }[now]
            if was == "required" and now == "optional":
                rule, text = "identifier-became-optional", f"{name} no longer needs a `{cipher}`"
            self._say(rule, revision, text, base=was, now=now)
        proofs = [
            {json.dumps(each, sort_keys=True) for each in _security(document, operation)}
            for document, operation in ((self._base, base), (self._revision, revision))
        ]
        if proofs[0] != proofs[1]:
            # The entries are alternatives: one more of them takes nothing away, but the first one does.
            stricter = not proofs[0] or not proofs[1] > proofs[0]
            rule = "security-added" if proofs[1] and stricter else "security-removed"
            self._say(rule, revision, f"what {name} has to prove is {'more' if rule.endswith('added') else 'less'}")

    def _repeating(self, base: Operation, revision: Operation) -> None:
        name = _called(revision)
        before, after = base.data.get("x-safety"), revision.data.get("x-safety")
        if before in _SAFETIES and after in _SAFETIES and before != after:
            weaker = _SAFETIES.index(after) < _SAFETIES.index(before)
            text = (
                f"{name} counts as `{after}`, and counted as `{before}`: it is retried {'less' if weaker else 'more'}"
            )
            self._say(f"safety-{'weakened' if weaker else 'strengthened'}", revision, text, base=before, now=after)
        old, new = base.data.get("x-idempotency-key"), revision.data.get("x-idempotency-key")
        if old != new:
            rule = f"idempotency-key-{'added' if old is None else 'removed' if new is None else 'changed'}"
            text = f"the key that makes repeating {name} harmless is {_quoted(new)}, and was {_quoted(old)}"
            self._say(rule, revision, text, base=old, now=new)

    def _paging(self, base: Operation, revision: Operation) -> None:
        before, after = _paging(base), _paging(revision)
        name = _called(revision)
        if not before or not after:
            if after:
                text = f"{name} returns a pager, and returned the answer itself"
                self._say("pagination-added", revision, f"the answer of {name} is a page", python=text)
            elif before:
                text = f"{name} returns the answer itself, and returned a pager"
                self._say("pagination-removed", revision, f"the answer of {name} has no pages", python=text)
            return
        for key, rule, what in (
            ("items", "rows", "the rows of"),
            ("key", "key", "the field that identifies the rows of"),
            ("style", "style", "the way that pages follow each other in"),
            ("total", "total", "the number of all rows of"),
        ):
            if before.get(key) != after.get(key):
                text = f"{what} {name} is {_quoted(after.get(key))}, and was {_quoted(before.get(key))}"
                self._say(f"pagination-{rule}-changed", revision, text, base=before.get(key), now=after.get(key))
        places = [{key: each.get(key) for key in ("token", "next-token", "page-number")} for each in (before, after)]
        if places[0] != places[1] and before.get("style") == after.get("style"):
            text = f"the position in the pages of {name} travels in another place"
            self._say("pagination-position-changed", revision, text, base=places[0], now=places[1])

    def _windows(self, base: Operation, revision: Operation) -> None:
        before, after = base.data.get("x-window", {}), revision.data.get("x-window", {})
        name = _called(revision)
        for time in sorted(before.keys() | after.keys()):
            if time not in before:
                self._say("window-added", revision, f"{name} can be cut by `{time}`")
            elif time not in after:
                self._say("window-removed", revision, f"{name} can no longer be cut by `{time}`")
            elif before[time] != after[time]:
                text = f"the ends of `{time}` in {name} mean something else"
                self._say("window-changed", revision, text, base=before[time], now=after[time])

    def _failures(self, base: Operation, revision: Operation) -> None:
        name = _called(revision)
        before, after = base.data.get("x-partial-errors"), revision.data.get("x-partial-errors")
        if before != after:
            if before is None:
                text = f"{name} raises `PartialFailureError` where an answer of success lists failed items"
                self._say("partial-errors-added", revision, text, now=after)
            elif after is None:
                self._say("partial-errors-removed", revision, f"{name} lists no failed items any more", base=before)
            else:
                text = f"{name} lists failed items in another place"
                self._say("partial-errors-changed", revision, text, base=before, now=after)
        old, new = (set(each.data.get("x-error-codes", ())) for each in (base, revision))
        for code in sorted(new - old):
            self._say("error-code-added", revision, f"{name} can fail with the code {code}", now=code)
        for code in sorted(old - new):
            text = f"the code {code} is no longer documented for {name}"
            self._say("error-code-removed", revision, text, base=code)

    def _markets(self, base: Operation, revision: Operation) -> None:
        before, after = base.data.get("x-markets", "all"), revision.data.get("x-markets", "all")
        if before == after:
            return
        old, new = _markets(before), _markets(after)
        rule = "changed"
        if new == "all" or (old != "all" and old < new):
            rule = "widened"
        elif old == "all" or new < old:
            rule = "narrowed"
        text = f"{_called(revision)} serves {_spoken(after)}, and served {_spoken(before)}"
        self._say(f"markets-{rule}", revision, text, base=before, now=after)

    def _bodies(self, base: Operation, revision: Operation) -> None:
        old, new = (
            self._base.follow(base.node.at("requestBody")),
            self._revision.follow(revision.node.at("requestBody")),
        )
        name = _called(revision)
        was, now = (each.data.get("required") is True for each in (old, new))
        if was != now and (now or new.data):
            verb = "need a body" if now else "need no body"
            became = "required" if now else "optional"
            self._wire(f"request-body-became-{became}", new.pointer, revision, f"requests of {name} {verb}")
        before, after = media_of(self._base, old), media_of(self._revision, new)
        if before and after:
            for media in after.keys() - before.keys():
                text = f"bodies of {name} can be sent as `{media}`"
                self._wire("request-media-type-added", after[media].pointer, revision, text)
            for media in before.keys() - after.keys():
                text = f"bodies of {name} can no longer be sent as `{media}`"
                self._wire("request-media-type-removed", before[media].pointer, revision, text)

    def _arguments(self, base: Operation, revision: Operation) -> None:
        subject = Subject(revision.name, method=True)
        old, new = self._taken(self._base, base), self._taken(self._revision, revision)
        renamed = _placeholders(base, revision)
        gone: dict[str, _Argument] = {}
        for argument in old.values():
            name = renamed.get(argument.name, argument.name) if argument.place == "path" else argument.name
            now = new.get((argument.place, name))
            if now is None:
                elsewhere = [each for each in new.values() if each.name == name and (each.place, name) not in old]
                if elsewhere:
                    text = f"`{name}` travels in the {elsewhere[0].place}, and did in the {argument.place}"
                    self._findings.report(
                        "parameter-moved",
                        elsewhere[0].node.pointer,
                        subject.of(name),
                        wire=text,
                        base=argument.place,
                        revision=elsewhere[0].place,
                    )
                    self._argument(argument, elsewhere[0], subject)
                else:
                    gone[argument.name] = argument
                continue
            if now.name != argument.name:
                self._schemas.renamed(argument.name, now.name, now.node, "request", subject)
            self._argument(argument, now, subject)
        names = {each.name for each in old.values()}
        arrived = {
            each.name: each for each in new.values() if each.name not in names and each.name not in renamed.values()
        }
        for argument in gone.values():
            likely = [
                each
                for each in arrived.values()
                if self._schemas.is_renamed(argument.name, argument.node, each.name, each.node)
            ]
            if len(likely) == 1 and argument.name not in {each.name for each in new.values()}:
                del arrived[likely[0].name]
                self._schemas.renamed(argument.name, likely[0].name, likely[0].node, "request", subject)
            else:
                self._schemas.removed(argument.name, argument.node.pointer, "request", subject)
        for argument in arrived.values():
            self._schemas.added(argument.name, argument.node, argument.required, "request", subject)

    def _argument(self, base: _Argument, revision: _Argument, subject: Subject) -> None:
        required = (base.required, revision.required)
        self._schemas.field(base.node, revision.node, required, "request", subject.of(revision.name))
        styles = [_style(each) for each in (base, revision)]
        if base.place == revision.place and styles[0] != styles[1]:
            text = f"`{revision.name}` is written in the style `{styles[1][0]}`, and was in `{styles[0][0]}`"
            self._findings.report(
                "parameter-style-changed", revision.node.pointer, subject.of(revision.name), wire=text
            )
        old, new = (
            (each.parameter.data if each.parameter else {}).get("deprecated") is True for each in (base, revision)
        )
        if old != new:
            text = f"`{subject.of(revision.name)}` is {'deprecated' if new else 'no longer deprecated'}"
            rule = f"request-field-{'deprecated' if new else 'reinstated'}"
            self._findings.report(rule, revision.node.pointer, subject.of(revision.name), wire=text, python=text)

    def _taken(self, document: Document, operation: Operation) -> Mapping[tuple[str, str], _Argument]:
        """Everything that a request carries, by place and name."""
        found: dict[tuple[str, str], _Argument] = {}
        for node in parameters_of(document, operation):
            place, name = str(node.data.get("in", "")), str(node.data.get("name", ""))
            if place in PLACES:
                shape = node.at("schema")
                if not shape.data and media_of(document, node):
                    shape = next(iter(media_of(document, node).values()))
                required = node.data.get("required") is True
                found[(place, name)] = _Argument(name, place, shape, required, node)
        body = body_of(document, operation)
        if body is None:
            return found
        schema = document.schema(body)
        if not schema.names:
            if schema.data:
                needed = document.follow(operation.node.at("requestBody")).data.get("required") is True
                found[("body", "body")] = _Argument("body", "body", body, needed)
            return found
        for name in schema.names:
            node = document.property(schema, name)
            if document.schema(node).data.get("readOnly") is not True:
                found[("body", name)] = _Argument(name, "body", node, name in schema.required)
        return found

    def _answers(self, base: Operation, revision: Operation) -> None:
        old, new = base.node.at("responses"), revision.node.at("responses")
        name = _called(revision)
        for status in _keys(new) - _keys(old):
            self._wire("answer-status-added", new.at(status).pointer, revision, f"{name} can answer {status}")
        for status in _keys(old) - _keys(new):
            kind = "success" if status.startswith("2") else "error"
            text = f"{name} no longer answers {status}"
            self._wire(f"answer-{kind}-status-removed", old.at(status).pointer, revision, text)
        for status in sorted(_keys(old) & _keys(new)):
            self._answer(self._base.follow(old.at(status)), self._revision.follow(new.at(status)), status, revision)

    def _answer(self, old: Node, new: Node, status: str, revision: Operation) -> None:
        name = _called(revision)
        headers = [_keys(each.at("headers")) for each in (old, new)]
        for header in sorted(headers[1] - headers[0]):
            self._wire("answer-header-added", new.pointer, revision, f"answers of {name} carry the header `{header}`")
        for header in sorted(headers[0] - headers[1]):
            text = f"answers of {name} no longer carry the header `{header}`"
            self._wire("answer-header-removed", old.pointer, revision, text)
        before, after = media_of(self._base, old), media_of(self._revision, new)
        subject = f"{revision.name}()"
        if bool(before) != bool(after):
            self._data(revision, new.pointer, gained=bool(after))
            return
        for media in after.keys() - before.keys():
            text = f"{name} can answer in `{media}`"
            self._wire("answer-media-type-added", after[media].pointer, revision, text)
        for media in before.keys() - after.keys():
            text = f"{name} no longer answers in `{media}`"
            self._wire("answer-media-type-removed", before[media].pointer, revision, text)
        for media in sorted(before.keys() & after.keys()):
            older, newer = self._base.schema(before[media]), self._revision.schema(after[media])
            whole = Subject(subject if status.startswith("2") else f"{subject} answer {status}")
            if is_envelope(older) and is_envelope(newer):
                self._envelopes(older, newer, revision, whole)
            else:
                self._schemas.compare(older, newer, "answer", whole)

    def _envelopes(self, older: Schema, newer: Schema, revision: Operation, subject: Subject) -> None:
        """Callers see of an envelope what is in its `data`."""
        both = "data" in older.names and "data" in newer.names
        if both:
            self._schemas.compare(
                self._base.schema(self._base.property(older, "data")),
                self._revision.schema(self._revision.property(newer, "data")),
                "answer",
                subject,
            )
        elif "data" in newer.names or "data" in older.names:
            self._data(revision, newer.pointer, gained="data" in newer.names)

    def _data(self, revision: Operation, pointer: str, *, gained: bool) -> None:
        text = f"answers of {_called(revision)} {'carry data' if gained else 'no longer carry data'}"
        rule = f"answer-data-{'added' if gained else 'removed'}"
        self._findings.report(rule, pointer, f"{revision.name}()", wire=text, python=text, names=revision.callables)

    def _wire(self, rule: str, pointer: str, revision: Operation, text: str) -> None:
        """What callers of this package do not notice."""
        self._findings.report(rule, pointer, f"{revision.name}()", wire=text, names=revision.callables)


def _called(operation: Operation) -> str:
    return f"`{operation.name}()`" if operation.id else f"`{operation.name}`"


def _standing(operation: Operation) -> str:
    status = operation.data.get("x-status")
    if status in _STANDING:
        return str(status)
    return "deprecated" if operation.data.get("deprecated") is True else "stable"


def _paging(operation: Operation) -> Mapping[str, Any]:
    """How a list is paged; a list without a way to the next page is none."""
    paging: Mapping[str, Any] = operation.data.get("x-pagination", {})
    return {} if paging.get("style") == "none" else paging


def _security(document: Document, operation: Operation) -> list[Any]:
    given: list[Any] = (operation.data if "security" in operation.data else document.data).get("security") or []
    return [] if {} in given else given


def _placeholders(base: Operation, revision: Operation) -> Mapping[str, str]:
    """The names in the path that changed: what stands in one place is one argument."""
    old, new = (re.findall(r"\{([^}]*)\}", each.path) for each in (base, revision))
    return {before: after for before, after in zip(old, new, strict=False) if before != after}


def _style(argument: _Argument) -> tuple[str, bool]:
    data = argument.parameter.data if argument.parameter else {}
    style = data.get("style", _STYLES.get(argument.place, ""))
    return style, data.get("explode", style == "form")


def _markets(value: Any) -> Any:
    """Pairs of seller and market that are served, where that can be said."""
    if value == "all":
        return "all"
    entries: list[Json] = value
    return {
        (seller, market)
        for entry in entries
        for seller in entry["sellers"]
        for market in (["all"] if entry["markets"] == "all" else entry["markets"])
    }


def _keys(node: Node) -> set[str]:
    return {str(key) for key in node.data}


def _texts(value: Any) -> set[str]:
    return set(value or ())


def _quoted(*values: Any) -> str:
    return ", ".join("none" if value is None else f"`{value}`" for value in values)


def _spoken(value: Any) -> str:
    if value == "all":
        return "all markets"
    return "; ".join(
        f"{'all' if each['markets'] == 'all' else ', '.join(each['markets'])} ({', '.join(each['sellers'])})"
        for each in value
    )
