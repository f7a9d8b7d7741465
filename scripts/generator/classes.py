"""Decides which Python class stands for which schema, by the direction that its objects travel in.

Answers are forgiving (everything is optional, nested objects and lists are never None), requests are strict, so a
schema that travels both ways becomes two classes, `Thing` and `ThingInput`. Where it holds nothing but optional
scalars the two would be the same, and one input class serves both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.generator.document import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scripts.generator.document import Document, Operation, Value

_NESTED = ("object", "list", "anything", "file")

# What the generated modules themselves import, so that no schema can be called the same.
_RESERVED = {
    "Acknowledgement",
    "Any",
    "Boolean",
    "CallOptions",
    "Caller",
    "ClassVar",
    "CreatorResources",
    "Event",
    "File",
    "FileContent",
    "InputModel",
    "IntEnum",
    "Integer",
    "Items",
    "Mapping",
    "Model",
    "Number",
    "Object",
    "ObjectFields",
    "Operation",
    "PagedOperation",
    "Pager",
    "Paging",
    "Parameter",
    "PartialErrors",
    "PartnerResources",
    "Resource",
    "Sequence",
    "ShopResources",
    "StrEnum",
    "Text",
    "UnknownEvent",
}


@dataclass(frozen=True, order=True)
class Class:
    """A generated class, by the module that it stands in under `models`."""

    module: str
    name: str

    @property
    def place(self) -> str:
        """How operations name it."""
        return f"{self.module}.{self.name}"


def own_name(name: str, where: str) -> str:
    """The name, if a class that is generated can have it.

    Raises:
        SpecError: It is no name for a class, or one that the generated code uses itself.
    """
    if not name:
        raise SpecError(f"{where}: has no title to name its class")
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name):
        raise SpecError(f"{name}: is no name for a class")
    if name in _RESERVED:
        raise SpecError(f"{name}: the generated code uses this name itself")
    return name


class Classes:
    """The classes of a document."""

    def __init__(self, document: Document, operations: Iterable[Operation]) -> None:
        self._document = document
        operations = list(operations)
        data = [document.object(each.answer) for each in operations if each.answer]
        self._data = {value.name for value in data}
        self.answers = self._reach(data)
        """Schemas of objects that answers hold."""
        self.requests = self._reach([field.value for each in operations for field in each.fields()])
        """Schemas of objects that requests hold."""
        self._enums = self._enums_of(operations)
        self._keys = self._keys_of_rows(operations)
        self._split = {name for name in self.answers & self.requests if not self._serves_both(name)}
        for name in sorted(self._split):
            if f"{name}Input" in document.schemas:
                raise SpecError(
                    f"{name} is used in answers and requests, so requests need {name}Input,"
                    " which is another schema: let the requests refer to that one"
                )

    @property
    def enums(self) -> set[str]:
        """Schemas of the enumerations that are used."""
        return self._enums

    def answer(self, name: str) -> Class:
        """The class that stands for a schema in answers."""
        return Class(self.module(name), name)

    def request(self, name: str) -> Class:
        """The class that stands for a schema in requests."""
        return Class(self.module(name), f"{name}Input" if name in self._split else name)

    def enum(self, name: str) -> Class:
        """The class of the known values of an enumeration."""
        return Class(self.module(name), name)

    def is_own_id(self, name: str, field: str) -> bool:
        """Whether a field identifies the objects of a schema, so that callers pass it on to other calls.

        That is an object's `id`, the key of the rows of a list, and the ids that a call answers with: `product_id` of a
        product that was created.
        """
        return field in ("id", self._keys.get(name)) or (name in self._data and field.endswith("_id"))

    def module(self, name: str) -> str:
        """The module that the classes of a schema stand in."""
        module = self._document.schema(name, name).get("x-module", "")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", module):
            raise SpecError(f"{name}: has no usable x-module: {module!r}")
        own_name(name, name)
        return str(module)

    def _reach(self, values: Iterable[Value]) -> set[str]:
        """The objects among the values, and all that they hold."""
        found: set[str] = set()
        waiting = [value.leaf for value in values]
        while waiting:
            value = waiting.pop()
            if value.kind == "object" and value.name not in found:
                found.add(value.name)
                waiting += [field.value.leaf for field in self._document.fields(value.name)]
        return found

    def _enums_of(self, operations: Iterable[Operation]) -> set[str]:
        fields = [field for name in self.answers | self.requests for field in self._document.fields(name)]
        fields += [field for each in operations for field in each.fields()]
        return {field.value.leaf.name for field in fields if field.value.leaf.kind == "enum"}

    def _keys_of_rows(self, operations: Iterable[Operation]) -> dict[str, str]:
        keys: dict[str, str] = {}
        for each in operations:
            paging = each.data.get("x-pagination", {})
            if "key" not in paging:
                continue
            row, key = self._document.row(each), paging["key"]
            fields = {field.name: field.value for field in self._document.fields(row.name)} if row.name else {}
            if key not in fields or fields[key].kind != "text":
                raise SpecError(f"{each.id}: x-pagination.key {key} is no text of the rows")
            if keys.setdefault(row.name, key) != key:
                raise SpecError(
                    f"{each.id}: x-pagination.key {key}: other lists identify {row.name} by {keys[row.name]}"
                )
        return keys

    def _serves_both(self, name: str) -> bool:
        return name not in self._keys and not any(
            field.required or field.value.kind in _NESTED for field in self._document.fields(name)
        )
