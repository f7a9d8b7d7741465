"""Says whether two schemas have the same shape, and two fields the same name in another spelling."""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.spec_diff.names import below, leaf
from tiktok_shop_async.spec_diff.rules import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tiktok_shop_async.spec_diff.document import Document, Node, Schema

__all__ = ["CONSTRAINTS", "canonical", "kindred", "limits_of", "paths", "resemble", "shape", "variants_of"]

CONSTRAINTS = (
    "not",
    "if",
    "then",
    "else",
    "contains",
    "minContains",
    "maxContains",
    "prefixItems",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentEncoding",
    "contentMediaType",
)
"""Keywords that bound a value in ways of which only a change is told, and not in which direction it goes."""

_ALIKE = 0.8


def shape(document: Document, schema: Schema, above: tuple[str, ...] = ()) -> str:
    """A schema as text that is the same for the same shape, whatever its parts are called and wherever they stand."""
    if schema.pointer in above:
        return f"<{len(above) - above.index(schema.pointer)} up>"
    above = (*above, schema.pointer)
    said: dict[str, Any] = {
        key: schema.data.get(key) for key in ("format", "pattern", "default", "x-enum", "readOnly", "writeOnly")
    }
    said |= {key: schema.data[key] for key in CONSTRAINTS if key in schema.data}
    said |= limits_of(schema)
    said["types"] = sorted(schema.types)
    said["nullable"] = schema.nullable
    said["enum"] = None if schema.enum is None else sorted(map(canonical, schema.enum))
    said["required"] = sorted(schema.required)
    said["properties"] = {
        name: shape(document, document.schema(document.property(schema, name)), above) for name in schema.names
    }
    for key in ("items", "additionalProperties"):
        held = schema.data.get(key, True)
        said[key] = shape(document, document.schema(below(schema, key)), above) if isinstance(held, dict) else held
    said["variants"] = sorted(shape(document, document.schema(each), above) for each in variants_of(schema))
    return canonical(said)


def paths(document: Document, schema: Schema, above: tuple[str, ...] = ()) -> Iterator[str]:
    """The dotted paths of all the fields that a schema holds; those that hold themselves are not followed round."""
    schema = leaf(document, schema)
    if schema.pointer in above:
        return
    for name in schema.names:
        yield name
        held = document.schema(document.property(schema, name))
        yield from (f"{name}.{path}" for path in paths(document, held, (*above, schema.pointer)))


def resemble(one: str, other: str) -> bool:
    """Whether two names are spellings of one."""
    flat = [re.sub(r"[^a-z0-9]", "", each.lower()) for each in (one, other)]
    return flat[0] == flat[1] or difflib.SequenceMatcher(a=min(flat), b=max(flat)).ratio() >= _ALIKE


def kindred(one: Schema, other: Schema) -> bool:
    """Whether one class may have become the other: half of what the smaller one has, fields or values, is in both."""
    members = [set(map(canonical, each.names or each.enum or ())) for each in (one, other)]
    return 2 * len(members[0] & members[1]) >= min(map(len, members))


def limits_of(schema: Schema) -> dict[str, Any]:
    """The bounds of a schema, those of OpenAPI 3.0 as 3.1 writes them; without those that bound nothing."""
    found = {keyword: schema.data[keyword] for keyword in LIMITS if keyword in schema.data}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if found.get(exclusive) is True:
            found[exclusive] = found.pop(bound, None)
        elif found.get(exclusive) is False:
            del found[exclusive]
    for keyword, nothing in (("minLength", 0), ("minItems", 0), ("minProperties", 0), ("uniqueItems", False)):
        if keyword in found and found[keyword] == nothing:
            del found[keyword]
    return found


def variants_of(schema: Schema) -> list[Node]:
    """The shapes among which a value chooses."""
    for key in ("oneOf", "anyOf"):
        if key in schema.data:
            node = below(schema, key)
            return [node.at(number) for number in range(len(schema.data[key]))]
    return []


def canonical(value: Any) -> str:
    """A value as text, in which the order of keys does not show."""
    return json.dumps(value, sort_keys=True, default=str)
