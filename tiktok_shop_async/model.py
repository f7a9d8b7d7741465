"""The base of everything that the API answers, and of the objects that requests are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import attrs
import msgspec
from attrs import define

from tiktok_shop_async import tolerance
from tiktok_shop_async.errors import ArgumentError
from tiktok_shop_async.operation import Parameter  # noqa: TC001 - msgspec resolves annotations at run time

if TYPE_CHECKING:
    from tiktok_shop_async.response import Response

empty_list: Callable[[], list[Any]] = list
"""The factory of attributes that hold lists: `list` itself, of a type that fits each of them."""


class Model:
    """An object of an answer. Its attributes have the names that the API gives them.

    Models are attrs classes: they compare by value and can be copied and pickled. What they answered to
    (`response_of`) is no part of that.
    """

    __slots__ = ("__weakref__", "_response")

    __preview__: ClassVar[tuple[str, ...]] = ()
    """The fields that are announced, and may still change."""

    if TYPE_CHECKING:
        _response: Response

    def to_dict(self) -> dict[str, Any]:
        """The object as plain data under the names of the API, ready for JSON.

        What holds nothing is left out: None, and empty models, lists and texts where empty is the default.
        """
        data: dict[str, Any] = {}
        for name, empty_by_default in _fields(cast("Any", type(self))):
            value = getattr(self, name)
            if value is None:
                continue
            plain = _plain(value)
            if plain or not empty_by_default:
                data[name] = plain
        return data

    def to_json(self) -> bytes:
        """The same as compact JSON."""
        return msgspec.json.encode(self.to_dict())

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Build the object from plain data, as tolerantly as an answer is read.

        Args:
            data: The fields by their names in the API; unknown ones are ignored, absent ones get their defaults.

        Raises:
            TypeError: It holds something that JSON cannot express.
        """
        return tolerance.decode(msgspec.json.encode(data), cls, f"{cls.__name__}.from_dict")

    def __eq__(self, other: object) -> bool:
        """By class and fields. Here and not made for each class by attrs, which would slow every import down."""
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name, _ in _fields(cast("Any", type(self))))

    def __repr__(self) -> str:
        """The object's own texts and numbers; of what is nested, only that it is there.

        So an order that ends up in a log line neither fills it nor spills its buyer's address.
        """
        held = self.to_dict()
        return f"{type(self).__name__}({', '.join(f'{name}={_brief(getattr(self, name))}' for name in held)})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Fields by name: what was pickled is read by versions of this package that know more fields, or fewer."""
        model = cast("Any", type(self))
        return _rebuild, (model, {name: getattr(self, name) for name, _ in _fields(model)})


class InputModel(Model):
    """An object that requests are made of. None is not sent; whatever else is given is, also when it is empty."""

    __slots__ = ()

    __shapes__: ClassVar[Mapping[str, Parameter]] = {}


@define(kw_only=True, eq=False, repr=False)
class Acknowledgement(Model):
    """The answer of an operation that has no data: it worked."""


def response_of(result: Model) -> Response:
    """The answer that a result of this client came with.

    Args:
        result: What a method returned, or a page of a pager. Rows and other parts have no answer of their own.

    Raises:
        ArgumentError: The object did not come straight from a call: a part of a result, or one that was built,
            copied or unpickled.
    """
    response: Response | None = getattr(result, "_response", None)
    if response is None:
        raise ArgumentError(f"this {type(result).__name__} is not what a call returned: ask the whole result or page")
    return response


def attach(result: Model, response: Response) -> None:
    """Remember the answer that a result came with."""
    result._response = response  # pyright: ignore[reportPrivateUsage]


def _rebuild(model: Any, fields: dict[str, Any]) -> Any:
    """Undo `Model.__reduce__`. Pickles in other people's stores name this function: it stays."""
    return model(**{name: fields[name] for name, _ in _fields(model) if name in fields})


@cache
def _fields(model: Any) -> tuple[tuple[str, bool], ...]:
    """The fields of a model, and which of them are empty by default."""
    return tuple((each.name, each.default == "" or hasattr(each.default, "factory")) for each in attrs.fields(model))


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_dict()
    items: Any = value
    if isinstance(value, list):
        return [_plain(each) for each in items]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in items.items()}
    return value


_LONGEST = 60  # characters of a text in a repr


def _brief(value: object) -> str:
    if isinstance(value, Model):
        return f"{type(value).__name__}(...)"
    if isinstance(value, str):
        return repr(value) if len(value) <= _LONGEST else f"{value[:_LONGEST]!r}..."
    if isinstance(value, Sized):
        return f"<{len(value)} item{'s' if len(value) != 1 else ''}>"
    return repr(value)
