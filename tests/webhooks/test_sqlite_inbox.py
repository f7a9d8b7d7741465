"""The SQLite file itself: transactions that are shared, locks of others, and files that cannot be used."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.webhooks.places import arrival
from tiktok_shop_async import InboxError
from tiktok_shop_async.webhooks import SQLiteInbox
from tiktok_shop_async.webhooks.group_commit import GroupCommit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.fixture
async def inbox(tmp_path: Path, anyio_backend: str) -> AsyncIterator[SQLiteInbox]:
    inbox = SQLiteInbox(tmp_path / "inbox.db", patience=0.1)
    yield inbox
    await inbox.aclose()


async def test_events_that_come_together_share_transactions(
    inbox: SQLiteInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    transact = GroupCommit._transact

    def counting(self: GroupCommit, queue: Any, group: list[Any], longest: float) -> int:
        sizes.append(len(group))
        return transact(self, queue, group, longest)

    monkeypatch.setattr(GroupCommit, "_transact", counting)
    async with anyio.create_task_group() as tasks:
        for number in range(100):
            tasks.start_soon(inbox.add, arrival(str(number)))
    assert sum(sizes) == 100
    assert len(sizes) <= 5
    assert (await inbox.counts()).waiting == 100


async def test_an_effect_that_raises_undoes_nothing_of_others_in_its_transaction(inbox: SQLiteInbox) -> None:
    def broken(file: sqlite3.Connection) -> None:
        raise KeyError("x")

    outcomes: list[str] = []

    async def complete(key: str) -> None:
        try:
            await inbox.complete(claims[key], [broken] if key in "bd" else [])
            outcomes.append(key)
        except KeyError:
            outcomes.append(f"{key} failed")

    for key in "abcde":
        await inbox.add(arrival(key))
    claims = {each.key: each for each in await inbox.claim(5, 60)}
    async with anyio.create_task_group() as tasks:
        for key in "abcde":
            tasks.start_soon(complete, key)
    assert sorted(outcomes) == ["a", "b failed", "c", "d failed", "e"]
    assert (await inbox.counts()).done == 3


@pytest.mark.parametrize("ending", ["COMMIT", "ROLLBACK", "END"])
async def test_an_effect_cannot_end_the_transaction_of_others(inbox: SQLiteInbox, ending: str) -> None:
    await inbox.add(arrival("a"))
    [claim] = await inbox.claim(1, 60)
    with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
        await inbox.complete(claim, [lambda file: file.execute(ending)])
    with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
        await inbox.complete(claim, [lambda file: file.commit()])
    assert await inbox.complete(claim)


async def test_tasks_that_are_cancelled_strand_no_others(inbox: SQLiteInbox) -> None:
    added: list[str] = []

    async def add(key: str) -> None:
        await inbox.add(arrival(key))
        added.append(key)

    for start in range(0, 60, 6):
        async with anyio.create_task_group() as tasks:
            with anyio.CancelScope() as scope:
                async with anyio.create_task_group() as doomed:
                    for number in range(3):
                        doomed.start_soon(add, f"doomed {start + number}")
                    for number in range(3):
                        tasks.start_soon(add, str(start + number))
                    await anyio.sleep(0.0005 * (start % 5))
                    scope.cancel()
    assert len([each for each in added if not each.startswith("doomed")]) == 30
    with anyio.fail_after(10):
        assert await inbox.add(arrival("after"))


async def test_a_file_that_another_process_keeps_locked_is_an_error_and_then_is_not(
    inbox: SQLiteInbox, tmp_path: Path
) -> None:
    await inbox.add(arrival("a"))
    with closing(sqlite3.connect(tmp_path / "inbox.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(InboxError, match=r"the inbox inbox\.db cannot be used: database is locked"):
            await inbox.add(arrival("b"))
        other.execute("ROLLBACK")
    assert await inbox.add(arrival("b"))


async def test_a_place_that_is_no_folder_is_an_inbox_error(tmp_path: Path) -> None:
    with pytest.raises(InboxError, match="No such file or directory"):
        await SQLiteInbox(tmp_path / "none" / "inbox.db").add(arrival("a"))


async def test_a_file_that_is_no_database_is_an_inbox_error(tmp_path: Path) -> None:
    (tmp_path / "inbox.db").write_bytes(b"something else" * 1000)
    with pytest.raises(InboxError, match="file is not a database"):
        await SQLiteInbox(tmp_path / "inbox.db").add(arrival("a"))


async def test_only_its_owner_reads_the_file(inbox: SQLiteInbox, tmp_path: Path) -> None:
    await inbox.add(arrival("a"))
    assert stat.S_IMODE((tmp_path / "inbox.db").stat().st_mode) == 0o600


@pytest.mark.parametrize(("power_safe", "level"), [(False, 1), (True, 2)])
async def test_the_disk_is_waited_for_on_request(tmp_path: Path, power_safe: bool, level: int) -> None:
    inbox = SQLiteInbox(tmp_path / "inbox.db", power_safe=power_safe)
    await inbox.add(arrival("a"))
    [claim] = await inbox.claim(1, 60)
    found: list[Any] = []
    await inbox.complete(claim, [lambda file: found.append(file.execute("PRAGMA synchronous").fetchone()[0])])
    assert found == [level]
    await inbox.aclose()


def test_an_inbox_outlives_its_event_loop(tmp_path: Path) -> None:
    inbox = SQLiteInbox(tmp_path / "inbox.db")

    async def add(key: str) -> bool:
        try:
            return await inbox.add(arrival(key))
        finally:
            await inbox.aclose()

    assert anyio.run(add, "a", backend="asyncio")
    assert anyio.run(add, "b", backend="trio")
    assert not anyio.run(add, "a", backend="asyncio")
