"""A real HTTP server on a real socket that keeps what it is sent, byte for byte."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import ssl
    from email.message import Message
    from types import TracebackType


@dataclass
class Received:
    """A request as it arrived: the target before any decoding, the body after the framing of HTTP."""

    method: str
    target: str
    headers: Message
    body: bytes


def raw_answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


SUCCESS = raw_answer(b'{"code": 0, "message": "", "request_id": "r", "data": {"id": "1"}}')


def is_whole(answer: bytes) -> bool:
    """Whether an answer has as many bytes as it says."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return f"Content-Length: {len(body)}".encode() in head


class RecordingServer:
    """Answers each request with the next step of a script, and the last step for ever.

    Args:
        script: Bytes are sent as they are. None hangs up without an answer. Of what holds fewer bytes than its
            `Content-Length` names, no more comes: the connection is closed.
        read: Whether to read bodies; one that is not read is not recorded either.
        hang: Whether to leave the connection open behind half an answer.
        tls: What to speak TLS with.
    """

    def __init__(
        self, *script: bytes | None, read: bool = True, hang: bool = False, tls: ssl.SSLContext | None = None
    ) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.open = threading.Event()
        """Answers wait for it."""
        self.open.set()
        self._ended = threading.Event()
        self._news = threading.Condition()
        self._script = list(script) or [SUCCESS]
        recording = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                recording.connections += 1
                super().setup()

            def answer(self) -> None:
                body = self._read() if read else b""
                with recording._news:
                    recording.received.append(Received(self.command, self.path, self.headers, body))
                    recording._news.notify_all()
                script = recording._script
                step = script.pop(0) if len(script) > 1 else script[0]
                recording.open.wait(30)
                self.wfile.write(step or b"")
                self.close_connection = step is None or not is_whole(step)
                if self.close_connection and hang:
                    recording._ended.wait(30)

            do_GET = do_POST = do_PUT = do_DELETE = do_CONNECT = answer  # noqa: N815

            def _read(self) -> bytes:
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length", 0)))
                content = b""
                while size := int(self.rfile.readline(), 16):
                    content += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return content

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        # A client that refuses a certificate is no error of the test.
        self._server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
        if tls is not None:
            # The handshake is for the thread of the connection, and not for the one that accepts.
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def wait_for(self, number: int) -> None:
        """Wait until so many requests were received. Blocks."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.received) >= number, 30)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.open.set()
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
