"""Everything that a world holds, to compare it with itself at another time or with another world."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import msgspec

from tiktok_shop_async.sandbox.state.storage import Storage
from tiktok_shop_async.sandbox.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from tiktok_shop_async.sandbox.state.clock import Clock


_encoder = msgspec.json.Encoder(order="deterministic")


def snapshot(world: World) -> dict[str, list[str]]:
    """The rows of each table in their order, written out anew: also what the tables did not notice."""
    return {name: [_encoder.encode(row).decode() for row in table] for name, table in world.tables().items()}


def as_after_a_kill(state: Path, clock: Clock, spare: Path) -> World:
    """The world as a new process finds it when the one that has the file open is killed now."""
    spare.mkdir()
    for file in state.parent.glob(f"{state.name}*"):
        shutil.copy(file, spare / file.name)
    return World.load(Storage(spare / state.name), clock)
