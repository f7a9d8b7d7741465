"""The SQLite store when things go wrong: a clear error, and what was stored is as it was."""

from __future__ import annotations

import os
import resource
import sqlite3
import stat
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.tokens.accounts import ACCOUNT, make_tokens
from tiktok_shop_async import TokenStoreError
from tiktok_shop_async.tokens import Encryption, SQLiteTokenStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.runtime.wire import Time

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.db"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program that writes, and takes its time."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def damaged(path: Path, content: bytes) -> SQLiteTokenStore:
    path.write_bytes(content)
    return SQLiteTokenStore(path)


async def stored(path: Path) -> object:
    kept = await SQLiteTokenStore(path).get(ACCOUNT)
    return None if kept is None else kept.tokens


async def test_the_file_can_be_read_by_its_owner_alone(path: Path) -> None:
    await SQLiteTokenStore(path).put(ACCOUNT, make_tokens())
    assert mode(path) == 0o600


async def test_the_file_is_in_wal_mode(path: Path) -> None:
    await SQLiteTokenStore(path).put(ACCOUNT, make_tokens())
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_it_may_live_in_the_database_of_a_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    await SQLiteTokenStore(path).put(ACCOUNT, make_tokens())
    assert await stored(path) == make_tokens()


async def test_without_encryption_tokens_stand_there_in_clear_and_with_it_they_do_not(tmp_path: Path) -> None:
    clear, sealed = tmp_path / "clear.db", tmp_path / "sealed.db"
    await SQLiteTokenStore(clear).put(ACCOUNT, make_tokens())
    await SQLiteTokenStore(sealed, encryption=Encryption(Encryption.generate_key())).put(ACCOUNT, make_tokens())
    assert b"refresh-token-1" in clear.read_bytes()
    assert b"refresh-token-1" not in sealed.read_bytes()


async def test_a_file_that_stays_locked_is_told_after_a_while(path: Path, time: Time) -> None:
    store = SQLiteTokenStore(path, patience=5, clock=time.clock())
    await store.put(ACCOUNT, make_tokens(1))
    with locked(path), pytest.raises(TokenStoreError, match="locked"):
        await store.put(ACCOUNT, make_tokens(2))
    assert 5 <= sum(time.waits) < 5.1
    assert await stored(path) == make_tokens(1)


async def test_a_file_that_is_locked_for_a_moment_is_waited_for(path: Path) -> None:
    store = SQLiteTokenStore(path)
    await store.put(ACCOUNT, make_tokens(1))
    async with anyio.create_task_group() as tasks:
        with locked(path):
            tasks.start_soon(store.put, ACCOUNT, make_tokens(2))
            await anyio.sleep(0.1)
    assert await stored(path) == make_tokens(2)


async def test_nobody_waits_for_a_lock_in_a_worker_thread(path: Path) -> None:
    """While the file is locked, the threads that all of a program shares are free."""
    stores = [SQLiteTokenStore(path, patience=60) for _ in range(60)]
    await stores[0].put(ACCOUNT, make_tokens(1))
    limiter = anyio.to_thread.current_default_thread_limiter()
    busiest = 0.0
    async with anyio.create_task_group() as tasks:
        with locked(path):
            for store in stores:
                tasks.start_soon(store.put, ACCOUNT, make_tokens(2))
            for _ in range(20):
                await anyio.sleep(0.01)
                busiest = max(busiest, limiter.borrowed_tokens)
                await anyio.to_thread.run_sync(threading.get_ident)
    assert busiest == 0


