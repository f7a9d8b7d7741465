from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.redis_server import running_redis
from tests.runtime.wire import Time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.redis_server import RedisServer


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server
