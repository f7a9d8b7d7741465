"""Reads OpenAPI documents, and resolves what they refer to.

Any document of OpenAPI 3.0 or 3.1 will do, as JSON or (with the extra `diff`) as YAML. The x- keys of this project's
spec are used where they are there.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from urllib.parse import unquote

from tiktok_shop_async.errors import DocumentError
from tiktok_shop_async.spec_diff.wellformed import misplaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Document", "DocumentError", "Node", "Operation", "Schema", "read"]

Json: TypeAlias = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
PLACES = ("path", "query", "header", "cookie")

_ANNOTATIONS = ("description", "summary", "title", "example", "examples", "externalDocs")
_OF_A_FIELD = ("default", "deprecated", "nullable", "readOnly", "writeOnly")
"""Keywords that are about the place where a schema is used, and not about its values."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a document, with the JSON pointer to it."""

    value: Any
    pointer: str

    @property
    def data(self) -> Json:
        """The part as an object; empty where it is none."""
        return mapping(self.value)

    def at(self, key: str | int) -> Node:
        """What stands below; empty where nothing does."""
        pointer = f"{self.pointer}/{escaped(key)}"
        entries = sequence(self.value)
        if not self.has(key):
            return Node({}, pointer)
        return Node(entries[int(key)] if entries else self.data[str(key)], pointer)

    def has(self, key: str | int) -> bool:
        """Whether anything stands below."""
        entries = sequence(self.value)
        return int(key) < len(entries) if entries and str(key).isdecimal() else str(key) in self.data


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema, references followed and `allOf` joined.

    `name` is the class that stands for it: the component that it is, or its title in a notification.
    """

    data: Json
    pointer: str
    name: str = ""
    pointers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Where properties stand that came from another part of an `allOf`."""
    whole: bool = True
    """Whether a named schema is what the component is, with nothing that bounds it further where it is used."""

    @property
    def types(self) -> frozenset[str]:
        """The types that a value may have, `null` apart; empty for any."""
        given = self.data.get("type")
        types = {given} if isinstance(given, str) else set(given or ())
        if not types and "properties" in self.data:
            types = {"object"}
        if not types and "enum" in self.data:
            types = {_type_of(value) for value in self.data["enum"]}
        return frozenset(types - {"null"})

    @property
    def nullable(self) -> bool:
        """Whether null is a value."""
        given = self.data.get("type")
        return self.data.get("nullable") is True or (isinstance(given, list) and "null" in given)

    @property
    def is_preview(self) -> bool:
        """Whether it is announced, and not yet part of the API."""
        return self.data.get("x-status") == "preview"

    @property
    def enum(self) -> list[Any] | None:
        """The values that are listed, null apart."""
        if "const" in self.data:
            return [self.data["const"]]
        values = self.data.get("enum")
        return None if values is None else [value for value in values if value is not None]

    @property
    def required(self) -> frozenset[str]:
        """The names of what has to be there."""
        return frozenset(sequence(self.data.get("required")))

    @property
    def names(self) -> list[str]:
        """The names of the properties."""
        return list(self.data.get("properties", {}))


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation, with the names that Python callers know it by."""

    method: str
    path: str
    node: Node
    id: str
    resource: str
    shared: Node
    """The path item, for what it says of all its operations."""

    @property
    def key(self) -> tuple[str, str]:
        """What the same operation has in another document: names of placeholders do not count."""
        return (self.method, re.sub(r"\{[^}]*\}", "{}", self.path))

    @property
    def data(self) -> Json:
        """What the document says of it."""
        return self.node.data

    @property
    def name(self) -> str:
        """What a caller writes after `client.`; method and path where the document has no name for it."""
        return self.named(self.id) if self.id else f"{self.method} {self.path}"

    @property
    def called(self) -> str:
        """The name as a call."""
        return f"{self.name}()" if self.id else self.name

    def named(self, name: str) -> str:
        """The operation by another of its names."""
        return f"{self.resource}.{name}" if self.resource else name

    @property
    def endpoint(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    @property
    def callables(self) -> tuple[str, ...]:
        """All the names that a caller can use."""
        if not self.id:
            return ()
        alias = self.data.get("x-alias")
        return (self.name, self.named(alias)) if alias else (self.name,)


class Document:
    """A document to compare.

    Args:
        data: The document, as JSON holds it.
        source: What to call it in messages.

    Raises:
        DocumentError: It is no OpenAPI document of version 3, or malformed.
    """

    def __init__(self, data: Any, source: str = "the document") -> None:
        if not str(mapping(data).get("openapi", "")).startswith("3."):
            if "swagger" in mapping(data):
                raise DocumentError(f"{source}: is a Swagger 2 document; convert it to OpenAPI 3 first")
            raise DocumentError(f"{source}: is no OpenAPI document of version 3")
        self.data = mapping(data)
        self.source = source
        if found := misplaced(data):
            raise DocumentError(f"{source}: {found[0]}: {found[1]} is expected here")
        self._schemas: dict[str, Schema] = {}
        self._joining: set[str] = set()

    def node(self, *keys: str | int) -> Node:
        """The part of the document that keys lead to."""
        node = Node(self.data, "#")
        for key in keys:
            node = node.at(key)
        return node

    def operations(self) -> Iterator[Operation]:
        """Every operation, as the document orders them."""
        for path in self.data.get("paths", {}):
            shared = self.follow(self.node("paths", path))
            for method in METHODS:
                if method in shared.data:
                    node = shared.at(method)
                    tags = node.data.get("tags") or [""]
                    yield Operation(
                        method=method.upper(),
                        path=path,
                        node=node,
                        id=in_snake_case(node.data.get("operationId", "")),
                        resource=in_snake_case(tags[0]),
                        shared=shared,
                    )

    def follow(self, node: Node) -> Node:
        """The node, or what it refers to."""
        seen: set[str] = set()
        while isinstance(node.data.get("$ref"), str):
            reference = str(node.data["$ref"])
            if not reference.startswith("#/"):
                raise DocumentError(
                    f"{self.source}: {node.pointer} refers to {reference}, outside of the document; bundle it first"
                )
            if reference in seen:
                raise DocumentError(f"{self.source}: {node.pointer} refers to itself")
            seen.add(reference)
            target = self._target(reference)
            if target is None:
                raise DocumentError(f"{self.source}: {node.pointer} refers to {reference}, which is not there")
            node = target
        return node

    def schema(self, node: Node) -> Schema:
        """The schema at a node, references followed and `allOf` joined; what stands beside a reference wins."""
        data = node.data
        if "$ref" not in data:
            return self._joined(Schema(data, node.pointer, _title(node)))
        target = self.follow(node)
        known = self._schemas.get(target.pointer)
        if known is None:
            if target.pointer in self._joining:
                raise DocumentError(f"{self.source}: {target.pointer} is made of itself")
            name = target.pointer.removeprefix("#/components/schemas/")
            named = name if name != target.pointer and "/" not in name else ""
            self._joining.add(target.pointer)
            known = self._schemas[target.pointer] = self._joined(Schema(target.data, target.pointer, named))
            self._joining.remove(target.pointer)
        return _with(known, {key: value for key, value in data.items() if key != "$ref"})

    def property(self, schema: Schema, name: str) -> Node:
        """A property of an object, not yet followed."""
        pointer = schema.pointers.get(name, f"{schema.pointer}/properties/{escaped(name)}")
        return Node(schema.data["properties"][name], pointer)

    def _joined(self, schema: Schema) -> Schema:
        """The schema with the parts of its `allOf` in it, and null said of it and not as a shape of its own."""
        for key in ("anyOf", "oneOf"):
            others = [each for each in schema.data.get(key, ()) if each != {"type": "null"}]
            if len(others) == 1 and len(schema.data[key]) == 2:
                number = schema.data[key].index(others[0])
                only = self.schema(Node(others[0], f"{schema.pointer}/{key}/{number}"))
                beside = {name: value for name, value in schema.data.items() if name != key}
                return _with(only, {**beside, "nullable": True})
        if "allOf" not in schema.data:
            return schema
        if len(schema.data["allOf"]) == 1 and not schema.data.keys() & {"properties", "required"}:
            # This is how OpenAPI 3.0 says something beside a reference.
            only = self.schema(Node(schema.data["allOf"][0], f"{schema.pointer}/allOf/0"))
            only = _with(only, {key: value for key, value in schema.data.items() if key != "allOf"})
            return replace(only, name=schema.name or only.name)
        joined: Json = {key: value for key, value in schema.data.items() if key != "allOf"}
        properties: Json = dict(joined.get("properties", {}))
        pointers = {name: f"{schema.pointer}/properties/{escaped(name)}" for name in properties}
        required = list(joined.get("required", ()))
        parts = [
            self.schema(Node(part, f"{schema.pointer}/allOf/{number}"))
            for number, part in enumerate(schema.data["allOf"])
        ]
        for part in parts:
            for name in part.names:
                properties.setdefault(name, part.data["properties"][name])
                pointers.setdefault(name, self.property(part, name).pointer)
            required += [name for name in part.data.get("required", ()) if name not in required]
            for key, value in part.data.items():
                if key not in ("properties", "required"):
                    joined.setdefault(key, value)
        if properties:
            joined["properties"] = properties
        if required:
            joined["required"] = required
        return Schema(joined, schema.pointer, schema.name, pointers)

    def _target(self, reference: str) -> Node | None:
        """What a reference leads to."""
        node = Node(self.data, "#")
        for part in reference[2:].split("/"):
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            if not node.has(key):
                return None
            node = node.at(key)
        return node


def read(path: Path) -> Document:
    """Read a document from a file.

    Raises:
        DocumentError: The file cannot be read, is neither JSON nor YAML, or is no OpenAPI document.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"{path}: cannot be read: {error}") from error
    return parse(text, str(path))


