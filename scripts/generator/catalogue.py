"""Derives `docs/operations.md`: every operation at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scripts.generator.facts import markets, sentence

if TYPE_CHECKING:
    from scripts.generator.resources import Method


class Row(NamedTuple):
    """A row of a resource's table."""

    method: str
    summary: str
    endpoint: str
    scopes: str
    markets: str
    status: str


def row(method: Method) -> Row:
    """What the table says of an operation."""
    data = method.data
    names = [method.alias, method.operation.id] if method.alias else [method.operation.id]
    status = data.get("x-status", "stable")
    if method.successor:
        status += f", use `{method.successor}`"
    return Row(
        method=", ".join(f"`{name}`" for name in names),
        summary=sentence(data["summary"]).replace("|", "\\|"),
        endpoint=f"`{method.operation.method} {method.operation.path}`",
        scopes=", ".join(f"`{scope}`" for scope in data.get("x-scopes", [])),
        markets=markets(data.get("x-markets", "all")).replace("|", "\\|"),
        status=status,
    )
