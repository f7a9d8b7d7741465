"""The sandbox over a real socket, from a program, and from the command line."""

from __future__ import annotations

import gc
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.sandbox.conftest import NOW
from tests.sandbox.signed_calls import Caller
from tiktok_shop_async.sandbox import ManualClock, MovableClock, SandboxServer
from tiktok_shop_async.sandbox.__main__ import describe, main

if TYPE_CHECKING:
    from tests.sandbox.conformance import Conformance
    from tiktok_shop_async.sandbox import Sandbox

pytestmark = pytest.mark.filterwarnings("error")


def caller_of(sandbox: Sandbox, clock: ManualClock, conformance: Conformance) -> Caller:
    """A caller that goes over the network."""
    return Caller(
        world=sandbox.world,
        clock=clock,
        conformance=conformance,
        app=None,
        token=sandbox.access_token,
        cipher=sandbox.shop_cipher,
        base_url=sandbox.url,
    )


def test_orders_are_read_over_a_real_socket(conformance: Conformance) -> None:
    clock = ManualClock(NOW)
    with SandboxServer(orders=40, clock=clock) as sandbox:
        caller = caller_of(sandbox, clock, conformance)
        first = caller.post("/order/202309/orders/search", page_size=30).data
        second = caller.post("/order/202309/orders/search", page_size=30, page_token=first["next_page_token"]).data
    assert len(first["orders"]) + len(second["orders"]) == 40


def test_links_in_answers_lead_back_to_the_server(conformance: Conformance) -> None:
    clock = ManualClock(NOW)
    with SandboxServer(orders=1, clock=clock) as sandbox:
        caller = caller_of(sandbox, clock, conformance)
        (order,) = caller.post("/order/202309/orders/search").data["orders"]
        picture = caller.fetch(order["line_items"][0]["sku_image"])
    assert picture.headers["content-type"] == "image/png"


def test_a_connection_is_kept_for_many_requests() -> None:
    with SandboxServer(orders=0) as sandbox, httpx.Client() as client:
        for _ in range(3):
            assert client.get(f"{sandbox.url}/nowhere").status_code == 404


@pytest.mark.anyio
async def test_a_server_can_be_entered_without_blocking(anyio_backend: str) -> None:
    async with SandboxServer(orders=0) as sandbox, httpx.AsyncClient() as client:
        answer = await client.get(f"{sandbox.url}/nowhere")
    assert answer.json()["code"] == 36009009


def test_leaving_the_block_frees_the_port() -> None:
    with SandboxServer(orders=0) as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(sandbox.url)


def test_stopping_a_server_that_does_not_run_does_nothing() -> None:
    SandboxServer().stop()


def test_a_port_that_is_taken_is_an_error_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            SandboxServer(port=port, orders=0).start()


def test_a_server_that_runs_is_not_started_again() -> None:
    """The first one would go on without anybody to stop it."""
    server = SandboxServer(orders=0)
    with server, pytest.raises(RuntimeError, match="runs already"):
        server.start()
    with server as again:
        assert httpx.get(f"{again.url}/nowhere").status_code == 404


def test_servers_that_come_and_go_leave_neither_threads_nor_sockets() -> None:
    before = threading.enumerate()
    with httpx.Client() as client:
        for _ in range(5):
            with SandboxServer(orders=0) as sandbox:
                client.get(f"{sandbox.url}/nowhere")
    assert set(threading.enumerate()) <= set(before)  # Idle threads of tests before this one may end meanwhile.
    gc.collect()  # A socket that was not closed warns when it is collected, and warnings are errors here.


def test_many_clients_at_once_are_all_answered(conformance: Conformance) -> None:
    clock = ManualClock(NOW)
    path = "/order/202309/orders/search"
    server = SandboxServer(orders=20, clock=clock, rate=0)
    with server as sandbox, httpx.Client() as client, ThreadPoolExecutor(20) as threads:
        query = caller_of(sandbox, clock, conformance).signed(path, {"page_size": 10}, b"{}")
        headers = {"content-type": "application/json", "x-tts-access-token": sandbox.access_token}

        def search(_: int) -> int:
            answer = client.post(sandbox.url + path, params=query, content=b"{}", headers=headers)
            return len(answer.json()["data"]["orders"])

        assert list(threads.map(search, range(200))) == [10] * 200


