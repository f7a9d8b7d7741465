"""Sorting and filtering rows by when they came to be and when they last changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tiktok_shop_async.sandbox.call import Call


class TimedRow(Protocol):
    """A row that knows both times, in Unix seconds."""

    @property
    def id(self) -> str: ...
    @property
    def create_time(self) -> int: ...
    @property
    def update_time(self) -> int: ...


def sort_key(call: Call, row: TimedRow) -> tuple[int, str]:
    """A row's place in a list: by `update_time` when the call's `sort_field` says so, else by `create_time`."""
    return (row.update_time if call.query.get("sort_field") == "update_time" else row.create_time), row.id


def in_windows(row: TimedRow, filters: Mapping[str, Any]) -> bool:
    """Whether both times of a row are inside the windows that a body asks for."""
    return within(row.create_time, filters, "create_time") and within(row.update_time, filters, "update_time")


def within(moment: int, filters: Mapping[str, Any], name: str) -> bool:
    """Whether a moment is inside the window `{name}_ge` … `{name}_lt` (or `{name}_le`) of a body or query."""
    earliest = int(filters.get(f"{name}_ge", moment))
    before = int(filters.get(f"{name}_lt", moment + 1))
    latest = int(filters.get(f"{name}_le", moment))
    return earliest <= moment < before and moment <= latest
