"""The routes, and what each of them asks for, read from the bundled OpenAPI document.

Nothing about an endpoint is written down twice: paths, scopes, kinds of token, identifiers, limits and idempotency
keys come from the document and its `x-` keys; the modules under `behaviour` only say what happens.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote

from tiktok_shop_async.sandbox.refusal import UNKNOWN_METHOD, UNKNOWN_PATH, UNKNOWN_VERSION, RefusalError

Schema: TypeAlias = Mapping[str, Any]

BUNDLE = Path(__file__).with_name("openapi.json")
METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query: its JSON schema, and whether the endpoint insists on it."""

    schema: Schema
    required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One revision of one endpoint, as the document describes it.

    `markets` is None where it is for all sellers; `failed_items` is the place within `data` of the items that failed,
    `failed_item_id` the place of an item's id in each of them;
    `data` is what stands in the envelope, None where nothing does.
    """

    id: str
    method: str
    path: str
    version: str
    token: str
    scopes: tuple[str, ...]
    identifiers: Mapping[str, str]
    query: Mapping[str, Parameter]
    body: Schema | None
    multipart: bool
    idempotency_key: str | None
    retired: bool
    only_reads: bool
    markets: Sequence[Schema] | None
    pagination: Schema | None
    failed_items: str | None
    failed_item_id: str | None
    answer: Schema
    data: Schema | None


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request leads: the operation, and the values of the placeholders in its path."""

    operation: Operation
    path_values: Mapping[str, str]


@dataclass(slots=True)
class _Node:
    """One segment of the paths. A literal segment wins over a placeholder."""

    literals: dict[str, _Node] = field(default_factory=dict[str, "_Node"])
    placeholder: _Node | None = None
    operations: dict[str, Operation] = field(default_factory=dict[str, Operation])


class Spec:
    """The bundled document, ready to be asked."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._root = _Node()
        self.operations = tuple(self._read_operations())
        self._versions = sorted({operation.version for operation in self.operations})
        for operation in self.operations:
            self._add(operation)

    @property
    def webhooks(self) -> Mapping[str, Any]:
        """The webhooks as the document has them, by the name of the type of event."""
        webhooks: Mapping[str, Any] = self._document.get("webhooks", {})
        return webhooks

    def resolve(self, schema: Schema) -> Schema:
        """Follows a `$ref` to the schema it means, keeping what stands beside it, such as a default."""
        while "$ref" in schema:
            target: Any = self._document
            for segment in str(schema["$ref"]).removeprefix("#/").split("/"):
                target = target[segment.replace("~1", "/").replace("~0", "~")]
            beside = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**target, **beside} if beside else target
        return schema

    def scopes(self, token: str) -> list[str]:
        """All access scopes that endpoints for this kind of token ask for."""
        return sorted({scope for each in self.operations if each.token == token for scope in each.scopes})

    def route(self, method: str, raw_path: str) -> Route:
        """Finds the operation for a request, or refuses as the gateway does.

        Raises:
            RefusalError: no endpoint has this path, or none in this version, or not with this method.
        """
        segments = raw_path.removeprefix("/").split("/")
        node = _descend(self._root, segments)
        if node is None:
            if self._exists_in_another_version(segments):
                raise RefusalError(UNKNOWN_VERSION, f"Unknown version: this path has no revision `{segments[1]}`.", 400)
            raise RefusalError(UNKNOWN_PATH, "Unknown path: no endpoint is found here.", 404)
        operation = node.operations.get(method)
        if operation is None:
            offered = ", ".join(sorted(node.operations))
            raise RefusalError(UNKNOWN_METHOD, f"Unknown method: this path answers {offered}, not {method}.", 405)
        if operation.retired:
            raise RefusalError(
                UNKNOWN_VERSION, f"Retired version: revision `{operation.version}` is switched off.", 400
            )
        names = operation.path.strip("/").split("/")
        values = {
            name[1:-1]: unquote(segment) for name, segment in zip(names, segments, strict=True) if name.startswith("{")
        }
        return Route(operation, values)

    def _exists_in_another_version(self, segments: list[str]) -> bool:
        return len(segments) > 1 and any(
            _descend(self._root, [segments[0], version, *segments[2:]]) is not None for version in self._versions
        )

    def _add(self, operation: Operation) -> None:
        node = self._root
        for segment in operation.path.strip("/").split("/"):
            if segment.startswith("{"):
                node.placeholder = node.placeholder or _Node()
                node = node.placeholder
            else:
                node = node.literals.setdefault(segment, _Node())
        node.operations[operation.method] = operation

    def _read_operations(self) -> Iterator[Operation]:
        for path, item in self._document["paths"].items():
            for method in METHODS:
                if method in item:
                    shared = item.get("parameters", [])
                    yield self._read_operation(method.upper(), path, item[method], shared)

    def _read_operation(self, method: str, path: str, raw: Mapping[str, Any], shared: list[Schema]) -> Operation:
        parameters = [self.resolve(parameter) for parameter in [*shared, *raw.get("parameters", [])]]
        content = raw.get("requestBody", {}).get("content", {})
        multipart = "multipart/form-data" in content
        media_type = "multipart/form-data" if multipart else "application/json"
        answer = raw["responses"]["200"]["content"]["application/json"]["schema"]
        return Operation(
            id=raw["operationId"],
            method=method,
            path=path,
            version=raw["x-version"],
            token=raw["x-token"],
            scopes=tuple(raw["x-scopes"]),
            identifiers=raw["x-identifiers"],
            query={
                parameter["name"]: Parameter(parameter["schema"], parameter.get("required", False))
                for parameter in parameters
                if parameter["in"] == "query"
            },
            body=content[media_type]["schema"] if media_type in content else None,
            multipart=multipart,
            idempotency_key=raw.get("x-idempotency-key"),
            retired=raw["x-status"] == "retired",
            only_reads=raw.get("x-safety") == "read",
            markets=None if raw["x-markets"] == "all" else raw["x-markets"],
            pagination=raw.get("x-pagination"),
            failed_items=raw.get("x-partial-errors", {}).get("errors"),
            failed_item_id=raw.get("x-partial-errors", {}).get("item"),
            answer=answer,
            data=self._data_of(answer),
        )

    def _data_of(self, answer: Schema) -> Schema | None:
        for part in answer.get("allOf", [answer]):
            properties: Schema = self.resolve(part).get("properties", {})
            if "data" in properties:
                return self.resolve(properties["data"])
        return None


def _descend(node: _Node, segments: list[str]) -> _Node | None:
    if not segments:
        return node if node.operations else None
    first, rest = segments[0], segments[1:]
    if first in node.literals:
        found = _descend(node.literals[first], rest)
        if found is not None:
            return found
    if node.placeholder is not None and first:
        return _descend(node.placeholder, rest)
    return None


@cache
def bundled_spec() -> Spec:
    """The spec that ships with the package, read once in a process."""
    return Spec(json.loads(BUNDLE.read_bytes()))
