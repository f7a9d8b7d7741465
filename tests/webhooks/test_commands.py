"""`python -m tiktok_shop_async.webhooks`: what arrives, and what could not be handled."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from tests.webhooks.places import arrival
from tests.webhooks.served import BODY, KEY, SECRET, served, signed, status_of
from tiktok_shop_async.webhooks import Counts, SQLiteInbox
from tiktok_shop_async.webhooks.__main__ import Listener, main
from tiktok_shop_async.webhooks.inbox import Body

ROOT = Path(__file__).parents[2]


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
    assert listed.endswith("  1 attempt  ValueError in f\n")
    assert "Jane" not in listed
    assert main(["replay", str(file), "1-5"]) == 0
    assert capsys.readouterr().out == "1-5: waits to be handled\n"
    assert anyio.run(_counts, file) == Counts(waiting=1, running=0, done=0, dead=0)
    assert main(["replay", str(file), "1-5"]) == 1
    assert "1-5: no event of this key has ended" in capsys.readouterr().err
    assert main(["dead", str(file)]) == 0
    assert capsys.readouterr() == ("", "no dead letters\n")


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dead", str(tmp_path / "inbox.db")]) == 1
    assert "there is no file" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_inbox_is_said_to_be_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no inbox")
    for command in (["dead", str(file)], ["replay", str(file), "1-5"], ["dead", str(tmp_path)]):
        assert main(command) == 1
        assert "cannot be used: " in capsys.readouterr().err


@pytest.mark.parametrize("command", ["listen", "dead", "replay"])
def test_the_help_of_a_command_explains_everything_that_it_takes(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    _, *lines = re.split(r"\n(?=  (?:-|[A-Z]))", capsys.readouterr().out)
    assert lines
    for line in lines:
        assert len(re.split(r"\s{2,}", line.strip())) > 1, line


def test_the_listener_runs_until_it_is_interrupted() -> None:
    environment = {"TIKTOK_SHOP_APP_KEY": KEY, "TIKTOK_SHOP_APP_SECRET": SECRET, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tiktok_shop_async.webhooks", "listen", "--port", "0"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) as listening:  # noqa: S603
        assert listening.stdout is not None
        assert listening.stderr is not None
        said = listening.stdout.readline()
        address = re.fullmatch(rf"listening on http://127\.0\.0\.1:(\d+) for app {KEY}; Ctrl-C ends it\n", said)
        assert address is not None
        port = address[1]
        assert status_of(int(port)) == 200
        assert "signature good: OrderStatusChange" in listening.stdout.readline()
        again = subprocess.run([*command[:-1], port], env=environment, capture_output=True, text=True)  # noqa: S603
        assert again.returncode == 1
        assert again.stderr.startswith(f"cannot listen on 127.0.0.1:{port}: ")
        listening.send_signal(signal.SIGINT)
        assert listening.stderr.read() == ""
    assert listening.returncode == 0


def test_listening_without_a_secret_says_what_is_missing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tiktok_shop_async.webhooks", "listen"], env={}, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (2, "set TIKTOK_SHOP_APP_KEY and TIKTOK_SHOP_APP_SECRET\n")
