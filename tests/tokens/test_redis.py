"""The Redis store when things go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import anyio
import pytest
from redis.asyncio import Redis

from tests.redis_server import needs_redis, running_redis
from tests.tokens.accounts import ACCOUNT, make_tokens
from tiktok_shop_async import TokenStoreError
from tiktok_shop_async.tokens import RedisTokenStore

if TYPE_CHECKING:
    from pathlib import Path

    from tests.redis_server import RedisServer

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("anyio_backend", ["trio"])
async def test_on_trio_it_says_that_it_runs_on_asyncio_only() -> None:
    with pytest.raises(TokenStoreError, match="asyncio only"):
        await RedisTokenStore(Redis()).get(ACCOUNT)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
class TestOnAsyncio:
    async def test_a_server_that_is_down_is_told_without_its_password(self) -> None:
        async with Redis.from_url("redis://:pa55word@127.0.0.1:1") as redis:
            with pytest.raises(TokenStoreError) as caught:
                await RedisTokenStore(redis, patience=0.5).put(ACCOUNT, make_tokens())
        assert "pa55word" not in str(caught.value)
        assert caught.value.__context__ is None

    async def test_a_server_that_does_not_answer_is_given_up(self) -> None:
        async def keep_silent(stream: anyio.abc.SocketStream) -> None:
            async with stream:
                await anyio.sleep(10)

        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        port = listener.listeners[0].extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610 - no Django
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, keep_silent)
            redis = Redis(port=port)
            with pytest.raises(TokenStoreError, match=r"no answer within 0\.2 s"):
                await RedisTokenStore(redis, patience=0.2).get(ACCOUNT)
            await redis.aclose()
            tasks.cancel_scope.cancel()
        await listener.aclose()

    @needs_redis
    async def test_a_full_server_is_told_and_what_was_stored_stays(self, tmp_path: Path) -> None:
        with running_redis(tmp_path) as server:
            async with Redis.from_url(server.url) as redis:
                store = RedisTokenStore(redis)
                await store.put(ACCOUNT, make_tokens(1))
                await redis.config_set("maxmemory", "1")
                with pytest.raises(TokenStoreError, match="maxmemory"):
                    await store.put(ACCOUNT, make_tokens(2))
                stored = await store.get(ACCOUNT)
        assert stored is not None
        assert stored.tokens == make_tokens(1)

    @needs_redis
    async def test_apps_with_prefixes_of_their_own_share_a_server(self, redis_server: RedisServer) -> None:
        async with Redis.from_url(redis_server.url) as redis:
            one, other = (RedisTokenStore(redis, prefix=uuid4().hex) for _ in range(2))
            await one.put(ACCOUNT, make_tokens())
            assert await other.get(ACCOUNT) is None
            assert await other.accounts() == []
