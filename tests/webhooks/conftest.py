from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.redis_server import needs_redis, running_redis
from tests.webhooks.places import Place, RedisPlace, SQLitePlace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.redis_server import RedisServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Redis on trio is no case: redis-py runs on asyncio alone."""
    items[:] = [each for each in items if not _is_redis_on_trio(each)]


def _is_redis_on_trio(item: pytest.Item) -> bool:
    drawn = getattr(item, "callspec", None)
    return drawn is not None and drawn.params.get("place") == "redis" and drawn.params.get("anyio_backend") == "trio"


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("redis", marks=needs_redis)])
async def place(request: pytest.FixtureRequest, anyio_backend: str, tmp_path: Path) -> AsyncIterator[Place]:
    """Somewhere to keep events, of each kind."""
    place: Place
    if request.param == "sqlite":
        place = SQLitePlace(tmp_path / "inbox.db")
    else:
        place = RedisPlace(request.getfixturevalue("redis_server").url)
    yield place
    await place.aclose()


@pytest.fixture
async def redis_place(redis_server: RedisServer, anyio_backend: str) -> AsyncIterator[RedisPlace]:
    place = RedisPlace(redis_server.url)
    yield place
    await place.aclose()
