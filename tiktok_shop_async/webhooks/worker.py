"""Handles events out of an inbox: several at a time, each until it succeeds or is given up.

Nothing of the inbox is held while a handler runs but the event's lease, which is renewed until the handler ends. What a
handler raises, or a handler that takes too long, puts the event back with a growing pause.
"""

from __future__ import annotations

import logging
import math
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import anyio

from tiktok_shop_async.errors import InboxError
from tiktok_shop_async.event import Event, is_partial
from tiktok_shop_async.retry import Clock
from tiktok_shop_async.webhooks.inbox import Claim, Effect
from tiktok_shop_async.webhooks.parsing import parse

if TYPE_CHECKING:
    from tiktok_shop_async.webhooks.inbox import Inbox

__all__ = ["AnyHandler", "Delivery", "ErrorHook", "Handlers", "Retries", "Worker"]

_BETWEEN_PURGES = 3600.0

_log = logging.getLogger("tiktok_shop_async.webhooks")


@dataclass(slots=True, kw_only=True)
class Delivery:
    """What a handler is told besides the event.

    Attributes:
        key: The same whenever this event is handled again, and for no other event: for whoever writes elsewhere.
        attempt: Which one this is, from 1 on.
        stale: A newer event of the same type about the same object has been handled already. Never of a type whose
            events tell of parts of the object, as of some SKUs of a product: a newer one does not replace an older one.
        replayed: Somebody asked for it again.
        received_at: When it was accepted, in Unix seconds.
        effects: What `apply` was given.
    """

    key: str
    attempt: int = 1
    stale: bool = False
    replayed: bool = False
    received_at: float = 0.0
    effects: list[Effect] = field(default_factory=list[Effect], repr=False)

    def apply(self, work: Effect) -> None:
        """Have something written together with the end of the event: both, or neither, and once.

        Args:
            work: Called when all handlers of the event have returned. With `SQLiteInbox` it gets the open transaction,
                a `sqlite3.Connection`, in a worker thread; whatever it raises is a failure of the event. With
                `RedisInbox` it gets a pipeline, and queues commands. It must not end the transaction, and is to be
                quick: the file is locked meanwhile.
        """
        self.effects.append(work)


