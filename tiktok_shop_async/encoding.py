"""From the arguments of a call to the parts of a request, refusing whatever the API would not take.

The API ignores a field that it does not know, and a filter that is ignored answers with everything; so what cannot be
right is refused here, before anything is sent. Only the values of enumerations are not checked: new ones come without
notice. None means "not sent"; an empty list or text that is given is sent.
"""

from __future__ import annotations

import importlib
import io
import math
import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import msgspec

from tiktok_shop_async.errors import ArgumentError
from tiktok_shop_async.multipart import FileContent as FileContent
from tiktok_shop_async.multipart import Multipart
from tiktok_shop_async.operation import Anything, Boolean, File, Integer, Items, Number, Object, Text
from tiktok_shop_async.preview import warn_of_preview

if TYPE_CHECKING:
    from tiktok_shop_async.model import InputModel
    from tiktok_shop_async.operation import Operation, Parameter, Shape

__all__ = ["JSON", "Arguments", "EncodedRequest", "FileContent", "encode", "encode_unlisted"]

Arguments: TypeAlias = Mapping[str, object]

JSON = "application/json"

# What RFC 3986 lets stand in a path segment as it is. Nothing else is quoted but refused, so that the path that is
# signed and the path that is sent are the same text; no id of this API needs more.
_SEGMENT = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@]+")
_PATH = re.compile(rf"(?:/{_SEGMENT.pattern})+")
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SIGNING = frozenset({"access_token", "app_key", "sign", "timestamp"})
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


