"""Says in a docstring's words what the spec says in keys: units, limits, defaults, markets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scripts.generator.document import Json, Value

PREVIEW = "Preview: announced, and may still change."

_FORMATS = {
    "unix-seconds": "Unix seconds",
    "unix-milliseconds": "Unix milliseconds",
    "decimal": "Decimal as text",
    "date": "Date as YYYY-MM-DD",
    "date-time": "Date and time as RFC 3339 text",
}


def described(value: Value, *, sent: bool, more: Iterable[str] = ()) -> str:
    """The description of a value, with `more` in front, completed by what its schema says in keys.

    Limits and defaults are told of what is sent; of what comes they would bind no one.
    """
    facts = [*_kind(value), *(_limits(value) if sent else []), *_reach(value)]
    standing = PREVIEW if value.is_preview else ""
    sentences = [*more, value.schema.get("description", ""), *facts, standing]
    return " ".join(sentence(each) for each in sentences if each)


def sentence(text: str) -> str:
    """The text with a full stop."""
    text = text.strip()
    return f"{text}." if text and text[-1] not in ".!?:" else text


def markets(where: Any) -> str:
    """Who can use something where: `all`, or its groups of sellers and markets."""
    if where == "all":
        return "all"
    return "; ".join(_market(each) for each in where)


def _market(entry: Mapping[str, Any]) -> str:
    codes, sellers = entry["markets"], entry["sellers"]
    text = "all" if codes == "all" else ", ".join(codes)
    if len(sellers) == 1:
        text += f" ({sellers[0]} sellers)"
    if "since" in entry:
        text += f" since {entry['since']}"
    if "note" in entry:
        text += f": {entry['note'].rstrip('.')}"
    return text


def _kind(value: Value) -> list[str]:
    leaf = value.leaf
    facts: list[str] = []
    if leaf.kind == "enum":
        facts.append(f"Values: `{leaf.name}`")
    elif "enum" in leaf.schema:
        facts.append(f"One of {', '.join(map(str, leaf.schema['enum']))}")
    if leaf.schema.get("format") in _FORMATS:
        facts.append(_FORMATS[leaf.schema["format"]])
    return facts


def _limits(value: Value) -> list[str]:
    schema, leaf = value.schema, value.leaf
    facts: list[str] = []
    if value.kind == "list":
        facts += _within(schema, "minItems", "maxItems", (" entry", " entries"))
    each = " each" if value.kind == "list" else ""
    facts += _within(leaf.schema, "minimum", "maximum", (each, each))
    facts += _within(leaf.schema, "minLength", "maxLength", (f" character{each}", f" characters{each}"))
    if "default" in schema:
        facts.append(f"Default {_spoken(schema['default'])}")
    return facts


def _reach(value: Value) -> list[str]:
    where = value.schema.get("x-markets", "all")
    return [] if where == "all" else [f"Markets: {markets(where)}"]


def _within(schema: Json, low: str, high: str, units: tuple[str, str]) -> list[str]:
    least, most = schema.get(low), schema.get(high)
    if least is None and most is None:
        return []
    unit = units[0 if (most if most is not None else least) == 1 else 1]
    if least == most:
        return [f"Exactly {most}{unit}"]
    if most is None:
        return [f"At least {least}{unit}"]
    return [f"At most {most}{unit}" if least is None else f"{least} to {most}{unit}"]


def _spoken(value: object) -> str:
    return repr(value) if isinstance(value, bool) or value == "" else str(value)
