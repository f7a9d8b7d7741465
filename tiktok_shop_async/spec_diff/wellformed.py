"""Finds what has no place in an OpenAPI document, before anything is compared that relies on it.

This is no validation: it is looked at what is read here, and at its type alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["misplaced"]

_OBJECTS = (
    "components",
    "content",
    "discriminator",
    "get",
    "headers",
    "mapping",
    "paths",
    "post",
    "properties",
    "requestBody",
    "responses",
    "schemas",
    "securitySchemes",
    "webhooks",
    "x-identifiers",
    "x-pagination",
    "x-partial-errors",
    "x-webhook-object",
    "x-window",
)
_SCHEMAS = ("additionalProperties", "items", "schema")
_LISTS_OF_OBJECTS = ("allOf", "anyOf", "oneOf", "parameters", "servers")
_LISTS_OF_TEXTS = ("required", "tags", "x-accounts", "x-scopes")
_TEXTS = ("$ref", "in", "name", "operationId", "style", "url", "x-alias", "x-status", "x-successor")
_BY_NAME = (
    "content",
    "headers",
    "mapping",
    "parameters",
    "paths",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
    "webhooks",
)
"""Objects whose keys are names, and no keywords."""
_ANYTHING = ("const", "default", "enum", "example", "examples", "scopes", "variables", "x-enum-descriptions")
"""Keywords that hold values, which may look like anything."""


def misplaced(value: Any, pointer: str = "#", *, by_name: bool = False) -> tuple[str, str] | None:
    """The first place that is not what it should be, and what it should be; None where all is well."""
    if isinstance(value, list):
        for number, each in enumerate(cast("Sequence[Any]", value)):
            found = misplaced(each, f"{pointer}/{number}")
            if found is not None:
                return found
        return None
    if not isinstance(value, dict):
        return None
    for key, held in cast("Mapping[str, Any]", value).items():
        place = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        expected = "an object" if by_name and not isinstance(held, dict | bool) else ""
        if not by_name and pointer + key != "#tags":  # the tags of the document are objects, those of operations texts
            expected = _expected(key, held)
        if by_name and pointer.endswith("/mapping"):
            expected = "" if isinstance(held, str) else "text"
        if expected:
            return place, expected
        if by_name or (key not in _ANYTHING and not key.startswith("x-")):
            found = misplaced(held, place, by_name=not by_name and key in _BY_NAME)
            if found is not None:
                return found
    return None


def _expected(key: str, held: Any) -> str:
    """What should stand at a keyword; empty where it does."""
    if key in _OBJECTS:
        return "" if isinstance(held, dict) else "an object"
    if key in _SCHEMAS:
        return "" if isinstance(held, dict | bool) else "a schema"
    if key == "security":
        fits = _holds(held, dict) and all(_holds(scopes, str) for each in held for scopes in each.values())
        return "" if fits else "a list of security requirements"
    if key in _LISTS_OF_OBJECTS:
        by_name = key == "parameters" and isinstance(held, dict)
        return "" if by_name or _holds(held, dict) or _holds(held, bool) else "a list of objects"
    if key in _LISTS_OF_TEXTS:
        # A parameter or body is required, or is not.
        return "" if _holds(held, str) or (key == "required" and isinstance(held, bool)) else "a list of texts"
    if key in _TEXTS:
        return "" if isinstance(held, str) else "text"
    if key == "type":
        return "" if isinstance(held, str) or _holds(held, str) else "text or a list of texts"
    if key == "enum":
        return "" if isinstance(held, list) else "a list"
    if key == "x-error-codes":
        return "" if _holds(held, int) else "a list of numbers"
    if key == "x-webhook-type":
        return "" if isinstance(held, int) else "a number"
    if key == "x-markets":
        return "" if held == "all" or (_holds(held, dict) and all(map(_names_markets, held))) else "a list of markets"
    return ""


def _names_markets(entry: Mapping[str, Any]) -> bool:
    """Whether an entry says which sellers in which markets it is for."""
    markets = entry.get("markets")
    return _holds(entry.get("sellers"), str) and (markets == "all" or _holds(markets, str))


def _holds(value: Any, kind: type) -> bool:
    """Whether a value is a list of one kind."""
    return isinstance(value, list) and all(isinstance(each, kind) for each in cast("Sequence[Any]", value))
