"""Finds what of the API some code uses, so that only the changes are told that concern it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tiktok_shop_async.spec_diff.document import DocumentError
from tiktok_shop_async.spec_diff.names import Names
from tiktok_shop_async.spec_diff.webhooks import event_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tiktok_shop_async.spec_diff.change import Change
    from tiktok_shop_async.spec_diff.document import Document

__all__ = ["Uses", "uses_in_code", "uses_listed"]

_PACKAGE = "tiktok_shop_async"
_PLACES_OF_CLASSES = (f"{_PACKAGE}.models", f"{_PACKAGE}.events")


@dataclass(slots=True)
class Uses:
    """What is used: methods by their names (`orders.get_order_list`), and classes by theirs.

    `unknown` is what was listed and is in neither document.
    """

    methods: set[str] = field(default_factory=set[str])
    classes: set[str] = field(default_factory=set[str])
    unknown: list[str] = field(default_factory=list[str])

    def concerns(self, change: Change) -> bool:
        """Whether a change is about something that is used."""
        if change.rule in ("class-added", "webhook-added", "operation-added", "method-added"):
            return False
        if not (change.operations or change.names):
            return bool(self.methods)  # an address, or the way to prove something: all calls need them
        return bool(self.methods & {*change.operations, *change.names}) or bool(self.classes & change.names)


def uses_in_code(paths: Iterable[Path], documents: Iterable[Document]) -> Uses:
    """What Python code uses: the methods that it calls, and the classes that it imports from the package.

    A call counts by the names of resource and method, `….orders.get_order_list(…)`, whatever the client is called. A
    resource that is kept in a variable is followed within its file. Classes count where they are imported, or asked of
    a module.

    Args:
        paths: Files, and folders to look through.
        documents: Those that are compared: what is in none of them is no operation.

    Raises:
        DocumentError: A file cannot be read, or is no Python.
    """
    known, _ = _known(documents)
    uses = Uses()
    for path in _files(paths):
        try:
            tree = ast.parse(path.read_bytes(), str(path))
        except (OSError, SyntaxError, ValueError) as error:
            raise DocumentError(f"{path}: cannot be read as Python: {error}") from error
        variables, modules = _variables(tree), _modules(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                holder = _last_name(node.value)
                # What has the name of a variable may stand elsewhere for what it says.
                called = {f"{each}.{node.attr}" for each in (holder, *variables.get(holder, ()))} & known
                uses.methods |= called
                if not called and holder in modules:
                    uses.classes.add(node.attr)
            elif isinstance(node, ast.ImportFrom) and _holds_classes(node.module or ""):
                uses.classes.update(alias.name for alias in node.names)
        if "*" in uses.classes:
            uses.classes.remove("*")
            uses.classes.update(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return uses


def uses_listed(lines: Iterable[str], documents: Iterable[Document]) -> Uses:
    """What a list names, an operation or class a line: `orders.get_order_list`, `GET /order/202309/orders`, `Order`.

    Empty lines and what follows a `#` do not count. What is in none of the documents is noted as unknown.
    """
    documents = list(documents)
    known, classes = _known(documents)
    paths = {
        f"{operation.method} {operation.path}": operation.name
        for document in documents
        for operation in Names(document).operations.values()
    }
    uses = Uses()
    for line in lines:
        entry = re.sub(r"\s*#.*", "", line).strip().removesuffix("()")
        if entry in known:
            uses.methods.add(entry)
        elif entry in paths:
            uses.methods.add(paths[entry])
        elif entry in classes:
            uses.classes.add(entry)
        elif entry:
            uses.unknown.append(entry)
    return uses


def _known(documents: Iterable[Document]) -> tuple[set[str], set[str]]:
    methods: set[str] = set()
    classes: set[str] = set()
    for document in documents:
        names = Names(document)
        methods |= names.callables.keys()
        classes |= names.classes.keys()
        classes |= {event_of(name) for name in document.data.get("webhooks", {})}
    return methods, classes


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(
                each
                for each in path.rglob("*.py")
                if not any(part.startswith(".") for part in each.relative_to(path).parts)
            )
        else:
            yield path


def _variables(tree: ast.AST) -> dict[str, set[str]]:
    """Variables that hold what is kept in an attribute: `pies = shop.cakes`, and `self.pies = shop.cakes`."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and isinstance(node.value, ast.Attribute):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                found.setdefault(_last_name(target), set()).add(node.value.attr)
    return found


def _modules(tree: ast.AST) -> set[str]:
    """Names of modules that hold classes: `models`, and what else they are imported as."""
    found = {place.rpartition(".")[2] for place in _PLACES_OF_CLASSES}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(each.asname for each in node.names if each.asname and _holds_classes(each.name))
        elif isinstance(node, ast.ImportFrom) and node.module == _PACKAGE:
            found.update(each.asname for each in node.names if each.asname and each.name in found)
    return found


def _last_name(node: ast.expr) -> str:
    """The name that an attribute is asked of: `orders` of `shop.orders`, and of `orders`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _holds_classes(module: str) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in _PLACES_OF_CLASSES)
