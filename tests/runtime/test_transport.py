"""Sending over httpx: what becomes of its errors, its headers, its log, and of clients that were handed over."""

from __future__ import annotations

import asyncio
import gc
import logging
import math
import re
import socket
import sys
import traceback
import weakref
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import httpx
import pytest
from anyio.abc import SocketAttribute, SocketStream

from tests.runtime.conftest import APP_KEY, APP_SECRET, CIPHER, TOKEN
from tests.runtime.depot import Depot
from tests.runtime.server import RecordingServer
from tests.secret_sweep import PACKAGE, with_variables
from tiktok_shop_async import (
    AiohttpTransport,
    ArgumentError,
    CallOptions,
    HttpxTransport,
    MemoryLimiter,
    RateLimitError,
    TikTokShop,
    TransportError,
)
from tiktok_shop_async.secret import hide
from tiktok_shop_async.transport_aiohttp import proxy_of_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_httpx import HTTPXMock

    from tests.runtime.wire import Time

pytestmark = pytest.mark.anyio

URL = "https://open-api.example/depot/202309/crates?app_key=k&shop_cipher=ROW_hidden&sign=hidden"
HEADERS = {"x-tts-access-token": "hidden"}
SUCCESS = {"code": 0, "message": "", "request_id": "r1", "data": {"id": "1"}}
ONCE = CallOptions(max_retries=0)


def depot_over(**settings: Any) -> tuple[TikTokShop, Depot]:
    client = TikTokShop(APP_KEY, APP_SECRET, access_token=TOKEN, shop_cipher=CIPHER, **settings)
    return client, Depot(client._call)


@pytest.mark.parametrize(
    ("raised", "kind", "maybe_executed"),
    [
        (httpx.ConnectError, "connect", False),
        (httpx.ProxyError, "connect", False),
        (httpx.UnsupportedProtocol, "connect", False),
        (httpx.ConnectTimeout, "timeout", False),
        (httpx.PoolTimeout, "timeout", False),
        (httpx.ReadTimeout, "timeout", True),
        (httpx.WriteTimeout, "timeout", True),
        (httpx.ReadError, "read", True),
        (httpx.CloseError, "read", True),
        (httpx.WriteError, "write", True),
        (httpx.RemoteProtocolError, "protocol", True),
        (httpx.LocalProtocolError, "protocol", False),
        (httpx.DecodingError, "protocol", True),
        (httpx.TransportError, "protocol", True),
    ],
)
async def test_errors_of_httpx_become_ours_and_take_nothing_along(
    httpx_mock: HTTPXMock, raised: type[httpx.RequestError], kind: str, maybe_executed: bool
) -> None:
    httpx_mock.add_exception(raised(f"failed for {URL}"))
    transport = HttpxTransport()
    with pytest.raises(TransportError) as caught:
        await transport.send("GET", URL, HEADERS, b"")
    assert (caught.value.kind, caught.value.maybe_executed) == (kind, maybe_executed)
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert "hidden" not in "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    await transport.aclose()


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080", "http://user:hidden@127.0.0.1:8080"])
async def test_a_server_that_is_not_there_is_named(httpx_mock: HTTPXMock, address: str) -> None:
    httpx_mock.add_exception(httpx.ConnectError("failed"))
    transport = HttpxTransport()
    with pytest.raises(TransportError, match=r"^no answer from 127\.0\.0\.1:8080: ConnectError$"):
        await transport.send("GET", f"{address}/a?sign=hidden", HEADERS, b"")
    await transport.aclose()


