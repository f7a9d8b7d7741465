"""Answers for endpoints that have no behaviour of their own, made up from the schema of the answer.

What is made up follows from the seed, the shop or category asset, and the request: whoever asks the same twice hears
the same twice. What the request names comes back under its name, a list of ids gives a row for each of them, and a
paged list has `ROWS` rows whatever is asked. Nothing is remembered, and nothing fails.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard, cast

from tiktok_shop_async.sandbox.gate.validation import fits
from tiktok_shop_async.sandbox.made_up.plausible import Setting, digits, in_order, value_of
from tiktok_shop_async.sandbox.made_up.subjects import KINDS, Subject, choose, known, several
from tiktok_shop_async.sandbox.paging import Page, filters_of, take_page
from tiktok_shop_async.sandbox.state.clock import DAY

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.spec import Schema
    from tiktok_shop_async.sandbox.world import Shop

Fields: TypeAlias = Mapping[str, Any]

ROWS = 22
"""How many rows a paged list has: two pages of the usual size, the second not full.

The first shop has as many products, so that each row of a list of products is one of them.
"""

DEEPEST = 8
"""How many objects stand within each other at most, where a schema holds itself."""

_OF_FAILURES = re.compile(r"^(fail|error|warning|reject|invalid)|_(errors|failures|reasons)$")


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place in the answer: its path within `data`, what the request says at the same place, and what surrounds it.

    `rows` says in which row of each list on the way it lies, so that rows of different parents are different ones.
    """

    where: str
    given: Fields
    setting: Setting
    rows: tuple[int, ...] = ()

    def within(self, name: str) -> _Spot:
        return replace(self, where=f"{self.where}.{name}" if self.where else name)


def invent(call: Call) -> dict[str, Any]:
    """The `data` of a plausible success.

    Raises:
        RefusalError: the page token was made for another search.
    """
    return _Invention(call).data()


