"""Who watches calls is told of each call and each attempt, and cannot disturb them; log records are one watcher's."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.runtime.conftest import APP_KEY, APP_SECRET, CIPHER, SECRETS, TOKEN
from tests.runtime.depot import Depot
from tests.runtime.wire import Wire, answer
from tiktok_shop_async import (
    CallOptions,
    CallTimeoutError,
    Clock,
    CredentialsError,
    Observer,
    PartialFailureError,
    RateLimitError,
    ServerError,
    TikTokShop,
    TransportError,
    ValidationError,
)

if TYPE_CHECKING:
    from tests.runtime.conftest import MakeDepot
    from tests.runtime.wire import Time
    from tiktok_shop_async import AttemptDetails, CallDetails, CallResult

pytestmark = pytest.mark.anyio

CRATE = {"id": "1", "name": "a"}
RATE_LIMITED = answer(code=36009002, message="Too many", status=429)
FAILED = answer(code=36009003, message="Internal error", status=500)
REFUSED = answer(code=12038021, message="No", status=400)


class Diary(Observer):
    """Keeps all that it is told."""

    def __init__(self) -> None:
        self.calls: list[CallDetails] = []
        self.attempts: list[AttemptDetails] = []
        self.results: list[CallResult] = []

    def call_started(self, call: CallDetails) -> None:
        self.calls.append(call)

    def attempt_ended(self, attempt: AttemptDetails) -> None:
        self.attempts.append(attempt)

    def call_ended(self, result: CallResult) -> None:
        self.results.append(result)

    @property
    def result(self) -> CallResult:
        (only,) = self.results
        return only


class Broken(Observer):
    """Fails in all that it does."""

    def call_started(self, call: CallDetails) -> None:
        raise ZeroDivisionError("started")

    def attempt_ended(self, attempt: AttemptDetails) -> None:
        raise ZeroDivisionError("attempt")

    def call_ended(self, result: CallResult) -> None:
        raise ZeroDivisionError("ended")


@pytest.fixture
def diary() -> Diary:
    return Diary()


async def never() -> Any:
    await anyio.sleep_forever()


# Observers


async def test_a_call_is_told_from_its_start_to_its_end(make_depot: MakeDepot, diary: Diary) -> None:
    at = make_depot(answer(CRATE), observers=[diary])
    await at.depot.get_crate(crate_id="1")
    (call,) = diary.calls
    assert (call.operation, call.method, call.path) == ("depot.get_crate", "GET", "/depot/202309/crates/{crate_id}")
    assert not call.changes
    result = diary.result
    assert result.call is call
    assert (result.operation, result.outcome, result.attempts, result.error) == (call.operation, "success", 1, None)
    assert (result.status, result.code, result.request_id) == (200, 0, "20231114A1")


async def test_each_attempt_is_told_before_the_wait_for_the_next(
    make_depot: MakeDepot, diary: Diary, time: Time
) -> None:
    at = make_depot(RATE_LIMITED, FAILED, answer(CRATE), observers=[diary])
    await at.depot.get_crate(crate_id="1")
    first, second, last = diary.attempts
    assert [(each.operation, each.attempt, each.wait) for each in (first, second, last)] == [
        ("depot.get_crate", 1, 1.0),
        ("depot.get_crate", 2, 1.0),
        ("depot.get_crate", 3, None),
    ]
    assert isinstance(first.error, RateLimitError)
    assert (first.status, first.code) == (429, 36009002)
    assert isinstance(second.error, ServerError)
    assert last.error is None
    assert {each.call for each in diary.attempts} == set(diary.calls)
    assert (diary.result.outcome, diary.result.attempts) == ("success", 3)
    assert diary.result.duration >= sum(time.waits) == 2.0


async def test_what_is_told_is_frozen(make_depot: MakeDepot, diary: Diary) -> None:
    at = make_depot(answer(CRATE), observers=[diary])
    await at.depot.get_crate(crate_id="1")
    for told, name in ((diary.calls[0], "operation"), (diary.attempts[0], "wait"), (diary.result, "outcome")):
        with pytest.raises(AttributeError):
            setattr(told, name, None)


async def test_a_refusal_is_told_with_its_code(make_depot: MakeDepot, diary: Diary) -> None:
    at = make_depot(REFUSED, observers=[diary])
    with pytest.raises(ValidationError) as caught:
        await at.depot.get_crate(crate_id="1")
    assert diary.attempts[0].wait is None
    assert diary.result.error is diary.attempts[0].error is caught.value
    assert (diary.result.outcome, diary.result.status, diary.result.code) == ("failure", 400, 12038021)


async def test_items_that_failed_are_an_outcome_of_their_own(make_depot: MakeDepot, diary: Diary) -> None:
    at = make_depot(answer({"errors": [{"code": 1, "message": "no", "detail": {"id": "1"}}]}), observers=[diary])
    with pytest.raises(PartialFailureError):
        await at.depot.move_crates(crate_ids=["1"])
    assert diary.attempts[0].error is None  # the request went well
    assert (diary.result.outcome, diary.result.code, diary.result.request_id) == ("partial", 0, "20231114A1")


async def test_a_change_that_may_have_been_made_is_unknown(make_depot: MakeDepot, diary: Diary) -> None:
    at = make_depot(TransportError("reset", kind="read", maybe_executed=True), observers=[diary])
    with pytest.raises(TransportError):
        await at.depot.make_crate(name="a")
    assert (diary.result.outcome, diary.result.status, diary.result.code) == ("unknown", None, None)


async def test_the_attempt_that_a_time_limit_ends_is_told_as_well(make_depot: MakeDepot, diary: Diary) -> None:
    at = make_depot(never, observers=[diary])
    with pytest.raises(CallTimeoutError):
        await at.depot.get_crate(crate_id="1", options=CallOptions(timeout=0.1))
    assert isinstance(diary.attempts[0].error, CallTimeoutError)
    assert (diary.result.outcome, diary.result.attempts) == ("failure", 1)


@pytest.mark.parametrize(("method", "outcome"), [("get_crate", "cancelled"), ("make_crate", "unknown")])
async def test_a_call_that_is_cancelled_ends_for_its_observers(
    method: str, outcome: str, make_depot: MakeDepot, diary: Diary
) -> None:
    at = make_depot(never, observers=[diary])
    with anyio.move_on_after(0.1):
        await getattr(at.depot, method)(**{"get_crate": {"crate_id": "1"}, "make_crate": {"name": "a"}}[method])
    assert isinstance(diary.attempts[0].error, anyio.get_cancelled_exc_class())
    assert (diary.result.outcome, diary.result.attempts) == (outcome, 1)


async def test_a_call_that_cannot_be_sent_ends_without_an_attempt(diary: Diary) -> None:
    depot = Depot(TikTokShop(APP_KEY, APP_SECRET, transport=Wire(), observers=[diary])._call)
    with pytest.raises(CredentialsError):
        await depot.get_crate(crate_id="1")
    assert not diary.attempts
    assert (diary.result.outcome, diary.result.attempts) == ("failure", 0)


async def test_each_page_of_a_list_is_a_call(make_depot: MakeDepot, diary: Diary) -> None:
    shelf = {"crates": [CRATE]}
    at = make_depot(answer({"shelf": shelf, "next_page_token": "b"}), answer({"shelf": shelf}), observers=[diary])
    assert len([crate async for crate in at.depot.list_crates()]) == 2
    assert [each.operation for each in diary.results] == ["depot.list_crates"] * 2


async def test_an_endpoint_without_a_method_is_watched_like_any_other(make_depot: MakeDepot, diary: Diary) -> None:
    at = make_depot(answer(CRATE), observers=[diary])
    await at.client.request("POST", "/depot/202309/crates", body={})
    assert (diary.result.operation, diary.result.outcome) == ("POST /depot/202309/crates", "success")
    assert diary.calls[0].changes


async def test_a_shop_is_told_by_its_id_once_that_is_known(make_depot: MakeDepot, diary: Diary) -> None:
    shops = answer({"shops": [{"id": "71", "cipher": "another-cipher"}]})
    at = make_depot(shops, answer(CRATE), observers=[diary])
    view = await at.client.shop("71")
    for each in (view, view.with_shop(category_asset_cipher="asset"), view.with_shop(shop_cipher="third-cipher")):
        await Depot(each._call).get_crate(crate_id="1")
    first, second, third, other = diary.results
    assert (first.operation, first.shop) == ("authorization.get_authorized_shops", "")
    assert second.shop == third.shop == "71"
    assert other.shop.startswith("cipher:")


async def test_a_shop_known_by_its_cipher_alone_has_a_name_that_does_not_tell_it(
    make_depot: MakeDepot, diary: Diary
) -> None:
    at = make_depot(answer(CRATE), observers=[diary])
    other = at.client.with_shop(shop_cipher="another-cipher")
    await at.depot.get_crate(crate_id="1")
    await Depot(other._call).get_crate(crate_id="1")
    first, second = (each.shop for each in diary.results)
    assert first != second
    assert first.startswith("cipher:")
    assert CIPHER not in first


async def test_several_observers_are_told_in_their_order(make_depot: MakeDepot) -> None:
    told: list[str] = []

    class Named(Observer):
        def __init__(self, name: str) -> None:
            self.name = name

        def call_ended(self, result: CallResult) -> None:
            told.append(self.name)

    at = make_depot(answer(CRATE), observers=[Named("a"), Named("b")])
    await at.depot.get_crate(crate_id="1")
    assert told == ["a", "b"]


async def test_an_observer_that_fails_disturbs_neither_the_call_nor_the_others(
    make_depot: MakeDepot, diary: Diary, caplog: pytest.LogCaptureFixture
) -> None:
    """And it is logged once for each of its methods, not with each call."""
    at = make_depot(RATE_LIMITED, answer(CRATE), observers=[Broken(), diary])
    for _ in range(3):
        assert (await at.depot.get_crate(crate_id="1")).id == "1"
    assert len(diary.calls) == len(diary.results) == 3
    told = [record for record in caplog.records if record.name == "tiktok_shop_async.observation"]
    assert sorted(record.getMessage().split()[0] for record in told) == [
        "Broken.attempt_ended",
        "Broken.call_ended",
        "Broken.call_started",
    ]
    assert all(record.exc_info is not None and record.levelno == logging.ERROR for record in told)


async def test_an_observer_runs_in_the_task_of_the_call(make_depot: MakeDepot) -> None:
    """So context variables, on which tracing rests, are those of the caller."""
    tasks: list[int] = []

    class WhichTask(Observer):
        def call_started(self, call: CallDetails) -> None:
            tasks.append(anyio.get_current_task().id)

        def attempt_ended(self, attempt: AttemptDetails) -> None:
            tasks.append(anyio.get_current_task().id)

        def call_ended(self, result: CallResult) -> None:
            tasks.append(anyio.get_current_task().id)

    at = make_depot(answer(CRATE), observers=[WhichTask()])
    await at.depot.get_crate(crate_id="1")
    assert tasks == [anyio.get_current_task().id] * 3


# Log records


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, "tiktok_shop_async")
    return caplog


async def test_a_call_leaves_one_record_with_fields(
    make_depot: MakeDepot, log: pytest.LogCaptureFixture, time: Time
) -> None:
    at = make_depot(answer(CRATE))
    await at.depot.get_crate(crate_id="1")
    (record,) = log.records
    assert (record.name, record.levelname) == ("tiktok_shop_async.call", "DEBUG")
    assert record.getMessage() == "depot.get_crate: success (HTTP 200, request id 20231114A1); 0.000 s"
    fields = {
        "operation": "depot.get_crate",
        "shop": "cipher:16ff8ac3",
        "request_id": "20231114A1",
        "status": 200,
        "code": 0,
        "attempts": 1,
        "duration": 0.0,
        "outcome": "success",
        "error": None,
    }
    assert {name: record.__dict__[name] for name in fields} == fields


async def test_a_retry_leaves_a_record_with_the_same_fields(
    make_depot: MakeDepot, log: pytest.LogCaptureFixture
) -> None:
    at = make_depot(RATE_LIMITED, answer(CRATE))
    await at.depot.get_crate(crate_id="1")
    retry, end = log.records
    assert (retry.name, retry.levelname) == ("tiktok_shop_async.retry", "INFO")
    assert "depot.get_crate: Too many (code 36009002, HTTP 429" in retry.getMessage()
    assert "trying again in 1.00 s" in retry.getMessage()
    fields = {
        "operation": "depot.get_crate",
        "request_id": "20231114A1",
        "status": 429,
        "code": 36009002,
        "attempts": 1,
        "outcome": "retry",
        "error": "RateLimitError",
        "wait": 1.0,
    }
    assert {name: retry.__dict__[name] for name in fields} == fields
    assert (end.__dict__["attempts"], end.__dict__["duration"]) == (2, 1.0)


@pytest.mark.parametrize(
    ("script", "outcome", "level"),
    [
        (answer(CRATE), "success", "DEBUG"),
        (REFUSED, "failure", "INFO"),
        (TransportError("reset", kind="read", maybe_executed=True), "unknown", "WARNING"),
        (TypeError("a fault of the transport"), "unknown", "WARNING"),
    ],
)
async def test_the_level_says_who_has_to_look(
    script: Any, outcome: str, level: str, make_depot: MakeDepot, log: pytest.LogCaptureFixture
) -> None:
    """An error reaches whoever calls, and so need not alarm anyone else; a change in doubt should."""
    at = make_depot(script)
    try:
        await at.depot.make_crate(name="a")
    except Exception:
        assert outcome != "success"
    (record,) = log.records
    assert (record.__dict__["outcome"], record.levelname) == (outcome, level)
    assert record.getMessage().startswith("depot.make_crate: ")
    assert "a fault" not in record.getMessage()


async def test_a_record_factory_with_names_of_its_own_is_left_its_own(
    make_depot: MakeDepot, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs often stamp each record with the id of the request that they themselves serve."""

    def stamped(*args: Any, **more: Any) -> logging.LogRecord:
        record = logging.LogRecord(*args, **more)
        record.request_id = "the program's own"
        return record

    monkeypatch.setattr(logging, "_logRecordFactory", stamped)
    at = make_depot(answer(CRATE))
    await at.depot.get_crate(crate_id="1")
    (record,) = log.records
    assert record.__dict__["request_id"] == "the program's own"
    assert "request id 20231114A1" in record.getMessage()
    assert record.__dict__["operation"] == "depot.get_crate"


