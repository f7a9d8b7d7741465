"""Reading 100,000 orders of one shop: a scan against one page after another, where each answer takes 300 ms.

The server is a process of its own, answers pages that are made beforehand, and refuses more than 50 calls in a second
of the clock. Orders come as in a shop: more by day than by night. Who reads is a process of its own, too, so that its
memory can be told.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import resource
import socket
import subprocess
import sys
import time
from bisect import bisect_left
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from benchmarks.points import Point

ORDERS = 100_000
SINGLE_PAGES = 30
DAYS = 90
BEGIN = 1_700_000_000
UNTIL = BEGIN + DAYS * 86_400
LATENCY = 0.3
RATE = 50
LIMIT = RATE * 100


def made_up_orders(count: int) -> tuple[list[int], list[bytes]]:
    """When orders were created, in order, and each of them as JSON."""
    from benchmarks.decode_page import page

    chance = random.Random(20261001)  # noqa: S311
    times: list[int] = []
    while len(times) < count:
        moment = chance.randrange(DAYS * 86_400)
        if chance.random() < 0.55 + 0.45 * math.sin(moment / 86_400 * math.tau):
            times.append(BEGIN + moment)
    times.sort()
    fields = [
        {name: value for name, value in row.items() if name not in {"id", "create_time"}}
        for row in page()["data"]["orders"]
    ]
    rests = [json.dumps(each, separators=(",", ":")).encode()[1:] for each in fields]
    return times, [
        b'{"id":"%d","create_time":%d,%b' % (10**17 + number, moment, rests[number % len(rests)])
        for number, moment in enumerate(times)
    ]


class Server:
    """The list of orders."""

    def __init__(self, count: int) -> None:
        self._times, self._orders = made_up_orders(count)
        self._second, self._calls = 0, 0

    async def serve(self, listener: socket.socket) -> None:
        """Serve until killed."""
        server = await asyncio.start_server(self._connected, sock=listener)
        await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next(
                    int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length")
                )
                content = self._answer(head.split(" ", 2)[1], await reader.readexactly(length))
                await asyncio.sleep(LATENCY)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ")
                writer.write(b"%d\r\n\r\n%b" % (len(content), content))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, target: str, body: bytes) -> bytes:
        second = int(time.time())
        self._calls = self._calls + 1 if second == self._second else 1
        self._second = second
        if self._calls > RATE:
            return b'{"code":36009002,"message":"too many requests","request_id":"1"}'
        query, fields = dict(parse_qsl(urlsplit(target).query)), json.loads(body)
        first = bisect_left(self._times, fields["create_time_ge"])
        last = bisect_left(self._times, fields["create_time_lt"])
        start, size = int(query.get("page_token", 0)), int(query["page_size"])
        if query.get("sort_order") == "ASC":
            rows = self._orders[first + start : min(first + start + size, last)]
        else:
            rows = self._orders[max(last - start - size, first) : last - start][::-1]
        token = str(start + size) if start + size < last - first else ""
        return (
            b'{"code":0,"message":"Success","request_id":"1","data":{"total_count":%d,"next_page_token":"%b","orders":[%b]}}'
            % (
                last - first,
                token.encode(),
                b",".join(rows),
            )
        )


async def read(port: int, *, scan: bool, most: int) -> dict[str, float]:
    """Read so many orders at most; how many came in how many seconds, and the memory that it took beyond the idle."""
    from tiktok_shop_async import TikTokShop

    async with TikTokShop(
        "key",
        "secret",
        access_token="token",
        shop_cipher="cipher",
        base_url=f"http://127.0.0.1:{port}",
    ) as shop:
        await shop.orders.get_order_list(page_size=1, create_time_ge=BEGIN, create_time_lt=UNTIL)
        await asyncio.sleep(1)  # so that this call is none of the first second
        idle, started, count, last = resident(), time.perf_counter(), 0, 0
        if scan:
            async with shop.orders.get_order_list().scan("create_time", BEGIN, UNTIL) as orders:
                async for order in orders:
                    count += 1
                    assert last <= (order.create_time or 0)
                    last = order.create_time or 0
        else:
            pager = shop.orders.get_order_list(
                page_size=100, sort_order="ASC", create_time_ge=BEGIN, create_time_lt=UNTIL
            )
            async for _ in pager.limit(most):
                count += 1
        seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"orders": count, "seconds": seconds, "memory": peak - idle, "processor": time.process_time()}


def resident() -> int:
    """Bytes of memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def measured(listener: socket.socket, how: str, most: int) -> dict[str, float]:
    """What a process of its own reads and takes."""
    port = str(listener.getsockname()[1])
    arguments = [sys.executable, "-m", "benchmarks.backfill", how, port, str(most)]
    done = subprocess.run(arguments, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(orders: int = ORDERS, single_pages: int = SINGLE_PAGES) -> list[Point]:
    with socket.create_server(("127.0.0.1", 0), backlog=200) as listener:
        arguments = [sys.executable, "-m", "benchmarks.backfill", "serve", str(listener.fileno()), str(orders)]
        with subprocess.Popen(arguments, pass_fds=[listener.fileno()]) as server:
            try:
                scanned = measured(listener, "scan", orders)
                single = measured(listener, "pages", single_pages * 100)
            finally:
                server.kill()
    assert scanned["orders"] == orders, f"{scanned['orders']} orders came"
    print(f"{orders} orders of one shop, {LATENCY * 1000:.0f} ms to an answer, {RATE} calls a second allowed")
    for name, found in (("scan", scanned), ("one page after another", single)):
        rate = found["orders"] / found["seconds"]
        print(
            f"  {name:22}  {rate:7,.0f} orders a second, {rate / LIMIT:6.1%} of the limit, "
            f"{found['memory'] / 1e6:5.1f} MB beyond the idle process"
        )
    rate, memory = scanned["orders"] / scanned["seconds"], scanned["memory"] / 1e6
    return [
        Point("back-fill at 300 ms and 50 calls a second", "orders a second", rate, bound=f"over {0.9 * LIMIT:,.0f}"),
        Point("the same, memory beyond the idle process", "MB", memory, bound="under 60"),
    ]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", descriptor, count]:
            asyncio.run(Server(int(count)).serve(socket.socket(fileno=int(descriptor))))
        case [how, port, most]:
            outcome: dict[str, Any] = asyncio.run(read(int(port), scan=how == "scan", most=int(most)))
            print(json.dumps(outcome))
        case _:
            main()
