"""The bundled document as rules look at it: operations, schemas, references followed, and who reaches what."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from scripts.definitions import Refusal, refusals
from scripts.spec_files import METHODS, Node, Pointer, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scripts.bundle import Bundle


@dataclass
class Spec:
    """A spec whose files could be joined."""

    bundle: Bundle

    @property
    def folder(self) -> Path:
        """The folder that the files of the spec are in."""
        return self.bundle.root.parent

    @property
    def root(self) -> Node:
        """The content of the root file."""
        return self.bundle.files[self.bundle.root]

    def file(self, file: Path) -> Any:
        """The content of any file of the spec, one that nothing refers to included. Raises `UnreadableFileError`."""
        return self.bundle.files[file] if file in self.bundle.files else read_yaml(file)

    @property
    def document(self) -> Node:
        """The bundled document."""
        return self.bundle.document

    @property
    def schemas(self) -> dict[str, Node]:
        """The named schemas."""
        schemas: dict[str, Node] = self.document["components"]["schemas"]
        return schemas

    @cached_property
    def operations(self) -> list[Operation]:
        """All operations, in the order of the document."""
        return [
            Operation(self, path, method, item[method])
            for path, item in self.document["paths"].items()
            for method in METHODS
            if method in item
        ]

    @property
    def webhooks(self) -> dict[str, Node]:
        """The webhooks by name, each as the operation that the receiver serves."""
        return {name: item.get("post", {}) for name, item in self.document["webhooks"].items()}

    def resolve(self, node: Node) -> Node:
        """The node behind a reference; what stands beside the reference wins."""
        if "$ref" not in node:
            return node
        kind, name = reference(node["$ref"])
        target: Node = self.document["components"][kind][name]
        return target | {key: value for key, value in node.items() if key != "$ref"}

    def field(self, schema: Node, path: str) -> Node | None:
        """The schema of the field that a dotted path leads to, from object to object; None where there is none."""
        for name in path.split("."):
            fields = self.resolve(schema).get("properties", {})
            if name not in fields:
                return None
            schema = fields[name]
        return self.resolve(schema)

    def innermost(self, schema: Node) -> Node:
        """What a list, or a list of lists, holds in the end; the schema itself where it is no list."""
        while (schema := self.resolve(schema)).get("type") == "array":
            schema = schema.get("items", {})
        return schema

    def fields(self) -> Iterator[tuple[str, Node, Pointer]]:
        """Every property of a schema, a request or a webhook, and every parameter: its name, schema and place."""
        for schema, pointer in (*self._named(), *self._bodies(), *self._payloads()):
            for node, at in below(schema, pointer):
                for name, each in node.get("properties", {}).items():
                    yield name, each, (*at, "properties", name)
        for parameter, pointer in self.parameters():
            yield parameter.get("name", ""), parameter.get("schema", {}), (*pointer, "schema")

    def parameters(self) -> Iterator[tuple[Node, Pointer]]:
        """Every parameter where it is defined: the shared ones, then those of single paths and operations."""
        for name, parameter in self.document["components"]["parameters"].items():
            yield parameter, ("components", "parameters", name)
        holders = [(item, ("paths", path)) for path, item in self.document["paths"].items()]
        for holder, pointer in (*holders, *((each.node, each.pointer) for each in self.operations)):
            for position, parameter in enumerate(holder.get("parameters", [])):
                if "$ref" not in parameter:
                    yield parameter, (*pointer, "parameters", str(position))

    def nodes(self) -> Iterator[tuple[Node, Pointer]]:
        """Every schema at any depth, with its place. References are not followed: each node comes once."""
        parameters = ((each.get("schema", {}), (*pointer, "schema")) for each, pointer in self.parameters())
        for schema, pointer in (*self._named(), *parameters, *self._bodies(), *self._answers(), *self._payloads()):
            yield from below(schema, pointer)

    @cached_property
    def in_requests(self) -> set[str]:
        """The names of the schemas that a request can hold."""
        parameters = [each.get("schema", {}) for each, _ in self.parameters()]
        return self._reached(parameters + [schema for schema, _ in self._bodies()])

    @cached_property
    def in_answers(self) -> set[str]:
        """The names of the schemas that an answer can hold."""
        return self._reached([schema for schema, _ in self._answers()])

    def _reached(self, schemas: list[Node]) -> set[str]:
        reached: set[str] = set()
        while schemas:
            for node, _ in below(schemas.pop(), ()):
                if "$ref" in node and (name := reference(node["$ref"])[1]) not in reached:
                    reached.add(name)
                    schemas.append(self.schemas[name])
        return reached

    def _named(self) -> Iterator[tuple[Node, Pointer]]:
        for name, schema in self.schemas.items():
            yield schema, ("components", "schemas", name)

    def _bodies(self) -> Iterator[tuple[Node, Pointer]]:
        for operation in self.operations:
            yield from _contents(operation.node.get("requestBody", {}), (*operation.pointer, "requestBody"))

    def _answers(self) -> Iterator[tuple[Node, Pointer]]:
        for operation in self.operations:
            for code, answer in operation.node.get("responses", {}).items():
                yield from _contents(answer, (*operation.pointer, "responses", code))

    def _payloads(self) -> Iterator[tuple[Node, Pointer]]:
        for name, webhook in self.webhooks.items():
            yield from _contents(webhook.get("requestBody", {}), ("webhooks", name, "post", "requestBody"))

    @cached_property
    def _definitions(self) -> Registry[Any]:
        names = ("extensions.schema.json", "ledger.schema.json")
        files = [(name, self.folder / name) for name in names]
        contents = [(name, json.loads(file.read_text(encoding="utf-8"))) for name, file in files if file.is_file()]
        registry: Registry[Any] = Registry().with_resources(
            [(name, Resource.from_contents(content)) for name, content in contents]
        )
        return registry

    def refusals(self, instance: object, definition: str) -> Iterator[Refusal]:
        """What a definition (`<file>#<pointer>`) in the JSON Schemas of the spec does not allow about an instance."""
        return refusals(Draft202012Validator({"$ref": definition}, registry=self._definitions), instance)


@dataclass
class Operation:
    """One operation of the document."""

    spec: Spec
    path: str
    method: str
    node: Node

    @property
    def pointer(self) -> Pointer:
        """Where it stands in the document."""
        return ("paths", self.path, self.method)

    @property
    def name(self) -> str:
        """Its operationId; method and path where it has none."""
        return str(self.node.get("operationId", f"{self.method.upper()} {self.path}"))

    @cached_property
    def refusals(self) -> list[Refusal]:
        """What the definition of the x- keys does not allow about this operation."""
        return list(self.spec.refusals(extensions(self.node), "extensions.schema.json#/$defs/Operation"))

    def extension(self, key: str) -> Any:
        """The value of an x- key; None where there is none, or none that its definition allows."""
        refused = {refusal.path[0] for refusal in self.refusals if refusal.path}
        return None if key in refused else self.node.get(key)

    @cached_property
    def parameters(self) -> list[Node]:
        """The parameters, those of the path included, references followed."""
        shared = self.spec.document["paths"][self.path].get("parameters", [])
        return [self.spec.resolve(each) for each in (*shared, *self.node.get("parameters", []))]

    def parameter(self, name: str, place: str = "query") -> Node | None:
        """The schema of a parameter, None where there is none of this name."""
        found = next((each for each in self.parameters if each.get("name") == name and each.get("in") == place), None)
        return None if found is None else self.spec.resolve(found.get("schema", {}))

    @cached_property
    def body(self) -> Node:
        """The schema of the request's body, empty where it has none."""
        return next((schema for schema, _ in _contents(self.node.get("requestBody", {}), ())), {})

    @cached_property
    def data(self) -> Node | None:
        """The schema of the `data` of a successful answer; None where it carries none."""
        content = self.node.get("responses", {}).get("200", {}).get("content", {})
        for part in content.get("application/json", {}).get("schema", {}).get("allOf", []):
            if "data" in part.get("properties", {}):
                return self.spec.resolve(part["properties"]["data"])
        return None

    def request_field(self, path: str, place: str | None = None) -> Node | None:
        """The schema of what a request carries at `path`: a query parameter, or a dotted path in the body."""
        if place != "body" and (found := self.parameter(path)) is not None:
            return found
        return None if place == "query" else self.spec.field(self.body, path)


def extensions(node: Node) -> Node:
    """The x- keys of a node, with their values."""
    return {key: value for key, value in node.items() if key.startswith("x-")}


def reference(text: str) -> tuple[str, str]:
    """Kind and name of the component that a reference of the bundled document names."""
    kind, name = text.removeprefix("#/components/").split("/")
    return kind, name


def below(schema: Node, pointer: Pointer) -> Iterator[tuple[Node, Pointer]]:
    """A schema and every schema written inside it, with their places. References are not followed."""
    yield schema, pointer
    for name, each in schema.get("properties", {}).items():
        yield from below(each, (*pointer, "properties", name))
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from below(schema[key], (*pointer, key))
    for key in ("allOf", "anyOf", "oneOf"):
        for position, each in enumerate(schema.get(key, [])):
            yield from below(each, (*pointer, key, str(position)))


def _contents(holder: Node, pointer: Pointer) -> Iterator[tuple[Node, Pointer]]:
    """The schemas of a request's body or of an answer, one for each media type."""
    for media_type, media in holder.get("content", {}).items():
        yield media.get("schema", {}), (*pointer, "content", media_type, "schema")
