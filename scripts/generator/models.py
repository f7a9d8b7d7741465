"""Derives the modules of models: which classes they hold, in which order, and what stands in each."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.generator.document import SpecError
from scripts.generator.facts import described, sentence
from scripts.generator.imports import ClassImports, Imports
from scripts.generator.types import PACKAGE, answered, held, parameter, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scripts.generator.classes import Class, Classes
    from scripts.generator.document import Document, Field
    from scripts.generator.types import Homes

_MODEL = f"{PACKAGE}.model"
_OF_THE_BASE = {"from_dict", "to_dict", "to_json"}
_INPUT_NOTE = "As requests take it: None is not sent."


@dataclass(frozen=True)
class Attribute:
    """An attribute of a model."""

    name: str
    annotation: str
    default: str | None
    doc: str
    is_preview: bool = False


@dataclass(frozen=True)
class Model:
    """A class for the objects of a schema."""

    name: str
    base: str
    doc: str
    attributes: list[Attribute]
    shapes: list[tuple[str, str]]


@dataclass(frozen=True)
class Member:
    """A known value of an enumeration."""

    name: str
    value: str
    doc: str


@dataclass(frozen=True)
class Enum:
    """A class for the known values of an enumeration."""

    name: str
    base: str
    doc: str
    members: list[Member]


@dataclass
class Module:
    """A module of models."""

    name: str
    imports: Imports = field(default_factory=Imports)
    enums: list[Enum] = field(default_factory=list[Enum])
    models: list[Model] = field(default_factory=list[Model])

    @property
    def classes(self) -> list[str]:
        """The names of its classes."""
        return sorted([*(each.name for each in self.enums), *(each.name for each in self.models)])


@dataclass(frozen=True)
class _Draft:
    """A class to be written, and those that its annotations name."""

    cls: Class
    schema: str
    is_input: bool
    uses: frozenset[Class]
    makes: frozenset[Class]
    """Those of which a new object holds one, so that they have to be written before."""


def modules(document: Document, classes: Classes) -> list[Module]:
    """Every module of models that the document needs, by name."""
    drafts = {draft.cls: draft for draft in _drafts(document, classes)}
    _refuse_circles(drafts)
    found: dict[str, Module] = {}
    for name in sorted(classes.enums):
        cls = classes.enum(name)
        module = found.setdefault(cls.module, Module(cls.module))
        module.enums.append(_enum(document, name, module.imports))
    for draft in _in_order(drafts):
        module = found.setdefault(draft.cls.module, Module(draft.cls.module))
        module.models.append(_model(document, classes, draft, module.imports))
    return sorted(found.values(), key=lambda module: module.name)


def _drafts(document: Document, classes: Classes) -> Iterable[_Draft]:
    for name in sorted(classes.answers | classes.requests):
        directions: dict[Class, tuple[bool, Callable[[str], Class]]] = {}
        if name in classes.answers:
            directions[classes.answer(name)] = (False, classes.answer)
        if name in classes.requests:
            directions[classes.request(name)] = (True, classes.request)
        for cls, (is_input, of) in directions.items():
            held_by = [each.value for each in document.fields(name)]
            yield _Draft(
                cls,
                name,
                is_input,
                uses=frozenset(of(value.leaf.name) for value in held_by if value.leaf.kind == "object"),
                makes=frozenset(of(value.name) for value in held_by if value.kind == "object" and not is_input),
            )


def _refuse_circles(drafts: dict[Class, _Draft]) -> None:
    """Models that make each other would never end, and modules that import each other cannot be loaded."""
    if circle := _circle({draft.cls.name: {cls.name for cls in draft.makes} for draft in drafts.values()}):
        raise SpecError(f"an object cannot hold one of its own kind, other than in a list: {' -> '.join(circle)}")
    imports: defaultdict[str, set[str]] = defaultdict(set)
    for draft in drafts.values():
        imports[draft.cls.module] |= {cls.module for cls in draft.uses} - {draft.cls.module}
    if circle := _circle(imports):
        raise SpecError(f"modules of models cannot import each other: {' -> '.join(circle)}; move a schema")


def _circle(edges: dict[str, set[str]]) -> list[str]:
    """The first way found that leads back to where it began; empty if there is none."""
    done: set[str] = set()

    def walk(node: str, way: list[str]) -> list[str]:
        if node in way:
            return [*way[way.index(node) :], node]
        if node not in done:
            for following in sorted(edges.get(node, ())):
                if circle := walk(following, [*way, node]):
                    return circle
            done.add(node)
        return []

    return next((circle for node in sorted(edges) if (circle := walk(node, []))), [])


def _in_order(drafts: dict[Class, _Draft]) -> list[_Draft]:
    """Parts before the wholes that they belong to, by name otherwise."""
    ordered: dict[Class, _Draft] = {}
    visited: set[Class] = set()

    def place(cls: Class) -> None:
        if cls in visited:
            return
        visited.add(cls)
        draft = drafts[cls]
        # What a new object makes comes first in any case; what it only names gives way where the two disagree.
        for part in (*sorted(draft.makes), *sorted(draft.uses)):
            if part in draft.makes or cls not in _reached(part, drafts):
                place(part)
        ordered[cls] = draft

    for cls in sorted(drafts):
        place(cls)
    return list(ordered.values())


def _reached(start: Class, drafts: dict[Class, _Draft]) -> set[Class]:
    found = {start}
    waiting = [start]
    while waiting:
        new = drafts[waiting.pop()].uses - found
        found |= new
        waiting += new
    return found


def _model(document: Document, classes: Classes, draft: _Draft, imports: Imports) -> Model:
    fields = document.fields(draft.schema)
    attributes = {each.name for each in fields}
    if taken := sorted(name for name in attributes if name in _OF_THE_BASE or name.startswith("_")):
        raise SpecError(f"{draft.schema}: {', '.join(taken)} cannot be an attribute of a model")
    if hidden := sorted(attributes & {cls.name for cls in draft.uses}):
        raise SpecError(f"{draft.schema}: {', '.join(hidden)} is both an attribute and the class of one")
    names = ClassImports(imports, attributes)
    imports.use("attrs", "define")

    doc = sentence(document.schema(draft.schema, draft.schema).get("description", ""))
    if draft.cls.name != draft.schema:
        doc = f"{doc} {_INPUT_NOTE}".strip()
    return Model(
        name=draft.cls.name,
        base=imports.use(_MODEL, "InputModel" if draft.is_input else "Model"),
        doc=doc,
        attributes=[
            _held(each, classes, names, draft)
            if draft.is_input
            else answered_attribute(
                each, classes, names, draft.cls.module, own_id=classes.is_own_id(draft.schema, each.name)
            )
            for each in fields
        ],
        shapes=[(each.name, parameter(each, classes, names)) for each in fields] if draft.is_input else [],
    )


def answered_attribute(each: Field, classes: Homes, names: ClassImports, home: str, *, own_id: bool) -> Attribute:
    """An attribute of what the API sends: nothing has to be there, and what is nested is never None.

    Args:
        each: The field.
        classes: Where the classes of objects stand.
        names: The names of the class.
        home: The module of the class.
        own_id: Whether text here identifies something that callers pass on, so that it is never None either.
    """
    value = each.value
    annotation = answered(value, classes, names, home)
    if value.kind == "object":
        default = f"{names.use('attrs', 'field')}(factory={annotation})"
    elif value.kind == "list":
        default = f"{names.use('attrs', 'field')}(factory={names.use(_MODEL, 'empty_list')})"
    elif value.kind == "text" and own_id:
        default = '""'
    else:
        default = "None"
        if plain(value):
            annotation += " | None"
    return Attribute(each.name, annotation, default, described(value, sent=False), value.is_preview)


def _held(each: Field, classes: Classes, names: ClassImports, draft: _Draft) -> Attribute:
    """An attribute of an input: what is required has to be given, whatever else is None is not sent."""
    value = each.value
    if value.kind == "file":
        raise SpecError(f"{draft.schema}.{each.name}: only the body itself can carry a file")
    annotation = held(value, classes, names, draft.cls.module)
    if each.required:
        default = repr(value.schema["default"]) if "default" in value.schema else None
    else:
        default = "None"
        if value.kind != "anything":
            annotation += " | None"
    return Attribute(each.name, annotation, default, described(value, sent=True), value.is_preview)


def _enum(document: Document, name: str, imports: Imports) -> Enum:
    schema = document.schema(name, name)
    descriptions = schema.get("x-enum-descriptions", {})
    members = [
        Member(_member(value, name), repr(value), sentence(descriptions.get(str(value), "")))
        for value in schema["enum"]
    ]
    names = [member.name for member in members]
    if len(set(names)) < len(names):
        raise SpecError(f"{name}: several values would have the same name: {', '.join(names)}")
    base = imports.use("enum", "IntEnum" if schema.get("type") == "integer" else "StrEnum")
    return Enum(name, base, sentence(schema.get("description", "")), members)


def _member(value: object, where: str) -> str:
    """The name of a value: in capitals, with a word in front where it would begin with a digit."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", re.sub(r"^-(?=\d)", "minus_", str(value)))
    name = re.sub(r"[^A-Z0-9]+", "_", words.upper()).strip("_")
    if not name:
        raise SpecError(f"{where}: {value!r} gives no name")
    return f"VALUE_{name}" if name[0].isdigit() else name
