"""Takes notifications in: an ASGI application that checks, stores and answers, and does nothing else.

What it refuses it refuses as early as it can: nothing of a body is read before method and header are as they must be,
and nothing of it is parsed before its signature is found good. 200 is answered when the event is safe in the inbox.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio

from tiktok_shop_async.errors import InboxError, WebhookSignatureError
from tiktok_shop_async.event import Event, body_of, key_of, object_of
from tiktok_shop_async.values import MILLISECONDS_FROM
from tiktok_shop_async.webhooks.inbox import Arrival, Body
from tiktok_shop_async.webhooks.parsing import parse
from tiktok_shop_async.webhooks.signature import verify

if TYPE_CHECKING:
    from tiktok_shop_async.webhooks.inbox import Inbox

__all__ = ["Receive", "Receiver", "Refused", "Scope", "Send", "arrival_of", "read_notification"]

_log = logging.getLogger("tiktok_shop_async.webhooks")

# As ASGI has them, without a framework that names them.
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Apps: TypeAlias = Mapping[str, str | Sequence[str]]

_SIGNATURE = re.compile(r"[0-9a-f]{64}")


class Refused(Exception):  # noqa: N818 - never leaves this package: it is an answer
    """What is answered instead of 200: status, why, and header fields besides."""

    def __init__(self, status: int, reason: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers


class Receiver:
    """An ASGI application that puts notifications into an inbox.

    It takes any path, so that it can be mounted wherever its address is to be. Answers: 200 when the event is stored,
    or was before; 405 for another method than POST; 401 without a signature of one of the apps; 413 for a body that
    is too large; 408 for one that comes too slowly; 503 if the inbox cannot be written, so that the platform sends it
    again. What is signed is stored whatever it says, as an `UnknownEvent` if it is no JSON object: refused, it would
    come four times more and then be lost.

    Args:
        apps: The secrets of the apps that are told something at this address, by app key; of an app whose secret is
            being changed, the old and the new one.
        inbox: Where events go.
        added: Called after each event that is new.
        most_bytes: How large a body may be.
        seconds: How long a body may take to arrive.
        patience: Seconds from the beginning of a request within which it is stored or answered 503. The platform waits
            3 seconds for the answer.
    """

    def __init__(
        self,
        apps: Apps,
        inbox: Inbox,
        *,
        added: Callable[[], None] | None = None,
        most_bytes: int = 1_000_000,
        seconds: float = 2.0,
        patience: float = 2.5,
    ) -> None:
        self._apps = apps
        self._inbox = inbox
        self._added = added
        self._most_bytes = most_bytes
        self._seconds = seconds
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            raise RuntimeError(f"a receiver answers HTTP requests, and no {scope['type']!r}")
        give_up = anyio.current_time() + self._patience
        try:
            body = await read_notification(scope, receive, self._apps, self._most_bytes, self._seconds)
            if body is not None:  # else the sender has gone
                await self._store(body, give_up)
                await answer(send, 200)
        except Refused as refused:
            _log.warning("a notification is refused: %s (HTTP %d)", refused.reason, refused.status)
            await answer(send, refused.status, *refused.headers)

    async def _store(self, body: Body, give_up: float) -> None:
        event = parse(body)
        arrival = arrival_of(event)
        try:
            with anyio.fail_after(give_up - anyio.current_time()):
                is_new = await self._inbox.add(arrival)
        except (InboxError, TimeoutError) as error:
            reason = str(error) or f"the inbox takes longer than {self._patience:g} s"
            raise Refused(503, reason) from None
        if not is_new:
            _log.debug("event %s was delivered again", arrival.key)
        elif self._added is not None:
            self._added()


def arrival_of(event: Event) -> Arrival:
    """An event as an inbox takes it."""
    about = object_of(event)
    time = about.update_time if about is not None else None
    # Milliseconds, or smaller still: taken for seconds, it would be newer than all that follows.
    while time is not None and time >= MILLISECONDS_FROM:
        time //= 1000
    return Arrival(
        key=key_of(event),
        body=Body(body_of(event)),
        type=event.type,
        shop_id=event.shop_id,
        object="" if about is None else f"{event.shop_id}:{about.kind}:{about.id}",
        update_time=time if time is not None and time > 0 else None,
    )


async def read_notification(scope: Scope, receive: Receive, apps: Apps, most_bytes: int, seconds: float) -> Body | None:
    """The body of a request that is a signed notification, or None if its sender has gone.

    Raises:
        Refused: It is something else.
    """
    if scope["method"] != "POST":
        raise Refused(405, f"the method is {scope['method'][:10]!r}, not POST", (b"allow", b"POST"))
    signature = _signature(scope["headers"])
    for length in _values(scope["headers"], b"content-length"):
        if not length.isdecimal() or int(length[:20]) > most_bytes:
            raise Refused(413, f"the body is larger than {most_bytes} bytes", (b"connection", b"close"))
    content = (
        bytearray()
    )  # and no list of parts: of a body that comes byte by byte, that would take fifty times as much
    with anyio.move_on_after(seconds):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            content += message.get("body", b"")
            if len(content) > most_bytes:
                raise Refused(413, f"the body is larger than {most_bytes} bytes", (b"connection", b"close"))
            if not message.get("more_body", False):
                body = Body(content)
                try:
                    verify(body, signature, apps)
                except WebhookSignatureError as error:
                    raise Refused(401, str(error)) from None
                return body
    raise Refused(408, f"the body has not arrived within {seconds:g} s", (b"connection", b"close"))


async def answer(send: Send, status: int, *headers: tuple[bytes, bytes]) -> None:
    """Answer with an empty body."""
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0"), *headers]})
    await send({"type": "http.response.body", "body": b""})


def _signature(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The one `Authorization` header, which is 64 lowercase hexadecimal digits and nothing else."""
    found = _values(headers, b"authorization")
    if not found or not any(found):
        raise Refused(401, "there is no signature: the Authorization header is missing or empty")
    if len(found) > 1:
        raise Refused(401, "there are several Authorization headers")
    if not _SIGNATURE.fullmatch(found[0]):
        raise Refused(401, "the Authorization header is no signature: 64 lowercase hexadecimal digits")
    return found[0]


def _values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1") for each, value in headers if each.lower() == name]
