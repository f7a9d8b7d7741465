"""Shipping: what becomes of packages and orders, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.placing import place_orders, stage
from tiktok_shop_async.sandbox.life.aftersales import request_cancellation
from tiktok_shop_async.sandbox.stage import NotNowError
from tiktok_shop_async.sandbox.state.clock import DAY, HOUR

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Answer, Caller
    from tiktok_shop_async.sandbox.state.rows import Order, Package

PACKAGES = "/fulfillment/202309/packages"


def waiting(caller: Caller, shipping_type: str = "TIKTOK", lines: int = 1) -> Order:
    """An order that waits for the seller to ship it, with at least this many lines."""
    return next(
        order
        for order in caller.shop.orders
        if order.status == "AWAITING_SHIPMENT"
        and order.shipping_type == shipping_type
        and len(order.lines) >= lines
        and order.cancel_request_time is None
    )


def package_of(caller: Caller, order: Order) -> Package:
    """The package that an order is in."""
    return caller.shop.packages[str(order.lines[0].package_id)]


def ship(caller: Caller, package_id: str, **arrangement: Any) -> Answer:
    return caller.post(f"{PACKAGES}/{package_id}/ship", arrangement)


def provider(caller: Caller) -> str:
    """A carrier that the seller can choose."""
    options = caller.get(f"/logistics/202309/warehouses/{caller.shop.sales_warehouse.id}/delivery_options").data
    option_id = options["delivery_options"][1]["id"]
    carriers = caller.get(f"/logistics/202309/delivery_options/{option_id}/shipping_providers").data
    return str(carriers["shipping_providers"][1]["id"])


def test_a_package_that_tiktok_ships_waits_for_the_carrier_and_moves_on_by_itself(caller: Caller) -> None:
    order = waiting(caller)
    package = package_of(caller, order)
    assert ship(caller, package.id, handover_method="PICKUP").data == {}
    assert (order.status, package.status) == ("AWAITING_COLLECTION", "PROCESSING")

    def status_after(seconds: int) -> str:
        caller.clock.advance(seconds)
        (row,) = caller.get("/order/202507/orders", ids=[order.id]).data["orders"]
        return str(row["status"])

    assert status_after(20 * HOUR) == "IN_TRANSIT"
    assert status_after(3 * DAY) == "DELIVERED"
    assert status_after(8 * DAY) == "COMPLETED"


def test_a_package_that_the_seller_ships_is_on_its_way_at_once(caller: Caller) -> None:
    order = waiting(caller, "SELLER")
    package = package_of(caller, order)
    shipment = {"tracking_number": "HP-1", "shipping_provider_id": provider(caller)}
    assert ship(caller, package.id, self_shipment=shipment).code == 0
    assert (order.status, package.status) == ("IN_TRANSIT", "FULFILLING")
    detail = caller.get(f"{PACKAGES}/{package.id}").data
    assert (detail["tracking_number"], detail["shipping_provider_name"]) == ("HP-1", "Bluebird Express")


def test_an_order_carries_its_tracking_number_once_it_is_shipped(caller: Caller) -> None:
    order = waiting(caller)
    ship(caller, package_of(caller, order).id)
    (row,) = caller.get("/order/202507/orders", ids=[order.id]).data["orders"]
    assert row["tracking_number"]
    assert row["rts_time"] == caller.world.now
    assert row["line_items"][0]["package_status"] == "PROCESSING"


def test_a_package_is_not_shipped_twice(caller: Caller) -> None:
    package = package_of(caller, waiting(caller))
    ship(caller, package.id)
    assert ship(caller, package.id).code == 21011040


def test_what_is_delivered_is_not_shipped_again(reader: Caller) -> None:
    package = next(package for package in reader.shop.packages if package.status == "COMPLETED")
    assert ship(reader, package.id).code == 21011027


def test_what_is_cancelled_is_not_shipped(caller: Caller) -> None:
    order = waiting(caller)
    package = package_of(caller, order)
    caller.post("/return_refund/202309/cancellations", {"order_id": order.id, "cancel_reason": "out_of_stock"})
    assert ship(caller, package.id).code == 21011041


def test_the_package_of_another_shop_is_not_shipped(reader: Caller) -> None:
    other = next(iter(list(reader.world.shops)[1].packages))
    assert ship(reader, other.id).code == 21011028


@pytest.mark.parametrize(("region", "seller_type"), [("GB", "CROSS_BORDER"), ("GB", "LOCAL"), ("DE", "LOCAL")])
def test_nothing_is_shipped_while_the_buyer_wants_it_cancelled(caller: Caller, region: str, seller_type: str) -> None:
    seller = caller.within(region, seller_type)
    (order,) = place_orders(seller)
    stage(seller).request_cancellation(order.id)
    assert ship(seller, package_of(seller, order).id).code == 21011007
    with pytest.raises(NotNowError):
        stage(seller).step_order(order.id, "ship")


def test_a_local_seller_in_the_us_refuses_to_cancel_by_shipping(caller: Caller) -> None:
    (order,) = place_orders(caller)
    wish = stage(caller).request_cancellation(order.id)
    assert ship(caller, package_of(caller, order).id).code == 0
    assert wish is not None
    assert wish.status == "CANCELLATION_REQUEST_CANCEL"
    (row,) = caller.get("/order/202507/orders", ids=[order.id]).data["orders"]
    assert (row["status"], row["is_buyer_request_cancel"]) == ("AWAITING_COLLECTION", False)
    caller.clock.advance(2 * DAY)
    (row,) = caller.get("/order/202507/orders", ids=[order.id]).data["orders"]
    assert row["status"] == "IN_TRANSIT"


def test_shipping_something_else_of_the_order_leaves_the_request_to_cancel_open(caller: Caller) -> None:
    (order,) = place_orders(caller, quantity=2)
    kept, unwanted = order.lines
    now = caller.world.now
    wish = request_cancellation(caller.world, caller.shop, order, [unwanted], now, role="BUYER", reason="mistake")
    assert caller.post(PACKAGES, {"order_id": order.id, "order_line_item_ids": [kept.id]}).code == 0
    assert wish.status == "CANCELLATION_REQUEST_PENDING"
    assert caller.post(f"/return_refund/202309/cancellations/{wish.id}/approve").code == 0
    assert (kept.status, unwanted.status) == ("AWAITING_COLLECTION", "CANCELLED")


@pytest.mark.parametrize(
    ("shipment", "code"),
    [
        (None, 21001001),
        ({"tracking_number": "", "shipping_provider_id": "PROVIDER"}, 21011022),
        ({"tracking_number": "HP-1", "shipping_provider_id": "1"}, 21011022),
        ({"tracking_number": "TAKEN", "shipping_provider_id": "PROVIDER"}, 21011025),
    ],
)
def test_the_seller_has_to_name_a_carrier_and_a_new_tracking_number(
    caller: Caller, shipment: dict[str, str] | None, code: int
) -> None:
    taken = next(package.tracking_number for package in caller.shop.packages if package.tracking_number)
    known = {"PROVIDER": provider(caller), "TAKEN": taken}
    arrangement = {name: known.get(value, value) for name, value in (shipment or {}).items()}
    package = package_of(caller, waiting(caller, "SELLER"))
    assert ship(caller, package.id, **({"self_shipment": arrangement} if shipment else {})).code == code


def test_a_refused_shipment_leaves_the_package_as_it_was(caller: Caller) -> None:
    package = package_of(caller, waiting(caller, "SELLER"))
    assert ship(caller, package.id, handover_method="PICKUP").code == 21001001
    assert package.handover_method is None


def test_of_several_packages_those_that_fail_are_listed_and_the_rest_is_shipped(caller: Caller) -> None:
    package = package_of(caller, waiting(caller))
    (error,) = caller.post(f"{PACKAGES}/ship", {"packages": [{"id": "1"}, {"id": package.id}]}).data["errors"]
    assert (error["code"], error["detail"]["package_id"]) == (21011028, "1")
    assert package.status == "PROCESSING"


def test_of_two_packages_with_one_tracking_number_the_second_fails(caller: Caller) -> None:
    orders = place_orders(caller, count=2, shipping_type="SELLER")
    shipment = {"tracking_number": "HP-4", "shipping_provider_id": provider(caller)}
    entries = [{"id": package_of(caller, order).id, "self_shipment": shipment} for order in orders]
    (error,) = caller.post(f"{PACKAGES}/ship", {"packages": entries}).data["errors"]
    assert (error["code"], error["detail"]["package_id"]) == (21011025, entries[1]["id"])
    assert [order.status for order in orders] == ["IN_TRANSIT", "AWAITING_SHIPMENT"]


def test_a_label_can_be_fetched_once_the_package_is_shipped(caller: Caller) -> None:
    package = package_of(caller, waiting(caller))
    path = f"{PACKAGES}/{package.id}/shipping_documents"
    assert caller.get(path, document_type="SHIPPING_LABEL").code == 21023035
    ship(caller, package.id)
    data = caller.get(path, document_type="SHIPPING_LABEL").data
    assert data["tracking_number"] == package.tracking_number
    label = caller.fetch(data["doc_url"])
    assert label.headers["content-type"] == "application/pdf"
    assert label.content.startswith(b"%PDF")
    assert package.tracking_number.encode() in label.content


def test_there_is_no_label_for_what_the_seller_ships(reader: Caller) -> None:
    package = package_of(reader, next(order for order in reader.shop.orders if order.shipping_type == "SELLER"))
    answer = reader.get(f"{PACKAGES}/{package.id}/shipping_documents", document_type="SHIPPING_LABEL")
    assert answer.code == 21008017


def test_a_label_bought_for_some_lines_ships_them_and_leaves_the_rest(caller: Caller) -> None:
    order = waiting(caller, lines=2)
    line = order.lines[0]
    data = caller.post(PACKAGES, {"order_id": order.id, "order_line_item_ids": [line.id]}).data
    assert data["order_line_item_ids"] == [line.id]
    (row,) = caller.get("/order/202507/orders", ids=[order.id]).data["orders"]
    assert row["status"] == "PARTIALLY_SHIPPING"
    assert row["split_or_combine_tag"] == "SPLIT"
    assert len(row["packages"]) == 2
    caller.post(PACKAGES, {"order_id": order.id})
    assert order.status == "AWAITING_COLLECTION"
    assert caller.post(PACKAGES, {"order_id": order.id}).code == 21011006


def test_what_the_seller_reports_as_shipped_is_in_transit(caller: Caller) -> None:
    order = waiting(caller, "SELLER")
    body = {"tracking_number": "HP-2", "shipping_provider_id": provider(caller)}
    data = caller.post(f"/fulfillment/202309/orders/{order.id}/packages", body).data
    assert caller.shop.packages[data["package_id"]].status == "FULFILLING"
    assert order.status == "IN_TRANSIT"


def test_the_line_of_another_order_cannot_be_shipped_along(reader: Caller) -> None:
    order, other = waiting(reader), next(iter(reader.shop.orders))
    body = {"order_id": order.id, "order_line_item_ids": [other.lines[0].id]}
    assert reader.post(PACKAGES, body).code == 21001001


def test_what_is_shipped_already_cannot_be_shipped_along(reader: Caller) -> None:
    order = next(order for order in reader.shop.orders if order.status == "IN_TRANSIT")
    body = {"order_id": order.id, "order_line_item_ids": [order.lines[0].id]}
    assert reader.post(PACKAGES, body).code == 21011003


@pytest.mark.parametrize("status", ["TO_FULFILL", "COMPLETED"])
def test_packages_are_found_by_status(reader: Caller, status: str) -> None:
    data = reader.post(f"{PACKAGES}/search", {"package_status": status}, page_size=50).data
    assert {row["status"] for row in data["packages"]} == {status}
    assert data["total_count"] == sum(package.status == status for package in reader.shop.packages)


@pytest.mark.parametrize("field", ["create_time", "update_time", "order_pay_time"])
def test_packages_are_sorted_as_asked_for(reader: Caller, field: str) -> None:
    rows = reader.post(f"{PACKAGES}/search", page_size=50, sort_field=field, sort_order="ASC").data["packages"]
    times = [reader.shop.orders[row["orders"][0]["id"]].paid_time or 0 for row in rows]
    if field != "order_pay_time":
        times = [row[field] for row in rows]
    assert times == sorted(times)


def test_a_package_says_what_is_in_it(reader: Caller) -> None:
    order = next(order for order in reader.shop.orders if len(order.lines) > 1 and order.lines[0].package_id)
    detail = reader.get(f"{PACKAGES}/{order.lines[0].package_id}").data
    assert sum(sku["quantity"] for sku in detail["orders"][0]["skus"]) == len(order.lines)
    assert detail["order_line_item_ids"] == [line.id for line in order.lines]


def test_tracking_is_in_milliseconds_newest_first(reader: Caller) -> None:
    order = next(order for order in reader.shop.orders if order.status == "COMPLETED")
    tracking = reader.get(f"/fulfillment/202309/orders/{order.id}/tracking").data["tracking"]
    times = [step["update_time_millis"] for step in tracking]
    assert times == sorted(times, reverse=True)
    assert times[0] == 1000 * (order.delivery_time or 0)


def test_a_shop_has_a_warehouse_for_sales_and_one_for_returns(reader: Caller) -> None:
    warehouses = reader.get("/logistics/202309/warehouses").data["warehouses"]
    assert [warehouse["type"] for warehouse in warehouses] == ["SALES_WAREHOUSE", "RETURN_WAREHOUSE"]


def test_a_warehouse_of_another_shop_has_no_delivery_options(reader: Caller) -> None:
    assert reader.get("/logistics/202309/warehouses/1/delivery_options").code != 0


def test_an_unknown_delivery_option_has_no_carriers(reader: Caller) -> None:
    assert reader.get("/logistics/202309/delivery_options/1/shipping_providers").code == 21008116
