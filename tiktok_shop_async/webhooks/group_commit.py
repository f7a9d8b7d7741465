"""Many small changes of an SQLite file in few transactions, from any number of tasks.

Committing costs far more than a change. So who comes while a transaction is under way waits for its end, and then all
that have come go into the next one together. There is no task or thread of its own: one of those who wait does it for
all, and the work is done in a worker thread, one at a time.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import anyio
from anyio import to_thread

from tiktok_shop_async.errors import InboxError
from tiktok_shop_async.loops import PerLoop

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["GroupCommit"]

T = TypeVar("T")

_MOST_AT_ONCE = 256
_LONGEST = 0.02
"""Seconds after which a transaction takes no more changes that are not urgent: urgent ones may have come meanwhile."""

# Not the texts that anyone else would use: a statement that is prepared already is not looked at again.
_BEGIN, _COMMIT, _ROLLBACK = "BEGIN IMMEDIATE TRANSACTION", "COMMIT TRANSACTION", "ROLLBACK TRANSACTION"


@dataclass(slots=True, eq=False)
class _Change(Generic[T]):
    """A change that somebody waits for, and what came of it."""

    work: Callable[[sqlite3.Connection], T]
    turn: anyio.Event = field(default_factory=anyio.Event)
    """Set when the change has ended, or when it is up to its task to go on for all."""
    results: list[T] = field(default_factory=list[T])
    error: Exception | None = None
    is_abandoned: bool = False
    """Whether its task has been cancelled, so that it cannot lead."""

    @property
    def has_ended(self) -> bool:
        return bool(self.results) or self.error is not None


@dataclass(slots=True)
class _Queue:
    """What waits in one event loop, and the connection that it goes through."""

    urgent: deque[_Change[Any]] = field(default_factory=deque[_Change[Any]])
    others: deque[_Change[Any]] = field(default_factory=deque[_Change[Any]])
    limiter: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(1))
    is_led: bool = False
    connection: sqlite3.Connection | None = None
    process: int = 0
    file: tuple[int, int] | None = None
    """Device and number of the file that the connection has open."""
    trouble: str = ""
    """Why no transaction could be begun the last time."""
    is_lent: bool = False

    def first(self) -> _Change[Any] | None:
        for each in (self.urgent, self.others):
            if each:
                return each[0]
        return None


class GroupCommit:
    """An SQLite file that is changed in groups.

    Args:
        path: Of the file, which is made on first use, readable by its owner alone.
        schema: Statements that make the tables, if they are not there.
        power_safe: Whether a transaction waits until the disk has it.
        patience: Seconds to wait while other processes keep the file locked. All that waits has waited together: when
            they are over, whatever has come meanwhile fails with the first.
    """

    def __init__(self, path: str | os.PathLike[str], schema: str, *, power_safe: bool, patience: float) -> None:
        self._path = Path(path)
        self._schema = schema
        self._power_safe = power_safe
        self._patience = patience
        self._queues = PerLoop(_Queue)

    async def run(self, work: Callable[[sqlite3.Connection], T], *, urgent: bool = False) -> T:
        """Make a change. It stands in the file when this returns.

        Args:
            work: Makes it, in a worker thread, in a transaction with others. What it raises undoes this change alone.
            urgent: Whether it goes before all that is not.

        Raises:
            InboxError: The file cannot be used, or SQLite has refused what `work` asked of it.
            Exception: What else `work` raised.
        """
        queue = self._queues.get()
        change = _Change(work)
        (queue.urgent if urgent else queue.others).append(change)
        try:
            while queue.is_led and not change.has_ended:
                await change.turn.wait()
                if not change.has_ended:
                    change.turn = anyio.Event()
            if not change.has_ended:
                await self._lead(queue, change)
        except BaseException:
            # Cancelled before its turn: then it is not made. If it was this one's turn to lead, another's it is now.
            change.is_abandoned = True
            for each in (queue.urgent, queue.others):
                if change in each:
                    each.remove(change)
            _pass_on(queue)
            raise
        if change.error is not None:
            raise change.error
        return change.results[0]

    async def wipe(self) -> None:
        """Take what was deleted out of the log of changes as well, unless somebody is reading: then the next time."""
        queue = self._queues.get()
        if queue.connection is not None:
            await to_thread.run_sync(_wipe, queue, limiter=queue.limiter)

    async def aclose(self) -> None:
        """Close the file."""
        queue = self._queues.pop()
        if queue is not None and queue.connection is not None and queue.process == os.getpid():
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(queue.connection.close, limiter=queue.limiter)

    async def _lead(self, queue: _Queue, own: _Change[Any]) -> None:
        """Make changes for all until one's own is made."""
        queue.is_led = True
        try:
            while not own.has_ended:
                # Shielded: the changes of others must not end with the task that happens to make them.
                with anyio.CancelScope(shield=True):
                    for lane, longest in ((queue.urgent, float("inf")), (queue.others, _LONGEST)):
                        if lane:
                            group = [lane.popleft() for _ in range(min(len(lane), _MOST_AT_ONCE))]
                            made = await self._transact_in_thread(queue, group, longest)
                            lane.extendleft(each for each in reversed(group[made:]) if not each.is_abandoned)
                            for each in group[:made]:
                                each.turn.set()
                            if made == 0:
                                self._give_up(queue)
        finally:
            queue.is_led = False
            _pass_on(queue)

    def _give_up(self, queue: _Queue) -> None:
        """Nobody waits a second time for a file that could not be had."""
        for lane in (queue.urgent, queue.others):
            while lane:
                change = lane.popleft()
                change.error = InboxError(queue.trouble)
                change.turn.set()

    async def _transact_in_thread(self, queue: _Queue, group: list[_Change[Any]], longest: float) -> int:
        try:
            return await to_thread.run_sync(self._transact, queue, group, longest, limiter=queue.limiter)
        except BaseException as error:  # a bug, or the end of the program: nobody is to wait for good
            for each in group:
                each.error = InboxError(self._trouble(RuntimeError(type(error).__name__)))
                each.turn.set()
            raise

    def _transact(self, queue: _Queue, group: list[_Change[Any]], longest: float) -> int:
        """Make changes in one transaction, in a worker thread. Says how many of them have ended: none without one."""
        give_up = time.monotonic() + self._patience
        try:
            connection = self._connect(queue, give_up)
            _wait_until(connection, give_up)
            connection.execute(_BEGIN)
        except (sqlite3.Error, OSError) as error:
            queue.trouble = self._trouble(error)
            return 0
        outcomes: list[tuple[Any, Exception | None]] = []
        started = time.monotonic()
        try:
            for each in group:
                outcomes.append(self._attempt(connection, queue, each))
                if time.monotonic() - started > longest:
                    break
            connection.execute(_COMMIT)
        except (sqlite3.Error, OSError) as error:
            try:
                if connection.in_transaction:
                    connection.execute(_ROLLBACK)
            except sqlite3.Error:  # an effect has closed it, for example
                with suppress(sqlite3.Error):
                    connection.close()
                queue.connection = None
            outcomes = [(None, InboxError(self._trouble(error))) for _ in group]
        for each, (result, refusal) in zip(group, outcomes, strict=False):
            if refusal is None:
                each.results.append(result)
            else:
                each.error = refusal
        return len(outcomes)

    def _attempt(
        self, connection: sqlite3.Connection, queue: _Queue, change: _Change[Any]
    ) -> tuple[Any, Exception | None]:
        connection.execute("SAVEPOINT tiktok_shop_change")
        queue.is_lent = True
        try:
            result: Any = change.work(connection)
        except BaseException as error:  # it must neither end the thread nor leave the transaction open
            queue.is_lent = False
            if not connection.in_transaction:  # SQLite itself gave it up: a full disk, for example
                raise sqlite3.OperationalError(f"the transaction was given up ({type(error).__name__})") from None
            connection.execute("ROLLBACK TO tiktok_shop_change")
            connection.execute("RELEASE tiktok_shop_change")
            if isinstance(error, sqlite3.Error):
                return None, InboxError(self._trouble(error))
            return None, error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
        finally:
            queue.is_lent = False
        connection.execute("RELEASE tiktok_shop_change")
        return result, None

    def _connect(self, queue: _Queue, give_up: float) -> sqlite3.Connection:
        if queue.connection is not None and queue.process == os.getpid() and queue.file != _identity(self._path):
            # The file was moved or removed: what went into it now, nobody would find again.
            queue.connection.close()
            queue.connection = None
        if queue.connection is None or queue.process != os.getpid():
            if not self._path.exists():
                os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            file = _identity(self._path)
            connection = sqlite3.connect(
                self._path, timeout=self._patience, isolation_level=None, check_same_thread=False
            )
            try:
                _set_mode(connection, give_up)
                _wait_until(connection, give_up)
                connection.execute(
                    "PRAGMA secure_delete = ON"
                )  # or what it held would lie there until it is overwritten
                connection.execute(f"PRAGMA synchronous = {'FULL' if self._power_safe else 'NORMAL'}")
                connection.executescript(self._schema)
                connection.set_authorizer(partial(_judge, queue))
            except BaseException:
                connection.close()
                raise
            # One that was inherited by a fork is forgotten and not closed: closing would end the parent's locks.
            queue.connection, queue.process, queue.file = connection, os.getpid(), file
        return queue.connection

    def _trouble(self, error: Exception) -> str:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return f"the inbox {self._path.name} cannot be used: {reason or type(error).__name__}"


def _pass_on(queue: _Queue) -> None:
    first = queue.first()
    if first is not None and not queue.is_led:
        first.turn.set()


def _set_mode(connection: sqlite3.Connection, give_up: float) -> None:
    """WAL, in which reading and writing do not wait for each other. To change it does not wait for locks."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() >= give_up:
                raise
            time.sleep(0.01)
        else:
            return


def _wipe(queue: _Queue) -> None:
    if queue.connection is not None and queue.process == os.getpid():
        with suppress(sqlite3.Error):
            _wait_until(queue.connection, 0)
            queue.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _wait_until(connection: sqlite3.Connection, give_up: float) -> None:
    connection.execute(f"PRAGMA busy_timeout = {max(0, round((give_up - time.monotonic()) * 1000))}")


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file a name leads to; None for none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _judge(queue: _Queue, action: int, *_: str | None) -> int:
    """Whoever is lent the connection may not end the transaction: it holds the changes of others."""
    is_refused = queue.is_lent and action == sqlite3.SQLITE_TRANSACTION
    return sqlite3.SQLITE_DENY if is_refused else sqlite3.SQLITE_OK
