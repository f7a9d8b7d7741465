"""The bundled OpenAPI document, read the way the generator needs it: typed values, fields, operations.

openapi-python-client checks the same document, but drops what the spec says beyond plain OpenAPI (x- keys, limits,
formats) and renames fields, so that everything the templates print comes from here.
"""

from __future__ import annotations

import json
import keyword
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Json: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["text", "integer", "number", "boolean", "file", "anything", "enum", "object", "list"]
Place: TypeAlias = Literal["path", "query", "body"]

PLACES: tuple[Place, ...] = ("path", "query", "body")

_METHODS = ("delete", "get", "patch", "post", "put")
_AUTHORED = ("default", "enum", "example", "examples")
_SCALARS: Mapping[str, Kind] = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}


class SpecError(Exception):
    """The document says something that no code can be generated for. The message names the place."""


@dataclass(frozen=True)
class Value:
    """The type of one value, with its schema: the description, format, limits and default beside the type."""

    kind: Kind
    schema: Json
    name: str = ""
    """The schema that an enum or object is named after."""
    of: Value | None = None
    """What a list holds."""

    @property
    def leaf(self) -> Value:
        """What a list, or a list of lists, holds in the end; the value itself where it is no list."""
        return self if self.of is None else self.of.leaf

    @property
    def is_preview(self) -> bool:
        """Whether it is announced, and not released."""
        return self.schema.get("x-status") == "preview"

    @property
    def type(self) -> tuple[object, ...]:
        """The type alone, to compare by."""
        return (self.kind, self.name, self.of and self.of.type)


@dataclass(frozen=True)
class Field:
    """A property of an object, or one parameter of an operation."""

    name: str
    value: Value
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """One operation of the document. `data` is its object there."""

    id: str
    tag: str
    method: str
    path: str
    data: Json
    parameters: Mapping[Place, tuple[Field, ...]]
    answer: str | None
    """The schema of the answer's `data`, None where it carries none."""
    answer_description: str
    multipart: bool = False

    @property
    def name(self) -> str:
        """What a caller writes after `client.`"""
        return f"{self.tag}.{self.id}"

    def fields(self) -> Iterator[Field]:
        """Everything that a request of it can carry."""
        for place in PLACES:
            yield from self.parameters[place]


