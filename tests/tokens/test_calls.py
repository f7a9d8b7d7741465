"""Calls in the name of accounts: with the token and the cipher that are right at that moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.runtime.conftest import APP_KEY, APP_SECRET
from tests.runtime.depot import Depot
from tests.runtime.wire import START, Wire, answer, page
from tests.tokens.accounts import WEEK
from tests.tokens.market import Market, Seller
from tiktok_shop_async import (
    ArgumentError,
    AuthenticationError,
    CallOptions,
    CallTimeoutError,
    ClientClosedError,
    CredentialsError,
    ReauthorizationRequiredError,
    ServerError,
    ShopCipherError,
    TikTokShop,
    TokenExpiredError,
    TokenStoreError,
    TransportError,
    response_of,
)
from tiktok_shop_async.tokens import Callback, MemoryTokenStore, Tokens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.runtime.wire import Time
    from tiktok_shop_async import RawAnswer

pytestmark = pytest.mark.anyio


@pytest.fixture
def ann() -> Seller:
    return Seller("ann", {"71": "ROW_71", "72": "ROW_72"})


@pytest.fixture
def bob() -> Seller:
    return Seller("bob", {"81": "ROW_81"})


@pytest.fixture
def market(ann: Seller, bob: Seller) -> Market:
    return Market(ann, bob)


@pytest.fixture
def store(ann: Seller, bob: Seller, time: Time) -> MemoryTokenStore:
    return MemoryTokenStore(
        {each.open_id: Tokens.from_answer(each.data(), obtained_at=int(START)) for each in (ann, bob)},
        clock=time.clock(),
    )


@pytest.fixture
async def client(market: Market, store: MemoryTokenStore, time: Time) -> AsyncIterator[TikTokShop]:
    async with TikTokShop(
        APP_KEY, APP_SECRET, token_store=store, transport=market, clock=time.clock(), auth_url="https://auth.test"
    ) as client:
        yield client


def depot(view: Any) -> Depot:
    return Depot(view._call)


REFRESH, SHOPS = "/api/v2/token/refresh", "/authorization"


class TestAnExpiredToken:
    @pytest.mark.parametrize("call", ["get_crate", "make_crate"])
    async def test_reads_and_writes_are_sent_again_once(
        self, client: TikTokShop, market: Market, ann: Seller, call: str
    ) -> None:
        """A write as well: the API refused it before it did anything."""
        shop = await client.shop("71")
        withdraw_access(market, ann)
        made = await (depot(shop).get_crate(crate_id="1") if call == "get_crate" else depot(shop).make_crate(name="a"))
        assert response_of(made).attempts == 2
        assert market.used == [("access-ann-1", "ROW_71"), ("access-ann-2", "ROW_71")]
        assert market.times(REFRESH) == 1

    async def test_it_is_renewed_once_for_all_calls(self, client: TikTokShop, market: Market, ann: Seller) -> None:
        shop = await client.shop("71")
        withdraw_access(market, ann)
        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(lambda: depot(shop).get_crate(crate_id="1"))
        assert market.times(REFRESH) == 1
        assert [token for token, _ in market.used].count("access-ann-2") == 50

    async def test_a_token_that_is_refused_after_its_renewal_is_not_renewed_again(self, time: Time) -> None:
        wire = Wire(
            answer(code=105002),
            answer({"access_token": "new", "refresh_token": "r2", "open_id": "ann"}),
            answer(code=105002),
        )
        client = TikTokShop(
            APP_KEY,
            APP_SECRET,
            access_token="a",
            refresh_token="r1",
            shop_cipher="c",
            transport=wire,
            clock=time.clock(),
        )
        with pytest.raises(TokenExpiredError) as caught:
            await depot(client).get_crate(crate_id="1")
        assert caught.value.attempts == 2
        assert len(wire.sent) == 3
        assert time.waits == []

    async def test_no_retries_does_not_mean_no_renewal(self, market: Market, store: MemoryTokenStore) -> None:
        client = TikTokShop(APP_KEY, APP_SECRET, token_store=store, transport=market, max_retries=0)
        shop = await client.shop("71")
        withdraw_access(market, market.sellers["ann"])
        await depot(shop).get_crate(crate_id="1")

    async def test_a_body_that_is_used_up_cannot_be_sent_again_but_the_next_call_has_a_new_token(
        self, client: TikTokShop, market: Market, ann: Seller
    ) -> None:
        shop = await client.shop("71")
        withdraw_access(market, ann)
        with pytest.raises(TokenExpiredError):
            await depot(shop).upload_photo(data=OnceOnly(b"x"))  # type: ignore[arg-type]
        await depot(shop).get_crate(crate_id="1")
        assert market.used[-1][0] == "access-ann-2"

    async def test_a_refused_refresh_token_ends_the_call_in_its_error(
        self, client: TikTokShop, market: Market, ann: Seller
    ) -> None:
        shop = await client.shop("71")
        withdraw_access(market, ann)
        ann.revoked = True
        for _ in range(3):
            with pytest.raises(ReauthorizationRequiredError, match="account ann"):
                await depot(shop).get_crate(crate_id="1")
        assert market.times(REFRESH) == 1

    async def test_a_given_token_without_a_refresh_token_is_not_renewed(
        self, client: TikTokShop, market: Market
    ) -> None:
        view = client.with_shop(access_token="given", shop_cipher="ROW_71")
        with pytest.raises(TokenExpiredError):
            await depot(view).get_crate(crate_id="1")
        assert market.asked == ["/depot/202309/crates/1"]

    async def test_a_refresh_token_alone_is_enough(self, market: Market) -> None:
        client = TikTokShop(APP_KEY, APP_SECRET, refresh_token="refresh-ann-1", shop_cipher="ROW_71", transport=market)
        await depot(client).get_crate(crate_id="1")
        assert market.used == [("access-ann-2", "ROW_71")]

    async def test_what_may_have_been_done_before_is_not_forgotten_when_the_renewal_fails(self, time: Time) -> None:
        wire = Wire(
            TransportError("gone", kind="read", maybe_executed=True),
            answer(code=105002),
            answer(code=36009003, status=500),
        )
        client = TikTokShop(
            APP_KEY,
            APP_SECRET,
            access_token="a",
            refresh_token="r",
            shop_cipher="c",
            transport=wire,
            clock=time.clock(),
        )
        with pytest.raises(ServerError) as caught:
            await depot(client).order_crate(name="a")
        assert caught.value.outcome_unknown

    async def test_nor_when_the_store_fails(self, time: Time) -> None:
        store = MemoryTokenStore(
            {"ann": Tokens(access_token="a", refresh_token="r", open_id="ann")}, clock=time.clock()
        )
        wire = Wire(TransportError("gone", kind="read", maybe_executed=True), answer(code=105002))
        client = TikTokShop(APP_KEY, APP_SECRET, token_store=store, transport=wire, clock=time.clock())
        account = (await client.account("ann")).with_shop(shop_cipher="c")
        put_down(store)
        with pytest.raises(TokenExpiredError) as caught:
            await depot(account).order_crate(name="a")
        assert caught.value.outcome_unknown
        assert caught.value.__notes__ == ["It was not tried again: the token store is down"]


DOWN = answer(code=36009003, status=500)


def client_over(wire: Wire, time: Time, **settings: Any) -> TikTokShop:
    """A client with a token that the API does not accept any more."""
    return TikTokShop(
        APP_KEY,
        APP_SECRET,
        access_token="a",
        refresh_token="r",
        shop_cipher="c",
        transport=wire,
        clock=time.clock(),
        **settings,
    )


class TestAHostOfTokensInTrouble:
    @pytest.mark.parametrize(
        "trouble", [DOWN, page("<h1>Bad Gateway</h1>", status=502), TransportError("no answer: ConnectError")]
    )
    @pytest.mark.parametrize("call", ["get_crate", "make_crate"])
    async def test_calls_wait_for_it_within_their_retries(self, time: Time, trouble: Any, call: str) -> None:
        """Writes too: what waits for its token was not sent."""
        renewed = answer({"access_token": "b", "refresh_token": "s", "open_id": "ann"})
        wire = Wire(answer(code=105002), trouble, trouble, trouble, trouble, renewed, answer({"id": "1"}))
        arguments = {"crate_id": "1"} if call == "get_crate" else {"name": "a"}
        result = await getattr(depot(client_over(wire, time)), call)(**arguments)
        assert response_of(result).attempts == 2
        assert [each.path.startswith("/api/v2/token") for each in wire.sent] == [False, *[True] * 5, False]
        assert time.waits == [0.5, 1, 7.5 + 0.5, 0.5]  # of the first renewal, its rest, of the second

    async def test_its_error_is_raised_when_the_retries_are_used_up(self, time: Time) -> None:
        wire = Wire(answer(code=105002), DOWN)
        with pytest.raises(ServerError) as caught:
            await depot(client_over(wire, time, max_retries=1)).get_crate(crate_id="1")
        assert caught.value.operation == "token refresh"
        assert len(wire.sent) == 1 + 2 * 3

    async def test_a_wait_past_the_end_of_the_call_is_not_begun(self, time: Time) -> None:
        wire = Wire(answer(code=105002), DOWN)
        with pytest.raises(ServerError):
            await depot(client_over(wire, time, timeout=3)).get_crate(crate_id="1")
        assert sum(time.waits) < 3

    async def test_a_call_ends_in_its_time_however_long_the_host_takes(self, time: Time) -> None:
        asked, may_answer = anyio.Event(), anyio.Event()

        async def slowly() -> RawAnswer:
            asked.set()
            await may_answer.wait()
            return answer({"access_token": "b", "refresh_token": "s", "open_id": "ann"})

        wire = Wire(answer(code=105002), slowly, answer({"id": "1"}))
        async with client_over(wire, time) as client:
            with pytest.raises(CallTimeoutError) as caught:
                await depot(client).make_crate(name="a", options=CallOptions(timeout=0.05))
            assert (caught.value.attempts, caught.value.outcome_unknown) == (1, False)
            may_answer.set()
            await depot(client).get_crate(crate_id="1")
        assert wire.sent[-1].headers["x-tts-access-token"] == "b"
        assert len(wire.sent) == 3


class TestClosing:
    @pytest.mark.parametrize("ending", ["cancelled scope", "cancelled task"])
    async def test_the_tokens_on_their_way_are_stored_however_the_end_is_cut_short(
        self, time: Time, ending: str, anyio_backend: str
    ) -> None:
        if ending == "cancelled task" and anyio_backend != "asyncio":
            return  # trio knows one way to cancel
        asked, may_answer = anyio.Event(), anyio.Event()

        async def slowly() -> RawAnswer:
            asked.set()
            await may_answer.wait()
            return answer({"access_token": "b", "refresh_token": "s", "open_id": "ann"})

        store = MemoryTokenStore(
            {"ann": Tokens(access_token="a", refresh_token="r", open_id="ann")}, clock=time.clock()
        )
        client = TikTokShop(
            APP_KEY,
            APP_SECRET,
            token_store=store,
            transport=Wire(answer(code=105002), slowly),
            clock=time.clock(),
        )

        async def use() -> None:
            async with client:
                account = (await client.account("ann")).with_shop(shop_cipher="c")
                await depot(account).get_crate(crate_id="1")

        async with anyio.create_task_group() as tasks:
            if ending == "cancelled task":
                task = asyncio.ensure_future(use())
                await asked.wait()
                for _ in range(3):
                    task.cancel()
                    await anyio.sleep(0.01)
                may_answer.set()
            else:

                async def use_in_a_scope() -> None:
                    with anyio.CancelScope() as scope:
                        tasks.start_soon(cancel, scope)
                        await use()

                async def cancel(scope: anyio.CancelScope) -> None:
                    await asked.wait()
                    scope.cancel()
                    await anyio.sleep(0.01)
                    may_answer.set()

                tasks.start_soon(use_in_a_scope)
        await client._closing.settle()
        stored = await store.get("ann")
        assert stored is not None
        assert stored.tokens.access_token == "b"

    async def test_nobody_is_authorised_afterwards(self, client: TikTokShop, market: Market) -> None:
        await client.aclose()
        with pytest.raises(ClientClosedError):
            await client.authorize("ann")
        assert market.asked == []


def withdraw_access(market: Market, seller: Seller) -> None:
    """The access token ends before its time; the refresh token stays good."""
    data = seller.data

    def without_access() -> dict[str, Any]:
        given = data()
        return given if seller.generation > 1 else given | {"access_token": "another"}

    seller.data = without_access  # type: ignore[method-assign]


class OnceOnly:
    """A file that can be read once."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, size: int = -1) -> bytes:
        content, self._content = self._content, b""
        return content


