"""Applies what is announced and not yet in the public reference: overlays over the bundled document.

`spec/preview/<name>.overlay.yaml` is an OpenAPI Overlay 1.0.0. Its actions are applied in turn, and what they add is
marked: operations and fields as previews, schemas with the module that their classes go into.

Merging is stricter than the Overlay Specification in one point, so that nothing is announced twice. Where things have
names (operations, schemas, parameters, fields), an update adds what has none of its names yet. What is there already is
changed by an action that has it as its target.
"""

from __future__ import annotations

import copy
import difflib
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jsonpath import JSONPath, JSONPathEnvironment, JSONPathError, JSONPathMatch
from jsonpath.selectors import NameSelector
from jsonschema import Draft202012Validator

from scripts.definitions import refusals
from scripts.findings import Finding
from scripts.openapi_kinds import LISTS, NAMED, Kind, inside, kind_at
from scripts.spec_files import METHODS, Node, Place, Pointer, UnreadableFileError, overlays, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ALL = "all"

_DEFINITION = Path(__file__).parents[1] / "spec" / "overlay.schema.json"
_JSONPATH = JSONPathEnvironment(strict=True)
_WRITTEN_HERE = ("x-status", "x-module")
_PROSE = ("description", "summary", "externalDocs")


@dataclass(frozen=True, slots=True)
class Overlaid:
    """The document with what overlays announce, the places in them that it comes from, and what stood in the way."""

    document: Node
    sources: dict[Pointer, Place]
    findings: list[Finding]


def previews_named(folder: Path, names: Sequence[str]) -> list[Path]:
    """The overlays of these names in the folder of a spec, in the order of names. `all` stands for all of them.

    Raises:
        LookupError: There is no overlay of a name.
    """
    known = overlays(folder)
    wanted = set(known if ALL in names else names) - {ALL}
    if missing := sorted(wanted - set(known)):
        there = f"there are {', '.join(known)}" if known else "there is none"
        raise LookupError(f"{folder / 'preview'} has no overlay {', '.join(missing)}: {there}")
    return [file for name, file in known.items() if name in wanted]


def apply(document: Node, files: Sequence[Path]) -> Overlaid:
    """Applies overlays to a bundled document, one after the other. The document itself stays as it is."""
    application = _Application(copy.deepcopy(document))
    for file in files:
        application.overlay(file)
    application.check_references()
    return Overlaid(_in_order(application.document), application.sources, application.findings)


