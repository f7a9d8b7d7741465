"""Writes the type of a value as Python annotates it, and its shape as `tiktok_shop_async.operation` spells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripts.generator.classes import Class, Classes
    from scripts.generator.document import Field, Kind, Value

PACKAGE = "tiktok_shop_async"
OPERATION = f"{PACKAGE}.operation"

_BUILTINS: Mapping[Kind, str] = {"text": "str", "integer": "int", "number": "float", "boolean": "bool"}
_FORMATS_OF_TEXT = ("decimal", "date")


class Names(Protocol):
    """Where the code that is written gets its names from."""

    def use(self, module: str, name: str) -> str:
        """Import a name."""
        ...

    def builtin(self, name: str) -> str:
        """Name a builtin."""
        ...


class Homes(Protocol):
    """Where the classes stand that objects are read into."""

    def answer(self, name: str) -> Class:
        """The class that stands for a schema."""
        ...


def module_of(cls: Class) -> str:
    """The full name of the module that a model stands in."""
    return f"{PACKAGE}.models.{cls.module}"


def plain(value: Value) -> str | None:
    """The builtin that a scalar arrives as. Enumerations are open, so theirs is what their values are written in."""
    if value.kind == "enum":
        return "int" if value.schema.get("type") == "integer" else "str"
    return _BUILTINS.get(value.kind)


def answered(value: Value, classes: Homes, names: Names, home: str = "") -> str:
    """The type of a value in an answer, as the module of models `home` writes it, or one that is none of them."""
    if builtin := plain(value):
        return names.builtin(builtin)
    if value.kind == "object":
        return _model(classes.answer(value.name), names, home)
    if value.of is not None:
        return f"{names.builtin('list')}[{answered(value.of, classes, names, home)}]"
    return names.use("typing", "Any")


def held(value: Value, classes: Classes, names: Names, home: str) -> str:
    """The type of an attribute of an input class, as the module of models `home` writes it.

    Lists are covariant so that a `list[OrderStatus]` can stand where text is asked for. Enumerations are text here,
    as msgspec knows no union of the two; their members are text as well.
    """
    if value.kind == "object":
        return _model(classes.request(value.name), names, home)
    if value.of is not None:
        return f"{names.use('collections.abc', 'Sequence')}[{held(value.of, classes, names, home)}]"
    return answered(value, classes, names, home)


def taken(value: Value, classes: Classes, names: Names) -> str:
    """The type of an argument of a method."""
    if value.kind == "enum":
        enum = classes.enum(value.name)
        return f"{names.use(module_of(enum), enum.name)} | {plain(value)}"
    if value.kind == "object":
        cls = classes.request(value.name)
        mapping = f"{names.use('collections.abc', 'Mapping')}[str, {names.use('typing', 'Any')}]"
        return f"{names.use(module_of(cls), cls.name)} | {mapping}"
    if value.of is not None:
        return f"{names.use('collections.abc', 'Sequence')}[{taken(value.of, classes, names)}]"
    if value.kind == "file":
        return names.use(f"{PACKAGE}.encoding", "FileContent")
    return plain(value) or names.use("typing", "Any")


def parameter(field: Field, classes: Classes, names: Names) -> str:
    """The `Parameter(...)` of a field."""
    required = ", required=True" if field.required else ""
    preview = ", preview=True" if field.value.is_preview else ""
    return f"{names.use(OPERATION, 'Parameter')}({_shape(field.value, classes, names)}{required}{preview})"


def _model(cls: Class, names: Names, home: str) -> str:
    return cls.name if cls.module == home else names.use(module_of(cls), cls.name)


def _shape(value: Value, classes: Classes, names: Names) -> str:
    schema = value.schema
    if value.kind == "object":
        return _call("Object", [f'"{classes.request(value.name).place}"'], names)
    if value.of is not None:
        limits = [("min_items", schema.get("minItems")), ("max_items", schema.get("maxItems"))]
        return _call("Items", [_shape(value.of, classes, names), *_given(limits)], names)
    if value.kind in ("integer", "number"):
        least, most = schema.get("minimum"), schema.get("maximum")
        name = "Integer" if value.kind == "integer" else "Number"
        if least is not None and most is not None:
            return _call(name, [repr(least), repr(most)], names)
        return _call(name, _given([("minimum", least), ("maximum", most)]), names)
    if value.kind == "text":
        spelled = schema.get("format") if schema.get("format") in _FORMATS_OF_TEXT else None
        arguments = _given([("max_length", schema.get("maxLength")), ("format", spelled and f'"{spelled}"')])
        if arguments == ['format="decimal"']:
            return names.use(OPERATION, "DECIMAL")
        return _call("Text", arguments, names)
    if value.kind == "enum":
        return names.use(OPERATION, "INTEGER" if plain(value) == "int" else "TEXT")
    return names.use(OPERATION, value.kind.upper())


def _given(arguments: list[tuple[str, object]]) -> list[str]:
    return [f"{name}={value}" for name, value in arguments if value is not None]


def _call(name: str, arguments: list[str], names: Names) -> str:
    """The shape with its limits, or the constant of the shape that has none."""
    if not arguments:
        return names.use(OPERATION, name.upper())
    return f"{names.use(OPERATION, name)}({', '.join(arguments)})"
