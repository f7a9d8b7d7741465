"""A receiver on a real socket, and requests written byte by byte."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn

from tiktok_shop_async.webhooks import sign

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KEY, SECRET = "29a39d", "e59af819cc-of-a-test"
BODY = b'{"type":1,"tts_notification_id":"7501","shop_id":"7","timestamp":1,"data":{"order_id":"5","update_time":9}}'


def signed(body: bytes, key: str = KEY, secret: str = SECRET) -> str:
    """The header that goes with a body."""
    return f"Authorization: {sign(body, key, secret)}"


@contextmanager
def served(app: Any, *, lifespan: str = "off") -> Iterator[int]:
    """Serve an application in a thread; gives its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        config = uvicorn.Config(app, lifespan=lifespan, log_config=None, timeout_graceful_shutdown=1)  # type: ignore[arg-type]
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def status_of(
    port: int,
    body: bytes = BODY,
    headers: Sequence[str] | None = None,
    *,
    method: str = "POST",
    length: int | None = None,
) -> int:
    """Send a request as it is said, and read the status of its answer.

    Args:
        port: Of the server.
        body: What is sent of the body.
        headers: Lines of the header, besides host and length. Left out: the signature of the body.
        method: The method.
        length: What the header says of the body's length, if not the truth.
    """
    lines = [signed(body)] if headers is None else list(headers)
    head = [f"{method} /any/path HTTP/1.1", "Host: x", f"Content-Length: {len(body) if length is None else length}"]
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall("\r\n".join([*head, *lines, "", ""]).encode("latin-1"))
        connection.sendall(body)
        answer = connection.makefile("rb").readline()
    return int(answer.split()[1])