@dataclass
class _Application:
    document: Node
    sources: dict[Pointer, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    _written: set[tuple[str, str]] = field(default_factory=set)
    """Shared definitions that were written out where something referred to them."""
    _removed: dict[Pointer, Place] = field(default_factory=dict)

    def _report(self, rule: str, place: Place, message: str) -> None:
        self.findings.append(Finding(rule, place, message))

    def overlay(self, file: Path) -> None:
        """Apply all actions of an overlay."""
        place = Place(file)
        try:
            content = read_yaml(file)
        except UnreadableFileError as error:
            self._report("unreadable-file", place, str(error))
            return
        broken = list(refusals(_validator(), content))
        for refusal in broken:
            self._report("overlay-form", place.below(*refusal.path), str(refusal))
        if not broken:
            for position, action in enumerate(content["actions"]):
                self._action(action, place.below("actions", position))

    def _action(self, action: Node, place: Place) -> None:
        at_target = place.below("target")
        try:
            path = cast("JSONPath", _JSONPATH.compile(action["target"]))  # strict: they cannot be combined
            matches = {match.parts: match for match in path.finditer(self.document)}  # a path can match a thing twice
        except JSONPathError as error:
            self._report("overlay-target", at_target, f"{action['target']} is no JSONPath: {error.args[0]}")
            return
        if not matches:
            self._report("overlay-target", at_target, f"nothing is at {path}: {_missing(path, self.document)}")
        elif action.get("remove"):
            for parts in sorted(matches, reverse=True):  # so that positions in lists stay as they were matched
                self._remove(matches[parts], at_target)
        else:
            before = len(self.findings)
            # each of them, also where the first one says already that there is something new
            new = [self._update(match, action["update"], place) for match in matches.values()]
            if not any(new) and len(self.findings) == before:
                self._report(
                    "overlay-landed", place, "all of this is in the spec already: it landed, delete the action"
                )

    def _remove(self, match: JSONPathMatch, at_target: Place) -> None:
        if match.parent is None:
            self._report("overlay-target", at_target, "the document itself cannot be removed")
            return
        parent: Any = match.parent.obj
        del parent[match.parts[-1]]
        self._removed[tuple(map(str, match.parts))] = at_target

    def _update(self, match: JSONPathMatch, update: Any, place: Place) -> bool:
        """Merge an update into what its target names. Whether that says anything new."""
        node: Any = match.obj
        pointer, at = tuple(map(str, match.parts)), place.below("update")
        if isinstance(node, list):
            return self._append(node, pointer, copy.deepcopy(update), at)
        if not isinstance(node, dict):
            self._report(
                "overlay-target", place.below("target"), f"{match.path} is {_kind_of(node)}: take what holds it"
            )
            return False
        if not isinstance(update, dict):
            self._report("overlay-update", at, f"{match.path} is a mapping, and {_kind_of(update)} cannot be merged")
            return False
        return self._merge(node, pointer, copy.deepcopy(update), at)

    def _merge(self, node: Node, pointer: Pointer, update: Node, place: Place) -> bool:
        new = False
        for key, value in update.items():
            inner, at = (*pointer, key), place.below(key)
            if key not in node:
                node[key] = self._new(value, kind_at(inner), at, key)
                self.sources[inner] = at
                new = True
            elif kind_at(inner) in NAMED:
                new |= self._is_announced(inner)
                if not _same(node[key], value):
                    self._collides(key, at)
            elif isinstance(node[key], dict) and isinstance(value, dict):
                new |= self._merge(node[key], inner, value, at)
            elif isinstance(node[key], list) and isinstance(value, list):
                for position, entry in enumerate(value):
                    new |= self._append(node[key], inner, entry, at.below(position))
            elif _kind_of(node[key]) != _kind_of(value):
                is_now = f"`{key}` is {_kind_of(node[key])} in the document"
                self._report("overlay-update", at, f"{is_now}, and cannot become {_kind_of(value)}")
            elif node[key] != value:
                node[key] = value
                self.sources[inner] = at
                new = True
        return new

    def _append(self, node: list[Any], pointer: Pointer, entry: Any, place: Place) -> bool:
        """Add an entry to a list, if it is not there yet."""
        inner = (*pointer, str(len(node)))
        kind = kind_at(inner)
        if isinstance(entry, list):
            self._report("overlay-update", place, "an entry is expected here, not a list: an action adds one to a list")
            return False
        if kind == "parameter":
            announced = self._written_out(entry)
            for position, each in enumerate(node):
                if _parameter_name(self._written_out(each)) == _parameter_name(announced):
                    if not _same(self._written_out(each), announced):
                        self._collides(_parameter_name(announced)[1], place)
                    return self._is_announced((*pointer, str(position)))
        elif entry in node:
            return self._is_announced((*pointer, str(node.index(entry))))
        node.append(self._new(entry, kind, place, ""))
        self.sources[inner] = place
        return True

    def _written_out(self, parameter: Any) -> Any:
        """A parameter, and not a reference to it: the mark of a preview is for one operation alone."""
        reference = parameter.get("$ref", "") if isinstance(parameter, dict) else ""
        name = reference.removeprefix("#/components/parameters/")
        self._written.add(("parameters", name))
        shared = self.document.get("components", {}).get("parameters", {})
        return copy.deepcopy(shared.get(name, parameter))

    def _is_announced(self, pointer: Pointer) -> bool:
        """Whether it comes from an overlay, and is not in the spec."""
        return any(pointer[:length] in self.sources for length in range(1, len(pointer) + 1))

    def _collides(self, name: str, place: Place) -> None:
        do = "if it landed, delete it here; to change it, make it the target; or else take another name"
        self._report("name-collision", place, f"{name} is in the document already, and is not the same: {do}")

    def _new(self, value: Any, kind: Kind, place: Place, name: str) -> Any:
        """What is new, with the marks of a preview; nothing, where it has not the form of what it is."""
        return self._marked(value, kind, place, name) if self._is_well_formed(value, kind, place) else {}

    def _is_well_formed(self, value: Any, kind: Kind, place: Place) -> bool:
        if not kind or (kind == "schema" and isinstance(value, bool)):
            return True
        expected = "a list" if kind in LISTS else "a mapping"
        if _kind_of(value) != expected:
            self._report("malformed", place, f"{expected} is expected here, not {_kind_of(value)}")
            return False
        parts = enumerate(value) if kind in LISTS else value.items()
        return all(self._is_well_formed(each, inside(kind, str(key)), place.below(key)) for key, each in parts)

    def _marked(self, value: Any, kind: Kind, place: Place, name: str) -> Any:
        if not kind or isinstance(value, bool):
            return value
        if kind in LISTS:
            of = inside(kind, "")
            return [self._marked(each, of, place.below(position), "") for position, each in enumerate(value)]
        if kind == "path item":
            self._check_path(name, value, place)
            # what a new path says of all its operations is no news beside them
            return {
                key: self._marked(each, "operation", place.below(key), key) if key in METHODS else each
                for key, each in value.items()
            }
        if kind in ("operation", "field"):
            if value.get("x-status", "preview") != "preview":
                message = "what is announced is a preview: leave x-status out"
                self._report("overlay-form", place.below("x-status"), message)
            return {**value, "x-status": "preview"}
        if kind == "parameter":
            value = self._written_out(value)
            if "$ref" in value:
                message = f"{value['$ref']} is not in the document at this point"
                self._report("unresolved-reference", place, message)
            return {**value, "schema": self._marked(value.get("schema", {}), "field", place.below("schema"), "")}
        if kind == "shared parameter":
            return value
        if kind == "shared schema":
            module = value.get("x-module", _snake(name))
            if not re.fullmatch(r"[a-z][a-z0-9_]*", str(module)):
                self._report("module-name", place.below("x-module"), f"{module} cannot be the name of a module")
            return {**value, "x-module": module}
        return {key: self._marked(each, inside(kind, key), place.below(key), key) for key, each in value.items()}

    def _check_path(self, path: str, item: Node, place: Place) -> None:
        template = re.sub(r"\{[^}]*\}", "{}", path)
        for other in self.document.get("paths", {}):
            if re.sub(r"\{[^}]*\}", "{}", other) == template:
                self._report("duplicate-path", place, f"{path} is in the document as {other}: use that")
        for key in item:
            if key not in (*METHODS, "parameters", "summary", "description"):
                self._report("malformed", place.below(key), f"`{key}` is none of {', '.join(METHODS)}")

    def check_references(self) -> None:
        """Tell references of overlays that lead nowhere, and definitions of theirs that nothing refers to."""
        components = self.document.get("components", {})
        used = set(self._written)
        for reference, pointer in _references(self.document, ()):
            kind, _, name = reference.removeprefix("#/components/").partition("/")
            used.add((kind, name))
            if name in components.get(kind, {}):
                continue
            if self._is_announced(pointer):
                near = difflib.get_close_matches(name, components.get(kind, {}), n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                self._report("unresolved-reference", self._place(pointer), f"{reference} is not in the document{hint}")
            else:  # it was there
                self._report(
                    "unresolved-reference",
                    next(place for gone, place in self._removed.items() if _leads_through(reference, gone)),
                    f"{name} is removed, but {'/'.join(pointer)} refers to it",
                )
        for pointer, place in self.sources.items():
            match pointer:
                case ("components", kind, name) if (kind, name) not in used and name in components.get(kind, {}):
                    self._report("unused-definition", place, f"nothing uses {name}: remove it, or refer to it")

    def _place(self, pointer: Pointer) -> Place:
        known = next(length for length in range(len(pointer), 0, -1) if pointer[:length] in self.sources)
        return self.sources[pointer[:known]].below(*pointer[known:])


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(_DEFINITION.read_text(encoding="utf-8")))


def _leads_through(reference: str, pointer: Pointer) -> bool:
    return tuple(reference.removeprefix("#/").split("/"))[: len(pointer)] == pointer


def _same(present: Any, announced: Any) -> bool:
    """Whether two definitions say the same, whatever words they say it in and whether it is a preview."""
    return bool(_facts(present) == _facts(announced))


def _facts(node: Any) -> Any:
    if isinstance(node, list):
        return [_facts(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        # a field may be called `description` itself
        key: {name: _facts(each) for name, each in value.items()} if key == "properties" else _facts(value)
        for key, value in node.items()
        if key not in (*_PROSE, *_WRITTEN_HERE)
    }


def _parameter_name(parameter: Any) -> tuple[str, str]:
    return (parameter.get("in", ""), parameter.get("name", "")) if isinstance(parameter, dict) else ("", "")


def _references(node: Any, pointer: Pointer) -> Iterator[tuple[str, Pointer]]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"], pointer
        for key, each in node.items():
            yield from _references(each, (*pointer, key))
    elif isinstance(node, list):
        for position, each in enumerate(node):
            yield from _references(each, (*pointer, str(position)))


def _missing(path: JSONPath, document: Node) -> str:
    """How far a path leads, and what it may have meant."""
    for length in range(len(path.segments) - 1, -1, -1):
        way = JSONPath(env=_JSONPATH, segments=path.segments[:length])
        found = way.findall(document)
        if found:
            selectors = path.segments[length].selectors
            name = selectors[0].name if selectors and isinstance(selectors[0], NameSelector) else ""
            names = [key for node in found if isinstance(node, dict) for key in node]
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            return f"{way} has no {path.segments[length]}{hint}"
    return "the document is empty"


def _in_order(document: Node) -> Node:
    """The document with what is named by overlays in its place among the rest."""
    components = {kind: dict(sorted(named.items())) for kind, named in document.get("components", {}).items()}
    named = {key: dict(sorted(document.get(key, {}).items())) for key in ("paths", "webhooks")}
    return {**document, **named, "components": components}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _kind_of(node: Any) -> str:
    kinds = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return kinds.get(type(node), "a number")
