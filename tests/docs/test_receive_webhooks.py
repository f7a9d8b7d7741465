"""The guide to receiving webhooks: its code runs, and its figures are those of the code."""

from __future__ import annotations

import inspect
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import anyio
import httpx
import pytest

from tests.docs.test_readme import ROOT, run
from tests.redis_server import needs_redis, running_redis
from tiktok_shop_async import TikTokShop
from tiktok_shop_async.sandbox import SandboxServer
from tiktok_shop_async.tokens import Encryption
from tiktok_shop_async.webhooks import RedisInbox, Retries, Webhooks, parse, sign

if TYPE_CHECKING:
    from pathlib import Path

    from redis.asyncio import Redis

pytestmark = pytest.mark.anyio

GUIDE = (ROOT / "docs" / "receive-webhooks.md").read_text(encoding="utf-8")
(FIRST, APPS, MOUNTED, EFFECTS, DEAD, REDIS, RUNNING, SEALED, FETCH, MISSING, TESTS) = re.findall(
    r"```python\n(.*?)```", GUIDE, re.DOTALL
)
KEYS = {"app_key": "k", "app_secret": "s", "old_secret": "o", "other_key": "k2", "other_secret": "s2"}
BODY = b'{"type":1,"tts_notification_id":"1","shop_id":"7","data":{"order_id":"5","order_status":"UNPAID"}}'


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


async def test_the_first_lines_receive_and_handle(capsys: pytest.CaptureFixture[str]) -> None:
    names = KEYS | await run(FIRST, KEYS)
    webhooks: Webhooks = names["webhooks"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(webhooks), base_url="http://x") as http:
        answer = await http.post("/", content=BODY, headers={"authorization": sign(BODY, "k", "s")})
    assert answer.status_code == 200
    await webhooks.drain()
    assert capsys.readouterr().out == "5 UNPAID\n"
    await run(TESTS, names)
    assert (await webhooks.inbox.counts()).done == 1  # the same notification
    await webhooks.inbox.aclose()


async def test_an_old_secret_and_another_app_are_let_in_and_a_route_answers() -> None:
    names = KEYS | await run(FIRST, KEYS)
    names |= await run(APPS, names)
    names |= await run(MOUNTED, names)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(names["app"]), base_url="http://x") as http:
        for signature in (sign(BODY, "k", "o"), sign(BODY, "k2", "s2")):
            answer = await http.post("/tiktok", content=BODY, headers={"authorization": signature})
            assert answer.status_code == 200
    await names["webhooks"].inbox.aclose()


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
