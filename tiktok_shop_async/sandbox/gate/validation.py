"""Checks a request's parameters and body against the spec: JSON types, limits, and what has to be there.

As on the live service a field of the wrong type is refused, naming the field and both types, while a field that no
one knows is passed over, and so is a value that is not among those listed. A field that is null counts as left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.refusal import BAD_REQUEST, OUT_OF_RANGE, RefusalError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tiktok_shop_async.sandbox.spec import Parameter, Schema, Spec

_INTEGER = re.compile("-?[0-9]{1,19}")
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
_LARGEST = 2**63 - 1
_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def read_query(spec: Spec, parameters: Mapping[str, Parameter], given: Mapping[str, str]) -> dict[str, Any]:
    """Turns the text of the query into values of the declared types, with the defaults that the spec states.

    Raises:
        RefusalError: a required parameter is absent, a value is not of its type, or it is out of range.
    """
    values: dict[str, Any] = {}
    for name, parameter in parameters.items():
        schema = spec.resolve(parameter.schema)
        text = given.get(name, "")
        if text == "":
            if "default" in schema:
                values[name] = schema["default"]
            elif parameter.required:
                raise RefusalError(BAD_REQUEST, f"Missing parameter: `{name}` is required in the query.", 400)
            continue
        values[name] = _parse(spec, name, schema, text)
        _check(name, schema, values[name])
    return values


def read_body(spec: Spec, schema: Schema, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Takes what the endpoint knows out of a JSON body.

    Raises:
        RefusalError: a required field is absent, or one is of the wrong type or beyond its limits.
    """
    return _read_object(spec, "", spec.resolve(schema), fields)


def fits(schema: Schema, value: Any) -> bool:
    """Whether a value is one that a scalar field may have, its listed values included."""
    try:
        _check("", schema, value)
    except RefusalError:
        return False
    return "enum" not in schema or value in schema["enum"]


def _parse(spec: Spec, name: str, schema: Schema, text: str) -> Any:
    kind = schema.get("type", "string")
    if kind == "integer":
        if not _INTEGER.fullmatch(text):
            raise _wrong_type(name, "integer", "text")
        return int(text)
    if kind == "boolean":
        if text not in {"true", "false", "1", "0"}:
            raise _wrong_type(name, "boolean", "text")
        return text in {"true", "1"}
    if kind == "array":
        items = spec.resolve(schema["items"])
        return [_parse(spec, name, items, part) for part in text.split(",")]
    return text


def _read(spec: Spec, where: str, schema: Schema, value: Any) -> Any:
    schema = spec.resolve(schema)
    _check(where, schema, value)
    if schema["type"] == "object":
        return _read_object(spec, where + ".", schema, value)
    if schema["type"] == "array":
        return [_read(spec, f"{where}[{index}]", schema["items"], item) for index, item in enumerate(value)]
    return value


def _check(where: str, schema: Schema, value: Any) -> None:
    kind = schema.get("type", "string")
    if not _is_of_type(value, kind):
        raise _wrong_type(where, kind, _type_name(value))
    if schema.get("format") == "decimal" and not _DECIMAL.fullmatch(value):
        raise _wrong_type(where, "decimal", "text")
    _check_limits(where, schema, value)


def _read_object(spec: Spec, prefix: str, schema: Schema, fields: Mapping[str, Any]) -> dict[str, Any]:
    for name in schema.get("required", ()):
        if fields.get(name) is None:
            raise RefusalError(BAD_REQUEST, f"Missing field: `{prefix}{name}` is required in the body.", 400)
    properties: Mapping[str, Schema] = schema.get("properties", {})
    return {
        name: _read(spec, prefix + name, properties[name], value)
        for name, value in fields.items()
        if name in properties and value is not None
    }


def _is_of_type(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, int):
        return -_LARGEST <= value <= _LARGEST
    return isinstance(value, _TYPES[kind])


def _type_name(value: Any) -> str:
    return next((kind for kind in _TYPES if _is_of_type(value, kind)), "null")


def _check_limits(where: str, schema: Schema, value: Any) -> None:
    if _is_of_type(value, "string"):
        _check_range(where, len(value), schema, "minLength", "maxLength", "characters")
    elif _is_of_type(value, "array"):
        _check_range(where, len(value), schema, "minItems", "maxItems", "entries")
    elif _is_of_type(value, "number"):
        _check_range(where, value, schema, "minimum", "maximum", "")


def _check_range(where: str, size: float, schema: Schema, lowest: str, highest: str, unit: str) -> None:
    low, high = schema.get(lowest), schema.get(highest)
    if (low is not None and size < low) or (high is not None and size > high):
        bounds = " and ".join(
            part
            for part in (f"at least {low}" if low is not None else "", f"at most {high}" if high is not None else "")
            if part
        )
        noun = f" {unit}" if unit else ""
        raise RefusalError(OUT_OF_RANGE, f"Out of range: `{where}` takes {bounds}{noun}, got {size}.", 400)


def _wrong_type(where: str, expected: str, actual: str) -> RefusalError:
    return RefusalError(BAD_REQUEST, f"Wrong type: `{where}` expects {expected}, got {actual}.", 400)
