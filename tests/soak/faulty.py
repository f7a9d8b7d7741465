"""A sandbox that fails, and the way to it: in this process, so that both share a clock that tests own."""

from __future__ import annotations

import copy
import json
import math
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import anyio
import httpx

from tiktok_shop_async.sandbox.app import create_app
from tiktok_shop_async.sandbox.made_up.seed import make_world
from tiktok_shop_async.sandbox.spec import bundled_spec

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from starlette.applications import Starlette
    from starlette.types import Receive, Scope, Send

    from tiktok_shop_async.sandbox.world import Shop, World

MOST_IN_A_ROW = 3
REFRESH = "refresh-token-of-"
FAULTS = ("429", "503", "reset before", "reset after", "time-out after", "server time-out after", "expired token")


@dataclass
class Faulty:
    """An ASGI application in front of another one, that fails a part of the requests.

    Which call a request belongs to is told by its header `x-call`.

    Attributes:
        app: The one that answers.
        world: Its state. Tokens are renewed here, under a refresh token that names the shop.
        share: Which part of the requests fails; not more than three in a row of one call, and one of these at most by
            a token that is called expired.
        executions: How often each call was carried out.
        faults: How often each kind of failure was met.
    """

    app: Starlette
    world: World
    share: float
    random: random.Random
    executions: Counter[str] = field(default_factory=Counter[str])
    faults: Counter[str] = field(default_factory=Counter[str])
    _in_a_row: Counter[str] = field(default_factory=Counter[str])
    _expired: set[str] = field(default_factory=set[str])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/api/v2/token/refresh":
            query = dict(parse_qsl(scope["query_string"].decode()))
            await _answer(
                send, 200, 0, data=tokens(self.world, self.world.shops[query["refresh_token"].removeprefix(REFRESH)])
            )
            return
        call = next((value.decode() for name, value in scope["headers"] if name == b"x-call"), "")
        if self._in_a_row[call] >= MOST_IN_A_ROW or self.random.random() >= self.share:
            self._in_a_row[call] = 0
            self.executions[call] += 1
            await self.app(scope, receive, send)
            return
        self._in_a_row[call] += 1
        fault = self.random.choice(FAULTS[:-1] if call in self._expired else FAULTS)
        self.faults[fault] += 1
        if fault.endswith("after"):
            self.executions[call] += 1
            await self.app(scope, receive, _forget)
        match fault:
            case "429":
                await _answer(send, 429, 36009002, {b"retry-after": str(self.random.choice((1, 2))).encode()})
            case "503":
                await _answer(send, 503, 36009003)
            case "expired token":
                self._expired.add(call)
                await _answer(send, 401, 105002)
            case "server time-out after":
                await anyio.sleep(8)
                await _answer(send, 504, 36009007)
            case "time-out after":
                await anyio.sleep(math.inf)
            case _:
                raise httpx.ReadError("connection reset")


async def _forget(message: MutableMapping[str, Any]) -> None:
    """Where an answer goes that nobody is to see."""


async def _answer(
    send: Send, status: int, code: int, headers: dict[bytes, bytes] | None = None, data: Any = None
) -> None:
    body = json.dumps({"code": code, "message": "by the test", "request_id": "soak", "data": data}).encode()
    named = [(b"content-type", b"application/json"), *(headers or {}).items()]
    await send({"type": "http.response.start", "status": status, "headers": named})
    await send({"type": "http.response.body", "body": body})


class InProcess(httpx.AsyncBaseTransport):
    """Calls an application in this process, and keeps the read time-out of the request as a socket would."""

    def __init__(self, app: Faulty) -> None:
        self._transport = httpx.ASGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        with anyio.move_on_after(request.extensions["timeout"]["read"]):
            return await self._transport.handle_async_request(request)
        raise httpx.ReadTimeout("no answer in time", request=request)


def world_of(shops: int, clock: Callable[[], float]) -> World:
    """A world of many shops, each under a token of its own. They share one shop's listings and orders."""
    world = make_world(clock, orders=20)
    add_shops(world, shops)
    return world


def add_shops(world: World, shops: int) -> None:
    """Fill a world up to so many shops."""
    first = next(iter(world.shops))
    for number in range(shops - len(world.shops)):
        shop = copy.copy(first)
        shop.id, shop.cipher = f"{7_000_000_000_000_000_000 + number}", f"ROW_shop-{number}"
        world.add_shop(shop)


def tokens(world: World, shop: Shop) -> dict[str, Any]:
    """New tokens of an account that has one shop, as the token endpoints answer them."""
    token = world.issue_token(shop_ids=[shop.id])
    return {
        "access_token": token.id,
        "access_token_expire_in": token.expires_at,
        "refresh_token": f"{REFRESH}{shop.id}",
        "refresh_token_expire_in": token.expires_at + 10_000_000,
        "open_id": f"account-{shop.id}",
    }


def tokens_of(world: World) -> list[tuple[str, Shop]]:
    """A token for each shop."""
    return [(world.issue_token(shop_ids=[shop.id]).id, shop) for shop in world.shops]


def faulty_sandbox(world: World, *, share: float, seed: int) -> Faulty:
    """A sandbox that fails a part of the requests."""
    return Faulty(create_app(bundled_spec(), world), world, share, random.Random(seed))  # noqa: S311 - chance, not a secret
