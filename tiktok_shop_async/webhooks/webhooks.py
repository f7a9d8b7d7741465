"""The whole of it in one object: it receives, keeps and handles events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast, overload

import anyio

from tiktok_shop_async.event import Event
from tiktok_shop_async.webhooks.receiver import Apps, Receive, Receiver, Scope, Send, arrival_of
from tiktok_shop_async.webhooks.worker import AnyHandler, Delivery, ErrorHook, Handlers, Retries, Worker

if TYPE_CHECKING:
    from tiktok_shop_async.retry import Clock
    from tiktok_shop_async.webhooks.inbox import Inbox

__all__ = ["Webhooks"]

A = TypeVar("A", bound=Event)
B = TypeVar("B", bound=Event)
C = TypeVar("C", bound=Event)
D = TypeVar("D", bound=Event)
_Handler: TypeAlias = Callable[[A, Delivery], Awaitable[object]]


class Webhooks:
    """Receives notifications and runs handlers of them. It is an ASGI application itself.

        webhooks = Webhooks({app_key: app_secret}, SQLiteInbox("inbox.db"))

        @webhooks.on(OrderStatusChange)
        async def changed(event: OrderStatusChange, delivery: Delivery) -> None:
            print(event.data.order_id, event.data.order_status)

    Serve it as it stands (`uvicorn module:webhooks`): handlers then run for as long as the server does. Or make it a
    route of an application, whose lifespan is to be `webhooks.lifespan`. A process that only handles is `async with
    webhooks.running()`, one that only receives is `Receiver`.

    Args:
        apps: The secrets of the apps that are told something at this address, by app key; of an app whose secret is
            being changed, the old and the new one.
        inbox: Where events are kept until they are handled. Several processes may share one.
        concurrency: How many events are handled at a time.
        timeout: Seconds that the handlers of an event may take; then they are cancelled, and that is a failure.
        lease: Seconds after which another worker takes over what a worker had that is gone.
        poll: Seconds between two looks at the inbox, for what other processes put in and what falls due again.
        keep_days: After so many days, an event that has ended is forgotten, with whomever it names.
        retries: How often an event is tried.
        on_error: Told of each failure of an event, with the error itself, whose text no log record shows.
        most_bytes: How large a body may be.
        clock: Time and chance, for tests.
    """

    def __init__(
        self,
        apps: Apps,
        inbox: Inbox,
        *,
        concurrency: int = 32,
        timeout: float = 30.0,
        lease: float = 15.0,
        poll: float = 0.5,
        keep_days: float = 7.0,
        retries: Retries | None = None,
        on_error: ErrorHook | None = None,
        most_bytes: int = 1_000_000,
        clock: Clock | None = None,
    ) -> None:
        self.inbox = inbox
        self._handlers = Handlers()
        self._workers: list[Worker] = []
        self._make_worker = partial(
            Worker,
            inbox,
            self._handlers,
            concurrency=concurrency,
            timeout=timeout,
            lease=lease,
            poll=poll,
            keep_days=keep_days,
            retries=retries,
            on_error=on_error,
            clock=clock,
        )
        self._receiver = Receiver(apps, inbox, added=self._nudge, most_bytes=most_bytes)

    # One a number of classes: of a single `*types: type[E]`, a checker may make their common base.
    @overload
    def on(self) -> Callable[[_Handler[Event]], _Handler[Event]]: ...
    @overload
    def on(self, first: type[A], /) -> Callable[[_Handler[A]], _Handler[A]]: ...
    @overload
    def on(self, first: type[A], second: type[B], /) -> Callable[[_Handler[A | B]], _Handler[A | B]]: ...
    @overload
    def on(
        self, first: type[A], second: type[B], third: type[C], /
    ) -> Callable[[_Handler[A | B | C]], _Handler[A | B | C]]: ...
    @overload
    def on(
        self, first: type[A], second: type[B], third: type[C], fourth: type[D], /
    ) -> Callable[[_Handler[A | B | C | D]], _Handler[A | B | C | D]]: ...
    @overload
    def on(self, *types: type[Event]) -> Callable[[_Handler[Event]], _Handler[Event]]: ...
    def on(self, *types: type[Event]) -> Callable[[_Handler[Any]], _Handler[Any]]:
        """Enter a handler of events.

        Args:
            *types: The classes of the events; `Event`, or none, for all. An event that has several handlers is handled
                by one after the other, and by all of them again if one fails. A type checker knows up to four classes
                as their union (`A | B`), and more as `Event`.
        """

        def enter(handler: _Handler[Any]) -> _Handler[Any]:
            self._handlers.add(types or (Event,), cast("AnyHandler", handler))
            return handler

        return enter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or run for the life of a server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._receiver(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Handle events for as long as the block lasts."""
        worker = self._make_worker()
        self._workers.append(worker)
        error: Exception | None = None
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(worker.run)
                try:
                    yield
                except Exception as raised:  # by the block: a task group would wrap it
                    error = raised
                tasks.cancel_scope.cancel()
        finally:
            self._workers.remove(worker)
            with anyio.CancelScope(shield=True):
                await self.inbox.aclose()
        if error is not None:
            raise error

    @asynccontextmanager
    async def lifespan(self, app: Any) -> AsyncGenerator[None]:
        """Handle events for the life of an application: `Starlette(lifespan=webhooks.lifespan)`, or FastAPI's."""
        async with self.running():
            yield

    async def drain(self) -> int:
        """Handle what is due now, and what falls due while that is done, one by one. For tests.

        Returns:
            How many attempts were made.
        """
        return await self._make_worker().drain()

    async def put(self, event: Event) -> bool:
        """Put an event into the inbox as if it had been received.

        Returns:
            False if it was there before.
        """
        is_new = await self.inbox.add(arrival_of(event))
        if is_new:
            self._nudge()
        return is_new

    def _nudge(self) -> None:
        for worker in self._workers:
            worker.nudge()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self.running():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})
