"""Joins the files of the spec into one OpenAPI document: `python -m scripts.bundle`.

The paths of all `x-path-files` come under `paths`, the webhooks of all `x-webhook-files` under `webhooks`; every schema
and parameter that something refers to comes under `components`, by the last segment of the reference. The same spec
gives the same bytes, on any machine.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import sys
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.findings import Finding, report
from scripts.overlay import apply, previews_named
from scripts.spec_files import METHODS, Node, Place, Pointer, UnreadableFileError, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Bundle:
    """The joined document, the files and the places in them that it comes from, and what stood in the way of joining.

    With findings the document is incomplete.
    """

    root: Path
    document: Node
    files: Mapping[Path, Node]
    sources: Mapping[Pointer, Place]
    findings: Sequence[Finding]

    def place(self, pointer: Pointer) -> Place:
        """Where in the files the node stands that `pointer` leads to in the document."""
        for length in range(len(pointer), 0, -1):
            if source := self.sources.get(pointer[:length]):
                return source.below(*pointer[length:])
        return Place(self.root, pointer)

    def with_previews(self, files: Sequence[Path]) -> Bundle:
        """The spec with what these overlays announce. What stands in their way is told with the other findings."""
        if not files:
            return self
        overlaid = apply(self.document, files)
        return replace(
            self,
            document=overlaid.document,
            sources={**self.sources, **overlaid.sources},
            findings=[*self.findings, *overlaid.findings],
        )


def bundle(root: Path) -> Bundle:
    """Joins the spec that `root` is the root file of."""
    return _Bundler(Path(os.path.normpath(root))).run()


@dataclass
class _Bundler:
    root: Path
    sources: dict[Pointer, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    _files: dict[Path, Node | None] = field(default_factory=dict)
    _definitions: deque[tuple[Pointer, Node]] = field(default_factory=deque)
    _collisions: set[Place] = field(default_factory=set)

    def run(self) -> Bundle:
        at_root = Place(self.root)
        root = self._file(self.root, at_root) or {}
        for key in ("paths", "webhooks", "components"):
            if key in root:
                self._report("malformed", at_root.below(key), f"`{key}` is made by the bundler: move it to a file")
        paths = self._paths(root, at_root)
        webhooks = self._webhooks(root, at_root)
        components = self._components()
        document = {key: value for key, value in root.items() if key not in ("x-path-files", "x-webhook-files")}
        document |= {"paths": paths, "webhooks": webhooks, "components": components}
        files = {file: content for file, content in self._files.items() if content is not None}
        return Bundle(self.root, document, files, self.sources, self.findings)

    def _report(self, rule: str, place: Place, message: str) -> None:
        self.findings.append(Finding(rule, place, message))

    def _file(self, file: Path, asked_at: Place) -> Node | None:
        """The mapping in a file; None, once reported at the place that asked for it, where there is none."""
        if file not in self._files:
            self._files[file] = None
            try:
                content = read_yaml(file)
            except UnreadableFileError as error:
                self._report("unreadable-file", Place(file) if file.exists() else asked_at, str(error))
            else:
                self._files[file] = self._mapping(content, Place(file))
        return self._files[file]

    def _mapping(self, node: Any, place: Place) -> Node:
        if isinstance(node, dict):
            return node
        self._report("malformed", place, f"a mapping is expected here, not {_kind(node)}")
        return {}

    def _list(self, node: Any, place: Place) -> list[Any]:
        if isinstance(node, list):
            return node
        self._report("malformed", place, f"a list is expected here, not {_kind(node)}")
        return []

    def _paths(self, root: Node, at_root: Place) -> Node:
        paths: Node = {}
        seen: dict[str, Place] = {}
        for path, item, place in self._listed(root, "x-path-files", at_root):
            template = re.sub(r"\{[^}]*\}", "{}", path)
            if template in seen:
                self._report("duplicate-path", place, f"{path} stands in {seen[template].file} as well: keep one")
                continue
            seen[template] = self.sources["paths", path] = place
            paths[path] = self._path_item(item, place)
        return dict(sorted(paths.items()))

    def _webhooks(self, root: Node, at_root: Place) -> Node:
        webhooks: Node = {}
        for name, item, place in self._listed(root, "x-webhook-files", at_root):
            if name in webhooks:
                first = self.sources["webhooks", name].file
                self._report("duplicate-webhook", place, f"{name} stands in {first} as well: keep one")
                continue
            self.sources["webhooks", name] = place
            webhooks[name] = self._path_item(item, place)
        return dict(sorted(webhooks.items()))

    def _listed(self, root: Node, key: str, at_root: Place) -> Iterator[tuple[str, Any, Place]]:
        """Everything that the files hold which the root lists under `key`: its name, itself, its place."""
        at_files = at_root.below(key)
        for position, listed in enumerate(self._list(root.get(key, []), at_files)):
            file = self.root.parent / str(listed)
            for name, item in (self._file(file, at_files.below(position)) or {}).items():
                yield name, item, Place(file).below(name)

    def _components(self) -> Node:
        found: dict[str, Node] = {"schemas": {}, "parameters": {}}
        while self._definitions:
            pointer, definition = self._definitions.popleft()
            kind, name = pointer[1:]
            place = self.sources[pointer]
            if kind == "schemas":
                found[kind][name] = self._schema(definition, place) | {"x-module": place.file.stem}
            else:
                found[kind][name] = self._parameter(definition, place)
        return {kind: dict(sorted(definitions.items())) for kind, definitions in found.items()}

    def _path_item(self, node: Any, place: Place) -> Node:
        item: Node = {}
        for key, value in self._mapping(node, place).items():
            if key in METHODS:
                item[key] = self._operation(value, place.below(key))
            elif key == "parameters":
                item[key] = self._parameters(value, place.below(key))
            elif key in ("summary", "description"):
                item[key] = value
            else:
                self._report("malformed", place.below(key), f"`{key}` is none of {', '.join(METHODS)}")
        return item

    def _operation(self, node: Any, place: Place) -> Node:
        operation: Node = {}
        for key, value in self._mapping(node, place).items():
            at = place.below(key)
            if key == "parameters":
                operation[key] = self._parameters(value, at)
            elif key == "requestBody":
                operation[key] = self._with_content(value, at)
            elif key == "responses":
                answers = self._mapping(value, at)
                operation[key] = {code: self._with_content(answer, at.below(code)) for code, answer in answers.items()}
            else:
                operation[key] = value
        return operation

    def _parameters(self, node: Any, place: Place) -> list[Node]:
        return [self._parameter(each, place.below(position)) for position, each in enumerate(self._list(node, place))]

    def _parameter(self, node: Any, place: Place) -> Node:
        parameter = self._mapping(node, place)
        if "$ref" in parameter:
            return parameter | {"$ref": self._reference(parameter["$ref"], "parameters", place)}
        if "schema" in parameter:
            return parameter | {"schema": self._schema(parameter["schema"], place.below("schema"))}
        return parameter

    def _with_content(self, node: Any, place: Place) -> Node:
        """A request body or an answer: something with one schema for each media type."""
        holder = self._mapping(node, place)
        if "$ref" in holder:
            self._report("malformed", place, "only schemas and parameters are shared by reference: write it out")
        if "content" not in holder:
            return holder
        at_content = place.below("content")
        content: Node = {}
        for media_type, media in self._mapping(holder["content"], at_content).items():
            at = at_content.below(media_type)
            content[media_type] = self._mapping(media, at)
            if "schema" in content[media_type]:
                schema = self._schema(media["schema"], at.below("schema"))
                content[media_type] = media | {"schema": schema}
        return holder | {"content": content}

    def _schema(self, node: Any, place: Place) -> Node:
        schema: Node = {}
        for key, value in self._mapping(node, place).items():
            at = place.below(key)
            if key == "$ref":
                schema[key] = self._reference(value, "schemas", place)
            elif key == "properties":
                fields = self._mapping(value, at)
                schema[key] = {name: self._schema(each, at.below(name)) for name, each in fields.items()}
            elif key == "items" or (key == "additionalProperties" and not isinstance(value, bool)):
                schema[key] = self._schema(value, at)
            elif key in ("allOf", "anyOf", "oneOf"):
                parts = enumerate(self._list(value, at))
                schema[key] = [self._schema(each, at.below(position)) for position, each in parts]
            elif key in ("required", "enum"):
                schema[key] = self._list(value, at)
            else:
                schema[key] = value
        return schema

    def _reference(self, reference: Any, kind: str, place: Place) -> str:
        """Hoists what a reference names, and gives the reference to it within the document."""
        match = re.fullmatch(r"([^#]*)#/([A-Za-z0-9_]+)", str(reference))
        if not match:
            self._report("malformed", place, f"the reference {reference!r} has to be of the form <file>#/<Name>")
            return "#"
        name = match[2]
        target = Place(self._target_file(match[1], place)).below(name)
        pointer = ("components", kind, name)
        known = self.sources.get(pointer)
        if known is None:
            definition = self._definition(target, kind, str(reference), place)
            if definition is not None:
                self.sources[pointer] = target
                self._definitions.append((pointer, definition))
        elif known != target and self._definition(target, kind, str(reference), place) is not None:
            message = f"{name} is defined in {known.file} as well: refer to one of them everywhere, or rename one"
            if target not in self._collisions:
                self._collisions.add(target)
                self._report("name-collision", target, message)
        return f"#/components/{kind}/{name}"

    def _target_file(self, relative: str, place: Place) -> Path:
        return Path(os.path.normpath(place.file.parent / relative)) if relative else place.file

    def _definition(self, target: Place, kind: str, reference: str, place: Place) -> Node | None:
        if not target.file.is_relative_to(self.root.parent):
            self._report("unresolved-reference", place, f"{reference} leads out of the spec's folder")
            return None
        if not target.file.is_file():
            self._report("unresolved-reference", place, f"{reference} leads to a file that is not there: {target.file}")
            return None
        definitions = self._file(target.file, place)
        (name,) = target.pointer
        if definitions is None:
            return None
        if name not in definitions:
            near = difflib.get_close_matches(name, definitions, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            self._report("unresolved-reference", place, f"{target.file} defines no {name}{hint}")
            return None
        definition = self._mapping(definitions[name], target)
        if ("in" in definition) != (kind == "parameters"):
            self._report("malformed", place, f"{reference} leads to something that does not belong under {kind}")
            return None
        if "$ref" in definition:
            self._report("malformed", target, f"{name} is only another name for {definition['$ref']}: refer to that")
            return None
        return definition


def _kind(node: Any) -> str:
    kinds = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return kinds.get(type(node), "a number")


def write(document: Node, output: Path) -> None:
    """Writes the document as JSON, in the order that it is in."""
    output.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    output.write_text(f"{text}\n", encoding="utf-8", newline="\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns the process's exit code: 1 where the spec cannot be joined, or an overlay not be applied."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bundle", description="Join the spec into one document.")
    parser.add_argument("--spec", type=Path, default=Path("spec/openapi.yaml"), help="the spec's root file")
    parser.add_argument("--output", type=Path, default=Path("build/openapi.json"), help="the file to write")
    parser.add_argument(
        "--preview",
        action="append",
        default=[],
        metavar="NAME",
        help="apply the overlay of this name in preview/, or `all` of them; can be given several times",
    )
    parser.add_argument(
        "--onto", type=Path, metavar="DOCUMENT", help="apply overlays to this document, not to the spec"
    )
    parser.add_argument(
        "--overlay",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="with --onto: apply the overlay in this file; can be given several times",
    )
    options = parser.parse_args(arguments)
    if bool(options.overlay) != bool(options.onto):
        parser.error("--onto and --overlay go together: overlays of the spec are named by --preview")
    try:
        previews = options.overlay or previews_named(options.spec.parent, options.preview)
    except LookupError as error:
        parser.error(str(error.args[0]))
    bundled = _existing(options.onto) if options.onto else bundle(options.spec)
    if not bundled.findings:
        bundled = bundled.with_previews(previews)
    if bundled.findings:
        print(report(bundled.findings), file=sys.stderr)
        return 1
    write(bundled.document, options.output)
    operations = sum(method in METHODS for item in bundled.document["paths"].values() for method in item)
    webhooks, schemas = len(bundled.document["webhooks"]), len(bundled.document["components"]["schemas"])
    print(f"{options.output}: {operations} operations, {webhooks} webhooks, {schemas} schemas")
    return 0


def _existing(file: Path) -> Bundle:
    """A document that was bundled before."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return Bundle(file, {}, {}, {}, [Finding("unreadable-file", Place(file), str(error))])
    if not isinstance(document, dict) or not {"paths", "webhooks", "components"} <= document.keys():
        message = "is no document that `python -m scripts.bundle` has written"
        return Bundle(file, {}, {}, {}, [Finding("malformed", Place(file), message)])
    return Bundle(file, document, {}, {}, [])


if __name__ == "__main__":
    sys.exit(main())