def parse(text: str, source: str) -> Document:
    """Read a document from its text.

    Raises:
        DocumentError: It is neither JSON nor YAML, or no OpenAPI document.
    """
    try:
        return Document(json.loads(text), source)
    except json.JSONDecodeError as error:
        if text.lstrip().startswith("{"):
            raise DocumentError(f"{source}: is no JSON: {error}") from error
    try:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError
    except ImportError:
        raise DocumentError(
            f'{source}: to read YAML, install the extra: pip install "tiktok-shop-async[diff]"'
        ) from None
    try:
        yaml = YAML(typ="safe", pure=True)
        return Document(_plain(yaml.load(text)), source)  # pyright: ignore[reportUnknownMemberType]
    except YAMLError as error:
        raise DocumentError(f"{source}: is no YAML: {error}") from error


def mapping(value: Any) -> Json:
    """The value as an object; empty where it is none."""
    return cast("Json", value) if isinstance(value, dict) else {}


def sequence(value: Any) -> Sequence[Any]:
    """The value as a list; empty where it is none."""
    return cast("Sequence[Any]", value) if isinstance(value, list) else ()


def escaped(key: str | int) -> str:
    """A key as a JSON pointer writes it."""
    return str(key).replace("~", "~0").replace("/", "~1")


def _plain(value: Any) -> Any:
    """YAML's dates and keys that are numbers, as JSON would have them."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in mapping(value).items()}
    if isinstance(value, list):
        return list(map(_plain, cast("Iterable[Any]", value)))
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _with(schema: Schema, beside: Json) -> Schema:
    """A schema with what stands beside a reference to it."""
    beside = {key: value for key, value in beside.items() if key not in _ANNOTATIONS}
    whole = schema.whole and all(key in _OF_A_FIELD or key.startswith("x-") for key in beside)
    return replace(schema, data={**schema.data, **beside}, whole=whole) if beside else schema


def in_snake_case(name: str) -> str:
    """A name as Python has it for methods and resources."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^A-Za-z0-9]+", "_", spaced).strip("_").lower()


def _title(node: Node) -> str:
    """The title names the class in notifications, where everything is written in place."""
    title = str(node.data.get("title", ""))
    return title if node.pointer.startswith("#/webhooks/") and re.fullmatch(r"[A-Z]\w*", title) else ""


def _type_of(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    return "number" if isinstance(value, float) else "string" if isinstance(value, str) else "null"
