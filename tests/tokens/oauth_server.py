"""A small server on a socket: it gives out tokens and answers calls that carry the newest of them.

It knows one account. Each refresh gives a new refresh token and ends the one before, as the strictest server would: as
soon as it is asked, however long its answer takes.
"""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.tokens.accounts import ACCOUNT

if TYPE_CHECKING:
    from types import TracebackType

SHOP = "7000000000000000001"
REFRESH = "/api/v2/token/refresh"
LONGEST_WAIT = 5.0
"""Seconds that a refresh waits for processes to begin: well within the time that a client gives it."""


class OAuthServer:
    """Counts what it is asked.

    Args:
        rotating: Whether each refresh token works once.
        refresh_seconds: How long the answer to a refresh takes at least.

    Attributes:
        awaited: How many processes have to say that they have begun before a refresh is answered.
        begun: How many have said so.
        begun_before_answer: How many had when a refresh was last answered.
    """

    def __init__(self, *, rotating: bool = True, refresh_seconds: float = 0.0) -> None:
        self.rotating = rotating
        self.refresh_seconds = refresh_seconds
        self.awaited = self.begun = self.begun_before_answer = 0
        self.generation = 1
        self.refreshes = 0
        self.refused = 0
        self.calls = 0
        self.expired_calls = 0
        self._lock = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                with outer._lock:
                    answer = outer._answer(parts.path, query, self.headers.get("x-tts-access-token", ""))
                if parts.path == REFRESH:
                    outer._take_time()
                content = json.dumps({"message": "", "request_id": "r", "data": None} | answer).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Keep quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 1000

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that was killed is no error here."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def tokens(self, generation: int) -> dict[str, Any]:
        """The `data` of an answer with the tokens of a generation."""
        return {
            "access_token": f"access-{generation}",
            "access_token_expire_in": 4_000_000_000,
            "refresh_token": f"refresh-{generation if self.rotating else 1}",
            "refresh_token_expire_in": 4_891_363_200,
            "open_id": ACCOUNT,
            "user_type": 0,
        }

    def _answer(self, path: str, query: dict[str, str], access_token: str) -> dict[str, Any]:
        if path == "/begun":
            self.begun += 1
            self._lock.notify_all()
            return {"code": 0}
        if path == REFRESH:
            if query.get("refresh_token") != self.tokens(self.generation)["refresh_token"]:
                self.refused += 1
                return {"code": 36004007, "message": "refresh_token is invalid"}
            self.refreshes += 1
            self.generation += 1
            return {"code": 0, "data": self.tokens(self.generation)}
        if path == "/api/v2/token/get":
            self.generation += 1
            return {"code": 0, "data": self.tokens(self.generation)}
        self.calls += 1
        if access_token != f"access-{self.generation}":
            self.expired_calls += 1
            return {"code": 105002, "message": "expired"}
        return {"code": 0, "data": {"shops": [{"id": SHOP, "cipher": "ROW_cipher", "region": "GB"}]}}

    def _take_time(self) -> None:
        asked = time.monotonic()
        with self._lock:
            self._lock.wait_for(lambda: self.begun >= self.awaited, LONGEST_WAIT)
        time.sleep(max(0.0, asked + self.refresh_seconds - time.monotonic()))
        self.begun_before_answer = self.begun

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
