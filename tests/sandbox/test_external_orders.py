"""References between orders and what other systems call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Caller
    from tiktok_shop_async.sandbox.state.rows import Order

ORDERS = "/order/202406/orders"


def reference(order: Order, external_id: str, platform: str = "SHOPIFY") -> dict[str, Any]:
    """What attaches an id of another system to an order, and a number to each line."""
    lines = [{"id": f"{external_id}-{number}", "origin_id": line.id} for number, line in enumerate(order.lines)]
    return {"id": order.id, "external_order": {"id": external_id, "platform": platform, "line_items": lines}}


def attach(caller: Caller, *references: dict[str, Any]) -> dict[str, Any]:
    return caller.post(f"{ORDERS}/external_orders", {"orders": list(references)}).data


def attached(caller: Caller, order: Order) -> list[dict[str, Any]]:
    """What other systems call an order, as the API has it."""
    data = caller.get(f"{ORDERS}/{order.id}/external_orders", platform="SHOPIFY").data
    return list(data["external_orders"])


def found(caller: Caller, external_id: str, platform: str = "SHOPIFY") -> list[dict[str, Any]]:
    """The orders that a search by an id of another system finds."""
    path = f"{ORDERS}/external_order_search"
    query: dict[str, object] = {"platform": platform, "external_order_id": external_id}
    return list(caller.call("POST", path, query=query).data["orders"])


def test_what_was_attached_is_read_and_found(caller: Caller) -> None:
    order = next(iter(caller.shop.orders))
    assert attach(caller, reference(order, "A-1")) == {}
    expected = reference(order, "A-1")
    assert attached(caller, order) == [expected["external_order"]]
    assert found(caller, "A-1") == [expected]
    assert found(caller, "A-1", "AMAZON") == found(caller, "A-2") == []


def test_a_system_replaces_what_it_had_attached_and_leaves_what_others_have(caller: Caller) -> None:
    order = next(iter(caller.shop.orders))
    attach(caller, reference(order, "A-1"), reference(order, "W-1", "WOOCOMMERCE"))
    attach(caller, reference(order, "A-2"))
    assert {(each["platform"], each["id"]) for each in attached(caller, order)} == {
        ("SHOPIFY", "A-2"),
        ("WOOCOMMERCE", "W-1"),
    }
    assert found(caller, "A-1") == []


def test_orders_that_fail_are_listed_and_the_rest_is_attached(caller: Caller) -> None:
    order, other = list(caller.shop.orders)[:2]
    wrong_line = reference(other, "A-2")
    wrong_line["external_order"]["line_items"][0]["origin_id"] = order.lines[0].id
    unknown = {**reference(other, "A-3"), "id": "1"}
    errors = attach(caller, unknown, wrong_line, reference(order, "A-1"))["errors"]
    assert [(error["code"], error["detail"]["order_id"]) for error in errors] == [
        ("21008111", "1"),
        ("36009004", other.id),
    ]
    assert errors[0]["detail"]["external_order"] == {"id": "A-3", "platform": "SHOPIFY"}
    assert attached(caller, other) == []
    assert found(caller, "A-1") == [reference(order, "A-1")]


def test_more_than_a_hundred_orders_at_once_are_refused(reader: Caller) -> None:
    order = next(iter(reader.shop.orders))
    body = {"orders": [reference(order, "A-1")] * 101}
    assert reader.post(f"{ORDERS}/external_orders", body).code == 98001004


def test_references_are_those_of_one_shop(caller: Caller) -> None:
    order = next(iter(caller.shop.orders))
    attach(caller, reference(order, "A-1"))
    other = caller.within("DE")
    assert found(other, "A-1") == []
    assert other.get(f"{ORDERS}/{order.id}/external_orders", platform="SHOPIFY").code == 21008111
