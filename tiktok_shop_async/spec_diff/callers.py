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
        return bool(self.methods & {*change.operations, *change.names}) or bool(self.classes & change.names)


def uses_in_code(paths: Iterable[Path], documents: Iterable[Document]) -> Uses:
    """What Python code uses: the methods that it calls, and the classes that it imports from the package.

    A call counts by the names of resource and method, `….orders.get_order_list(…)`, whatever the client is called. A
    resource that is kept in a variable is followed within its file.

    Args:
        paths: Files, and folders to look through.
        documents: Those that are compared: what is in none of them is no operation.

    Raises:
        DocumentError: A file cannot be read, or is no Python.
    """
    known, classes = _known(documents)
    resources = {name.split(".")[0] for name in known if "." in name}
    uses = Uses()
    for path in _files(paths):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        except (OSError, SyntaxError, ValueError) as error:
            raise DocumentError(f"{path}: cannot be read as Python: {error}") from error
        variables = _variables(tree, resources)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                held = node.value
                resource = (
                    held.attr
                    if isinstance(held, ast.Attribute)
                    else variables.get(held.id, "")
                    if isinstance(held, ast.Name)
                    else ""
                )
                if f"{resource}.{node.attr}" in known:
                    uses.methods.add(f"{resource}.{node.attr}")
            elif isinstance(node, ast.ImportFrom) and _holds_classes(node.module or ""):
                uses.classes.update(alias.name for alias in node.names if alias.name in classes)
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


def _variables(tree: ast.AST, resources: set[str]) -> dict[str, str]:
    """Variables that hold a resource: `orders = shop.orders`."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute) and node.value.attr in resources:
            found.update({target.id: node.value.attr for target in node.targets if isinstance(target, ast.Name)})
    return found


def _holds_classes(module: str) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in _PLACES_OF_CLASSES)
