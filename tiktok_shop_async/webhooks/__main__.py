"""`python -m tiktok_shop_async.webhooks`: look at what arrives, and at what could not be handled.

listen              prints each notification, and whether its signature is good
dead FILE           lists the dead letters of an SQLite inbox, without what they hold
replay FILE KEY…    has them handled again
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from tiktok_shop_async.errors import InboxError, TikTokShopError
from tiktok_shop_async.event import key_of, object_of
from tiktok_shop_async.webhooks.inbox_sqlite import SQLiteInbox
from tiktok_shop_async.webhooks.parsing import parse
from tiktok_shop_async.webhooks.receiver import Receive, Refused, Scope, Send, answer, read_notification

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tiktok_shop_async.webhooks.inbox import DeadLetter
    from tiktok_shop_async.webhooks.receiver import Apps

__all__ = ["Listener", "main"]

_MOST_BYTES = 1_000_000
_SECONDS = 2.0


class Listener:
    """An ASGI application that says what arrives, keeps nothing of it, and answers as a receiver does.

    Args:
        apps: The secrets of the apps, by app key.
        say: Gets what is to be printed, a line or more at a time.
    """

    def __init__(self, apps: Apps, say: Callable[[str], object] = print) -> None:
        self._apps = apps
        self._say = say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            raise RuntimeError(f"it answers HTTP requests, and no {scope['type']!r}")
        time = f"{datetime.now(UTC):%H:%M:%S}"
        try:
            body = await read_notification(scope, receive, self._apps, _MOST_BYTES, _SECONDS)
        except Refused as refused:
            self._say(f"{time} refused with HTTP {refused.status}: {refused.reason}")
            await answer(send, refused.status, *refused.headers)
            return
        if body is None:
            self._say(f"{time} the sender has gone before its end")
            return
        event = parse(body)
        about = object_of(event)
        self._say(
            f"{time} signature good: {type(event).__name__} (type {event.type}), shop {event.shop_id or '-'},"
            f" {f'{about.kind} {about.id}' if about else 'no object'}, key {key_of(event)}\n{_indented(body)}"
        )
        await answer(send, 200)


def _indented(body: bytes) -> str:
    text = body.decode(errors="replace")
    with suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return "\n".join(f"    {line}" for line in text.splitlines())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status says whether it did what it was told."""
    options = _parser().parse_args(arguments)
    try:
        done: int = options.run(options)
    except TikTokShopError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return done


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tiktok_shop_async.webhooks",
        description="Look at webhooks that arrive, and at those that could not be handled.",
        epilog="With a RedisInbox: inbox.dead_letters() and inbox.replay(key).",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listen = _command(commands, "listen", _listen, "print each notification, and whether its signature is good")
    listen.epilog = "The app's secret is read from TIKTOK_SHOP_APP_SECRET. Nothing of what arrives is kept."
    listen.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    listen.add_argument("--port", type=int, default=8645, help="port to listen on (default: %(default)s)")
    listen.add_argument(
        "--app-key",
        default=os.environ.get("TIKTOK_SHOP_APP_KEY"),
        help="the app that notifications are signed for (default: TIKTOK_SHOP_APP_KEY)",
    )
    dead = _command(commands, "dead", _dead, "list the dead letters of an SQLite inbox, without what they hold")
    dead.add_argument("file", metavar="FILE", help="the inbox")
    replay = _command(commands, "replay", _replay, "have events of an SQLite inbox handled again")
    replay.epilog = "Who handles them is the next worker of the inbox, which may be running."
    replay.add_argument("file", metavar="FILE", help="the inbox")
    replay.add_argument("keys", nargs="+", metavar="KEY", help="of an event that has ended: dead, or handled")
    return parser


def _command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], does: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=does, description=f"{does.capitalize()}.")
    parser.set_defaults(run=run)
    return parser


def _listen(options: argparse.Namespace) -> int:
    # Not an option: what is typed is in the list of processes and in the shell's history.
    app_secret = os.environ.get("TIKTOK_SHOP_APP_SECRET", "")
    if not options.app_key or not app_secret:
        print("set TIKTOK_SHOP_APP_KEY and TIKTOK_SHOP_APP_SECRET", file=sys.stderr)  # noqa: T201
        return 2
    try:
        import uvicorn
    except ImportError:
        print("listening needs uvicorn: pip install 'tiktok-shop-async[sandbox]'", file=sys.stderr)  # noqa: T201
        return 2
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    try:
        listening = socket.create_server((options.host, options.port), family=family)
    except (OSError, OverflowError) as error:
        print(f"cannot listen on {options.host}:{options.port}: {error}", file=sys.stderr)  # noqa: T201
        return 1
    with listening:
        port = listening.getsockname()[1]
        print(f"listening on http://{options.host}:{port} for app {options.app_key}; Ctrl-C ends it", flush=True)  # noqa: T201
        listener: Any = Listener({options.app_key: app_secret}, lambda text: print(text, flush=True))  # noqa: T201
        with suppress(KeyboardInterrupt):
            uvicorn.Server(uvicorn.Config(listener, lifespan="off", log_level="warning")).run(sockets=[listening])
    return 0


def _dead(options: argparse.Namespace) -> int:
    async def list_them() -> list[DeadLetter]:
        inbox = _open(options.file)
        letters = await inbox.dead_letters(1000)
        await inbox.aclose()
        return letters

    letters = anyio.run(list_them)
    for each in letters:
        died = f"{datetime.fromtimestamp(each.died_at, UTC):%Y-%m-%d %H:%M:%S}"
        attempts = f"{each.attempts} attempt{'s' * (each.attempts != 1)}"
        print(f"{each.key}  type {each.type}  shop {each.shop_id or '-'}  {died}  {attempts}  {each.error}")  # noqa: T201
    if not letters:
        print("no dead letters", file=sys.stderr)  # noqa: T201
    return 0


def _replay(options: argparse.Namespace) -> int:
    async def replay_them() -> int:
        inbox = _open(options.file)
        failures = 0
        for key in options.keys:
            if await inbox.replay(key):
                print(f"{key}: waits to be handled")  # noqa: T201
            else:
                print(f"{key}: no event of this key has ended", file=sys.stderr)  # noqa: T201
                failures = 1
        await inbox.aclose()
        return failures

    return anyio.run(replay_them)


def _open(file: str) -> SQLiteInbox:
    """An inbox that is there: to make an empty one is not what anyone wants who looks for dead letters."""
    if not Path(file).exists():
        raise InboxError(f"there is no file {file}")
    return SQLiteInbox(file)


if __name__ == "__main__":
    sys.exit(main())
