"""A receiver of notifications on a real socket, which takes them or does what receivers do when they do not."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


@dataclass(frozen=True)
class Received:
    """One request, as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def notification(self) -> dict[str, Any]:
        """The body as data."""
        notification: dict[str, Any] = json.loads(self.body)
        return notification

    def is_signed_by(self, app_key: str, app_secret: str) -> bool:
        """Whether the signature is the protocol's, for exactly these bytes."""
        expected = hmac.new(app_secret.encode(), app_key.encode() + self.body, hashlib.sha256).hexdigest()
        return self.headers["authorization"] == expected


class Receiver:
    """Listens while its block lasts. `answer` says what to do with a request: a status, or one that has more to it."""

    def __init__(self, answer: Callable[[Handler], None] | int = 200) -> None:
        self.received: list[Received] = []
        self.answer = answer
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def hang(self, handler: Handler) -> None:
        """An answer that comes when the receiver is released, at the end of its block at the latest: none."""
        self.released.wait(20)

    @property
    def notifications(self) -> list[dict[str, Any]]:
        """What has come in, as data."""
        return [each.notification for each in self.received]

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[Handler]:
        receiver = self

        class Recording(Handler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append(Received(self.path, headers, body))
                if callable(receiver.answer):
                    receiver.answer(self)
                else:
                    self.respond(receiver.answer)

        return Recording


class Handler(BaseHTTPRequestHandler):
    """One request, to answer in some way."""

    def respond(self, status: int, *, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        """Answers."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class has
        """Says nothing."""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
