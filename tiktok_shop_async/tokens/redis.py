"""Tokens in Redis, for any number of processes on any number of machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio

from tiktok_shop_async.errors import TokenStoreError
from tiktok_shop_async.loops import on_asyncio
from tiktok_shop_async.tokens.store import (
    LONGEST_LEASE,
    Lease,
    Packed,
    Refusal,
    StoredTokens,
    pack,
    pack_refusal,
    unpack,
    unpack_refusal,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from redis.asyncio import Redis

    from tiktok_shop_async.tokens.encryption import Encryption
    from tiktok_shop_async.tokens.tokens import Tokens

__all__ = ["RedisTokenStore"]

# KEYS: the account's hash, its lease.
_PUT_NEW = """
local version = redis.call('hincrby', KEYS[1], 'fence', 1)
redis.call('hset', KEYS[1], 'tokens', ARGV[1], 'version', version)
redis.call('hdel', KEYS[1], 'refusal')
redis.call('del', KEYS[2])
return version
"""
_PUT_RENEWED = """
local version = redis.call('hget', KEYS[1], 'version')
if not version or tonumber(version) >= tonumber(ARGV[2]) then return false end
redis.call('hset', KEYS[1], 'tokens', ARGV[1], 'version', ARGV[2])
redis.call('hdel', KEYS[1], 'refusal')
return tonumber(ARGV[2])
"""
_REFUSE = """
if redis.call('hget', KEYS[1], 'version') ~= ARGV[2] then return false end
return redis.call('hset', KEYS[1], 'refusal', ARGV[1])
"""
# The hash stays for its fence: an older lease must not bring the tokens back.
_DELETE = """
redis.call('hdel', KEYS[1], 'tokens', 'version', 'refusal')
return redis.call('del', KEYS[2])
"""
_LEASE = """
if redis.call('hexists', KEYS[1], 'tokens') == 0 then return false end
local owner = redis.call('get', KEYS[2])
if owner and owner ~= ARGV[1] then return false end
redis.call('set', KEYS[2], ARGV[1], 'PX', ARGV[2])
return redis.call('hincrby', KEYS[1], 'fence', 1)
"""
_RELEASE = """
if redis.call('get', KEYS[2]) ~= ARGV[1] then return false end
return redis.call('del', KEYS[2])
"""


@dataclass(frozen=True, slots=True)
class _Failed:
    reason: str


class RedisTokenStore:
    """Keeps tokens in Redis (extra `redis`), shared by all machines that reach it. asyncio only, as redis-py is.

        store = RedisTokenStore(redis.asyncio.Redis.from_url("redis://localhost"))

    Tokens are kept without an end: a server that evicts keys when it is full (`maxmemory-policy` other than
    `noeviction`), or that is not saved to disk, loses authorisations.

    Args:
        redis: A client of redis-py, which belongs to one event loop. Not closed here.
        prefix: Of all keys, so that one server can hold the tokens of several apps.
        encryption: Seals the tokens. Without, they stand there in clear.
        patience: Seconds to wait for the server's answer.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        prefix: str = "tiktok-shop",
        encryption: Encryption | None = None,
        patience: float = 3.0,
    ) -> None:
        self._redis: Any = redis
        self._prefix = prefix
        self._encryption = encryption
        self._patience = patience

    async def get(self, account: str) -> StoredTokens | None:
        """The tokens of an account, or None if there are none."""
        key, _ = self._keys(account)
        fields = await self._ask(lambda: self._redis.hmget(key, "tokens", "version", "refusal"))
        tokens, version, refusal = fields = [_packed(each) for each in fields]
        if tokens is None or version is None:
            return None
        return StoredTokens(
            unpack(account, tokens, self._encryption),
            int(version),
            None if refusal is None else unpack_refusal(account, refusal),
        )

    async def accounts(self) -> list[str]:
        """The accounts that there are tokens of, sorted."""
        members = await self._ask(lambda: self._redis.smembers(self._index))
        return sorted(each if isinstance(each, str) else each.decode() for each in members)

    async def put(self, account: str, tokens: Tokens, lease: Lease | None = None) -> int | None:
        """Store the tokens of an account; see `TokenStore.put`."""
        content = pack(tokens, self._encryption)
        if lease is not None:
            return await self._script(_PUT_RENEWED, account, content, lease.fence)
        # Listed first: an account that is listed without tokens does less harm than the other way round.
        await self._ask(lambda: self._redis.sadd(self._index, account))
        return await self._script(_PUT_NEW, account, content)

    async def refuse(self, account: str, refusal: Refusal, version: int) -> None:
        """Remember that the refresh token is refused; see `TokenStore.refuse`."""
        await self._script(_REFUSE, account, pack_refusal(refusal), version)

    async def delete(self, account: str) -> None:
        """Forget the tokens of an account."""
        await self._script(_DELETE, account)
        await self._ask(lambda: self._redis.srem(self._index, account))

    async def lease(self, account: str, owner: str, seconds: float) -> Lease | None:
        """Take the right to renew the tokens of an account; see `TokenStore.lease`."""
        milliseconds = max(1, int(min(seconds, LONGEST_LEASE) * 1000))
        fence = await self._script(_LEASE, account, owner, milliseconds)
        return None if fence is None else Lease(account, owner, fence)

    async def release(self, lease: Lease) -> None:
        """Give a lease back before its end."""
        await self._script(_RELEASE, lease.account, lease.owner)

    @property
    def _index(self) -> str:
        return f"{self._prefix}:accounts"

    def _keys(self, account: str) -> tuple[str, str]:
        # The braces keep both in one slot of a cluster, so that a script may touch them together.
        return f"{self._prefix}:{{{account}}}:tokens", f"{self._prefix}:{{{account}}}:lease"

    async def _script(self, script: str, account: str, *values: object) -> int | None:
        answer = await self._ask(lambda: self._redis.eval(script, 2, *self._keys(account), *values))
        return None if answer is None else int(answer)

    async def _ask(self, question: Callable[[], Awaitable[Any]]) -> Any:
        outcome = await self._attempt(question)
        if isinstance(outcome, _Failed):
            raise TokenStoreError(f"the token store in Redis cannot be used: {outcome.reason}")
        return outcome

    async def _attempt(self, question: Callable[[], Awaitable[Any]]) -> Any:
        """An error is returned and not raised: its traceback would hold tokens, and the password of the server."""
        from redis.exceptions import RedisError

        if not on_asyncio():
            return _Failed("redis-py runs on asyncio only; on trio, keep the tokens in SQLite")
        try:
            with anyio.fail_after(self._patience):
                return await question()
        except (RedisError, OSError, RuntimeError) as error:
            # TimeoutError is an OSError; a RuntimeError comes of a connection whose event loop has ended.
            return _Failed(str(error) or f"no answer within {self._patience:g} s")


def _packed(value: bytes | str | None) -> Packed | None:
    """What was stored, also where the client was told to decode answers."""
    return None if value is None else Packed(value.encode() if isinstance(value, str) else value)