async def test_any_other_error_is_not_disguised(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(ZeroDivisionError("a bug"))
    async with httpx.AsyncClient() as http_client:
        with pytest.raises(ZeroDivisionError):
            await HttpxTransport(http_client).send("GET", URL, {}, b"")


async def test_a_read_that_times_out_is_tried_again(httpx_mock: HTTPXMock, time: Time) -> None:
    httpx_mock.add_exception(httpx.ReadTimeout("slow"))
    httpx_mock.add_response(json=SUCCESS)
    client, depot = depot_over(clock=time.clock())
    async with client:
        assert (await depot.get_crate(crate_id="1")).id == "1"


async def test_a_429_of_a_gateway_tells_when_to_come_back(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=429, headers={"Retry-After": "120"}, html="<html>slow down</html>")
    client, depot = depot_over()
    async with client:
        with pytest.raises(RateLimitError) as caught:
            await depot.get_crate(crate_id="1", options=ONCE)
    assert caught.value.retry_after == 120


async def test_the_answer_is_decompressed_and_its_header_names_are_in_lower_case(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json=SUCCESS, headers={"X-Note": "n"})
    client, _ = depot_over()
    async with client:
        response = await client.request("GET", "/a/202309/b")
    assert response.headers["x-note"] == "n"
    (request,) = httpx_mock.get_requests()
    assert request.headers["accept-encoding"] == "gzip, deflate"


async def test_redirects_are_not_followed(httpx_mock: HTTPXMock) -> None:
    """The token must not travel to where a redirect points."""
    httpx_mock.add_response(status_code=307, headers={"Location": "https://elsewhere.example/"})
    async with httpx.AsyncClient(follow_redirects=True) as http_client:
        answer = await HttpxTransport(http_client).send("GET", URL, {}, b"")
    assert answer.status == 307


async def test_a_client_that_was_handed_over_sends_its_headers_and_keeps_its_timeouts(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json=SUCCESS)
    async with httpx.AsyncClient(headers={"x-team": "blue", "user-agent": "theirs"}, timeout=3) as http_client:
        client, depot = depot_over(http_client=http_client)
        async with client:
            await depot.get_crate(crate_id="1")
        assert not http_client.is_closed
    (request,) = httpx_mock.get_requests()
    assert request.headers["x-team"] == "blue"
    assert request.headers["x-tts-access-token"] == TOKEN
    assert request.headers["user-agent"].startswith("tiktok-shop-async/")
    assert request.extensions["timeout"]["read"] == 3


async def test_headers_of_a_client_are_sent_as_they_are_at_that_time() -> None:
    received: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        received.append(request)
        return httpx.Response(200)

    headers = [("x-team", "blue"), ("X-Team", "green")]
    async with httpx.AsyncClient(headers=headers, transport=httpx.MockTransport(handler)) as http_client:
        transport = HttpxTransport(http_client)
        await transport.send("GET", URL, {}, b"")
        http_client.headers["x-team"] = "red"
        await transport.send("GET", URL, {}, b"")
        http_client.headers = httpx.Headers({"x-group": "a"})
        await transport.send("GET", URL, {"x-group": "b"}, b"")
    assert [each.headers.get("x-team") for each in received] == ["blue, green", "red", None]
    assert received[2].headers["x-group"] == "b"


async def test_hooks_of_a_client_see_the_request_as_any_other() -> None:
    seen: list[object] = []

    async def note(request: httpx.Request) -> None:
        seen.extend([request.url, request.url.params["page_size"], request.content, request.headers["host"]])
        request.url = request.url.copy_set_param("page_size", 2)

    async def answer(response: httpx.Response) -> None:
        seen.append(response.url.params["page_size"])

    hooks: dict[str, list[Callable[..., Any]]] = {"request": [note], "response": [answer]}
    mock = httpx.MockTransport(lambda _: httpx.Response(200))
    async with httpx.AsyncClient(event_hooks=hooks, transport=mock) as http_client:
        await HttpxTransport(http_client).send("POST", "https://shop.example/a?page_size=1", {}, b"{}")
    assert seen == ["https://shop.example/a?page_size=1", "1", b"{}", "shop.example", "2"]


@pytest.mark.parametrize("handed_over", [True, False])
async def test_a_mock_of_httpx_can_tell_requests_apart(httpx_mock: HTTPXMock, handed_over: bool) -> None:
    expected: dict[str, Any] = {"match_headers": {"x-key": "v"}, "match_content": b"{}", "method": "POST"}
    httpx_mock.add_response(status_code=201, url="https://shop.example/a?b=2&c=d%2Fe", **expected)
    httpx_mock.add_response(status_code=202, url="https://shop.example/a", match_params={"b": "3"}, **expected)
    httpx_mock.add_response(status_code=203, url=re.compile(r"https://shop\.example/a\?b=4$"), **expected)
    async with httpx.AsyncClient() as http_client:
        transport = HttpxTransport(http_client if handed_over else None)
        targets = ["a?c=d%2Fe&b=2", "a?b=3", "a?b=4"]
        answers = [
            await transport.send("POST", f"https://shop.example/{each}", {"x-key": "v"}, b"{}") for each in targets
        ]
        await transport.aclose()
    assert [each.status for each in answers] == [201, 202, 203]


@pytest.mark.parametrize("value", [b"plain", "m\u00fcller".encode(), b"m\xfcller", b"\xff, \xfe"])
async def test_headers_of_an_answer_are_read_as_httpx_reads_them(value: bytes) -> None:
    headers = [(b"X-Note", value), (b"x-other", "\u6f22".encode()), (b"x-note", b"b"), (b"X-NOTE", b"")]
    mock = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers))
    async with httpx.AsyncClient(transport=mock) as http_client:
        answer = await HttpxTransport(http_client).send("GET", URL, {}, b"")
    assert answer.headers == dict(httpx.Headers(headers).items())


