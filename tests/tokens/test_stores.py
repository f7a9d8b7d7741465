"""What every store does alike."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import anyio
import pytest
from redis.asyncio import Redis

from tests.redis_server import RedisServer, needs_redis
from tests.tokens.accounts import ACCOUNT, make_tokens
from tiktok_shop_async.tokens import (
    Encryption,
    MemoryTokenStore,
    RedisTokenStore,
    Refusal,
    SQLiteTokenStore,
    StoredTokens,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tiktok_shop_async.tokens import TokenStore

pytestmark = pytest.mark.anyio

KEY = Encryption.generate_key()
REFUSAL = Refusal("refresh_token is invalid", 36004007, "r1")


@pytest.fixture(
    params=[
        ("asyncio", "memory"),
        ("trio", "memory"),
        ("asyncio", "sqlite"),
        ("trio", "sqlite"),
        ("trio", "sqlite, encrypted"),
        pytest.param(("asyncio", "redis"), marks=needs_redis),
        pytest.param(("asyncio", "redis, encrypted"), marks=needs_redis),
        pytest.param(("asyncio", "redis, decoding"), marks=needs_redis),
    ],
    ids=" ".join,
)
def kind(request: pytest.FixtureRequest) -> tuple[str, str]:
    kind: tuple[str, str] = request.param
    return kind


@pytest.fixture
def anyio_backend(kind: tuple[str, str]) -> str:
    return kind[0]


@pytest.fixture
async def store(kind: tuple[str, str], tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[TokenStore]:
    name = kind[1]
    encryption = Encryption(KEY) if "encrypted" in name else None
    if name == "memory":
        yield MemoryTokenStore()
    elif "sqlite" in name:
        yield SQLiteTokenStore(tmp_path / "tokens.db", encryption=encryption)
    else:
        server: RedisServer = request.getfixturevalue("redis_server")
        async with Redis.from_url(server.url, decode_responses="decoding" in name) as redis:
            yield RedisTokenStore(redis, prefix=uuid4().hex, encryption=encryption)


async def test_what_is_put_can_be_got(store: TokenStore) -> None:
    assert await store.get(ACCOUNT) is None
    version = await store.put(ACCOUNT, make_tokens())
    assert version is not None
    assert await store.get(ACCOUNT) == StoredTokens(make_tokens(), version)


async def test_accounts_are_listed_and_kept_apart(store: TokenStore) -> None:
    await store.put("b", make_tokens(2))
    await store.put("a", make_tokens(1))
    await store.put("b", make_tokens(3))
    assert await store.accounts() == ["a", "b"]
    stored = await store.get("a")
    assert stored is not None
    assert stored.tokens == make_tokens(1)


async def test_a_deleted_account_is_gone(store: TokenStore) -> None:
    await store.put(ACCOUNT, make_tokens())
    await store.delete(ACCOUNT)
    await store.delete("never there")
    assert await store.get(ACCOUNT) is None
    assert await store.accounts() == []
    assert await store.lease(ACCOUNT, "me", 10) is None
    await store.put(ACCOUNT, make_tokens(2))
    assert await store.accounts() == [ACCOUNT]


async def test_one_owner_at_a_time_has_the_lease(store: TokenStore) -> None:
    await store.put(ACCOUNT, make_tokens())
    first = await store.lease(ACCOUNT, "first", 10)
    assert first is not None
    assert await store.lease(ACCOUNT, "second", 10) is None
    await store.release(first)
    second = await store.lease(ACCOUNT, "second", 10)
    assert second is not None
    assert second.fence > first.fence


async def test_no_lease_without_tokens(store: TokenStore) -> None:
    assert await store.lease(ACCOUNT, "me", 10) is None


async def test_a_lease_ends_by_itself(store: TokenStore) -> None:
    await store.put(ACCOUNT, make_tokens())
    first = await store.lease(ACCOUNT, "first", 0.02)
    await anyio.sleep(0.04)
    second = await store.lease(ACCOUNT, "second", 10)
    assert first is not None
    assert second is not None
    await store.release(first)  # too late: it is another one's
    assert await store.lease(ACCOUNT, "third", 10) is None


async def test_tokens_under_a_lease_take_the_place_of_those_before(store: TokenStore) -> None:
    await store.put(ACCOUNT, make_tokens(1))
    lease = await store.lease(ACCOUNT, "me", 10)
    assert lease is not None
    version = await store.put(ACCOUNT, make_tokens(2), lease)
    assert version == lease.fence
    assert await store.get(ACCOUNT) == StoredTokens(make_tokens(2), lease.fence)


async def test_an_owner_that_slept_cannot_overwrite_what_its_successor_stored(store: TokenStore) -> None:
    await store.put(ACCOUNT, make_tokens(1))
    slept = await store.lease(ACCOUNT, "slept", 0.01)
    await anyio.sleep(0.03)
    successor = await store.lease(ACCOUNT, "successor", 10)
    assert slept is not None
    assert successor is not None
    await store.put(ACCOUNT, make_tokens(3), successor)
    assert await store.put(ACCOUNT, make_tokens(2), slept) is None
    assert await store.get(ACCOUNT) == StoredTokens(make_tokens(3), successor.fence)


async def test_tokens_of_an_owner_that_slept_are_not_lost_if_its_successor_got_none(store: TokenStore) -> None:
    """The successor was refused because the sleeper had used the refresh token: the sleeper's are the good ones."""
    await store.put(ACCOUNT, make_tokens(1))
    slept = await store.lease(ACCOUNT, "slept", 0.01)
    await anyio.sleep(0.03)
    successor = await store.lease(ACCOUNT, "successor", 10)
    assert slept is not None
    assert successor is not None
    await store.refuse(ACCOUNT, REFUSAL, 1)
    assert await store.put(ACCOUNT, make_tokens(2), slept) == slept.fence
    assert await store.get(ACCOUNT) == StoredTokens(make_tokens(2), slept.fence)


