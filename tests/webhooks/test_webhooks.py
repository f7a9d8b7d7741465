"""Receiving and handling in one: over a real socket, for the life of a server, and as a route of an application."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from tests.webhooks.served import BODY, KEY, SECRET, served, status_of
from tiktok_shop_async.events import OrderStatusChange
from tiktok_shop_async.webhooks import Delivery, SQLiteInbox, Webhooks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def make(tmp_path: Path, seen: list[str]) -> Webhooks:
    webhooks = Webhooks({KEY: SECRET}, SQLiteInbox(tmp_path / "inbox.db"), poll=60)

    @webhooks.on(OrderStatusChange)
    async def changed(event: OrderStatusChange, delivery: Delivery) -> None:
        seen.append(event.data.order_id)

    return webhooks


def wait_for(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_served_as_it_stands_it_handles_what_it_receives_at_once(tmp_path: Path) -> None:
    seen: list[str] = []
    with served(make(tmp_path, seen), lifespan="on") as port:
        assert status_of(port) == 200
        wait_for(lambda: seen == ["5"])
        assert status_of(port) == 200  # again
    assert seen == ["5"]


def test_as_a_route_it_handles_for_the_life_of_the_application(tmp_path: Path) -> None:
    seen: list[str] = []
    webhooks = make(tmp_path, seen)
    with served(Starlette(routes=[Route("/any/path", webhooks)], lifespan=webhooks.lifespan), lifespan="on") as port:
        assert status_of(port) == 200
        wait_for(lambda: seen == ["5"])


def test_what_was_received_before_a_restart_is_handled_after_it(tmp_path: Path) -> None:
    seen: list[str] = []
    with served(make(tmp_path, seen), lifespan="off") as port:
        assert status_of(port) == 200
    assert seen == []
    with served(make(tmp_path, seen), lifespan="on"):
        wait_for(lambda: seen == ["5"])


def test_a_handler_that_hangs_does_not_hold_up_the_answer(tmp_path: Path) -> None:
    webhooks = Webhooks({KEY: SECRET}, SQLiteInbox(tmp_path / "inbox.db"), concurrency=1)
    begun: list[int] = []

    @webhooks.on(OrderStatusChange)
    async def hangs(event: OrderStatusChange, delivery: Delivery) -> None:
        begun.append(1)
        await anyio.sleep_forever()

    with served(webhooks, lifespan="on") as port:
        assert status_of(port) == 200
        wait_for(lambda: bool(begun))
        assert status_of(port, BODY.replace(b"7501", b"7502")) == 200


def test_no_websocket_is_taken(tmp_path: Path) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    anyio.run(make(tmp_path, []), {"type": "websocket"}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.anyio
async def test_what_cannot_be_written_is_answered_so(tmp_path: Path) -> None:
    webhooks = Webhooks({KEY: SECRET}, SQLiteInbox(tmp_path / "no folder" / "inbox.db"))
    with served(webhooks) as port:
        assert await anyio.to_thread.run_sync(status_of, port) == 503
