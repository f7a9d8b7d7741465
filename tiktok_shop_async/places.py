"""Dotted paths: what stands under one in an answer, and how a request is made to say something there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from tiktok_shop_async.model import InputModel

__all__ = ["follow", "given", "placed"]


def follow(value: object, path: str) -> Any:
    """What stands under a dotted path of attributes, None where it breaks off."""
    for name in path.split("."):
        value = getattr(value, name, None)
    return value


def given(arguments: Mapping[str, object], path: str) -> object:
    """What the arguments of a call say under a dotted path, None where they say nothing."""
    value: object = arguments
    for name in path.split("."):
        value = _fields(value).get(name)
    return value


def placed(arguments: Mapping[str, object], path: str, value: object) -> dict[str, object]:
    """The argument that says a value; where that is an object, with whatever else was given in it."""
    name, _, inside = path.partition(".")
    if not inside:
        return {name: value}
    fields = _fields(arguments.get(name))
    return {name: {**fields, **placed(fields, inside, value)}}


def _fields(value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return cast("Mapping[str, object]", value)
    shapes = cast("InputModel", value).__shapes__ if hasattr(value, "__shapes__") else ()
    return {name: getattr(value, name) for name in shapes}
