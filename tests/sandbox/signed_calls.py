"""A client of a few lines, written from the protocol alone, and a check of every answer against the spec.

It shares no code with the package, neither with its client nor with the sandbox.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from tests.sandbox.conformance import Conformance
    from tiktok_shop_async.sandbox.state.clock import ManualClock
    from tiktok_shop_async.sandbox.world import Shop, World

BASE_URL = "http://sandbox.test"


def sign(secret: str, path: str, query: dict[str, str], body: bytes = b"") -> str:
    """The signature as the protocol describes it."""
    text = path + "".join(name + query[name] for name in sorted(query) if name not in {"sign", "access_token"})
    return keyed_hash(secret, text, body)


def keyed_hash(secret: str, text: str, body: bytes = b"", *, wrapped: bool = True) -> str:
    """HMAC-SHA256 over a text and a body, with the secret put around them or not."""
    around = secret.encode() if wrapped else b""
    return hmac.new(secret.encode(), around + text.encode() + body + around, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    envelope: dict[str, Any]
    headers: httpx.Headers

    @property
    def code(self) -> int:
        """The envelope's code."""
        return int(self.envelope["code"])

    @property
    def message(self) -> str:
        """The envelope's message."""
        return str(self.envelope["message"])

    @property
    def data(self) -> dict[str, Any]:
        """The envelope's data; the call has to have succeeded."""
        assert self.code == 0, self.envelope
        data: dict[str, Any] = self.envelope["data"]
        return data


@dataclass(frozen=True)
class Caller:
    """Sends signed requests to an application in this process, or to one behind a URL."""

    world: World
    clock: ManualClock
    conformance: Conformance
    app: Starlette | None
    token: str
    cipher: str | None
    base_url: str = BASE_URL

    @property
    def shop(self) -> Shop:
        """The shop that calls are about."""
        return next(shop for shop in self.world.shops if shop.cipher == self.cipher)

    def without_cipher(self) -> Caller:
        """The same caller, naming no shop."""
        return replace(self, cipher=None)

    def within(self, region: str, seller_type: str = "LOCAL") -> Caller:
        """A caller for the shop of this kind in this market."""
        shops = self.world.shops
        wanted = (region, seller_type)
        return replace(self, cipher=next(each.cipher for each in shops if (each.region, each.seller_type) == wanted))

    def with_token(self, token: str) -> Caller:
        """The same caller with another token."""
        return replace(self, token=token)

    def get(self, path: str, **query: object) -> Answer:
        """A signed GET."""
        return self.call("GET", path, query=query)

    def post(self, path: str, body: dict[str, Any] | None = None, **query: object) -> Answer:
        """A signed POST with a JSON body."""
        return self.call("POST", path, query=query, body={} if body is None else body)

    def call(
        self, method: str, path: str, *, query: dict[str, object] | None = None, body: dict[str, Any] | None = None
    ) -> Answer:
        """A signed request. A successful answer is held against the spec's schema."""
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", "x-tts-access-token": self.token}
        return self.send(method, path, self.signed(path, query or {}, content), content, headers)

    def upload(self, path: str, data: dict[str, str], files: dict[str, tuple[str, bytes]]) -> Answer:
        """A signed multipart request, whose body is outside the signature."""
        request = httpx.Request("POST", BASE_URL, data=data, files=files)
        headers = {"content-type": request.headers["content-type"], "x-tts-access-token": self.token}
        return self.send("POST", path, self.signed(path, {}), request.read(), headers)

    def signed(self, path: str, query: dict[str, object], content: bytes = b"") -> dict[str, str]:
        """The query with the credentials and the signature in it."""
        values = {"app_key": self.world.app_key, "timestamp": str(self.world.now)}
        if self.cipher is not None:
            values["shop_cipher"] = self.cipher
        values |= {name: _as_text(value) for name, value in query.items()}
        return {**values, "sign": sign(self.world.app_secret, path, values, content)}

    def send(
        self, method: str, path: str, query: dict[str, str], content: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        """Sends exactly this, signed or not."""
        return self._answer(
            httpx.Request(method, self.base_url + path, params=query, content=content or None, headers=headers or {})
        )

    def send_pairs(self, path: str, pairs: list[tuple[str, str]]) -> Answer:
        """Sends a GET with exactly these pairs in its query."""
        url = f"{self.base_url}{path}?{urlencode(pairs)}"
        return self._answer(httpx.Request("GET", url, headers={"x-tts-access-token": self.token}))

    def fetch(self, url: str) -> httpx.Response:
        """Fetches a link that an answer holds, without credentials."""
        return self.send_request(httpx.Request("GET", url))

    def send_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request as it is, and answers the response as it comes."""
        return asyncio.run(self._exchange(request))

    def _answer(self, request: httpx.Request) -> Answer:
        response = asyncio.run(self._exchange(request))
        answer = Answer(response.status_code, response.json(), response.headers)
        if answer.code == 0:
            self.conformance.check(request.method, request.url.path, answer.envelope)
        return answer

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        transport = httpx.ASGITransport(self.app) if self.app is not None else None
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.send(request)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)
