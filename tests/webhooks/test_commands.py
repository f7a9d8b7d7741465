"""`python -m tiktok_shop_async.webhooks`: what arrives, and what could not be handled."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import anyio

from tests.webhooks.places import arrival
from tests.webhooks.served import BODY, KEY, SECRET, served, signed, status_of
from tiktok_shop_async.webhooks import Counts, SQLiteInbox
from tiktok_shop_async.webhooks.__main__ import Listener, main
from tiktok_shop_async.webhooks.inbox import Body

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_listener_says_what_arrives_and_whether_it_is_signed() -> None:
    said: list[str] = []
    with served(Listener({KEY: SECRET}, said.append)) as port:
        assert status_of(port) == 200
        assert status_of(port, BODY, [signed(BODY, KEY, "guessed")]) == 401
        assert status_of(port, method="GET") == 405
        assert status_of(port, b"no JSON") == 200
    good, forged, get, odd = (each.partition(" ")[2] for each in said)
    assert good.startswith("signature good: OrderStatusChange (type 1), shop 7, order 5, key 1-7501\n    {\n")
    assert '"order_id": "5"' in good
    assert forged.startswith("refused with HTTP 401: the signature is of none of the apps")
    assert get == "refused with HTTP 405: the method is 'GET', not POST"
    assert odd.startswith("signature good: UnknownEvent (type 0), shop -, no object")


async def _fill(path: Path) -> None:
    inbox = SQLiteInbox(path)
    await inbox.add(arrival("1-5", shop_id="7", body=Body(b'{"name":"Jane"}')))
    [claim] = await inbox.claim(1, 10)
    await inbox.fail(claim, "ValueError in f", None)
    await inbox.aclose()


async def _counts(path: Path) -> Counts:
    inbox = SQLiteInbox(path)
    try:
        return await inbox.counts()
    finally:
        await inbox.aclose()


def test_dead_letters_are_listed_and_replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "inbox.db"
    anyio.run(_fill, file)
    assert main(["dead", str(file)]) == 0
    listed = capsys.readouterr().out
    assert listed.startswith("1-5  type 1  shop 7  ")
    assert listed.endswith("  ValueError in f\n")
    assert main(["replay", str(file), "1-5"]) == 0
    assert anyio.run(_counts, file) == Counts(waiting=1, running=0, done=0, dead=0)
    assert main(["replay", str(file), "1-5"]) == 1
    assert "1-5: no event of this key has ended" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dead", str(tmp_path / "inbox.db")]) == 1
    assert "there is no file" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_listening_without_a_secret_says_what_is_missing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tiktok_shop_async.webhooks", "listen"], env={}, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (2, "set TIKTOK_SHOP_APP_KEY and TIKTOK_SHOP_APP_SECRET\n")
