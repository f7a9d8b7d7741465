"""How notifications are sent: signed, to the address that asked for them, again and again until they are taken.

What is to be sent lies in a queue with the second at which it is due, on the sandbox's clock. Nothing is sent while a
request is answered: `send_due` does that, in a task of its own or whenever a test says so. At any time, at least once,
and in no order that a receiver may rely on, as live.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import random
import ssl
import time
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import anyio
import httpx

from tiktok_shop_async.sandbox.sending.targets import SENDER, UnsafeTargetError, check_target
from tiktok_shop_async.sandbox.state.clock import HOUR, MINUTE
from tiktok_shop_async.sandbox.state.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from starlette.types import ASGIApp

    from tiktok_shop_async.sandbox.world import World

DELAYS = (2 * MINUTE, 30 * MINUTE, 3 * HOUR, 12 * HOUR)
"""How long after an attempt that failed the next one follows. After the last of them comes none."""

TIMEOUT = 3.0
PAUSE = 0.05
"""How many seconds of real time pass between two looks at what is due."""

MOST_OF_AN_ANSWER = 16_384
KEPT = 2_000
"""How many notifications the log remembers that wait for nothing any more."""

_IN_WORDS = {True: "delivered", False: "given up"}


logger = logging.getLogger("tiktok_shop_async.sandbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try: when it was due, what came back and after how many milliseconds, or why nothing did."""

    time: int
    status: int | None
    milliseconds: float
    error: str = ""


