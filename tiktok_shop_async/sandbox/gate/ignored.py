"""What a request says that the live service does not read: names that no one knows, and names in the wrong place.

The live service passes over them without a word, so that a filter under an old name, or a page size in the body, is
found out late. The sandbox passes over them too, and tells in its log and journal; in strict mode it refuses them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard, cast

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.spec import Operation, Schema, Spec

CREDENTIALS = frozenset({"app_key", "timestamp", "sign", "access_token"})
"""Names that the query of any call may have."""

HEADER_NAMES = frozenset({"x-tts-access-token", "access_token"})
DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Ignored:
    """A name that is not read where it stands.

    `name` is a dotted path where it stands deeper in a body, `place` is `query`, `body` or `form`, and `belongs` says
    where the endpoint would read it, such as `the query`; empty if nowhere.
    """

    name: str
    place: str
    belongs: str = ""

    def __str__(self) -> str:
        return f"`{self.name}` in the {self.place}, " + (
            f"which belongs in {self.belongs}" if self.belongs else "which is unknown"
        )

    def to_dict(self) -> dict[str, str]:
        """The same as plain data."""
        return {"name": self.name, "place": self.place, "belongs": self.belongs}


def find_ignored(
    spec: Spec, operation: Operation, query: Collection[str], body: Mapping[str, Any], *, form: bool = False
) -> list[Ignored]:
    """Everything in a query and a body that the endpoint does not read, in the order of the request."""
    known = operation.query.keys() | operation.identifiers.keys() | CREDENTIALS
    place = "form" if form else "body"
    found = [("query", name) for name in query if name not in known]
    found += [(place, name) for name in _unread(spec, operation.body or {}, body, "")]
    return [Ignored(name, where, _belongs(spec, operation, name.rpartition(".")[2], where)) for where, name in found]


def find_unlisted(spec: Spec, operation: Operation, query: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[str]:
    """Values that are none of those listed for their field, each as a remark."""
    for name, value in query.items():
        yield from _unlisted(spec, operation.query[name].schema, value, name)
    yield from _unlisted(spec, operation.body or {}, body, "")


def _unread(spec: Spec, schema: Schema, value: Any, prefix: str) -> Iterator[str]:
    schema = spec.resolve(schema)
    if isinstance(value, Mapping) and schema.get("type", "object") == "object":
        properties: Mapping[str, Schema] = schema.get("properties", {})
        for name, each in cast("Mapping[str, Any]", value).items():
            if name in properties:
                yield from _unread(spec, properties[name], each, f"{prefix}{name}.")
            else:
                yield prefix + name
    elif _is_list(value) and schema.get("type") == "array":
        for index, each in enumerate(value):
            yield from _unread(spec, schema["items"], each, f"{prefix[:-1]}[{index}].")


def _unlisted(spec: Spec, schema: Schema, value: Any, where: str) -> Iterator[str]:
    schema = spec.resolve(schema)
    if isinstance(value, Mapping):
        properties: Mapping[str, Schema] = schema.get("properties", {})
        for name, each in cast("Mapping[str, Any]", value).items():
            if name in properties:
                yield from _unlisted(spec, properties[name], each, f"{where}.{name}".removeprefix("."))
    elif _is_list(value):
        for index, each in enumerate(value):
            yield from _unlisted(spec, schema["items"], each, f"{where}[{index}]")
    elif "enum" in schema and value not in schema["enum"]:
        yield f"`{where}` has a value that is not listed for it: {value!r}"


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _belongs(spec: Spec, operation: Operation, name: str, place: str) -> str:
    if name in HEADER_NAMES:
        return "the header `x-tts-access-token`"
    if place != "query" and (name in operation.query or name in operation.identifiers or name in CREDENTIALS):
        return "the query"
    if f"{{{name}}}" in operation.path.split("/"):
        return "the path"
    paths = _paths_to(spec, operation.body or {}, name, "", 0)
    nearest = min(paths, key=lambda path: (path.count("."), path.count("["), len(path)), default="")
    if not nearest:
        return ""
    return f"the body as `{nearest}`" if "." in nearest else "the form" if operation.multipart else "the body"


def _paths_to(spec: Spec, schema: Schema, name: str, prefix: str, depth: int) -> Iterator[str]:
    schema = spec.resolve(schema)
    if schema.get("type") == "array":
        yield from _paths_to(spec, schema["items"], name, f"{prefix[:-1]}[].", depth)
    elif depth < DEEPEST:
        properties: Mapping[str, Schema] = schema.get("properties", {})
        if name in properties:
            yield prefix + name
        for each, part in properties.items():
            yield from _paths_to(spec, part, name, f"{prefix}{each}.", depth + 1)
