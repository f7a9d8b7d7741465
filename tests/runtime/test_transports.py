"""What both transports do alike, over real sockets: httpx on asyncio and trio, aiohttp on asyncio."""

from __future__ import annotations

import asyncio
import gzip
import logging
import os
import socket
import ssl
import threading
import traceback
import zlib
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio
import anyio.from_thread
import anyio.to_thread
import pytest
from anyio.abc import SocketAttribute
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.runtime.conftest import APP_KEY, APP_SECRET, CIPHER, TOKEN
from tests.runtime.depot import Depot
from tests.runtime.server import SUCCESS, RecordingServer, raw_answer
from tests.secret_sweep import with_variables
from tiktok_shop_async import (
    AiohttpTransport,
    HttpxTransport,
    RawAnswer,
    TikTokShop,
    TransportError,
    transport,
    transport_aiohttp,
)
from tiktok_shop_async.secret import hide

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from anyio.abc import SocketStream

    from tiktok_shop_async.errors import TransportErrorKind

CARRIERS = [("httpx", "asyncio"), ("httpx", "trio"), ("aiohttp", "asyncio")]

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize(("carrier", "anyio_backend"), CARRIERS, indirect=True),
    # httpx leaves generators to the garbage collector where an exchange ends early, which trio remarks on.
    pytest.mark.filterwarnings("ignore:Async generator 'http(x|core):ResourceWarning"),
]

Carrier: TypeAlias = HttpxTransport | AiohttpTransport

