"""The inbox in an SQLite file, for any number of tasks and processes of one machine."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.retry import Clock
from tiktok_shop_async.webhooks.group_commit import GroupCommit
from tiktok_shop_async.webhooks.inbox import Arrival, Claim, Counts, DeadLetter, Effect, open_body, seal_body

if TYPE_CHECKING:
    import os
    import sqlite3
    from collections.abc import Sequence

    from tiktok_shop_async.tokens.encryption import Encryption

__all__ = ["SQLiteInbox"]

_WAITING, _RUNNING, _DONE, _DEAD = range(4)

# `due` is from when an event may be claimed: its next turn while it waits, the end of the lease while it runs. So what
# a process that is gone had claimed needs no tidying up, it falls due.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS tiktok_shop_inbox (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    state INTEGER NOT NULL DEFAULT 0,
    type INTEGER NOT NULL,
    shop_id TEXT NOT NULL,
    object TEXT,
    update_time INTEGER NOT NULL,
    body BLOB NOT NULL,
    received_at REAL NOT NULL,
    due REAL NOT NULL,
    ended_at REAL,
    attempt INTEGER NOT NULL DEFAULT 0,
    fence INTEGER NOT NULL DEFAULT 0,
    replayed INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS tiktok_shop_inbox_due ON tiktok_shop_inbox (due) WHERE state < 2;
CREATE INDEX IF NOT EXISTS tiktok_shop_inbox_lines ON tiktok_shop_inbox (object, update_time, number) WHERE state < 2;
CREATE INDEX IF NOT EXISTS tiktok_shop_inbox_ended ON tiktok_shop_inbox (state, ended_at) WHERE state >= 2;
CREATE TABLE IF NOT EXISTS tiktok_shop_inbox_objects (
    object TEXT NOT NULL,
    type INTEGER NOT NULL,
    update_time INTEGER NOT NULL,
    handled_at REAL NOT NULL,
    PRIMARY KEY (object, type)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tiktok_shop_inbox_objects_handled ON tiktok_shop_inbox_objects (handled_at);
"""
_ADD = """
INSERT INTO tiktok_shop_inbox (key, type, shop_id, object, update_time, body, received_at, due)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING
"""
# Next in line about its object, and no other of the line under way.
_CLAIMABLE = """
SELECT e.number, e.key, e.fence + 1, e.body, e.attempt + 1, e.replayed, e.received_at,
    e.update_time > 0 AND e.update_time < coalesce(
        (SELECT o.update_time FROM tiktok_shop_inbox_objects o WHERE o.object = e.object AND o.type = e.type), 0)
FROM tiktok_shop_inbox e INDEXED BY tiktok_shop_inbox_due
WHERE e.state < 2 AND e.due <= :now AND (e.object IS NULL OR NOT EXISTS (
    SELECT 1 FROM tiktok_shop_inbox o INDEXED BY tiktok_shop_inbox_lines
    WHERE o.state < 2 AND o.object = e.object AND o.number <> e.number
    AND ((o.state = 1 AND o.due > :now) OR (o.update_time, o.number) < (e.update_time, e.number))
))
ORDER BY e.due LIMIT :most
"""
_CLAIM = "UPDATE tiktok_shop_inbox SET state = 1, due = ?, fence = ?, attempt = ? WHERE number = ?"
_HELD = "WHERE key = ? AND fence = ? AND state = 1"
_RENEW = f"UPDATE tiktok_shop_inbox SET due = ? {_HELD}"  # noqa: S608 - of constants alone, as those below
_END = f"UPDATE tiktok_shop_inbox SET state = ?, ended_at = ?, error = ? {_HELD}"  # noqa: S608
_RETRY = f"UPDATE tiktok_shop_inbox SET state = 0, due = ?, error = ? {_HELD}"  # noqa: S608
_RELEASE = f"UPDATE tiktok_shop_inbox SET state = 0, due = ?, attempt = attempt - 1 {_HELD}"  # noqa: S608
_HANDLED = """
INSERT INTO tiktok_shop_inbox_objects (object, type, update_time, handled_at)
SELECT object, type, update_time, ? FROM tiktok_shop_inbox WHERE key = ? AND object IS NOT NULL
ON CONFLICT (object, type) DO UPDATE
SET update_time = max(update_time, excluded.update_time), handled_at = excluded.handled_at
"""
_NEWEST = """
SELECT max(update_time) FROM (
    SELECT update_time FROM tiktok_shop_inbox_objects WHERE object = :object
    UNION ALL SELECT update_time FROM tiktok_shop_inbox WHERE state < 2 AND object = :object)
"""
_DEAD_LETTERS = """
SELECT key, type, shop_id, attempt, error, received_at, ended_at, body FROM tiktok_shop_inbox
WHERE state = 3 ORDER BY ended_at DESC LIMIT ?
"""
_REPLAY = """
UPDATE tiktok_shop_inbox SET state = 0, due = ?, attempt = 0, replayed = 1, ended_at = NULL, error = ''
WHERE key = ? AND state >= 2
"""
_PURGE = """
DELETE FROM tiktok_shop_inbox WHERE number IN (
    SELECT number FROM tiktok_shop_inbox INDEXED BY tiktok_shop_inbox_ended
    WHERE state >= 2 AND state = ? AND ended_at < ? LIMIT ?)
"""
_PURGE_OBJECTS = """
DELETE FROM tiktok_shop_inbox_objects WHERE (object, type) IN (
    SELECT object, type FROM tiktok_shop_inbox_objects WHERE handled_at < ? LIMIT ?)
"""
_PURGED_AT_ONCE = 500
"""Rows: deliveries wait while the file is locked, so it is not locked for long."""
_COUNTS = "SELECT state, state = 1 AND due <= ?, count(*) FROM tiktok_shop_inbox GROUP BY 1, 2"