@dataclass(slots=True, kw_only=True)
class Delivery:
    """A notification on its way to one address. `due` is when it is tried next, None when it is not."""

    id: str
    notification_id: str
    event_type: str
    type: int
    shop_id: str
    address: str
    body: str
    created_at: int
    due: int | None
    attempts: list[Attempt] = field(default_factory=list[Attempt])

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver has taken it, at the last attempt."""
        return bool(self.attempts) and self.attempts[-1].status == 200

    @property
    def state(self) -> str:
        """`waiting`, `delivered` or `given up`."""
        return "waiting" if self.due is not None else _IN_WORDS[self.is_delivered]

    def as_data(self) -> dict[str, Any]:
        """All of it as JSON has it, for who looks at the log."""
        return {**asdict(self), "state": self.state}


@dataclass(slots=True, kw_only=True)
class Manner:
    """How deliveries behave, and where those go that no shop has asked for.

    Attributes:
        address: where notifications go whose type the shop has no address for; nowhere when None.
        duplicates: the share of notifications that are sent twice, from 0 to 1.
        shuffle: within how many seconds of the sandbox's clock notifications overtake each other.
        timeout: how many seconds of real time a receiver has to answer.
        seed: what the duplicates and the order follow from.
    """

    address: str | None = None
    duplicates: float = 0.0
    shuffle: int = 0
    timeout: float = TIMEOUT
    seed: int = 0


LOOK_AGAIN = 0.05
"""Seconds after which it is looked whether more is due, while something is being sent."""


class Deliveries:
    """The queue of what is to be sent, and the log of what was."""

    def __init__(self) -> None:
        self.manner = Manner()
        self.own_port: int | None = None
        self.rows = Table(Delivery)
        self._waiting: dict[str, Delivery] = {}
        self._under_way: set[str] = set()
        self._last = 0
        self._transport: httpx.AsyncBaseTransport | None = None

    def send_into(self, receiver: ASGIApp | httpx.AsyncBaseTransport | None) -> None:
        """Sends to an application of this process, or through a transport, instead of the network.

        Args:
            receiver: an ASGI application or a transport of httpx; None goes back to the network.
        """
        if receiver is None or isinstance(receiver, httpx.AsyncBaseTransport):
            self._transport = receiver
        else:
            self._transport = httpx.ASGITransport(receiver, raise_app_exceptions=False)

    def next_notification_id(self, at: int) -> str:
        """The `tts_notification_id` of what is put in next: 19 digits that grow."""
        return f"75{at:010d}{(self._last + 1) % 10_000_000:07d}"

    def put(
        self, *, event_type: str, number: int, shop_id: str, notification_id: str, address: str, body: str, at: int
    ) -> Delivery:
        """Puts a notification into the queue, twice or later than it might be if the manner says so."""
        fate = random.Random(f"{self.manner.seed} {self._last}")  # noqa: S311 - the same for a seed; not a secret
        copies = [
            self._add(
                notification_id=notification_id,
                event_type=event_type,
                type=number,
                shop_id=shop_id,
                address=address,
                body=body,
                created_at=at,
                due=at + fate.randint(0, self.manner.shuffle),
            )
            for _ in range(2 if fate.random() < self.manner.duplicates else 1)
        ]
        return copies[0]

    def resend(self, delivery_id: str, at: int) -> Delivery:
        """Sends the same notification once more, whatever became of it: the same id, the same bytes.

        Raises:
            KeyError: the log has no delivery of this id.
        """
        old = self.rows[delivery_id]
        return self._add(
            notification_id=old.notification_id,
            event_type=old.event_type,
            type=old.type,
            shop_id=old.shop_id,
            address=old.address,
            body=old.body,
            created_at=at,
            due=at,
        )

    def get(self, delivery_id: str) -> Delivery | None:
        """The delivery of this id, or None."""
        return self.rows.get(delivery_id)

    def log(self) -> list[Delivery]:
        """All that are remembered, the oldest first."""
        return list(self.rows)

    def sort(self) -> None:
        """Takes notice that the rows were changed by others. What an earlier process had under way is sent again."""
        self._waiting = {delivery.id: delivery for delivery in self.rows if delivery.due is not None}
        self._last = max((self._last, *(int(delivery.id) for delivery in self.rows)))

    async def send_due(self, world: World) -> int:
        """Lets happen what is due, sends what is due, and says how many attempts that took.

        A notification that has to be tried again within the time that has passed is tried again at once, as if it had
        been done in time. What goes to one address goes one after the other, different addresses do not wait for each
        other, and what falls due while one of them takes its time is sent meanwhile.
        """
        made = 0
        at_work: set[str] = set()

        async def send(client: httpx.AsyncClient, address: str, theirs: Sequence[Delivery], ended: anyio.Event) -> None:
            try:
                await self._send_all(client, theirs, world)
            finally:
                at_work.discard(address)
                ended.set()

        async with self._client() as client, anyio.create_task_group() as tasks:
            while True:
                ended = anyio.Event()
                for address, theirs in self._take(world, at_work).items():
                    made += len(theirs)
                    at_work.add(address)
                    tasks.start_soon(send, client, address, theirs, ended)
                if not at_work:
                    break
                with anyio.move_on_after(LOOK_AGAIN):
                    await ended.wait()
                with world.change():
                    self._forget()
        return made

    def _add(self, **fields: Any) -> Delivery:
        self._last += 1
        delivery = Delivery(id=str(self._last), **fields)
        self._waiting[delivery.id] = self.rows.put(delivery)
        return delivery

    def _take(self, world: World, at_work: Collection[str]) -> dict[str, list[Delivery]]:
        """What is due, by its address, in order; nothing for an address that others are sent to at the moment."""
        with world.lock:
            now = world.catch_up()
        due = [
            (delivery.due, int(delivery.id), delivery)
            for delivery in list(self._waiting.values())
            if delivery.due is not None
            and delivery.due <= now
            and delivery.id not in self._under_way
            and delivery.address not in at_work
        ]
        self._under_way.update(delivery.id for _, _, delivery in due)
        taken: dict[str, list[Delivery]] = {}
        for _, _, delivery in sorted(due, key=lambda each: each[:2]):
            taken.setdefault(delivery.address, []).append(delivery)
        return taken

    def _client(self) -> httpx.AsyncClient:
        # Proxies of the environment are for the way out; a receiver is most often on this machine. The time that it has
        # is kept by `manner.timeout`.
        return httpx.AsyncClient(
            transport=self._transport,
            verify=_trust(),
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # noqa: S113
        )

    async def _send_all(self, client: httpx.AsyncClient, deliveries: Sequence[Delivery], world: World) -> None:
        try:
            for sent in deliveries:
                attempt = await self._attempt(client, sent, world.app_key, world.app_secret)
                with world.change():
                    delivery = self.rows[sent.id]
                    delivery.attempts.append(attempt)
                    delivery.due = _next(delivery)
                    if delivery.due is None:
                        del self._waiting[delivery.id]
        finally:
            self._under_way.difference_update(delivery.id for delivery in deliveries)

    async def _attempt(self, client: httpx.AsyncClient, delivery: Delivery, app_key: str, app_secret: str) -> Attempt:
        started = time.perf_counter()
        status, error = None, ""
        try:
            body = delivery.body.encode()
            headers = {
                "content-type": "application/json",
                "authorization": signature(app_key, app_secret, body),
                "user-agent": SENDER,
            }
            with anyio.fail_after(self.manner.timeout):
                if self._transport is None:
                    await check_target(delivery.address, self.own_port)
                status = await _post(client, delivery.address, headers, body)
        except TimeoutError:
            error = f"no answer within {self.manner.timeout:g} s"
        except UnsafeTargetError as unsafe:
            error = f"not sent: {unsafe}"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as failure:
            error = f"{type(failure).__name__}: {failure}".rstrip(": ")
        else:
            error = _objection(status)
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        return Attempt(time=delivery.due or delivery.created_at, status=status, milliseconds=milliseconds, error=error)

    def _forget(self) -> None:
        settled = [delivery.id for delivery in self.rows if delivery.due is None]
        for delivery_id in settled[: max(0, len(settled) - KEPT)]:
            self.rows.remove(delivery_id)


async def keep_sending(world: Callable[[], World]) -> None:
    """Sends what falls due, from now on, until it is cancelled: what a server has a task for.

    Args:
        world: tells in which world, since a reset puts another one in its place.
    """
    while True:
        try:
            current = world()
            await current.deliveries.send_due(current)
        except Exception:
            logger.exception("the sandbox failed to send notifications")
            await anyio.sleep(1)
        await anyio.sleep(PAUSE)


def signature(app_key: str, app_secret: str, body: bytes) -> str:
    """What the `Authorization` header of a notification has to be."""
    return hmac.new(app_secret.encode(), app_key.encode() + body, hashlib.sha256).hexdigest()


async def _post(client: httpx.AsyncClient, address: str, headers: dict[str, str], body: bytes) -> int:
    """The status of the answer. Of its body no more is read than a receiver has reason to send."""
    async with client.stream("POST", address, headers=headers, content=body) as response:
        received = 0
        if not response.is_stream_consumed:  # It is where a transport answers from memory.
            async for chunk in response.aiter_raw():
                received += len(chunk)
                if received > MOST_OF_AN_ANSWER:
                    break
        return response.status_code


def _objection(status: int) -> str:
    if status == 200:
        return ""
    if 300 <= status < 400:
        return f"answered {status}: redirects are not followed"
    return f"answered {status}, not 200"


def _next(delivery: Delivery) -> int | None:
    failures = len(delivery.attempts)
    if delivery.is_delivered or failures > len(DELAYS):
        return None
    return delivery.attempts[-1].time + DELAYS[failures - 1]


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
