"""Compares two documents: the operations, the classes behind them, and the notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.spec_diff.document import in_snake_case, mapping, sequence
from tiktok_shop_async.spec_diff.findings import Findings, Subject
from tiktok_shop_async.spec_diff.names import Names
from tiktok_shop_async.spec_diff.operations import Operations
from tiktok_shop_async.spec_diff.schemas import Schemas
from tiktok_shop_async.spec_diff.shapes import kindred
from tiktok_shop_async.spec_diff.webhooks import Webhooks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tiktok_shop_async.spec_diff.change import Change
    from tiktok_shop_async.spec_diff.document import Document, Node, Operation
    from tiktok_shop_async.spec_diff.findings import Levels
    from tiktok_shop_async.spec_diff.names import Direction

__all__ = ["compare", "compare_operations"]


def compare(base: Document, revision: Document, levels: Levels | None = None) -> list[Change]:
    """Tell how a document differs from an older one.

    Args:
        base: The older document.
        revision: The newer one.
        levels: Severities of rules that differ from those of the catalogue, by rule; None switches a rule off.

    Returns:
        The changes, the worst first. Order of files, keys and definitions makes none, nor do descriptions.

    Raises:
        DocumentError: A document refers to something that is not there, or outside of it.
    """
    return _Comparison(base, revision, levels or {}).run()


def compare_operations(document: Document, older: str, newer: str) -> list[Change]:
    """Tell how one operation of a document differs from another, such as a revision from the one that it replaces.

    Args:
        document: The document that has both.
        older: The name of the older one: `orders.get_order_detail_202309`.
        newer: The name of the newer one.

    Raises:
        KeyError: There is no operation of that name.
    """
    names = Names(document)
    return _Comparison(document, document, {}).pair(names.callables[older], names.callables[newer])


class _Comparison:
    def __init__(self, base: Document, revision: Document, levels: Levels) -> None:
        self._base, self._revision = base, revision
        self._names = Names(base), Names(revision)
        self._findings = Findings(levels)
        self._schemas = Schemas((base, self._names[0]), (revision, self._names[1]), self._findings)
        self._operations = Operations(base, revision, self._schemas, self._findings)

    def run(self) -> list[Change]:
        """Everything that differs."""
        before, after = self._names
        moved = self._moved()
        for key, operation in before.operations.items():
            now = after.operations.get(key) or moved.get(key)
            self._findings.begin()
            if now is None:
                self._gone(operation)
            else:
                self._operations.compare(operation, now)
                if now.key != key:
                    self._elsewhere(operation, now)
            last = now or operation
            self._findings.end(last.name, last.endpoint, {*operation.callables, *last.callables})
        arrivals = {each.key for each in moved.values()}
        for key, operation in after.operations.items():
            if key not in before.operations and key not in arrivals:
                self._findings.begin()
                self._arrived(operation)
                self._findings.end(operation.name, operation.endpoint, operation.callables)
        self._callables(moved)
        self._accounts()
        self._servers()
        self._security_schemes()
        Webhooks(self._base, self._revision, self._schemas, self._findings).compare()
        self._classes()
        return self._findings.changes()

    def pair(self, older: Operation, newer: Operation) -> list[Change]:
        """What differs between two operations, whatever they are called."""
        self._findings.begin()
        self._operations.compare(older, newer)
        self._findings.end(newer.name, newer.endpoint, {*older.callables, *newer.callables})
        return self._findings.changes()

    def _moved(self) -> Mapping[tuple[str, str], Operation]:
        """Operations that are gone from their path, and are called the same elsewhere."""
        before, after = self._names
        found: dict[tuple[str, str], Operation] = {}
        for key, operation in before.operations.items():
            if key in after.operations or not operation.id:
                continue
            now = after.callables.get(operation.name)
            if now is not None and now.key not in before.operations:
                found[key] = now
        return found

    def _gone(self, operation: Operation) -> None:
        standing = str(operation.data.get("x-status"))
        kind = f"{standing}-operation" if standing in ("preview", "retired") else "operation"
        # A name that calls something else from now on is told as that.
        lost = [f"`{name}()`" for name in operation.callables if name not in self._names[1].callables]
        successor = operation.data.get("x-successor")
        instead = f"; use `{operation.named(successor)}()`" if successor else ""
        self._findings.report(
            f"{kind}-removed",
            operation.node.pointer,
            operation.called,
            wire=f"{operation.endpoint} is no longer there",
            python=f"{' and '.join(lost)} {'is' if len(lost) == 1 else 'are'} no longer there{instead}" if lost else "",
            names=operation.callables,
        )

    def _arrived(self, operation: Operation) -> None:
        preview = " as a preview" if operation.data.get("x-status") == "preview" else ""
        self._findings.report(
            "operation-added",
            operation.node.pointer,
            operation.called,
            wire=f"{operation.endpoint} is new{preview}",
            python=f"`{operation.called}` is new{preview}" if operation.id else "",
            names=operation.callables,
        )

    def _elsewhere(self, operation: Operation, now: Operation) -> None:
        self._findings.report(
            "operation-moved",
            now.node.pointer,
            now.called,
            wire=f"{operation.endpoint} is now {now.endpoint}",
            python=f"`{now.called}` calls {now.endpoint}, and called {operation.endpoint}",
            names=now.callables,
            base=operation.endpoint,
            revision=now.endpoint,
        )

    def _callables(self, moved: Mapping[tuple[str, str], Operation]) -> None:
        """Compare what can be called by which name."""
        before, after = self._names
        told: set[str] = set()
        for name, operation in before.callables.items():
            now = after.operations.get(operation.key) or moved.get(operation.key)
            called = after.callables.get(name)
            if called is not None and (now is None or called.key != now.key):
                still = f"; `{now.name}()` still calls the one before" if now is not None else ""
                text = f"`{name}()` calls {called.endpoint}, and called {operation.endpoint}"
                paths = operation.path, called.path
                self._name("method-means-another-operation", called, name, f"{text}{still}", *paths)
            elif called is None and now is not None:
                counterpart = dict(zip(operation.callables, now.callables, strict=False)).get(name)
                if counterpart is not None and counterpart not in before.callables:
                    told.add(counterpart)
                    text = f"`{name}()` is now `{counterpart}()`"
                    self._name("method-renamed", now, name, text, name, counterpart)
                else:
                    text = f"`{name}()` is no longer there" + (f"; use `{now.name}()`" if now.id else "")
                    self._name("method-removed", now, name, text, name, None)
        known = {*before.operations, *(each.key for each in moved.values())}
        for name, operation in after.callables.items():
            if name not in before.callables and name not in told and operation.key in known:
                text = f"`{name}()` is a name of {operation.endpoint}, too"
                self._name("method-added", operation, name, text, None, name)

    def _name(
        self, rule: str, operation: Operation, name: str, text: str, base: str | None, revision: str | None
    ) -> None:
        self._findings.begin()
        self._findings.report(
            rule,
            operation.node.pointer,
            f"{name}()",
            python=text,
            names={name, *operation.callables},
            base=base,
            revision=revision,
        )
        self._findings.end(operation.name, operation.endpoint)

    def _accounts(self) -> None:
        """Compare which kinds of accounts have a resource, of those that are in both documents."""
        before, after = (_resources(each) for each in (self._base, self._revision))
        for resource in before.keys() & after.keys():
            (older, was), (newer, is_now) = before[resource], after[resource]
            for kind in was ^ is_now:
                # A shop is a seller's.
                view = f"`client.{'shop' if kind == 'seller' else kind}(…)`"
                change, pointer, text = "added", newer, f"{view} has `{resource}`, too"
                if kind in was:
                    change, pointer, text = "removed", older, f"{view} no longer has `{resource}`"
                for operation in self._names[0].operations.values():
                    if operation.resource == resource:
                        self._findings.begin()
                        self._findings.report(f"account-kind-{change}", pointer, resource, python=text)
                        self._findings.end(operation.name, operation.endpoint, operation.callables)

    def _servers(self) -> None:
        old, new = (
            {each.get("url", "") for each in document.data.get("servers", ())}
            for document in (self._base, self._revision)
        )
        for url in sorted(new - old):
            self._findings.report("server-added", "#/servers", "servers", wire=f"the API is at {url} too")
        for url in sorted(old - new):
            self._findings.report("server-removed", "#/servers", "servers", wire=f"the API is no longer at {url}")

    def _security_schemes(self) -> None:
        """Compare how each proof is carried; which proofs a call needs is told of the operations."""
        old, new = (document.node("components", "securitySchemes") for document in (self._base, self._revision))
        for name in old.data.keys() & new.data.keys():
            before, after = self._base.follow(old.at(name)), self._revision.follow(new.at(name))
            if _but_description(before) != _but_description(after):
                text = f"calls prove `{name}` in another way"
                self._findings.report("security-scheme-changed", after.pointer, name, wire=text)

    def _classes(self) -> None:
        """Compare the classes, by what stands where each of them stood."""
        before, after = (each.classes for each in self._names)
        renamed: set[str] = set()
        stands_for: dict[str, set[str]] = {}
        for name, now in self._schemas.pairs.items():
            for each in now:
                stands_for.setdefault(each, set()).add(name)
        for name, schema in before.items():
            now = self._schemas.pairs.get(name, {})
            others = {each: places for each, places in now.items() if each != name}
            if name not in after:
                fresh = [
                    each
                    for each in others
                    if each not in before and stands_for[each] == {name} and kindred(schema, after[each])
                ]
                if len(now) == 1 and fresh:
                    renamed.add(fresh[0])
                    text = f"`{name}` is now `{fresh[0]}`"
                    self._class("class-renamed", after[fresh[0]].pointer, name, text, fresh[0])
                else:
                    preview = "" if name in self._names[0].released else "preview-"
                    self._class(f"{preview}class-removed", schema.pointer, name, f"`{name}` is no longer there")
                    self._stand_ins(name, others)
                continue
            self._stand_ins(name, others)
            modules = schema.data.get("x-module"), after[name].data.get("x-module")
            if modules[0] != modules[1] and modules[0] is not None:
                text = f"`{name}` stands in `models.{modules[1]}`, and stood in `models.{modules[0]}`"
                self._class("class-moved", after[name].pointer, name, text)
        for name, now in self._schemas.pairs.items():
            # The classes of notifications have no component: they are known by the places that have them.
            fresh = [each for each in now if each != name]
            if name not in before and len(now) == len(fresh) == 1 and fresh[0] not in after:
                self._class("class-renamed", "#/webhooks", name, f"`{name}` is now `{fresh[0]}`", fresh[0])
        for name, schema in after.items():
            if name not in before and name not in renamed:
                self._class("class-added", schema.pointer, name, f"`{name}` is new")

    def _stand_ins(self, name: str, others: Mapping[str, set[tuple[str, Direction]]]) -> None:
        """A class that another one stands for in some places."""
        for other, places in others.items():
            stands = self._names[1].classes[other]
            for place, direction in sorted(places):
                rule = f"{'input' if direction == 'request' else 'answer'}-class-changed"
                text = f"`{place}` is of the class `{other}`, and was of `{name}`"
                if stands.enum is not None:
                    rule = "enum-class-changed"
                    text = f"the values of `{place}` are those of `{other}`, not of `{name}`"
                self._class(rule, stands.pointer, place, text, name, other)

    def _class(self, rule: str, pointer: str, subject: str, text: str, *names: str) -> None:
        self._findings.report(rule, pointer, Subject(subject), python=text, names=names)


def _resources(document: Document) -> Mapping[str, tuple[str, set[str]]]:
    """The resources, each with the place of its tag and the kinds of accounts that have it."""
    used = {operation.resource for operation in document.operations()}
    found: dict[str, tuple[str, set[str]]] = {resource: ("#/tags", {"seller"}) for resource in used}
    tags = document.node("tags")
    for number, tag in enumerate(sequence(tags.value)):
        resource = in_snake_case(mapping(tag).get("name", ""))
        if resource in used and "x-accounts" in mapping(tag):
            found[resource] = (tags.at(number).pointer, set(tag["x-accounts"]))
    return found


def _but_description(node: Node) -> dict[str, Any]:
    return {key: value for key, value in node.data.items() if key != "description"}