@pytest.mark.filterwarnings("ignore:Async generator 'httpx:ResourceWarning")  # trio remarks on what httpx leaves
@pytest.mark.parametrize("handed_over", [True, False])
@pytest.mark.parametrize("size", [0, 8_000_000])
async def test_not_even_the_variables_of_httpx_show_an_address(handed_over: bool, size: int) -> None:
    """A request that is cancelled while it waits for its answer, or while it is written."""
    errors: list[BaseException] = []
    async with httpx.AsyncClient() as http_client:
        transport = HttpxTransport(http_client if handed_over else None)
        with socket.create_server(("127.0.0.1", 0)) as listener, anyio.move_on_after(0.05):
            url = hide(f"http://127.0.0.1:{listener.getsockname()[1]}/a?sign=hidden")
            try:
                await transport.send("POST", url, {"x-tts-access-token": hide("hidden")}, b"x" * size)
            except BaseException as error:
                errors.append(error)
                raise
        await transport.aclose()
    frames = traceback.TracebackException.from_exception(errors[0], capture_locals=True).stack
    variables = [str(each.locals) for each in frames if "/httpx/" in each.filename or PACKAGE in each.filename]
    assert any("<Request('POST'," in each for each in variables)
    assert not [each for each in variables if "hidden" in each]


@pytest.mark.parametrize("error", [httpx.ReadError("failed"), ZeroDivisionError()], ids=["of httpx", "any other"])
async def test_an_answer_that_cannot_be_read_is_closed_at_once(httpx_mock: HTTPXMock, error: Exception) -> None:
    class Torn(httpx.AsyncByteStream):
        closed = False

        def __aiter__(self) -> Torn:
            return self

        async def __anext__(self) -> bytes:
            raise error

        async def aclose(self) -> None:
            self.closed = True

    stream = Torn()
    httpx_mock.add_response(stream=stream)
    transport = HttpxTransport()
    with pytest.raises((TransportError, ZeroDivisionError)):
        await transport.send("GET", URL, {}, b"")
    assert stream.closed
    await transport.aclose()


async def test_who_was_cancelled_before_sends_nothing() -> None:
    with RecordingServer() as server:
        transport = HttpxTransport()
        with anyio.CancelScope() as scope:
            scope.cancel()
            await transport.send("POST", server.url + "/a", {}, b"{}")
        assert scope.cancelled_caught
        assert server.received == []


async def test_our_own_client_has_limits(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(json=SUCCESS)
    client, depot = depot_over()
    async with client:
        await depot.get_crate(crate_id="1")
    (request,) = httpx_mock.get_requests()
    assert request.extensions["timeout"] == {"connect": 10, "read": 20, "write": 20, "pool": None}


async def test_a_hundred_requests_are_under_way_at_a_time(httpx_mock: HTTPXMock) -> None:
    """Counted here: where httpx counts, cancelled calls can use its connections up for good."""
    at_once: list[int] = [0]

    async def handle(_: httpx.Request) -> httpx.Response:
        at_once.append(at_once[-1] + 1)
        await anyio.lowlevel.checkpoint()
        at_once.append(at_once[-1] - 1)
        return httpx.Response(200, json=SUCCESS)

    httpx_mock.add_callback(handle, is_reusable=True)
    client, depot = depot_over(limiter=MemoryLimiter(math.inf))
    async with client, anyio.create_task_group() as tasks:
        for _ in range(250):
            tasks.start_soon(partial(depot.get_crate, crate_id="1"))
    assert max(at_once) == 100


async def test_requests_that_wait_for_their_turn_are_not_sent_once_the_client_is_closed(httpx_mock: HTTPXMock) -> None:
    closed = anyio.Event()

    async def handle(_: httpx.Request) -> httpx.Response:
        await closed.wait()
        return httpx.Response(200, json=SUCCESS)

    httpx_mock.add_callback(handle, is_reusable=True)
    transport = HttpxTransport()
    outcomes: list[str] = []

    async def send() -> None:
        try:
            outcomes.append(str((await transport.send("GET", URL, {}, b"")).status))
        except TransportError as error:
            outcomes.append(f"{error.message}, {error.maybe_executed}")

    async with anyio.create_task_group() as tasks:
        for _ in range(101):
            tasks.start_soon(send)
        await anyio.wait_all_tasks_blocked()
        await transport.aclose()
        closed.set()
    assert sorted(outcomes) == ["200"] * 100 + ["not sent: the connections were closed, False"]


async def test_a_mock_transport_of_httpx_can_stand_in() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=SUCCESS | {"data": {"id": request.url.path.rpartition("/")[2]}})

    async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as http_client:
        _, depot = depot_over(http_client=http_client)
        assert (await depot.get_crate(crate_id="57")).id == "57"


