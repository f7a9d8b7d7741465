"""Tokens are renewed in time and once, and a failure of the store or of the host costs no more than it must."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.runtime.wire import START, Time, Wire, answer
from tests.tokens.accounts import ACCOUNT, WEEK, make_tokens, token_data
from tiktok_shop_async import (
    AuthorizationCodeError,
    CallTimeoutError,
    ClientClosedError,
    CredentialsError,
    ReauthorizationRequiredError,
    ServerError,
    TokenStoreError,
)
from tiktok_shop_async.tokens import Callback, MemoryTokenStore
from tiktok_shop_async.tokens.oauth import OAuth
from tiktok_shop_async.tokens.provider import TokenProvider

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tiktok_shop_async import RawAnswer
    from tiktok_shop_async.tokens import Lease, Refusal, StoredTokens, Tokens

pytestmark = pytest.mark.anyio

REFUSED = answer(code=36004007, message="refresh_token is invalid")
DOWN = answer(code=36009003, message="internal", status=500)


class FragileStore(MemoryTokenStore):
    """A store that can be told to fail, by the names of its methods."""

    def __init__(self, tokens: dict[str, Tokens], time: Time) -> None:
        super().__init__(tokens, clock=time.clock())
        self.failing: set[str] = set()
        self.asked: list[str] = []

    def _note(self, name: str) -> None:
        self.asked.append(name)
        if name in self.failing:
            raise TokenStoreError("the token store is down")

    async def get(self, account: str) -> StoredTokens | None:
        self._note("get")
        return await super().get(account)

    async def put(self, account: str, tokens: Tokens, lease: Lease | None = None) -> int | None:
        self._note("put")
        return await super().put(account, tokens, lease)

    async def refuse(self, account: str, refusal: Refusal, version: int) -> None:
        self._note("refuse")
        await super().refuse(account, refusal, version)

    async def lease(self, account: str, owner: str, seconds: float) -> Lease | None:
        self._note("lease")
        return await super().lease(account, owner, seconds)

    async def release(self, lease: Lease) -> None:
        self._note("release")
        await super().release(lease)


@dataclass
class World:
    """An account, its store, and the host that renews its tokens, shared by any number of processes."""

    time: Time
    store: FragileStore
    wire: Wire
    providers: list[TokenProvider] = field(default_factory=list)

    def process(self, **settings: Any) -> TokenProvider:
        """A provider as another process has it."""
        clock = self.time.clock()
        oauth = OAuth("key", "app-secret-77", auth_url="https://auth.test", transport=self.wire, clock=clock)
        return TokenProvider(oauth, self.store, clock, **settings)

    @property
    def refreshes(self) -> int:
        return len(self.wire.sent)


@pytest.fixture
def make_world(time: Time) -> Callable[..., World]:
    def make(*script: Any, tokens: Tokens | None = None) -> World:
        store = FragileStore({ACCOUNT: tokens or make_tokens(1)}, time)
        return World(time, store, Wire(*(script or [answer(token_data(2))])))

    return make


async def in_many_tasks(work: Callable[[], Awaitable[Any]], number: int = 50) -> list[Any]:
    outcomes: list[Any] = []

    async def one() -> None:
        try:
            outcomes.append(await work())
        except Exception as error:
            outcomes.append(error)

    async with anyio.create_task_group() as tasks:
        for _ in range(number):
            tasks.start_soon(one)
    return outcomes


async def settle(provider: TokenProvider) -> None:
    """Let come to its end what goes on in the background."""
    await provider._background.settle()


async def test_a_valid_token_is_read_once_and_then_at_hand(make_world: Callable[..., World]) -> None:
    world = make_world()
    provider = world.process()
    assert [await provider.token(ACCOUNT) for _ in range(3)] == ["access-token-1"] * 3
    assert world.store.asked == ["get"]
    assert world.refreshes == 0


async def test_an_account_without_tokens_is_named(make_world: Callable[..., World]) -> None:
    provider = make_world().process()
    with pytest.raises(CredentialsError, match="no tokens of account nobody"):
        await provider.token("nobody")


async def test_an_account_that_is_authorised_by_another_process_is_found(make_world: Callable[..., World]) -> None:
    world = make_world()
    provider = world.process()
    with pytest.raises(CredentialsError):
        await provider.token("new")
    await world.store.put("new", make_tokens(5))
    assert await provider.token("new") == "access-token-5"


class TestInOneProcess:
    async def test_an_expired_token_is_renewed_once_for_all_tasks(self, make_world: Callable[..., World]) -> None:
        world = make_world(tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        provider = world.process()
        assert set(await in_many_tasks(lambda: provider.token(ACCOUNT))) == {"access-token-2"}
        assert world.refreshes == 1
        stored = await world.store.get(ACCOUNT)
        assert stored is not None
        assert stored.tokens == make_tokens(2)

    async def test_a_token_that_the_api_refused_is_renewed_once(self, make_world: Callable[..., World]) -> None:
        world = make_world()
        provider = world.process()
        old = await provider.token(ACCOUNT)

        async def renew() -> str:
            provider.expired(ACCOUNT, old)
            return await provider.token(ACCOUNT)

        assert set(await in_many_tasks(renew)) == {"access-token-2"}
        assert world.refreshes == 1

    async def test_a_late_complaint_about_an_old_token_renews_nothing(self, make_world: Callable[..., World]) -> None:
        world = make_world()
        provider = world.process()
        await provider.token(ACCOUNT)
        provider.expired(ACCOUNT, "access-token-1")
        await provider.token(ACCOUNT)
        provider.expired(ACCOUNT, "access-token-1")
        provider.expired("never heard of", "access-token-1")
        assert await provider.token(ACCOUNT) == "access-token-2"
        assert world.refreshes == 1

    async def test_all_tasks_get_the_error_of_the_one_attempt(self, make_world: Callable[..., World]) -> None:
        world = make_world(DOWN, tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        provider = world.process()
        outcomes = await in_many_tasks(lambda: provider.token(ACCOUNT))
        assert {type(each) for each in outcomes} == {ServerError}
        assert world.refreshes == 3  # one refresh and its retries
        assert len({id(each) for each in outcomes}) == len(outcomes)

    async def test_a_failure_is_left_alone_for_a_while_and_then_tried_again(
        self, make_world: Callable[..., World], time: Time
    ) -> None:
        world = make_world(DOWN, DOWN, DOWN, answer(token_data(2)), tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        provider = world.process()
        for _ in range(20):
            with pytest.raises(ServerError):
                await provider.token(ACCOUNT)
        assert world.refreshes == 3
        time.unix += 10
        assert await provider.token(ACCOUNT) == "access-token-2"

    async def test_who_stops_waiting_stops_nobody_else(self, make_world: Callable[..., World]) -> None:
        world = make_world(tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        assert await world.store.lease(ACCOUNT, "another process", 10) is not None
        provider = world.process()
        got: list[str] = []

        async def wait() -> None:
            got.append(await provider.token(ACCOUNT))

        async with anyio.create_task_group() as tasks:
            with anyio.move_on_after(0.02):
                tasks.start_soon(wait)
                await provider.token(ACCOUNT)
        assert got == ["access-token-2"]
        assert world.refreshes == 1

    async def test_a_call_leaves_in_time_and_the_tokens_on_their_way_are_stored(
        self, make_world: Callable[..., World]
    ) -> None:
        asked, may_answer = anyio.Event(), anyio.Event()

        async def slowly() -> RawAnswer:
            asked.set()
            await may_answer.wait()
            return answer(token_data(2))

        world = make_world(slowly, tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        provider = world.process()
        with anyio.move_on_after(0.02) as patience:
            await provider.token(ACCOUNT)
        assert patience.cancelled_caught
        assert asked.is_set()
        may_answer.set()
        await settle(provider)
        stored = await world.store.get(ACCOUNT)
        assert stored is not None
        assert stored.tokens == make_tokens(2)
        assert await world.store.lease(ACCOUNT, "another process", 10) is not None

    async def test_an_answer_that_comes_after_the_lease_is_stored_and_nobody_else_asks(
        self, make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, time: Time
    ) -> None:
        """Whoever waits for an answer keeps the lease: another process would send what is used up."""
        monkeypatch.setattr("tiktok_shop_async.tokens.provider._HOLD_EVERY", 0.005)
        asked, may_answer = anyio.Event(), anyio.Event()

        async def slowly() -> RawAnswer:
            asked.set()
            await may_answer.wait()
            return answer(token_data(2))

        world = make_world(slowly, tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(world.process().token, ACCOUNT)
            await asked.wait()
            for _ in range(4):  # four leases long
                time.unix += 9
                held = world.store.asked.count("lease")
                while world.store.asked.count("lease") == held:  # noqa: ASYNC110 - until it is taken anew
                    await anyio.sleep(0.005)
                assert await MemoryTokenStore.lease(world.store, ACCOUNT, "another process", 10) is None
            may_answer.set()
        stored = await world.store.get(ACCOUNT)
        assert stored is not None
        assert stored.tokens.access_token == "access-token-2"
        assert await world.store.lease(ACCOUNT, "another process", 10) is not None

    async def test_a_process_with_a_good_token_does_not_wait_for_a_renewal_ahead_of_time(
        self, make_world: Callable[..., World], time: Time
    ) -> None:
        may_answer = anyio.Event()

        async def slowly() -> RawAnswer:
            await may_answer.wait()
            return answer(token_data(2))

        world = make_world(slowly)
        time.unix = START + WEEK - 100
        provider = world.process()
        with anyio.fail_after(5):
            for _ in range(2):
                assert await provider.token(ACCOUNT) == "access-token-1"
        may_answer.set()
        await settle(provider)

    async def test_nothing_is_kept_of_accounts_that_there_are_not(self, make_world: Callable[..., World]) -> None:
        provider = make_world().process()
        for number in range(50):
            with pytest.raises(CredentialsError):
                await provider.token(f"nobody-{number}")
        assert provider._accounts == {}

    async def test_newer_tokens_in_the_store_are_found_when_the_api_wants_more_scopes(
        self, make_world: Callable[..., World]
    ) -> None:
        """The seller granted more, and another process exchanged the code."""
        world = make_world()
        provider = world.process()
        assert await provider.token(ACCOUNT) == "access-token-1"
        await world.store.put(ACCOUNT, make_tokens(7))
        assert await provider.token(ACCOUNT) == "access-token-1"
        provider.doubt(ACCOUNT, "access-token-1")
        assert await provider.token(ACCOUNT) == "access-token-7"
        provider.doubt(ACCOUNT, "access-token-1")  # told by a call that began before
        asked = world.store.asked.count("get")
        assert await provider.token(ACCOUNT) == "access-token-7"
        assert (world.store.asked.count("get"), world.refreshes) == (asked, 0)

    async def test_a_host_that_never_answers_is_given_up(
        self, make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tiktok_shop_async.tokens.provider._ANSWER_TIME", 0.02)

        async def never() -> RawAnswer:
            await anyio.sleep_forever()
            raise AssertionError

        world = make_world(never, tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        with pytest.raises(CallTimeoutError):
            await world.process().token(ACCOUNT)
        assert await world.store.lease(ACCOUNT, "another process", 10) is not None


class TestAheadOfExpiry:
    @pytest.mark.parametrize(("chance", "lead"), [(0.0, 600), (0.5, 900), (1.0, 1200)])
    async def test_a_token_is_renewed_between_one_and_two_margins_before_its_end(
        self, make_world: Callable[..., World], time: Time, chance: float, lead: float
    ) -> None:
        time.chance = chance
        world = make_world(answer(token_data(2, lifetime=2 * WEEK)))
        provider = world.process(margin=600)
        await provider.token(ACCOUNT)
        time.unix = START + WEEK - lead - 1
        assert await provider.token(ACCOUNT) == "access-token-1"
        assert world.refreshes == 0
        time.unix = START + WEEK - lead
        assert await provider.token(ACCOUNT) == "access-token-1"  # which is still good: nobody waits
        await settle(provider)
        assert await provider.token(ACCOUNT) == "access-token-2"
        assert world.refreshes == 1

    async def test_a_token_that_lives_shorter_than_the_margin_is_not_renewed_at_every_call(
        self, make_world: Callable[..., World], time: Time
    ) -> None:
        world = make_world(tokens=make_tokens(1, lifetime=400))
        provider = world.process(margin=3600)
        time.unix = START + 299
        assert await provider.token(ACCOUNT) == "access-token-1"
        time.unix = START + 301
        await provider.token(ACCOUNT)
        await settle(provider)
        assert await provider.token(ACCOUNT) == "access-token-2"
        assert world.refreshes == 1

    async def test_the_other_tasks_go_on_with_the_old_token(self, make_world: Callable[..., World], time: Time) -> None:
        asked, may_answer = anyio.Event(), anyio.Event()

        async def slowly() -> RawAnswer:
            asked.set()
            await may_answer.wait()
            return answer(token_data(2, lifetime=2 * WEEK))

        world = make_world(slowly)
        provider = world.process(margin=600)
        time.unix = START + WEEK - 100
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(provider.token, ACCOUNT)
            await asked.wait()
            assert await provider.token(ACCOUNT) == "access-token-1"
            may_answer.set()
            await settle(provider)
        assert await provider.token(ACCOUNT) == "access-token-2"

    async def test_another_process_that_is_renewing_is_not_waited_for(
        self, make_world: Callable[..., World], time: Time
    ) -> None:
        world = make_world()
        time.unix = START + WEEK - 100
        assert await world.store.lease(ACCOUNT, "another process", 10) is not None
        assert await world.process(margin=600).token(ACCOUNT) == "access-token-1"
        assert time.waits == []

    @pytest.mark.parametrize("problem", [DOWN, REFUSED])
    async def test_when_it_fails_calls_go_on_until_the_end(
        self, make_world: Callable[..., World], time: Time, problem: RawAnswer, caplog: pytest.LogCaptureFixture
    ) -> None:
        world = make_world(problem)
        provider = world.process(margin=600)
        time.unix = START + WEEK - 100
        for _ in range(20):
            assert await provider.token(ACCOUNT) == "access-token-1"
            await settle(provider)
        assert world.refreshes == (3 if problem is DOWN else 1)
        assert f"the tokens of account {ACCOUNT} could not be renewed ahead of time" in caplog.text

    async def test_a_clock_that_is_far_ahead_does_not_renew_for_ever(
        self, make_world: Callable[..., World], time: Time
    ) -> None:
        world = make_world()
        time.unix = START + 5 * WEEK
        provider = world.process()
        for _ in range(5):
            assert await provider.token(ACCOUNT) == "access-token-2"
        assert world.refreshes == 1


class TestAmongProcesses:
    async def test_a_process_takes_what_another_one_stored(self, make_world: Callable[..., World]) -> None:
        world = make_world()
        first, second = world.process(), world.process()
        for each in (first, second):
            await each.token(ACCOUNT)
            each.expired(ACCOUNT, "access-token-1")
        assert [await first.token(ACCOUNT), await second.token(ACCOUNT)] == ["access-token-2"] * 2
        assert world.refreshes == 1

    async def test_the_losers_wait_for_what_the_winner_stores(self, make_world: Callable[..., World]) -> None:
        world = make_world(tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        processes = [world.process() for _ in range(8)]
        got: list[str] = []

        async def run(provider: TokenProvider) -> None:
            got.extend(await in_many_tasks(lambda: provider.token(ACCOUNT)))

        async with anyio.create_task_group() as tasks:
            for each in processes:
                tasks.start_soon(run, each)
        assert set(got) == {"access-token-2"}
        assert len(got) == 400
        assert world.refreshes == 1

    async def test_a_process_that_died_with_the_lease_holds_up_nobody_for_longer_than_it_lasts(
        self, make_world: Callable[..., World], time: Time
    ) -> None:
        world = make_world(tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        assert await world.store.lease(ACCOUNT, "dead", 60) is not None
        assert await world.process().token(ACCOUNT) == "access-token-2"
        assert 9.8 <= sum(time.waits) <= 10.2

    async def test_what_was_stored_between_the_look_and_the_lease_is_taken(
        self, make_world: Callable[..., World]
    ) -> None:
        world = make_world(tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        lease = world.store.lease

        async def late_lease(account: str, owner: str, seconds: float) -> Lease | None:
            await world.store.put(ACCOUNT, make_tokens(7))
            return await lease(account, owner, seconds)

        world.store.lease = late_lease  # type: ignore[method-assign]
        assert await world.process().token(ACCOUNT) == "access-token-7"
        assert world.refreshes == 0

    async def test_a_new_consent_in_the_middle_of_a_renewal_wins(self, make_world: Callable[..., World]) -> None:
        world: World

        async def meanwhile() -> RawAnswer:
            await world.store.put(ACCOUNT, make_tokens(9))
            return answer(token_data(2))

        world = make_world(meanwhile, tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        assert await world.process().token(ACCOUNT) == "access-token-9"

    async def test_a_new_consent_in_the_middle_of_a_refusal_wins(self, make_world: Callable[..., World]) -> None:
        world: World

        async def meanwhile() -> RawAnswer:
            await world.store.put(ACCOUNT, make_tokens(9))
            return REFUSED

        world = make_world(meanwhile, tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        assert await world.process().token(ACCOUNT) == "access-token-9"


class TestARefusedRefreshToken:
    async def test_it_is_sent_once_whoever_asks_and_however_often(self, make_world: Callable[..., World]) -> None:
        world = make_world(REFUSED, tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        first, second = world.process(), world.process()
        for provider in (first, second, first, second):
            for outcome in await in_many_tasks(lambda provider=provider: provider.token(ACCOUNT), 20):  # type: ignore[misc]
                assert isinstance(outcome, ReauthorizationRequiredError)
                assert outcome.open_id == ACCOUNT
                assert outcome.code == 36004007
                assert "authorise the app again" in str(outcome)
        assert world.refreshes == 1

    @pytest.mark.parametrize(
        ("message", "is_believed"),
        [("refresh_token is invalid", True), ("the authorization was revoked", True), ("under maintenance", False)],
    )
    async def test_one_that_does_not_say_what_it_is_about_is_believed_for_an_hour(
        self, make_world: Callable[..., World], time: Time, message: str, is_believed: bool
    ) -> None:
        refusal = answer(code=36004099, message=message)
        world = make_world(
            refusal, answer(token_data(2, lifetime=2 * WEEK)), tokens=make_tokens(1, lifetime=-5, obtained_at=0)
        )
        for _ in range(3):
            with pytest.raises(ReauthorizationRequiredError):
                await world.process().token(ACCOUNT)
        time.unix += 3599
        provider = world.process()
        with pytest.raises(ReauthorizationRequiredError):
            await provider.token(ACCOUNT)
        assert world.refreshes == 1
        time.unix += 2
        if is_believed:
            with pytest.raises(ReauthorizationRequiredError):
                await provider.token(ACCOUNT)
        else:
            assert await provider.token(ACCOUNT) == "access-token-2"

    async def test_new_tokens_end_it_in_every_process(self, make_world: Callable[..., World]) -> None:
        world = make_world(REFUSED, answer(token_data(5)), tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        first, second = world.process(), world.process()
        for provider in (first, second):
            with pytest.raises(ReauthorizationRequiredError):
                await provider.token(ACCOUNT)
        await first.authorize(Callback("c"))
        assert await first.token(ACCOUNT) == "access-token-5"
        assert await second.token(ACCOUNT) == "access-token-5"

    async def test_it_is_remembered_in_memory_if_the_store_cannot(self, make_world: Callable[..., World]) -> None:
        world = make_world(REFUSED, tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        world.store.failing = {"refuse"}
        provider = world.process()
        for _ in range(5):
            with pytest.raises(ReauthorizationRequiredError):
                await provider.token(ACCOUNT)
        assert world.refreshes == 1


class TestAuthorize:
    async def test_the_tokens_of_a_code_are_stored_and_used(self, make_world: Callable[..., World]) -> None:
        world = make_world(answer(token_data(3, open_id="new")))
        provider = world.process()
        tokens = await provider.authorize(Callback("c"))
        assert tokens.open_id == "new"
        assert await world.process().token("new") == "access-token-3"

    async def test_a_used_code_changes_nothing(self, make_world: Callable[..., World]) -> None:
        world = make_world(answer(code=36004004, message="used"))
        with pytest.raises(AuthorizationCodeError):
            await world.process().authorize(Callback("c"))
        assert "put" not in world.store.asked

    async def test_tokens_that_cannot_be_stored_are_told_used_and_stored_later(
        self, make_world: Callable[..., World], time: Time
    ) -> None:
        world = make_world(answer(token_data(3, open_id="new")))
        world.store.failing = {"put", "get"}
        provider = world.process()
        with pytest.raises(TokenStoreError, match="account new could not be stored"):
            await provider.authorize(Callback("c"))
        assert await provider.token("new") == "access-token-3"
        world.store.failing = set()
        time.unix += 60
        assert await provider.token("new") == "access-token-3"
        await settle(provider)
        assert await world.process().token("new") == "access-token-3"

    async def test_tokens_that_could_not_be_stored_give_way_to_a_newer_consent(
        self, make_world: Callable[..., World], time: Time
    ) -> None:
        """The seller went through it again, in another process, while the store was down for this one."""
        world = make_world(answer(token_data(3, open_id="new")), answer(token_data(4, open_id="new")))
        world.store.failing = {"put"}
        provider = world.process()
        with pytest.raises(TokenStoreError):
            await provider.authorize(Callback("c"))
        await settle(provider)
        world.store.failing = set()
        time.unix += 60
        await world.process().authorize(Callback("d"))
        assert await provider.token("new") == "access-token-3"  # which is still good: nobody waits
        await settle(provider)
        assert await provider.token("new") == "access-token-4"
        assert await world.process().token("new") == "access-token-4"

    async def test_a_consent_that_is_not_stored_yet_counts_for_more_than_what_is(
        self, make_world: Callable[..., World], time: Time
    ) -> None:
        """A renewal that has read the old tokens goes on while the new ones wait for the store."""
        world = make_world(answer(token_data(8, open_id=ACCOUNT)), tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        provider = world.process()
        reading, may_read_on = anyio.Event(), anyio.Event()
        get = world.store.get

        async def get_slowly(account: str) -> StoredTokens | None:
            stored = await get(account)
            reading.set()
            await may_read_on.wait()
            return stored

        world.store.get = get_slowly  # type: ignore[method-assign]
        world.store.failing = {"put"}
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(provider.token, ACCOUNT)
            await reading.wait()
            with pytest.raises(TokenStoreError):
                await provider.authorize(Callback("c"))
            may_read_on.set()
        assert await provider.token(ACCOUNT) == "access-token-8"
        await settle(provider)
        world.store.failing = set()
        time.unix += 60
        await provider.token(ACCOUNT)
        await settle(provider)
        assert await world.process().token(ACCOUNT) == "access-token-8"

    async def test_a_store_that_fails_in_a_way_of_its_own_loses_no_tokens(
        self, make_world: Callable[..., World]
    ) -> None:
        world = make_world(tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        put = world.store.put

        async def fail(*args: Any) -> int | None:
            world.store.put = put  # type: ignore[method-assign]
            raise RuntimeError("can't start new thread")

        world.store.put = fail  # type: ignore[method-assign, assignment]
        provider = world.process()
        assert await provider.token(ACCOUNT) == "access-token-2"
        await settle(provider)
        assert await world.process().token(ACCOUNT) == "access-token-2"

    async def test_after_the_end_of_the_client_no_code_is_used_up(self, make_world: Callable[..., World]) -> None:
        world = make_world()
        provider = world.process()
        await provider.aclose()
        with pytest.raises(ClientClosedError, match="was not exchanged"):
            await provider.authorize(Callback("c"))
        assert world.refreshes == 0

    async def test_a_host_that_does_not_answer_is_given_up(
        self, make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tiktok_shop_async.tokens.provider._ANSWER_TIME", 0.02)

        async def never() -> RawAnswer:
            await anyio.sleep_forever()
            raise AssertionError

        with pytest.raises(CallTimeoutError):
            await make_world(never).process().authorize(Callback("c"))


class TestClosing:
    async def test_the_tokens_on_their_way_are_waited_for(self, make_world: Callable[..., World]) -> None:
        asked, may_answer = anyio.Event(), anyio.Event()

        async def slowly() -> RawAnswer:
            asked.set()
            await may_answer.wait()
            return answer(token_data(2))

        world = make_world(slowly, tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        provider = world.process()

        with anyio.move_on_after(0.02):
            await provider.token(ACCOUNT)
        await asked.wait()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(provider.aclose)
            await anyio.wait_all_tasks_blocked()
            may_answer.set()
        stored = await world.store.get(ACCOUNT)
        assert stored is not None
        assert stored.tokens == make_tokens(2)

    async def test_nothing_is_renewed_after_it(self, make_world: Callable[..., World]) -> None:
        world = make_world(tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        provider = world.process()
        await provider.aclose()
        with pytest.raises(ClientClosedError, match="the client is closed"):
            await provider.token(ACCOUNT)
        assert world.refreshes == 0

    async def test_a_renewal_that_waits_for_another_process_does_not_hold_it_up(
        self, make_world: Callable[..., World]
    ) -> None:
        world = make_world(tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        assert await world.store.lease(ACCOUNT, "another process", 10) is not None
        provider = world.process()
        with anyio.move_on_after(0):
            await provider.token(ACCOUNT)
        await provider.aclose()
        assert world.refreshes == 0


class TestAStoreThatFails:
    async def test_calls_with_a_valid_token_go_on(self, make_world: Callable[..., World], time: Time) -> None:
        world = make_world()
        provider = world.process(margin=600)
        await provider.token(ACCOUNT)
        world.store.failing = {"get", "put", "lease", "release", "refuse"}
        time.unix = START + WEEK - 100
        for _ in range(20):
            assert await provider.token(ACCOUNT) == "access-token-1"
            await settle(provider)
        assert world.store.asked.count("get") == 2  # it is not asked at every call

    async def test_without_a_valid_token_it_is_told_and_nothing_is_renewed(
        self, make_world: Callable[..., World]
    ) -> None:
        world = make_world(tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        world.store.failing = {"lease"}
        with pytest.raises(TokenStoreError):
            await world.process().token(ACCOUNT)
        assert world.refreshes == 0

    async def test_it_is_asked_again_after_a_while(self, make_world: Callable[..., World], time: Time) -> None:
        world = make_world()
        world.store.failing = {"get"}
        provider = world.process()
        for _ in range(20):
            with pytest.raises(TokenStoreError):
                await provider.token(ACCOUNT)
        assert world.store.asked == ["get"]
        world.store.failing = set()
        time.unix += 10
        assert await provider.token(ACCOUNT) == "access-token-1"

    async def test_renewed_tokens_that_cannot_be_stored_are_used_and_stored_later(
        self, make_world: Callable[..., World], time: Time, caplog: pytest.LogCaptureFixture
    ) -> None:
        world = make_world(answer(token_data(2)), REFUSED, tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        world.store.failing = {"put"}
        provider, other = world.process(), world.process()
        assert await provider.token(ACCOUNT) == "access-token-2"
        assert "kept in memory only" in caplog.text
        await settle(provider)  # it tries until the lease ends
        with pytest.raises(ReauthorizationRequiredError):
            await other.token(ACCOUNT)  # the store still has the old refresh token
        world.store.failing = set()
        time.unix += 60
        assert await provider.token(ACCOUNT) == "access-token-2"
        await settle(provider)
        assert await other.token(ACCOUNT) == "access-token-2"
        assert world.refreshes == 2

    async def test_tokens_that_come_too_late_for_the_store_give_way(
        self, make_world: Callable[..., World], time: Time
    ) -> None:
        world = make_world(tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        world.store.failing = {"put"}
        provider = world.process()
        assert await provider.token(ACCOUNT) == "access-token-2"
        world.store.failing = set()
        await world.store.put(ACCOUNT, make_tokens(9))
        time.unix += 60
        await provider.token(ACCOUNT)
        await settle(provider)
        assert await provider.token(ACCOUNT) == "access-token-9"

    async def test_while_renewed_tokens_are_not_stored_no_one_else_sends_what_they_used_up(
        self, make_world: Callable[..., World], time: Time
    ) -> None:
        """The store fails for four seconds only: it is tried again, under the same lease."""
        world = make_world(answer(token_data(2)), REFUSED, tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        world.store.failing = {"put"}
        recovered = time.unix + 4
        lease = world.store.lease

        async def lease_and_see(account: str, owner: str, seconds: float) -> Lease | None:
            if time.unix >= recovered:
                world.store.failing = set()
            return await lease(account, owner, seconds)

        world.store.lease = lease_and_see  # type: ignore[method-assign]
        provider, other = world.process(), world.process()
        assert await provider.token(ACCOUNT) == "access-token-2"
        assert await other.token(ACCOUNT) == "access-token-2"
        await settle(provider)
        stored = await world.store.get(ACCOUNT)
        assert stored is not None
        assert stored.tokens == make_tokens(2)
        assert (world.refreshes, world.store.asked.count("refuse")) == (1, 0)
        assert await world.store.lease(ACCOUNT, "a third", 10) is not None

    async def test_closing_stores_what_is_not_stored_yet(self, make_world: Callable[..., World]) -> None:
        world = make_world(tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        world.store.failing = {"put"}
        provider = world.process()
        assert await provider.token(ACCOUNT) == "access-token-2"
        await settle(provider)
        world.store.failing = set()
        await provider.aclose()
        assert await world.process().token(ACCOUNT) == "access-token-2"

    async def test_closing_says_which_tokens_are_lost(
        self, make_world: Callable[..., World], caplog: pytest.LogCaptureFixture
    ) -> None:
        world = make_world(tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        world.store.failing = {"put"}
        provider = world.process()
        await provider.token(ACCOUNT)
        await provider.aclose()
        assert f"the new tokens of account {ACCOUNT} are lost: the token store is down" in caplog.text

    async def test_a_lease_that_cannot_be_given_back_runs_out(self, make_world: Callable[..., World]) -> None:
        world = make_world(tokens=make_tokens(1, lifetime=-5, obtained_at=0))
        world.store.failing = {"release"}
        assert await world.process().token(ACCOUNT) == "access-token-2"


async def test_what_happens_is_logged_without_a_token(
    make_world: Callable[..., World], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world = make_world(tokens=make_tokens(1, lifetime=-5, obtained_at=0))
    provider = world.process()
    await provider.token(ACCOUNT)
    assert f"renewed the tokens of account {ACCOUNT}" in caplog.text
    for secret in ("access-token", "refresh-token", "app-secret-77"):
        assert secret not in caplog.text
        assert secret not in repr(provider._accounts[ACCOUNT])
