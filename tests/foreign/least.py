"""The least that a request has to hold, made from the spec: for calls of operations that no test has a story for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.spec import bundled_spec

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.spec import Operation, Schema

SPEC = bundled_spec()
DOMAINS = {
    "authorization",
    "event",
    "finance",
    "fulfillment",
    "logistics",
    "order",
    "product",
    "return_refund",
    "seller",
    "supply_chain",
}
"""Those that the scripts call: what sellers, and partners who ship, need every day."""
NAMED = {"currency": "USD", "region": "US", "transaction_time": "2026-09-01T00:00:00+00:00"}
"""What the spec leaves open and the clients do not."""


def least_requests() -> dict[str, dict[str, Any]]:
    """For every operation of these domains, by method and path: the query and the body that it insists on."""
    return {
        f"{operation.method} {operation.path}": _request(operation)
        for operation in SPEC.operations
        if operation.path.split("/")[1] in DOMAINS
    }


def _request(operation: Operation) -> dict[str, Any]:
    required = {name: each for name, each in operation.query.items() if each.required}
    return {
        "query": {name: _value(name, each.schema) for name, each in required.items()},
        "body": _value("", operation.body or {"type": "object"}),
        "files": _files(operation),
        "token": operation.token,
    }


def _files(operation: Operation) -> list[str]:
    """The parts of a form that are files and cannot be left out."""
    body = SPEC.resolve(operation.body or {})
    parts = {name: SPEC.resolve(part) for name, part in body.get("properties", {}).items()}
    return [name for name in body.get("required", ()) if parts[name].get("format") == "binary"]


def _value(name: str, schema: Schema) -> Any:
    schema = SPEC.resolve(schema)
    if name in NAMED:
        return NAMED[name]
    if "default" in schema or "enum" in schema:
        return schema.get("default", schema.get("enum", [None])[0])
    kind = schema["type"]
    if kind == "object":
        return {inner: _value(inner, schema["properties"][inner]) for inner in schema.get("required", ())}
    if kind == "array":
        return [_value("", schema["items"])] * max(1, schema.get("minItems", 1))
    if kind == "boolean":
        return False
    if kind in {"integer", "number"}:
        return schema.get("minimum", 1)
    if schema.get("format") == "date":
        return "2026-09-01"
    return "1.00" if schema.get("format") == "decimal" else "1" * max(1, schema.get("minLength", 1))
