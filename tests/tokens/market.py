"""Accounts with shops, their tokens, and an API that checks both: a transport under a test's control."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import anyio.lowlevel

from tests.runtime.wire import START, answer
from tests.tokens.accounts import WEEK

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Mapping

    from tiktok_shop_async import RawAnswer


@dataclass
class Seller:
    """An account on the other side."""

    open_id: str
    shops: dict[str, str] = field(default_factory=dict[str, str])
    """Ciphers by shop id."""
    assets: dict[tuple[str, int, str], str] = field(default_factory=dict[tuple[str, int, str], str])
    """Ciphers of category assets by market, id and name of the category."""
    user_type: int | None = None
    generation: int = 1
    revoked: bool = False

    def data(self) -> dict[str, Any]:
        """The newest tokens, as the token endpoints answer them."""
        kind = {} if self.user_type is None else {"user_type": self.user_type}
        return kind | {
            "access_token": f"access-{self.open_id}-{self.generation}",
            "access_token_expire_in": int(START) + WEEK,
            "refresh_token": f"refresh-{self.open_id}-{self.generation}",
            "refresh_token_expire_in": 4_891_363_200,
            "open_id": self.open_id,
        }


class Market:
    """Answers calls by what is true of the sellers at that moment, and remembers them."""

    def __init__(self, *sellers: Seller) -> None:
        self.sellers = {each.open_id: each for each in sellers}
        self.asked: list[str] = []
        self.used: list[tuple[str, str]] = []
        """Token and cipher of every call to the depot."""

    def times(self, path: str) -> int:
        return len([each for each in self.asked if each.startswith(path)])

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterable[bytes]
    ) -> RawAnswer:
        if not isinstance(body, bytes):
            async for _ in body:
                pass
        await anyio.lowlevel.checkpoint()
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        self.asked.append(parts.path)
        if parts.path == "/api/v2/token/get":
            seller = self.sellers[query["auth_code"]]  # the code is the account's name
            seller.generation += 1
            seller.revoked = False
            return answer(seller.data())
        if parts.path == "/api/v2/token/refresh":
            return self._refresh(query["refresh_token"])
        token = headers["x-tts-access-token"]
        owner = next((each for each in self.sellers.values() if each.data()["access_token"] == token), None)
        if parts.path.startswith("/depot"):
            self.used.append((token, query.get("shop_cipher", "")))
        if owner is None:
            return answer(code=105002, message="expired", status=401)
        if parts.path == "/authorization/202309/shops":
            shops = [{"id": each, "cipher": cipher} for each, cipher in owner.shops.items()]
            return answer({"shops": shops})
        if parts.path == "/authorization/202405/category_assets":
            return answer({"category_assets": [_asset(*each, cipher) for each, cipher in owner.assets.items()]})
        if "category_asset_cipher" in query:
            self.used[-1] = (token, query["category_asset_cipher"])
            if query["category_asset_cipher"] not in owner.assets.values():
                return answer(code=36009004, message="invalid category_asset_cipher", status=400)
            return answer({})
        if any(query["shop_cipher"] in each.shops.values() for each in self.sellers.values() if each is not owner):
            return answer(code=101000, message="the token does not fit the shop", status=401)
        if query.get("shop_cipher", "") not in owner.shops.values():
            return answer(code=36009004, message="invalid shop_cipher", status=400)
        return answer({"id": "1", "name": json.dumps(query.get("shop_cipher"))})

    def _refresh(self, refresh_token: str) -> RawAnswer:
        for seller in self.sellers.values():
            if seller.data()["refresh_token"] == refresh_token and not seller.revoked:
                seller.generation += 1
                return answer(seller.data())
        return answer(code=36004007, message="refresh_token is invalid")


def _asset(market: str, category_id: int, name: str, cipher: str) -> dict[str, Any]:
    return {"target_market": market, "category": {"id": category_id, "name": name}, "cipher": cipher}
