"""The rows of one kind: fetched by id to be changed, iterated or looked up to be read, and saved or taken back.

A row that was fetched by its id (or put in) may have been changed; the table remembers which these are. `World.change`
then has them written to the file and the indexes brought up to date, or puts them back to what was last saved. Rows
that come from iterating or from `find` are for reading: what is changed in them is not noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import msgspec


class Row(Protocol):
    """Anything that has an id; a dataclass whose fields msgspec can write and read."""

    @property
    def id(self) -> str: ...


RowT = TypeVar("RowT", bound=Row)
Keys: TypeAlias = Callable[[RowT], Iterable[str]]
Touched: TypeAlias = "dict[Table[Any], None]"

_encoder = msgspec.msgpack.Encoder()


class Table(Generic[RowT]):
    """The rows of one kind by id, in the order in which they were first put in."""

    def __init__(self, row_type: type[RowT], *, by: Mapping[str, Keys[RowT]] | None = None) -> None:
        """Makes an empty table.

        Args:
            row_type: what its rows are.
            by: what else than the id rows are looked up by: a name, and the function that tells a row's keys.
        """
        self._decoder = msgspec.msgpack.Decoder(row_type)
        self._is_replaced = _is_frozen(row_type)
        self._indexes = {name: _Index(keys) for name, keys in (by or {}).items()}
        self._rows: dict[str, RowT] = {}
        self._saved: dict[str, bytes] = {}
        self._fetched: set[str] = set()
        self._changed: dict[str, None] = {}
        self.name = ""
        self._touched: Touched = {}

    def attach(self, name: str, touched: Touched) -> None:
        """Gives the table its name among others, and has it enter itself in `touched` when a row may be changed."""
        self.name = name
        self._touched = touched
        if self._fetched or self._changed:
            touched[self] = None

    def put(self, row: RowT) -> RowT:
        """Adds a row, or replaces the one with its id."""
        self._rows[row.id] = row
        self._changed[row.id] = None
        self._touched[self] = None
        for index in self._indexes.values():
            index.note(row)
        return row

    def remove(self, row_id: str) -> None:
        """Takes a row out; one that is not there is no error."""
        if self._rows.pop(row_id, None) is not None:
            self._changed[row_id] = None
            self._touched[self] = None
            for index in self._indexes.values():
                index.forget(row_id)

    def get(self, row_id: str) -> RowT | None:
        """The row with this id, which may be changed, or None."""
        row = self._rows.get(row_id)
        if row is not None:
            self._fetched.add(row_id)
            self._touched[self] = None
        return row

    def __getitem__(self, row_id: str) -> RowT:
        row = self._rows[row_id]
        self._fetched.add(row_id)
        self._touched[self] = None
        return row

    def find(self, name: str, key: str) -> list[RowT]:
        """The rows that have a key, by the index of this name, to be read. What was changed since is not noticed."""
        return [self._rows[row_id] for row_id in self._indexes[name].ids.get(key, ())]

    def __contains__(self, row_id: object) -> bool:
        return row_id in self._rows

    def __iter__(self) -> Iterator[RowT]:
        return iter(list(self._rows.values()))

    def __len__(self) -> int:
        return len(self._rows)

    def only_read(self) -> None:
        """Promises that what was fetched was not changed. What was put in or removed still counts."""
        self._fetched.clear()

    def unsaved(self) -> dict[str, bytes | None]:
        """What is not as it was last saved, by id: the row as bytes, or None for one that is gone."""
        if not self._fetched and not self._changed:
            return {}
        found: dict[str, bytes | None] = {}
        for row_id in (*self._changed, *sorted(self._fetched - self._changed.keys())):
            row = self._rows.get(row_id)
            written = None if row is None else _encoder.encode(row)
            if written != self._saved.get(row_id):
                found[row_id] = written
        return found

    def saved(self, written: Mapping[str, bytes | None]) -> None:
        """What `unsaved` answered is safe now: what comes later is compared with that."""
        for row_id, content in written.items():
            if content is None:
                del self._saved[row_id]
            else:
                self._saved[row_id] = content
                for index in self._indexes.values():
                    index.note(self._rows[row_id])
        self._fetched.clear()
        self._changed.clear()

    def take_back(self) -> None:
        """Puts every row back to what was last saved. Rows stay the objects that they are, unless they are frozen."""
        # Nothing is encoded here: a row that cannot be is one of the reasons to take it back.
        for row_id in (*self._changed, *sorted(self._fetched - self._changed.keys())):
            for index in self._indexes.values():
                index.forget(row_id)
            if row_id in self._saved:
                self._restore(row_id, self._saved[row_id])
            else:
                self._rows.pop(row_id, None)
        self._fetched.clear()
        self._changed.clear()

    def dump(self) -> Iterator[tuple[str, bytes]]:
        """Id and content of each row as it was last saved, in the order of the rows."""
        return ((row_id, self._saved[row_id]) for row_id in self._rows)

    def load(self, row_id: str, content: bytes) -> None:
        """Takes in a row as it was saved.

        Raises:
            msgspec.ValidationError: it is not of the kind that this table has.
        """
        row = self._restore(row_id, content)
        self._saved[row.id] = content

    def _restore(self, row_id: str, content: bytes) -> RowT:
        fresh, row = self._decoder.decode(content), self._rows.get(row_id)
        if row is None or self._is_replaced:
            self._rows[fresh.id] = row = fresh
        elif is_dataclass(row):
            for field in fields(row):
                setattr(row, field.name, getattr(fresh, field.name))
        for index in self._indexes.values():
            index.note(row)
        return row


class _Index(Generic[RowT]):
    """Ids by a key of their rows."""

    def __init__(self, keys: Keys[RowT]) -> None:
        self._keys = keys
        self._noted: dict[str, tuple[str, ...]] = {}
        self.ids: dict[str, tuple[str, ...]] = {}

    def note(self, row: RowT) -> None:
        keys = tuple(dict.fromkeys(self._keys(row)))
        if self._noted.get(row.id) == keys:
            return
        self.forget(row.id)
        self._noted[row.id] = keys
        for key in keys:
            self.ids[key] = (*self.ids.get(key, ()), row.id)

    def forget(self, row_id: str) -> None:
        for key in self._noted.pop(row_id, ()):
            rest = tuple(each for each in self.ids.pop(key) if each != row_id)
            if rest:
                self.ids[key] = rest


def _is_frozen(row_type: type[object]) -> bool:
    return bool(row_type.__dataclass_params__.frozen)  # type: ignore[attr-defined]
