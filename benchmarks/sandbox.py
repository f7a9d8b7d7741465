"""The sandbox: how long it takes to start, how much memory a large shop takes, and how many small reads it answers.

It runs in a process of its own. The caller here speaks to its socket directly, with requests signed beforehand, so that
what is measured is the sandbox; both share the machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from benchmarks.start import announced_by
from tiktok_shop_async.signing import sign

ORDERS = 10_000
REQUESTS = 3_000
CONNECTIONS = 10
SHOPS, WAREHOUSES, SEARCH, DETAIL = (
    "/authorization/202309/shops",
    "/logistics/202309/warehouses",
    "/order/202309/orders/search",
    "/order/202507/orders",
)


class Server:
    """A sandbox in a process of its own."""

    def __init__(self, orders: int) -> None:
        command = [sys.executable, "-m", "tiktok_shop_async.sandbox", "--orders", str(orders), "--rate", "0"]
        started = time.perf_counter()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.environment = announced_by(self.process)
        self.start = time.perf_counter() - started
        self.address = urlsplit(self.environment["TIKTOK_SHOP_BASE_URL"])

    @property
    def megabytes(self) -> float:
        """What it holds in memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    @property
    def seconds(self) -> float:
        """The processor's time that it took so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def request(self, path: str, query: dict[str, str], body: bytes | None) -> bytes:
        """A signed request as it goes over the wire."""
        known = self.environment
        given = {"app_key": known["TIKTOK_SHOP_APP_KEY"], "timestamp": str(int(time.time())), **query}
        if path != SHOPS:
            given["shop_cipher"] = known["TIKTOK_SHOP_SHOP_CIPHER"]
        given["sign"] = sign(
            app_secret=known["TIKTOK_SHOP_APP_SECRET"],
            path=path,
            query=given,
            body=body or b"",
            content_type="application/json",
        )
        head = (
            f"{'GET' if body is None else 'POST'} {path}?{urlencode(given)} HTTP/1.1\r\nhost: {self.address.netloc}\r\n"
            f"x-tts-access-token: {known['TIKTOK_SHOP_ACCESS_TOKEN']}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body or b'')}\r\n\r\n"
        )
        return head.encode() + (body or b"")

    async def ask(self, request: bytes, number: int) -> bytes:
        """Send a request so many times over one connection; the last answer."""
        reader, writer = await asyncio.open_connection(self.address.hostname, self.address.port)
        content = b""
        for _ in range(number):
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            content = await reader.readexactly(length)
            assert json.loads(content)["code"] == 0, content
        writer.close()
        return content


async def measure(server: Server, requests: int) -> None:
    """Print how many of each kind of read it answers."""
    orders = json.loads(await server.ask(server.request(SEARCH, {"page_size": "1"}, b"{}"), 1))
    ids = orders["data"]["orders"][0]["id"]
    reads = {
        "the shops of a token": server.request(SHOPS, {}, None),
        "the warehouses of a shop": server.request(WAREHOUSES, {}, None),
        "one order": server.request(DETAIL, {"ids": ids}, None),
        "a page of 1 order": server.request(SEARCH, {"page_size": "1"}, b"{}"),
        "a page of 20 orders": server.request(SEARCH, {"page_size": "20"}, b"{}"),
    }
    for name, request in reads.items():
        used, started = server.seconds, time.perf_counter()
        await asyncio.gather(*[server.ask(request, requests // CONNECTIONS) for _ in range(CONNECTIONS)])
        wall, used = time.perf_counter() - started, server.seconds - used
        print(
            f"  {name:24} {requests / wall:7.0f} a second, {requests / max(used, 0.01):7.0f} a second of its processor"
        )


def main(orders: int = ORDERS, requests: int = REQUESTS) -> None:
    server = Server(orders)
    with server.process:
        try:
            print(f"sandbox with {orders:,} orders: ready after {server.start:.1f} s, {server.megabytes:.0f} MB")
            asyncio.run(measure(server, requests))
            print(f"  afterwards {server.megabytes:.0f} MB")
        finally:
            server.process.terminate()


if __name__ == "__main__":
    main()
