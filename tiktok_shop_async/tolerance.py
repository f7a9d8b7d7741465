"""Fits answers that are not quite what the reference says into their models, without losing what they hold.

msgspec reads an answer straight from its bytes. Only where that fails does this module take over, one level at a time:
an object is split into its members and a list into its elements, and each part is offered to msgspec again, so that an
odd field costs a little work for itself and nothing for its neighbours.

What stands in a typed place afterwards, by what the answer holds there:

    belongs   text            number                  boolean        list         object
    text      itself          its exact text          its JSON text  kept         kept
    integer   * "12" -> 12    * 1.0, 1e2 -> 1, 100    kept           kept         kept
    number    * "1.5" -> 1.5  itself                  kept           kept         kept
    boolean   * "true", "1"   * 1, 0                  itself         kept         kept
    list      list of one     list of one             list of one    itself       list of one
    object    kept            kept                    kept           kept         itself

- `*`: msgspec reads these itself, whether or not anything else is odd, since the decoders are not strict. Blanks around
  such text are cut off. Other text ("1.5", "012", "12a" for an integer; anything but true, false, 1 and 0, in any case,
  for a boolean) and numbers out of place (1.5 for an integer, 2 for a boolean) are kept.
- What holds nothing gives the default of the field, which is None, an empty list or an empty model: null, and where
  something else belongs "", [] and {}; also, `*`, the text "null" where an integer, number or boolean belongs. As an
  element of a list of scalars it is None.
- "kept": the plain value as it came, in a place that is typed otherwise. A number that no Python number holds exactly
  is kept as its text.
"""

from __future__ import annotations

import json
import logging
import math
import re
from decimal import Decimal, InvalidOperation
from functools import cache
from types import GenericAlias
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, cast

import msgspec
from msgspec import Raw, Struct, ValidationError, inspect

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_log = logging.getLogger("tiktok_shop_async")

_MEMBERS = msgspec.json.Decoder(dict[str, Raw])
_ELEMENTS = msgspec.json.Decoder(list[Raw])

# A mismatch is told once. The fields of the models bound their number, except where a model contains itself.
_MOST_REPORTS = 10_000
_reported: set[tuple[str, str, str]] = set()


def decode(content: bytes, model: type[T], operation: str) -> T:
    """Read a JSON object into `model`, odd or not. `operation` names it in reports.

    Raises:
        msgspec.DecodeError: The content is not JSON.
        UnicodeDecodeError: Text in it is not UTF-8.
        RecursionError: It is nested deeper than the interpreter reads.
    """
    try:
        return decoder(model).decode(content)
    except ValidationError:
        return fit(Raw(content), model, operation)


def fit(value: Raw, model: type[T], operation: str) -> T:
    """Read a JSON value that is known not to fit `model`. Raises what `decode` raises.

    A value that is no object gives an empty model, since callers are typed to work with one; it is reported like any
    other mismatch.
    """
    fitted = _Fitting(operation).fit(value, _Place("object", model, decoder(model).decode), "")
    return fitted if isinstance(fitted, model) else empty(model)


def empty(model: type[T]) -> T:
    """A model that holds nothing, also where a request would insist on a field."""
    return model(**{name: None for name, place in _places(cast("Any", model)).items() if place.required})


def decoder(type_: type[T]) -> msgspec.json.Decoder[T]:
    """The fast decoder of a type, made once."""
    return cast("msgspec.json.Decoder[T]", _decoder(cast("Any", type_)))


@cache
def _decoder(type_: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type_, strict=False, float_hook=_number)


