"""One SQLite file that a world is kept in, so that the sandbox can be ended at any moment and goes on where it was.

A row is its table's name, its id and its content as bytes; what is in there is for the tables to know. Everything that
one request changed is written in one transaction. With `synchronous = NORMAL` a killed process loses nothing; a power
cut may lose the last transactions, but not a part of one.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FORMAT = 1
"""To be raised when rows mean something else than before; a field that is new and has a default does not need it."""

APPLICATION = 0x74736B31
"""Marks the file as one of the sandbox's, in SQLite's own header."""

_SCHEMA = """
CREATE TABLE rows (
    position INTEGER PRIMARY KEY,
    "table" TEXT NOT NULL,
    id TEXT NOT NULL,
    content BLOB NOT NULL,
    UNIQUE ("table", id)
)
"""
_UPSERT = """
INSERT INTO rows ("table", id, content) VALUES (?, ?, ?)
ON CONFLICT ("table", id) DO UPDATE SET content = excluded.content
"""


class StateFileError(Exception):
    """A state file that cannot be used; the text says why and what to do."""


class Storage:
    """The file, for one sandbox at a time."""

    def __init__(self, path: str | Path) -> None:
        """Opens the file, or begins a new one.

        Raises:
            StateFileError: it cannot be opened, is no state file, is of another format, or is in use.
        """
        self.path = Path(path)
        try:
            # Any thread may write, one at a time: whoever changes a world holds its lock.
            self._connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=0.2)
        except sqlite3.Error as error:
            raise StateFileError(f"Cannot open {self.path}: {error}.") from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self.close()
            raise StateFileError(_explain(self.path, error)) from error
        except StateFileError:
            self.close()
            raise

    @property
    def is_new(self) -> bool:
        """Whether nothing was written to it yet."""
        return self._connection.execute("SELECT 1 FROM rows LIMIT 1").fetchone() is None

    def rows(self) -> Iterator[tuple[str, str, bytes]]:
        """Table, id and content of each row, in the order in which they were first put in."""
        yield from self._connection.execute('SELECT "table", id, content FROM rows ORDER BY position')

    def write(self, rows: Iterable[tuple[str, str, bytes | None]]) -> None:
        """Writes rows, and takes those out that have no content: all or nothing, and for good when it returns."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            for table, row_id, content in rows:
                if content is None:
                    connection.execute('DELETE FROM rows WHERE "table" = ? AND id = ?', (table, row_id))
                else:
                    connection.execute(_UPSERT, (table, row_id, content))
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Closes the file. What was written is in it already."""
        self._connection.close()

    def _prepare(self) -> None:
        connection = self._connection
        # The first read takes the lock and the end of the process gives it back, however it ends.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (written_format,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if tables and application != APPLICATION:
            raise StateFileError(f"{self.path} is a database of something else: give the sandbox a file of its own.")
        if tables and written_format != FORMAT:
            raise StateFileError(
                f"{self.path} has format {written_format}, and this version of the sandbox reads format {FORMAT}: "
                "start with another file, or run the version that wrote this one."
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if not tables:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_SCHEMA)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute("COMMIT")


def _explain(path: Path, error: sqlite3.Error) -> str:
    if error.sqlite_errorname.startswith("SQLITE_BUSY"):
        return f"{path} is in use by another sandbox: end that one, or give this one a file of its own."
    if error.sqlite_errorname == "SQLITE_NOTADB":
        return f"{path} is no state file: give the sandbox a file of its own."
    return f"Cannot use {path}: {error}."