AnyHandler: TypeAlias = Callable[[Event, Delivery], Awaitable[object]]
ErrorHook: TypeAlias = Callable[[Event, Delivery, Exception], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often an event is tried, and after what pauses.

    Attributes:
        attempts: After so many, the event is a dead letter. One that ended with its process counts.
        base: Seconds before the second attempt; the pause doubles with each that fails, and its last half is random.
        cap: Seconds that a pause lasts at most.
    """

    attempts: int = 10
    base: float = 2.0
    cap: float = 600.0

    def pause(self, attempt: int, chance: float) -> float:
        """Seconds between this attempt and the next one; `chance` is from 0 up to 1."""
        return min(self.cap, self.base * 2.0 ** min(attempt - 1, 32)) * (0.5 + chance / 2)


class Handlers:
    """Which handlers an event has: those of its class, and of the classes above that."""

    def __init__(self) -> None:
        self._entries: list[tuple[tuple[type[Event], ...], AnyHandler]] = []

    def add(self, types: tuple[type[Event], ...], handler: AnyHandler) -> None:
        """Enter a handler of events of these classes."""
        self._entries.append((types, handler))

    def of(self, event: Event) -> list[AnyHandler]:
        """The handlers of an event, in the order in which they were entered."""
        return [handler for types, handler in self._entries if isinstance(event, types)]


class Worker:
    """Takes events out of an inbox and runs their handlers. Any number of workers may share an inbox.

    Args:
        inbox: Where the events are.
        handlers: Of the events; one that has none is done at once.
        concurrency: How many events are handled at a time.
        timeout: Seconds that the handlers of an event may take; then they are cancelled, and that is a failure.
        lease: Seconds after which another worker takes over what a worker had that is gone.
        poll: Seconds between two looks at the inbox, for what other processes put in and what falls due again.
        keep_days: After so many days, an event that has ended is forgotten, with whomever it names. One that is
            delivered again after that is taken for a new one; the platform's last try is within 16 hours.
        retries: How often an event is tried.
        on_error: Told of each failure, with the error itself, which no log record shows.
        clock: Time and chance, for tests.
    """

    def __init__(
        self,
        inbox: Inbox,
        handlers: Handlers,
        *,
        concurrency: int = 32,
        timeout: float = 30.0,
        lease: float = 15.0,
        poll: float = 0.5,
        keep_days: float = 7.0,
        retries: Retries | None = None,
        on_error: ErrorHook | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._inbox = inbox
        self._handlers = handlers
        self._concurrency = concurrency
        self._timeout = timeout
        self._lease = lease
        self._poll = poll
        self._keep_days = keep_days
        self._retries = retries or Retries()
        self._on_error = on_error
        self._clock = clock or Clock()
        self._held: dict[tuple[str, int], Claim] = {}
        self._bell = anyio.Event()

    def nudge(self) -> None:
        """Say that there may be something to do, from the event loop that it runs in."""
        self._bell.set()

    async def run(self) -> None:
        """Handle events until cancelled. What is under way then is given back."""
        self._bell = anyio.Event()
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._renew)
                tasks.start_soon(self._purge)
                while True:
                    self._bell = anyio.Event()
                    free = self._concurrency - len(self._held)
                    claims = await self._claim(free) if free > 0 else []
                    for claim in claims:
                        self._held[claim.key, claim.fence] = claim
                        tasks.start_soon(self._handle, claim)
                    # All places are taken, or all events: whoever ends, and whoever brings something, rings.
                    if len(claims) < free or free <= 0:
                        with anyio.move_on_after(self._poll):
                            await self._bell.wait()
        finally:
            with anyio.CancelScope(shield=True), suppress(InboxError):
                await self._inbox.release(list(self._held.values()))
            self._held.clear()

    async def drain(self) -> int:
        """Handle what is due now, and what falls due while that is done, one by one. For tests.

        Returns:
            How many attempts were made.
        """
        attempts = 0
        while claims := await self._inbox.claim(1, self._lease):
            attempts += len(claims)
            for claim in claims:
                await self._handle(claim)
        return attempts

    async def _claim(self, most: int) -> list[Claim]:
        try:
            return await self._inbox.claim(most, self._lease)
        except InboxError as error:
            _log.warning("no events can be taken: %s", error)
            return []

    async def _renew(self) -> None:
        while True:
            await anyio.sleep(self._lease / 3)
            if held := list(self._held.values()):
                try:
                    await self._inbox.renew(held, self._lease)
                except InboxError as error:
                    _log.warning("leases cannot be renewed: %s", error)

    async def _purge(self) -> None:
        while True:
            try:
                await self._inbox.purge(self._keep_days)
            except InboxError as error:
                _log.warning("old events cannot be forgotten: %s", error)
            await anyio.sleep(_BETWEEN_PURGES)

    async def _handle(self, claim: Claim) -> None:
        try:
            await self._attempt(claim)
        except InboxError as error:
            # It is as it was, and another attempt begins when the lease has ended.
            _log.warning("event %s: its end cannot be written: %s", claim.key, error)
        # Not where this is cancelled: then it is still held, and `run` gives it back.
        self._held.pop((claim.key, claim.fence), None)
        self._bell.set()

    async def _attempt(self, claim: Claim) -> None:
        if claim.attempt > self._retries.attempts:
            await self._inbox.fail(claim, f"{self._retries.attempts} attempts ended with their process", None)
            _log.error("event %s is given up: its process ends whenever it is handled", claim.key)
            return
        event = parse(claim.body or b"")
        delivery = Delivery(
            key=claim.key,
            attempt=claim.attempt,
            stale=claim.stale and not is_partial(event),
            replayed=claim.replayed,
            received_at=claim.received_at,
        )
        error: Exception | None
        if claim.body is None:
            error = InboxError("none of the encryption keys opens the event, or it is damaged")
        else:
            error = await self._run_handlers(event, delivery)
        if error is None:
            try:
                if not await self._inbox.complete(claim, delivery.effects):
                    _log.warning("event %s: its lease had ended, so another worker handles it", claim.key)
                return
            except InboxError:
                raise
            except Exception as raised:  # by an effect
                error = raised
        await self._failed(claim, event, delivery, error)

    async def _run_handlers(self, event: Event, delivery: Delivery) -> Exception | None:
        """What they raise, or that they take too long, is an answer like any other."""
        try:
            with anyio.move_on_after(self._timeout) as limit:
                for handler in self._handlers.of(event):
                    await handler(event, delivery)
        except Exception as error:
            return error
        except anyio.get_cancelled_exc_class():
            if anyio.current_effective_deadline() == -math.inf:
                raise
            return RuntimeError("a handler was cancelled from within")  # by something that it called
        return TimeoutError(f"no end within {self._timeout:g} s") if limit.cancelled_caught else None

    async def _failed(self, claim: Claim, event: Event, delivery: Delivery, error: Exception) -> None:
        where = place(error)
        is_last = claim.attempt >= self._retries.attempts
        again_in = None if is_last else self._retries.pause(claim.attempt, self._clock.random())
        await self._inbox.fail(claim, where, again_in)
        if again_in is None:
            _log.error("event %s is given up after %d attempts: %s", claim.key, claim.attempt, where)
        else:
            _log.warning("event %s, attempt %d: %s; again in %.1f s", claim.key, claim.attempt, where, again_in)
        if self._on_error is not None:
            try:
                self._on_error(event, delivery, error)
            except Exception as own:
                _log.error("on_error: %s", place(own))


def place(error: BaseException) -> str:
    """The class of an error and where it was raised. Not its text, which may hold what an event says of people."""
    frames = traceback.extract_tb(error.__traceback__)
    name = type(error).__name__
    if isinstance(error, TimeoutError) and not frames:
        return f"{name}: {error}"  # the worker's own
    if not frames:
        return f"{name}: {error}" if isinstance(error, InboxError) else name
    last = frames[-1]
    return f"{name} in {last.name}, line {last.lineno} of {last.filename.rpartition('/')[2]}"
