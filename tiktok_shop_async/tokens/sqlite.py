"""Tokens in an SQLite file, for any number of tasks and processes of one machine."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio
from anyio import to_thread

from tiktok_shop_async.errors import TokenStoreError
from tiktok_shop_async.loops import PerLoop
from tiktok_shop_async.retry import Clock
from tiktok_shop_async.tokens.store import (
    LONGEST_LEASE,
    Lease,
    Packed,
    Refusal,
    StoredTokens,
    pack,
    pack_refusal,
    unpack,
    unpack_refusal,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tiktok_shop_async.tokens.encryption import Encryption
    from tiktok_shop_async.tokens.tokens import Tokens

__all__ = ["SQLiteTokenStore"]

_TABLE = """
CREATE TABLE IF NOT EXISTS tiktok_shop_tokens (
    account TEXT PRIMARY KEY,
    tokens BLOB,
    version INTEGER NOT NULL,
    refusal BLOB,
    fence INTEGER NOT NULL,
    owner TEXT,
    leased_until REAL NOT NULL DEFAULT 0
)
"""
_GET = "SELECT tokens, version, refusal FROM tiktok_shop_tokens WHERE account = ? AND tokens IS NOT NULL"
_ACCOUNTS = "SELECT account FROM tiktok_shop_tokens WHERE tokens IS NOT NULL ORDER BY account"
_PUT_NEW = """
INSERT INTO tiktok_shop_tokens (account, tokens, version, fence) VALUES (?, ?, 1, 1)
ON CONFLICT (account) DO UPDATE
SET tokens = excluded.tokens, version = fence + 1, fence = fence + 1, refusal = NULL, owner = NULL
RETURNING version
"""
_PUT_RENEWED = """
UPDATE tiktok_shop_tokens SET tokens = ?, version = ?, refusal = NULL
WHERE account = ? AND tokens IS NOT NULL AND version < ?
RETURNING version
"""
_REFUSE = "UPDATE tiktok_shop_tokens SET refusal = ? WHERE account = ? AND tokens IS NOT NULL AND version = ?"
# The row stays for its fence: an older lease must not bring the tokens back.
_DELETE = "UPDATE tiktok_shop_tokens SET tokens = NULL, refusal = NULL, owner = NULL WHERE account = ?"
# The time is read while the statement holds the file's lock: whoever comes later reads a later time, whatever it had to
# wait for. An end further off than any lease lasts was written before the machine's clock was set back.
_NOW = "((julianday('now') - 2440587.5) * 86400)"
_LEASE = f"""
UPDATE tiktok_shop_tokens SET owner = ?, leased_until = {_NOW} + ?, fence = fence + 1
WHERE account = ? AND tokens IS NOT NULL
AND (owner IS NULL OR owner = ? OR NOT leased_until BETWEEN {_NOW} AND {_NOW} + {LONGEST_LEASE + 1})
RETURNING fence
"""  # noqa: S608 - of constants alone
_RELEASE = "UPDATE tiktok_shop_tokens SET owner = NULL WHERE account = ? AND owner = ?"

_Rows: TypeAlias = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Failed:
    reason: str
    locked: bool = False


class SQLiteTokenStore:
    """Keeps tokens in an SQLite file, shared by all tasks and processes of a machine that name the same file.

        async with TikTokShop.from_env(token_store=SQLiteTokenStore("tokens.db")) as client: ...

    The file is made on first use, readable by its owner alone. Each operation opens it, is one statement and closes it
    again: there is nothing to close, nothing is locked between two operations, and a store may be used after a fork.
    A file on a network drive will not do.

    Args:
        path: Of the file.
        encryption: Seals the tokens in it. Without, they stand there in clear.
        patience: Seconds to try again while other processes keep the file locked.
        clock: Waits and chance, for tests.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        encryption: Encryption | None = None,
        patience: float = 5.0,
        clock: Clock | None = None,
    ) -> None:
        self._path = Path(path)
        self._encryption = encryption
        self._patience = patience
        self._clock = clock or Clock()
        # Whoever has to wait does so outside of the worker threads, which all of the program shares.
        self._threads = PerLoop(lambda: anyio.CapacityLimiter(1))

    async def get(self, account: str) -> StoredTokens | None:
        """The tokens of an account, or None if there are none."""
        rows = await self._execute(_GET, (account,))
        if not rows:
            return None
        tokens, version, refusal = rows[0]
        return StoredTokens(
            unpack(account, tokens, self._encryption),
            version,
            None if refusal is None else unpack_refusal(account, refusal),
        )

    async def accounts(self) -> list[str]:
        """The accounts that there are tokens of, sorted."""
        return [row[0] for row in await self._execute(_ACCOUNTS, ())]

    async def put(self, account: str, tokens: Tokens, lease: Lease | None = None) -> int | None:
        """Store the tokens of an account; see `TokenStore.put`."""
        content = pack(tokens, self._encryption)
        if lease is None:
            rows = await self._execute(_PUT_NEW, (account, content))
        else:
            rows = await self._execute(_PUT_RENEWED, (content, lease.fence, account, lease.fence))
        return rows[0][0] if rows else None

    async def refuse(self, account: str, refusal: Refusal, version: int) -> None:
        """Remember that the refresh token is refused; see `TokenStore.refuse`."""
        await self._execute(_REFUSE, (pack_refusal(refusal), account, version))

    async def delete(self, account: str) -> None:
        """Forget the tokens of an account."""
        await self._execute(_DELETE, (account,))

    async def lease(self, account: str, owner: str, seconds: float) -> Lease | None:
        """Take the right to renew the tokens of an account; see `TokenStore.lease`."""
        rows = await self._execute(_LEASE, (owner, min(seconds, LONGEST_LEASE), account, owner))
        return Lease(account, owner, rows[0][0]) if rows else None

    async def release(self, lease: Lease) -> None:
        """Give a lease back before its end."""
        await self._execute(_RELEASE, (lease.account, lease.owner))

    async def _execute(self, statement: str, values: Sequence[object]) -> _Rows:
        """Run one statement, which is a transaction of its own."""
        give_up = self._clock.monotonic() + self._patience
        while True:
            outcome = await to_thread.run_sync(self._attempt, statement, values, limiter=self._threads.get())
            if not isinstance(outcome, _Failed):
                return outcome
            if not outcome.locked or self._clock.monotonic() >= give_up:
                raise TokenStoreError(f"the token store {self._path.name} cannot be used: {outcome.reason}")
            await self._clock.sleep(0.01 + 0.04 * self._clock.random())

    def _attempt(self, statement: str, values: Sequence[object]) -> _Rows | _Failed:
        """In a worker thread. An error is returned and not raised: its traceback would hold the values."""
        try:
            file = self._path.resolve()
            if not file.exists():
                os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
            if all(os.access(each, os.W_OK) for each in (file, file.parent)) or not _is_whole(file):
                return _run(file.as_uri(), statement, values)
            written = file.stat().st_mtime_ns
            rows = _run(f"{file.as_uri()}?immutable=1", statement, values)
            if not _is_whole(file) or file.stat().st_mtime_ns != written:
                return _Failed("it was written while it was read", locked=True)
            return rows
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            return _Failed(str(error), locked=code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
        except OSError as error:
            return _Failed(error.strerror or type(error).__name__)


def _is_whole(file: Path) -> bool:
    """Whether all that was written stands in the file, and nothing in the log beside it.

    In WAL mode SQLite makes files beside a database even to read it. In a folder that takes none it reads only what it
    is told does not change. Beside a file that may not be written it makes some that may not be written either, and
    stay: then the file could not be used even once it may be written again.
    """
    log = Path(f"{file}-wal")
    return not log.exists() or log.stat().st_size == 0


def _run(uri: str, statement: str, values: Sequence[object]) -> _Rows:
    """One statement on a connection of its own."""
    with closing(sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'tiktok_shop_tokens'").fetchall():
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(_TABLE)
        rows = connection.execute(statement, values).fetchall()
        return [tuple(Packed(each) if isinstance(each, bytes) else each for each in row) for row in rows]