@dataclass(frozen=True)
class Document:
    """The bundled document, in one order whatever order it came in."""

    data: Json
    tags: Mapping[str, str] = field(init=False)
    """The resources and what they are about."""
    accounts: Mapping[str, tuple[str, ...]] = field(init=False)
    """The kinds of accounts that each resource is for."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", _canonical(self.data))
        tags = {tag["name"]: tag.get("description", "") for tag in self.data.get("tags", [])}
        accounts = {tag["name"]: tuple(tag.get("x-accounts", ("seller",))) for tag in self.data.get("tags", [])}
        object.__setattr__(self, "tags", tags)
        object.__setattr__(self, "accounts", accounts)

    @classmethod
    def load(cls, path: Path) -> Document:
        """Read the document from a JSON file."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise SpecError(f"{path} does not exist: `python -m scripts.bundle` makes it") from None
        return cls(data)

    @property
    def schemas(self) -> Json:
        """The named schemas."""
        return _mapping(self.data.get("components", {}).get("schemas", {}))

    def schema(self, name: str, where: str) -> Json:
        """The named schema that `where` refers to."""
        try:
            return _mapping(self.schemas[name])
        except KeyError:
            raise SpecError(f"{where}: there is no schema {name}") from None

    def value(self, schema: Json, where: str) -> Value:
        """The type that a schema gives, references followed. What stands beside a reference wins."""
        name = ""
        beside: Json = {}
        while "$ref" in schema:
            name = schema["$ref"].removeprefix("#/components/schemas/")
            beside = {**schema, **beside}
            schema = self.schema(name, where)
        if name and ("enum" in schema or "properties" in schema):
            # These become classes, which tell themselves what is said of them.
            schema = {key: value for key, value in schema.items() if key not in ("description", "x-markets")}
        schema = {**schema, **beside}
        for combination in ("allOf", "anyOf", "oneOf"):
            if combination in schema:
                raise SpecError(f"{where}: {combination} is only understood in the envelope of an answer")

        kind = schema.get("type")
        if kind is None and "properties" in schema:
            kind = "object"
        if kind is None:
            return Value("anything", schema)
        if kind == "array":
            return Value("list", schema, of=self.value(schema.get("items", {}), f"{where}[]"))
        if kind == "object":
            if not schema.get("properties"):
                return Value("anything", schema)
            if not name:
                raise SpecError(f"{where}: a nested object has to be a reference to a named schema")
            return Value("object", schema, name)
        if not isinstance(kind, str) or kind not in _SCALARS:
            raise SpecError(f"{where}: unknown type {kind!r}")
        if name and "enum" in schema:
            return Value("enum", schema, name)
        if schema.get("format") == "binary":
            return Value("file", schema)
        return Value(_SCALARS[kind], schema)

    def fields(self, name: str) -> tuple[Field, ...]:
        """The fields of a named object."""
        return self._properties(self.schema(name, name), name)

    def object(self, name: str) -> Value:
        """A named object as a value."""
        return self.value({"$ref": f"#/components/schemas/{name}"}, name)

    def at(self, name: str, path: str, where: str) -> Value:
        """What stands at a dotted path within a named object, lists on the way passed through."""
        value = self.object(name)
        for step in path.split("."):
            holder = value.leaf
            fields = {field.name: field.value for field in self.fields(holder.name)} if holder.kind == "object" else {}
            if step not in fields:
                raise SpecError(f"{where}: {name} has nothing at {path}")
            value = fields[step]
        return value

    def row(self, operation: Operation) -> Value:
        """What the list in the answer holds that a list operation pages through."""
        path, where = operation.data["x-pagination"]["items"], f"{operation.id}: x-pagination.items"
        if operation.answer is None:
            raise SpecError(f"{where}: there is no data to hold {path}")
        rows = self.at(operation.answer, path, where)
        if rows.of is None:
            raise SpecError(f"{where}: {path} is no list")
        return rows.of

    def operations(self) -> tuple[Operation, ...]:
        """Every operation, by resource and name."""
        operations = sorted(
            (
                self._operation(path, method, item[method])
                for path, item in self.data.get("paths", {}).items()
                for method in _METHODS
                if method in item
            ),
            key=lambda operation: (operation.tag, operation.id),
        )
        names = Counter(operation.id for operation in operations)
        names.update(operation.data["x-alias"] for operation in operations if "x-alias" in operation.data)
        if twice := sorted(name for name, count in names.items() if count > 1):
            raise SpecError(f"several operations or aliases have the name {', '.join(twice)}")
        return tuple(operations)

    def _properties(self, schema: Json, where: str) -> tuple[Field, ...]:
        required = schema.get("required", [])
        fields = schema.get("properties", {})
        if unknown := sorted(set(required) - set(fields)):
            raise SpecError(f"{where}: required, but no property: {', '.join(unknown)}")
        return tuple(
            Field(_identifier(name, where), self.value(of, f"{where}.{name}"), name in required)
            for name, of in fields.items()
        )

    def _operation(self, path: str, method: str, data: Json) -> Operation:
        name = _identifier(data.get("operationId", ""), f"{method.upper()} {path}")
        tags = data.get("tags", [])
        if len(tags) != 1 or tags[0] not in self.tags:
            raise SpecError(f"{name}: has to have exactly one tag, out of the root's: {', '.join(sorted(self.tags))}")

        parameters: dict[Place, tuple[Field, ...]] = {"path": (), "query": (), "body": ()}
        for parameter in data.get("parameters", []):
            each = self._parameter(parameter, name)
            place = each["in"]
            if place not in ("path", "query"):
                raise SpecError(f"{name}: {each['name']} stands in the {place}, which is none of path, query and body")
            value = self.value(each.get("schema", {}), f"{name}.{each['name']}")
            if "description" in each:
                value = Value(value.kind, {**value.schema, "description": each["description"]}, value.name, value.of)
            parameters[place] += (Field(_identifier(each["name"], name), value, each.get("required", False)),)

        content = data.get("requestBody", {}).get("content", {})
        if unknown := sorted(set(content) - {"application/json", "multipart/form-data"}) or len(content) > 1:
            raise SpecError(f"{name}: the body has to be one of application/json and multipart/form-data: {unknown}")
        for body in content.values():
            parameters["body"] = self._properties(self._body(body.get("schema", {}), name), name)

        answer, description = self._answer(data, name)
        return Operation(
            id=name,
            tag=tags[0],
            method=method.upper(),
            path=path,
            data=data,
            parameters=parameters,
            answer=answer,
            answer_description=description,
            multipart="multipart/form-data" in content,
        )

    def _parameter(self, parameter: Json, where: str) -> Json:
        if "$ref" not in parameter:
            return parameter
        name = parameter["$ref"].removeprefix("#/components/parameters/")
        try:
            return _mapping(self.data["components"]["parameters"][name])
        except KeyError:
            raise SpecError(f"{where}: there is no parameter {name}") from None

    def _body(self, schema: Json, where: str) -> Json:
        """The object of the body: written in place, or a named one whose fields become arguments all the same."""
        return self.schema(schema["$ref"].removeprefix("#/components/schemas/"), where) if "$ref" in schema else schema

    def _answer(self, data: Json, where: str) -> tuple[str | None, str]:
        answer = data.get("responses", {}).get("200")
        if answer is None:
            raise SpecError(f"{where}: has no answer 200")
        envelope = answer.get("content", {}).get("application/json", {}).get("schema", {})
        parts = [
            part["properties"]["data"] for part in envelope.get("allOf", []) if "data" in part.get("properties", {})
        ]
        if not parts:
            return None, answer.get("description", "")
        value = self.value(parts[0], f"{where}.data")
        if value.kind != "object":
            raise SpecError(f"{where}: the data of the answer has to be a reference to a named object")
        return value.name, answer.get("description", "")


def _canonical(data: Json) -> Json:
    return _mapping(_in_order({**data, "tags": sorted(data.get("tags", []), key=lambda tag: str(tag["name"]))}))


def _in_order(value: Any) -> Any:
    """Every mapping by name, an object's own id first, and parameters by name: what follows from the facts alone.

    Examples stay as they were written, and so do lists, whose order says something.
    """
    if isinstance(value, list):
        return [_in_order(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: _ordered(key, value[key]) for key in sorted(value)}


def _ordered(key: str, value: Any) -> Any:
    if key in _AUTHORED:
        return value
    if key == "properties":
        return {name: _in_order(value[name]) for name in sorted(value, key=lambda name: (name != "id", name))}
    if key == "parameters" and isinstance(value, list):
        return sorted((_in_order(each) for each in value), key=lambda each: str(each.get("name", each.get("$ref"))))
    return _in_order(value)


def _identifier(name: str, where: str) -> str:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise SpecError(f"{where}: {name!r} cannot be a name in Python")
    return name


def _mapping(value: Json) -> Json:
    return value