def test_two_servers_live_side_by_side() -> None:
    with SandboxServer(orders=0, seed=1) as one, SandboxServer(orders=0, seed=2) as two:
        assert one.url != two.url
        assert one.app_key != two.app_key


def test_tokens_are_issued_while_it_runs(conformance: Conformance) -> None:
    clock = ManualClock(NOW)
    with SandboxServer(orders=0, clock=clock) as sandbox:
        caller = caller_of(sandbox, clock, conformance)
        expired = sandbox.issue_token(lifetime=0)
        assert caller.with_token(expired).post("/order/202309/orders/search").code == 105002


@pytest.fixture
def program() -> subprocess.Popen[str]:
    """The command, running, with its output in a pipe."""
    command = [sys.executable, "-m", "tiktok_shop_async.sandbox", "--orders", "25", "--seed", "3"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603


def test_the_command_prints_what_a_client_needs_and_ends_on_an_interrupt(program: subprocess.Popen[str]) -> None:
    assert program.stdout is not None
    lines: list[str] = []
    while len([line for line in lines if line.startswith("export ")]) < 8:
        lines.append(program.stdout.readline().rstrip())
        assert program.poll() is None
    exported = dict(line.removeprefix("export ").split("=", 1) for line in lines if line.startswith("export "))
    assert list(exported) == [
        "TIKTOK_SHOP_BASE_URL",
        "TIKTOK_SHOP_AUTH_URL",
        "TIKTOK_SHOP_APP_KEY",
        "TIKTOK_SHOP_APP_SECRET",
        "TIKTOK_SHOP_ACCESS_TOKEN",
        "TIKTOK_SHOP_REFRESH_TOKEN",
        "TIKTOK_SHOP_SHOP_ID",
        "TIKTOK_SHOP_SHOP_CIPHER",
    ]
    text = "\n".join(lines)
    assert re.search(r"shop +Larkfield Home \(US\), 25 orders", text)
    assert "seed 3" in text
    assert httpx.get(exported["TIKTOK_SHOP_BASE_URL"] + "/nowhere").status_code == 404

    program.send_signal(signal.SIGINT)
    output, errors = program.communicate(timeout=10)
    assert (program.returncode, output, errors) == (0, "", "")


def test_the_command_says_so_when_the_port_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        assert main(["--port", str(port), "--orders", "0"]) == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--port", "65536"], ["--port", "-1"], ["--orders", "-5"], ["--orders", "x"]])
def test_the_command_says_which_number_is_wrong(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert f"argument {arguments[0]}: {arguments[1]} is no whole number from 0 to" in capsys.readouterr().err


def test_an_interrupt_while_it_starts_ends_the_command_quietly(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(server: SandboxServer) -> Sandbox:
        raise KeyboardInterrupt

    monkeypatch.setattr(SandboxServer, "start", interrupted)
    assert main([]) == 0
    assert capsys.readouterr().err == ""


def test_paging_through_twelve_hundred_orders_takes_no_time_worth_mentioning(conformance: Conformance) -> None:
    """Twelve pages of a hundred; ten times what was measured when this was written."""
    with SandboxServer() as sandbox, httpx.Client() as client:
        clock = ManualClock(time.time())
        caller = caller_of(sandbox, clock, conformance)
        path = "/order/202309/orders/search"
        headers = {"content-type": "application/json", "x-tts-access-token": sandbox.access_token}
        started, read, token = time.perf_counter(), 0, ""
        while True:
            query = caller.signed(path, {"page_size": 100, **({"page_token": token} if token else {})}, b"{}")
            data = client.post(sandbox.url + path, params=query, content=b"{}", headers=headers).json()["data"]
            read += len(data["orders"])
            token = data["next_page_token"]
            if not token:
                break
        elapsed = time.perf_counter() - started
    assert read == 1200
    assert elapsed < 4


def test_small_answers_are_not_held_back() -> None:
    """Fifty took two seconds while each waited for the other side's delayed acknowledgement."""
    with SandboxServer(orders=0) as sandbox, httpx.Client() as client:
        started = time.perf_counter()
        for _ in range(50):
            client.get(f"{sandbox.url}/nowhere")
        assert time.perf_counter() - started < 1.8


class TestFaultsOverTheSocket:
    def test_a_reset_is_a_reset_of_the_connection(self) -> None:
        with SandboxServer(orders=0) as sandbox:
            sandbox.inject("reset")
            host, port = sandbox.url.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port)), timeout=5) as client:
                client.sendall(b"GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n")
                with pytest.raises(ConnectionResetError):
                    client.recv(1)
            assert httpx.get(f"{sandbox.url}/nowhere").status_code == 404

    def test_silence_lasts_until_the_caller_leaves(self, caplog: pytest.LogCaptureFixture) -> None:
        with SandboxServer(orders=0) as sandbox:
            sandbox.inject("no_answer")
            with pytest.raises(httpx.ReadTimeout):
                httpx.get(f"{sandbox.url}/nowhere", timeout=0.1)
            assert httpx.get(f"{sandbox.url}/nowhere").status_code == 404
        assert not [record for record in caplog.records if record.levelname == "ERROR"]

    def test_a_server_stops_while_a_caller_waits_for_an_answer_that_never_comes(self) -> None:
        with SandboxServer(orders=0) as sandbox:
            sandbox.inject("no_answer")
            host, port = sandbox.url.removeprefix("http://").split(":")
            client = socket.create_connection((host, int(port)), timeout=5)
            client.sendall(b"GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n")
            deadline = time.monotonic() + 5
            while not sandbox.requests() and time.monotonic() < deadline:
                time.sleep(0.005)
        client.close()


