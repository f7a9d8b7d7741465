"""Requests that no sound client sends: each gets an envelope that says so, and never an internal error."""

from __future__ import annotations

import logging
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from tiktok_shop_async.sandbox import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sandbox.signed_calls import Answer, Caller
    from tiktok_shop_async.sandbox import Sandbox

SEARCH = "/order/202309/orders/search"
SHOPS = "/authorization/202309/shops"
IMAGES = "/product/202309/images/upload"
NOT_JSON = (36009022, 400)
NOT_A_FORM = (36009023, 400)
BAD_REQUEST = (36009004, 400)
BAD_METHOD = (36009010, 405)
DEEP = b"[" * 100_000


def body(content: bytes, content_type: str = "application/json") -> Callable[[Caller], Answer]:
    """A search with this body, rightly signed."""

    def send(caller: Caller) -> Answer:
        query = caller.signed(SEARCH, {}, b"" if content_type.startswith("multipart/") else content)
        headers = {"content-type": content_type, "x-tts-access-token": caller.token}
        return caller.send("POST", SEARCH, query, content, headers)

    return send


def form(content: bytes, boundary: str = "; boundary=b") -> Callable[[Caller], Answer]:
    """An upload of this form, rightly signed."""

    def send(caller: Caller) -> Answer:
        headers = {"content-type": "multipart/form-data" + boundary, "x-tts-access-token": caller.token}
        return caller.send("POST", IMAGES, caller.without_cipher().signed(IMAGES, {}), content, headers)

    return send


def method(name: str) -> Callable[[Caller], Answer]:
    """A signed request of this method, of which no endpoint has any."""
    return lambda caller: caller.call(name, SEARCH)


def unsigned(content: bytes) -> Callable[[Caller], Answer]:
    """A search with this body that nobody signed, whose signature the log tries to explain."""

    def send(caller: Caller) -> Answer:
        query = {**caller.signed(SEARCH, {}), "sign": "0"}
        return caller.send("POST", SEARCH, query, content, {"content-type": "application/json"})

    return send


ODD: dict[str, tuple[Callable[[Caller], Answer], tuple[int, int]]] = {
    "OPTIONS": (method("OPTIONS"), BAD_METHOD),
    "a method of one's own": (method("FETCH"), BAD_METHOD),
    "a path with a line break": (lambda c: c.get("/order%0aFORGED"), (36009009, 404)),
    "an id of no encoding": (lambda c: c.get("/product/202309/products/%ff"), (12019150, 200)),
    "a timestamp of thousands of digits": (lambda c: c.get(SHOPS, timestamp="9" * 5_000), BAD_REQUEST),
    "a timestamp with a zero before it": (lambda c: c.get(SHOPS, timestamp=f"0{c.world.now}"), BAD_REQUEST),
    "a number in other digits": (lambda c: c.post(SEARCH, page_size="\u0661\u0660"), BAD_REQUEST),
    "JSON too deep to read": (body(DEEP), NOT_JSON),
    "JSON too deep to read, not signed": (unsigned(DEEP), (106001, 401)),
    "half a character": (body(b'{"buyer_user_id": "\\ud800"}'), NOT_JSON),
    "text that is no UTF-8": (body(b'{"buyer_user_id": "\xff"}'), NOT_JSON),
    "JSON in UTF-16": (body("{}".encode("utf-16")), NOT_JSON),
    "a number that is none": (body(b'{"create_time_ge": NaN}'), NOT_JSON),
    "a number without end": (body(b'{"create_time_ge": 1e999}'), NOT_JSON),
    "an integer of more than 64 bits": (body(b'{"create_time_ge": 18446744073709551616}'), BAD_REQUEST),
    "a form in place of JSON": (body(b"--b--\r\n", "multipart/form-data; boundary=b"), NOT_JSON),
    "a form without its boundary": (form(b"--b--\r\n", ""), NOT_A_FORM),
    "a form that is something else": (form(b"\x00\xff" * 100), NOT_A_FORM),
    "a part without a name": (form(b"--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n--b--\r\n"), NOT_A_FORM),
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_request_is_refused(reader: Caller, caplog: pytest.LogCaptureFixture, what: str) -> None:
    send, refusal = ODD[what]
    answer = send(reader)
    assert (answer.code, answer.status) == refusal, answer.message
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_the_log_shows_a_path_as_it_came(reader: Caller, caplog: pytest.LogCaptureFixture) -> None:
    """So that no one else writes lines of it."""
    with caplog.at_level(logging.INFO, logger="tiktok_shop_async.sandbox"):
        reader.get("/order%0aFORGED")
    assert "GET /order%0aFORGED -> 404" in caplog.text


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox on a socket."""
    with SandboxServer(orders=0) as running:
        yield running


def connect(sandbox: Sandbox) -> socket.socket:
    """A bare connection."""
    url = urlsplit(sandbox.url)
    return socket.create_connection((str(url.hostname), int(url.port or 0)), timeout=5)


def test_a_client_that_leaves_half_way_is_no_failure(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="tiktok_shop_async.sandbox")
    with connect(sandbox) as client:
        client.sendall(f"POST {SEARCH} HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{{".encode())
    deadline = time.monotonic() + 5
    while "the client left" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.005)
    assert "the client left before its request was complete" in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("start", ["OPTIONS *", "GET http://elsewhere/order", "FETCH /order"])
def test_a_request_line_that_fits_no_route_gets_an_envelope(sandbox: Sandbox, start: str) -> None:
    with connect(sandbox) as client:
        client.sendall(f"{start} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
    assert b'"code":36009009' in answer


def test_a_body_in_chunks_is_read_like_any_other(sandbox: Sandbox) -> None:
    with httpx.Client() as client:
        answer = client.post(f"{sandbox.url}{SEARCH}", params={"app_key": sandbox.app_key}, content=iter([b"{", b"}"]))
    assert "timestamp" in answer.json()["message"]