TARGET = "/a?sign=hidden"
HEADERS = {"x-tts-access-token": hide("hidden"), "content-type": "application/json"}
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture
async def carrier(request: pytest.FixtureRequest, anyio_backend: str) -> AsyncIterator[Carrier]:
    """A transport with ten connections."""
    made = HttpxTransport(connections=10) if request.param == "httpx" else AiohttpTransport(connections=10)
    yield made
    await made.aclose()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits of time that are over at once."""
    for module in (transport, transport_aiohttp):
        monkeypatch.setattr(module, "CONNECTING", 0.05)
        monkeypatch.setattr(module, "SILENCE", 0.05)


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections, and neither reads nor writes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


async def pieces(number: int = 3, size: int = 5) -> AsyncIterator[bytes]:
    for _ in range(number):
        yield b"x" * size


class Film:
    """A stream without an end. A class, so that nothing of it is left over where it is left early."""

    def __init__(self, work: Callable[[], None] = lambda: None) -> None:
        self.read = 0
        self._work = work

    def __aiter__(self) -> Film:
        return self

    async def __anext__(self) -> bytes:
        await anyio.to_thread.run_sync(self._work)
        self.read += 1
        return b"x" * 256 * 1024


async def get(carrier: Carrier, address: str) -> RawAnswer:
    return await carrier.send("GET", address + TARGET, HEADERS, b"")


async def failure(carrier: Carrier, address: str, method: str = "GET", body: Any = b"") -> TransportError:
    """The error of a request; no trace of what was sent is in it."""
    with pytest.raises(TransportError) as caught:
        await carrier.send(method, hide(address + TARGET), HEADERS, body)
    error = caught.value
    assert error.__cause__ is error.__context__ is None
    assert "hidden" not in "".join(traceback.format_exception(error)) + repr(vars(error)) + with_variables(error)
    return error


def told(error: TransportError) -> tuple[TransportErrorKind, bool]:
    return error.kind, error.maybe_executed


# Answers


async def test_an_answer_comes_with_its_status_and_headers(carrier: Carrier) -> None:
    with RecordingServer(raw_answer(b"gone", "X-Note: n", "Via: a", "VIA: b", status="410 Gone")) as server:
        answer = await get(carrier, server.url)
    assert (answer.status, answer.content) == (410, b"gone")
    assert dict(answer.headers) == {"content-length": "4", "x-note": "n", "via": "a, b"}


@pytest.mark.parametrize(
    ("coding", "content"),
    [("gzip", gzip.compress(b"content")), ("deflate", zlib.compress(b"content"))],
    ids=["gzip", "deflate"],
)
async def test_an_answer_is_decompressed(carrier: Carrier, coding: str, content: bytes) -> None:
    with RecordingServer(raw_answer(content, f"Content-Encoding: {coding}")) as server:
        answer = await get(carrier, server.url)
        assert server.received[0].headers["accept-encoding"] == "gzip, deflate"
    assert answer.content == b"content"


async def test_a_long_header_is_read(carrier: Carrier) -> None:
    with RecordingServer(raw_answer(b"", f"X-Note: {'n' * 50_000}")) as server:
        assert len((await get(carrier, server.url)).headers["x-note"]) == 50_000


async def test_a_redirect_is_not_followed(carrier: Carrier) -> None:
    """The token must not travel to where it points."""
    with RecordingServer(raw_answer(b"", "Location: /elsewhere", status="307 Elsewhere")) as server:
        assert (await get(carrier, server.url)).status == 307
        assert len(server.received) == 1


async def test_a_cookie_is_not_sent_back(carrier: Carrier) -> None:
    with RecordingServer(raw_answer(b"", "Set-Cookie: a=b")) as server:
        for _ in range(2):
            await get(carrier, server.url)
        assert server.received[1].headers["cookie"] is None


async def test_nothing_is_sent_that_was_not_given(carrier: Carrier) -> None:
    with RecordingServer() as server:
        await get(carrier, server.url)
        names = {name.lower() for name in server.received[0].headers}
    assert names - {"host", "connection", "accept", "user-agent"} == {*HEADERS, "accept-encoding"}


async def test_the_target_is_sent_as_it_is(carrier: Carrier) -> None:
    target = "/a!$&'()*+,;=:@/b?q=%2f%2F~%E6%BC%A2+%20&&empty=&x"
    with RecordingServer() as server:
        await carrier.send("GET", server.url + target, HEADERS, b"")
        assert server.received[0].target == target


async def test_a_name_and_a_password_in_an_address_are_sent_as_a_header(carrier: Carrier) -> None:
    """As for a gateway that asks for them."""
    with RecordingServer() as server:
        await get(carrier, server.url.replace("://", "://us%40er:word@"))
        (received,) = server.received
    assert received.headers["authorization"] == "Basic dXNAZXI6d29yZA=="
    assert received.headers["host"] == server.url.removeprefix("http://")
    assert received.target == TARGET


# What goes wrong


async def test_a_server_that_is_not_there_is_named_and_has_executed_nothing(carrier: Carrier) -> None:
    with RecordingServer() as server:
        address = server.url
    error = await failure(carrier, address.replace("://", "://user:hidden@"))
    assert told(error) == ("connect", False)
    assert error.message.startswith(f"no answer from {address.removeprefix('http://')}: ")


async def test_a_host_without_an_address_has_executed_nothing(carrier: Carrier) -> None:
    assert told(await failure(carrier, "http://nowhere.invalid")) == ("connect", False)


async def test_a_server_that_speaks_no_tls_has_executed_nothing(carrier: Carrier) -> None:
    with RecordingServer() as server:
        assert told(await failure(carrier, server.url.replace("http:", "https:"))) == ("connect", False)
        assert server.received == []


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nonly ",
        b"SMTP is spoken here\r\n\r\n",
        raw_answer(b"not compressed", "Content-Encoding: gzip"),
    ],
    ids=["nothing", "half a header", "half a body", "half a chunk", "no HTTP", "badly compressed"],
)
async def test_an_answer_that_is_broken_may_follow_on_an_execution(carrier: Carrier, answer: bytes | None) -> None:
    with RecordingServer(answer) as server:
        assert told(await failure(carrier, server.url)) == ("protocol", True)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_no_request_is_sent_again_behind_the_back_of_the_call(carrier: Carrier, method: str) -> None:
    """Not even where a connection breaks that was kept open, and it could have been idle for too long."""
    with RecordingServer(SUCCESS, None) as server:
        await get(carrier, server.url)
        error = await failure(carrier, server.url, method)
        assert (server.connections, len(server.received)) == (1, 2)
    assert error.maybe_executed


@pytest.mark.usefixtures("impatient")
async def test_a_silent_server_may_have_executed_the_request(carrier: Carrier, silent: str) -> None:
    assert told(await failure(carrier, silent)) == ("timeout", True)


@pytest.mark.usefixtures("impatient")
async def test_a_server_that_falls_silent_in_its_answer_is_given_up(carrier: Carrier) -> None:
    with RecordingServer(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nand", hang=True) as server:
        assert told(await failure(carrier, server.url)) == ("timeout", True)


@pytest.mark.usefixtures("impatient")
async def test_a_connection_that_is_not_taken_up_has_executed_nothing(carrier: Carrier) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:  # until the queue of those who wait is full
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        error = await failure(carrier, f"http://127.0.0.1:{listener.getsockname()[1]}")
        for each in waiting:
            each.close()
    assert told(error) == ("timeout", False)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", ["bytes", "stream"])
async def test_a_server_that_stops_reading_is_given_up(carrier: Carrier, silent: str, kind: str) -> None:
    body = b"x" * 8_000_000 if kind == "bytes" else Film()
    assert told(await failure(carrier, silent, "POST", body)) == ("timeout", True)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of time that holds for each wait, and not for all of them."""
    for module in (transport, transport_aiohttp):
        monkeypatch.setattr(module, "SILENCE", 0.6)


