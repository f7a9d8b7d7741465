from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.runtime.depot import Depot
from tests.runtime.wire import Time, Wire
from tiktok_shop_async import TikTokShop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tiktok_shop_async import RawAnswer

APP_KEY = "app-key-77"
APP_SECRET = "app-secret-77"
TOKEN = "access-token-77"
REFRESH_TOKEN = "refresh-token-77"
CIPHER = "ROW_shop-cipher-77"
ASSET_CIPHER = "asset-cipher-77"

SECRETS = (APP_SECRET, TOKEN, REFRESH_TOKEN, CIPHER, ASSET_CIPHER)


class MakeClient(Protocol):
    """Makes a client with full credentials over a wire, with time standing still."""

    def __call__(self, wire: Wire, **settings: Any) -> TikTokShop: ...


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def make_client(time: Time) -> MakeClient:
    def make(wire: Wire, **settings: Any) -> TikTokShop:
        given: dict[str, Any] = {
            "access_token": TOKEN,
            "refresh_token": REFRESH_TOKEN,
            "shop_cipher": CIPHER,
            "category_asset_cipher": ASSET_CIPHER,
            "transport": wire,
            "clock": time.clock(),
        }
        return TikTokShop(APP_KEY, APP_SECRET, **(given | settings))

    return make


class Setting:
    """A depot over a wire that answers from a script."""

    def __init__(self, wire: Wire, client: TikTokShop) -> None:
        self.wire = wire
        self.client = client
        self.depot = Depot(client._call)


class MakeDepot(Protocol):
    """Makes a depot over a wire with this script; keywords are settings of the client."""

    def __call__(
        self, *script: RawAnswer | Exception | Callable[[], Awaitable[RawAnswer]], **settings: Any
    ) -> Setting: ...


@pytest.fixture
def make_depot(make_client: MakeClient) -> MakeDepot:
    def make(*script: RawAnswer | Exception | Callable[[], Awaitable[RawAnswer]], **settings: Any) -> Setting:
        wire = Wire(*script)
        return Setting(wire, make_client(wire, **settings))

    return make
