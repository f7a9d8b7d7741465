"""Orders that are split into several packages, and orders of one buyer that travel in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.books import Books
from tests.sandbox.placing import place_orders, same_buyer, stage
from tiktok_shop_async.sandbox.state.clock import DAY
from tiktok_shop_async.sandbox.state.rows import Webhook

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Answer, Caller
    from tiktok_shop_async.sandbox.state.rows import Order

ORDERS = "/fulfillment/202309/orders"
PACKAGES = "/fulfillment/202309/packages"


def split(caller: Caller, order: Order, *groups: list[str]) -> Answer:
    entries = [{"id": str(number), "order_line_item_ids": line_ids} for number, line_ids in enumerate(groups)]
    return caller.post(f"{ORDERS}/{order.id}/split", {"splittable_groups": entries})


def split_attributes(caller: Caller, *orders: Order) -> list[dict[str, Any]]:
    answer = caller.get(f"{ORDERS}/split_attributes", order_ids=[order.id for order in orders])
    return list(answer.data["split_attributes"])


def two_of_one_buyer(caller: Caller, **arrangement: Any) -> list[Order]:
    """Two orders of one buyer that wait to be shipped."""
    (first,) = place_orders(caller, quantity=2, **arrangement)
    (second,) = place_orders(caller, buyer=same_buyer(first), **arrangement)
    return [first, second]


def combinable(caller: Caller) -> dict[str, list[str]]:
    """The ids of orders that can be combined, by the id of their group."""
    rows: list[dict[str, Any]] = []
    query: dict[str, object] = {"page_size": 1}
    while True:
        data = caller.get("/fulfillment/202309/combinable_packages/search", **query).data
        rows += data["combinable_packages"]
        assert data["total_count"] >= len(rows)
        if not data["next_page_token"]:
            return {row["id"]: row["order_ids"] for row in rows}
        query["page_token"] = data["next_page_token"]


def combine(caller: Caller, group_id: str, *orders: Order) -> dict[str, Any]:
    entry = {"id": group_id} | ({"order_ids": [order.id for order in orders]} if orders else {})
    return caller.post(f"{PACKAGES}/combine", {"combinable_packages": [entry]}).data


def combined(caller: Caller, orders: list[Order]) -> str:
    """The id of a package that holds these orders."""
    wanted = [order.id for order in orders]
    group_id = next(group_id for group_id, order_ids in combinable(caller).items() if order_ids == wanted)
    (package,) = combine(caller, group_id)["packages"]
    return str(package["id"])


def shown(caller: Caller, order: Order) -> dict[str, Any]:
    """An order as the API has it."""
    (row,) = caller.get("/order/202507/orders", ids=[order.id]).data["orders"]
    return dict(row)


def uncombine(caller: Caller, package_id: str, *orders: Order) -> Answer:
    body = {"order_ids": [order.id for order in orders]} if orders else {}
    return caller.post(f"{PACKAGES}/{package_id}/uncombine", body)


def test_an_order_is_split_into_packages_that_are_shipped_one_by_one(caller: Caller) -> None:
    (order,) = place_orders(caller, quantity=3)
    one, two, three = [line.id for line in order.lines]
    before = order.lines[0].package_id
    rows = split(caller, order, [one], [two, three]).data["packages"]
    assert [row["splittable_group_id"] for row in rows] == ["0", "1"]
    first, second = [row["id"] for row in rows]
    assert shown(caller, order)["split_or_combine_tag"] == "SPLIT"
    assert {package["id"] for package in shown(caller, order)["packages"]} == {first, second}
    assert caller.get(f"{PACKAGES}/{first}").data["split_and_combine_tag"] == "SPLIT"
    assert caller.shop.packages[str(before)].status == "CANCELLED"
    caller.post(f"{PACKAGES}/{first}/ship")
    assert shown(caller, order)["status"] == "PARTIALLY_SHIPPING"
    caller.post(f"{PACKAGES}/{second}/ship")
    assert shown(caller, order)["status"] == "AWAITING_COLLECTION"
    caller.clock.advance(5 * DAY)
    assert shown(caller, order)["status"] == "DELIVERED"
    tracking = caller.get(f"{ORDERS}/{order.id}/tracking").data["tracking"]
    numbers = {caller.shop.packages[each].tracking_number for each in (first, second)}
    assert {step["description"].partition(":")[0] for step in tracking} == numbers
    assert len(tracking) == 6
    Books(caller.shop).check(caller.world.now)


def test_what_is_in_no_group_stays_in_its_package(caller: Caller) -> None:
    (order,) = place_orders(caller, quantity=3)
    before = str(order.lines[0].package_id)
    assert split(caller, order, [order.lines[0].id]).code == 0
    assert caller.shop.packages[before].line_ids == [line.id for line in order.lines[1:]]


def test_an_order_of_one_unit_cannot_be_split_and_none_has_to_be(caller: Caller) -> None:
    (one,) = place_orders(caller)
    (two,) = place_orders(caller, quantity=2)
    (shipped,) = place_orders(caller, "IN_TRANSIT", quantity=2)
    rows = split_attributes(caller, one, two, shipped)
    assert [row["can_split"] for row in rows] == [False, True, False]
    assert ["reason" in row for row in rows] == [True, False, True]
    assert not any(row["must_split"] for row in rows)
    assert split(caller, one, [one.lines[0].id]).code == 21011035
    assert split(caller, shipped, [shipped.lines[0].id]).code == 21011005


@pytest.mark.parametrize(
    "groups",
    [[], [[]], [["0"]], [[0, 1]], [[0], [0]], [[0, 0]]],
    ids=["none", "empty", "foreign", "all", "twice", "in"],
)
def test_groups_have_to_part_the_order(caller: Caller, groups: list[list[Any]]) -> None:
    (order,) = place_orders(caller, quantity=2)
    ids = [[order.lines[each].id if isinstance(each, int) else each for each in group] for group in groups]
    assert split(caller, order, *ids).code == 21011035


@pytest.mark.parametrize(("region", "code"), [("US", 0), ("GB", 0), ("DE", 0), ("ID", 21011035), ("BR", 21011035)])
def test_units_of_a_sku_are_parted_in_some_markets_and_stay_together_in_others(
    caller: Caller, region: str, code: int
) -> None:
    seller = caller.within(region)
    (order,) = place_orders(seller, skus=2, quantity=2)
    one, two, *others = [line.id for line in order.lines]
    assert split(seller, order, [one], [two, *others]).code == code
    (order,) = place_orders(seller, skus=2, quantity=2)
    one, two, *others = [line.id for line in order.lines]
    assert split(seller, order, [one, two], others).code == 0


def test_what_the_buyer_wants_cancelled_is_neither_split_nor_combined(caller: Caller) -> None:
    first, second = two_of_one_buyer(caller)
    stage(caller).request_cancellation(first.id)
    assert split(caller, first, [first.lines[0].id]).code == 21011035
    assert [first.id, second.id] not in combinable(caller).values()


def test_orders_of_one_buyer_are_combined_and_travel_together(caller: Caller) -> None:
    orders = two_of_one_buyer(caller)
    package_id = combined(caller, orders)
    detail = caller.get(f"{PACKAGES}/{package_id}").data
    assert [order["id"] for order in detail["orders"]] == [order.id for order in orders]
    assert sorted(detail["order_line_item_ids"]) == sorted(line.id for order in orders for line in order.lines)
    assert detail["split_and_combine_tag"] == "COMBINE"
    for order in orders:
        row = shown(caller, order)
        assert (row["split_or_combine_tag"], row["packages"]) == ("COMBINED", [{"id": package_id}])
    assert caller.post(f"{PACKAGES}/{package_id}/ship").code == 0
    assert {shown(caller, order)["status"] for order in orders} == {"AWAITING_COLLECTION"}
    caller.clock.advance(5 * DAY)
    assert {shown(caller, order)["status"] for order in orders} == {"DELIVERED"}
    assert {shown(caller, order)["tracking_number"] for order in orders} == {
        caller.shop.packages[package_id].tracking_number
    }
    Books(caller.shop).check(caller.world.now)


def test_there_are_orders_to_combine_whatever_the_seed_is(reader: Caller) -> None:
    assert any(len(order_ids) == 2 for order_ids in combinable(reader).values())


def test_some_orders_of_a_group_can_be_combined(caller: Caller) -> None:
    first, second = two_of_one_buyer(caller)
    (third,) = place_orders(caller, buyer=same_buyer(first))
    group_id = next(key for key, ids in combinable(caller).items() if ids == [first.id, second.id, third.id])
    (error,) = combine(caller, group_id, first)["errors"]
    assert (error["code"], error["detail"]["package_id"]) == (21011031, group_id)
    (package,) = combine(caller, group_id, first, third)["packages"]
    assert package["order_ids"] == [first.id, third.id]


def test_groups_that_fail_are_listed_and_the_rest_is_combined(caller: Caller) -> None:
    orders = two_of_one_buyer(caller)
    wanted = [order.id for order in orders]
    group_id = next(key for key, ids in combinable(caller).items() if ids == wanted)
    entries = [{"id": "1"}, {"id": group_id}, {"id": group_id}]
    data = caller.post(f"{PACKAGES}/combine", {"combinable_packages": entries}).data
    assert [package["order_ids"] for package in data["packages"]] == [wanted]
    assert [(error["code"], error["detail"]["package_id"]) for error in data["errors"]] == [
        (21011028, "1"),
        (21011028, group_id),
    ]


@pytest.mark.parametrize("difference", ["buyer", "street", "shipping"])
def test_only_what_goes_to_one_buyer_and_place_in_one_way_can_be_combined(caller: Caller, difference: str) -> None:
    (first,) = place_orders(caller)
    buyer = same_buyer(first)
    if difference == "buyer":
        buyer["user_id"] = "1"
    if difference == "street":
        buyer["street"] = "1 Elsewhere Lane"
    shipping_type = "SELLER" if difference == "shipping" else "TIKTOK"
    place_orders(caller, buyer=buyer, shipping_type=shipping_type)
    assert not any(first.id in order_ids for order_ids in combinable(caller).values())


def test_a_combined_package_is_taken_apart(caller: Caller) -> None:
    orders = two_of_one_buyer(caller)
    package_id = combined(caller, orders)
    rows = uncombine(caller, package_id).data["packages"]
    assert [row["order_ids"] for row in rows] == [[order.id] for order in orders]
    assert package_id not in {row["id"] for row in rows}
    assert caller.shop.packages[package_id].status == "CANCELLED"
    for order, row in zip(orders, rows, strict=True):
        answer = shown(caller, order)
        assert answer["packages"] == [{"id": row["id"]}]
        assert "split_or_combine_tag" not in answer
    assert [order.id for order in orders] in combinable(caller).values()
    Books(caller.shop).check(caller.world.now)


def test_one_order_is_taken_out_and_the_others_stay(caller: Caller) -> None:
    first, second = two_of_one_buyer(caller)
    (third,) = place_orders(caller, buyer=same_buyer(first))
    package_id = combined(caller, [first, second, third])
    rows = uncombine(caller, package_id, second).data["packages"]
    assert {tuple(row["order_ids"]) for row in rows} == {(second.id,), (first.id, third.id)}
    assert uncombine(caller, package_id, second).code == 21011029
    assert uncombine(caller, str(second.lines[0].package_id)).code == 21011029


def test_what_is_shipped_stays_combined(caller: Caller) -> None:
    package_id = combined(caller, two_of_one_buyer(caller))
    caller.post(f"{PACKAGES}/{package_id}/ship")
    assert uncombine(caller, package_id).code == 21011005
    assert uncombine(caller, "1").code == 21011028


def test_an_order_that_is_cancelled_leaves_the_package_that_it_shares(caller: Caller) -> None:
    first, second = two_of_one_buyer(caller)
    package_id = combined(caller, [first, second])
    body = {"order_id": first.id, "cancel_reason": "reason_late"}
    assert caller.post("/return_refund/202309/cancellations", body).code == 0
    assert shown(caller, first)["packages"] == []
    detail = caller.get(f"{PACKAGES}/{package_id}").data
    assert ([order["id"] for order in detail["orders"]], detail["split_and_combine_tag"]) == ([second.id], "DEFAULT")
    assert caller.post(f"{PACKAGES}/{package_id}/ship").code == 0
    Books(caller.shop).check(caller.world.now)


def test_a_wish_to_cancel_one_order_keeps_a_shared_package_from_being_shipped(caller: Caller) -> None:
    seller = caller.within("GB")
    orders = two_of_one_buyer(seller)
    package_id = combined(seller, orders)
    stage(seller).request_cancellation(orders[1].id)
    assert seller.post(f"{PACKAGES}/{package_id}/ship").code == 21011007
    assert {order.status for order in orders} == {"AWAITING_SHIPMENT"}


def test_the_shop_is_told_of_packages_that_are_split_combined_and_taken_apart(caller: Caller) -> None:
    now = caller.world.now
    hook = Webhook(id="PACKAGE_UPDATE", address="http://127.0.0.1:1/hook", create_time=now, update_time=now)
    orders = two_of_one_buyer(caller)
    (third,) = place_orders(caller, quantity=2)
    caller.shop.webhooks.put(hook)
    package_id = combined(caller, orders)
    uncombine(caller, package_id)
    split(caller, third, [third.lines[0].id], [third.lines[1].id])
    told = [delivery.body for delivery in caller.world.deliveries.log()]
    assert [change for body in told for change in ("CANCEL_COMBINE", '"COMBINE"', '"SPLIT"') if change in body] == [
        '"COMBINE"',
        "CANCEL_COMBINE",
        '"SPLIT"',
    ]
