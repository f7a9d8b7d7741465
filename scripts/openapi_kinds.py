"""What stands where in an OpenAPI document: the kinds of things that have names, and the ways that lead to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from scripts.spec_files import METHODS

if TYPE_CHECKING:
    from scripts.spec_files import Pointer

Kind: TypeAlias = str

_OF_SCHEMAS: dict[str, Kind] = {
    "properties": "fields",
    "items": "schema",
    "additionalProperties": "schema",
    "allOf": "schemas side by side",
    "anyOf": "schemas side by side",
    "oneOf": "schemas side by side",
}
_HOLDS: dict[Kind, dict[str, Kind]] = {
    "document": {"paths": "paths", "webhooks": "paths", "components": "components"},
    "components": {"schemas": "schemas", "parameters": "shared parameters"},
    "paths": {"*": "path item"},
    "path item": {**dict.fromkeys(METHODS, "operation"), "parameters": "parameters"},
    "operation": {"parameters": "parameters", "requestBody": "content holder", "responses": "answers"},
    "answers": {"*": "content holder"},
    "content holder": {"content": "contents"},
    "contents": {"*": "media type"},
    "media type": {"schema": "schema"},
    "parameters": {"*": "parameter"},
    "shared parameters": {"*": "shared parameter"},
    "parameter": {"schema": "schema"},
    "shared parameter": {"schema": "schema"},
    "schemas": {"*": "shared schema"},
    "shared schema": _OF_SCHEMAS,
    "schema": _OF_SCHEMAS,
    "fields": {"*": "field"},
    "field": _OF_SCHEMAS,
    "schemas side by side": {"*": "schema"},
}
"""The kinds of things that each kind holds, by their keys; `*` is for keys that are names."""

NAMED = ("operation", "shared schema", "field", "shared parameter")
"""What has a name of its own, so that a second one of that name is a mistake."""
LISTS = ("parameters", "schemas side by side")
"""What is a list, where all else is a mapping."""


def inside(kind: Kind, key: str) -> Kind:
    """What stands under a key; empty where it is nothing that has a name, or holds something that has one."""
    held = _HOLDS.get(kind, {})
    return held.get(key) or held.get("*", "")


def kind_at(pointer: Pointer) -> Kind:
    """What stands at a place in the document."""
    kind = "document"
    for key in pointer:
        kind = inside(kind, key)
    return kind
