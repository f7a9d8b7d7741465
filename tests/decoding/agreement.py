"""Walks a JSON value and the model that was read from it side by side, and tells what the model lost or made up.

Written from the promise and not from the code: a value stands at its typed place, as itself, or as the same thing in
the type that belongs there, or, where no type can hold it, as it came. What holds nothing gives the default.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from msgspec import inspect

if TYPE_CHECKING:
    from collections.abc import Iterator


def disagreements(value: Any, model: Any) -> list[str]:
    """Where the model and the value that it was read from differ, in words. Fields without a place do not count."""
    return list(_compare(value if isinstance(value, dict) else {}, inspect.type_info(type(model)), model, "data"))


def without_place(value: Any, model: type) -> list[str]:
    """The fields of a JSON value that a model has no place for."""
    return sorted(set(_without_place(value, inspect.type_info(model), "data")))


def _without_place(value: Any, shape: inspect.Type, path: str) -> Iterator[str]:
    match shape:
        case inspect.DataclassType(fields=fields) if isinstance(value, dict):
            types = {field.encode_name: field.type for field in fields}
            for name, member in value.items():
                if name in types:
                    yield from _without_place(member, types[name], f"{path}.{name}")
                else:
                    yield f"{path}.{name}"
        case inspect.ListType(item_type=item_type) if isinstance(value, list):
            for element in value:
                yield from _without_place(element, item_type, f"{path}[]")


def _compare(value: Any, shape: inspect.Type, held: Any, path: str) -> Iterator[str]:
    if isinstance(shape, inspect.UnionType):
        shape = next(each for each in shape.types if not isinstance(each, inspect.NoneType))
    match shape:
        case inspect.DataclassType(cls=cls):
            if _holds_nothing(value):
                value = {}
            if not isinstance(value, dict):
                yield from _differs(value, held, path)
            elif type(held) is not cls:
                yield f"{path}: {cls.__name__} expected, {type(held).__name__} found"
            else:
                yield from _compare_fields(value, shape, held, path)
        case inspect.ListType(item_type=item_type):
            if _holds_nothing(value):
                value = []
            elements = value if isinstance(value, list) else [value]
            if not isinstance(held, list) or len(held) != len(elements):
                yield f"{path}: {len(elements)} elements expected"
            else:
                for index, (element, each) in enumerate(zip(elements, held, strict=True)):
                    yield from _compare(element, item_type, each, f"{path}[{index}]")
        case _:
            if not _same_scalar(value, shape, held):
                yield from _differs(value, held, path)


def _compare_fields(value: dict[str, Any], shape: inspect.DataclassType, held: Any, path: str) -> Iterator[str]:
    defaults = shape.cls()
    for field in shape.fields:
        found, default = getattr(held, field.name), getattr(defaults, field.name)
        if value.get(field.encode_name) is not None:
            yield from _compare(value[field.encode_name], field.type, found, f"{path}.{field.encode_name}")
        elif found != default:
            yield f"{path}.{field.encode_name}: nothing expected, something found"


def _differs(value: Any, held: Any, path: str) -> Iterator[str]:
    if json.dumps(value) != json.dumps(held, default=repr):
        yield f"{path}: {value!r} expected, {held!r} found"


def _same_scalar(value: Any, shape: inspect.Type, held: Any) -> bool:
    if value in ([], {}) and not isinstance(shape, inspect.AnyType):
        return held in (None, "")
    nothing = value is None or (isinstance(value, str) and value.strip().lower() in ("", "null"))
    match shape:
        case inspect.StrType() if isinstance(value, bool | int | float):
            return bool(held == json.dumps(value))
        case inspect.BoolType() if type(held) is bool:
            return str(value).strip().lower() in (("true", "1") if held else ("false", "0"))
        case inspect.IntType() | inspect.FloatType() if type(held) in (int, float):
            return _number(value) == _number(held)
        case inspect.IntType() | inspect.FloatType() | inspect.BoolType() if nothing:
            return held is None
        case _:
            return type(held) is type(value) and bool(held == value)


def _holds_nothing(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
