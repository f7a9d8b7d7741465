"""Receivers that are killed at random while the sandbox sends: every event is handled, none twice, nothing is lost.

Real processes, `kill -9`, a real SQLite file, a real Redis. The sandbox sends a fifth of all notifications twice, and
out of order. The short form sends 400 and kills 5 times; `make soak` sends as many as `TIKTOK_SHOP_WEBHOOK_EVENTS`
says, and kills as often as `TIKTOK_SHOP_WEBHOOK_KILLS` says.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio import to_thread
from redis import Redis

from tests.redis_server import needs_redis, running_redis
from tests.webhooks.receiving import KEY, SECRET, TABLE
from tiktok_shop_async.sandbox.made_up.seed import make_world
from tiktok_shop_async.sandbox.sending.deliveries import DELAYS
from tiktok_shop_async.sandbox.state.clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tiktok_shop_async.sandbox.world import World

EVENTS = int(os.environ.get("TIKTOK_SHOP_WEBHOOK_EVENTS", "400"))
KILLS = int(os.environ.get("TIKTOK_SHOP_WEBHOOK_KILLS", "5"))
EVENTS_AN_ORDER = 5
NOW = 1_700_000_000
SHUFFLE = 600


class Receivers:
    """The program that runs them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout is not None
        self.url = f"http://127.0.0.1:{process.stdout.readline().strip()}/"

    def kill_one(self) -> None:
        """Kill one and put another in its place."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("kill\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "killed\n"


@contextmanager
def receivers(place: str, processes: int) -> Iterator[Receivers]:
    root = Path(__file__).parents[2]
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "tests.webhooks.receiving", place, str(processes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # handlers that raise are logged
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    with process:
        yield Receivers(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0


class Ledger:
    """The effects of all handlers, and how much is left to do."""

    def __init__(self, place: str) -> None:
        self._place = place

    def rows(self) -> list[list[Any]]:
        """Key, order, time, attempt, stale; in the order in which they were written."""
        if self._place.startswith("redis://"):
            with Redis.from_url(self._place) as redis:
                written: Any = redis.lrange("kills:effects", 0, -1)
                return [json.loads(each) for each in written]
        with closing(sqlite3.connect(self._place)) as file:
            return [list(each) for each in file.execute("SELECT * FROM effects ORDER BY rowid")]

    def left(self) -> int:
        """How many events have not ended."""
        if self._place.startswith("redis://"):
            with Redis.from_url(self._place) as redis:
                count: Any = redis.get("{kills}:open")
                return int(count or 0)
        with closing(sqlite3.connect(self._place)) as file:
            return int(file.execute("SELECT count(*) FROM tiktok_shop_inbox WHERE state < 2").fetchone()[0])

    def dead(self) -> int:
        """How many were given up."""
        if self._place.startswith("redis://"):
            with Redis.from_url(self._place) as redis:
                count: Any = redis.zcard("{kills}:dead")
                return int(count)
        with closing(sqlite3.connect(self._place)) as file:
            return int(file.execute("SELECT count(*) FROM tiktok_shop_inbox WHERE state = 3").fetchone()[0])


@pytest.fixture
def world() -> World:
    world = make_world(ManualClock(NOW), seed=3, orders=0)
    world.app_key, world.app_secret = KEY, SECRET
    world.deliveries.manner.duplicates = 0.2
    world.deliveries.manner.shuffle = SHUFFLE
    world.deliveries.manner.timeout = 20  # the machine is busy with other tests
    return world


def emit(world: World, url: str) -> list[str]:
    """Put all events into the sandbox's queue; the keys that they have."""
    world.deliveries.manner.address = url
    shop = next(iter(world.shops))
    keys: list[str] = []
    for number in range(EVENTS):
        data = {
            "order_id": str(5_000_000 + number // EVENTS_AN_ORDER),
            "order_status": "AWAITING_SHIPMENT",
            "is_on_hold_order": False,
            "update_time": NOW + number % EVENTS_AN_ORDER,
        }
        delivery = world.notifications.emit(shop, "ORDER_STATUS_CHANGE", data, world.now)
        assert delivery is not None
        keys.append(f"1-{delivery.notification_id}")
    return keys


async def send_all(world: World, running: Receivers, clock: ManualClock) -> int:
    """Send everything, again where it failed, while receivers are killed. Says how often that was under way."""
    killed = 0
    chance = random.Random()  # noqa: S311

    async def kill() -> None:
        """Each time when so many deliveries are left, and a moment after that: in the midst of one."""
        nonlocal killed
        for left in sorted(chance.sample(range(1, EVENTS), KILLS), reverse=True):
            while sum(not each.attempts for each in world.deliveries.log()) > left:  # noqa: ASYNC110 - it is the log that says so
                await anyio.sleep(0.002)
            await anyio.sleep(chance.uniform(0, 0.01))
            await to_thread.run_sync(running.kill_one)
            killed += 1

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(kill)
        clock.advance(SHUFFLE + 1)
        await world.deliveries.send_due(world)
        while_sending = killed
    for delay in DELAYS:
        clock.advance(delay + SHUFFLE)
        await world.deliveries.send_due(world)
    return while_sending


@pytest.fixture(params=["sqlite", pytest.param("redis", marks=needs_redis)])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where the inbox is."""
    if request.param == "sqlite":
        with closing(sqlite3.connect(tmp_path / "inbox.db")) as file:
            file.execute(TABLE)
        yield str(tmp_path / "inbox.db")
        return
    with running_redis(tmp_path) as server:
        yield server.url


@pytest.mark.parametrize("processes", [1, 2])
def test_every_event_is_handled_once_though_receivers_are_killed(world: World, storage: str, processes: int) -> None:
    ledger = Ledger(storage)
    clock = world.clock
    assert isinstance(clock, ManualClock)
    with receivers(storage, processes) as running:
        keys = emit(world, running.url)
        killed = anyio.run(send_all, world, running, clock)
        assert killed >= KILLS - 1, "there was nothing left to send when receivers were killed"
        give_up = time.monotonic() + 60
        while ledger.left() and time.monotonic() < give_up:
            time.sleep(0.05)
    rows = ledger.rows()
    handled = Counter(key for key, *_ in rows)
    assert handled.keys() == set(keys)
    assert set(handled.values()) == {1}
    assert (ledger.left(), ledger.dead()) == (0, 0)
    assert_in_order(rows)
    tried_again = sum(attempt > 1 for _, _, _, attempt, _ in rows)
    print(  # noqa: T201 - seen with `-s`
        f"{len(keys)} events, {processes} processes, {killed} of {KILLS} kills while sending, {tried_again} tried again"
    )


def assert_in_order(rows: list[list[Any]]) -> None:
    """Effects on an order follow each other by time, but for those that say that they are late."""
    newest: dict[str, int] = {}
    for _, order, update_time, _, stale in rows:
        assert bool(stale) == (update_time < newest.get(order, 0))
        newest[order] = max(newest.get(order, 0), update_time)
