"""Writes what leads from the API of old to this client: `python -m scripts.migration`.

From spec/legacy.yaml come the data of `tiktok_shop_async.migration` and the tables of docs/migrate.md, from the spec's
revisions docs/revisions.md.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.bundle import bundle
from scripts.findings import report
from scripts.revisions import page
from scripts.spec_files import METHODS, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scripts.spec_files import Node

DATA = "tiktok_shop_async/migration.json"
GUIDE = "docs/migrate.md"
REVISIONS = "docs/revisions.md"

BEGINNING = "<!-- Made by `make generate` from spec/legacy.yaml, down to the next mark. Edits are lost. -->"
END = "<!-- Edits are kept from here on. -->"


def data(legacy: Node, document: Node) -> Node:
    """What `tiktok_shop_async.migration` knows. That every name in it exists is for the linter to say."""
    methods = _methods(document)
    apis = [_api(area["area"], api, methods) for area in legacy["areas"] for api in area["apis"]]
    return {"apis": apis, "revisions": _revisions(document, methods), "codes": legacy["codes"]}


def tables(legacy: Node, document: Node) -> str:
    """The part of the guide that is made from the data."""
    methods = _methods(document)
    parts: list[str] = []
    for area in legacy["areas"]:
        rows = [_row(_api(area["area"], api, methods)) for api in area["apis"]]
        parts += [f"### {area['area']}", "", _cells(("legacy API", "today", "note")), _cells(["---"] * 3), *rows, ""]
        if "new" in area:
            parts += [f"New in 202309: {', '.join(f'`{methods[name]}`' for name in area['new'])}.", ""]
    parts += ["### Integers", ""]
    for name, codes in legacy["codes"].items():
        rows = [_cells((code, f"`{name}.{value}`")) for code, value in codes.items()]
        parts += [_cells(("was", f"`{name}`")), _cells(["---"] * 2), *rows, ""]
    return "\n".join(parts)


def _methods(document: Node) -> Mapping[str, str]:
    """What a caller writes after `client.`, by each name of an operation."""
    return {
        name: f"{operation['tags'][0]}.{name}"
        for _, operation in _operations(document)
        for name in (operation["operationId"], operation.get("x-alias"))
        if name
    }


def _operations(document: Node) -> Iterable[tuple[str, Node]]:
    """Every operation with its endpoint."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def _api(area: str, api: Node, methods: Mapping[str, str]) -> Node:
    told = {
        "name": api["name"],
        "area": area,
        "endpoint": api.get("endpoint"),
        "methods": [methods[name] for name in api.get("successors", [])],
        "events": ["".join(word.capitalize() for word in name.split("_")) for name in api.get("events", [])],
        "note": api.get("note"),
    }
    return {key: value for key, value in told.items() if value}


def _revisions(document: Node, methods: Mapping[str, str]) -> list[Node]:
    """The revisions that are superseded, each with the last of those that came after it."""
    successors = {
        operation["operationId"]: operation["x-successor"]
        for _, operation in _operations(document)
        if "x-successor" in operation
    }
    revisions: list[Node] = []
    for endpoint, operation in _operations(document):
        last = name = operation["operationId"]
        for _ in successors:
            last = successors.get(last, last)
        if last != name:
            revision = {"name": methods[name], "area": "Revision", "endpoint": endpoint, "methods": [methods[last]]}
            revisions.append(revision)
    return sorted(revisions, key=lambda revision: str(revision["name"]))


def _row(api: Node) -> str:
    endpoint = f"<br>`{api['endpoint']}`" if "endpoint" in api else ""
    today = [f"`{name}`" for name in api.get("methods", [])]
    today += [f"[`{name}`](events.md)" for name in api.get("events", [])]
    return _cells((f"{api['name']}{endpoint}", "<br>".join(today), api.get("note", "")))


def _cells(texts: Iterable[str]) -> str:
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


def between(text: str, part: str) -> str:
    """A page with the part between its two marks replaced.

    Raises:
        ValueError: The page lacks a mark.
    """
    marks = re.compile(f"{re.escape(BEGINNING)}.*?{re.escape(END)}", re.DOTALL)
    if marks.search(text) is None:
        raise ValueError(f"{GUIDE} lacks one of the lines {BEGINNING!r} and {END!r}")
    return marks.sub(lambda _: f"{BEGINNING}\n\n{part}\n{END}", text)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns the process's exit code: 1 where the spec is broken, or a file is not what it gives."""
    parser = argparse.ArgumentParser(prog="python -m scripts.migration", description=__doc__)
    parser.add_argument("--spec", type=Path, default=Path("spec/openapi.yaml"), help="the spec's root file")
    parser.add_argument("--output", type=Path, default=Path(), help="the folder of the project")
    parser.add_argument("--check", action="store_true", help="change nothing, fail if a file would change")
    options = parser.parse_args(arguments)
    bundled = bundle(options.spec)
    if bundled.findings:
        print(report(bundled.findings), file=sys.stderr)
        return 1
    legacy = read_yaml(options.spec.parent / "legacy.yaml")
    guide = (options.output / GUIDE).read_text(encoding="utf-8")
    files = {
        DATA: json.dumps(data(legacy, bundled.document), ensure_ascii=False, indent=1) + "\n",
        GUIDE: between(guide, tables(legacy, bundled.document)),
        REVISIONS: page(bundled.document),
    }
    stale = [name for name, text in files.items() if not _is(options.output / name, text)]
    if options.check:
        for name in stale:
            print(f"{name} is not what the spec gives: run `make generate` and commit the result", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (options.output / name).write_text(files[name], encoding="utf-8", newline="\n")
        print(f"{name}: written")
    return 0


def _is(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
