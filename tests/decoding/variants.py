"""What live answers do to a documented one: the same JSON value with one thing changed, at every place of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Path = tuple[str | int, ...]

_REMOVED = object()


@dataclass(frozen=True)
class Variant:
    """A changed value: what was done to it, and where."""

    kind: str
    path: Path
    value: Any

    def __str__(self) -> str:
        return f"{self.kind} at {'.'.join(map(str, self.path)) or 'the root'}"


def variants(value: Any) -> Iterator[Variant]:
    """Every way in which one place of a JSON value can differ. Every value that comes out is a new one."""
    for path in _paths(value):
        original = _at(value, path)
        for kind, change in _CHANGES.items():
            changed = change(original)
            if changed is not original and (path or isinstance(changed, dict)):
                yield Variant(kind, path, _with(value, path, changed))
        if path and isinstance(path[-1], str):
            yield Variant("missing field", path, _with(value, path, _REMOVED))


def _number_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _text_as_number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return int(value) if re.fullmatch(r"-?[1-9]\d*", value) else 1.25


def _first_for_all(value: Any) -> Any:
    return "odd" if value == [] else value[0] if isinstance(value, list) else value


_CHANGES: dict[str, Callable[[Any], Any]] = {
    "null": lambda value: None,
    "empty text": lambda value: "",
    "unknown enum value": lambda value: "NOT_SEEN_BEFORE" if isinstance(value, str) else value,
    "number as text": _number_as_text,
    "text as number": _text_as_number,
    "flag as text": lambda value: str(value).lower() if isinstance(value, bool) else value,
    "text as flag": lambda value: True if isinstance(value, str) else value,
    "one value for a list": _first_for_all,
    "list for one value": lambda value: value if isinstance(value, list) else [value],
    "object for a value": lambda value: value if isinstance(value, dict) else {"odd": value},
    "text for an object": lambda value: "odd" if isinstance(value, dict) else value,
    "extra field": lambda value: {**value, "not_seen_before": {"a": [1]}} if isinstance(value, dict) else value,
}


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _paths(member, (*path, name))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _paths(element, (*path, index))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _with(value: Any, path: Path, new: Any) -> Any:
    """A copy with another value in one place; what is not on the way there is shared."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        return [_with(each, rest, new) if index == step else each for index, each in enumerate(value)]
    copy = dict(value)
    if new is _REMOVED and not rest:
        del copy[step]
    else:
        copy[step] = _with(value[step], rest, new)
    return copy