class TestACipher:
    @pytest.mark.parametrize("call", ["get_crate", "make_crate"])
    async def test_one_that_has_changed_is_looked_up_and_the_call_is_sent_again(
        self, client: TikTokShop, market: Market, ann: Seller, call: str
    ) -> None:
        shop = await client.shop("71")
        ann.shops["71"] = "ROW_71_new"
        made = await (depot(shop).get_crate(crate_id="1") if call == "get_crate" else depot(shop).make_crate(name="a"))
        assert response_of(made).attempts == 2
        assert [cipher for _, cipher in market.used] == ["ROW_71", "ROW_71_new"]
        await depot(shop).get_crate(crate_id="1")
        assert market.used[-1][1] == "ROW_71_new"
        other = await client.shop("72")
        assert other._call.credentials.shop_cipher == "ROW_72"
        assert market.times(SHOPS) == 2 + 1  # at first both accounts, then the one

    async def test_it_is_looked_up_once_for_all_calls(self, client: TikTokShop, market: Market, ann: Seller) -> None:
        shop = await client.shop("71")
        before = market.times(SHOPS)
        ann.shops["71"] = "ROW_71_new"
        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(lambda: depot(shop).get_crate(crate_id="1"))
        assert market.times(SHOPS) == before + 1

    async def test_one_that_is_not_accepted_even_then_is_an_error(
        self, client: TikTokShop, market: Market, ann: Seller
    ) -> None:
        shop = await client.shop("71")
        del ann.shops["71"]
        with pytest.raises(ShopCipherError) as caught:
            await depot(shop).get_crate(crate_id="1")
        assert caught.value.attempts == 2

    async def test_a_given_one_is_not_looked_up(self, client: TikTokShop, market: Market) -> None:
        view = (await client.account("ann")).with_shop(shop_cipher="ROW_wrong")
        with pytest.raises(ShopCipherError) as caught:
            await depot(view).get_crate(crate_id="1")
        assert caught.value.attempts == 1
        assert market.times(SHOPS) == 0


