"""Tracking numbers that are checked and corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.placing import place_orders
from tiktok_shop_async.sandbox.state.clock import HOUR

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Answer, Caller
    from tiktok_shop_async.sandbox.state.rows import Order

FULFILLMENT = "/fulfillment/202309"
PROVIDER = "7215600000000000203"


def sent(caller: Caller, status: str = "IN_TRANSIT") -> Order:
    """An order that the seller ships."""
    (order,) = place_orders(caller, status, shipping_type="SELLER", quantity=2)
    return order


def correct(caller: Caller, place: str, number: str = "HP-7", provider: str = PROVIDER) -> Answer:
    body = {"tracking_number": number, "shipping_provider_id": provider}
    return caller.post(f"{FULFILLMENT}/{place}/shipping_info/update", body)


@pytest.mark.parametrize("what", ["order", "package"])
def test_a_wrong_tracking_number_is_corrected(caller: Caller, what: str) -> None:
    order = sent(caller)
    package = str(order.lines[0].package_id)
    place = f"orders/{order.id}" if what == "order" else f"packages/{package}"
    assert correct(caller, place).code == 0
    assert correct(caller, place).code == 0
    (row,) = caller.get("/order/202507/orders", ids=[order.id]).data["orders"]
    assert (row["tracking_number"], row["shipping_provider_id"]) == ("HP-7", PROVIDER)
    assert caller.get(f"{FULFILLMENT}/packages/{package}").data["tracking_number"] == "HP-7"


def test_a_correction_names_a_carrier_and_a_number_that_is_free(caller: Caller) -> None:
    order, other = sent(caller), sent(caller)
    taken = caller.shop.packages[str(other.lines[0].package_id)].tracking_number
    place = f"orders/{order.id}"
    assert [
        correct(caller, place, taken).code,
        correct(caller, place, " ").code,
        correct(caller, place, "HP-8", "1").code,
    ] == [21011022] * 3


@pytest.mark.parametrize(
    ("status", "code"), [("AWAITING_SHIPMENT", 21011004), ("DELIVERED", 21011042), ("UNPAID", 21011004)]
)
def test_only_what_is_on_its_way_is_corrected(caller: Caller, status: str, code: int) -> None:
    assert correct(caller, f"orders/{sent(caller, status).id}").code == code


def test_nothing_is_corrected_three_days_after_it_was_shipped(caller: Caller) -> None:
    order = sent(caller)
    caller.clock.advance(72 * HOUR - 1)
    assert correct(caller, f"orders/{order.id}").code == 0
    caller.clock.advance(1)
    assert correct(caller, f"orders/{order.id}").code == 21011042


def test_what_tiktok_s_carrier_took_is_not_corrected_nor_reported_by_the_seller(caller: Caller) -> None:
    (order,) = place_orders(caller, "IN_TRANSIT")
    assert correct(caller, f"orders/{order.id}").code == 21011030
    (waiting,) = place_orders(caller)
    body = {"tracking_number": "HP-9", "shipping_provider_id": PROVIDER}
    assert caller.post(f"{FULFILLMENT}/orders/{waiting.id}/packages", body).code == 21011030


def test_an_order_in_several_packages_is_corrected_package_by_package(caller: Caller) -> None:
    (order,) = place_orders(caller, shipping_type="SELLER", quantity=2)
    for number, line in enumerate(order.lines):
        body = {"tracking_number": f"S-{number}", "shipping_provider_id": PROVIDER, "order_line_item_ids": [line.id]}
        assert caller.post(f"{FULFILLMENT}/orders/{order.id}/packages", body).code == 0
    assert correct(caller, f"orders/{order.id}").code == 21011049
    assert correct(caller, f"packages/{order.lines[0].package_id}").code == 0
    assert {line.package_id for line in order.lines} == {
        package.id for package in caller.shop.packages if package.tracking_number in {"HP-7", "S-1"}
    }


def test_only_numbers_of_tiktok_s_carrier_are_covered(caller: Caller) -> None:
    def is_covered(number: str) -> bool:
        data = caller.get("/fulfillment/202508/tts_tracking_validation", tracking_number=number).data
        return bool(data["is_tiktok_shipping"])

    by_seller, (by_tiktok,) = sent(caller), place_orders(caller, "IN_TRANSIT")
    numbers = [caller.shop.packages[str(each.lines[0].package_id)].tracking_number for each in (by_tiktok, by_seller)]
    assert [is_covered(number) for number in (*numbers, "none")] == [True, False, False]
