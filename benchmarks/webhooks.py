"""How soon notifications are answered while their handlers raise, hang and dawdle, on one core and into SQLite.

A receiver in a process of its own, held to one core, gets notifications at an even pace, whether it has answered those
before or not. A tenth of the handlers raise at the first attempt, a tenth hang until they are cancelled, a tenth take
300 ms.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

RATE = 500
SECONDS = 10.0
CONNECTIONS = 50
APP_KEY, APP_SECRET = "key", "secret-of-a-benchmark"
SLOW, TIMEOUT = 0.3, 1.0

if len(sys.argv) == 3 and __name__ == "__main__":  # the receiver: nothing of it is imported by who measures
    import anyio
    import uvicorn

    from tiktok_shop_async.events import OrderStatusChange
    from tiktok_shop_async.webhooks import Delivery, Retries, SQLiteInbox, Webhooks


def serve(path: str, descriptor: int) -> None:
    """Receive and handle, on one core, until killed."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    webhooks = Webhooks(
        {APP_KEY: APP_SECRET},
        SQLiteInbox(path),
        concurrency=200,
        timeout=TIMEOUT,
        retries=Retries(attempts=5, base=0.5),
    )

    @webhooks.on(OrderStatusChange)
    async def handle(event: OrderStatusChange, delivery: Delivery) -> None:
        match int(event.data.order_id) % 10:
            case 0 if delivery.attempt == 1:
                raise ValueError("the first time")
            case 1 if delivery.attempt == 1:
                await anyio.sleep_forever()
            case 2:
                await anyio.sleep(SLOW)
            case _:
                pass

    app: Any = webhooks
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(
        sockets=[socket.socket(fileno=descriptor)]
    )


async def send(port: int, requests: list[bytes]) -> list[float]:
    """Send at the pace that is set; the seconds from when each was due to its answer."""
    connections: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]
    for each in opened:
        connections.put_nowait(each)
    latencies: list[float] = []
    start = time.perf_counter() + 0.1

    async def one(number: int) -> None:
        due = start + number / RATE
        await asyncio.sleep(due - time.perf_counter())
        reader, writer = connection = await connections.get()
        writer.write(requests[number])
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        latencies.append(time.perf_counter() - due)
        connections.put_nowait(connection)

    async with asyncio.TaskGroup() as tasks:
        for number in range(len(requests)):
            tasks.create_task(one(number))
    for _, writer in opened:
        writer.close()
    return sorted(latencies)


def request(number: int) -> bytes:
    """A signed notification."""
    from tiktok_shop_async.webhooks import sign

    data = {"order_id": str(number), "order_status": "UNPAID", "update_time": 1_700_000_000}
    body = json.dumps({"type": 1, "tts_notification_id": str(number), "shop_id": "7", "data": data}).encode()
    signature = sign(body, APP_KEY, APP_SECRET)
    return (
        f"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: {signature}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


def counts(path: str) -> tuple[int, int]:
    """How many events have ended, and how many were given up."""
    with closing(sqlite3.connect(path)) as file:
        ended = file.execute("SELECT count(*) FROM tiktok_shop_inbox WHERE state >= 2").fetchone()[0]
        return ended, file.execute("SELECT count(*) FROM tiktok_shop_inbox WHERE state = 3").fetchone()[0]


def main(seconds: float = SECONDS) -> None:
    requests = [request(number) for number in range(int(RATE * seconds))]
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0), backlog=200) as listener:
        path = str(Path(folder) / "inbox.db")
        arguments = [sys.executable, "-m", "benchmarks.webhooks", path, str(listener.fileno())]
        with subprocess.Popen(arguments, pass_fds=[listener.fileno()], stderr=subprocess.DEVNULL) as receiver:
            try:
                port = listener.getsockname()[1]
                with socket.create_connection(("127.0.0.1", port)) as probe:
                    probe.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    assert b"405" in probe.recv(100)  # it is up
                latencies = asyncio.run(send(port, requests))
                sent = time.perf_counter()
                left = len(requests) - counts(path)[0]
                while counts(path)[0] < len(requests):
                    time.sleep(0.05)
                drained, dead = time.perf_counter() - sent, counts(path)[1]
            finally:
                receiver.kill()
    middle, late, last = (latencies[int((len(latencies) - 1) * share)] * 1000 for share in (0.5, 0.99, 1.0))
    print(f"webhooks at {RATE} a second for {seconds:g} s on one core, 30 % of the handlers raise, hang or are slow")
    print(f"  answered in {middle:.1f} ms (median), {late:.1f} ms (99th percentile), {last:.1f} ms (all)")
    print(f"  {left} events were left when the last was answered; {drained:.1f} s later none, {dead} given up")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        serve(sys.argv[1], int(sys.argv[2]))
    else:
        main()