# Against a real socket


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the loops take their connections along
@pytest.mark.filterwarnings("ignore:Unclosed:ResourceWarning")
@pytest.mark.parametrize(("backend", "carrier"), [("asyncio", None), ("trio", None), ("asyncio", "aiohttp")])
def test_a_client_works_in_one_event_loop_after_another(backend: str, carrier: str | None) -> None:
    """As in a program that calls `asyncio.run` more than once."""

    def run_thrice(url: str) -> list[str]:
        _, depot = depot_over(base_url=url, transport=carrier)

        async def call() -> str:
            return (await depot.get_crate(crate_id="1")).id

        return [anyio.run(call, backend=backend) for _ in range(3)]

    with RecordingServer() as server:
        assert run_thrice(server.url) == ["1"] * 3
        gc.collect()


async def test_an_answer_leaves_nothing_behind_for_the_garbage_collector() -> None:
    """Bodies of half a megabyte would add up until it comes by."""
    responses: list[weakref.ref[httpx.Response]] = []

    async def note(response: httpx.Response) -> None:
        responses.append(weakref.ref(response))

    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=SUCCESS))
    async with httpx.AsyncClient(transport=transport, event_hooks={"response": [note]}) as http_client:
        gc.disable()
        try:
            answer = await HttpxTransport(http_client).send("GET", URL, HEADERS, b"")
            assert [each() for each in responses] == [None]
        finally:
            gc.enable()
    assert answer.content


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_client_over_aiohttp_opens_as_many_connections_as_requests_may_be_in_flight() -> None:
    with RecordingServer() as server:
        server.open.clear()
        client, depot = depot_over(base_url=server.url, transport="aiohttp", max_in_flight=3)
        async with client, anyio.create_task_group() as tasks:
            for _ in range(7):
                tasks.start_soon(partial(depot.get_crate, crate_id="1"))
            await anyio.to_thread.run_sync(server.wait_for, 3)
            server.open.set()
        assert (server.connections, len(server.received)) == (3, 7)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_client_over_aiohttp_closes_its_connections() -> None:
    with RecordingServer() as server:
        client, depot = depot_over(base_url=server.url, transport="aiohttp")
        async with client:
            await depot.get_crate(crate_id="1")
            assert isinstance(client._pool, AiohttpTransport)
            session = client._pool._pools.get().session
            assert not session.closed
        assert session.closed


