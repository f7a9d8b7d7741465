"""Compares two documents: the operations, the classes behind them, and the notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tiktok_shop_async.spec_diff.findings import Findings, Subject
from tiktok_shop_async.spec_diff.names import Names
from tiktok_shop_async.spec_diff.operations import Operations
from tiktok_shop_async.spec_diff.schemas import Schemas
from tiktok_shop_async.spec_diff.webhooks import Webhooks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tiktok_shop_async.spec_diff.change import Change
    from tiktok_shop_async.spec_diff.document import Document, Operation
    from tiktok_shop_async.spec_diff.findings import Levels

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
            self._findings.end((now or operation).name)
        arrivals = {each.key for each in moved.values()}
        for key, operation in after.operations.items():
            if key not in before.operations and key not in arrivals:
                self._findings.begin()
                self._arrived(operation)
                self._findings.end(operation.name)
        self._callables(moved)
        self._servers()
        Webhooks(self._base, self._revision, self._schemas, self._findings).compare()
        self._classes()
        return self._findings.changes()

    def pair(self, older: Operation, newer: Operation) -> list[Change]:
        """What differs between two operations, whatever they are called."""
        self._findings.begin()
        self._operations.compare(older, newer)
        self._findings.end(newer.name)
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
        retired = operation.data.get("x-status") == "retired"
        text = f"{_called(operation)} is no longer there"
        successor = operation.data.get("x-successor")
        python = f"{text}; use `{operation.named(successor)}()`" if successor else text
        self._findings.report(
            "retired-operation-removed" if retired else "operation-removed",
            operation.node.pointer,
            _subject(operation),
            wire=f"{operation.method} {operation.path} is no longer there",
            python=python,
            names=operation.callables,
        )

    def _arrived(self, operation: Operation) -> None:
        preview = " as a preview" if operation.data.get("x-status") == "preview" else ""
        self._findings.report(
            "operation-added",
            operation.node.pointer,
            _subject(operation),
            wire=f"{operation.method} {operation.path} is new{preview}",
            python=f"{_called(operation)} is new{preview}",
            names=operation.callables,
        )

    def _elsewhere(self, operation: Operation, now: Operation) -> None:
        self._findings.report(
            "operation-moved",
            now.node.pointer,
            _subject(now),
            wire=f"{operation.method} {operation.path} is now {now.method} {now.path}",
            python=f"{_called(now)} calls {now.method} {now.path}, and called {operation.method} {operation.path}",
            names=now.callables,
            base=f"{operation.method} {operation.path}",
            revision=f"{now.method} {now.path}",
        )

    def _callables(self, moved: Mapping[tuple[str, str], Operation]) -> None:
        """Compare what can be called by which name."""
        before, after = self._names
        for name, operation in before.callables.items():
            now = after.operations.get(operation.key) or moved.get(operation.key)
            called = after.callables.get(name)
            if now is None and (called is None or name == operation.name):
                continue  # told as the operation that is gone
            if called is not None and (now is None or called.key != now.key):
                still = f"; `{now.name}()` still calls the one before" if now is not None else ""
                text = f"`{name}()` calls {called.method} {called.path}, and called {operation.method} {operation.path}"
                self._name(
                    "method-means-another-operation",
                    called,
                    name,
                    f"{text}{still}",
                    operation.path,
                    called.path,
                )
            elif called is None and now is not None:
                fresh = [each for each in now.callables if each not in before.callables]
                if fresh and name == operation.name:
                    self._name("method-renamed", now, name, f"`{name}()` is now `{fresh[0]}()`", name, fresh[0])
                else:
                    text = f"`{name}()` is no longer there" + (f"; use `{now.name}()`" if now.id else "")
                    self._name("method-removed", now, name, text, name, None)
        for name, operation in after.callables.items():
            older = before.operations.get(operation.key)
            if name in before.callables or older is None:
                continue
            if any(each not in after.callables for each in older.callables if each == older.name):
                continue  # told as a rename
            self._name(
                "method-added", operation, name, f"`{name}()` is another name of {_called(operation)}", None, name
            )

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
        self._findings.end(operation.name)

    def _servers(self) -> None:
        old, new = (
            {each.get("url", "") for each in document.data.get("servers", ())}
            for document in (self._base, self._revision)
        )
        for url in sorted(new - old):
            self._findings.report("server-added", "#/servers", "servers", wire=f"the API is at {url} too")
        for url in sorted(old - new):
            self._findings.report("server-removed", "#/servers", "servers", wire=f"the API is no longer at {url}")

    def _classes(self) -> None:
        """Compare the classes, by what stands where each of them stood."""
        before, after = (each.classes for each in self._names)
        renamed: set[str] = set()
        for name, schema in before.items():
            now = self._schemas.pairs.get(name, {})
            others = {each: places for each, places in now.items() if each != name}
            if name not in after:
                fresh = [each for each in others if each not in before]
                if len(now) == 1 and fresh:
                    renamed.add(fresh[0])
                    text = f"`{name}` is now `{fresh[0]}`"
                    self._class("class-renamed", after[fresh[0]].pointer, name, text, fresh[0])
                else:
                    self._class("class-removed", schema.pointer, name, f"`{name}` is no longer there")
                    self._stand_ins(name, others)
                continue
            self._stand_ins(name, others)
            modules = schema.data.get("x-module"), after[name].data.get("x-module")
            if modules[0] != modules[1] and modules[0] is not None:
                text = f"`{name}` stands in `models.{modules[1]}`, and stood in `models.{modules[0]}`"
                self._class("class-moved", after[name].pointer, name, text)
        for name, schema in after.items():
            if name not in before and name not in renamed:
                self._class("class-added", schema.pointer, name, f"`{name}` is new")

    def _stand_ins(self, name: str, others: Mapping[str, set[str]]) -> None:
        for other, places in others.items():
            inputs = self._names[1].classes.get(other)
            for place in sorted(places):
                rule = (
                    "input-class-changed"
                    if "(" in place or place.split(".")[0].endswith("Input")
                    else "answer-class-changed"
                )
                text = f"`{place}` is of the class `{other}`, and was of `{name}`"
                self._class(rule, inputs.pointer if inputs else "#", place, text, name, other)

    def _class(self, rule: str, pointer: str, subject: str, text: str, *names: str) -> None:
        self._findings.report(rule, pointer, Subject(subject), python=text, names=names)


def _called(operation: Operation) -> str:
    return f"`{operation.name}()`" if operation.id else f"`{operation.name}`"


def _subject(operation: Operation) -> str:
    return f"{operation.name}()" if operation.id else operation.name
