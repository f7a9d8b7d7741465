"""Accounts that are no sellers': views on them, and the category assets of partners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from tests.runtime.conftest import APP_KEY, APP_SECRET
from tests.runtime.depot import Depot
from tests.runtime.wire import START, Wire, answer
from tests.tokens.accounts import WEEK
from tests.tokens.market import Market, Seller
from tiktok_shop_async import (
    ArgumentError,
    CredentialsError,
    ReauthorizationRequiredError,
    ServerError,
    ShopCipherError,
    TikTokShop,
    response_of,
)
from tiktok_shop_async.tokens import MemoryTokenStore, Tokens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.runtime.wire import Time
    from tiktok_shop_async import PartnerView

pytestmark = pytest.mark.anyio

REFRESH, SHOPS, ASSETS = "/api/v2/token/refresh", "/authorization/202309", "/authorization/202405"


@pytest.fixture
def paul() -> Seller:
    assets = {("US", 600, "Home"): "CAT_600", ("US", 700, "Toys"): "CAT_700", ("GB", 600, "Home"): "CAT_GB"}
    return Seller("paul", assets=assets, user_type=3)


@pytest.fixture
def market(paul: Seller) -> Market:
    return Market(
        Seller("sue", {"71": "ROW_71"}, user_type=0),
        Seller("cleo", assets={("US", 1, ""): "CAT_cleo"}, user_type=1),
        paul,
    )


@pytest.fixture
def store(market: Market, time: Time) -> MemoryTokenStore:
    tokens = {each.open_id: Tokens.from_answer(each.data(), obtained_at=int(START)) for each in market.sellers.values()}
    return MemoryTokenStore(tokens, clock=time.clock())


@pytest.fixture
async def client(market: Market, store: MemoryTokenStore, time: Time) -> AsyncIterator[TikTokShop]:
    async with TikTokShop(APP_KEY, APP_SECRET, token_store=store, transport=market, clock=time.clock()) as client:
        yield client


async def open_depot(view: Any) -> int:
    """Calls for a category asset, and tells how many attempts that took."""
    return response_of(await Depot(view._call).open_depot()).attempts


class TestAView:
    async def test_it_calls_with_the_token_of_its_account(self, client: TikTokShop, market: Market) -> None:
        await open_depot((await client.creator("cleo")).with_category_asset("CAT_cleo"))
        await open_depot((await client.partner("paul")).with_category_asset("CAT_600"))
        assert market.used == [("access-cleo-1", "CAT_cleo"), ("access-paul-1", "CAT_600")]

    async def test_it_says_whose_it_is(self, client: TikTokShop) -> None:
        creator, partner, seller = (
            await client.creator("cleo"),
            await client.partner("paul"),
            await client.account("sue"),
        )
        assert [each.open_id for each in (creator, partner, seller)] == ["cleo", "paul", "sue"]
        assert (await partner.category_asset(target_market="GB")).open_id == "paul"
        assert (await client.shop("71")).open_id == "sue"

    async def test_of_a_token_that_was_given_the_account_is_not_known(self, client: TikTokShop, market: Market) -> None:
        creator = client.with_creator(access_token="access-cleo-1").with_category_asset("CAT_cleo")
        partner = client.with_partner(access_token="access-paul-1", category_asset_cipher="CAT_GB")
        await open_depot(creator)
        await open_depot(partner)
        assert market.used == [("access-cleo-1", "CAT_cleo"), ("access-paul-1", "CAT_GB")]
        assert [each.open_id for each in (creator, partner, client)] == [None, None, None]

    async def test_the_token_of_the_client_itself_may_be_a_partners(self, market: Market, time: Time) -> None:
        client = TikTokShop(
            APP_KEY,
            APP_SECRET,
            access_token="access-paul-1",
            category_asset_cipher="CAT_GB",
            transport=market,
            clock=time.clock(),
        )
        await open_depot(client.with_partner())
        await open_depot(await client.with_partner().category_asset(target_market="US", category_id=700))
        assert market.used == [("access-paul-1", "CAT_GB"), ("access-paul-1", "CAT_700")]

    @pytest.mark.parametrize("kind", ["creator", "partner"])
    async def test_its_tokens_are_renewed_when_they_are_over(
        self, client: TikTokShop, market: Market, time: Time, kind: str
    ) -> None:
        time.unix += WEEK
        await (client.creator("cleo") if kind == "creator" else client.partner("paul"))
        assert market.times(REFRESH) == 1

    async def test_of_an_account_that_is_not_stored_there_is_none(self, client: TikTokShop) -> None:
        with pytest.raises(CredentialsError, match="no tokens of account eve are stored"):
            await client.creator("eve")

    async def test_of_an_account_that_withdrew_its_consent_there_is_none(
        self, client: TikTokShop, paul: Seller, time: Time
    ) -> None:
        paul.revoked = True
        time.unix += WEEK
        with pytest.raises(ReauthorizationRequiredError, match="paul"):
            await client.partner("paul")

    @pytest.mark.parametrize(
        ("asked", "open_id", "told"),
        [
            ("creator", "sue", r"a seller's, and no creator's; client\.account\(…\) takes it"),
            ("creator", "paul", r"a partner's, and no creator's; client\.partner\(…\) takes it"),
            ("partner", "sue", r"a seller's, and no partner's; client\.account\(…\) takes it"),
            ("partner", "cleo", r"a creator's, and no partner's; client\.creator\(…\) takes it"),
        ],
    )
    async def test_of_an_account_of_another_kind_there_is_none(
        self, client: TikTokShop, market: Market, asked: str, open_id: str, told: str
    ) -> None:
        with pytest.raises(ArgumentError, match=f"^open_id: this account is {told}"):
            await (client.creator(open_id) if asked == "creator" else client.partner(open_id))
        assert market.asked == []

    @pytest.mark.parametrize("user_type", [None, 2])
    async def test_a_kind_that_the_tokens_do_not_tell_is_let_pass(
        self, client: TikTokShop, store: MemoryTokenStore, user_type: int | None
    ) -> None:
        await store.put("eve", Tokens(access_token="a", refresh_token="r", open_id="eve", user_type=user_type))
        assert (await client.creator("eve")).open_id == (await client.partner("eve")).open_id == "eve"

    @pytest.mark.parametrize("user_type", [4, 5])
    async def test_global_sellers_are_sellers(
        self, client: TikTokShop, store: MemoryTokenStore, user_type: int
    ) -> None:
        await store.put("eve", Tokens(access_token="a", refresh_token="r", open_id="eve", user_type=user_type))
        with pytest.raises(ArgumentError, match="a seller's"):
            await client.partner("eve")

    async def test_a_consent_leads_to_it(self, client: TikTokShop, market: Market) -> None:
        await open_depot((await client.authorize("cleo", kind="creator")).with_category_asset("CAT_cleo"))
        await open_depot((await client.authorize("paul", kind="partner")).with_category_asset("CAT_GB"))
        assert market.used == [("access-cleo-2", "CAT_cleo"), ("access-paul-2", "CAT_GB")]

    async def test_a_consent_of_another_kind_of_account_is_stored_and_told(
        self, client: TikTokShop, store: MemoryTokenStore
    ) -> None:
        with pytest.raises(ArgumentError, match="a partner's, and no creator's"):
            await client.authorize("paul", kind="creator")
        stored = await store.get("paul")
        assert stored is not None
        assert stored.tokens.access_token == "access-paul-2"

    async def test_shops_are_looked_for_among_sellers_alone(self, client: TikTokShop, market: Market) -> None:
        await client.shop("71")
        with pytest.raises(ArgumentError, match="none of the 1 accounts"):
            await client.shop("99")
        assert market.times(SHOPS) == 2


class TestACategoryAsset:
    async def test_the_only_one_of_a_market_is_found_by_it(self, client: TikTokShop, market: Market) -> None:
        partner = await client.partner("paul")
        await open_depot(await partner.category_asset(target_market="GB"))
        assert market.used == [("access-paul-1", "CAT_GB")]

    async def test_one_of_several_is_found_by_its_category(self, client: TikTokShop, market: Market) -> None:
        partner = await client.partner("paul")
        await open_depot(await partner.category_asset(target_market="US", category_id=700))
        assert market.used == [("access-paul-1", "CAT_700")]

    async def test_they_are_asked_for_once(self, client: TikTokShop, market: Market) -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(lambda: find(client, "GB"))
        await find(client, "US", 600)
        assert market.times(ASSETS) == 1

    async def test_those_of_the_clients_own_token_are_asked_for_once(self, market: Market, time: Time) -> None:
        client = TikTokShop(APP_KEY, APP_SECRET, access_token="access-paul-1", transport=market, clock=time.clock())
        for target_market in ("GB", "GB"):
            await client.with_partner().category_asset(target_market=target_market)
        assert market.times(ASSETS) == 1

    async def test_one_of_several_has_to_be_named(self, client: TikTokShop) -> None:
        with pytest.raises(ArgumentError) as caught:
            await find(client, "US")
        assert str(caught.value) == (
            "category_id: the partner has opened 2 category assets (US 600 Home, US 700 Toys) for US; say which"
        )

    async def test_one_that_is_not_there_is_told_from_those_that_are(self, client: TikTokShop) -> None:
        opened = "the partner has opened 3 category assets (US 600 Home, US 700 Toys, GB 600 Home) to the app"
        with pytest.raises(ArgumentError) as caught:
            await find(client, "DE")
        assert str(caught.value).startswith(f"target_market, category_id: {opened}, and none for DE; give one of these")
        with pytest.raises(ArgumentError, match="and none for category 9 in US"):
            await find(client, "US", 9)

    async def test_one_that_was_opened_since_is_found(self, client: TikTokShop, market: Market, paul: Seller) -> None:
        await find(client, "GB")
        paul.assets["DE", 600, "Home"] = "CAT_DE"
        await open_depot(await find(client, "DE"))
        assert market.used == [("access-paul-1", "CAT_DE")]
        assert market.times(ASSETS) == 2

    async def test_a_cipher_that_is_refused_is_looked_up_and_the_call_sent_again(
        self, client: TikTokShop, market: Market, paul: Seller
    ) -> None:
        view = await find(client, "GB")
        paul.assets["GB", 600, "Home"] = "CAT_new"
        assert await open_depot(view) == 2
        assert await open_depot(view) == await open_depot(await find(client, "GB")) == 1
        assert market.times(ASSETS) == 2

    async def test_a_cipher_that_is_refused_even_then_is_an_error(self, client: TikTokShop, paul: Seller) -> None:
        view = await find(client, "GB")
        del paul.assets["GB", 600, "Home"]
        with pytest.raises(ShopCipherError, match=r"partner\.category_asset\(…\)") as caught:
            await open_depot(view)
        assert caught.value.attempts == 2

    async def test_a_cipher_that_was_given_is_not_looked_up(self, client: TikTokShop, market: Market) -> None:
        with pytest.raises(ShopCipherError) as caught:
            await open_depot((await client.partner("paul")).with_category_asset("CAT_wrong"))
        assert caught.value.attempts == 1
        assert market.times(ASSETS) == 0

    async def test_a_given_cipher_takes_the_place_of_one_that_was_looked_up(
        self, client: TikTokShop, market: Market
    ) -> None:
        await open_depot((await find(client, "GB")).with_category_asset("CAT_700"))
        assert market.used == [("access-paul-1", "CAT_700")]

    async def test_a_new_consent_has_them_asked_for_anew(
        self, client: TikTokShop, market: Market, paul: Seller
    ) -> None:
        view = await find(client, "GB")
        paul.assets["GB", 600, "Home"] = "CAT_new"
        await client.authorize("paul")
        assert await open_depot(view) == 1
        assert market.used == [("access-paul-2", "CAT_new")]

    async def test_what_is_no_category_asset_is_passed_over(self, time: Time) -> None:
        rows = [None, "x", {"cipher": "CAT_1"}, {"cipher": "CAT_2", "target_market": "US"}, {"target_market": "US"}]
        good = {"cipher": "CAT_3", "target_market": "US", "category": {"id": "600"}}
        wire = Wire(answer({"category_assets": [*rows, good]}), answer({}))
        client = TikTokShop(APP_KEY, APP_SECRET, access_token="a", transport=wire, clock=time.clock())
        await open_depot(await client.with_partner().category_asset(target_market="US", category_id=600))
        assert wire.sent[1].own_query == {"category_asset_cipher": "CAT_3"}

    async def test_a_list_that_fails_is_not_remembered(self, time: Time) -> None:
        good = {"cipher": "CAT_3", "target_market": "US", "category": {"id": 600}}
        wire = Wire(answer(code=36009003), answer({"category_assets": [good]}))
        client = TikTokShop(APP_KEY, APP_SECRET, access_token="a", transport=wire, clock=time.clock(), max_retries=0)
        with pytest.raises(ServerError):
            await client.with_partner().category_asset(target_market="US")
        await client.with_partner().category_asset(target_market="US")

    async def test_the_cipher_is_shown_nowhere(self, client: TikTokShop) -> None:
        view = await find(client, "GB")
        assert repr(view) == (
            "PartnerView(base_url='https://open-api.tiktokglobalshop.com', "
            "Credentials(app_key='app-key-77', app_secret=***, account='paul', category_asset_cipher=***))"
        )


async def find(client: TikTokShop, market: str, category_id: int | None = None) -> PartnerView:
    return await (await client.partner("paul")).category_asset(target_market=market, category_id=category_id)