@pytest.mark.usefixtures("patient")
async def test_an_answer_may_take_long_if_it_never_stops(carrier: Carrier) -> None:
    async def answer(stream: SocketStream) -> None:
        async with stream:
            await stream.receive()
            for piece in (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", *[b"x"] * 10):
                await anyio.sleep(0.1)
                await stream.send(piece)

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, answer)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 (no SQL here)
        assert (await get(carrier, f"http://127.0.0.1:{port}")).content == b"x" * 10
        tasks.cancel_scope.cancel()


# Uploads


@pytest.mark.usefixtures("patient")
async def test_an_upload_may_take_long_if_it_never_stops(carrier: Carrier) -> None:
    async def slow() -> AsyncIterator[bytes]:
        for _ in range(10):
            await anyio.sleep(0.1)
            yield b"x"

    with RecordingServer() as server:
        assert (await carrier.send("POST", f"{server.url}/a", HEADERS, slow())).status == 200
        assert server.received[0].body == b"x" * 10


async def test_a_stream_of_known_length_is_sent_with_it(carrier: Carrier) -> None:
    with RecordingServer() as server:
        await carrier.send("POST", f"{server.url}/a", {**HEADERS, "content-length": "15"}, pieces())
        (received,) = server.received
    assert (received.body, received.headers["content-length"]) == (b"x" * 15, "15")
    assert received.headers["transfer-encoding"] is None


async def test_a_stream_of_unknown_length_is_sent_in_chunks(carrier: Carrier) -> None:
    with RecordingServer() as server:
        await carrier.send("POST", f"{server.url}/a", HEADERS, pieces())
        (received,) = server.received
    assert (received.body, received.headers["transfer-encoding"]) == (b"x" * 15, "chunked")


@pytest.mark.parametrize("size", [1, 32 * 1024, 32 * 1024 + 1, 3_000_000])
async def test_bytes_of_any_size_arrive_with_their_length(carrier: Carrier, size: int) -> None:
    body = os.urandom(size)
    with RecordingServer() as server:
        await carrier.send("POST", f"{server.url}/a", HEADERS, body)
        (received,) = server.received
    assert received.body == body
    assert received.headers["content-length"] == str(size)


async def test_a_stream_is_read_as_fast_as_it_is_sent_and_no_faster(carrier: Carrier, silent: str) -> None:
    """A film of gigabytes must not end up in memory."""
    film = Film()
    with anyio.move_on_after(0.3):
        await carrier.send("POST", f"{silent}/a", HEADERS, film)
    assert 0 < film.read < 100


class SpoiltError(Exception):
    """Of whoever made a stream."""


async def test_an_error_of_the_stream_surfaces_as_itself_and_ends_the_request(carrier: Carrier) -> None:
    async def spoilt() -> AsyncIterator[bytes]:
        yield b"x"
        raise SpoiltError

    with RecordingServer() as server:
        with pytest.raises(SpoiltError):
            await carrier.send("POST", f"{server.url}/a", {**HEADERS, "content-length": "15"}, spoilt())
        assert (await get(carrier, server.url)).status == 200
        assert server.connections == 2


async def test_an_answer_before_the_end_of_an_upload_ends_it(carrier: Carrier) -> None:
    """What is left of the body must not be taken for the next request."""
    early = raw_answer(b"too large", "Connection: close", status="413 Too Large")
    with RecordingServer(early, SUCCESS, read=False) as server:
        with suppress(TransportError):  # where the connection was reset before the answer was read
            assert (await carrier.send("POST", f"{server.url}/a", HEADERS, Film())).status == 413
        assert (await get(carrier, server.url)).status == 200
        assert server.connections == 2


