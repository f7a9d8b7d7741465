"""Many processes with many tasks each, and one account whose token has expired: one refresh, whoever dies on the way.

Real processes, a real server on a socket, a real SQLite file, a real Redis. Where they race, the refresh is answered
only after every task of every process has begun. The short form runs each case once, a refresh takes 0.3 seconds, and
who is killed has a lease of 2; `make soak` runs each as often as `TIKTOK_SHOP_TOKEN_ROUNDS` says, with leases of their
full length and a refresh that takes 4 seconds.
"""

from __future__ import annotations

import os
import time
from signal import SIGKILL
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.redis_server import needs_redis
from tests.tokens.oauth_server import OAuthServer
from tests.tokens.processes import LONG_AGO, PROCESSES, TASKS, Shared, put_tokens, run
from tiktok_shop_async.tokens import Tokens
from tiktok_shop_async.tokens.store import LONGEST_LEASE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.redis_server import RedisServer

ROUNDS = range(int(os.environ.get("TIKTOK_SHOP_TOKEN_ROUNDS", "1")))
LEASE_OF_THE_KILLED = LONGEST_LEASE if len(ROUNDS) > 1 else 2.0
REFRESH_SECONDS = 4.0 if len(ROUNDS) > 1 else 0.3
ALL_DONE = {"done": PROCESSES * TASKS}


@pytest.fixture
def rotating() -> Iterator[OAuthServer]:
    """A server that refuses a refresh token that was used before."""
    with OAuthServer(rotating=True, refresh_seconds=REFRESH_SECONDS) as running:
        yield running


@pytest.fixture
def keeping() -> Iterator[OAuthServer]:
    """A server that goes on with the same refresh token."""
    with OAuthServer(rotating=False, refresh_seconds=REFRESH_SECONDS) as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("redis", marks=needs_redis)])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Shared:
    if request.param == "sqlite":
        return Shared(str(tmp_path / "tokens.db"))
    running: RedisServer = request.getfixturevalue("redis_server")
    return Shared(running.url)


def outcomes(shared: Shared, server: OAuthServer) -> dict[str, int]:
    """What becomes of all tasks of all processes, none of which fails."""
    came = run(shared, server)
    assert came["exit_codes"] == [0] * PROCESSES
    counted: dict[str, int] = came["outcomes"]
    return counted


def outcomes_of_a_race(shared: Shared, server: OAuthServer) -> dict[str, int]:
    """The same, and every task of every process had begun by the time that the refresh was answered."""
    server.awaited = PROCESSES
    counted = outcomes(shared, server)
    assert server.begun_before_answer == PROCESSES
    return counted


def kill(shared: Shared, server: OAuthServer, moment: str) -> None:
    """A process that is killed while it renews."""
    came = run(shared, server, processes=1, tasks=1, lease=LEASE_OF_THE_KILLED, die=moment)
    assert came["exit_codes"] == [-SIGKILL]


@pytest.mark.parametrize("round_", ROUNDS)
def test_an_expired_token_is_renewed_once_and_every_task_goes_on(
    shared: Shared, rotating: OAuthServer, round_: int
) -> None:
    put_tokens(shared, rotating, ends=LONG_AGO)
    assert outcomes_of_a_race(shared, rotating) == ALL_DONE
    assert (rotating.refreshes, rotating.refused) == (1, 0)


@pytest.mark.parametrize("round_", ROUNDS)
def test_a_server_that_keeps_its_refresh_token_is_asked_once_too(
    shared: Shared, keeping: OAuthServer, round_: int
) -> None:
    put_tokens(shared, keeping, ends=LONG_AGO)
    assert outcomes_of_a_race(shared, keeping) == ALL_DONE
    assert (keeping.refreshes, keeping.refused) == (1, 0)


@pytest.mark.parametrize("round_", ROUNDS)
def test_a_token_that_the_api_refuses_is_renewed_once_and_every_task_goes_on(
    shared: Shared, rotating: OAuthServer, round_: int
) -> None:
    """The stored end lies in the future: only the API's 105002 says that the token is over."""
    put_tokens(shared, rotating)
    rotating.generation += 1
    rotating.tokens = revoked(rotating)  # type: ignore[method-assign]
    assert outcomes_of_a_race(shared, rotating) == ALL_DONE
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
    put_tokens(shared, rotating, ends=LONG_AGO)
    kill(shared, rotating, moment)
    began = time.monotonic()
    assert outcomes(shared, rotating) == ALL_DONE
    assert time.monotonic() - began < LEASE_OF_THE_KILLED + REFRESH_SECONDS + 10  # the processes' start included
    assert (rotating.refreshes, rotating.refused) == (1, 0)


@pytest.mark.parametrize("round_", ROUNDS)
def test_killed_between_the_answer_and_the_write_ends_in_the_error_that_says_to_authorise_again(
    shared: Shared, rotating: OAuthServer, round_: int
) -> None:
    put_tokens(shared, rotating, ends=LONG_AGO)
    kill(shared, rotating, "before the write")
    assert rotating.refreshes == 1
    began = time.monotonic()
    assert outcomes(shared, rotating) == {"ReauthorizationRequiredError": PROCESSES * TASKS}
    assert time.monotonic() - began < LEASE_OF_THE_KILLED + REFRESH_SECONDS + 10
    assert rotating.refused == 1  # asked once, by one of all tasks and processes
    stored = anyio.run(shared.get)
    assert stored.refusal is not None
    assert stored.tokens.refresh_token == "refresh-1"

    anyio.run(shared.put, Tokens.from_answer(rotating.tokens(rotating.generation)))
    assert outcomes(shared, rotating) == ALL_DONE
