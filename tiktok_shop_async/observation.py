"""Who watches calls: observers for metrics and tracing, and the log records, which are written by one of them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tiktok_shop_async.errors import APIError, CallError, PartialFailureError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Self

    from tiktok_shop_async.operation import Operation
    from tiktok_shop_async.response import Response

__all__ = ["AttemptDetails", "CallDetails", "CallResult", "Observation", "Observer", "Observers", "Outcome"]

_log = logging.getLogger("tiktok_shop_async.observation")
_call_log = logging.getLogger("tiktok_shop_async.call")
_retry_log = logging.getLogger("tiktok_shop_async.retry")

Outcome: TypeAlias = Literal["success", "partial", "failure", "unknown", "cancelled"]
"""How a call ended. `partial`: some of its items failed. `unknown`: it changes something, and may have been carried
out all the same. `cancelled`: the program gave it up, and nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CallDetails:
    """A call, from its start on. The same object stands in all that is told about the call: a key to remember it by.

    Attributes:
        operation: What is called: `orders.get_order_list`.
        shop: The shop's id, where `client.shop(…)` has found it. Else `cipher:` with a digest of the shop's cipher,
            the same in all processes. Empty where the call is for no shop.
        method: Of HTTP.
        path: Of the endpoint, with placeholders for ids.
        changes: Whether the call changes something.
    """

    operation: str
    shop: str
    method: str
    path: str
    changes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptDetails:
    """One request of a call, once it has been answered or has failed.

    Attributes:
        call: The call that it belongs to.
        attempt: Its number, from 1.
        duration: Seconds from signing it to its complete answer.
        wait: Seconds until the next attempt; None if no other follows.
        status: HTTP status, or None without an answer.
        code: The API's code, 0 for success; None without one.
        request_id: The API's name for the request; empty without an answer.
        error: What would be raised if no other attempt followed; None for success. Where the call was cancelled, the
            cancellation.
    """

    call: CallDetails
    attempt: int
    duration: float
    wait: float | None = None
    status: int | None = None
    code: int | None = None
    request_id: str = ""
    error: BaseException | None = None

    @property
    def operation(self) -> str:
        """What is called."""
        return self.call.operation

    @property
    def shop(self) -> str:
        """The shop it is called for; see `CallDetails`."""
        return self.call.shop


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResult:
    """How a call ended.

    Attributes:
        call: The call.
        outcome: `success`, `partial`, `failure`, `unknown` or `cancelled`.
        duration: Seconds for all of it, waits for the limiter, for tokens and between attempts included.
        attempts: How many requests were sent.
        status: HTTP status of the last answer, or None without one.
        code: The API's last code, 0 for success; None without one.
        request_id: The API's name for the last request; empty without an answer.
        error: What is raised; None for success.
    """

    call: CallDetails
    outcome: Outcome
    duration: float
    attempts: int
    status: int | None = None
    code: int | None = None
    request_id: str = ""
    error: BaseException | None = None

    @property
    def operation(self) -> str:
        """What was called."""
        return self.call.operation

    @property
    def shop(self) -> str:
        """The shop it was called for; see `CallDetails`."""
        return self.call.shop


class Observer:
    """Watches calls: override what you need, and give it to the client as `observers=[…]`.

    Its methods run in the task of the call, between the call's steps: they must be quick, and must not wait. What they
    raise is logged, once for each method, and does not disturb the call. What they are given holds no secret.
    """

    def call_started(self, call: CallDetails) -> None:
        """A call begins. It will end with `call_ended`, whatever happens."""

    def attempt_ended(self, attempt: AttemptDetails) -> None:
        """A request was answered, failed, or was given up. Told before the wait for the next one."""

    def call_ended(self, result: CallResult) -> None:
        """A call is over."""


class Observers:
    """All who watch a client's calls."""

    def __init__(self, given: Sequence[Observer] = ()) -> None:
        self.any_given = bool(given)
        """Whether anyone watches besides the log, which most calls have nothing to say to."""
        self._all: tuple[Observer, ...] = (_LogWriter(), *given)
        self._broken: set[tuple[int, str]] = set()

    def watch(
        self,
        operation: Operation[Any],
        describe: Callable[[Operation[Any]], CallDetails],
        monotonic: Callable[[], float],
    ) -> Observation:
        """A call that begins with `with`, and ends with its end; it is described if someone is told."""
        return Observation(self, operation, describe, monotonic)

    def call_started(self, call: CallDetails) -> None:
        self._tell("call_started", call)

    def attempt_ended(self, attempt: AttemptDetails) -> None:
        self._tell("attempt_ended", attempt)

    def call_ended(self, result: CallResult) -> None:
        self._tell("call_ended", result)

    def _tell(self, what: str, details: CallDetails | AttemptDetails | CallResult) -> None:
        for index, observer in enumerate(self._all):
            try:
                getattr(observer, what)(details)
            except Exception:
                if (index, what) not in self._broken:  # else every call would say the same
                    self._broken.add((index, what))
                    _log.exception("%s.%s failed; further failures of it are not logged", type(observer).__name__, what)


