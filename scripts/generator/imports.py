"""The imports of a generated module: what its code names, and nothing else."""

from __future__ import annotations

from collections import defaultdict


class Imports:
    """Collects the names that a module uses."""

    def __init__(self) -> None:
        self._names: defaultdict[str, set[str]] = defaultdict(set)
        self._modules: set[str] = set()

    def use(self, module: str, name: str) -> str:
        """Import a name. Answers the name, to write it into the code."""
        self._names[module].add(name)
        return name

    def builtin(self, name: str) -> str:
        """Name a builtin, which needs no import."""
        return name

    def use_module(self, module: str) -> str:
        """Import a module as a whole. Answers what the code calls it."""
        self._modules.add(module)
        return module

    def __contains__(self, name: str) -> bool:
        return any(name in names for names in self._names.values())

    def lines(self) -> list[str]:
        """The statements."""
        plain = [f"import {module}" for module in sorted(self._modules)]
        return plain + [
            f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(self._names.items())
        ]


class ClassImports:
    """Names as the body of a class has to write them, where attributes may have the same name.

    In the body of a class, `list: str` hides the builtin from the annotations of its neighbours, and `field = ...`
    hides the function that made it. Such names are written through their module.
    """

    def __init__(self, imports: Imports, attributes: set[str]) -> None:
        self._imports = imports
        self._attributes = attributes

    def use(self, module: str, name: str) -> str:
        """Import a name."""
        if name in self._attributes:
            return f"{self._imports.use_module(module)}.{name}"
        return self._imports.use(module, name)

    def builtin(self, name: str) -> str:
        """Name a builtin."""
        return f"{self._imports.use_module('builtins')}.{name}" if name in self._attributes else name
