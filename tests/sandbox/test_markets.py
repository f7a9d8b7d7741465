"""Which sellers an endpoint is for, and what it says to the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import NOW
from tiktok_shop_async.sandbox.gate.markets import is_offered

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Caller

WITHDRAWALS = "/finance/202309/withdrawals"
MANUFACTURERS = "/product/202501/compliance/manufacturers/search"


def group(markets: Any, *sellers: str, **more: str) -> dict[str, Any]:
    """An entry of `x-markets`."""
    return {"markets": markets, "sellers": list(sellers or ("local", "cross-border")), **more}


@pytest.mark.parametrize(
    ("markets", "region", "seller_type", "offered"),
    [
        (None, "US", "LOCAL", True),
        ([group(["US", "GB"], "local")], "GB", "LOCAL", True),
        ([group(["US", "GB"], "local")], "GB", "CROSS_BORDER", False),
        ([group(["US", "GB"], "local")], "DE", "LOCAL", False),
        ([group("all", "cross-border")], "TH", "CROSS_BORDER", True),
        ([group("all", "cross-border")], "TH", "LOCAL", False),
        ([group(["EU"])], "DE", "LOCAL", True),
        ([group(["EU"])], "GB", "LOCAL", False),
        ([group(["SEA"])], "VN", "CROSS_BORDER", True),
        ([group(["SEA"])], "JP", "LOCAL", False),
        ([group(["US"], "local"), group(["SEA"])], "ID", "LOCAL", True),
        ([group(["US"], since="2026-09-21")], "US", "LOCAL", True),
        ([group(["US"], since="2026-09-22")], "US", "LOCAL", False),
    ],
)
def test_an_endpoint_is_offered_by_market_kind_of_seller_and_day(
    reader: Caller, markets: Any, region: str, seller_type: str, offered: bool
) -> None:
    shop = replace(reader.shop, region=region, seller_type=seller_type)
    assert is_offered(markets, shop, NOW) is offered


def test_a_shop_of_another_market_is_refused(reader: Caller) -> None:
    answer = reader.get(WITHDRAWALS, types=["SETTLE"])
    assert (answer.code, answer.status) == (21008106, 200)
    assert "not offered to sellers LOCAL in US" in answer.message
    assert reader.within("ID").get(WITHDRAWALS, types=["SETTLE"]).code == 0
    assert reader.within("TH", "CROSS_BORDER").get(WITHDRAWALS, types=["SETTLE"]).code == 0


def test_without_a_cipher_one_fitting_shop_of_the_token_is_enough(reader: Caller) -> None:
    search = reader.without_cipher()
    assert search.post(MANUFACTURERS, page_size=10).code == 0
    american = search.with_token(reader.world.issue_token(shop_ids=[reader.shop.id]).id)
    assert american.post(MANUFACTURERS, page_size=10).code == 21008106