class _Invention:
    def __init__(self, call: Call) -> None:
        self._call = call
        self._resolve = call.spec.resolve
        self._places: Fields = call.operation.pagination or {}
        self._asked: dict[str, Any] = {**call.body, **call.query, **call.path}
        self._key = f"{call.world.app_secret}\n{filters_of(call)}"
        self._page: Page[int] = Page([], 0, "")

    def data(self) -> dict[str, Any]:
        schema = self._call.operation.data
        if schema is None:
            return {}
        chance = self._chance()
        midnight = self._call.now - self._call.now % DAY
        setting = Setting(
            chance=chance,
            subject=choose(_shop_of(self._call), chance, self._asked),
            moment=midnight - chance.randrange(1, 20 * DAY),
            base_url=self._call.base_url,
            filters=self._asked,
        )
        if self._places:
            rows = self._rows_asked_for(schema)
            default_size = self._places.get("page-size", {}).get("default", 20)
            self._page = take_page(self._call, range(rows), lambda row: (row, ""), default_size=default_size)
        return self._object(schema, _Spot("", self._asked, setting))

    def _chance(self, *about: object) -> random.Random:
        return random.Random("\n".join([self._key, *map(str, about)]))  # noqa: S311 - made-up data, not a secret

    def _rows_asked_for(self, schema: Schema) -> int:
        names = str(self._places["items"]).split(".")
        for name in names:
            schema = self._resolve(self._resolve(schema)["properties"][name])
        asked = self._asked_rows(names[-1], self._resolve(schema["items"]), self._asked)
        return ROWS if asked is None else len(asked)

    def _object(self, schema: Schema, spot: _Spot) -> dict[str, Any]:
        made = {name: self._value(name, part, spot) for name, part in schema.get("properties", {}).items()}
        made = {name: value for name, value in made.items() if value is not None}
        in_order(made, spot.given)
        if made.get("code") == 0 and isinstance(made.get("message"), str):
            made["message"] = "Success"
        return made

    def _value(self, name: str, schema: Schema, outer: _Spot) -> Any:
        schema, spot = self._resolve(schema), outer.within(name)
        if spot.where == self._places.get("next-token"):
            return self._page.next_token
        if spot.where == self._places.get("total"):
            return self._page.total
        if spot.where == self._call.operation.failed_items:
            return []
        if schema.get("type") == "array":
            return self._list(name, schema, spot)
        if schema.get("type") == "object":
            if spot.where.count(".") >= DEEPEST:
                return None
            return self._object(schema, replace(spot, given=self._given_to(name, spot)))
        return self._scalar(name, schema, spot)

    def _given_to(self, name: str, spot: _Spot) -> Fields:
        """What the request says of an object: the object of that name, or its id beside it."""
        given = spot.given.get(name)
        if isinstance(given, Mapping):
            return cast("Fields", given)
        ids = (asked for asked in self._asked if asked.endswith("_id") and _alike(name, asked.removesuffix("_id")))
        beside = self._asked.get(next(ids, ""))
        return {} if beside is None else {"id": beside}

    def _scalar(self, name: str, schema: Schema, spot: _Spot) -> Any:
        for given in self._echoes(name, schema, spot):
            if fits(schema, given):
                return given
        if name in {"id", "name"}:
            owner = _kind(spot.where.split(".")[-2:][0])
            return value_of(f"{owner}_{name}" if owner != name else name, schema, spot.setting)
        return value_of(name, schema, spot.setting)

    def _echoes(self, name: str, schema: Schema, spot: _Spot) -> list[Any]:
        """What the request says to a field: at the same place first, then anywhere for ids and filters."""
        echoes = [spot.given.get(name)]
        if name.endswith("_id") or "enum" in schema:
            echoes.append(self._asked.get(name))
        if spot.where == "id" and self._call.path:
            echoes.append(list(self._call.path.values())[-1])
        return [echo for echo in echoes if echo is not None]

    def _list(self, name: str, schema: Schema, spot: _Spot) -> list[Any]:
        item = self._resolve(schema["items"])
        if spot.where == self._places.get("items"):
            return self._rows(name, item, spot, self._page.rows)
        if _OF_FAILURES.search(name) or spot.where.count(".") >= DEEPEST:
            return []
        count = self._chance(spot.where, *spot.rows, "count").randrange(1, 4)
        count = min(max(count, schema.get("minItems", 0)), schema.get("maxItems", count))
        if item.get("type") == "object":
            return self._rows(name, item, spot, range(count))
        if item.get("type") == "array":
            return [self._list(name, item, spot.within(str(index))) for index in range(count)]
        return self._scalars(name, item, spot, count)

    def _scalars(self, name: str, item: Schema, spot: _Spot, count: int) -> list[Any]:
        """As given; else the ids of rows that the request names; else values of the field's own sense, each once."""
        given = spot.given.get(name)
        if _is_list(given) and all(fits(item, each) for each in given):
            return given
        single = name.removesuffix("s")
        ids = [row.get("id") for rows in self._lists_named_like(name, spot.given) for row in rows]
        if ids and all(fits(item, each) for each in ids):
            return ids
        subjects = several(spot.setting.subject, single.removesuffix("_id"), spot.setting.chance)[:count]
        values = [known(subject, single) for subject in subjects] if single.endswith("_id") else []
        values = values or [value_of(single, item, spot.setting) for _ in range(count)]
        return list(dict.fromkeys(value for value in values if value is not None))

    def _rows(self, name: str, item: Schema, spot: _Spot, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """The rows of these numbers: those of a page, or of a list that is whole all that it has."""
        asked = self._asked_rows(name, item, spot.given)
        kind = _kind(name)
        own = several(spot.setting.subject, kind, spot.setting.chance) if kind in KINDS else []
        if spot.where != self._places.get("items"):
            if asked is not None:
                numbers = range(len(asked))
            elif own:
                numbers = numbers[: len(own)]
        key = self._key_of(item, spot)
        rows: list[dict[str, Any]] = []
        for index in numbers:
            chance = self._chance(spot.where, *spot.rows, index)
            given: Fields = {} if asked is None else asked[index]
            subject = self._subject(kind, own, index, given, spot, chance)
            row_spot = replace(spot, given=given, setting=spot.setting.about(subject, chance), rows=(*spot.rows, index))
            row = self._object(item, row_spot)
            if key is not None and key not in given:
                row[key] = self._row_id(kind, own, index, item, key, chance)
            rows.append(row)
        return rows

    def _asked_rows(self, name: str, item: Schema, given: Fields) -> list[Fields] | None:
        """One entry for each row that the request names: by a list of ids, or of objects under the same name."""
        properties: Fields = item.get("properties", {})
        for rows in self._lists_named_like(name, given) if properties else ():
            return list(rows)
        for asked_name, values in given.items():
            if not (asked_name == "ids" or asked_name.endswith("_ids")) or not _is_list(values):
                continue
            kind = asked_name.removesuffix("ids").removesuffix("_")
            key = next((key for key in self._keys_for(kind, name) if key in properties), None)
            ids: list[Any] = list(dict.fromkeys(values))
            if key is not None and ids and all(fits(self._resolve(properties[key]), each) for each in ids):
                return [{key: each} for each in ids]
        return None

    def _keys_for(self, kind: str, name: str) -> list[str]:
        """Which field of the rows of `name` may hold the ids of a kind."""
        if not kind:
            return [str(self._places.get("key", "id"))]
        return [f"{kind}_id", *(["id"] if _alike(_kind(name), kind) else [])]

    def _lists_named_like(self, name: str, given: Fields) -> list[Sequence[Fields]]:
        """The lists of objects in the request that a list of the answer is about."""
        return [
            values
            for asked_name, values in given.items()
            if _is_list(values) and values and _alike(name, asked_name)
            if all(isinstance(each, Mapping) for each in values)
        ]

    def _key_of(self, item: Schema, spot: _Spot) -> str | None:
        key = self._places.get("key") if spot.where == self._places.get("items") else "id"
        return key if key in item.get("properties", {}) else None

    def _subject(
        self, kind: str, own: Sequence[Subject], index: int, given: Fields, spot: _Spot, chance: random.Random
    ) -> Subject:
        if any(name.endswith("_id") or name == "id" for name in given):
            return choose(spot.setting.subject.shop, chance, {f"{kind}_id": given.get("id"), **given})
        if index < len(own):
            return own[index]
        return choose(spot.setting.subject.shop, chance, {}) if spot.where.count(".") == 0 else spot.setting.subject

    def _row_id(
        self, kind: str, own: Sequence[Subject], index: int, item: Schema, key: str, chance: random.Random
    ) -> Any:
        fact = known(own[index], f"{kind}_id") if index < len(own) else None
        if self._resolve(item["properties"][key]).get("type") == "integer":
            return 100_000 + index if fact is None else int(fact)
        return fact or digits(chance, 19)


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _alike(one: str, other: str) -> bool:
    return one == other or one.endswith(f"_{other}") or other.endswith(f"_{one}")


def _kind(name: str) -> str:
    """What one row of a list is called: `sku` of `skus`, `category` of `categories`."""
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")


def _shop_of(call: Call) -> Shop:
    """The shop that an answer tells of: the one that was named, else the first that the token opens.

    A creator's or partner's opens none; then it is the first in the market of the category asset, else any.
    """
    shops, asset = call.world.shops, call.category_asset
    opened = next((shop for shop in shops if shop.id in call.token.shop_ids), None)
    there = None if asset is None else next((shop for shop in shops if shop.region == asset.market), None)
    return call.admitted_shop or opened or there or next(iter(shops))
