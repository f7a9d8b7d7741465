"""Shapes that many answers share."""

from __future__ import annotations

from typing import Any


def present(**fields: Any) -> dict[str, Any]:
    """The fields that there is something to say about: None is left out, as the live service mostly does."""
    return {name: value for name, value in fields.items() if value is not None}
