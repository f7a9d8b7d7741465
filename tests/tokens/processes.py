"""Processes of their own that share a store and call one server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import anyio
from redis.asyncio import Redis

from tests.tokens.accounts import ACCOUNT
from tiktok_shop_async.tokens import RedisTokenStore, SQLiteTokenStore, StoredTokens, Tokens
from tiktok_shop_async.tokens.store import LONGEST_LEASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.tokens.oauth_server import OAuthServer

ROOT = Path(__file__).parents[2]
PROCESSES, TASKS = 8, 50
LONG_AGO, FAR_AWAY = 1_000_000_000, 4_000_000_000


class Shared:
    """A store that all processes share, and how to reach it."""

    def __init__(self, where: str) -> None:
        self.settings = {"store": where, "prefix": uuid4().hex}

    async def put(self, tokens: Tokens) -> None:
        await self._ask("put", ACCOUNT, tokens)

    async def get(self) -> StoredTokens:
        stored: StoredTokens = await self._ask("get", ACCOUNT)
        return stored

    async def _ask(self, method: str, *args: object) -> Any:
        if not self.settings["store"].startswith("redis://"):
            return await getattr(SQLiteTokenStore(self.settings["store"]), method)(*args)
        async with Redis.from_url(self.settings["store"]) as redis:
            return await getattr(RedisTokenStore(redis, prefix=self.settings["prefix"]), method)(*args)


def put_tokens(shared: Shared, server: OAuthServer, *, ends: int = FAR_AWAY) -> None:
    """Store the tokens that the server has given out last.

    Args:
        shared: Where to.
        server: Whose.
        ends: When the access token is over, in seconds since 1970.
    """
    data = server.tokens(server.generation) | {"access_token_expire_in": ends}
    anyio.run(shared.put, Tokens.from_answer(data))


def run(shared: Shared, server: OAuthServer, *, under: Sequence[str] = (), **settings: Any) -> dict[str, Any]:
    """What comes of processes that run to their end.

    Args:
        shared: Their store.
        server: Whom they call.
        under: A command that starts them.
        settings: Other than the usual.
    """
    given = {**shared.settings, "url": server.url, "processes": PROCESSES, "tasks": TASKS, "lease": LONGEST_LEASE}
    command = [*under, sys.executable, "-m", "tests.tokens.worker", json.dumps(given | settings)]
    ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=120, check=True)  # noqa: S603
    came: dict[str, Any] = json.loads(ended.stdout)
    print(came)  # noqa: T201 - shown where a test fails
    return came