async def test_nothing_reads_the_stream_any_more_when_a_request_is_over(carrier: Carrier, silent: str) -> None:
    """The next attempt may read the same file."""
    begun, may_end, ended = anyio.Event(), threading.Event(), threading.Event()

    def read() -> None:
        anyio.from_thread.run_sync(begun.set)
        may_end.wait(30)
        ended.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(carrier.send, "POST", f"{silent}/a", HEADERS, Film(read))
        await begun.wait()
        tasks.cancel_scope.cancel()
        threading.Timer(0.05, may_end.set).start()
    assert ended.is_set()


# Connections


async def test_a_connection_is_used_again(carrier: Carrier) -> None:
    with RecordingServer() as server:
        for _ in range(3):
            await get(carrier, server.url)
        assert server.connections == 1


async def test_no_more_connections_are_opened_than_allowed(carrier: Carrier) -> None:
    with RecordingServer() as server:
        server.open.clear()
        async with anyio.create_task_group() as tasks:
            for _ in range(25):
                tasks.start_soon(get, carrier, server.url)
            await anyio.to_thread.run_sync(server.wait_for, 10)
            server.open.set()
        assert (server.connections, len(server.received)) == (10, 25)


async def test_requests_that_are_cancelled_leave_their_places_to_others(carrier: Carrier) -> None:
    with RecordingServer() as server:
        server.open.clear()
        async with anyio.create_task_group() as tasks:
            for _ in range(25):
                tasks.start_soon(get, carrier, server.url)
            await anyio.to_thread.run_sync(server.wait_for, 10)
            tasks.cancel_scope.cancel()
        server.open.set()
        async with anyio.create_task_group() as tasks:
            for _ in range(25):
                tasks.start_soon(get, carrier, server.url)


@pytest.mark.parametrize("is_warm", [False, True])
async def test_a_task_that_is_cancelled_at_any_step_leaves_its_connection_to_others(
    carrier: Carrier, anyio_backend_name: str, is_warm: bool
) -> None:
    """Without a scope of anyio's, which would wait where httpx puts up a shield."""
    if anyio_backend_name != "asyncio":
        pytest.skip("trio has scopes only")
    with RecordingServer() as server:
        for steps in count():
            if is_warm:
                await get(carrier, server.url)
            else:
                await carrier.aclose()
            task = asyncio.ensure_future(get(carrier, server.url))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            with anyio.fail_after(5):
                await get(carrier, server.url)
            if not task.cancelled():
                break
        assert steps > 3


