"""Work that is brought to its end even when its caller is cancelled."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

__all__ = ["on_asyncio", "uninterrupted"]

T = TypeVar("T")


async def uninterrupted(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run the work to its end. A cancellation in the meantime takes effect after it: no task is left behind.

    For the one stretch in which a cancellation would lose something: an answer with new tokens that is on its way.
    """
    results: list[T] = []
    with anyio.CancelScope(shield=True):
        results.append(await (_in_a_task(work) if on_asyncio() else work()))
    return results[0]


async def _in_a_task(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """asyncio's own cancellation (`asyncio.timeout`, Ctrl-C) knows no shield, so the work gets a task of its own."""
    task = asyncio.ensure_future(work())
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # looked at, so that asyncio does not complain of it
    raise cancelled


def on_asyncio() -> bool:
    """Whether the caller runs on asyncio, and not on trio."""
    try:
        return asyncio.current_task() is not None
    except RuntimeError:
        return False
