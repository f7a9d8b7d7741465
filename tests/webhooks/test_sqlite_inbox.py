"""The SQLite file itself: transactions that are shared, locks of others, and files that cannot be used."""

from __future__ import annotations

import sqlite3
import stat
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.webhooks.places import arrival
from tiktok_shop_async import InboxError
from tiktok_shop_async.webhooks import SQLiteInbox
from tiktok_shop_async.webhooks.group_commit import GroupCommit
from tiktok_shop_async.webhooks.inbox import Body

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


async def test_a_locked_file_fails_all_that_wait_for_it_together(tmp_path: Path) -> None:
    """Whoever comes while others wait waits no longer than they, and nobody waits twice."""
    inbox = SQLiteInbox(tmp_path / "inbox.db", patience=0.4)
    await inbox.add(arrival("a"))
    waits: list[float] = []

    async def wait_for(call: Any) -> None:
        began = time.monotonic()
        with pytest.raises(InboxError, match="database is locked"):
            await call()
        waits.append(time.monotonic() - began)

    with closing(sqlite3.connect(tmp_path / "inbox.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait_for, lambda: inbox.add(arrival("b")))
            tasks.start_soon(wait_for, lambda: inbox.claim(1, 10))
            tasks.start_soon(wait_for, lambda: inbox.add(arrival("c")))
        other.execute("ROLLBACK")
    assert max(waits) < 0.75
    await inbox.aclose()


async def test_a_statement_that_sqlite_refuses_is_an_inbox_error(inbox: SQLiteInbox, tmp_path: Path) -> None:
    await inbox.add(arrival("a"))
    with closing(sqlite3.connect(tmp_path / "inbox.db")) as other:
        other.execute("ALTER TABLE tiktok_shop_inbox RENAME TO gone")
        for call in (inbox.add(arrival("b")), inbox.claim(1, 10), inbox.counts()):
            with pytest.raises(InboxError, match="no such table"):
                await call
        other.execute("ALTER TABLE gone RENAME TO tiktok_shop_inbox")
    assert await inbox.add(arrival("b"))


async def test_a_disk_that_is_full_is_an_inbox_error_and_loses_nothing_that_was_accepted(inbox: SQLiteInbox) -> None:
    await inbox.add(arrival("0"))
    [claim] = await inbox.claim(1, 60)
    await inbox.complete(claim, [lambda file: file.execute("PRAGMA max_page_count = 40").fetchall()])
    accepted: list[str] = []

    async def add_until_full() -> None:
        for number in range(1, 1000):
            await inbox.add(arrival(str(number), body=Body(b"x" * 3000)))
            accepted.append(str(number))

    with pytest.raises(InboxError, match=r"inbox\.db cannot be used"):
        await add_until_full()
    assert len(accepted) > 5
    assert [each.key for each in await inbox.claim(1000, 60)] == accepted


async def test_a_file_that_cannot_be_written_is_an_inbox_error(tmp_path: Path) -> None:
    """A folder that is read-only keeps nobody out who may do everything, so SQLite is told instead."""
    inbox = SQLiteInbox(tmp_path / "inbox.db")
    await inbox.add(arrival("a"))
    [claim] = await inbox.claim(1, 60)
    await inbox.complete(claim, [lambda file: file.execute("PRAGMA query_only = ON").fetchall()])
    with pytest.raises(InboxError, match="attempt to write a readonly database"):
        await inbox.add(arrival("b"))
    await inbox.aclose()


async def test_a_file_that_was_removed_takes_nothing_in_that_nobody_would_find(
    inbox: SQLiteInbox, tmp_path: Path
) -> None:
    await inbox.add(arrival("a"))
    (tmp_path / "inbox.db").unlink()
    assert await inbox.add(arrival("b"))
    again = SQLiteInbox(tmp_path / "inbox.db")
    assert [each.key for each in await again.claim(5, 10)] == ["b"]
    await again.aclose()


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
async def test_an_effect_that_would_end_the_program_undoes_itself_alone(
    inbox: SQLiteInbox, error: type[BaseException]
) -> None:
    def ends(file: sqlite3.Connection) -> None:
        raise error

    await inbox.add(arrival("a"))
    [claim] = await inbox.claim(1, 60)
    with pytest.raises(RuntimeError, match=error.__name__):
        await inbox.complete(claim, [ends])
    assert (await inbox.counts()).running == 1
    assert await inbox.add(arrival("b"))


async def test_an_effect_that_closes_the_connection_is_undone_and_the_inbox_goes_on(inbox: SQLiteInbox) -> None:
    await inbox.add(arrival("a"))
    [claim] = await inbox.claim(1, 60)
    with pytest.raises(InboxError):
        await inbox.complete(claim, [lambda file: file.close()])
    assert await inbox.add(arrival("b"))
    assert await inbox.complete(claim)


@pytest.mark.parametrize("misuse", ["executescript", "with", "rollback"])
async def test_no_way_of_ending_the_transaction_is_open_to_an_effect(inbox: SQLiteInbox, misuse: str) -> None:
    def work(file: sqlite3.Connection) -> None:
        if misuse == "executescript":
            file.executescript("SELECT 1")
        elif misuse == "rollback":
            file.rollback()
        else:
            with file:
                file.execute("CREATE TABLE half (x)")

    await inbox.add(arrival("a"))
    [claim] = await inbox.claim(1, 60)
    with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
        await inbox.complete(claim, [work])
    assert (await inbox.counts()).running == 1


async def test_what_a_cancelled_task_leaves_behind_strands_nobody(inbox: SQLiteInbox) -> None:
    """It was in a transaction that had no time left for it, and there is no task any more to go on for all."""
    for key in "ab":
        await inbox.add(arrival(key))
    claims = await inbox.claim(2, 60)
    begun = threading.Event()

    def slow(file: sqlite3.Connection) -> None:
        begun.set()
        time.sleep(0.1)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(inbox.claim, 1, 10)  # leads the first transaction, while the others gather
            tasks.start_soon(inbox.complete, claims[0], [slow])
            with anyio.CancelScope() as scope:
                async with anyio.create_task_group() as doomed:
                    doomed.start_soon(inbox.complete, claims[1])
                    await anyio.to_thread.run_sync(begun.wait)
                    scope.cancel()
            tasks.start_soon(inbox.counts)
            tasks.start_soon(inbox.claim, 1, 10)


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


def content(folder: Path) -> bytes:
    """What all files of a folder hold."""
    return b"".join(each.read_bytes() for each in folder.iterdir())


@pytest.mark.parametrize("end", ["done", "dead"])
async def test_what_is_forgotten_is_in_no_file_any_more(inbox: SQLiteInbox, tmp_path: Path, end: str) -> None:
    await inbox.add(arrival("a", "order 1", 5, body=Body(b'{"name":"Jane Doe"}')))
    [claim] = await inbox.claim(1, 60)
    await (inbox.complete(claim) if end == "done" else inbox.fail(claim, "E", None))
    assert b"Jane Doe" in content(tmp_path)
    assert await inbox.purge(-1) == 1
    assert b"Jane Doe" not in content(tmp_path)


async def test_much_is_forgotten_in_parts_between_which_events_are_taken_in(
    inbox: SQLiteInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tiktok_shop_async.webhooks.inbox_sqlite._PURGED_AT_ONCE", 3)
    for number in range(10):
        await inbox.add(arrival(str(number), f"order {number}", 5))
    for number, claim in enumerate(await inbox.claim(10, 60)):
        await (inbox.fail(claim, "E", None) if number % 5 == 0 else inbox.complete(claim))
    parts = 0
    purge = SQLiteInbox._purge

    def counting(self: SQLiteInbox, days: float, file: sqlite3.Connection) -> tuple[int, bool]:
        nonlocal parts
        parts += 1
        return purge(self, days, file)

    monkeypatch.setattr(SQLiteInbox, "_purge", counting)
    assert await inbox.purge(-1) == 10
    assert parts == 3
    assert [await inbox.newest(f"order {number}") for number in range(10)] == [None] * 10


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
