"""When a failed request is sent again, after how long, and what the hook is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.runtime.wire import START, Time, answer, page
from tiktok_shop_async import (
    APIError,
    CallError,
    CallOptions,
    CallTimeoutError,
    ClockError,
    QuotaError,
    RateLimitError,
    RawAnswer,
    ResourceLockedError,
    ServerError,
    SignatureError,
    TransportError,
    ValidationError,
)
from tiktok_shop_async.classify import Advice
from tiktok_shop_async.retry import Failure, pause

if TYPE_CHECKING:
    from tests.runtime.conftest import MakeDepot

pytestmark = pytest.mark.anyio

CRATE = {"id": "1", "name": "a"}

rate_limited = answer(code=36009002, status=429)
failed = answer(code=36009003, status=500)
locked = answer(code=25001028)


def lost(*, maybe_executed: bool = True) -> TransportError:
    return TransportError("no answer: ReadError", kind="read", maybe_executed=maybe_executed)


# The policy


@pytest.mark.parametrize(
    ("advice", "delays"),
    [
        (Advice.RATE, [1, 2, 4, 8, 16, 32, 60, 60]),
        (Advice.LOCK, [0.2, 0.4, 0.8, 1.6, 2, 2, 2, 2]),
        (Advice.TRANSIENT, [0.5, 1, 2, 4, 8, 8, 8, 8]),
        (Advice.UNSENT, [0.5, 1, 2, 4, 8, 8, 8, 8]),
        (Advice.NEVER, [None] * 8),
        (Advice.CLOCK, [None] * 8),
    ],
)
def test_waits_double_up_to_a_cap(advice: Advice, delays: list[float | None]) -> None:
    failure = Failure(ServerError(), advice)
    waits = [pause(failure, retries=n, max_retries=99, repeatable=True, chance=1.0) for n in range(8)]
    assert waits == delays


def test_jitter_takes_the_whole_range() -> None:
    """From nothing at all to the full back-off, so that tasks that failed together do not come back together."""
    failure = Failure(ServerError(), Advice.RATE)
    waits = [pause(failure, retries=2, max_retries=9, repeatable=True, chance=chance) for chance in (0.0, 0.25, 0.5)]
    assert waits == [0.0, 1.0, 2.0]


def test_the_wait_stays_finite_after_any_number_of_retries() -> None:
    assert pause(Failure(ServerError(), Advice.RATE), retries=5000, max_retries=9999, repeatable=True, chance=1.0) == 60


# What is tried again


@pytest.mark.parametrize(
    "failure", [rate_limited, failed, locked, page("<html>bad gateway</html>", status=502), lost()]
)
async def test_a_read_is_tried_again(make_depot: MakeDepot, failure: RawAnswer | Exception) -> None:
    at = make_depot(failure, failure, answer(CRATE))
    assert (await at.depot.get_crate(crate_id="1")).name == "a"
    assert len(at.wire.sent) == 3


@pytest.mark.parametrize("failure", [rate_limited, locked, lost(maybe_executed=False)])
async def test_a_write_is_tried_again_when_it_was_surely_not_carried_out(
    make_depot: MakeDepot, failure: RawAnswer | Exception
) -> None:
    at = make_depot(failure, answer(CRATE))
    await at.depot.make_crate(name="a")
    assert len(at.wire.sent) == 2


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (failed, ServerError),
        (page("unavailable", status=503), ServerError),
        (answer(code=36009007), ServerError),
        (lost(), TransportError),
    ],
)
async def test_a_write_that_may_have_been_carried_out_is_left_to_the_caller(
    make_depot: MakeDepot, failure: RawAnswer | Exception, error: type[CallError]
) -> None:
    at = make_depot(failure)
    with pytest.raises(error, match="not known whether the change was made") as caught:
        await at.depot.make_crate(name="a")
    assert caught.value.outcome_unknown is True
    assert len(at.wire.sent) == 1


async def test_a_write_that_sets_a_state_is_tried_again(make_depot: MakeDepot) -> None:
    at = make_depot(failed, lost(), answer({}))
    await at.depot.move_crates(crate_ids=["1"])
    assert len(at.wire.sent) == 3


async def test_a_write_with_an_idempotency_key_is_tried_again_under_the_same_key(make_depot: MakeDepot) -> None:
    at = make_depot(failed, lost(), answer(CRATE))
    await at.depot.order_crate(name="a")
    keys = {sent.query["idempotency_key"] for sent in at.wire.sent}
    assert len(at.wire.sent) == 3
    assert len(keys) == 1
    assert len(keys.pop()) == 36


async def test_each_call_gets_an_idempotency_key_of_its_own(make_depot: MakeDepot) -> None:
    at = make_depot()
    await at.depot.order_crate()
    await at.depot.order_crate()
    first, second = (sent.query["idempotency_key"] for sent in at.wire.sent)
    assert first != second


async def test_a_key_that_the_caller_gave_is_kept(make_depot: MakeDepot) -> None:
    at = make_depot(failed, answer(CRATE))
    await at.depot.order_crate(idempotency_key="mine")
    assert [sent.query["idempotency_key"] for sent in at.wire.sent] == ["mine", "mine"]


async def test_an_empty_key_protects_nothing_and_is_replaced(make_depot: MakeDepot) -> None:
    at = make_depot(answer(CRATE))
    await at.depot.order_crate(idempotency_key="")
    assert at.wire.sent[0].query["idempotency_key"]


async def test_a_failed_read_has_no_outcome_to_wonder_about(make_depot: MakeDepot) -> None:
    at = make_depot(lost())
    with pytest.raises(TransportError) as caught:
        await at.depot.get_crate(crate_id="1")
    assert caught.value.outcome_unknown is False
    assert caught.value.attempts == 5


async def test_a_refusal_after_a_doubtful_attempt_leaves_the_outcome_unknown(make_depot: MakeDepot) -> None:
    """The refusal speaks of the repetition; the first attempt may have made the change."""
    at = make_depot(lost(), answer(code=12345678, status=400))
    with pytest.raises(ValidationError) as caught:
        await at.depot.move_crates(crate_ids=["1"])
    assert caught.value.outcome_unknown is True


async def test_a_plain_refusal_of_a_write_is_certain(make_depot: MakeDepot) -> None:
    at = make_depot(answer(code=12345678))
    with pytest.raises(APIError, match="code 12345678") as caught:
        await at.depot.make_crate(name="a")
    assert caught.value.outcome_unknown is False
    assert len(at.wire.sent) == 1


@pytest.mark.parametrize(("code", "error"), [(106001, SignatureError), (36009037, QuotaError), (45101004, QuotaError)])
async def test_what_cannot_get_better_is_not_tried_again(
    make_depot: MakeDepot, code: int, error: type[Exception]
) -> None:
    at = make_depot(answer(code=code, status=500))
    with pytest.raises(error):
        await at.depot.get_crate(crate_id="1")
    assert len(at.wire.sent) == 1


# How often, and how long


async def test_the_client_gives_up_after_five_attempts(make_depot: MakeDepot, time: Time) -> None:
    at = make_depot(rate_limited)
    with pytest.raises(RateLimitError, match="5 attempts") as caught:
        await at.depot.get_crate(crate_id="1")
    assert caught.value.attempts == len(at.wire.sent) == 5
    assert time.waits == [1, 2, 4, 8]


@pytest.mark.parametrize("max_retries", [0, 1, 2])
async def test_the_number_of_retries_can_be_set(make_depot: MakeDepot, max_retries: int) -> None:
    by_client = make_depot(failed, max_retries=max_retries)
    by_call = make_depot(failed)
    with pytest.raises(ServerError):
        await by_client.depot.get_crate(crate_id="1")
    with pytest.raises(ServerError):
        await by_call.depot.get_crate(crate_id="1", options=CallOptions(max_retries=max_retries))
    assert len(by_client.wire.sent) == len(by_call.wire.sent) == max_retries + 1


async def test_retry_after_in_seconds_is_waited_out(make_depot: MakeDepot, time: Time) -> None:
    time.chance = 0.25
    at = make_depot(answer(code=36009002, status=429, retry_after="7"), answer(CRATE))
    await at.depot.make_crate(name="a")
    assert time.waits == [7.25]  # and a little more, not to come back with everyone else


async def test_retry_after_as_a_date_is_waited_out(make_depot: MakeDepot, time: Time) -> None:
    time.chance = 0.0
    at = make_depot(page("", status=429, retry_after="Tue, 14 Nov 2023 22:13:29 GMT"), answer(CRATE))
    await at.depot.get_crate(crate_id="1")
    assert time.waits == [9.0]


async def test_a_wait_that_would_outlast_the_call_is_not_begun(make_depot: MakeDepot, time: Time) -> None:
    at = make_depot(answer(code=36009002, status=429, retry_after="3600"))
    with pytest.raises(RateLimitError, match="retry after 3600 s") as caught:
        await at.depot.get_crate(crate_id="1")
    assert caught.value.retry_after == 3600
    assert time.waits == []


async def test_the_total_time_bounds_the_waits(make_depot: MakeDepot, time: Time) -> None:
    at = make_depot(rate_limited, max_retries=99)
    with pytest.raises(RateLimitError):
        await at.depot.get_crate(crate_id="1", options=CallOptions(timeout=20))
    assert time.waits == [1, 2, 4, 8]


async def test_a_locked_object_is_tried_again_after_a_short_wait(make_depot: MakeDepot, time: Time) -> None:
    at = make_depot(locked)
    with pytest.raises(ResourceLockedError):
        await at.depot.make_crate(name="a")
    assert time.waits == [0.2, 0.4, 0.8, 1.6]


async def test_every_attempt_is_signed_anew(make_depot: MakeDepot) -> None:
    at = make_depot(rate_limited, rate_limited, answer(CRATE))
    await at.depot.get_crate(crate_id="1")
    assert [int(sent.query["timestamp"]) - START for sent in at.wire.sent] == [0, 1, 3]
    assert len({sent.query["sign"] for sent in at.wire.sent}) == 3


# The clock

too_old = answer(code=36009004, message="bad 'timestamp'", status=400, date="Tue, 14 Nov 2023 23:13:20 GMT")


async def test_a_refused_timestamp_is_mended_by_the_servers_clock(make_depot: MakeDepot, time: Time) -> None:
    at = make_depot(too_old, answer(CRATE))
    await at.depot.make_crate(name="a")
    assert [int(sent.query["timestamp"]) - START for sent in at.wire.sent] == [0, 3600]
    assert time.waits == []


async def test_the_servers_clock_is_kept_for_later_calls_and_all_views(make_depot: MakeDepot) -> None:
    at = make_depot(too_old, answer(CRATE))
    await at.depot.get_crate(crate_id="1")
    view = at.client.with_shop(shop_cipher="ROW_other")
    await view.request("GET", "/depot/202309/crates/1")
    assert int(at.wire.sent[-1].query["timestamp"]) - START == 3600


async def test_the_clock_is_set_once_in_a_call(make_depot: MakeDepot) -> None:
    at = make_depot(too_old)
    with pytest.raises(ClockError, match="2 attempts"):
        await at.depot.get_crate(crate_id="1")


async def test_the_clock_is_set_even_where_retries_are_off(make_depot: MakeDepot) -> None:
    """It is a correction and not a retry: without it a machine with a wrong clock could never call."""
    at = make_depot(too_old, answer(CRATE), max_retries=0)
    await at.depot.get_crate(crate_id="1")
    assert len(at.wire.sent) == 2


async def test_without_a_date_the_clock_cannot_be_set(make_depot: MakeDepot) -> None:
    at = make_depot(answer(code=36009004, message="bad timestamp", status=400))
    with pytest.raises(ClockError):
        await at.depot.get_crate(crate_id="1")
    assert len(at.wire.sent) == 1


# The time of a call


async def never() -> Any:
    await anyio.sleep_forever()


async def test_a_call_ends_when_its_time_is_up(make_depot: MakeDepot) -> None:
    at = make_depot(never)
    with pytest.raises(CallTimeoutError, match=r"^depot.get_crate: not done within 0.01 s$") as caught:
        await at.depot.get_crate(crate_id="1", options=CallOptions(timeout=0.01))
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.outcome_unknown is False
    assert caught.value.__cause__ is caught.value.__context__ is None


async def test_the_time_limit_of_the_client_holds_where_a_call_has_none(make_depot: MakeDepot) -> None:
    at = make_depot(never, timeout=0.01)
    with pytest.raises(CallTimeoutError):
        await at.depot.get_crate(crate_id="1")


async def test_a_write_whose_time_is_up_may_have_been_carried_out(make_depot: MakeDepot) -> None:
    at = make_depot(never)
    with pytest.raises(CallTimeoutError) as caught:
        await at.depot.move_crates(crate_ids=["1"], options=CallOptions(timeout=0.01))
    assert caught.value.outcome_unknown is True


async def test_time_that_is_up_during_a_wait_leaves_no_doubt(make_depot: MakeDepot, time: Time) -> None:
    """What was refused before processing was not carried out, and nothing else was sent."""
    time.chance = 0.001
    clock = time.clock()
    clock.sleep = lambda _: anyio.sleep_forever()
    at = make_depot(rate_limited, clock=clock)
    with pytest.raises(CallTimeoutError) as caught:
        await at.depot.make_crate(name="a", options=CallOptions(timeout=0.02))
    assert caught.value.outcome_unknown is False


async def test_cancelling_from_outside_passes_through(make_depot: MakeDepot) -> None:
    at = make_depot(never)
    with anyio.move_on_after(0.01) as scope:
        await at.depot.get_crate(crate_id="1")
    assert scope.cancelled_caught


async def test_a_body_is_the_same_in_every_attempt(make_depot: MakeDepot) -> None:
    at = make_depot(rate_limited, rate_limited, answer(CRATE))
    await at.depot.make_crate(name="a", extra={"b": 1})
    assert {sent.body for sent in at.wire.sent} == {
        json.dumps({"name": "a", "extra": {"b": 1}}, separators=(",", ":")).encode()
    }
