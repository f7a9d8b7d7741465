"""Hundreds of calls for a hundred shops at once, over real sockets: one pool, a cap, and nothing left behind."""

from __future__ import annotations

import asyncio
import math
import random
import time
import timeit
from collections import Counter
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.soak.faulty import add_shops, tokens_of
from tiktok_shop_async import TikTokShop
from tiktok_shop_async.sandbox import SandboxServer, handle
from tiktok_shop_async.sandbox.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from tiktok_shop_async.sandbox import Sandbox

SHOPS = 100
CALLS = 500


class Watched:
    """Counts what is under way at once in front of an application, and over how many connections it comes."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self.now = self.peak = 0
        self.requests: Counter[object] = Counter()

    def put_before(self, app: ASGIApp) -> Watched:
        self.app = app
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        self.now += 1
        self.peak = max(self.peak, self.now)
        self.requests[scope["client"]] += 1
        try:
            await asyncio.sleep(0.02)  # as long as a short way through the internet
            await self.app(scope, receive, send)
        finally:
            self.now -= 1


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    watched = Watched()
    monkeypatch.setattr(
        handle, "create_app", lambda *given, **settings: watched.put_before(create_app(*given, **settings))
    )
    return watched


@pytest.fixture
def running(watched: Watched) -> SandboxServer:
    return SandboxServer(orders=20)


@pytest.fixture
def sandbox(running: SandboxServer) -> Iterator[Sandbox]:
    with running as sandbox:
        add_shops(sandbox.world, SHOPS)
        yield sandbox


def client_of(sandbox: Sandbox, **settings: Any) -> TikTokShop:
    return TikTokShop(sandbox.app_key, sandbox.app_secret, base_url=sandbox.url, **settings)


async def call_for_all(
    client: TikTokShop, sandbox: Sandbox, patience: Callable[[], float] = lambda: math.inf
) -> set[tuple[int, str]]:
    """Five calls for each shop, all at once, each cancelled when its patience is up; which of them were answered."""
    done: set[tuple[int, str]] = set()

    async def call(number: int, token: str, cipher: str) -> None:
        view = client.with_shop(access_token=token, shop_cipher=cipher)
        with anyio.move_on_after(patience()):
            assert (await view.logistics.get_warehouse_list()).warehouses
            done.add((number, cipher))

    async with anyio.create_task_group() as tasks:
        for token, shop in tokens_of(sandbox.world):
            for number in range(CALLS // SHOPS):
                tasks.start_soon(call, number, token, shop.cipher)
    return done


async def no_connection_is_left(running: SandboxServer) -> None:
    assert running._server is not None
    with anyio.fail_after(5):
        while running._server.server_state.connections:  # noqa: ASYNC110 - until the server has noticed
            await anyio.sleep(0.005)


@pytest.mark.anyio
async def test_500_calls_for_100_shops_share_one_pool_and_leave_nothing_open(
    sandbox: Sandbox, running: SandboxServer, watched: Watched
) -> None:
    async with client_of(sandbox) as client:
        assert len(await call_for_all(client, sandbox)) == CALLS
    assert watched.requests.total() == CALLS
    assert watched.peak <= 100
    assert len(watched.requests) < CALLS / 2  # connections
    await no_connection_is_left(running)


@pytest.mark.anyio
async def test_calls_that_are_cancelled_at_any_moment_leave_nothing_behind(
    sandbox: Sandbox, running: SandboxServer
) -> None:
    """In line, without a place, while they connect, send or read: afterwards as many calls go through as ever."""
    chance = random.Random(20260901)  # noqa: S311 - chance, not a secret
    async with client_of(sandbox, max_in_flight=50) as client:
        answered = await call_for_all(client, sandbox, patience=lambda: chance.uniform(0, 0.6))
        assert len(answered) < CALLS
        assert len(await call_for_all(client, sandbox)) == CALLS
    await no_connection_is_left(running)


@pytest.mark.anyio
async def test_the_cap_on_calls_in_flight_holds_over_all_shops(sandbox: Sandbox, watched: Watched) -> None:
    async with client_of(sandbox, max_in_flight=7) as client:
        assert len(await call_for_all(client, sandbox)) == CALLS
    assert watched.peak == 7


def test_a_view_costs_less_than_a_fifth_of_a_millisecond() -> None:
    client = TikTokShop("app-key", "app-secret")
    seconds = min(timeit.repeat(lambda: client.with_shop(access_token="t", shop_cipher="c"), number=100, repeat=5))
    assert seconds / 100 < 0.0002


@pytest.mark.anyio
async def test_nor_does_one_of_a_shop_that_is_known(sandbox: Sandbox) -> None:
    async with client_of(sandbox, access_token=sandbox.access_token) as client:
        await client.shop(sandbox.shop_id)
        times: list[float] = []
        for _ in range(200):
            started = time.perf_counter()
            await client.shop(sandbox.shop_id)
            times.append(time.perf_counter() - started)
    assert min(times) < 0.0002
