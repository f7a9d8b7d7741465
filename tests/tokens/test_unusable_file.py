"""Calls over an SQLite file that cannot be used: those with a token that is still valid go on, and nothing is lost."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import time as real_time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.runtime.conftest import APP_KEY, APP_SECRET
from tests.runtime.depot import Depot
from tests.runtime.wire import START
from tests.tokens.accounts import WEEK
from tests.tokens.market import Market, Seller
from tests.tokens.oauth_server import OAuthServer
from tests.tokens.processes import LONG_AGO, Shared, put_tokens, run
from tiktok_shop_async import TikTokShop, TokenStoreError
from tiktok_shop_async.tokens import SQLiteTokenStore, Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.runtime.wire import Time

REFRESH = "/api/v2/token/refresh"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program writes, and does not come to an end."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def corrupt(path: Path) -> Iterator[None]:
    """Something else stands where the database was, and is left alone until that is put back."""
    content, damage = path.read_bytes(), b"no database at all" * 100
    path.write_bytes(damage)
    yield
    assert path.read_bytes() == damage
    path.write_bytes(content)


@contextmanager
def full(path: Path) -> Iterator[None]:
    """Nothing can be added to any file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("trouble", "reason"),
    [(locked, "database is locked"), (corrupt, "file is not a database"), (full, "disk")],
)
async def test_calls_go_on_until_the_token_ends_and_again_when_the_file_is_back(
    trouble: Callable[[Path], AbstractContextManager[None]], reason: str, tmp_path: Path, time: Time
) -> None:
    ann = Seller("ann", {"71": "ROW_71"})
    market = Market(ann)
    path = tmp_path / "tokens.db"
    store = SQLiteTokenStore(path, clock=time.clock())
    given = Tokens.from_answer(ann.data(), obtained_at=int(START))
    await store.put("ann", given)
    async with TikTokShop(
        APP_KEY, APP_SECRET, token_store=store, transport=market, clock=time.clock(), auth_url="https://auth.test"
    ) as client:
        shop = Depot((await client.shop("71"))._call)
        with trouble(path):
            time.unix = START + WEEK - 600  # it would be renewed by now
            await shop.get_crate(crate_id="1")
            time.unix = START + WEEK + 1
            with pytest.raises(TokenStoreError, match=rf"token store tokens\.db cannot be used: .*{reason}"):
                await shop.get_crate(crate_id="1")
        kept = await store.get("ann")
        assert kept is not None
        assert kept.tokens == given
        assert market.times(REFRESH) == 0
        time.unix += 60
        await shop.get_crate(crate_id="1")
    assert market.used == [("access-ann-1", "ROW_71"), ("access-ann-2", "ROW_71")]


# A file that may not be written


@pytest.fixture
def as_a_user() -> list[str]:
    """A command that starts another one as someone whom permissions bind."""
    if os.geteuid() != 0:
        return []
    if (setpriv := shutil.which("setpriv")) is None:
        pytest.skip("permissions do not bind root, and setpriv is not installed")
    # Root without its powers over files, since another user might not reach the interpreter.
    return [setpriv, "--bounding-set=-dac_override,-dac_read_search"]


@pytest.fixture
def server() -> Iterator[OAuthServer]:
    with OAuthServer() as running:
        yield running


@contextmanager
def allowed(path: Path, of_file: int, of_folder: int) -> Iterator[None]:
    """Permissions, for a while. Nothing is changed, neither in the file nor in its folder."""
    content, names = path.read_bytes(), os.listdir(path.parent)  # noqa: PTH208
    path.chmod(of_file)
    path.parent.chmod(of_folder)
    try:
        yield
        assert (path.read_bytes(), os.listdir(path.parent)) == (content, names)  # noqa: PTH208
    finally:
        path.parent.chmod(0o700)
        path.chmod(0o600)


@pytest.mark.parametrize(
    ("of_file", "of_folder"),
    [(0o444, 0o555), (0o400, 0o700), (0o600, 0o500)],
    ids=["neither file nor folder", "the folder alone", "the file alone"],
)
def test_a_process_that_may_not_write_goes_on_with_a_valid_token(
    tmp_path: Path, server: OAuthServer, as_a_user: list[str], of_file: int, of_folder: int
) -> None:
    folder = tmp_path / "a folder?of #1"
    folder.mkdir()
    path = folder / "tokens.db"
    shared = Shared(str(path))

    def outcomes() -> tuple[dict[str, int], list[str]]:
        came = run(shared, server, under=as_a_user, processes=2, tasks=5)
        return came["outcomes"], came["texts"]

    put_tokens(shared, server, ends=int(real_time.time()) + 600)  # due for renewal
    with allowed(path, of_file, of_folder):
        assert outcomes() == ({"done": 10}, [])
    put_tokens(shared, server, ends=LONG_AGO)
    with allowed(path, of_file, of_folder):
        reason = "attempt to write a readonly database"
        assert outcomes() == ({"TokenStoreError": 10}, [f"the token store tokens.db cannot be used: {reason}"])
    assert server.refreshes == 0
    assert outcomes() == ({"done": 10}, [])
    assert server.refreshes == 1
