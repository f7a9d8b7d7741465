"""Where accepted events lie until they are handled, and who may handle them: the protocol of an inbox.

An inbox holds a row an event, under the event's key, so that a delivery that comes again finds it there. A worker
claims events for seconds at a time; every claim of an event has a number greater than all before it, the fence, and
only the newest one may end the event. So a worker that slept through the end of its lease changes nothing any more, and
what a handler wants written together with the event is written by one worker only.

Of the events about one object, the one with the smallest `update_time` is given out first, and the next one only when
it has ended: handled, or dead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from tiktok_shop_async.tokens.encryption import Encryption

__all__ = ["Arrival", "Body", "Claim", "Counts", "DeadLetter", "Effect", "Inbox", "open_body", "seal_body"]

Effect: TypeAlias = Callable[[Any], object]
"""Work that is written together with the end of an event: it gets the inbox's open transaction, or a pipeline."""


class Body(bytes):
    """The bytes of an event. They name people, so they are not shown: a traceback may hold them."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An event as it is put into an inbox.

    Attributes:
        key: The same for every delivery of the event, and for no other event.
        body: The bytes that were signed.
        type: The number of the event's type.
        shop_id: The shop that it is about; empty where there is none.
        object: Which object it is about, by a text of its own among all objects of all shops; empty where there is
            none: such an event waits for no other.
        update_time: When the object changed, in Unix seconds; None where the event does not say.
    """

    key: str
    body: Body
    type: int = 0
    shop_id: str = ""
    object: str = ""
    update_time: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An event that a worker may handle, until the lease ends.

    Attributes:
        key: Of the event.
        fence: Greater than that of any claim of this event before.
        body: The bytes that were signed; None if none of the encryption keys opens them.
        attempt: Which one this is, from 1 on. One that ended with its process counts as well.
        stale: A newer event of the same type about the same object has been handled already.
        replayed: Somebody asked for it again.
        received_at: When it was accepted, in Unix seconds.
    """

    key: str
    fence: int
    body: Body | None
    attempt: int
    stale: bool
    replayed: bool
    received_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """An event that is not tried again by itself. Its repr and text do not show what it holds.

    Attributes:
        key: Of the event, for `replay`.
        type: The number of its type.
        shop_id: The shop that it is about; empty where there is none.
        attempts: How often it was tried.
        error: The class of the last error and where it was raised. Not its text, which may name people.
        received_at: When it was accepted, in Unix seconds.
        died_at: When it was given up, in Unix seconds.
        body: The bytes that were signed: `parse(letter.body)` reads them. None if none of the encryption keys opens
            them.
    """

    key: str
    type: int
    shop_id: str
    attempts: int
    error: str
    received_at: float
    died_at: float
    body: Body | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many events an inbox holds in which state.

    Attributes:
        waiting: Not handled yet, those included whose turn is later.
        running: With a worker now.
        done: Handled, and remembered so that they are not handled again.
        dead: Given up.
    """

    waiting: int
    running: int
    done: int
    dead: int


class Inbox(Protocol):
    """Keeps accepted events until they are handled, and their keys for a while after that.

    Every method is atomic, holds nothing while its caller goes on, and raises `InboxError` if the inbox cannot be
    reached, read or written.
    """

    async def add(self, arrival: Arrival) -> bool:
        """Put an event in. It is safe when this returns.

        Returns:
            False if an event of this key was there, whatever its state: it was delivered again.
        """
        ...

    async def claim(self, most: int, seconds: float) -> list[Claim]:
        """Take events to handle, those first that have been due for longest.

        Args:
            most: How many at most.
            seconds: How long the lease lasts.
        """
        ...

    async def renew(self, claims: Sequence[Claim], seconds: float) -> None:
        """Keep claims for `seconds` from now on; those that have passed on to others are left alone."""
        ...

    async def complete(self, claim: Claim, effects: Sequence[Effect] = ()) -> bool:
        """End an event, and write the effects in the same transaction: both, or neither.

        Returns:
            False if the claim has passed on to another worker: nothing was written.

        Raises:
            Exception: What an effect raised: nothing was written.
        """
        ...

    async def fail(self, claim: Claim, error: str, again_in: float | None) -> bool:
        """Put an event back, to be tried again, or with the dead letters.

        Args:
            claim: Under which it was tried.
            error: What is remembered of the failure.
            again_in: Seconds until its next turn; None for never.

        Returns:
            False if the claim has passed on to another worker: nothing was written.
        """
        ...

    async def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back before their end, as if they had not been taken."""
        ...

    async def newest(self, object_: str) -> int | None:
        """The greatest `update_time` among all events about an object that the inbox remembers, handled or not."""
        ...

    async def dead_letters(self, most: int = 100) -> list[DeadLetter]:
        """The events that were given up, those first that were given up last."""
        ...

    async def replay(self, key: str) -> bool:
        """Have an event handled again, from the first attempt on: a dead letter, or one that was handled.

        Returns:
            False if there is none of this key, or if it has not ended yet.
        """
        ...

    async def purge(self, days: float) -> int:
        """Forget what ended more than so many days ago, dead letters included.

        Returns:
            How many events were forgotten. One that is delivered again after that is a new one.
        """
        ...

    async def counts(self) -> Counts:
        """How many events there are in which state."""
        ...

    async def aclose(self) -> None:
        """Close what is open. Whatever is called later opens it again."""
        ...


def seal_body(body: bytes, encryption: Encryption | None) -> Body:
    """The bytes that an inbox keeps of an event."""
    return Body(body if encryption is None else encryption.seal(body))


def open_body(content: bytes, encryption: Encryption | None) -> Body | None:
    """The bytes of an event; None if they are damaged, or encrypted with another key.

    Not an error: one event that cannot be read must not keep others from being handled or listed.
    """
    opened = content if encryption is None else encryption.open(content)
    return None if opened is None else Body(opened)
