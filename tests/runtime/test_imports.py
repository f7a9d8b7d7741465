"""Imports only ever point down, so that each module can be read, and tested, with nothing but what is below it."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import tiktok_shop_async

PACKAGE = Path(tiktok_shop_async.__file__).parent


def imported(module: Path) -> set[str]:
    """The modules of the runtime that a module names in an import, also one for type checkers only."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tiktok_shop_async"):
            assert node.module is not None
            names |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return {name.removeprefix("tiktok_shop_async.") for name in names}


def test_no_import_closes_a_circle_not_even_one_for_types() -> None:
    """The package itself is left out: it names everything, and loads nothing before it is used."""
    modules = {path.stem: path for path in PACKAGE.glob("*.py") if path.stem != "__init__"}
    graph = {name: imported(path) & modules.keys() for name, path in modules.items()}
    assert list(TopologicalSorter(graph).static_order())  # raises CycleError
