"""A proxy that changes the last character of each request's signature, and nothing else."""

from __future__ import annotations

import http.client
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_LAST_OF_SIGNATURE = re.compile(r"(?<=[?&]sign=)([0-9a-f]{63})([0-9a-f])")


def with_another_signature(target: str) -> str:
    """The target of a request with one character of its signature changed."""
    changed, count = _LAST_OF_SIGNATURE.subn(lambda found: found[1] + ("1" if found[2] == "0" else "0"), target)
    assert count == 1, f"one signature is expected in {target}"
    return changed


@contextmanager
def tampering_proxy(url: str) -> Iterator[str]:
    """The URL of a proxy in front of `url`, for as long as the block lasts."""
    upstream = urlsplit(url).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            connection = http.client.HTTPConnection(upstream, timeout=10)
            try:
                body = self._body()
                headers = {name: value for name, value in self.headers.items() if name.lower() != "transfer-encoding"}
                connection.request(self.command, with_another_signature(self.path), body, headers)
                answer = connection.getresponse()
                content = answer.read()
            finally:
                connection.close()
            self.send_response(answer.status)
            self.send_header("content-type", answer.headers["content-type"])
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = forward  # noqa: N815 (the base class looks for these names)

        def _body(self) -> bytes | None:
            if "content-length" in self.headers:
                return self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("transfer-encoding", "").lower() != "chunked":
                return None
            parts: list[bytes] = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
