"""Order search and detail."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import NOW
from tests.sandbox.placing import place_orders, stage
from tiktok_shop_async.sandbox.life.aftersales import request_cancellation
from tiktok_shop_async.sandbox.state.clock import HOUR

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Caller
    from tiktok_shop_async.sandbox.state.rows import Order

SEARCH = "/order/202309/orders/search"


def every(caller: Caller, body: dict[str, Any] | None = None, **query: object) -> list[dict[str, Any]]:
    """All orders that fit, in their order."""
    rows: list[dict[str, Any]] = []
    token = ""
    while True:
        position = {"page_token": token} if token else {}
        data = caller.post(SEARCH, body, page_size=100, **query, **position).data
        rows += data["orders"]
        token = data["next_page_token"]
        if not token:
            assert len(rows) == data["total_count"]
            return rows


def test_paging_reaches_every_order_once(reader: Caller) -> None:
    ids = [order["id"] for order in every(reader)]
    assert sorted(ids) == sorted(order.id for order in reader.shop.orders)


@pytest.mark.parametrize("field", ["create_time", "update_time"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_orders_are_sorted_as_asked_for(reader: Caller, field: str, direction: str) -> None:
    times = [order[field] for order in every(reader, sort_field=field, sort_order=direction)]
    assert times == sorted(times, reverse=direction == "DESC")


def test_orders_come_newest_first_unless_asked_otherwise(reader: Caller) -> None:
    assert every(reader) == every(reader, sort_field="create_time", sort_order="DESC")


def test_a_page_does_not_shift_when_an_order_arrives(caller: Caller) -> None:
    first = caller.post(SEARCH, page_size=10).data
    caller.shop.orders.put(_copy_of_the_newest(caller))
    second = caller.post(SEARCH, page_size=10, page_token=first["next_page_token"]).data
    assert not {order["id"] for order in first["orders"]} & {order["id"] for order in second["orders"]}


def _copy_of_the_newest(caller: Caller) -> Order:
    newest = max(caller.shop.orders, key=lambda order: order.create_time)
    return replace(newest, id="599999999999999999", create_time=newest.create_time + 1)


@pytest.mark.parametrize("status", ["AWAITING_SHIPMENT", "IN_TRANSIT", "COMPLETED", "CANCELLED"])
def test_orders_are_found_by_status(reader: Caller, status: str) -> None:
    found = every(reader, {"order_status": status})
    assert {order["status"] for order in found} == {status}
    assert len(found) == sum(order.status == status for order in reader.shop.orders)


def test_a_time_filter_includes_its_beginning_and_excludes_its_end(reader: Caller) -> None:
    oldest, *_, newest = sorted(order.create_time for order in reader.shop.orders)
    found = every(reader, {"create_time_ge": oldest, "create_time_lt": newest})
    assert len(found) == len(reader.shop.orders) - 1


def test_orders_are_found_by_shipping_type_buyer_and_warehouse(reader: Caller) -> None:
    some = next(iter(reader.shop.orders))
    filters = {
        "shipping_type": some.shipping_type,
        "buyer_user_id": some.buyer.user_id,
        "warehouse_ids": [some.warehouse_id],
    }
    assert [order["id"] for order in every(reader, filters)] == [some.id]
    assert every(reader, {**filters, "warehouse_ids": ["0"]}) == []


def test_orders_whose_buyer_wants_out_are_found(caller: Caller) -> None:
    order = next(order for order in caller.shop.orders if order.status == "AWAITING_SHIPMENT")
    request_cancellation(caller.world, caller.shop, order, order.lines, NOW, role="BUYER", reason="mistake")
    assert order.id in [found["id"] for found in every(caller, {"is_buyer_request_cancel": True})]
    assert order.id not in [found["id"] for found in every(caller, {"is_buyer_request_cancel": False})]


def test_an_unknown_status_finds_nothing(reader: Caller) -> None:
    assert every(reader, {"order_status": "TELEPORTED"}) == []


def test_amounts_of_an_order_add_up(reader: Caller) -> None:
    for order in every(reader):
        payment = {name: Decimal(value) for name, value in order["payment"].items() if name != "currency"}
        lines = order["line_items"]
        assert payment["sub_total"] == sum(Decimal(line["sale_price"]) for line in lines)
        assert payment["sub_total"] == (
            payment["original_total_product_price"] - payment["seller_discount"] - payment["platform_discount"]
        )
        assert payment["total_amount"] == payment["sub_total"] + payment["shipping_fee"] + payment["tax"]


def test_the_address_is_told_once_the_order_is_to_be_shipped(reader: Caller) -> None:
    shown = {order["status"] for order in every(reader) if "recipient_address" in order}
    hidden = {order["status"] for order in every(reader) if "recipient_address" not in order}
    assert hidden == {"UNPAID", "ON_HOLD"}
    assert not shown & hidden


def test_a_line_item_is_one_unit(reader: Caller) -> None:
    """There is no quantity; two of a kind are two line items."""
    orders = every(reader)
    assert any(len({line["sku_id"] for line in order["line_items"]}) < len(order["line_items"]) for order in orders)
    assert all("quantity" not in line for order in orders for line in order["line_items"])


def test_one_time_is_in_milliseconds_as_seen_on_live_answers(reader: Caller) -> None:
    order = every(reader, {"order_status": "COMPLETED"})[0]
    assert order["recommended_shipping_time"] > 1000 * order["create_time"]


@pytest.mark.parametrize("path", ["/order/202309/orders", "/order/202507/orders"])
def test_orders_are_found_by_their_ids(reader: Caller, path: str) -> None:
    wanted = [order.id for order in reader.shop.orders][3:6]
    assert [order["id"] for order in reader.get(path, ids=wanted).data["orders"]] == wanted


def test_the_order_of_another_shop_fails_the_detail(reader: Caller) -> None:
    other = list(reader.world.shops)[1]
    answer = reader.get("/order/202507/orders", ids=[next(iter(other.orders)).id])
    assert (answer.code, answer.status) == (21008111, 200)


@pytest.mark.parametrize(("region", "status"), [("US", "ON_HOLD"), ("GB", "ON_HOLD"), ("DE", "AWAITING_SHIPMENT")])
def test_what_is_paid_is_on_hold_for_an_hour_in_some_markets_and_to_be_shipped_at_once_in_others(
    caller: Caller, region: str, status: str
) -> None:
    seller = caller.within(region)
    (order,) = place_orders(seller, "UNPAID")
    row = seller.get("/order/202507/orders", ids=[order.id]).data["orders"][0]
    assert (row["status"], row["is_on_hold_order"]) == ("UNPAID", status == "ON_HOLD")
    stage(seller).step_order(order.id, "pay")
    row = seller.get("/order/202507/orders", ids=[order.id]).data["orders"][0]
    assert (row["status"], len(row["packages"])) == (status, int(status != "ON_HOLD"))
    seller.clock.advance(HOUR)
    row = seller.get("/order/202507/orders", ids=[order.id]).data["orders"][0]
    assert (row["status"], len(row["packages"])) == ("AWAITING_SHIPMENT", 1)


def test_a_sample_costs_nothing_and_says_so(caller: Caller) -> None:
    (order,) = place_orders(caller, "COMPLETED", quantity=2, sample=True)
    row = caller.get("/order/202507/orders", ids=[order.id]).data["orders"][0]
    assert row["is_sample_order"] is True
    assert row["payment"]["total_amount"] == row["payment"]["sub_total"] == row["payment"]["tax"] == "0.00"
    assert Decimal(row["payment"]["original_total_product_price"]) > 0
    assert [line["sale_price"] for line in row["line_items"]] == ["0.00", "0.00"]