async def test_a_file_that_may_not_be_written_is_read_again_if_someone_else_wrote_meanwhile(
    path: Path, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SQLiteTokenStore(path, clock=time.clock())
    await store.put(ACCOUNT, make_tokens(1))
    await store.put("other", make_tokens(2))
    os.utime(path, (0, 0))
    connect, opened = sqlite3.connect, list[str]()

    def connect_late(to: str, **more: Any) -> sqlite3.Connection:
        opened.append(to)
        if len(opened) == 1:
            with closing(connect(path, isolation_level=None)) as another:
                another.execute("DELETE FROM tiktok_shop_tokens WHERE account = 'other'")
        connection: sqlite3.Connection = connect(to, **more)
        return connection

    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(sqlite3, "connect", connect_late)
    assert await store.accounts() == [ACCOUNT]
    assert opened == [f"{path.as_uri()}?immutable=1"] * 2
    assert len(time.waits) == 1


@pytest.mark.parametrize("damage", [b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
async def test_a_damaged_file_is_told_and_left_alone(path: Path, damage: bytes) -> None:
    store = damaged(path, damage)
    with pytest.raises(TokenStoreError, match=r"tokens\.db cannot be used"):
        await store.get(ACCOUNT)
    with pytest.raises(TokenStoreError, match=r"tokens\.db cannot be used"):
        await store.put(ACCOUNT, make_tokens())
    assert await anyio.Path(path).read_bytes() == damage


async def test_a_full_disk_is_told_and_what_was_stored_stays(path: Path) -> None:
    store = SQLiteTokenStore(path)
    await store.put(ACCOUNT, make_tokens(1))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        with pytest.raises(TokenStoreError, match=r"tokens\.db cannot be used"):
            await store.put(ACCOUNT, make_tokens(2, seller_name="x" * 20_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert await stored(path) == make_tokens(1)


async def test_a_database_that_may_not_grow_is_told_and_what_was_stored_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SQLiteTokenStore(path)
    await store.put(ACCOUNT, make_tokens(1))
    connect = sqlite3.connect

    def connect_to_a_small_one(*args: Any, **more: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **more)
        connection.execute("PRAGMA max_page_count = 1")  # that is, no more than there are
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect_to_a_small_one)
        with pytest.raises(TokenStoreError, match=r"tokens\.db cannot be used: database or disk is full"):
            await store.put(ACCOUNT, make_tokens(2, seller_name="x" * 20_000))
    assert await stored(path) == make_tokens(1)


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TokenStoreError, match="No such file"):
        await SQLiteTokenStore(tmp_path / "nowhere" / "tokens.db").get(ACCOUNT)


async def test_tokens_sealed_with_another_key_are_told(path: Path) -> None:
    await SQLiteTokenStore(path, encryption=Encryption(Encryption.generate_key())).put(ACCOUNT, make_tokens())
    for encryption in (None, Encryption(Encryption.generate_key())):
        with pytest.raises(TokenStoreError, match=f"tokens of account {ACCOUNT} cannot be read"):
            await SQLiteTokenStore(path, encryption=encryption).get(ACCOUNT)


async def test_a_damaged_refusal_is_told(path: Path) -> None:
    await SQLiteTokenStore(path).put(ACCOUNT, make_tokens())
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE tiktok_shop_tokens SET refusal = 'x'")
    with pytest.raises(TokenStoreError, match="damaged"):
        await SQLiteTokenStore(path).get(ACCOUNT)


async def test_a_lease_from_before_the_clock_was_set_back_holds_up_nobody(path: Path) -> None:
    store = SQLiteTokenStore(path)
    await store.put(ACCOUNT, make_tokens())
    assert await store.lease(ACCOUNT, "first", 10) is not None
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE tiktok_shop_tokens SET leased_until = leased_until + 3600")
    assert await store.lease(ACCOUNT, "second", 10) is not None


async def test_no_error_shows_a_token(path: Path) -> None:
    store = damaged(path, b"no database at all" * 100)
    with pytest.raises(TokenStoreError) as caught:
        await store.put(ACCOUNT, make_tokens())
    assert caught.value.__context__ is None
    for entry in caught.traceback:
        if "tokens/sqlite.py" in str(entry.path):
            assert "refresh-token-1" not in repr(entry.locals)