class Observation:
    """One call under observation. Who makes the call says when an attempt begins, and how it ends."""

    __slots__ = (
        "_attempt_started",
        "_attempts",
        "_call",
        "_describe",
        "_in_doubt",
        "_monotonic",
        "_observers",
        "_operation",
        "_response",
        "_started",
    )

    def __init__(
        self,
        observers: Observers,
        operation: Operation[Any],
        describe: Callable[[Operation[Any]], CallDetails],
        monotonic: Callable[[], float],
    ) -> None:
        self._observers = observers
        self._operation = operation
        self._describe = describe
        self._call: CallDetails | None = None
        self._monotonic = monotonic
        self._started = monotonic()
        self._attempts = 0
        self._attempt_started: float | None = None
        self._in_doubt = False
        self._response: Response | None = None

    def __enter__(self) -> Self:
        if self._observers.any_given:
            self._observers.call_started(self._details)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        under_way = self._attempt_started is not None
        if under_way:  # the call's time was up, or it was cancelled
            self._attempt_over(error=error)
        if error is None and not self._observers.any_given and not _is_logged("success"):
            return
        call = self._details
        self._observers.call_ended(
            CallResult(
                call=call,
                outcome=self._outcome(error, in_doubt=self._in_doubt or (call.changes and under_way)),
                duration=self._monotonic() - self._started,
                attempts=self._attempts,
                error=error,
                **self._facts(error),
            )
        )

    @property
    def _details(self) -> CallDetails:
        """The same object, whenever someone is told."""
        if self._call is None:
            self._call = self._describe(self._operation)
        return self._call

    def attempt_started(self) -> None:
        """A request is about to be sent."""
        self._attempts += 1
        self._attempt_started = self._monotonic()

    def attempt_failed(self, error: CallError, wait: float | None) -> None:
        """It failed, and the next one follows after so many seconds, or never."""
        self._in_doubt = error.outcome_unknown
        self._attempt_over(error=error, wait=wait)

    def attempt_succeeded(self, response: Response) -> None:
        """It was answered with success."""
        self._response = response
        self._attempt_over()

    def _attempt_over(self, error: BaseException | None = None, wait: float | None = None) -> None:
        started, self._attempt_started = self._attempt_started, None
        if wait is None and not self._observers.any_given:
            return
        self._observers.attempt_ended(
            AttemptDetails(
                call=self._details,
                attempt=self._attempts,
                duration=0.0 if started is None else self._monotonic() - started,
                wait=wait,
                error=error,
                **self._facts(error),
            )
        )

    def _facts(self, error: BaseException | None) -> dict[str, Any]:
        """What the answer said: the one behind an error, or the one of success."""
        if isinstance(error, CallError):
            code = error.code if isinstance(error, APIError) else 0 if isinstance(error, PartialFailureError) else None
            return {"status": error.status, "code": code, "request_id": error.request_id}
        if error is None and self._response is not None:
            return {"status": self._response.status, "code": 0, "request_id": self._response.request_id}
        return {}

    @staticmethod
    def _outcome(error: BaseException | None, *, in_doubt: bool) -> Outcome:
        if error is None:
            return "success"
        if isinstance(error, PartialFailureError):
            return "partial"
        if error.outcome_unknown if isinstance(error, CallError) else in_doubt:
            return "unknown"
        return "failure" if isinstance(error, Exception) else "cancelled"


_LEVELS: dict[Outcome, int] = {"success": logging.DEBUG, "unknown": logging.WARNING}
"""Of a call's record. A failure is INFO: its error is raised, and only who catches it knows how bad it is."""


def _level(outcome: Outcome) -> int:
    return _LEVELS.get(outcome, logging.INFO)


def _is_logged(outcome: Outcome) -> bool:
    return _call_log.isEnabledFor(_level(outcome))


class _LogWriter(Observer):
    """Writes one record a call, and one before each wait for another attempt."""

    def attempt_ended(self, attempt: AttemptDetails) -> None:
        if attempt.wait is None or not _retry_log.isEnabledFor(logging.INFO):
            return
        _write(
            _retry_log,
            logging.INFO,
            f"{attempt.error}; trying again in {attempt.wait:.2f} s",
            attempt,
            attempts=attempt.attempt,
            outcome="retry",
            wait=attempt.wait,
        )

    def call_ended(self, result: CallResult) -> None:
        if not _is_logged(result.outcome):
            return
        if result.error is None:
            text = f"{result.operation}: {result.outcome} (HTTP {result.status}, request id {result.request_id})"
        elif isinstance(result.error, CallError):
            text = str(result.error)
        else:  # the text of anyone else's error is not ours to vouch for
            text = f"{result.operation}: {result.outcome} ({type(result.error).__name__})"
        text = f"{text}; {result.duration:.3f} s"
        _write(_call_log, _level(result.outcome), text, result, attempts=result.attempts, outcome=result.outcome)


def _write(log: logging.Logger, level: int, text: str, details: AttemptDetails | CallResult, **more: object) -> None:
    fields: dict[str, object] = {
        "operation": details.operation,
        "shop": details.shop,
        "request_id": details.request_id,
        "status": details.status,
        "code": details.code,
        "duration": details.duration,
        "error": type(details.error).__name__ if details.error is not None else None,
        **more,
    }
    # Not `extra=`, which raises where the program's own record factory has set one of these names, a request id mostly.
    record = log.makeRecord(log.name, level, __file__, 0, "%s", (text,), None, "call")
    for name, value in fields.items():
        record.__dict__.setdefault(name, value)
    log.handle(record)
