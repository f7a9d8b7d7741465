"""Answers that are odd in the ways in which live ones are, made from ordinary ones by what the spec says of each field.

No endpoint is named here: which text is an enumeration, which number a time and where the token of the next page stands
follows from the schema. Without `fields` a part of all fitting fields is changed, at least one; the id of a row and the
token of the next page stay, since without them no list can be read at all.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from tiktok_shop_async.sandbox.paging import token_of_an_empty_page

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.spec import Schema, Spec

SHARE = 0.3
UNKNOWN_VALUE = "ONLY_IN_THE_SANDBOX"
EXTRA_FIELD = "only_in_the_sandbox"
ITEM_FAILED = 36009003

Change: TypeAlias = Callable[["Spot"], Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in an answer: the object or list that holds it, its key there, its schema and its dotted name."""

    holder: Any
    key: Any
    schema: Schema
    name: str

    @property
    def value(self) -> Any:
        """What stands there."""
        return self.holder[self.key]


def make_odd(
    kind: str, spec: Spec, call: Call, data: dict[str, Any], chance: random.Random, fields: Sequence[str] = ()
) -> dict[str, Any]:
    """The envelope's part `data`, changed; what was given stays as it is.

    Args:
        kind: one of `ODDITIES`.
        spec: resolves what schemas refer to.
        call: the request that was answered.
        data: the answer to it.
        chance: decides where several places would do.
        fields: patterns of the dotted names to change, or of their last part; a part of all when left out.

    Returns:
        What stands in the envelope in place of `data`, under its name, or nothing where it is to be absent.
    """
    changed = copy.deepcopy(data)
    if kind in _WHOLE:
        return _WHOLE[kind](call, changed, chance)
    spots = [spot for spot in _walk(spec, call.operation.data or {}, changed) if _FITS[kind](spot)]
    for spot in _choose(spots, call, chance, fields):
        _CHANGES[kind](spot)
    return {"data": changed}


def _walk(spec: Spec, schema: Schema, value: Any, name: str = "") -> Iterator[Spot]:
    """Every field of an answer, the inner ones first, so that a change of an outer one comes last."""
    schema = spec.resolve(schema)
    if _is_object(value):
        properties: Mapping[str, Schema] = schema.get("properties", {})
        for key in list(value):
            inner = spec.resolve(properties.get(key, {}))
            place = f"{name}.{key}" if name else key
            yield from _walk(spec, inner, value[key], place)
            yield Spot(value, key, inner, place)
    elif _is_list(value):
        inner = spec.resolve(schema.get("items", {}))
        for index, row in enumerate(value):
            yield from _walk(spec, inner, row, name)
            if not isinstance(row, (dict, list)):
                yield Spot(value, index, inner, name)


def _choose(spots: list[Spot], call: Call, chance: random.Random, fields: Sequence[str]) -> list[Spot]:
    if fields:
        return [
            spot
            for spot in spots
            if any(fnmatchcase(spot.name, field) or spot.name.rpartition(".")[2] == field for field in fields)
        ]
    pagination = call.operation.pagination or {}
    kept = {f"{pagination.get('items')}.{pagination.get('key')}", pagination.get("items"), pagination.get("next-token")}
    spots = [spot for spot in spots if spot.name not in kept]
    chosen = {index for index in range(len(spots)) if chance.random() < SHARE}
    if spots and not chosen:
        chosen = {chance.randrange(len(spots))}
    return [spot for index, spot in enumerate(spots) if index in chosen]


