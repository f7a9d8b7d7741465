"""Reads which sellers in which markets something is for."""

from __future__ import annotations

from typing import Any

__all__ = ["in_words", "served"]


def served(value: Any) -> Any:
    """`all`, or the pairs of seller and market: their order says nothing."""
    if value == "all":
        return "all"
    return {
        (seller, market)
        for entry in value
        for seller in entry["sellers"]
        for market in (["all"] if entry["markets"] == "all" else entry["markets"])
    }


def in_words(value: Any) -> str:
    """The markets in a message."""
    if value == "all":
        return "all markets"
    return "; ".join(
        f"{'all markets' if each['markets'] == 'all' else ', '.join(each['markets'])} ({', '.join(each['sellers'])})"
        for each in value
    )
