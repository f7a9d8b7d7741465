"""Pickups that are booked, and labels that are bought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.placing import place_orders

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Answer, Caller
    from tiktok_shop_async.sandbox.state.rows import Order

PACKAGES = "/fulfillment/202309/packages"


def package_id(order: Order) -> str:
    return str(order.lines[0].package_id)


def options(caller: Caller, order: Order) -> Answer:
    return caller.get(f"{PACKAGES}/{package_id(order)}/handover_time_slots")


def services(caller: Caller, order: Order, **body: Any) -> Answer:
    return caller.post(f"/fulfillment/202309/orders/{order.id}/shipping_services/query", body)


def test_the_carrier_comes_in_the_slot_that_was_booked(caller: Caller) -> None:
    (order,) = place_orders(caller)
    slot = next(slot for slot in reversed(options(caller, order).data["pickup_slots"]) if slot.pop("avaliable"))
    body = {"handover_method": "PICKUP", "pickup_slot": slot}
    assert caller.post(f"{PACKAGES}/{package_id(order)}/ship", body).code == 0
    assert caller.get(f"{PACKAGES}/{package_id(order)}").data["pickup_slot"] == slot
    caller.clock.advance(slot["end_time"] - caller.world.now - 1)
    caller.world.catch_up()
    assert order.status == "AWAITING_COLLECTION"
    caller.clock.advance(1)
    caller.world.catch_up()
    assert order.status == "IN_TRANSIT"


def test_a_slot_that_is_not_on_offer_cannot_be_booked(caller: Caller) -> None:
    (order,) = place_orders(caller)
    slot = options(caller, order).data["pickup_slots"][-1]
    body = {
        "handover_method": "PICKUP",
        "pickup_slot": {"start_time": slot["start_time"] + 1, "end_time": slot["end_time"]},
    }
    assert caller.post(f"{PACKAGES}/{package_id(order)}/ship", body).code == 21001001
    assert order.status == "AWAITING_SHIPMENT"


def test_slots_that_begin_soon_are_taken(caller: Caller) -> None:
    (order,) = place_orders(caller)
    first = options(caller, order).data["pickup_slots"][0]
    caller.clock.advance(first["start_time"] - caller.world.now - 3600)
    slots = options(caller, order).data["pickup_slots"]
    assert [slots[0]["avaliable"], slots[1]["avaliable"]] == [False, True]


@pytest.mark.parametrize(("status", "shipping_type"), [("AWAITING_SHIPMENT", "SELLER"), ("IN_TRANSIT", "TIKTOK")])
def test_what_no_carrier_waits_for_has_no_slots(caller: Caller, status: str, shipping_type: str) -> None:
    (order,) = place_orders(caller, status, shipping_type=shipping_type)
    assert options(caller, order).code == 21001001


def test_a_label_costs_what_its_service_was_offered_for(caller: Caller) -> None:
    (order,) = place_orders(caller)
    weight = {"value": "3", "unit": "POUND"}
    offered = services(caller, order, weight=weight).data["shipping_services"]
    assert [service["is_default"] for service in offered] == [True, False]
    express = offered[1]
    body = {"order_id": order.id, "weight": weight, "shipping_service_id": express["id"]}
    bought = caller.post(PACKAGES, body).data["shipping_service_info"]
    assert {**bought, "is_default": False} == express


def test_a_heavier_parcel_costs_more_and_there_is_a_limit(caller: Caller) -> None:
    (order,) = place_orders(caller)
    light, heavy = (
        services(caller, order, weight={"value": value, "unit": "GRAM"}).data["shipping_services"][0]
        for value in ("400", "4000")
    )
    assert float(light["price"]) < float(heavy["price"])
    assert services(caller, order, weight={"value": "67", "unit": "POUND"}).code == 21011048
    assert services(caller, order, weight={"value": "0", "unit": "GRAM"}).code == 21001001


def test_services_are_those_of_lines_that_wait_for_tiktok_s_carrier(caller: Caller) -> None:
    (order,) = place_orders(caller, quantity=2)
    (own,) = place_orders(caller, shipping_type="SELLER")
    (sent,) = place_orders(caller, "IN_TRANSIT")
    line = order.lines[1].id
    assert services(caller, order, order_line_item_ids=[line]).data["order_line_id"] == [line]
    assert services(caller, order, order_line_item_ids=["1"]).code == 21001001
    assert services(caller, own).code == 21011037
    assert services(caller, sent).code == 21011006
    assert caller.post(PACKAGES, {"order_id": own.id}).code == 21011037
    assert caller.post(PACKAGES, {"order_id": order.id, "shipping_service_id": "1"}).code == 21001001
