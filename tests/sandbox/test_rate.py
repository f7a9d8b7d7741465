"""So many calls a second for each app, shop and endpoint, and no more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.conftest import make_caller
from tiktok_shop_async.sandbox.app import create_app
from tiktok_shop_async.sandbox.gate.rate import RateLimit
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.spec import bundled_spec

if TYPE_CHECKING:
    from tests.sandbox.conformance import Conformance
    from tests.sandbox.signed_calls import Caller

SEARCH = "/order/202309/orders/search"


@dataclass
class Stopwatch:
    """Real time, as far as the limit can tell."""

    seconds: float = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def let_through(limit: RateLimit, calls: int) -> int:
    """How many of so many calls at once pass."""
    passed = 0
    for _ in range(calls):
        try:
            limit.take("key")
        except RefusalError:
            continue
        passed += 1
    return passed


def test_as_many_as_the_limit_pass_at_once() -> None:
    assert let_through(RateLimit(50, Stopwatch()), 80) == 50


def test_room_comes_back_evenly() -> None:
    stopwatch = Stopwatch()
    limit = RateLimit(50, stopwatch)
    let_through(limit, 50)
    stopwatch.seconds += 0.1
    assert let_through(limit, 20) == 5
    stopwatch.seconds += 60
    assert let_through(limit, 80) == 50


def test_an_even_flow_at_the_limit_is_never_stopped() -> None:
    stopwatch = Stopwatch()
    limit = RateLimit(50, stopwatch)
    for _ in range(2_000):
        limit.take("key")
        stopwatch.seconds += 0.02


@pytest.mark.parametrize(("rate", "seconds"), [(50, "1"), (0.2, "5")])
def test_the_refusal_says_when_there_is_room_again(rate: float, seconds: str) -> None:
    """Heavy endpoints take less than one call a second."""
    limit = RateLimit(rate, Stopwatch())
    for _ in range(max(int(rate), 1)):
        limit.take("key")
    with pytest.raises(RefusalError) as refused:
        limit.take("key")
    assert (refused.value.code, refused.value.status) == (36009002, 429)
    assert refused.value.headers == {"retry-after": seconds}


def test_nothing_is_limited_by_a_limit_of_nothing() -> None:
    assert let_through(RateLimit(0, Stopwatch()), 1_000) == 1_000


@pytest.fixture
def limited(conformance: Conformance) -> Caller:
    """A caller who may call twice a second; the sandbox's own clock stands still."""
    caller = make_caller(conformance, orders=20)
    return replace(caller, app=create_app(bundled_spec(), caller.world, rate_limit=RateLimit(2, Stopwatch())))


def test_one_call_too_many_is_answered_with_429(limited: Caller) -> None:
    assert [limited.post(SEARCH).status for _ in range(3)] == [200, 200, 429]
    answer = limited.post(SEARCH)
    assert answer.code == 36009002
    assert answer.headers["retry-after"] == "1"


def test_another_shop_and_another_endpoint_have_room_of_their_own(limited: Caller) -> None:
    for _ in range(3):
        limited.post(SEARCH)
    assert limited.within("DE").post(SEARCH).status == 200
    assert limited.get("/logistics/202309/warehouses").status == 200


def test_an_account_without_a_shop_has_room_of_its_own(limited: Caller) -> None:
    def ask(partner: str) -> int:
        return limited.with_token(partner).without_cipher().get("/authorization/202405/category_assets").status

    one, other = limited.world.issue_token("partner").id, limited.world.issue_token("partner").id
    assert [ask(one) for _ in range(3)] == [200, 200, 429]
    assert ask(other) == 200


def test_who_is_not_let_in_takes_no_room(limited: Caller) -> None:
    for _ in range(3):
        assert limited.with_token("none").post(SEARCH).code == 36009004
    assert limited.post(SEARCH).status == 200