def _is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_digits(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdecimal()


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _put(make: Change) -> Callable[[Spot], None]:
    def change(spot: Spot) -> None:
        spot.holder[spot.key] = make(spot)

    return change


def _swap(spot: Spot) -> Any:
    if isinstance(spot.value, str):
        return int(spot.value) if _is_digits(spot.value) else float(spot.value)
    return str(spot.value)


def _is_amount(spot: Spot) -> bool:
    return isinstance(spot.value, str) and spot.schema.get("format") == "decimal" and spot.value != ""


def _extend(spot: Spot) -> None:
    spot.value[EXTRA_FIELD] = {"since": "yesterday", "values": [1, "2", None]}


_FITS: dict[str, Callable[[Spot], bool]] = {
    "nulls": lambda spot: isinstance(spot.holder, dict),
    "empty_strings": lambda spot: isinstance(spot.value, str),
    "swapped_types": lambda spot: _is_digits(spot.value) or _is_integer(spot.value) or _is_amount(spot),
    "unknown_enums": lambda spot: "enum" in spot.schema,
    "extra_fields": lambda spot: isinstance(spot.value, dict),
    "milliseconds": lambda spot: spot.schema.get("format") == "unix-seconds" and _is_integer(spot.value),
}
_CHANGES: dict[str, Callable[[Spot], None]] = {
    "nulls": _put(lambda _: None),
    "empty_strings": _put(lambda _: ""),
    "swapped_types": _put(_swap),
    "unknown_enums": _put(lambda _: UNKNOWN_VALUE),
    "extra_fields": _extend,
    "milliseconds": _put(lambda spot: spot.value * 1000),
}


def _no_data(_call: Call, _data: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    return chance.choice(({}, {"data": None}, {"data": {}}))


def _failed_items(call: Call, data: dict[str, Any], _: random.Random) -> dict[str, Any]:
    place = call.operation.failed_items or "errors"
    entry = _entry_of(call, place)
    properties = entry.get("properties", {"code": {}, "message": {}})
    item = call.operation.failed_item_id or ("detail.id" if call.operation.failed_items is None else "")
    name = (item or place.removesuffix("s")).rpartition(".")[2].removeprefix("failed_")
    asked = {**call.body, **call.query, **call.path}
    item_id = next((found for each in (name, "id") for found in _values_of(each, asked)), "0")
    if entry.get("type") == "string":
        return {"data": _with(data, place, [item_id])}
    reason = "Internal error: this item failed"
    said = {"code": ITEM_FAILED, "message": reason, "fail_reason": reason}
    error = {key: value for key, value in said.items() if key in properties}
    return {"data": _with(data, place, [_with(error, item, item_id) if item else error])}


def _entry_of(call: Call, place: str) -> Schema:
    """The schema of what is listed at a place of the answer; of nothing where the answer lists nothing there."""
    schema: Schema = call.operation.data or {}
    for name in place.split("."):
        schema = call.spec.resolve(call.spec.resolve(schema).get("properties", {}).get(name, {}))
    return call.spec.resolve(schema.get("items", {}))


def _with(fields: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The fields with a value at the end of a dotted path of names."""
    name, _, rest = path.partition(".")
    return {**fields, name: _with(fields.get(name) or {}, rest, value) if rest else value}


def _values_of(name: str, value: Any) -> Iterator[str]:
    """What a request says under a name, or under its plural."""
    if _is_object(value):
        for key, inner in value.items():
            if key in {name, name + "s"}:
                yield from map(str, inner if _is_list(inner) else [inner])
            else:
                yield from _values_of(name, inner)
    elif _is_list(value):
        for inner in value:
            yield from _values_of(name, inner)


def _token_on_the_last_page(call: Call, data: dict[str, Any], _: random.Random) -> dict[str, Any]:
    place = (call.operation.pagination or {}).get("next-token")
    found: Any = data
    for name in (place or "").split("."):
        found = found.get(name) if _is_object(found) else None
    return {"data": _with(data, place, found or token_of_an_empty_page(call)) if place else data}


_WHOLE: dict[str, Callable[[Call, dict[str, Any], random.Random], dict[str, Any]]] = {
    "last_page_token": _token_on_the_last_page,
    "no_data": _no_data,
    "partial_errors": _failed_items,
}
ODDITIES = (*_FITS, *_WHOLE)
