"""Rules on the files of the spec: every one is used, and their schemas make Python modules."""

from __future__ import annotations

import keyword
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import TYPE_CHECKING

from scripts.spec_files import Place
from scripts.spec_rules.rule import Problem, rule
from scripts.spec_rules.spec import below, reference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scripts.spec_rules.spec import Spec


@rule("unlisted-path-file")
def unlisted_path_file(spec: Spec) -> Iterator[Problem]:
    """Every file of paths is listed in the root's `x-path-files`."""
    listed = {spec.folder / str(name) for name in spec.root.get("x-path-files", [])}
    for file in sorted({*spec.folder.glob("*/paths*.yaml"), *spec.folder.glob("*/paths/*.yaml")} - listed):
        yield Problem(Place(file), f"add {file.relative_to(spec.folder)} to x-path-files of {spec.bundle.root.name}")


@rule("unlisted-webhook-file")
def unlisted_webhook_file(spec: Spec) -> Iterator[Problem]:
    """Every file of webhooks is listed in the root's `x-webhook-files`."""
    listed = {spec.folder / str(name) for name in spec.root.get("x-webhook-files", [])}
    for file in sorted({*spec.folder.glob("webhooks/*.yaml")} - listed):
        yield Problem(Place(file), f"add {file.relative_to(spec.folder)} to x-webhook-files of {spec.bundle.root.name}")


@rule("unused-definition")
def unused_definition(spec: Spec) -> Iterator[Problem]:
    """Every schema and parameter that a file defines is used by some operation."""
    used = set(spec.bundle.sources.values())
    for file in (*_schema_files(spec), *sorted(spec.folder.glob("*/parameters.yaml"))):
        for name in spec.file(file) or ():
            if (place := Place(file).below(name)) not in used:
                yield Problem(place, f"no operation uses {name}: remove it, or refer to it")


@rule("module-name")
def module_name(spec: Spec) -> Iterator[Problem]:
    """The stem of a schema file names a Python module, and no other schema file has it."""
    first: dict[str, Path] = {}
    for file in _schema_files(spec):
        if not file.stem.isidentifier() or keyword.iskeyword(file.stem) or file.stem != file.stem.lower():
            yield Problem(Place(file), f"{file.stem} cannot be the name of a module: rename the file")
        elif file.stem in first:
            yield Problem(Place(file), f"{first[file.stem]} makes the module {file.stem} as well: rename one")
        first.setdefault(file.stem, file)


@rule("module-cycle")
def module_cycle(spec: Spec) -> Iterator[Problem]:
    """Schema files refer to each other in one direction only, as the modules made of them import each other."""
    imports: dict[str, dict[str, Place]] = defaultdict(dict)
    for name, schema in spec.schemas.items():
        module = schema["x-module"]
        for node, pointer in below(schema, ("components", "schemas", name)):
            if "$ref" in node:
                other = spec.schemas[reference(node["$ref"])[1]]["x-module"]
                if other != module:
                    imports[module].setdefault(other, spec.bundle.place(pointer))
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        circle = error.args[1]
        # graphlib lists each module after one that it is imported by
        links = [f"{b} refers to {a} at {imports[b][a].file}" for a, b in pairwise(circle)]
        start = imports[circle[1]][circle[0]]
        yield Problem(start, f"these schema files go round in a circle: {'; '.join(links)}: move a schema")


def _schema_files(spec: Spec) -> list[Path]:
    return sorted([*spec.folder.glob("*/schemas/*.yaml"), *spec.folder.glob("*/schemas.yaml")])