async def test_a_refusal_never_lands_on_tokens_that_were_stored_since(store: TokenStore) -> None:
    """A process asked with the old refresh token, after another one had used it: the new tokens are good."""
    await store.put(ACCOUNT, make_tokens(1))
    lease = await store.lease(ACCOUNT, "me", 10)
    version = await store.put(ACCOUNT, make_tokens(2), lease)
    await store.refuse(ACCOUNT, REFUSAL, 1)
    assert await store.get(ACCOUNT) == StoredTokens(make_tokens(2), version or 0)


async def test_a_new_consent_counts_whatever_is_under_way(store: TokenStore) -> None:
    await store.put(ACCOUNT, make_tokens(1))
    lease = await store.lease(ACCOUNT, "me", 10)
    version = await store.put(ACCOUNT, make_tokens(9))
    assert lease is not None
    assert await store.put(ACCOUNT, make_tokens(2), lease) is None
    assert await store.get(ACCOUNT) == StoredTokens(make_tokens(9), version or 0)
    assert await store.lease(ACCOUNT, "another", 10) is not None


async def test_a_deleted_account_does_not_come_back_by_an_old_lease(store: TokenStore) -> None:
    await store.put(ACCOUNT, make_tokens(1))
    lease = await store.lease(ACCOUNT, "me", 10)
    await store.delete(ACCOUNT)
    assert await store.put(ACCOUNT, make_tokens(2), lease) is None
    assert await store.get(ACCOUNT) is None


async def test_a_refusal_is_remembered_until_there_are_new_tokens(store: TokenStore) -> None:
    await store.put(ACCOUNT, make_tokens(1))
    await store.refuse(ACCOUNT, REFUSAL, 1)
    stored = await store.get(ACCOUNT)
    assert stored is not None
    assert stored.refusal == REFUSAL
    assert stored.tokens == make_tokens(1)
    await store.put(ACCOUNT, make_tokens(2))
    stored = await store.get(ACCOUNT)
    assert stored is not None
    assert stored.refusal is None


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_one_of_many_processes_gets_the_lease_of_a_file(tmp_path: Path, anyio_backend: str) -> None:
    """Each store stands for a process: whoever waits for the file's lock must not take the winner's lease for odd."""
    path = tmp_path / "tokens.db"
    for round_number in range(12):
        account = f"account {round_number}"
        await SQLiteTokenStore(path).put(account, make_tokens(1))
        winners: list[object] = []

        async def take(account: str, winners: list[object]) -> None:
            lease = await SQLiteTokenStore(path).lease(account, str(uuid4()), 10)
            if lease is not None:
                winners.append(lease)

        async with anyio.create_task_group() as tasks:
            for _ in range(8):
                tasks.start_soon(take, account, winners)
        assert len(winners) == 1


async def test_one_of_many_tasks_gets_the_lease(store: TokenStore) -> None:
    await store.put(ACCOUNT, make_tokens())
    leases: list[object] = []

    async def try_once(number: int) -> None:
        leases.append(await store.lease(ACCOUNT, f"task {number}", 10))

    async with anyio.create_task_group() as tasks:
        for number in range(50):
            tasks.start_soon(try_once, number)
    assert len(leases) == 50
    assert len([each for each in leases if each is not None]) == 1
