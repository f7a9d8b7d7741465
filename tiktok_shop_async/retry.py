"""When a failed request is sent again, and after how long.

The policy is `pause`, a pure function. `Attempts` applies it to one call: it counts, waits and reports.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
from msgspec import Struct

from tiktok_shop_async.classify import Advice
from tiktok_shop_async.errors import (
    CallError,
    CallTimeoutError,
    ClientClosedError,
    RateLimitError,
    ServerError,
    TikTokShopError,
    TransportError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tiktok_shop_async.observation import Observation

__all__ = ["Attempts", "Clock", "Failure", "pause"]


@dataclass(slots=True)
class Clock:
    """Time and chance in one place, so that a test can hold them still: `Clock.instant()`, `Clock(random=lambda: 0.5)`.

    Attributes:
        now: This machine's Unix time in seconds.
        monotonic: Seconds that never run backwards.
        sleep: Waits.
        random: From 0 up to 1.
        offset: What the server's clock is ahead of this machine's, once a refused timestamp has shown it.
    """

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    random: Callable[[], float] = random.random
    offset: float = 0.0

    def server_time(self) -> float:
        """Unix time by the server's clock, as far as it is known."""
        return self.now() + self.offset

    @classmethod
    def instant(cls) -> Clock:
        """A clock for tests, on which nobody waits: `sleep` returns at once, and `monotonic` counts what was slept.

        So waits between attempts and under the rate limit take no time, and yet count against the time of a call.
        Timestamps are the real ones, and what is slow by itself, such as an answer, still is.
        """
        slept = 0.0

        async def sleep(seconds: float) -> None:
            nonlocal slept
            slept += seconds
            await anyio.lowlevel.checkpoint()

        return cls(monotonic=lambda: time.monotonic() + slept, sleep=sleep)


class Failure(Struct, frozen=True):
    """How one attempt failed.

    Attributes:
        maybe_executed: The server may have carried the request out.
        retry_after: Seconds that the server asks to wait.
        server_time: The server's Unix time, where the answer says it.
    """

    error: CallError
    advice: Advice
    maybe_executed: bool = False
    retry_after: float | None = None
    server_time: float | None = None


class Backoff(Struct, frozen=True):
    """Exponential back-off with full jitter, in seconds."""

    base: float
    cap: float

    def delay(self, retries: int, chance: float) -> float:
        # The exponent is bounded because the cap is reached long before floats overflow.
        return chance * min(self.cap, self.base * 2.0 ** min(retries, 32))


_PASSING = (TransportError, ServerError, RateLimitError, CallTimeoutError)
"""What another try can mend, whatever it was that failed so."""

_BACKOFFS = {
    Advice.RATE: Backoff(base=1.0, cap=60.0),
    Advice.LOCK: Backoff(base=0.2, cap=2.0),
    Advice.UNSENT: Backoff(base=0.5, cap=8.0),
    Advice.TRANSIENT: Backoff(base=0.5, cap=8.0),
}


def pause(failure: Failure, *, retries: int, max_retries: int, repeatable: bool, chance: float) -> float | None:
    """How long to wait before the next attempt.

    Args:
        failure: Of the last attempt.
        retries: How often the call was tried again already.
        max_retries: How often it may be.
        repeatable: Whether carrying the call out twice does no harm.
        chance: From 0 up to 1: where in the range of the back-off to land.

    Returns:
        Seconds, or None where there must be no other attempt.
    """
    backoff = _BACKOFFS.get(failure.advice)
    if backoff is None or retries >= max_retries or (failure.maybe_executed and not repeatable):
        return None
    if failure.retry_after is not None:
        # Not all at the very moment that the server named: it named the same one to everyone.
        return failure.retry_after + chance * backoff.base
    return backoff.delay(retries, chance)