class EncodedRequest(msgspec.Struct, frozen=True, gc=False):
    """What a call sends, apart from what each attempt adds: identity, timestamp, signature.

    Attributes:
        path: As it is sent and signed.
        query: Names and values, raw: percent-encoding belongs to the wire.
        body: Empty where the call has none.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: bytes | Multipart
    content_type: str

    @property
    def replayable(self) -> bool:
        """Whether the same body can be sent again."""
        return isinstance(self.body, bytes) or self.body.replayable


def encode(operation: Operation[Any], arguments: Arguments) -> EncodedRequest:
    """Check the arguments of a call against its operation and write them down.

    Args:
        operation: The endpoint.
        arguments: Path, query and body parameters side by side, by their wire names. A name that stands in two
            places is sent in both.

    Raises:
        ArgumentError: A value that cannot be sent; the text names its place.
    """
    if operation.preview:
        warn_of_preview(operation.name)
    path = operation.path
    for name, value in _given(operation.path_parameters, arguments, operation.name):
        path = path.replace(f"{{{name}}}", _segment(_text_of(value, name), name))
    query = tuple((name, _text_of(value, name)) for name, value in _given(operation.query, arguments, operation.name))
    if operation.multipart:
        parts = [
            (
                name,
                cast("FileContent", value) if isinstance(operation.body[name].shape, File) else _text_of(value, name),
            )
            for name, value in _given(operation.body, arguments, operation.name)
        ]
        form = Multipart(parts)
        return EncodedRequest(operation.method, path, query, form, form.content_type)
    fields = dict(_given(operation.body, arguments, operation.name))
    # A search without a filter is `{}`; a GET or DELETE with nothing to say has no body, and signing `{}` there fails.
    has_body = bool(fields) or (bool(operation.body) and operation.method not in {"GET", "DELETE"})
    return EncodedRequest(operation.method, path, query, msgspec.json.encode(fields) if has_body else b"", JSON)


def encode_unlisted(
    method: str, path: str, query: Arguments, body: object, files: Mapping[str, FileContent]
) -> EncodedRequest:
    """Write down a request to an endpoint that has no operation, checking no more than what any request must keep to.

    Raises:
        ArgumentError: A method, path or value that cannot be sent.
    """
    if method.upper() not in _METHODS:
        raise _refused("method", f"got {method!r}", f"use one of {', '.join(sorted(_METHODS))}")
    if not _PATH.fullmatch(path) or not {".", ".."}.isdisjoint(path.split("/")):
        raise _refused(
            "path", "not the plain path of an endpoint", "give it from its first `/`, without host and query"
        )
    for name in query.keys() & _SIGNING:
        raise _refused(name, "given in the query", "the client sets it itself")
    pairs = tuple((name, _text_of(_anything(value, name), name)) for name, value in query.items() if value is not None)
    if files:
        if not isinstance(body, Mapping | None):
            raise _refused("body", f"got {_kind(body)} beside files", "give the text parts as a dict")
        fields = cast("Mapping[str, object]", body or {})
        texts = [(name, _text_of(_anything(value, name), name)) for name, value in fields.items() if value is not None]
        form = Multipart([*texts, *((name, _file(content, name)) for name, content in files.items())])
        return EncodedRequest(method.upper(), path, pairs, form, form.content_type)
    if body is None:
        content = b""
    elif isinstance(body, bytes):
        content = body
    elif isinstance(body, str):
        raise _refused("body", "got a str", "give a dict, or JSON that is written already as bytes")
    else:
        content = msgspec.json.encode(_anything(body, "body"))
    return EncodedRequest(method.upper(), path, pairs, content, JSON)


def _given(
    parameters: Mapping[str, Parameter], arguments: Arguments, owner: str, place: str = ""
) -> list[tuple[str, object]]:
    """The checked values of those parameters that are given, of the operation or class that is their owner."""
    given: list[tuple[str, object]] = []
    for name, parameter in parameters.items():
        value = arguments.get(name)
        if value is not None:
            if parameter.preview:
                warn_of_preview(f"{owner}({name}=…)")
            given.append((name, _checked(parameter.shape, value, f"{place}.{name}" if place else name)))
        elif parameter.required:
            needed = [each for each in parameters if parameters[each].required and arguments.get(each) is None]
            others = f", as well as {', '.join(needed[1:])}" if needed[1:] else ""
            insists = "the endpoint insists on them" if others else "the endpoint insists on it"
            raise _refused(f"{place}.{name}" if place else name, f"missing{others}", insists)
    return given


def _checked(shape: Shape, value: object, place: str) -> object:
    """The value as plain JSON data, or a file as it is."""
    match shape:
        case Text():
            return _text(shape, value, place)
        case Integer():
            if not isinstance(value, int) or isinstance(value, bool):
                advice = "give Unix time: int(moment.timestamp())" if isinstance(value, datetime) else "give an int"
                raise _refused(place, f"got {_kind(value)}", advice)
            _within(shape, value, place)
            return int(value)
        case Boolean():
            if not isinstance(value, bool):
                raise _refused(place, f"got {_kind(value)}", "give True or False")
            return value
        case Object():
            return _object(shape, value, place)
        case Items():
            return _items(shape, value, place)
        case Number():
            if not isinstance(value, int | float) or isinstance(value, bool):
                raise _refused(place, f"got {_kind(value)}", "give an int or a float")
            number = _plain_number(value, place)
            _within(shape, number, place)
            return number
        case Anything():
            return _anything(value, place)
        case File():
            return _file(value, place)


def _text(shape: Text, value: object, place: str) -> str:
    if not isinstance(value, str):
        advice = "ids and amounts are text here: use str()" if isinstance(value, int | float) else "give a str"
        raise _refused(place, f"got {_kind(value)}", advice)
    text = _plain_text(value, place)
    if shape.max_length is not None and len(text) > shape.max_length:
        raise _refused(place, f"{len(text)} characters", f"at most {shape.max_length} are allowed")
    if shape.format == "decimal" and text and not _DECIMAL.fullmatch(text):
        raise _refused(place, "not a decimal number", 'write it as text with a point, such as "12.50"')
    return text


def _plain_text(value: str, place: str) -> str:
    text = str.__str__(value)  # the bare text of an enumeration's member
    # A pair of surrogates cannot stand in a str that was decoded properly, and half of one cannot be sent.
    if not text.isascii() and _SURROGATE.search(text):
        raise _refused(place, "holds half of a surrogate pair, which is no character", "decode the text properly")
    return text


def _within(shape: Integer | Number, value: float, place: str) -> None:
    if shape.minimum is not None and value < shape.minimum:
        raise _refused(place, f"got {value}", f"the least is {shape.minimum}")
    if shape.maximum is not None and value > shape.maximum:
        raise _refused(place, f"got {value}", f"the most is {shape.maximum}")


def _plain_number(value: float, place: str) -> float:
    """The bare number, also of an enumeration's member and of another library's float."""
    if isinstance(value, int):
        return int(value)
    if not math.isfinite(value):
        raise _refused(place, f"got {value}", "JSON has no such number")
    return float(value)


def _items(shape: Items, value: object, place: str) -> list[object]:
    if isinstance(value, str):
        raise _refused(place, "got a single str", "give a list, also for one member")
    kind = _kind(value)
    if not isinstance(value, Sequence) or isinstance(value, bytes | bytearray):
        raise _refused(place, f"got {kind}", "give a list")
    members = cast("Sequence[object]", value)
    if shape.min_items is not None and len(members) < shape.min_items:
        raise _refused(place, f"{len(members)} members", f"at least {shape.min_items} are needed")
    if shape.max_items is not None and len(members) > shape.max_items:
        raise _refused(place, f"{len(members)} members", f"at most {shape.max_items} are allowed: split the call")
    return [_checked(shape.of, member, f"{place}[{index}]") for index, member in enumerate(members)]


@cache
def _input_class(place: str) -> type[InputModel]:
    module, name = place.rsplit(".", 1)
    found: type[InputModel] = getattr(importlib.import_module(f"tiktok_shop_async.models.{module}"), name)
    return found


def _object(shape: Object, value: object, place: str) -> dict[str, object]:
    model = _input_class(shape.model)
    if isinstance(value, model):
        return _fields(value, place)
    if hasattr(type(value), "__shapes__"):
        # Endpoints that differ in a field have classes that differ in it; what both have may be given as either.
        members: Mapping[object, object] = _set_fields(cast("InputModel", value))
    elif isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value)
    else:
        raise _refused(place, f"got {_kind(value)}", f"give a {model.__name__} or a dict")
    for name in members:
        if name not in model.__shapes__:
            unknown = f"{place}.{name}" if isinstance(name, str) else place
            raise _refused(unknown, f"not a field of {model.__name__}", f"it has {', '.join(model.__shapes__)}")
    return dict(_given(model.__shapes__, cast("Arguments", members), model.__name__, place))


def _fields(value: InputModel, place: str) -> dict[str, object]:
    shapes = type(value).__shapes__
    return dict(_given(shapes, {name: getattr(value, name) for name in shapes}, type(value).__name__, place))


def _set_fields(value: InputModel) -> Mapping[object, object]:
    fields = {name: getattr(value, name) for name in type(value).__shapes__}
    return {name: field for name, field in fields.items() if field is not None}


def _anything(value: object, place: str) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _plain_text(value, place)
    if isinstance(value, int | float):
        return _plain_number(value, place)
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value)
        plain: dict[str, object] = {}
        for name, member in members.items():
            if not isinstance(name, str):
                raise _refused(place, f"a name of type {_kind(name)}", "JSON names its members by str")
            plain[_plain_text(name, place)] = _anything(member, f"{place}.{name}")
        return plain
    if isinstance(value, list | tuple):
        return [_anything(member, f"{place}[{i}]") for i, member in enumerate(cast("Sequence[object]", value))]
    if hasattr(type(value), "__shapes__"):
        return _fields(cast("InputModel", value), place)
    raise _refused(place, f"got {_kind(value)}", "give what JSON can hold: str, int, float, bool, None, list, dict")


def _file(value: object, place: str) -> FileContent:
    read = getattr(value, "read", None)
    if isinstance(value, str):
        raise _refused(place, "got a str", "give pathlib.Path(…) for a file's path, or bytes for its content")
    if isinstance(value, io.TextIOBase):
        raise _refused(place, "got a file in text mode", 'open it with mode "rb"')
    if iscoroutinefunction(read):
        raise _refused(place, f"{_kind(value)} reads asynchronously", "give its content as bytes, or the file within")
    if not isinstance(value, bytes | os.PathLike) and not callable(read):
        raise _refused(place, f"got {_kind(value)}", "give bytes, a file opened in binary mode, or a pathlib.Path")
    return cast("FileContent", value)


def _text_of(value: object, place: str) -> str:
    """A checked value as one text of a path, a query or a form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        members = [_text_of(member, f"{place}[{i}]") for i, member in enumerate(cast("list[object]", value))]
        for index, member in enumerate(members):
            if "," in member:
                raise _refused(f"{place}[{index}]", "holds a comma", "the members travel joined by commas")
        return ",".join(members)
    raise _refused(place, f"got {_kind(value)}", "only text, numbers, booleans and lists of them can stand here")


def _segment(text: str, place: str) -> str:
    if not _SEGMENT.fullmatch(text) or text in {".", ".."}:
        problem = "holds a character that no id has" if text.strip(".") else "empty, or only dots"
        raise _refused(place, problem, "it is part of the path: give the id as the API wrote it")
    return text


def _kind(value: object) -> str:
    return type(value).__name__


def _refused(place: str, problem: str, advice: str) -> ArgumentError:
    """The text never shows what was given beyond a number: it may be personal, or a secret."""
    return ArgumentError(f"{place}: {problem}; {advice}")
