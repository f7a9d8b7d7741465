"""Receivers as processes of their own that share a socket and an inbox, to be killed at any moment.

Runs as a program with its settings as JSON. It says the port it listens on, and then kills one of its processes at each
line that it reads, and puts a new one in its place. The socket stays open, as it does under systemd.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import uvicorn
from redis.asyncio import Redis

from tests.webhooks.served import KEY, SECRET
from tiktok_shop_async.events import OrderStatusChange
from tiktok_shop_async.webhooks import Delivery, RedisInbox, Retries, SQLiteInbox, Webhooks

if TYPE_CHECKING:
    import sqlite3

__all__ = ["KEY", "SECRET", "TABLE"]

TABLE = (
    "CREATE TABLE IF NOT EXISTS effects (key TEXT, object TEXT, update_time INTEGER, attempt INTEGER, stale INTEGER)"
)


def make(place: str) -> Webhooks:
    """What each process runs: handlers that take their time and fail now and then, and whose effects are counted."""
    inbox: Any = (
        RedisInbox(Redis.from_url(place), prefix="kills", patience=10)
        if place.startswith("redis://")
        else SQLiteInbox(place, patience=10)
    )
    webhooks = Webhooks(
        {KEY: SECRET}, inbox, lease=1.0, poll=0.1, concurrency=16, retries=Retries(attempts=60, base=0.02, cap=0.1)
    )

    @webhooks.on(OrderStatusChange)
    async def write_down(event: OrderStatusChange, delivery: Delivery) -> None:
        row = (delivery.key, event.data.order_id, event.data.update_time, delivery.attempt, delivery.stale)

        def into_sqlite(file: sqlite3.Connection) -> None:
            file.execute("INSERT INTO effects VALUES (?, ?, ?, ?, ?)", row)

        def into_redis(pipeline: Any) -> None:
            pipeline.rpush("kills:effects", json.dumps(row))

        delivery.apply(into_redis if place.startswith("redis://") else into_sqlite)
        await anyio.sleep(random.random() * 0.01)  # noqa: S311
        if random.random() < 0.05:  # noqa: S311
            raise RuntimeError("now and then")

    return webhooks


def begin(listener: socket.socket, place: str) -> int:
    """Fork a process that receives and handles; its id."""
    process = os.fork()
    if process == 0:
        random.seed()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        app: Any = make(place)
        uvicorn.Server(uvicorn.Config(app, log_config=None)).run(sockets=[listener])
        os._exit(1)  # it runs until it is killed
    return process


def main(place: str, processes: int) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=100)
    running = [begin(listener, place) for _ in range(processes)]
    print(listener.getsockname()[1], flush=True)  # noqa: T201
    try:
        for _ in sys.stdin:
            victim = random.randrange(processes)  # noqa: S311
            os.kill(running[victim], signal.SIGKILL)
            os.waitpid(running[victim], 0)
            running[victim] = begin(listener, place)
            print("killed", flush=True)  # noqa: T201
    finally:
        for process in running:
            os.kill(process, signal.SIGKILL)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main(sys.argv[1], int(sys.argv[2]))
