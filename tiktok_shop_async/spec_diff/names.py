"""What Python callers see of a document: the names of methods and classes, and the types of values.

The generator of this package follows the same rules; a test holds the two against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tiktok_shop_async.spec_diff.document import Document, Node, Operation, Schema

__all__ = ["Direction", "Names", "argument_of", "body_of", "is_envelope", "python_type", "wire_type"]

Direction: TypeAlias = Literal["request", "answer"]

_OF_EVERY_METHOD = ("options", "self")
_BUILTINS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_JSON = "application/json"


class Names:
    """The classes of a document, and the names of its operations."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.operations = {operation.key: operation for operation in document.operations()}
        """By method and path."""
        self.callables: Mapping[str, Operation] = {
            name: operation for operation in self.operations.values() for name in operation.callables
        }
        """By each name that a caller can use."""
        self.answers: dict[str, Schema] = {}
        """Objects and enumerations that answers hold, by the names of their schemas."""
        self.requests: dict[str, Schema] = {}
        """The same for requests."""
        self._keys: set[str] = set()
        released: tuple[dict[str, Schema], dict[str, Schema]] = ({}, {})
        for operation in self.operations.values():
            self._collect(operation, self.requests, self.answers)
            if operation.data.get("x-status") != "preview":
                self._collect(operation, *released, previews=False)
        self._split = {
            name
            for name, schema in self.answers.items()
            if name in self.requests and schema.enum is None and not self._serves_both(name, schema)
        }

        self.released = {self.class_of(name, "request") for name in released[0]} | released[1].keys()
        """The classes that something has which is no preview."""

    @property
    def classes(self) -> Mapping[str, Schema]:
        """Every class, by its name."""
        found = dict(self.answers)
        for name, schema in self.requests.items():
            found[self.class_of(name, "request")] = schema
        return found

    def class_of(self, name: str, direction: Direction) -> str:
        """The class that stands for a schema."""
        return f"{name}Input" if direction == "request" and name in self._split else name

    def _collect(
        self, operation: Operation, requests: dict[str, Schema], answers: dict[str, Schema], *, previews: bool = True
    ) -> None:
        document = self._document
        for parameter in parameters_of(document, operation):
            self._reach(document.schema(parameter.at("schema")), requests, previews=previews)
        body = body_of(document, operation)
        if body is not None:
            # The object of the body has no class: its fields are arguments.
            schema = document.schema(body)
            inner = (
                [document.schema(document.property(schema, name)) for name in schema.names]
                if schema.names
                else [schema]
            )
            for each in inner:
                self._reach(each, requests, previews=previews)
        answer = answer_of(document, operation)
        if answer is not None:
            data = document.schema(answer)
            self._reach(data, answers, previews=previews)
            self._note_key(operation, data)

    def _note_key(self, operation: Operation, data: Schema) -> None:
        paging = operation.data.get("x-pagination", {})
        at = data
        for step in str(paging.get("items", "")).split("."):
            if step not in at.names:
                return
            at = leaf(self._document, self._document.schema(self._document.property(at, step)))
        if "key" in paging and at.name:
            self._keys.add(at.name)

    def _reach(self, schema: Schema, found: dict[str, Schema], *, previews: bool) -> None:
        waiting = [schema]
        seen: set[str] = set()
        while waiting:
            schema = waiting.pop()
            if schema.pointer in seen or (schema.name and schema.name in found):
                continue
            if schema.is_preview and not previews:
                continue
            seen.add(schema.pointer)
            if schema.name and (schema.names or schema.enum is not None):
                found[schema.name] = schema
            waiting += children(self._document, schema)

    def _serves_both(self, name: str, schema: Schema) -> bool:
        if name in self._keys or schema.required:
            return False
        fields = (self._document.schema(self._document.property(schema, each)) for each in schema.names)
        return not any(not field.types or field.types & {"object", "array"} for field in fields)


def children(document: Document, schema: Schema) -> Iterator[Schema]:
    """The schemas that a schema holds."""
    for name in schema.names:
        yield document.schema(document.property(schema, name))
    for key in ("items", "additionalProperties"):
        if isinstance(schema.data.get(key), dict):
            yield document.schema(below(schema, key))
    for key in ("oneOf", "anyOf"):
        for number in range(len(schema.data.get(key, ()))):
            yield document.schema(below(schema, key).at(number))


