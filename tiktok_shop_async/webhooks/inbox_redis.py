"""The inbox in Redis, for any number of processes on any number of machines."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio

from tiktok_shop_async.errors import InboxError
from tiktok_shop_async.loops import on_asyncio
from tiktok_shop_async.webhooks.inbox import Arrival, Claim, Counts, DeadLetter, Effect, open_body, seal_body
from tiktok_shop_async.webhooks.inbox_redis_scripts import (
    ADD,
    CLAIM,
    COMPLETE,
    COUNTS,
    DEAD_LETTERS,
    END,
    NEWEST,
    PURGE,
    RELEASE,
    RENEW,
    REPLAY,
    RETRY,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from redis.asyncio import Redis

    from tiktok_shop_async.tokens.encryption import Encryption

__all__ = ["RedisInbox"]

_REFUSED_FIRST, _REFUSED_LATER = -1, -2
_NO_TEXT = b"base64:"
"""Marks a body that is no UTF-8: a client that decodes answers could not read it."""


@dataclass(frozen=True, slots=True)
class _Failed:
    reason: str


class RedisInbox:
    """Keeps events in Redis (extra `redis`), shared by all machines that reach it. asyncio only, as redis-py is.

        inbox = RedisInbox(redis.asyncio.Redis.from_url("redis://localhost"))

    An event is safe from the end of any process of ours as soon as Redis has it; what a crash of Redis itself, or a
    power cut, costs is up to its settings: `appendonly yes` with `appendfsync always` for nothing. A server that evicts
    keys when it is full (`maxmemory-policy` other than `noeviction`) loses events.

    What handlers give to `delivery.apply` gets a pipeline to queue commands in, which one script carries out together
    with the end of the event: so none that scripts may not use, and no scripts. Redis takes nothing back. If it refuses
    the first command, for example because the server is full, nothing is written, and the event is tried again; if it
    refuses a later one, for example because the key holds another type, those before it stay, and the event becomes a
    dead letter.

    Args:
        redis: A client of redis-py, which belongs to one event loop. Not closed here.
        prefix: Of all keys, which stand in one slot of a cluster. Keys that effects write must stand there, too.
        encryption: Seals the bodies of events. Without, they stand there in clear.
        patience: Seconds to wait for the server's answer.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        prefix: str = "tiktok-shop-inbox",
        encryption: Encryption | None = None,
        patience: float = 2.0,
    ) -> None:
        self._redis: Any = redis
        self._prefix = f"{{{prefix}}}"
        self._encryption = encryption
        self._patience = patience
        self._scripts: dict[str, Any] = {}

    async def add(self, arrival: Arrival) -> bool:
        """Put an event in; see `Inbox.add`."""
        body = _packed(seal_body(arrival.body, self._encryption))
        added = await self._script(
            ADD, arrival.key, body, arrival.type, arrival.shop_id, arrival.object, arrival.update_time or 0
        )
        return bool(added)

    async def claim(self, most: int, seconds: float) -> list[Claim]:
        """Take events to handle; see `Inbox.claim`."""
        return [
            Claim(
                key=_text(key),
                fence=int(fence),
                body=open_body(_unpacked(body), self._encryption),
                attempt=int(attempt),
                stale=bool(stale),
                replayed=_text(replayed) == "1",
                received_at=float(received_at),
            )
            for key, fence, body, attempt, stale, replayed, received_at in await self._script(CLAIM, most, seconds)
        ]

    async def renew(self, claims: Sequence[Claim], seconds: float) -> None:
        """Keep claims for `seconds` from now on; see `Inbox.renew`."""
        await self._script(RENEW, seconds, *_named(claims))

    async def complete(self, claim: Claim, effects: Sequence[Effect] = ()) -> bool:
        """End an event, and write the effects in the same transaction; see `Inbox.complete`."""
        if not effects:
            return bool(await self._script(END, claim.key, claim.fence, "done", ""))
        # Encoded here: a value that Redis cannot hold is an error of the effect, and not of the inbox.
        encode = self._redis.get_encoder().encode
        commands = [encode(part) for part in _commands(effects)]
        outcome, refusal = await self._script(COMPLETE, claim.key, claim.fence, *commands)
        if outcome == _REFUSED_FIRST:
            from redis.exceptions import ResponseError

            raise ResponseError(_text(refusal))
        if outcome == _REFUSED_LATER:
            raise InboxError("Redis refused an effect after others were carried out, so it is a dead letter")
        return bool(outcome)

    async def fail(self, claim: Claim, error: str, again_in: float | None) -> bool:
        """Put an event back, or with the dead letters; see `Inbox.fail`."""
        if again_in is None:
            return bool(await self._script(END, claim.key, claim.fence, "dead", error))
        return bool(await self._script(RETRY, claim.key, claim.fence, again_in, error))

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back before their end; see `Inbox.release`."""
        await self._script(RELEASE, *_named(claims))

    async def newest(self, object_: str) -> int | None:
        """The greatest `update_time` that is known of an object; see `Inbox.newest`."""
        found = await self._script(NEWEST, object_)
        return None if found is None else int(float(found))

    async def dead_letters(self, most: int = 100) -> list[DeadLetter]:
        """The events that were given up; see `Inbox.dead_letters`."""
        return [
            DeadLetter(
                key=_text(key),
                type=int(type_),
                shop_id=_text(shop_id),
                attempts=int(attempts),
                error=_text(error),
                received_at=float(received_at),
                died_at=float(died_at),
                body=open_body(_unpacked(body), self._encryption),
            )
            for key, type_, shop_id, attempts, error, received_at, died_at, body in await self._script(
                DEAD_LETTERS, most
            )
        ]

    async def replay(self, key: str) -> bool:
        """Have an event handled again; see `Inbox.replay`."""
        return bool(await self._script(REPLAY, key))

    async def purge(self, days: float) -> int:
        """Forget what ended more than so many days ago; see `Inbox.purge`."""
        forgotten = 0
        # In parts, since nobody else is served meanwhile.
        while part := int(await self._script(PURGE, days * 86_400)):
            forgotten += part
        return forgotten

    async def counts(self) -> Counts:
        """How many events there are in which state; see `Inbox.counts`."""
        waiting, running, done, dead = await self._script(COUNTS)
        return Counts(waiting=waiting, running=running, done=done, dead=dead)

    async def aclose(self) -> None:
        """Nothing: the client is its owner's to close."""

    async def _script(self, script: str, *values: object) -> Any:
        if script not in self._scripts:
            self._scripts[script] = self._redis.register_script(script)
        return await self._ask(lambda: self._scripts[script](keys=[self._prefix], args=values))

    async def _ask(self, question: Callable[[], Awaitable[Any]]) -> Any:
        outcome = await self._attempt(question)
        if isinstance(outcome, _Failed):
            raise InboxError(f"the inbox in Redis cannot be used: {outcome.reason}")
        return outcome

    async def _attempt(self, question: Callable[[], Awaitable[Any]]) -> Any:
        """An error is returned and not raised: its traceback would hold events, and the password of the server."""
        from redis.exceptions import RedisError

        if not on_asyncio():
            return _Failed("redis-py runs on asyncio only; on trio, keep events in SQLite")
        try:
            with anyio.fail_after(self._patience):
                return await question()
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            return _Failed(str(error) or f"no answer within {self._patience:g} s")


def _commands(effects: Sequence[Effect]) -> list[object]:
    """The commands that effects queue, each as the number of its parts and the parts."""
    from redis.asyncio.client import Pipeline

    pool: Any = None  # nothing is sent through it
    pipeline = Pipeline(pool, {}, transaction=True, shard_hint=None)
    for effect in effects:
        effect(pipeline)
    return [part for command, _ in pipeline.command_stack for part in (len(command), *command)]


def _named(claims: Sequence[Claim]) -> list[object]:
    return [each for claim in claims for each in (claim.key, claim.fence)]


def _text(value: bytes | str) -> str:
    """Also where the client was told to decode answers."""
    return value if isinstance(value, str) else value.decode()


def _packed(body: bytes) -> bytes:
    try:
        body.decode()
        is_text = not body.startswith(_NO_TEXT)
    except UnicodeDecodeError:
        is_text = False
    return body if is_text else _NO_TEXT + b64encode(body)


def _unpacked(value: bytes | str) -> bytes:
    body = value.encode() if isinstance(value, str) else value
    return b64decode(body.removeprefix(_NO_TEXT)) if body.startswith(_NO_TEXT) else body
