"""Many processes with many tasks each, and one account whose token has expired: one refresh, whoever dies on the way.

Real processes, a real server on a socket, a real SQLite file, a real Redis. The short form runs each case once, and who
is killed has a lease of 2 seconds; `make soak` runs each as often as `TIKTOK_SHOP_TOKEN_ROUNDS` says, with leases as
long as they are.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import anyio
import pytest
from redis.asyncio import Redis

from tests.redis_server import needs_redis
from tests.tokens.accounts import ACCOUNT
from tests.tokens.oauth_server import OAuthServer
from tiktok_shop_async.tokens import RedisTokenStore, SQLiteTokenStore, StoredTokens, Tokens
from tiktok_shop_async.tokens.store import LONGEST_LEASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.redis_server import RedisServer

ROOT = Path(__file__).parents[2]
ROUNDS = range(int(os.environ.get("TIKTOK_SHOP_TOKEN_ROUNDS", "1")))
LEASE_OF_THE_KILLED = LONGEST_LEASE if len(ROUNDS) > 1 else 2.0
PROCESSES, TASKS = 8, 50


@pytest.fixture
def rotating() -> Iterator[OAuthServer]:
    """A server that refuses a refresh token that was used before."""
    with OAuthServer(rotating=True) as running:
        yield running


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


@pytest.fixture(params=["sqlite", pytest.param("redis", marks=needs_redis)])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Shared:
    if request.param == "sqlite":
        return Shared(str(tmp_path / "tokens.db"))
    running: RedisServer = request.getfixturevalue("redis_server")
    return Shared(running.url)


def start(shared: Shared, server: OAuthServer, **settings: Any) -> subprocess.Popen[str]:
    given = {**shared.settings, "url": server.url, "tasks": TASKS, "lease": LONGEST_LEASE, **settings}
    command = [sys.executable, "-m", "tests.tokens.worker", json.dumps(given)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603


def outcomes(processes: list[subprocess.Popen[str]]) -> Counter[str]:
    """What became of all tasks of all processes."""
    counted: Counter[str] = Counter()
    for process in processes:
        printed, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        counted.update(json.loads(printed))
    return counted


def put_tokens(shared: Shared, server: OAuthServer, *, expired: bool) -> None:
    data = server.tokens(server.generation)
    if expired:
        data["access_token_expire_in"] = 1_000_000_000
    anyio.run(shared.put, Tokens.from_answer(data))


@pytest.mark.parametrize("round_", ROUNDS)
def test_an_expired_token_is_renewed_once_and_every_task_goes_on(
    shared: Shared, rotating: OAuthServer, round_: int
) -> None:
    put_tokens(shared, rotating, expired=True)
    counted = outcomes([start(shared, rotating) for _ in range(PROCESSES)])
    assert counted == {"done": PROCESSES * TASKS}
    assert (rotating.refreshes, rotating.refused) == (1, 0)


@pytest.mark.parametrize("round_", ROUNDS)
def test_a_server_that_keeps_its_refresh_token_is_asked_once_too(tmp_path: Path, round_: int) -> None:
    shared = Shared(str(tmp_path / "tokens.db"))
    with OAuthServer(rotating=False) as server:
        put_tokens(shared, server, expired=True)
        assert outcomes([start(shared, server) for _ in range(3)]) == {"done": 3 * TASKS}
    assert server.refreshes == 1


@pytest.mark.parametrize("round_", ROUNDS)
def test_a_token_that_the_api_refuses_is_renewed_once_and_every_task_goes_on(
    shared: Shared, rotating: OAuthServer, round_: int
) -> None:
    """The stored end lies in the future: only the API's 105002 says that the token is over."""
    put_tokens(shared, rotating, expired=False)
    rotating.generation += 1
    rotating.tokens = revoked(rotating)  # type: ignore[method-assign]
    counted = outcomes([start(shared, rotating) for _ in range(3)])
    assert counted == {"done": 3 * TASKS}
    assert (rotating.refreshes, rotating.refused) == (1, 0)
    assert rotating.expired_calls > 0


def revoked(server: OAuthServer) -> Any:
    """The refresh token of the first generation still works, though its access token does not."""
    make = server.tokens

    def tokens(generation: int) -> dict[str, Any]:
        return make(generation) | ({"refresh_token": "refresh-1"} if generation == 2 else {})

    return tokens


@pytest.mark.parametrize("round_", ROUNDS)
@pytest.mark.parametrize("moment", ["before the request", "after the write"])
def test_a_process_that_is_killed_leaves_the_account_usable_within_a_lease(
    shared: Shared, rotating: OAuthServer, moment: str, round_: int
) -> None:
    put_tokens(shared, rotating, expired=True)
    victim = start(shared, rotating, die=moment, tasks=1, lease=LEASE_OF_THE_KILLED)
    victim.communicate(timeout=60)
    assert victim.returncode == -9
    began = time.monotonic()
    counted = outcomes([start(shared, rotating) for _ in range(2)])
    assert counted == {"done": 2 * TASKS}
    assert time.monotonic() - began < LEASE_OF_THE_KILLED + 10  # what it takes to start two processes included
    assert (rotating.refreshes, rotating.refused) == (1, 0)


@pytest.mark.parametrize("round_", ROUNDS)
def test_killed_between_the_answer_and_the_write_ends_in_the_error_that_says_to_authorise_again(
    shared: Shared, rotating: OAuthServer, round_: int
) -> None:
    put_tokens(shared, rotating, expired=True)
    victim = start(shared, rotating, die="before the write", tasks=1, lease=LEASE_OF_THE_KILLED)
    victim.communicate(timeout=60)
    assert victim.returncode == -9
    assert rotating.refreshes == 1
    began = time.monotonic()
    counted = outcomes([start(shared, rotating) for _ in range(2)])
    assert counted == {"ReauthorizationRequiredError": 2 * TASKS}
    assert time.monotonic() - began < LEASE_OF_THE_KILLED + 10
    assert rotating.refused == 1  # asked once, by one of all tasks and processes
    stored = anyio.run(shared.get)
    assert stored.refusal is not None
    assert stored.tokens.refresh_token == "refresh-1"

    anyio.run(shared.put, Tokens.from_answer(rotating.tokens(rotating.generation)))
    assert outcomes([start(shared, rotating)]) == {"done": TASKS}
