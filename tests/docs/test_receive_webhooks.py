"""The guide to receiving webhooks: its code runs, and its figures are those of the code."""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from base64 import b64encode
from contextlib import closing
from typing import TYPE_CHECKING, Any, get_args

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.docs.test_readme import ROOT, run
from tests.redis_server import needs_redis, running_redis
from tests.webhooks.served import served
from tiktok_shop_async import TikTokShop
from tiktok_shop_async.sandbox import SandboxServer
from tiktok_shop_async.tokens import Encryption
from tiktok_shop_async.webhooks import RedisInbox, Retries, SQLiteInbox, Webhooks, parse, sign
from tiktok_shop_async.webhooks.reconcile import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from redis.asyncio import Redis

pytestmark = pytest.mark.anyio

GUIDE = (ROOT / "docs" / "receive-webhooks.md").read_text(encoding="utf-8")
(
    FIRST,
    ADDRESS,
    STARLETTE,
    FASTAPI,
    LIFESPAN,
    APPS,
    READ,
    FLASK,
    LAMBDA,
    ASGI,
    EFFECTS,
    DEAD,
    REDIS,
    RUNNING,
    SEALED,
    FETCH,
    MISSING,
    TESTS,
) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
[SEND] = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
KEYS = {"app_key": "k", "app_secret": "s", "old_secret": "o", "other_key": "k2", "other_secret": "s2"}
BODY = b'{"type":1,"tts_notification_id":"1","shop_id":"7","data":{"order_id":"5","order_status":"UNPAID"}}'
SIGNATURE = sign(BODY, "k", "s")


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIKTOK_SHOP_APP_KEY", "k")
    monkeypatch.setenv("TIKTOK_SHOP_APP_SECRET", "s")