class TestFindingAShop:
    async def test_it_is_found_among_all_accounts(self, client: TikTokShop, market: Market) -> None:
        for shop_id, token in (("71", "access-ann-1"), ("81", "access-bob-1"), ("72", "access-ann-1")):
            await depot(await client.shop(shop_id)).get_crate(crate_id="1")
            assert market.used[-1] == (token, f"ROW_{shop_id}")
        assert market.times(SHOPS) == 2

    async def test_many_tasks_ask_each_account_once(self, client: TikTokShop, market: Market) -> None:
        async with anyio.create_task_group() as tasks:
            for shop_id in ("71", "72", "81") * 20:
                tasks.start_soon(client.shop, shop_id)
        assert market.times(SHOPS) == 2

    async def test_one_that_was_authorised_in_the_meantime_is_found(
        self, client: TikTokShop, market: Market, bob: Seller, store: MemoryTokenStore
    ) -> None:
        await client.shop("71")
        bob.shops["82"] = "ROW_82"
        assert (await client.shop("82"))._call.credentials.shop_cipher == "ROW_82"
        market.sellers["eve"] = eve = Seller("eve", {"91": "ROW_91"})
        await store.put("eve", Tokens.from_answer(eve.data()))
        before = market.times(SHOPS)
        assert (await client.shop("91"))._call.credentials.shop_cipher == "ROW_91"
        assert market.times(SHOPS) == before + 1  # only the account that is new

    async def test_a_failure_to_list_is_one_of_all_who_wait_for_it(self, time: Time) -> None:
        wire = Wire(DOWN)
        client = client_over(wire, time)
        outcomes: list[str] = []

        async def look() -> None:
            try:
                await client.shop("71")
            except ServerError as error:
                outcomes.append(error.message)

        async with anyio.create_task_group() as tasks:
            for _ in range(30):
                tasks.start_soon(look)
        assert len(outcomes) == 30
        assert len(wire.sent) == 5

    async def test_the_search_ends_in_the_time_of_a_call(self, market: Market, store: MemoryTokenStore) -> None:
        client = TikTokShop(APP_KEY, APP_SECRET, token_store=store, transport=market, timeout=0.05)

        async def accounts() -> list[str]:
            await anyio.sleep_forever()
            raise AssertionError

        store.accounts = accounts  # type: ignore[method-assign]
        with pytest.raises(CallTimeoutError, match=r"client\.shop: the shop was not found within 0\.05 s"):
            await client.shop("71")

    async def test_nothing_is_kept_of_views_that_are_gone(self, client: TikTokShop, market: Market) -> None:
        for number in range(20):
            market.sellers[f"s{number}"] = seller = Seller(f"s{number}", {f"9{number}": f"ROW_9{number}"})
            view = client.with_shop(access_token=seller.data()["access_token"])
            await depot(await view.shop(f"9{number}")).get_crate(crate_id="1")
        assert len(client._call.session.identifiers) <= 1

    async def test_one_that_no_account_covers_is_an_error(self, client: TikTokShop) -> None:
        with pytest.raises(ArgumentError, match="none of the 2 accounts covers this shop"):
            await client.shop("99")

    async def test_an_account_in_trouble_stops_no_other(self, client: TikTokShop, ann: Seller, market: Market) -> None:
        withdraw_access(market, ann)
        ann.revoked = True
        assert (await client.shop("81"))._call.credentials.shop_cipher == "ROW_81"
        with pytest.raises(ReauthorizationRequiredError, match="account ann"):
            await client.shop("71")

    async def test_the_token_of_the_client_itself_counts_as_an_account(
        self, market: Market, store: MemoryTokenStore, time: Time
    ) -> None:
        await store.delete("bob")
        client = TikTokShop(
            APP_KEY,
            APP_SECRET,
            access_token="access-bob-1",
            token_store=store,
            transport=market,
            clock=time.clock(),
        )
        await depot(await client.shop("81")).get_crate(crate_id="1")
        await depot(await client.shop("71")).get_crate(crate_id="1")
        assert [token for token, _ in market.used] == ["access-bob-1", "access-ann-1"]

    async def test_one_that_moved_from_an_account_that_is_over_is_found_under_its_new_one(
        self, client: TikTokShop, market: Market, ann: Seller, bob: Seller
    ) -> None:
        await depot(await client.shop("71")).get_crate(crate_id="1")
        withdraw_access(market, ann)
        ann.revoked = True
        bob.shops["71"] = "ROW_71_of_bob"
        with pytest.raises(ReauthorizationRequiredError):
            await depot(await client.shop("71")).get_crate(crate_id="1")
        await depot(await client.shop("71")).get_crate(crate_id="1")
        assert market.used[-1] == ("access-bob-1", "ROW_71_of_bob")

    async def test_one_that_its_account_may_not_call_for_any_more_is_looked_for_anew(
        self, client: TikTokShop, market: Market, ann: Seller, bob: Seller
    ) -> None:
        await client.shop("71")
        bob.shops["71"] = ann.shops.pop("71")
        with pytest.raises(AuthenticationError):
            await depot(await client.shop("71")).get_crate(crate_id="1")
        await depot(await client.shop("71")).get_crate(crate_id="1")
        assert market.used[-1] == ("access-bob-1", "ROW_71")

    async def test_a_view_on_an_account_looks_among_its_own_shops(self, client: TikTokShop) -> None:
        ann = await client.account("ann")
        assert (await ann.shop("72"))._call.credentials.shop_cipher == "ROW_72"
        with pytest.raises(ArgumentError, match="covers 2 shops"):
            await ann.shop("81")

    async def test_a_known_shop_is_found_while_the_store_is_down(
        self, client: TikTokShop, store: MemoryTokenStore
    ) -> None:
        await client.shop("71")
        put_down(store)
        await depot(await client.shop("71")).get_crate(crate_id="1")
        with pytest.raises(TokenStoreError):
            await client.shop("99")