async def test_nothing_is_logged_where_nobody_listens(make_depot: MakeDepot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "tiktok_shop_async")
    at = make_depot(RATE_LIMITED, answer(CRATE))
    await at.depot.get_crate(crate_id="1")
    assert not caplog.records


async def test_no_record_and_no_detail_shows_a_secret(
    make_depot: MakeDepot, diary: Diary, log: pytest.LogCaptureFixture
) -> None:
    echo = " ".join(SECRETS)
    at = make_depot(answer(code=36009003, message=echo, status=500), observers=[diary])
    with pytest.raises(ServerError):
        await at.depot.get_crate(crate_id="1")
    shown = [record.getMessage() + repr(record.__dict__) for record in log.records]
    shown += map(repr, [*diary.calls, *diary.attempts, *diary.results])
    assert len(log.records) == 5
    assert not [secret for secret in SECRETS for text in shown if secret in text]


# Tests without waiting


async def test_an_instant_clock_removes_the_waits_and_keeps_their_rules(diary: Diary) -> None:
    wire = Wire(FAILED, FAILED, FAILED, answer(CRATE))
    client = TikTokShop(
        APP_KEY, APP_SECRET, access_token=TOKEN, shop_cipher=CIPHER, transport=wire,
        clock=Clock.instant(), observers=[diary],
    )  # fmt: skip
    with anyio.fail_after(0.4):
        await Depot(client._call).get_crate(crate_id="1")
    assert len(wire.sent) == 4
    assert diary.result.duration >= sum(each.wait or 0 for each in diary.attempts) > 0


async def test_on_an_instant_clock_a_wait_still_counts_against_the_time_of_a_call() -> None:
    wire = Wire(answer(code=36009002, message="Too many", status=429, retry_after="40"))
    client = TikTokShop(
        APP_KEY, APP_SECRET, access_token=TOKEN, shop_cipher=CIPHER, transport=wire, clock=Clock.instant()
    )
    with anyio.fail_after(0.4), pytest.raises(RateLimitError):
        await Depot(client._call).get_crate(crate_id="1", options=CallOptions(timeout=60))
    assert len(wire.sent) == 2