async def test_an_answer_that_nobody_waits_for_is_not_taken_for_the_next_one(carrier: Carrier) -> None:
    with RecordingServer(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst", SUCCESS, hang=True) as server:
        with anyio.move_on_after(0.1) as scope:
            await get(carrier, server.url)
        assert scope.cancelled_caught
        assert b"first" not in (await get(carrier, server.url)).content
        assert server.connections == 2


async def test_an_answer_that_cannot_be_decompressed_holds_no_connection_up(carrier: Carrier) -> None:
    broken = raw_answer(b"not compressed" + b"x" * 1_000_000, "Content-Encoding: gzip")
    with RecordingServer(broken, SUCCESS) as server:
        await failure(carrier, server.url)
        with anyio.fail_after(5):
            assert (await get(carrier, server.url)).status == 200


async def test_requests_that_wait_are_not_sent_once_the_connections_are_closed(carrier: Carrier) -> None:
    errors: list[TransportError] = []

    async def send() -> None:
        try:
            await get(carrier, server.url)
        except TransportError as error:
            errors.append(error)

    with RecordingServer() as server:
        server.open.clear()
        async with anyio.create_task_group() as tasks:
            for _ in range(12):
                tasks.start_soon(send)
            await anyio.to_thread.run_sync(server.wait_for, 10)
            await carrier.aclose()
            server.open.set()
        assert len(server.received) == 10
    assert [each.maybe_executed for each in errors if "not sent" in each.message] == [False, False]


async def test_new_connections_are_opened_after_closing(carrier: Carrier) -> None:
    with RecordingServer() as server:
        for _ in range(2):
            await get(carrier, server.url)
            await carrier.aclose()
        assert server.connections == 2


# Proxies of the environment


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
async def test_the_proxy_of_the_environment_is_used(
    carrier: Carrier, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RecordingServer() as proxy:
        monkeypatch.setenv(name, proxy.url.replace("://", "://user:word@"))
        assert (await get(carrier, "http://shop.invalid")).status == 200
        (received,) = proxy.received
    assert received.target == "http://shop.invalid" + TARGET
    assert received.headers["proxy-authorization"] == "Basic dXNlcjp3b3Jk"


async def test_a_proxy_may_be_named_without_a_scheme(carrier: Carrier, monkeypatch: pytest.MonkeyPatch) -> None:
    with RecordingServer() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removeprefix("http://"))
        assert (await get(carrier, "http://shop.invalid")).status == 200


@pytest.mark.parametrize("exception", ["127.0.0.1", "*"])
async def test_hosts_that_need_no_proxy_are_reached_directly(
    carrier: Carrier, exception: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://nowhere.invalid:1")
    monkeypatch.setenv("no_proxy", exception)
    with RecordingServer() as server:
        assert (await get(carrier, server.url)).status == 200


async def test_each_host_has_the_proxy_that_is_meant_for_it(carrier: Carrier, monkeypatch: pytest.MonkeyPatch) -> None:
    with RecordingServer(raw_answer(b"proxy")) as proxy, RecordingServer(raw_answer(b"server")) as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        addresses = ["http://shop.invalid", server.url, "http://auth.invalid", server.url]
        answers = [(await get(carrier, each)).content for each in addresses]
        assert server.connections == 1
    assert answers == [b"proxy", b"server", b"proxy", b"server"]


async def test_a_proxy_that_refuses_has_passed_nothing_on(carrier: Carrier, monkeypatch: pytest.MonkeyPatch) -> None:
    with RecordingServer(raw_answer(b"", status="407 Who Are You")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        assert told(await failure(carrier, "https://shop.invalid")) == ("connect", False)
        assert proxy.received[0].target == "shop.invalid:443"


# Certificates


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate of it for this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path / "certificate.pem"
    path.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return path


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_certificate_is_trusted_if_the_environment_says_so(
    carrier: Carrier, certificate: Path, trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    transport_aiohttp._certificates.cache_clear()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with RecordingServer(tls=context) as server:
        address = server.url.replace("http://127.0.0.1", "https://localhost")
        if trusted:
            assert (await get(carrier, address)).status == 200
        else:
            assert told(await failure(carrier, address)) == ("connect", False)
        await carrier.aclose()
    transport_aiohttp._certificates.cache_clear()


async def test_authorities_are_read_when_an_address_asks_for_them(
    carrier: Carrier, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    transport_aiohttp._certificates.cache_clear()
    read: list[object] = []
    make = ssl.create_default_context

    def making(**given: Any) -> ssl.SSLContext:
        read.append(given)
        return make(**given)

    monkeypatch.setattr(ssl, "create_default_context", making)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with RecordingServer() as plain, RecordingServer(tls=context) as guarded:
        address = guarded.url.replace("http://127.0.0.1", "https://localhost")
        assert (await get(carrier, plain.url)).status == 200
        assert read == []
        assert (await get(carrier, address)).status == 200
        assert (await get(carrier, plain.url)).status == 200
        assert (await get(carrier, address)).status == 200
        assert read == [{"cafile": str(certificate)}]
        await carrier.aclose()
    transport_aiohttp._certificates.cache_clear()


# Secrets


async def test_no_log_shows_a_secret(carrier: Carrier, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with RecordingServer(SUCCESS, None) as server:
        url = f"{server.url}/a?app_key=k&sign=hidden"
        await carrier.send("GET", url, HEADERS, b"")
        with pytest.raises(TransportError):
            await carrier.send("GET", url, HEADERS, b"")
    assert "hidden" not in caplog.text


async def test_the_variables_of_a_request_that_is_cancelled_show_no_password_of_a_proxy(
    carrier: Carrier, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", silent.replace("://", "://user:hidden@"))
    errors: list[BaseException] = []
    with anyio.move_on_after(0.05):
        try:
            await carrier.send("GET", "http://shop.invalid/a", {}, b"")
        except BaseException as error:
            errors.append(error)
            raise
    assert "hidden" not in with_variables(errors[0])


async def test_the_variables_of_a_request_that_is_cancelled_show_no_secret(carrier: Carrier, silent: str) -> None:
    errors: list[BaseException] = []

    async def send() -> None:
        client = TikTokShop(
            APP_KEY, APP_SECRET, access_token=TOKEN, shop_cipher=CIPHER, base_url=silent, transport=carrier
        )
        try:
            await Depot(client._call).get_crate(crate_id="1")
        except BaseException as error:
            errors.append(error)
            raise

    with anyio.move_on_after(0.05):
        await send()
    (error,) = errors
    text = with_variables(error)
    assert "url = '***'" in text
    assert not [secret for secret in (APP_SECRET, TOKEN, CIPHER, "sign=") if secret in text]
