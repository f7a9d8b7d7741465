"""A network and a clock under a test's control."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import anyio.lowlevel

from tiktok_shop_async import Clock, RawAnswer

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable, Callable, Mapping

START = 1_700_000_000.0


def answer(
    data: Any = None, *, code: Any = 0, message: str = "Success", status: int = 200, **headers: str
) -> RawAnswer:
    """An answer of the API; the underscores of header names stand for hyphens."""
    body = {"code": code, "message": message, "request_id": "20231114A1", "data": data}
    return page(json.dumps(body), status=status, **headers)


def page(text: str, *, status: int = 200, **headers: str) -> RawAnswer:
    """An answer of something else."""
    return RawAnswer(status, {name.replace("_", "-"): value for name, value in headers.items()}, text.encode())


@dataclass
class Sent:
    """A request as it went out."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @property
    def own_query(self) -> dict[str, str]:
        """The query without what every call carries."""
        return {name: value for name, value in self.query.items() if name not in {"app_key", "timestamp", "sign"}}


class Wire:
    """A transport that answers from a script and remembers what it was sent. Its last answer is given for ever."""

    def __init__(self, *script: RawAnswer | Exception | Callable[[], Awaitable[RawAnswer]]) -> None:
        self.script = list(script) or [answer({})]
        self.sent: list[Sent] = []

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterable[bytes]
    ) -> RawAnswer:
        content = body if isinstance(body, bytes) else b"".join([chunk async for chunk in body])
        self.sent.append(Sent(method, url, headers, content))
        await anyio.lowlevel.checkpoint()
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, RawAnswer) else await step()


@dataclass
class Time:
    """Time that passes only when someone waits for it, and a die that always falls the same."""

    unix: float = START
    chance: float = 1.0
    waits: list[float] = field(default_factory=list)

    def clock(self) -> Clock:
        return Clock(
            now=lambda: self.unix,
            monotonic=lambda: self.unix - START + 5000,
            sleep=self.sleep,
            random=lambda: self.chance,
        )

    async def sleep(self, seconds: float) -> None:
        await anyio.lowlevel.checkpoint()
        self.waits.append(seconds)
        self.unix += seconds