def _number(text: str) -> float | str:
    """Read a JSON number, or keep its text where a float would change or lose it."""
    number = float(text)
    try:
        exact = math.isfinite(number) and Decimal(repr(number)) == Decimal(text)
    except InvalidOperation:  # an exponent beyond all reason
        exact = False
    return number if exact else text


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _whole_number(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:  # longer than the interpreter converts
        return text


def plain(content: bytes) -> Any:
    """A JSON value as it came, in Python's own types; a number that none of them holds exactly is its text.

    Raises:
        ValueError: The content is not JSON in UTF-8.
        RecursionError: It is nested deeper than the interpreter reads.
    """
    return json.loads(content.decode(), parse_float=_number, parse_int=_whole_number, parse_constant=_no_number)


# Every escape is matched, so that the `\\\\ud800` of an escaped backslash is not taken for a surrogate.
_ESCAPES = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def mend(content: bytes) -> bytes:
    """Put the replacement character where half an emoji was cut off, which is no text and which msgspec refuses."""
    return _ESCAPES.sub(lambda match: rb"\ufffd" if match["lone"] else match[0], content)


_Kind = Literal["text", "integer", "number", "boolean", "list", "map", "object", "anything"]

_SCALARS: dict[type[inspect.Type], tuple[_Kind, Any]] = {
    inspect.StrType: ("text", str),
    inspect.IntType: ("integer", int),
    inspect.FloatType: ("number", float),
    inspect.BoolType: ("boolean", bool),
}


class _Place(Struct, frozen=True):
    """A typed place in a model: what belongs there, and how msgspec reads it."""

    kind: _Kind
    type: Any
    read: Callable[[Raw], Any]
    item: _Place | None = None
    required: bool = False


def _place(shape: inspect.Type, *, required: bool = False) -> _Place:
    types = [each for each in getattr(shape, "types", ()) if not isinstance(each, inspect.NoneType)]
    optional = len(types) == 1
    shape = types[0] if optional else shape
    kind: _Kind
    type_: Any  # put together at run time
    item: _Place | None = None
    match shape:
        case inspect.DataclassType():
            kind, type_ = "object", shape.cls
        case inspect.ListType():
            item = _place(shape.item_type)
            kind, type_ = "list", GenericAlias(list, (item.type,))
        case inspect.DictType():
            item = _place(shape.value_type)
            kind, type_ = "map", GenericAlias(dict, (str, item.type))
        case _:
            kind, type_ = _SCALARS.get(type(shape), ("anything", Any))
    read: Callable[[Raw], Any] = _decoder(type_ | None if optional else type_).decode
    return _Place(kind, type_, read, item, required)


@cache
def _places(model: Any) -> dict[str, _Place]:
    """The fields of a model, resolved as msgspec resolves them."""
    shape = cast("inspect.DataclassType", inspect.type_info(model))
    return {each.encode_name: _place(each.type, required=each.required) for each in shape.fields}


class _Nothing:
    """Stands for a value that holds nothing: its place gets its default."""


_NOTHING: Final = _Nothing()


class _Fitting(Struct, frozen=True):
    """Fits the values of one answer. `path` is the way to a value, for the report: `orders[].payment.tax`."""

    operation: str

    def fit(self, raw: Raw, place: _Place, path: str) -> Any:
        """Fit a value that msgspec refused to read."""
        held = _held(raw)
        if held == "nothing":
            return _NOTHING
        match place.kind:
            case "object" if held == "object":
                return self.model(raw, place.type, path)
            case "list" if place.item is not None and held == "list":
                return self.elements(_ELEMENTS.decode(raw), place.item, f"{path}[]")
            case "list" if place.item is not None:
                self.tell(path, held, place.kind, kept=False)
                return self.elements([raw], place.item, f"{path}[]")
            case "map" if place.item is not None and held == "object":
                return self.values(_MEMBERS.decode(raw), place.item, f"{path}{{}}")
            case "anything":  # a number beyond any type
                return plain(bytes(raw))
            case "integer" | "number" | "boolean" if held == "text":
                return self.trimmed(raw, place, path)
            case "text" if held in ("number", "boolean"):
                self.tell(path, held, place.kind, kept=False)
                return bytes(raw).decode()
            case _:
                return self.keep(raw, place.kind, path)

    def model(self, raw: Raw, model: type, path: str) -> Any:
        """Fit an object member by member."""
        members = _MEMBERS.decode(raw)
        fields: dict[str, Any] = {}
        for name, place in _places(model).items():
            value: Any = _NOTHING
            member = members.get(name)
            if member is not None and place.item is not None:
                # Element by element in any case: what is odd in a page is mostly one of its rows.
                value = self.fit(member, place, _join(path, name))
            elif member is not None:
                try:
                    value = place.read(member)
                except ValidationError:
                    value = self.fit(member, place, _join(path, name))
            if value is not _NOTHING:
                fields[name] = value
            elif place.required:
                fields[name] = None
        return model(**fields)

    def elements(self, elements: list[Raw], place: _Place, path: str) -> list[Any]:
        fitted: list[Any] = []
        for element in elements:
            try:
                value = place.read(element)
            except ValidationError:
                value = self.fit(element, place, path)
            fitted.append(_default(place) if value is _NOTHING else value)
        return fitted

    def values(self, members: dict[str, Raw], place: _Place, path: str) -> dict[str, Any]:
        return dict(zip(members, self.elements(list(members.values()), place, path), strict=True))

    def trimmed(self, raw: Raw, place: _Place, path: str) -> Any:
        """Fit the text of a number or flag: blanks around it mean nothing."""
        content = Raw(b'"%b"' % bytes(raw)[1:-1].strip())
        try:
            value = _NOTHING if _held(content) == "nothing" else place.read(content)
        except ValidationError:
            return self.keep(raw, place.kind, path)
        self.tell(path, "text", place.kind, kept=False)
        return value

    def keep(self, raw: Raw, belongs: _Kind, path: str) -> Any:
        self.tell(path, _held(raw), belongs, kept=True)
        return plain(bytes(raw))

    def tell(self, path: str, held: str, belongs: _Kind, *, kept: bool) -> None:
        """Log a mismatch, the first time it is seen: its place and kinds, never the value."""
        mismatch = (self.operation, path, held)
        if mismatch in _reported or len(_reported) >= _MOST_REPORTS:
            return
        _reported.add(mismatch)
        _log.log(
            logging.WARNING if kept else logging.INFO,
            "%s: %s holds %s where %s belongs; %s",
            self.operation,
            path or "data",
            held,
            belongs,
            "converted" if not kept else "kept as it came" if path else "left to the raw answer",
        )


def _default(place: _Place) -> Any:
    """What an element of a list is that holds nothing."""
    match place.kind:
        case "object":
            return empty(place.type)
        case "list":
            return []
        case "map":
            return {}
        case _:
            return None


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


_HELD = {b'"': "text", b"{": "object", b"[": "list", b"t": "boolean", b"f": "boolean"}


def _held(raw: Raw) -> str:
    """The kind of a value, told by how it starts."""
    start = bytes(memoryview(raw)[:2])
    return "nothing" if start in (b"nu", b'""', b"[]", b"{}") else _HELD.get(start[:1], "number")