class Attempts:
    """The attempts of one call.

    Args:
        operation: Name of what is called.
        changes: Whether the call changes something.
        repeatable: Whether carrying it out twice does no harm.
        replayable: Whether its body can be sent a second time.
        max_retries: How often it may be tried again.
        timeout: Seconds for all of it.
        observation: Is told of each.
    """

    def __init__(
        self,
        operation: str,
        *,
        changes: bool,
        repeatable: bool,
        replayable: bool,
        max_retries: int,
        timeout: float,
        clock: Clock,
        observation: Observation,
    ) -> None:
        self.count = 0
        self._operation = operation
        self._changes = changes
        self._repeatable = repeatable
        self._replayable = replayable
        self._max_retries = max_retries
        self.timeout = timeout
        self._clock = clock
        self._observation = observation
        self._started = clock.monotonic()
        self._retries = 0
        self._clock_was_set = False
        self._access_changed: tuple[Advice, ...] = ()
        self._in_doubt = False
        self._under_way = False
        self._error: CallError | None = None

    def begin(self) -> None:
        """Another request is about to be sent."""
        self.count += 1
        self._under_way = True
        self._observation.attempt_started()

    def failed(self, failure: Failure, *, other_access: bool = False) -> float | None:
        """Take note of how an attempt failed.

        Args:
            failure: Of the attempt.
            other_access: Whether another token or cipher is at hand, where this attempt's was refused.

        Returns:
            The seconds until the next attempt, or None where there is none.
        """
        self._under_way = False
        # Once an attempt may have been carried out, no later refusal of a repetition says that it was not.
        self._in_doubt = self._in_doubt or (self._changes and failure.maybe_executed)
        self._error = error = failure.error
        error.operation, error.attempts, error.outcome_unknown = self._operation, self.count, self._in_doubt
        delay = self._delay(failure, other_access=other_access)
        elapsed = self._elapsed()
        # A wait past the end of the call's time would only hide the error behind a timeout.
        if delay is not None and elapsed + delay >= self.timeout:
            delay = None
        self._observation.attempt_failed(error, delay)
        return delay

    def left(self) -> float:
        """Seconds that the call still has."""
        return self.timeout - self._elapsed()

    def out_of_turn(self, error: CallTimeoutError) -> CallError:
        """The error for a call that the rate limit lets through too late: its last failure, where it has one."""
        error.operation = self._operation
        return self._error or error

    def held_up(self, error: TikTokShopError, rest: float) -> float | None:
        """Take note that there is no valid token, which is no attempt: nothing was sent.

        Args:
            error: Why it could not be renewed.
            rest: Seconds for which that is not tried again.

        Returns:
            The seconds until it is worth looking again, or None where there is no use.
        """
        if not isinstance(error, _PASSING) or self._retries >= self._max_retries:
            return None
        delay = rest + _BACKOFFS[Advice.UNSENT].delay(self._retries, self._clock.random())
        self._retries += 1
        return delay if self._elapsed() + delay < self.timeout else None

    def ended_by_close(self) -> CallError | ClientClosedError:
        """The error for a call whose client was closed: what failed says whether it may have been carried out."""
        return self._error or ClientClosedError(f"{self._operation}: the client is closed")

    def without_access(self, error: TikTokShopError) -> TikTokShopError:
        """The error for a call that gets no valid token or cipher; something of it may have been sent before."""
        if isinstance(error, CallError):
            error.outcome_unknown = error.outcome_unknown or self._in_doubt
            return error
        if self._error is None or not self._in_doubt:
            return error
        # What failed before says that the outcome is not known; this only says why nobody tried again.
        self._error.add_note(f"It was not tried again: {error}")
        return self._error

    def timed_out(self) -> CallTimeoutError:
        """The error for a call whose time was up before it came to an end."""
        return CallTimeoutError(
            f"not done within {self.timeout:g} s",
            operation=self._operation,
            attempts=self.count,
            outcome_unknown=self._in_doubt or (self._changes and self._under_way),
        )

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._started

    def _delay(self, failure: Failure, *, other_access: bool) -> float | None:
        if failure.advice is Advice.CLOCK:
            return self._set_clock(failure)
        if failure.advice in {Advice.TOKEN, Advice.CIPHER}:
            return self._change_access(failure.advice) if other_access else None
        delay = pause(
            failure,
            retries=self._retries,
            max_retries=self._max_retries,
            repeatable=self._repeatable,
            chance=self._clock.random(),
        )
        self._retries += 1
        return delay if self._replayable else None

    def _change_access(self, advice: Advice) -> float | None:
        """Go on with another token, or another cipher, once a call each and apart from its retries."""
        if advice in self._access_changed or not self._replayable:
            return None
        self._access_changed += (advice,)
        return 0.0

    def _set_clock(self, failure: Failure) -> float | None:
        """Take over the server's time, once a call and apart from its retries: no wait would mend a wrong clock."""
        if failure.server_time is None:
            return None
        self._clock.offset = failure.server_time - self._clock.now()
        if self._clock_was_set or not self._replayable:
            return None
        self._clock_was_set = True
        return 0.0