async def test_the_first_lines_receive_and_handle(capsys: pytest.CaptureFixture[str]) -> None:
    names = KEYS | await run(FIRST, KEYS)
    webhooks: Webhooks = names["webhooks"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(webhooks), base_url="http://x") as http:
        answer = await http.post("/", content=BODY, headers={"authorization": SIGNATURE})
    assert answer.status_code == 200
    await webhooks.drain()
    assert capsys.readouterr().out == "5 UNPAID\n"
    await run(TESTS, names)
    assert (await webhooks.inbox.counts()).done == 1  # the same notification
    await webhooks.inbox.aclose()


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_first_lines_are_a_program_that_the_sandbox_sends_to(tmp_path: Path) -> None:
    (tmp_path / "receiver.py").write_text(FIRST, encoding="utf-8")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    assert "uvicorn receiver:webhooks --port 8000\n" in GUIDE
    command = [sys.executable, "-m", "uvicorn", "receiver:webhooks", "--port", str(port)]
    with SandboxServer(orders=5) as sandbox:
        environment = {**os.environ, **sandbox.environment, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        send = ["sh", "-euc", SEND.replace(":8000/", f":{port}/")]
        both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with subprocess.Popen(command, env=environment, text=True, **both) as server:  # type: ignore[call-overload] # noqa: S603
            try:
                lines = iter(server.stdout.readline, "")
                assert any("running on" in line for line in lines)
                subprocess.run(send, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
                handled = next(line for line in lines if not line.startswith("INFO:"))
            finally:
                server.terminate()
        [delivery] = sandbox.world.deliveries.log()
        data = json.loads(delivery.body)["data"]
    assert handled == f"{data['order_id']} {data['order_status']}\n"


async def test_the_address_of_a_shop_is_set() -> None:
    with SandboxServer(orders=0) as sandbox:
        async with TikTokShop.from_env(sandbox.environment) as client:
            await run(ADDRESS, {"shop": await client.shop(sandbox.shop_id)})
        webhook = sandbox.shop.webhooks.get("ORDER_STATUS_CHANGE")
    assert webhook is not None
    assert webhook.address == "https://service.example/tiktok"


async def test_an_old_secret_and_another_app_are_let_in_and_a_route_answers() -> None:
    names = KEYS | await run(FIRST, KEYS)
    names |= await run(APPS, names)
    names |= await run(STARLETTE, names)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(names["app"]), base_url="http://x") as http:
        for signature in (sign(BODY, "k", "o"), sign(BODY, "k2", "s2")):
            answer = await http.post("/tiktok", content=BODY, headers={"authorization": signature})
            assert answer.status_code == 200
    await names["webhooks"].inbox.aclose()


@pytest.mark.parametrize("framework", ["starlette", "fastapi", "fastapi with a lifespan of its own"])
def test_a_route_receives_and_its_lifespan_handles(framework: str, capsys: pytest.CaptureFixture[str]) -> None:
    async def make() -> dict[str, Any]:
        names = KEYS | await run(FIRST, KEYS)
        if framework == "starlette":
            return names | await run(STARLETTE, names)
        names |= await run(FASTAPI, names)
        if framework != "fastapi":
            names |= await run(LIFESPAN, names)
            names |= await run(FASTAPI.replace("webhooks.lifespan", "lifespan"), names)
        return names

    app = anyio.run(make)["app"]
    with served(app, lifespan="on") as port:
        url = f"http://127.0.0.1:{port}/tiktok"
        assert httpx.post(url, content=BODY, headers={"authorization": SIGNATURE}).status_code == 200
        assert httpx.post(url, content=BODY + b" ", headers={"authorization": SIGNATURE}).status_code == 401
        assert httpx.get(url).status_code == 405
        give_up = time.monotonic() + 10
        printed = ""
        while not printed and time.monotonic() < give_up:
            printed = capsys.readouterr().out
            time.sleep(0.01)
    assert printed == "5 UNPAID\n"


def test_an_application_that_is_mounted_redirects() -> None:
    app = Starlette(routes=[Mount("/tiktok", Webhooks({"k": "s"}, SQLiteInbox("inbox.db")))])
    with served(app) as port:
        answer = httpx.post(f"http://127.0.0.1:{port}/tiktok", content=BODY, headers={"authorization": SIGNATURE})
    assert answer.status_code == 307


FORGED = {
    "no header": (BODY, None),
    "an empty header": (BODY, ""),
    "another key": (BODY, sign(BODY, "k", "guessed")),
    "an uppercase signature": (BODY, SIGNATURE.upper()),
    "JSON that was written again": (json.dumps(json.loads(BODY)).encode(), SIGNATURE),
    "bytes that are no UTF-8": (b"\xff", SIGNATURE),
}


@pytest.fixture
async def alone(anyio_backend: str) -> dict[str, Any]:
    """The names that the examples for other frameworks work with."""
    kept: list[tuple[str, bytes]] = []
    # Flask looks for the module of this name.
    names: dict[str, Any] = {"kept": kept, "enqueue": lambda *event: kept.append(event), "__name__": __name__}
    names |= KEYS | await run(FIRST, KEYS)
    return names | await run(READ, names)


async def test_flask_keeps_what_is_signed_and_refuses_what_is_not(alone: dict[str, Any]) -> None:
    browser = (await run(FLASK, alone))["flask"].test_client()
    assert browser.post("/tiktok", data=BODY, headers={"Authorization": SIGNATURE}).status_code == 200
    assert alone["kept"] == [("1-1", BODY)]
    for body, signature in FORGED.values():
        headers = {} if signature is None else {"Authorization": signature}
        assert browser.post("/tiktok", data=body, headers=headers).status_code == 401
    assert browser.post("/tiktok", data=b" " * 1_000_001, headers={"Authorization": SIGNATURE}).status_code == 413
    assert alone["kept"] == [("1-1", BODY)]


async def test_lambda_keeps_what_is_signed_and_refuses_what_is_not(alone: dict[str, Any]) -> None:
    handler = (await run(LAMBDA, alone))["handler"]
    plain = {"body": BODY.decode(), "isBase64Encoded": False, "headers": {"authorization": SIGNATURE}}
    encoded = {"body": b64encode(BODY).decode(), "isBase64Encoded": True, "headers": {"Authorization": SIGNATURE}}
    for request in (plain, encoded):
        assert handler(request, None) == {"statusCode": 200, "body": ""}
    assert alone["kept"] == [("1-1", BODY)] * 2
    for body, signature in FORGED.values():
        headers = {} if signature is None else {"authorization": signature}
        request = {"body": b64encode(body).decode(), "isBase64Encoded": True, "headers": headers}
        assert handler(request, None)["statusCode"] == 401
    assert handler({"headers": {}}, None)["statusCode"] == 401
    assert len(alone["kept"]) == 2


async def test_plain_asgi_puts_what_is_signed_into_the_inbox(alone: dict[str, Any]) -> None:
    application = (await run(ASGI, alone))["application"]
    webhooks: Webhooks = alone["webhooks"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://x") as http:

        async def answered(body: bytes, *signatures: str) -> int:
            answer = await http.post("/", content=body, headers=[("authorization", each) for each in signatures])
            return answer.status_code

        assert await answered(BODY, SIGNATURE) == 200
        assert await answered(BODY, SIGNATURE) == 200
        assert await answered(BODY, SIGNATURE, SIGNATURE) == 401
        for body, signature in FORGED.values():
            assert await answered(body, *([] if signature is None else [signature])) == 401
    assert (await webhooks.inbox.counts()).waiting == 1
    await webhooks.inbox.aclose()


async def test_plain_asgi_does_not_read_a_body_without_end(alone: dict[str, Any]) -> None:
    application = (await run(ASGI, alone))["application"]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b" " * 100_000, "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application({"type": "http", "headers": [(b"authorization", SIGNATURE.encode())]}, receive, send)
    assert sent[0]["status"] == 413


async def test_effects_stand_in_the_same_file_and_dead_letters_are_replayed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = KEYS | await run(FIRST, KEYS)
    names |= await run(EFFECTS, names)
    webhooks: Webhooks = names["webhooks"]
    await webhooks.put(parse(BODY))
    [claim] = await webhooks.inbox.claim(1, 10)
    await webhooks.inbox.fail(claim, "OperationalError in write", None)
    with closing(sqlite3.connect("inbox.db")) as file:
        file.execute("CREATE TABLE statuses (order_id TEXT, status TEXT)")
    await run(DEAD, names)
    assert "1-1 1 1 OperationalError in write\n" in capsys.readouterr().out
    await webhooks.drain()
    with closing(sqlite3.connect("inbox.db")) as file:
        assert file.execute("SELECT * FROM statuses").fetchall() == [("5", "UNPAID")]
    await webhooks.inbox.aclose()


@needs_redis
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_many_machines_share_redis(tmp_path: Path) -> None:
    names = KEYS | await run(FIRST, KEYS)
    with running_redis(tmp_path) as server:
        names |= {"redis_url": server.url, "stop": anyio.Event()}
        names |= await run(REDIS, names)
        webhooks: Webhooks = names["webhooks"]
        assert isinstance(webhooks.inbox, RedisInbox)
        await webhooks.put(parse(BODY))
        names["stop"].set()
        await run(RUNNING, names)
        redis: Redis = webhooks.inbox._redis
        await redis.aclose()


async def test_bodies_are_encrypted() -> None:
    names = {"key": Encryption.generate_key(), "SQLiteInbox": (await run(FIRST, KEYS))["SQLiteInbox"]}
    webhooks = Webhooks({"k": "s"}, (await run(SEALED, names))["inbox"])
    await webhooks.put(parse(BODY))
    await webhooks.inbox.aclose()
    with closing(sqlite3.connect("inbox.db")) as file:
        [(body,)] = file.execute("SELECT body FROM tiktok_shop_inbox")
    assert b"UNPAID" not in body


async def test_what_was_never_told_is_looked_up(capsys: pytest.CaptureFixture[str]) -> None:
    with SandboxServer(orders=40) as sandbox:
        async with TikTokShop.from_env(sandbox.environment) as client:
            names = KEYS | await run(FIRST, KEYS) | {"client": client, "shop_id": sandbox.shop_id}
            names |= await run(FETCH, names)
            names |= await run(MISSING, names)
            assert isinstance(names["missing"], list)
            assert f"kinds={json.dumps(get_args(Kind))}" in GUIDE
            order = next(iter(sandbox.shop.orders))
            event = {"type": 1, "shop_id": sandbox.shop_id, "data": {"order_id": order.id}}
            webhooks: Webhooks = names["webhooks"]
            await webhooks.put(parse(str(event).replace("'", '"').encode()))
            await webhooks.drain()
            assert f"{order.id} {order.status} " in capsys.readouterr().out
            await webhooks.inbox.aclose()


def test_the_figures_are_the_defaults() -> None:
    defaults = inspect.signature(Webhooks).parameters
    assert f"*timeout* ({defaults['timeout'].default:g} s)" in GUIDE
    assert f"for {defaults['lease'].default:g} seconds at a time (*lease*)" in GUIDE
    assert f"*keep_days* ({defaults['keep_days'].default:g})" in GUIDE
    assert (Retries().attempts, Retries().base, Retries().cap) == (10, 2, 600)
