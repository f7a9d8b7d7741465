"""Packages that are made and shipped in one step, in the revisions after those of 2023."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.placing import place_orders, same_buyer

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Answer, Caller
    from tiktok_shop_async.sandbox.state.rows import Order

PROVIDER = "7215600000000000203"
SHIPMENT = {"tracking_number": "HP-9", "shipping_provider_id": PROVIDER}


def buy(caller: Caller, ship_type: str, **body: object) -> Answer:
    return caller.post("/fulfillment/202512/packages", {"ship_type": ship_type, **body})


def report(caller: Caller, order: Order, *shipments: dict[str, str], **body: object) -> Answer:
    path = f"/fulfillment/202610/orders/{order.id}/packages"
    return caller.post(path, {"shipping_info_list": list(shipments), **body})


def correct(caller: Caller, order: Order, *shipments: dict[str, str]) -> Answer:
    path = f"/fulfillment/202610/packages/{order.lines[0].package_id}/shipping_info/update"
    return caller.post(path, {"shipping_info_list": list(shipments)})


def two_of_one_buyer(caller: Caller) -> list[Order]:
    (first,) = place_orders(caller)
    return [first, *place_orders(caller, buyer=same_buyer(first))]


def test_a_label_for_an_order_ships_it(caller: Caller) -> None:
    (order,) = place_orders(caller, quantity=2)
    data = buy(caller, "1", order_id=order.id).data
    assert order.status == "AWAITING_COLLECTION"
    assert {line.package_id for line in order.lines} == {data["package_id"]}


def test_a_label_for_a_part_of_an_order_leaves_the_rest(caller: Caller) -> None:
    (order,) = place_orders(caller, quantity=2)
    data = buy(caller, "2", order_id=order.id, order_line_item=[{"order_line_id": order.lines[0].id}]).data
    assert caller.shop.packages[data["package_id"]].line_ids == [order.lines[0].id]
    assert order.status == "PARTIALLY_SHIPPING"


def test_a_label_for_several_orders_ships_them_in_one_package(caller: Caller) -> None:
    orders = two_of_one_buyer(caller)
    package_id = buy(caller, "3", order_list_ids=[order.id for order in orders]).data["package_id"]
    assert sorted(caller.shop.packages[package_id].order_ids) == sorted(order.id for order in orders)
    assert {order.status for order in orders} == {"AWAITING_COLLECTION"}


def test_orders_of_different_buyers_do_not_share_a_package(caller: Caller) -> None:
    (first,), (other,) = place_orders(caller), place_orders(caller)
    assert first.buyer != other.buyer
    assert buy(caller, "3", order_list_ids=[first.id, other.id]).code == 21011031


def test_one_order_named_twice_is_not_several(caller: Caller) -> None:
    first, _ = two_of_one_buyer(caller)
    assert buy(caller, "3", order_list_ids=[first.id, first.id]).code == 21011031


@pytest.mark.parametrize("ship_type", ["1", "2", "4"])
def test_what_goes_into_the_package_has_to_be_said(caller: Caller, ship_type: str) -> None:
    given = {"order_id": place_orders(caller)[0].id} if ship_type != "1" else {}
    assert buy(caller, ship_type, **given).code == 21001001


def test_what_the_seller_ships_has_no_label_to_buy(caller: Caller) -> None:
    (order,) = place_orders(caller, shipping_type="SELLER")
    assert buy(caller, "1", order_id=order.id).code == 21011037


def test_days_and_carrier_of_a_service_are_told_in_the_us_alone(caller: Caller) -> None:
    def service(seller: Caller) -> dict[str, object]:
        (order,) = place_orders(seller)
        return dict(buy(seller, "1", order_id=order.id).data["shipping_service_info"])

    in_the_us = {"earliest_delivery_days", "latest_delivery_days", "shipping_provider_id", "shipping_provider_name"}
    assert service(caller).keys() - service(caller.within("GB")).keys() == in_the_us


def test_what_the_seller_reports_is_on_its_way_with_the_lines_that_are_named(caller: Caller) -> None:
    (order,) = place_orders(caller, shipping_type="SELLER", quantity=2)
    data = report(caller, order, SHIPMENT, order_line_list=[{"order_line_id": order.lines[0].id}]).data
    assert data["order_line_item_ids"] == [order.lines[0].id]
    package = caller.shop.packages[data["package_id"]]
    assert (package.status, package.tracking_number) == ("FULFILLING", "HP-9")


@pytest.mark.parametrize("line", [{"order_line_id": "1"}, {"order_line_id": ""}, {"sub_item_id": "1"}])
def test_lines_are_those_of_the_order(caller: Caller, line: dict[str, str]) -> None:
    (order,) = place_orders(caller, shipping_type="SELLER")
    assert report(caller, order, SHIPMENT, order_line_list=[line]).code == 21001001


@pytest.mark.parametrize(
    ("shipments", "code"), [([], 21011022), ([{"tracking_number": "HP-9"}], 21011022), ([SHIPMENT] * 2, 21001001)]
)
def test_a_package_is_one_parcel_with_a_carrier_and_a_number(
    caller: Caller, shipments: list[dict[str, str]], code: int
) -> None:
    (waiting,) = place_orders(caller, shipping_type="SELLER")
    (sent,) = place_orders(caller, "IN_TRANSIT", shipping_type="SELLER")
    assert report(caller, waiting, *shipments).code == code
    assert correct(caller, sent, *shipments).code == code


def test_a_wrong_tracking_number_is_corrected(caller: Caller) -> None:
    (order,) = place_orders(caller, "IN_TRANSIT", shipping_type="SELLER")
    assert correct(caller, order, SHIPMENT).code == 0
    package = caller.get(f"/fulfillment/202309/packages/{order.lines[0].package_id}").data
    assert (package["tracking_number"], package["shipping_provider_id"]) == ("HP-9", PROVIDER)