def test_what_falls_due_happens_without_a_request() -> None:
    clock = ManualClock(NOW)
    with SandboxServer(orders=0, clock=clock) as sandbox:
        (order,) = sandbox.create_orders(status="ON_HOLD", items=[])
        clock.advance(3600)
        deadline = time.monotonic() + 5
        while order.status == "ON_HOLD" and time.monotonic() < deadline:
            time.sleep(0.005)
    assert order.status == "AWAITING_SHIPMENT"


def test_a_reset_while_it_serves_leaves_it_serving() -> None:
    with SandboxServer(orders=0) as sandbox:
        token = sandbox.access_token
        sandbox.create_orders(3)
        assert httpx.post(f"{sandbox.url}/sandbox/control/reset", json={}).status_code == 200
        facts = httpx.get(f"{sandbox.url}/sandbox/control/").json()
    assert (facts["access_token"], facts["shops"][0]["orders"]) == (token, 0)


class TestTheCommand:
    def test_it_tells_how_fast_the_time_of_the_shops_runs(self) -> None:
        with SandboxServer(orders=0, clock=MovableClock(factor=1440)) as sandbox:
            text = describe(sandbox, seed=1)
        assert "runs 1440 times as fast, a day in 60 s" in text
        assert f"{sandbox.url}/sandbox/control/" in text
        assert "/open/authorize?service_id=" in text

    def test_it_warns_when_others_can_reach_it(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def interrupt(_: SandboxServer) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(SandboxServer, "wait", interrupt)
        assert main(["--host", "0.0.0.0", "--orders", "0", "--fast"]) == 0  # noqa: S104
        assert "Warning: it listens on 0.0.0.0" in capsys.readouterr().err
        assert main(["--orders", "0"]) == 0
        assert capsys.readouterr().err == ""

    @pytest.mark.parametrize("factor", ["0", "-3", "quick", "nan", "1e9"])
    def test_a_factor_that_is_none_is_refused(self, factor: str, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            main([f"--fast={factor}"])
        assert "is no factor" in capsys.readouterr().err