class _EffectFailed(Exception):  # noqa: N818 - never leaves this module
    """Tells what an effect raised from what the inbox's own statements do."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class SQLiteInbox:
    """Keeps events in an SQLite file, shared by all tasks and processes of a machine that name the same file.

        inbox = SQLiteInbox("inbox.db")

    The file is made on first use, readable by its owner alone. It may hold tables of the program's own: what handlers
    give to `delivery.apply` gets the open transaction, as a `sqlite3.Connection`, and must not end it. A file on a
    network drive will not do.

    Args:
        path: Of the file.
        power_safe: Whether each event is on the disk before its delivery is answered (`synchronous = FULL`). Without, a
            process that is killed loses nothing, while a power cut may lose the events of the last moments.
        encryption: Seals the bodies of events. Without, they stand there in clear. Keys, types, and ids of shops and
            objects do so in any case.
        patience: Seconds to wait while other processes keep the file locked.
        clock: Time, for tests.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        power_safe: bool = False,
        encryption: Encryption | None = None,
        patience: float = 2.0,
        clock: Clock | None = None,
    ) -> None:
        self._file = GroupCommit(path, _SCHEMA, power_safe=power_safe, patience=patience)
        self._encryption = encryption
        self._clock = clock or Clock()

    async def add(self, arrival: Arrival) -> bool:
        """Put an event in; see `Inbox.add`."""
        body = seal_body(arrival.body, self._encryption)
        return await self._file.run(partial(self._add, arrival, body), urgent=True)

    async def claim(self, most: int, seconds: float) -> list[Claim]:
        """Take events to handle; see `Inbox.claim`."""
        rows = await self._file.run(partial(self._claim, most, seconds))
        return [
            Claim(
                key=key,
                fence=fence,
                body=open_body(body, self._encryption),
                attempt=attempt,
                stale=bool(stale),
                replayed=bool(replayed),
                received_at=received_at,
            )
            for _, key, fence, body, attempt, replayed, received_at, stale in rows
        ]

    async def renew(self, claims: Sequence[Claim], seconds: float) -> None:
        """Keep claims for `seconds` from now on; see `Inbox.renew`."""
        await self._file.run(partial(self._set_due, _RENEW, claims, seconds))

    async def complete(self, claim: Claim, effects: Sequence[Effect] = ()) -> bool:
        """End an event, and write the effects in the same transaction; see `Inbox.complete`."""
        try:
            return await self._file.run(partial(self._complete, claim, effects))
        except _EffectFailed as failed:
            error = failed.error
        raise error

    async def fail(self, claim: Claim, error: str, again_in: float | None) -> bool:
        """Put an event back, or with the dead letters; see `Inbox.fail`."""
        return await self._file.run(partial(self._fail, claim, error, again_in))

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back before their end; see `Inbox.release`."""
        await self._file.run(partial(self._set_due, _RELEASE, claims, 0))

    async def newest(self, object_: str) -> int | None:
        """The greatest `update_time` that is known of an object; see `Inbox.newest`."""
        [(found,)] = await self._query(_NEWEST, {"object": object_})
        return None if found is None else int(found)

    async def dead_letters(self, most: int = 100) -> list[DeadLetter]:
        """The events that were given up; see `Inbox.dead_letters`."""
        return [
            DeadLetter(
                key=key,
                type=type_,
                shop_id=shop_id,
                attempts=attempts,
                error=error,
                received_at=received_at,
                died_at=died_at,
                body=open_body(body, self._encryption),
            )
            for key, type_, shop_id, attempts, error, received_at, died_at, body in await self._query(
                _DEAD_LETTERS, (most,)
            )
        ]

    async def replay(self, key: str) -> bool:
        """Have an event handled again; see `Inbox.replay`."""
        return await self._file.run(lambda file: file.execute(_REPLAY, (self._clock.now(), key)).rowcount == 1)

    async def purge(self, days: float) -> int:
        """Forget what ended more than so many days ago; see `Inbox.purge`."""
        forgotten = 0
        is_over = False
        while not is_over:
            part, is_over = await self._file.run(partial(self._purge, days))
            forgotten += part
        await self._file.wipe()
        return forgotten

    async def counts(self) -> Counts:
        """How many events there are in which state; see `Inbox.counts`."""
        found = [0, 0, 0, 0]
        for state, is_over, count in await self._query(_COUNTS, (self._clock.now(),)):
            found[_WAITING if is_over else state] += count
        return Counts(waiting=found[_WAITING], running=found[_RUNNING], done=found[_DONE], dead=found[_DEAD])

    async def aclose(self) -> None:
        """Close the file. Whatever is called later opens it again."""
        await self._file.aclose()

    async def _query(self, statement: str, values: Any) -> list[tuple[Any, ...]]:
        return await self._file.run(lambda file: file.execute(statement, values).fetchall())

    # What follows runs in a worker thread, inside a transaction: the time is read when the file is locked, so whoever
    # comes later reads a later one.

    def _add(self, arrival: Arrival, body: bytes, file: sqlite3.Connection) -> bool:
        now = self._clock.now()
        values = (
            arrival.key,
            arrival.type,
            arrival.shop_id,
            arrival.object or None,
            arrival.update_time or 0,
            body,
            now,
            now,
        )
        return file.execute(_ADD, values).rowcount == 1

    def _claim(self, most: int, seconds: float, file: sqlite3.Connection) -> list[tuple[Any, ...]]:
        now = self._clock.now()
        rows = file.execute(_CLAIMABLE, {"now": now, "most": most}).fetchall()
        file.executemany(_CLAIM, [(now + seconds, fence, attempt, number) for number, _, fence, _, attempt, *_ in rows])
        return rows

    def _set_due(self, statement: str, claims: Sequence[Claim], seconds: float, file: sqlite3.Connection) -> None:
        due = self._clock.now() + seconds
        file.executemany(statement, [(due, each.key, each.fence) for each in claims])

    def _complete(self, claim: Claim, effects: Sequence[Effect], file: sqlite3.Connection) -> bool:
        now = self._clock.now()
        if not file.execute(_END, (_DONE, now, "", claim.key, claim.fence)).rowcount:
            return False
        file.execute(_HANDLED, (now, claim.key))
        for effect in effects:
            try:
                effect(file)
            except Exception as error:
                raise _EffectFailed(error) from None
        return True

    def _fail(self, claim: Claim, error: str, again_in: float | None, file: sqlite3.Connection) -> bool:
        now = self._clock.now()
        if again_in is None:
            return file.execute(_END, (_DEAD, now, error, claim.key, claim.fence)).rowcount == 1
        return file.execute(_RETRY, (now + again_in, error, claim.key, claim.fence)).rowcount == 1

    def _purge(self, days: float, file: sqlite3.Connection) -> tuple[int, bool]:
        """Forget a part: how many events that were, and whether it was the last."""
        until = self._clock.now() - days * 86_400
        done, dead = (file.execute(_PURGE, (state, until, _PURGED_AT_ONCE)).rowcount for state in (_DONE, _DEAD))
        objects = file.execute(_PURGE_OBJECTS, (until, _PURGED_AT_ONCE)).rowcount
        return done + dead, max(done, dead, objects) < _PURGED_AT_ONCE
