"""Requests drawn from the schemas of the spec, and every way of spoiling one that the spec tells of.

A request is drawn whole and valid: values of the right type and within their limits, mostly of rows that the shop has.
It is spoilt in one place at a time, so that what it is refused for is known before it is sent.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx

from tests.sandbox.signed_calls import Answer, sign
from tiktok_shop_async.sandbox.gate.category_assets import category_assets
from tiktok_shop_async.sandbox.gate.markets import is_offered
from tiktok_shop_async.sandbox.made_up.picture import plain_png
from tiktok_shop_async.sandbox.spec import bundled_spec
from tiktok_shop_async.sandbox.state.clock import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tests.sandbox.signed_calls import Caller
    from tiktok_shop_async.sandbox.spec import Operation, Schema
    from tiktok_shop_async.sandbox.state.table import Row
    from tiktok_shop_async.sandbox.world import Shop

SPEC = bundled_spec()
PLACEHOLDER = re.compile("{([a-z_]+)}")
ASSET = "category_asset_cipher"
BOUNDARY = "a-boundary-that-no-part-has"
LETTERS = "abcdefgh XYZ 0123456789 é ß 中 \N{PARTY POPPER} -_.,'\"<>&%+/="
WRONG: dict[str, tuple[Any, ...]] = {
    "string": (7, True, ["a"], {"a": 1}),
    "integer": ("7", 7.5, True, [7], 2**70),
    "number": ("7", True, [7]),
    "boolean": ("true", 1, [True]),
    "array": ("a", {"a": 1}, 7),
    "object": ("a", ["a"], 7),
}
"""By type, values that are none of it."""


@dataclass(frozen=True)
class Drawn:
    """A request before it is signed. `shop` is the one that it is about; `cipher` is None where it names none."""

    operation: Operation
    shop: Shop
    path: str
    query: Mapping[str, str]
    body: Any
    token: str
    cipher: str | None
    content_type: str = "application/json"
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    method: str = ""
    changes: Mapping[str, str | None] = field(default_factory=dict[str, "str | None"])
    """What is set in the query after signing, or taken out of it."""

    def content(self) -> bytes:
        """The bytes of the body."""
        if isinstance(self.body, bytes):
            return self.body
        if self.content_type.startswith("multipart/"):
            parts = {f'"{name}"': value.encode() for name, value in self.body.items()}
            parts |= {f'"{name}"; filename="a.png"': value for name, value in self.files.items()}
            opening = f"--{BOUNDARY}\r\ncontent-disposition: form-data; name=".encode()
            lines = [opening + head.encode() + b"\r\n\r\n" + value + b"\r\n" for head, value in parts.items()]
            return b"".join([*lines, f"--{BOUNDARY}--\r\n".encode()])
        return b"" if self.body is None else json.dumps(self.body).encode()


Spoilt = tuple[str, Drawn, int, int]
"""What is wrong, the request, and the code and HTTP status that it has to be refused with."""


class Sender:
    """Sends drawn requests to an application in this process, and holds answers against the spec."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        """Ends the event loop."""
        self._loop.close()

    def send(self, drawn: Drawn) -> Answer:
        """Signs a request and sends it. A success has to have the shape that the spec says."""
        content = drawn.content()
        covered = b"" if drawn.content_type.startswith("multipart/") else content
        query = {"app_key": self._caller.world.app_key, "timestamp": str(self._caller.world.now), **drawn.query}
        if drawn.cipher is not None:
            query["shop_cipher"] = drawn.cipher
        query["sign"] = sign(self._caller.world.app_secret, drawn.path, query, covered)
        for name, value in drawn.changes.items():
            query.pop(name) if value is None else query.update({name: value})
        headers = {"content-type": drawn.content_type, "x-tts-access-token": drawn.token, "host": "localhost"}
        method = drawn.method or drawn.operation.method
        answer = self._loop.run_until_complete(self._exchange(method, drawn.path, urlencode(query), headers, content))
        if answer.code == 0:
            self._caller.conformance.check(method, drawn.path, answer.envelope)
        return answer

    async def _exchange(self, method: str, path: str, query: str, headers: Mapping[str, str], content: bytes) -> Answer:
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "scheme": "http", "server": ("localhost", 80), "client": ("127.0.0.1", 9),
            "root_path": "", "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        assert self._caller.app is not None
        await self._caller.app(scope, receive, send)  # type: ignore[arg-type]  # plain dicts for ASGI's messages
        answered = httpx.Headers(said[0]["headers"])
        return Answer(said[0]["status"], json.loads(b"".join(each.get("body", b"") for each in said[1:])), answered)


class Drawer:
    """Draws requests for one world, the same for a seed."""

    def __init__(self, caller: Caller, seed: str) -> None:
        self._world = caller.world
        self._chance = random.Random(seed)  # noqa: S311 - chance, not a secret
        self._share = 0.4
        self._tokens = {kind: self._world.issue_token(kind).id for kind in ("seller", "creator", "partner")}

    def draw(self, operation: Operation, *, whole: bool = False, sparing: bool = False) -> Drawn:
        """A valid request.

        Args:
            whole: with every field that there is.
            sparing: with what is needed, and nothing else.
        """
        self._share = 0.0 if sparing else 0.4
        shops = list(self._world.shops)
        shop = next(each for each in shops if is_offered(operation.markets, each, self._world.now))
        rows = self._rows(shop)
        # What is to be spoilt in one place is about something that there is, or that would be the mistake that is told.
        one = self._chance.choice if whole else self._one
        path = PLACEHOLDER.sub(lambda found: str(one(rows.get(found[1]) or ["1729"])), operation.path)
        query: dict[str, str] = {}
        for name, parameter in operation.query.items():
            if name != "page_token" and (parameter.required or whole or self._chance.random() < self._share):
                query[name] = _as_text(self._value(name, parameter.schema, rows, whole))
        body = None if operation.body is None else self._object(operation.body, rows, whole)
        files: dict[str, bytes] = {}
        if operation.multipart:
            parts = SPEC.resolve(operation.body or {}).get("properties", {})
            files = {
                name: plain_png(320, 320, (9, 9, 9))
                for name, part in parts.items()
                if SPEC.resolve(part).get("format") == "binary"
            }
            body = {name: str(value) for name, value in (body or {}).items() if name not in files}
            body |= {"name": "a.pdf"} if "name" in body else {}
        if operation.identifiers.get(ASSET) == "required":
            query[ASSET] = category_assets(self._world)[0].cipher
        taken = operation.identifiers.get("shop_cipher")
        return Drawn(
            operation=operation,
            shop=shop,
            path=path,
            query=query,
            body=body,
            token=self._tokens[operation.token],
            cipher=shop.cipher if taken == "required" or (taken and self._chance.random() < 0.5) else None,
            content_type=f"multipart/form-data; boundary={BOUNDARY}" if operation.multipart else "application/json",
            files=files,
        )

    def spoil(self, drawn: Drawn) -> Iterator[Spoilt]:
        """Each way of making it wrong, one at a time."""
        yield from self._spoil_credentials(drawn)
        yield from self._spoil_identifiers(drawn)
        yield from self._spoil_format(drawn)
        yield from self._spoil_query(drawn)
        if drawn.operation.body is not None and not drawn.operation.multipart:
            for what, body, code in self._spoil_value("", drawn.operation.body, drawn.body, required=True):
                yield what, replace(drawn, body=body), code, 400

    def _spoil_credentials(self, drawn: Drawn) -> Iterator[Spoilt]:
        now = self._world.wall_now
        operation = drawn.operation

        def changed(**changes: str | None) -> Drawn:
            return replace(drawn, changes=changes)

        yield "another app key", changed(app_key="someone"), 36009004, 400
        yield "no app key", changed(app_key=None), 36009004, 400
        yield "no timestamp", changed(timestamp=None), 36009004, 400
        yield "an old timestamp", changed(timestamp=str(now - 301)), 36009004, 400
        yield "an early timestamp", changed(timestamp=str(now + 31)), 36009004, 400
        yield "a timestamp that is none", changed(timestamp="now"), 36009004, 400
        yield "no signature", changed(sign=None), 36009004, 400
        yield "a wrong signature", changed(sign="0" * 64), 106001, 401
        yield "a query that was changed after signing", changed(surprise="1"), 106001, 401
        yield "no token", replace(drawn, token=""), 36009004, 401
        yield "an unknown token", replace(drawn, token="TTP_none"), 36009004, 401
        issue = self._world.issue_token
        yield "an expired token", replace(drawn, token=issue(operation.token, lifetime=0).id), 105002, 401
        for kind in {"seller", "creator", "partner"} - {operation.token}:
            yield f"a token of a {kind}", replace(drawn, token=self._tokens[kind]), 101000, 401
        if operation.scopes:
            yield "no scope", replace(drawn, token=issue(operation.token, scopes=[]).id), 105005, 403
        other = operation.path.replace(f"/{operation.version}/", "/202001/")
        yield "another version", replace(drawn, path=other), 36009014, 400
        yield "another method", replace(drawn, method="PATCH"), 36009010, 405
        yield "another path", replace(drawn, path=f"{drawn.path}/nowhere/at/all"), 36009009, 404

    def _spoil_identifiers(self, drawn: Drawn) -> Iterator[Spoilt]:
        operation = drawn.operation
        closed = self._world.issue_token(operation.token, shop_ids=[]).id
        match operation.identifiers.get("shop_cipher"):
            case None:
                yield "a cipher where none is taken", replace(drawn, cipher=drawn.shop.cipher), 36009004, 400
            case need:
                if need == "required":
                    yield "no cipher", replace(drawn, cipher=None), 106013, 400
                yield "an unknown cipher", replace(drawn, cipher="TTP_none"), 36009004, 400
                named = replace(drawn, cipher=drawn.shop.cipher)
                yield "a token of another shop", replace(named, token=closed), 101000, 401
                for shop in self._world.shops:
                    if not is_offered(operation.markets, shop, self._world.now):
                        yield "another market", replace(drawn, cipher=shop.cipher), 21008106, 200
        if operation.identifiers.get(ASSET) == "required":
            query = {name: value for name, value in drawn.query.items() if name != ASSET}
            yield "no category asset", replace(drawn, query=query), 36009004, 400
        query = {**drawn.query, ASSET: "CAT_none"}
        yield "an unknown category asset, or one where none is taken", replace(drawn, query=query), 36009004, 400

    def _spoil_format(self, drawn: Drawn) -> Iterator[Spoilt]:
        if drawn.operation.multipart:
            yield "JSON in place of a form", replace(drawn, content_type="application/json", body={}), 36009023, 400
            form = replace(drawn, body=b"\x00nothing", content_type=drawn.content_type)
            yield "a form that is something else", form, 36009023, 400
            if set(drawn.files) & set(SPEC.resolve(drawn.operation.body or {}).get("required", ())):
                yield "no file", replace(drawn, files={}), 36009004, 400
            return
        for body in (b"{", b"[]", b"7", b'"a"', b"null", b"\xff", b"[" * 50_000):
            yield f"the body {body[:9]!r}", replace(drawn, body=body), 36009022, 400
        for content_type in ("text/plain", "", "multipart/form-data; boundary=b"):
            yield f"content-type {content_type}", replace(drawn, body=b"{}", content_type=content_type), 36009022, 400

    def _spoil_query(self, drawn: Drawn) -> Iterator[Spoilt]:
        for name, parameter in drawn.operation.query.items():
            schema = SPEC.resolve(parameter.schema)
            if parameter.required and "default" not in schema:
                without = {each: value for each, value in drawn.query.items() if each != name}
                yield f"no `{name}`", replace(drawn, query=without), 36009004, 400
            for text, code in _wrong_texts(schema):
                yield f"`{name}` is {text[:20]!r}", replace(drawn, query={**drawn.query, name: text}), code, 400
        place = (drawn.operation.pagination or {}).get("token", {})
        if place.get("in") == "query":
            query = {**drawn.query, place["name"]: "made up"}
            yield "a page token that was made up", replace(drawn, query=query), 36009004, 400

    def _spoil_value(self, where: str, schema: Schema, value: Any, *, required: bool) -> Iterator[tuple[str, Any, int]]:
        """The value with one thing in it made wrong, however deep: what, the whole value anew, and the code."""
        schema = SPEC.resolve(schema)
        if where:
            for wrong in WRONG[schema["type"]]:
                yield f"`{where}` is {wrong!r}", wrong, 36009004
            if schema.get("format") == "decimal":
                for wrong in ("much", "1,5", "", "1e3", "\u0661"):
                    yield f"`{where}` is {wrong!r}", wrong, 36009004
            for wrong in _beyond(schema):
                yield f"`{where}` is beyond its limits", wrong, 98001004
        if schema["type"] == "array":
            for index, item in enumerate(value[:1]):
                for what, spoilt, code in self._spoil_value(f"{where}[{index}]", schema["items"], item, required=True):
                    yield what, [spoilt, *value[1:]], code
        if schema["type"] == "object":
            for name, part in schema.get("properties", {}).items():
                needed = name in schema.get("required", ())
                inner = f"{where}.{name}".removeprefix(".")
                if needed:
                    yield f"no `{inner}`", {each: value[each] for each in value if each != name}, 36009004
                    yield f"`{inner}` is null", {**value, name: None}, 36009004
                for what, spoilt, code in self._spoil_value(inner, part, value[name], required=needed):
                    yield what, {**value, name: spoilt}, code

    def _object(self, schema: Schema, rows: Mapping[str, list[Any]], whole: bool) -> dict[str, Any]:
        schema = SPEC.resolve(schema)
        required = schema.get("required", ())
        return {
            name: self._value(name, part, rows, whole) if name != "page_token" else ""
            for name, part in schema.get("properties", {}).items()
            if whole or name in required or self._chance.random() < self._share
        }

    def _value(self, name: str, schema: Schema, rows: Mapping[str, list[Any]], whole: bool) -> Any:
        schema, chance = SPEC.resolve(schema), self._chance
        known = rows.get(name)
        if "enum" in schema:
            return chance.choice(schema["enum"])
        match schema["type"]:
            case "object":
                return self._object(schema, rows, whole)
            case "array":
                least = max(schema.get("minItems", 0), 1 if whole else 0)
                length = min(chance.choice((1, 1, 2, 3)), schema.get("maxItems", 3))
                return [self._value(name, schema["items"], rows, whole) for _ in range(max(length, least))]
            case "boolean":
                return chance.random() < 0.5
            case "integer" | "number":
                return self._number(schema)
            case _ if schema.get("format") == "decimal":
                return chance.choice(("0", "1", "12.5", f"{chance.randrange(1, 9_000) / 100:.2f}", "0.001", "-3.00"))
            case _ if known and chance.random() < 0.8:
                return chance.choice(known)
            case _:
                return self._text(schema)

    def _number(self, schema: Schema) -> int:
        now, chance = self._world.now, self._chance
        if schema.get("format") in {"unix-seconds", "unix-milliseconds"}:
            moment = now - chance.randrange(-DAY, 60 * DAY)
            return moment * 1_000 if schema["format"] == "unix-milliseconds" else moment
        low, high = schema.get("minimum", 0), schema.get("maximum", 1_000)
        return chance.choice((low, min(low + chance.randrange(1, 9), high), chance.randint(low, high), high))

    def _text(self, schema: Schema) -> str:
        longest = schema.get("maxLength", 40)
        length = self._chance.choice((1, min(12, longest), min(40, longest), longest))
        return "".join(self._chance.choices(LETTERS, k=max(length, schema.get("minLength", 0))))

    def _one(self, values: list[Any]) -> str:
        return str(self._chance.choice(values) if self._chance.random() < 0.9 else self._chance.randrange(10**18))

    def _rows(self, shop: Shop) -> dict[str, list[Any]]:
        """Ids of what the shop has, by the name that they go by."""
        products, orders, packages = list(shop.products), list(shop.orders), list(shop.packages)
        return {
            "product_id": _ids(products),
            "product_ids": _ids(products),
            "sku_id": [sku.id for product in products for sku in product.skus],
            "sku_ids": [sku.id for product in products for sku in product.skus],
            "order_id": _ids(orders),
            "order_ids": _ids(orders),
            "ids": _ids(orders),
            "order_line_item_ids": [line.id for order in orders for line in order.lines],
            "package_id": _ids(packages),
            "warehouse_id": _ids(shop.warehouses),
            "return_id": _ids(shop.returns),
            "cancel_id": _ids(shop.cancellations),
            "statement_id": _ids(shop.ledger.issued(self._world.now)),
            "category_id": ["810101", "820100"],
            "currency": [shop.currency],
            "id": [
                *(row.id for row in orders[:9]),
                *(row.id for row in products[:9]),
                *(row.id for row in packages[:9]),
            ],
        }


def _ids(rows: Iterable[Row]) -> list[str]:
    return [row.id for row in rows]


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(_as_text, value)) if isinstance(value, list) else str(value)


def _wrong_texts(schema: Schema) -> Iterator[tuple[str, int]]:
    """What a parameter of the query cannot be."""
    kind = schema.get("type", "string")
    if kind == "integer":
        yield from (("ten", 36009004), ("1.5", 36009004), ("\u0661", 36009004), ("1e3", 36009004))
    if kind == "boolean":
        yield "maybe", 36009004
    for wrong in _beyond(schema):
        yield _as_text(wrong), 98001004


def _beyond(schema: Schema) -> Iterator[Any]:
    """Values that are right but for a limit."""
    if "minimum" in schema:
        yield schema["minimum"] - 1
    if "maximum" in schema:
        yield schema["maximum"] + 1
    if "maxLength" in schema:
        yield "x" * (schema["maxLength"] + 1)
    if schema.get("minLength", 0) > 1:
        yield "x" * (schema["minLength"] - 1)
    if "maxItems" in schema and SPEC.resolve(schema["items"]).get("type") == "string":
        yield ["1"] * (schema["maxItems"] + 1)
