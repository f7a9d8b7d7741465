"""What took the place of the API before 202309, and of superseded revisions, is found by any name that it had."""

from __future__ import annotations

import subprocess
import sys
from operator import attrgetter

import pytest

from tiktok_shop_async import ArgumentError, TikTokShop, events
from tiktok_shop_async.migration import Successor, main, order_status, successor, successors
from tiktok_shop_async.models import OrderStatus

ALL = successors()
APIS = [each for each in ALL if each.area != "Revision"]
REVISIONS = [each for each in ALL if each.area == "Revision"]


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.name)
def test_every_row_leads_to_methods_or_events_that_exist(row: Successor) -> None:
    assert row.methods or row.events
    client = TikTokShop("app-key", "app-secret")
    for method in row.methods:
        assert callable(attrgetter(method)(client))
    for event in row.events:
        assert issubclass(getattr(events, event), events.Event)


def test_the_apis_before_202309_are_all_there_webhooks_included() -> None:
    assert len(APIS) == 86
    assert sum(bool(each.events) for each in APIS) == 7


def test_a_revision_leads_to_another_method_that_is_not_superseded_itself() -> None:
    assert REVISIONS
    superseded = {each.name for each in REVISIONS}
    assert not any(superseded & set(each.methods) for each in REVISIONS)


@pytest.mark.parametrize(
    "name",
    [
        "Get Order List",
        "get order list",
        "GetOrderList",
        "get_order_list",
        "POST /api/orders/search",
        "/api/orders/search",
        "https://open-api.tiktokglobalshop.com/api/orders/search?app_key=1&sign=2",
    ],
)
def test_an_api_is_found_by_its_title_in_any_spelling_and_by_its_path(name: str) -> None:
    assert successor(name).methods == ("orders.get_order_list",)


@pytest.mark.parametrize(
    ("name", "superseded"),
    [
        ("returns.search_returns", "returns.search_returns_202309"),
        ("client.customer_service.send_message", "customer_service.send_message_202309"),
    ],
)
def test_a_plain_name_that_stands_for_a_superseded_revision_leads_on(name: str, superseded: str) -> None:
    assert successor(name) == successor(superseded)


@pytest.mark.parametrize(
    "name", ["promotion.create_promotion_activity", "orders.get_order_detail", "client.returns.search_returns_202602"]
)
def test_a_method_of_today_is_told_to_be_one(name: str) -> None:
    with pytest.raises(ArgumentError, match="is a method of today's API; nothing has taken its place"):
        successor(name)


@pytest.mark.parametrize("name", ["orders.no_such_method", "nowhere.get_order_list", "orders._call", "shop.request"])
def test_what_is_no_method_of_today_is_not_told_to_be_one(name: str) -> None:
    with pytest.raises(ArgumentError, match="nothing that is called"):
        successor(name)


def test_one_api_can_have_become_several() -> None:
    assert successor("Get Reverse Order List").methods == ("returns.search_cancellations", "returns.search_returns")


@pytest.mark.parametrize("name", ["Type 2: Reverse Status Update", "reverse status update"])
def test_a_webhook_is_found_with_its_number_and_without(name: str) -> None:
    assert successor(name).events == ("CancellationStatusChange", "ReturnStatusChange")


@pytest.mark.parametrize(
    "name",
    [
        "finance.get_transactions_by_statement_202309",
        "/finance/202309/statements/{statement_id}/statement_transactions",
        "GET /finance/202309/statements/{id}/statement_transactions",
    ],
)
def test_a_superseded_revision_is_found_by_its_method_and_its_path(name: str) -> None:
    (method,) = successor(name).methods
    assert method.startswith("finance.get_transactions_by_statement_")
    assert not method.endswith("_202309")


def test_a_path_of_several_apis_asks_for_the_http_method() -> None:
    with pytest.raises(ArgumentError, match=r"is several APIs; give one of POST /api/products \(Create Product\), PUT"):
        successor("/api/products")
    assert successor("PUT /api/products").methods == ("products.edit_product",)
    assert successor("DELETE /api/products").methods == ("products.delete_products",)


def test_an_unknown_name_is_refused_with_those_that_are_near() -> None:
    with pytest.raises(ArgumentError, match="'Get Ordr Detial' has a successor; did you mean Get Order Detail or"):
        successor("Get Ordr Detial")


@pytest.mark.parametrize("name", ["", "?", "xylophone", "orders.get_order_lists_of_today"])
def test_a_name_that_is_near_none_is_refused_all_the_same(name: str) -> None:
    with pytest.raises(ArgumentError, match="nothing that is called"):
        successor(name)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (100, OrderStatus.UNPAID),
        (105, OrderStatus.ON_HOLD),
        (111, OrderStatus.AWAITING_SHIPMENT),
        (112, OrderStatus.AWAITING_COLLECTION),
        (114, OrderStatus.PARTIALLY_SHIPPING),
        (121, OrderStatus.IN_TRANSIT),
        (122, OrderStatus.DELIVERED),
        (130, OrderStatus.COMPLETED),
        (140, OrderStatus.CANCELLED),
    ],
)
def test_the_integer_of_an_order_status_is_a_member_now(code: int, status: OrderStatus) -> None:
    assert order_status(code) is status
    assert order_status(str(code)) is status


@pytest.mark.parametrize("code", [0, 113, -100, "UNPAID", ""])
def test_an_integer_that_no_status_had_is_refused_with_those_that_were(code: int | str) -> None:
    with pytest.raises(ArgumentError, match="the codes of order statuses were 100, 105, "):
        order_status(code)


def test_the_command_tells_names_and_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["Edit Product", "111"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Edit Product (Product, PUT /api/products)",
        "  client.products.edit_product",
        "  Replaces whatever is left out; `products.partial_edit_product` does not.",
        "111: OrderStatus.AWAITING_SHIPMENT",
    ]


def test_the_command_tells_the_events_of_a_webhook(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["Type 4: Package Update"]) == 0
    assert "  tiktok_shop_async.events.PackageUpdate\n" in capsys.readouterr().out


def test_the_command_without_a_name_tells_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.partition(" (")[0] for line in printed if not line.startswith(" ")] == [each.name for each in ALL]


def test_the_command_goes_on_after_a_name_that_is_not_known_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["999", "xylophone", "Edit Product"]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith("Edit Product")
    assert len(printed.err.splitlines()) == 2


def test_nothing_is_read_and_no_model_is_made_before_something_is_asked() -> None:
    code = (
        "import sys\n"
        "from tiktok_shop_async import migration\n"
        "assert migration._data.cache_info().misses == 0\n"
        "migration.successor('Get Order List')\n"
        "assert 'tiktok_shop_async.models' not in sys.modules and 'tiktok_shop_async.api' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