def below(schema: Schema, key: str) -> Node:
    """The node under a keyword of a schema."""
    from tiktok_shop_async.spec_diff.document import Node

    return Node(schema.data, schema.pointer).at(key)


def leaf(document: Document, schema: Schema) -> Schema:
    """What a list, or a list of lists, holds in the end."""
    seen: set[str] = set()
    while "array" in schema.types and isinstance(schema.data.get("items"), dict) and schema.pointer not in seen:
        seen.add(schema.pointer)
        schema = document.schema(below(schema, "items"))
    return schema


def parameters_of(document: Document, operation: Operation) -> list[Node]:
    """The parameters of an operation, those of its path included."""
    found: dict[tuple[str, str], Node] = {}
    for holder in (operation.shared, operation.node):
        for number in range(len(holder.data.get("parameters", ()))):
            node = document.follow(holder.at("parameters").at(number))
            found[(node.data.get("in", ""), node.data.get("name", ""))] = node
    return list(found.values())


def media_of(document: Document, holder: Node) -> Mapping[str, Node]:
    """The schemas of a body or an answer, by media type."""
    content = document.follow(holder).at("content")
    return {media: content.at(media).at("schema") for media in content.data}


def body_of(document: Document, operation: Operation) -> Node | None:
    """The schema of the body, as JSON where there is a choice."""
    return _chosen(media_of(document, operation.node.at("requestBody")))


def answer_of(document: Document, operation: Operation) -> Node | None:
    """What a method returns: the `data` of the envelope where there is one, or else the whole answer."""
    responses = operation.node.at("responses")
    for status in sorted(responses.data):
        if str(status).startswith("2"):
            node = _chosen(media_of(document, responses.at(status)))
            if node is None:
                continue
            schema = document.schema(node)
            if not is_envelope(schema):
                return node
            return document.property(schema, "data") if "data" in schema.names else None
    return None


def is_envelope(schema: Schema) -> bool:
    """Whether an answer wraps what it has to say in `data`, beside a `code` and a `message`."""
    return {"code", "message"} <= set(schema.names)


def python_type(
    document: Document,
    names: Names,
    schema: Schema,
    direction: Direction,
    *,
    argument: bool = False,
    above: frozenset[str] = frozenset(),
) -> str:
    """The type of a value as Python annotates it, without what stands for its absence.

    Arguments of methods take constants beside text, and mappings beside the objects of classes.
    """
    if schema.enum is not None:
        plain = _builtin(schema.types)
        return f"{schema.name} | {plain}" if argument and schema.name else plain
    if "array" in schema.types:
        if schema.pointer in above:
            return "Any"
        items = document.schema(below(schema, "items"))
        of = python_type(document, names, items, direction, argument=argument, above=above | {schema.pointer})
        return f"{'list' if direction == 'answer' else 'Sequence'}[{of}]"
    if schema.names and schema.name:
        return f"{names.class_of(schema.name, direction)}{' | Mapping[str, Any]' if argument else ''}"
    if argument and schema.data.get("format") == "binary":
        return "FileContent"
    return _builtin(schema.types)


def wire_type(document: Document, schema: Schema, above: frozenset[str] = frozenset()) -> str:
    """The type of a value as JSON has it."""
    if "array" in schema.types and schema.pointer not in above:
        items = document.schema(below(schema, "items"))
        return f"array of {wire_type(document, items, above | {schema.pointer})}"
    return " or ".join(sorted(schema.types)) or "any type"


def _builtin(types: Iterable[str]) -> str:
    return " | ".join(sorted(_BUILTINS.get(each, "Any") for each in types)) or "Any"


def _chosen(media: Mapping[str, Node]) -> Node | None:
    return media.get(_JSON) or next(iter(media.values()), None)


def argument_of(name: str) -> str:
    """The argument that a field of a request is; every method has some of its own."""
    return f"{name}_" if name in _OF_EVERY_METHOD else name
