"""What works: every domain, a thousand orders in pages, values of the right types, and no request that was changed."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.foreign.conftest import API_ASYNC, API_SYNC, CLIENT, NAMES, SDK, of
from tests.foreign.least import DOMAINS
from tests.foreign.reports import ORDERS

if TYPE_CHECKING:
    from tests.foreign.reports import Report


GATE = {
    106001,
    106013,
    101000,
    105002,
    105005,
    36009002,
    36009003,
    36009009,
    36009010,
    36009014,
    36009022,
    36009023,
    -1,
}


def domains(report: Report) -> set[str]:
    """The domains of the API in which calls of this client succeeded."""
    return {name.partition("/")[0] for name in report.steps if report.steps[name]["code"] == 0} & DOMAINS


@of(API_ASYNC, API_SYNC)
def test_calls_of_every_domain_succeed(report: Report) -> None:
    assert domains(report) == DOMAINS


@of(SDK)
def test_calls_of_every_domain_succeed_that_the_client_has(report: Report) -> None:
    assert domains(report) == DOMAINS - {"supply_chain"}


@of(CLIENT)
def test_calls_of_every_domain_succeed_but_where_the_client_names_a_shop_too_many(report: Report) -> None:
    assert domains(report) == {"logistics", "order", "product"}


@of(API_ASYNC)
def test_every_operation_that_both_sides_have_is_answered_by_its_endpoint(report: Report) -> None:
    """And not by the gate before it. Ids that the least request makes up are not found, which the endpoint says."""
    codes = report.codes("every/")
    assert len(codes) > 100
    codes.pop("every/get_trade_in_account_transactions")  # reads its time as RFC 3339 text, which is not made up here
    assert {name: code for name, code in codes.items() if code in GATE} == {}
    assert "shop_cipher" not in str([report.steps[name] for name in codes])


@of(*NAMES)
def test_a_code_becomes_a_token_that_is_renewed(report: Report) -> None:
    first, second = report.data("oauth/exchange"), report.data("oauth/refresh")
    assert first["access_token"] != second["access_token"]
    assert second["access_token_expire_in"] > time.time()
    assert first["open_id"] == second["open_id"]


@of(API_ASYNC, API_SYNC, SDK)
def test_the_renewed_token_opens_the_same_shops(report: Report) -> None:
    assert report.data("oauth/shops") == report.data("authorization/shops")


@of(*NAMES)
def test_nothing_is_refused_but_known_bugs_and_changed_signatures(report: Report) -> None:
    refused = {name for name, code in report.codes().items() if code != 0}
    expected = {name for name in report.steps if name.startswith(("bug/", "tampered/", "every/"))}
    assert refused - expected == set()


@of(*NAMES)
def test_one_changed_character_of_the_signature_is_refused(report: Report) -> None:
    codes = report.codes("tampered/")
    assert {"tampered/get", "tampered/post"} <= codes.keys()
    assert set(codes.values()) == {106001}


@of(API_ASYNC, API_SYNC, SDK)
def test_a_thousand_orders_are_read_in_pages(report: Report) -> None:
    assert len(report.codes("page/")) == ORDERS / 100
    rows = report.data("orders")["orders"]
    assert len(rows) == ORDERS
    assert {row["id"] for row in rows} == {order.id for order in report.shop.orders}


@of(*NAMES)
def test_orders_hold_values_of_the_documented_types(report: Report) -> None:
    rows = report.data("page/0")["orders"]
    assert len(rows) == 100
    for row in rows:
        order = report.shop.orders[row["id"]]
        assert row["create_time"] == order.create_time
        assert row["payment"]["total_amount"] == str(order.total_amount)
        assert [line["sku_id"] for line in row["line_items"]] == [line.sku_id for line in order.lines]


@of(*NAMES)
def test_a_filter_of_the_body_filters(report: Report) -> None:
    assert {row["status"] for row in report.data("order/filtered")["orders"]} == {"AWAITING_SHIPMENT"}


@of(API_ASYNC, API_SYNC, SDK)
def test_a_listing_is_created_edited_and_read_back(report: Report) -> None:
    read = report.data("product/edited")
    (sku,) = read["skus"]
    assert read["id"] == report.data("product/create")["product_id"]
    assert read["title"] == "Desk lamp, paper shade"
    assert sku["price"]["sale_price"] == "22.50"
    assert sku["inventory"] == [{"warehouse_id": report.facts["warehouse_id"], "quantity": 3}]


@of(API_ASYNC, API_SYNC, CLIENT)
def test_a_picture_is_uploaded(report: Report) -> None:
    picture = report.data("product/picture")
    assert (picture["width"], picture["height"]) == (400, 400)


@of(API_ASYNC, API_SYNC, SDK)
def test_what_the_seller_decides_is_kept(report: Report) -> None:
    assert report.shop.cancellations[report.facts["cancel_id"]].status == "CANCELLATION_REQUEST_SUCCESS"
    assert report.shop.returns[report.facts["return_id"]].status == "AWAITING_BUYER_SHIP"


@of(API_ASYNC, API_SYNC)
def test_a_package_is_shipped_and_has_a_label(report: Report) -> None:
    package = report.shop.packages[report.facts["package_id"]]
    assert package.status == "PROCESSING"
    assert report.data("fulfillment/document")["tracking_number"] == package.tracking_number


@of(API_ASYNC, API_SYNC, SDK)
def test_a_statement_adds_up(report: Report) -> None:
    listed = report.data("finance/statements")["statements"][0]
    detail = report.data("finance/statement")
    assert detail["id"] == listed["id"]
    assert Decimal(detail["total_settlement_amount"]) == Decimal(listed["settlement_amount"])
    assert isinstance(listed["statement_time"], int)
