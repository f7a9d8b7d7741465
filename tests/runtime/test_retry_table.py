"""The retry table, row by row: how often a call was sent, after which waits, and what the caller got.

Every row is tried with the four kinds of calls there are: one that reads, one that sets a state, one under an
idempotency key, and one that must not be carried out twice. The die always falls on the far end of a back-off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.runtime.wire import Time, answer, page
from tiktok_shop_async import (
    AuthenticationError,
    CallError,
    ClockError,
    DecodingError,
    MissingScopeError,
    NotFoundError,
    NotReadyError,
    PermissionDeniedError,
    QuotaError,
    RateLimitError,
    RawAnswer,
    ResourceLockedError,
    RetiredVersionError,
    ServerError,
    ShopCipherError,
    SignatureError,
    TokenExpiredError,
    TransportError,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.runtime.conftest import MakeDepot, Setting

pytestmark = pytest.mark.anyio

KINDS = ("read", "idempotent", "keyed", "unsafe")


async def call(at: Setting, kind: str) -> None:
    match kind:
        case "read":
            await at.depot.get_crate(crate_id="1")
        case "idempotent":
            await at.depot.move_crates(crate_ids=["1"])
        case "keyed":
            await at.depot.order_crate(name="a")
        case _:
            await at.depot.make_crate(name="a")


@dataclass(frozen=True)
class Row:
    """A failure that lasts, and what is right.

    Attributes:
        named: How the row shows in a test's name.
        failure: What each attempt meets.
        error: What the caller gets in the end.
        waits: Seconds before the second, third … attempt, where the call may be sent again.
        executed: Whether the server may have carried an attempt out.
    """

    named: str
    failure: RawAnswer | Exception
    error: type[CallError]
    waits: Sequence[float] = ()
    executed: bool = False


def refused(code: int, status: int = 200, message: str = "refused", **headers: str) -> RawAnswer:
    return answer(code=code, status=status, message=message, **headers)


RATE = (1, 2, 4, 8)
LOCK = (0.2, 0.4, 0.8, 1.6)
TRANSIENT = (0.5, 1, 2, 4)

TABLE = [
    # Too many at the moment: any call, since it was refused before processing.
    Row("429 of a proxy", page("slow down", status=429), RateLimitError, RATE),
    Row("429, retry after 3 s", refused(36009002, 429, retry_after="3"), RateLimitError, (4, 4, 4, 4)),
    Row("429, retry after an hour", refused(36009002, 429, retry_after="3600"), RateLimitError),
    *(Row(f"{code}", refused(code), RateLimitError, RATE) for code in (36009002, 17029054, 600001001)),
    # An allowance that is used up.
    *(Row(f"{code}", refused(code, 429), QuotaError) for code in (36009037, 45101004, 12038012)),
    # Failures of the moment: what does no harm when it is repeated.
    *(Row(f"{code}", refused(code, 500), ServerError, TRANSIENT, executed=True) for code in (36009003, 36009007)),
    *(Row(f"HTTP {s}", page("<html>", status=s), ServerError, TRANSIENT, executed=True) for s in (500, 502, 503, 504)),
    Row(
        "503, retry after 3 s", page("", status=503, retry_after="3"), ServerError, (3.5, 3.5, 3.5, 3.5), executed=True
    ),
    Row(
        "connection lost",
        TransportError("no answer: ReadError", kind="read", maybe_executed=True),
        TransportError,
        TRANSIENT,
        executed=True,
    ),
    Row("cut off", page('{"code":0,"message":"Success","data":{"id":"1","na'), DecodingError, TRANSIENT, executed=True),
    Row("no connection", TransportError("no answer: ConnectError"), TransportError, TRANSIENT),
    # Another change is under way.
    *(Row(f"{code}", refused(code), ResourceLockedError, LOCK) for code in (25001028, 600001002)),
    # The token: without a refresh token there is nothing to renew it with.
    Row("105002", refused(105002, 401), TokenExpiredError),
    # The clock: once, and at once, where the answer says what time it is.
    Row("clock", refused(36009004, 400, "bad timestamp", date="Tue, 14 Nov 2023 23:13:20 GMT"), ClockError, (0,)),
    Row("clock, no date", refused(36009004, 400, "bad timestamp"), ClockError),
    # Not ready yet: for the caller to poll.
    *(Row(f"{code}", refused(code), NotReadyError) for code in (11034037, 11034023, 11006010, 21023034)),
    # What never gets better.
    Row("106001", refused(106001, 401), SignatureError),
    Row("105005", refused(105005, 403), MissingScopeError),
    Row("101000", refused(101000, 401), AuthenticationError),
    Row("106013", refused(106013, 400), ShopCipherError),
    Row("36009009", refused(36009009, 404), NotFoundError),
    Row("36009010", refused(36009010, 405), NotFoundError),
    Row("36009014", refused(36009014, 400), RetiredVersionError),
    *(Row(f"{code}", refused(code, 400), ValidationError) for code in (36009022, 36009023, 98001004)),
    Row("36004004", refused(36004004), AuthenticationError),
    *(Row(f"{code}", refused(code), PermissionDeniedError) for code in (36009033, 36009043, 36009044, 21008106)),
    Row("36009004, app key", refused(36009004, 400, "invalid app_key"), AuthenticationError),
    Row("36009004, a field", refused(36009004, 400, "`size` expects int, got string"), ValidationError),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.named)
async def test_the_retry_table(make_depot: MakeDepot, time: Time, row: Row, kind: str) -> None:
    at = make_depot(row.failure, refresh_token=None)
    with pytest.raises(row.error) as caught:
        await call(at, kind)

    waits = [] if row.executed and kind == "unsafe" else list(row.waits)
    assert len(at.wire.sent) == caught.value.attempts == len(waits) + 1
    assert time.waits == [each for each in waits if each]
    assert type(caught.value) is row.error
    assert caught.value.outcome_unknown is (row.executed and kind != "read")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", [row for row in TABLE if row.waits], ids=lambda row: row.named)
async def test_a_failure_that_passes_is_not_seen(make_depot: MakeDepot, row: Row, kind: str) -> None:
    """Where a row allows another attempt at all, its success is the call's."""
    at = make_depot(row.failure, answer({"id": "1"}), refresh_token=None)
    if row.executed and kind == "unsafe":
        with pytest.raises(row.error):
            await call(at, kind)
    else:
        await call(at, kind)
        assert len(at.wire.sent) == 2
