"""Rules on schemas and their fields."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from scripts.spec_rules.rule import Problem, rule
from scripts.spec_rules.spec import extensions, reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.spec_files import Node, Pointer
    from scripts.spec_rules.spec import Spec

_KEYWORDS = {
    *("$ref", "type", "format", "description", "default", "enum", "deprecated", "examples"),
    *("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern"),
    *("properties", "required", "items", "additionalProperties", "allOf"),
}
_FORMATS = {
    "string": {"decimal", "date", "binary"},
    "integer": {"unix-seconds", "unix-milliseconds", "int32", "int64"},
}

Shape: TypeAlias = tuple[object, ...]


@rule("schema-extensions")
def schema_extensions(spec: Spec) -> Iterator[Problem]:
    """The x- keys of schemas, properties and parameters hold what extensions.schema.json defines."""
    for node, pointer in (*spec.nodes(), *spec.parameters()):
        if found := extensions(node):
            for refusal in spec.refusals(found, "extensions.schema.json#/$defs/Field"):
                yield Problem(pointer + refusal.path, str(refusal))


@rule("schema-keyword")
def schema_keyword(spec: Spec) -> Iterator[Problem]:
    """A schema uses the keywords that the generator and the sandbox know; a misspelt one would go unheard."""
    for node, pointer in spec.nodes():
        for key in node:
            known = _KEYWORDS | {"title"} if pointer[0] == "webhooks" else _KEYWORDS
            if not key.startswith("x-") and key not in known:
                yield Problem((*pointer, key), f"`{key}` is no keyword that schemas here use")
        if "allOf" in node and "responses" not in pointer[3:4]:
            yield Problem((*pointer, "allOf"), "`allOf` is for the envelope of answers alone: write the fields out")


@rule("field-type")
def field_type(spec: Spec) -> Iterator[Problem]:
    """A field refers to a schema or has a type, and a list says what it holds."""
    types = ("string", "integer", "number", "boolean", "array", "object")
    for _, node, pointer in spec.fields():
        if "$ref" not in node and node.get("type") not in types:
            yield Problem(pointer, f"`type` is one of {', '.join(types)}")
    for node, pointer in spec.nodes():
        if node.get("type") == "array" and not node.get("items"):
            yield Problem(pointer, "say what the list holds, in `items`")


@rule("known-format")
def known_format(spec: Spec) -> Iterator[Problem]:
    """A format is known, and fits the type."""
    for node, pointer in spec.nodes():
        known = _FORMATS.get(str(node.get("type")), set())
        if "format" in node and node["format"] not in known:
            choice = ", ".join(sorted(known)) or "none"
            yield Problem((*pointer, "format"), f"{node['format']} is no format of {node.get('type')} ({choice})")


@rule("inline-object")
def inline_object(spec: Spec) -> Iterator[Problem]:
    """An object inside another one is a reference to a named schema, but for what webhooks bring."""
    for node, pointer in spec.nodes():
        if "properties" in node and not _is_named(pointer) and not _is_whole_content(pointer):
            yield Problem(pointer, "give this object a name and refer to it")


@rule("inline-enum")
def inline_enum(spec: Spec) -> Iterator[Problem]:
    """An enumeration is a named schema, so that both directions share it; webhooks have one direction."""
    for node, pointer in spec.nodes():
        if "enum" in node and not _is_named(pointer) and pointer[0] != "webhooks":
            yield Problem(pointer, "give this enumeration a name and refer to it")


@rule("open-enum")
def open_enum(spec: Spec) -> Iterator[Problem]:
    """An enumeration says `x-enum: open`, lists each value once, and describes only values that it lists."""
    for name, node in spec.schemas.items():
        pointer = ("components", "schemas", name)
        values = node.get("enum", [])
        if values and node.get("x-enum") != "open":
            yield Problem(pointer, f"{name}: add `x-enum: open`")
        if len(set(values)) < len(values):
            yield Problem((*pointer, "enum"), f"{name}: a value stands there twice")
        descriptions = node.get("x-enum-descriptions", {})
        for value in set(descriptions) - set(map(str, values)) if isinstance(descriptions, dict) else ():
            yield Problem((*pointer, "x-enum-descriptions", value), f"{name}: {value} is none of its values")


@rule("required-field")
def required_field(spec: Spec) -> Iterator[Problem]:
    """`required` lists properties that exist, on shapes of requests alone: an answer may leave any field out."""
    for node, pointer in spec.nodes():
        for name in node.get("required", []):
            if name not in node.get("properties", {}):
                yield Problem((*pointer, "required"), f"{name} is required, but no property")
    for name, node in spec.schemas.items():
        if "required" in node and name in spec.in_answers:
            do = f"make {name}Input for them" if name in spec.in_requests else "drop `required`"
            message = f"{name} is in answers, and only requests can be sure of a field: {do}"
            yield Problem(("components", "schemas", name, "required"), message)


@rule("both-directions")
def both_directions(spec: Spec) -> Iterator[Problem]:
    """An object that both requests and answers hold has scalars only; with lists or objects, requests get their own."""
    for name in sorted(spec.in_requests & spec.in_answers):
        if deep := [field for field, node in _fields(spec, name) if not _is_scalar(node)]:
            message = f"{name} goes both ways, and {deep[0]} is no scalar: make {name}Input for requests"
            yield Problem(("components", "schemas", name), message)


@rule("same-shape")
def same_shape(spec: Spec) -> Iterator[Problem]:
    """Fields of one name whose schemas have the same shape share one schema.

    A shape with lists, objects or required fields cannot serve both directions, so each direction may have its own; and
    so may requests that demand different fields.
    """
    targets: dict[str, set[str]] = defaultdict(set)
    for field, schema, _ in spec.fields():
        inner = _without_lists(schema)
        if "$ref" in inner:
            targets[field].add(reference(inner["$ref"])[1])
    told: set[str] = set()
    for field, names in sorted(targets.items()):
        shapes: dict[Shape, list[str]] = defaultdict(list)
        for name in sorted(names):
            if shape := _shape(spec, name):
                shapes[shape].append(name)
        for same in shapes.values():
            subject = ", ".join(same)
            if len(same) > 1 and subject not in told:
                told.add(subject)
                message = f"{subject} have one shape, and {field} is each of them: make them one"
                yield Problem(("components", "schemas", same[-1]), message, subject)


def _shape(spec: Spec, name: str) -> Shape:
    """What makes two schemas the same: the values of an enumeration, or fields, their types and what is required."""
    schema = spec.schemas[name]
    if "enum" in schema:
        return tuple(sorted(map(str, schema["enum"])))
    fields = _fields(spec, name)
    if not fields:
        return ()
    serves_both = "required" not in schema and all(_is_scalar(node) for _, node in fields)
    direction = "both" if serves_both else "requests" if name in spec.in_requests else "answers"
    demands = tuple(sorted(schema.get("required", ())))
    return (direction, demands, *sorted((field, _type(schema["properties"][field])) for field, _ in fields))


def _fields(spec: Spec, name: str) -> list[tuple[str, Node]]:
    return [(field, spec.resolve(node)) for field, node in spec.schemas[name].get("properties", {}).items()]


def _is_scalar(node: Node) -> bool:
    return node.get("type") not in ("array", "object")


def _type(schema: Node) -> str:
    if "items" in schema:
        return f"list of {_type(schema['items'])}"
    return str(schema.get("$ref") or schema.get("type"))


def _without_lists(schema: Node) -> Node:
    while "items" in schema:
        schema = schema["items"]
    return schema


def _is_named(pointer: Pointer) -> bool:
    return pointer[:2] == ("components", "schemas") and len(pointer) == 3


def _is_whole_content(pointer: Pointer) -> bool:
    """Whether it is the schema of a body, of an answer with the two parts that it joins, or anything in a webhook."""
    match pointer:
        case ("paths", _, _, "requestBody", "content", _, "schema"):
            return True
        case ("paths", _, _, "responses", _, "content", _, "schema", *parts):
            return parts == [] or (parts[0] == "allOf" and len(parts) == 2)
        case ("webhooks", *_):
            return True
    return False