def test_aiohttp_sets_no_timer_where_an_answer_comes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Timers are a twelfth of a request. This fails where aiohttp begins to set others, or to wait in other places."""
    timers: list[object] = []

    async def main() -> None:
        transport, loop = AiohttpTransport(), asyncio.get_running_loop()
        call_at = loop.call_at

        def note(when: float, callback: Any, *arguments: Any, **settings: Any) -> asyncio.TimerHandle:
            timers.append(callback)
            return call_at(when, callback, *arguments, **settings)

        with RecordingServer() as server:
            await transport.send("GET", f"{server.url}/a", {}, b"")
            monkeypatch.setattr(loop, "call_at", note)
            for method, body in (("GET", b""), ("POST", b"{}")):
                assert (await transport.send(method, f"{server.url}/a", {}, body)).status == 200
            monkeypatch.undo()
        await transport.aclose()

    asyncio.run(main())
    assert timers == []


def test_a_connection_that_changes_to_another_protocol_is_closed(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        transport = AiohttpTransport()
        with RecordingServer(b"HTTP/1.1 101 Other\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n") as server:
            assert (await transport.send("GET", f"{server.url}/a", {}, b"")).status == 101
        await transport.aclose()

    asyncio.run(main(), debug=True)
    assert "Unclosed" not in caplog.text


async def test_aiohttp_says_that_it_runs_on_asyncio_only(anyio_backend_name: str) -> None:
    client, depot = depot_over(transport="aiohttp", base_url="http://127.0.0.1:9")
    async with client:
        with pytest.raises(ArgumentError if anyio_backend_name == "trio" else TransportError) as caught:
            await depot.get_crate(crate_id="1", options=ONCE)
    assert ("on trio, leave it out" in str(caught.value)) == (anyio_backend_name == "trio")


def test_aiohttp_that_is_not_installed_is_asked_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tiktok_shop_async.transport_aiohttp", raising=False)
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    with pytest.raises(ImportError, match=r"pip install 'tiktok-shop-async\[aiohttp\]'"):
        depot_over(transport="aiohttp")


async def test_a_proxy_that_is_none_for_aiohttp_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://user:hidden@127.0.0.1:1080")
    with pytest.raises(ArgumentError, match="the environment's proxy speaks socks5; aiohttp needs HTTP") as caught:
        proxy_of_environment("https", "shop.invalid")
    assert "hidden" not in with_variables(caught.value)


async def test_a_refused_connection_was_surely_not_executed() -> None:
    with RecordingServer() as server:
        url = server.url
    client, depot = depot_over(base_url=url)
    async with client:
        with pytest.raises(TransportError) as caught:
            await depot.make_crate(name="a", options=ONCE)
    assert (caught.value.kind, caught.value.outcome_unknown) == ("connect", False)


async def test_a_connection_that_breaks_may_have_been_enough() -> None:
    async def hang_up(stream: SocketStream) -> None:
        async with stream:
            await stream.receive()

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, hang_up)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 (no SQL here)
        client, depot = depot_over(base_url=f"http://127.0.0.1:{port}")
        async with client:
            with pytest.raises(TransportError) as caught:
                await depot.make_crate(name="a")
        tasks.cancel_scope.cancel()
    assert caught.value.outcome_unknown is True
    assert caught.value.attempts == 1


# The log of httpx


async def test_the_log_of_httpx_shows_no_secret(httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "httpx")
    httpx_mock.add_response(json=SUCCESS)
    async with httpx.AsyncClient() as http_client:
        _, depot = depot_over(http_client=http_client)
        await depot.get_crate(crate_id="57")
    assert "/depot/202309/crates/57?shop_cipher=***&app_key=app-key-77&timestamp=" in caplog.text
    assert "&sign=***" in caplog.text
    assert CIPHER not in caplog.text
    assert httpx_mock.get_requests()[0].url.params["sign"] not in caplog.text


async def test_the_log_of_httpx_shows_no_values_that_identify_someone(
    httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "httpx")
    httpx_mock.add_response(json=SUCCESS)
    async with httpx.AsyncClient() as http_client:
        _, depot = depot_over(http_client=http_client)
        await depot.list_crates(ids=["576461413038785752"], page_size=20)
    assert "page_size=20" in caplog.text
    assert "&ids=***&" in caplog.text


async def test_the_log_of_other_requests_stays_as_it_is(
    httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "httpx")
    httpx_mock.add_response()
    async with httpx.AsyncClient() as http_client:
        HttpxTransport(http_client)
        await http_client.get("https://other.example/?sign=libra")
    assert "https://other.example/?sign=libra" in caplog.text


def test_the_log_is_filtered_once_however_many_clients_there_are() -> None:
    client = httpx.AsyncClient()
    HttpxTransport(client)
    before = list(logging.getLogger("httpx").filters)
    HttpxTransport(client)
    assert logging.getLogger("httpx").filters == before


async def test_requests_over_connections_of_our_own_are_not_in_the_log_of_httpx(
    httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "httpx")
    httpx_mock.add_response(json=SUCCESS)
    client, depot = depot_over()
    async with client:
        await depot.get_crate(crate_id="57")
    assert [each for each in caplog.records if each.name == "httpx"] == []


# Connections that nobody uses


async def test_a_connection_that_was_idle_for_too_long_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[httpx.AsyncHTTPTransport] = []

    async def handle(_: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        await anyio.wait_all_tasks_blocked()
        return httpx.Response(200, json=SUCCESS)

    async def aclose(self: httpx.AsyncHTTPTransport) -> None:
        closed.append(self)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "aclose", aclose)
    transport = HttpxTransport()
    async with anyio.create_task_group() as tasks:
        for _ in range(2):
            tasks.start_soon(transport.send, "GET", URL, {}, b"")
    later = monotonic() + 31
    monkeypatch.setattr("tiktok_shop_async.connections.monotonic", lambda: later)
    await transport.send("GET", URL, {}, b"")
    assert len(closed) == 1
    await transport.aclose()
    assert len(set(closed)) == len(closed) == 2