def put_down(store: MemoryTokenStore) -> None:
    async def fail(*args: object) -> Any:
        raise TokenStoreError("the token store is down")

    for name in ("get", "put", "accounts", "lease", "release", "refuse"):
        setattr(store, name, fail)


class TestAccounts:
    async def test_a_seller_is_authorised_with_a_code(self, client: TikTokShop, market: Market) -> None:
        market.sellers["eve"] = Seller("eve", {"91": "ROW_91"})
        view = await client.authorize(Callback("eve"))
        assert [each.id for each in (await view.authorization.get_authorized_shops()).shops] == ["91"]
        assert await client.accounts() == ["ann", "bob", "eve"]
        await depot(await client.shop("91")).get_crate(crate_id="1")

    async def test_a_code_may_be_given_as_text(self, client: TikTokShop, market: Market) -> None:
        market.sellers["eve"] = Seller("eve")
        await client.authorize("eve")
        assert "eve" in await client.accounts()

    async def test_without_a_store_tokens_are_kept_in_memory(self, market: Market) -> None:
        client = TikTokShop(APP_KEY, APP_SECRET, transport=market)
        await client.authorize("ann")
        await depot(await client.shop("71")).get_crate(crate_id="1")

    async def test_a_new_consent_may_bring_other_shops_and_ciphers(
        self, client: TikTokShop, market: Market, ann: Seller
    ) -> None:
        await client.shop("71")
        ann.shops["71"] = "ROW_71_new"
        await client.authorize("ann")
        await depot(await client.shop("71")).get_crate(crate_id="1")
        assert [cipher for _, cipher in market.used] == ["ROW_71_new"]

    async def test_an_account_that_is_not_stored_is_named(self, client: TikTokShop) -> None:
        with pytest.raises(CredentialsError, match="no tokens of account nobody"):
            await client.account("nobody")

    async def test_calls_with_a_valid_token_go_on_while_the_store_is_down(
        self, client: TikTokShop, market: Market, store: MemoryTokenStore, time: Time
    ) -> None:
        shop = await client.shop("71")
        put_down(store)
        time.unix = START + WEEK - 60  # the token is about to end, and cannot be renewed
        for _ in range(10):
            await depot(shop).get_crate(crate_id="1")
        assert market.times(REFRESH) == 0

    @pytest.mark.parametrize("margin", [-1, float("nan"), True])
    async def test_a_margin_that_makes_no_sense_is_refused(self, margin: float) -> None:
        with pytest.raises(ArgumentError, match="refresh_margin"):
            TikTokShop(APP_KEY, APP_SECRET, refresh_margin=margin)

    async def test_the_repr_names_the_account(self, client: TikTokShop) -> None:
        assert "account='ann'" in repr(await client.account("ann"))
        assert "access-ann-1" not in repr(vars(await client.account("ann")))
