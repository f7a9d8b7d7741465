"""What shops are told when orders, requests of buyers, products, stock and consents change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from tiktok_shop_async.sandbox.life.accounts import consent, exchange, refresh, revoke
from tiktok_shop_async.sandbox.life.aftersales import refund_of, request_cancellation, request_return
from tiktok_shop_async.sandbox.life.audits import AUDIT_TIME
from tiktok_shop_async.sandbox.life.occasions import LOW_STOCK
from tiktok_shop_async.sandbox.sending.notifications import event_types
from tiktok_shop_async.sandbox.state.clock import DAY, HOUR

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Caller
    from tiktok_shop_async.sandbox.state.rows import Order, Product

ORDER, PACKAGE = "ORDER_STATUS_CHANGE", "PACKAGE_UPDATE"
CANCELLATION, RETURN = "CANCELLATION_STATUS_CHANGE", "RETURN_STATUS_CHANGE"


@pytest.fixture
def told(caller: Caller) -> Caller:
    """A caller whose app is told of everything."""
    caller.world.deliveries.manner.address = "http://127.0.0.1:1/hook"
    return caller


def notifications(caller: Caller, event_type: str) -> list[dict[str, Any]]:
    """What was told of one type, each of it as the spec has it."""
    told = [
        json.loads(delivery.body) for delivery in caller.world.deliveries.log() if delivery.event_type == event_type
    ]
    validator = Draft202012Validator({"properties": dict(event_types()[event_type].fields)})
    for each in told:
        validator.validate(each)
        assert set(each["data"]) <= set(event_types()[event_type].fields["data"]["properties"])
    return told


def data(caller: Caller, event_type: str) -> list[dict[str, Any]]:
    """What was told of one type, without what is around it."""
    return [each["data"] for each in notifications(caller, event_type)]


def statuses(caller: Caller, order: Order) -> list[str]:
    """The statuses that were told of an order."""
    return [each["order_status"] for each in data(caller, ORDER) if each["order_id"] == order.id]


def pass_time(caller: Caller, seconds: float) -> None:
    """Lets what falls due happen."""
    caller.clock.advance(seconds)
    caller.world.catch_up()


def succeed(caller: Caller, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Posts, and answers the data."""
    return caller.post(path, body).data


def listing_like(caller: Caller, product: Product) -> dict[str, Any]:
    """A request for a listing that is much like another one."""
    stock = {"warehouse_id": caller.shop.sales_warehouse.id, "quantity": 50}
    return {
        "title": product.title,
        "description": product.details.get("description", "<p>Plain.</p>"),
        "category_id": product.details["category_id"],
        "main_images": product.details["main_images"],
        "package_weight": {"value": "1", "unit": "POUND"},
        "skus": [{"price": {"amount": "9.00", "currency": caller.shop.currency}, "inventory": [stock]}],
    }


def order_that(caller: Caller, status: str, lines: int = 1, shipping_type: str = "TIKTOK") -> Order:
    """The shop's order that was placed last of those in a status, with at least so many lines."""
    return [
        order
        for order in caller.shop.orders
        if order.status == status
        and len(order.lines) >= lines
        and order.shipping_type == shipping_type
        and order.cancel_request_time is None
    ][-1]


def product_on_sale(caller: Caller) -> Product:
    return next(product for product in caller.shop.products if product.status == "ACTIVATE")


def test_an_order_is_told_from_its_payment_to_its_completion(told: Caller) -> None:
    order = order_that(told, "ON_HOLD")
    pass_time(told, HOUR)
    (package,) = {line.package_id for line in order.lines}
    succeed(told, f"/fulfillment/202309/packages/{package}/ship", {"handover_method": "DROP_OFF"})
    pass_time(told, 30 * DAY)
    assert statuses(told, order) == [
        "AWAITING_SHIPMENT",
        "AWAITING_COLLECTION",
        "IN_TRANSIT",
        "DELIVERED",
        "COMPLETED",
    ]


def test_a_notification_about_an_order_carries_the_time_of_the_change_and_not_that_of_sending(told: Caller) -> None:
    order = order_that(told, "ON_HOLD")
    paid = order.paid_time
    assert paid is not None
    pass_time(told, DAY)
    (notification,) = [each for each in notifications(told, ORDER) if each["data"]["order_id"] == order.id]
    assert notification["timestamp"] == notification["data"]["update_time"] == paid + HOUR
    assert (notification["type"], notification["shop_id"]) == (1, told.shop.id)
    assert notification["data"]["is_on_hold_order"] is True


def test_a_cancelled_order_is_told_by_another_word_than_the_api_has(told: Caller) -> None:
    order = order_that(told, "AWAITING_SHIPMENT")
    body = {"order_id": order.id, "cancel_reason": "seller_cancel_reason_out_of_stock"}
    assert told.post("/return_refund/202309/cancellations", body).code == 0
    assert (order.status, statuses(told, order)) == ("CANCELLED", ["CANCEL"])


def test_an_order_that_is_not_paid_in_time_is_told_to_be_cancelled(told: Caller) -> None:
    order = order_that(told, "UNPAID")
    pass_time(told, 3 * DAY)
    assert statuses(told, order) == ["CANCEL"]


def test_what_changes_without_a_change_of_status_is_not_told(told: Caller) -> None:
    order = order_that(told, "AWAITING_SHIPMENT", lines=2)
    request_cancellation(
        told.world, told.shop, order, order.lines[:1], told.world.now, role="SELLER", reason="out_of_stock"
    )
    assert statuses(told, order) == []


def test_a_package_that_is_emptied_in_part_is_told(told: Caller) -> None:
    order = order_that(told, "AWAITING_SHIPMENT", lines=2)
    request_cancellation(
        told.world, told.shop, order, order.lines[:1], told.world.now, role="SELLER", reason="out_of_stock"
    )
    (change,) = data(told, PACKAGE)
    assert change == {
        "sc_type": "PARTLY_CANCEL_SPLIT",
        "role_type": "ROLE_SELLER",
        "package_list": [{"package_id": order.lines[1].package_id, "order_id_list": [order.id]}],
        "update_time": told.world.now,
    }


def test_a_package_for_some_lines_of_an_order_is_told_as_a_split(told: Caller) -> None:
    order = order_that(told, "AWAITING_SHIPMENT", lines=2)
    body = {"order_id": order.id, "order_line_item_ids": [order.lines[0].id]}
    package_id = told.post("/fulfillment/202309/packages", body).data["package_id"]
    (change,) = data(told, PACKAGE)
    assert change["sc_type"] == "SPLIT"
    assert [each["package_id"] for each in change["package_list"]] == [order.lines[1].package_id, package_id]


def test_a_buyer_s_request_to_cancel_is_told_until_the_money_is_back(told: Caller) -> None:
    order = order_that(told, "AWAITING_SHIPMENT")
    cancellation = request_cancellation(
        told.world, told.shop, order, order.lines, told.world.now, role="BUYER", reason="ecom_order_no_longer_needed"
    )
    succeed(told, f"/return_refund/202309/cancellations/{cancellation.id}/approve", {})
    pass_time(told, 2 * HOUR)
    mine = [each for each in data(told, CANCELLATION) if each["cancel_id"] == cancellation.id]
    assert [each["cancel_status"] for each in mine] == [
        "CANCELLATION_REQUEST_PENDING",
        "CANCELLATION_REQUEST_SUCCESS",
        "CANCELLATION_REQUEST_COMPLETE",
    ]
    assert {each["cancellations_role"] for each in mine} == {"BUYER"}
    assert {each["order_id"] for each in mine} == {order.id}


def test_a_refused_request_to_cancel_is_told_by_another_word_than_the_api_has(told: Caller) -> None:
    order = order_that(told, "AWAITING_SHIPMENT")
    cancellation = request_cancellation(
        told.world, told.shop, order, order.lines, told.world.now, role="BUYER", reason="ecom_order_no_longer_needed"
    )
    reasons = told.get("/return_refund/202309/reject_reasons", return_or_cancel_id=cancellation.id).data["reasons"]
    body = {"reject_reason": reasons[0]["name"]}
    succeed(told, f"/return_refund/202309/cancellations/{cancellation.id}/reject", body)
    assert cancellation.status == "CANCELLATION_REQUEST_CANCEL"
    assert data(told, CANCELLATION)[-1]["cancel_status"] == "CANCELLATION_REQUEST_CANCELLED"


def test_a_return_is_told_from_the_request_to_the_refund(told: Caller) -> None:
    order = order_that(told, "DELIVERED")
    now = told.world.now
    request = request_return(
        told.world,
        told.shop,
        order,
        order.lines,
        now,
        return_type="RETURN_AND_REFUND",
        role="BUYER",
        reason="ecom_order_delivered_refund_and_return_reason_damaged",
        refund=refund_of(order, order.lines, now),
    )
    path = f"/return_refund/202309/returns/{request.id}/approve"
    succeed(told, path, {"decision": "APPROVE_RETURN"})
    pass_time(told, 2 * DAY)
    succeed(told, path, {"decision": "APPROVE_RECEIVED_PACKAGE"})
    pass_time(told, 2 * HOUR)
    mine = [each for each in data(told, RETURN) if each["return_id"] == request.id]
    assert [each["return_status"] for each in mine] == [
        "RETURN_OR_REFUND_REQUEST_PENDING",
        "AWAITING_BUYER_SHIP",
        "BUYER_SHIPPED_ITEM",
        "RETURN_OR_REFUND_REQUEST_SUCCESS",
        "RETURN_OR_REFUND_REQUEST_COMPLETE",
    ]
    assert mine[0] == {
        "order_id": order.id,
        "return_role": "BUYER",
        "return_type": "RETURN_AND_REFUND",
        "return_status": "RETURN_OR_REFUND_REQUEST_PENDING",
        "return_id": request.id,
        "create_time": now,
        "update_time": now,
    }


def test_a_listing_that_goes_off_sale_is_told_with_its_id_as_a_number(told: Caller) -> None:
    product = product_on_sale(told)
    succeed(told, "/product/202309/products/deactivate", {"product_ids": [product.id]})
    (change,) = data(told, "PRODUCT_STATUS_CHANGE")
    assert (change["product_id"], change["status"]) == (int(product.id), "PRODUCT_STATUS_CHANGED")


def test_a_listing_that_cannot_change_is_not_told(told: Caller) -> None:
    product = product_on_sale(told)
    succeed(told, "/product/202309/products/recover", {"product_ids": [product.id]})
    assert data(told, "PRODUCT_STATUS_CHANGE") == []


def test_an_edit_of_a_listing_on_sale_is_told_with_what_is_different(told: Caller) -> None:
    product = product_on_sale(told)
    path = f"/product/202309/products/{product.id}/partial_edit"
    succeed(told, path, {"title": f"{product.title}, improved", "description": "<p>Better.</p>"})
    assert data(told, "PRODUCT_INFORMATION_CHANGE") == []
    pass_time(told, AUDIT_TIME)
    (change,) = data(told, "PRODUCT_INFORMATION_CHANGE")
    assert (change["product_id"], change["change_source"]) == (product.id, "OPEN_API")
    assert change["changed_fields"] == ["description", "title"]
    assert data(told, "PRODUCT_CATEGORY_CHANGE") == []


def test_another_category_is_told_with_the_one_before(told: Caller) -> None:
    first, second = [product for product in told.shop.products if product.status == "ACTIVATE"][:2]
    before = str(first.details["category_id"])
    other = next(
        str(each.details["category_id"]) for each in told.shop.products if each.details["category_id"] != before
    )
    body = {**listing_like(told, first), "category_id": other}
    assert told.call("PUT", f"/product/202309/products/{first.id}", body=body).code == 0
    pass_time(told, AUDIT_TIME)
    (change,) = data(told, "PRODUCT_CATEGORY_CHANGE")
    assert (change["previous_category_id"], change["current_category_id"]) == (before, other)
    assert second.id != change["product_id"] == first.id


def test_a_new_listing_is_told_and_then_its_audit(told: Caller) -> None:
    product = product_on_sale(told)
    body = listing_like(told, product)
    product_id = int(told.post("/product/202309/products", {**body, "save_mode": "LISTING"}).data["product_id"])
    draft_id = int(told.post("/product/202309/products", {**body, "save_mode": "AS_DRAFT"}).data["product_id"])
    assert [each["product_id"] for each in data(told, "PRODUCT_CREATION")] == [product_id, draft_id]
    pass_time(told, AUDIT_TIME)
    audits = data(told, "PRODUCT_AUDIT_STATUS_CHANGE")
    assert {audit["product_id"] for audit in audits} == {product_id}
    assert [audit["audit"]["status"] for audit in audits] == ["AUDITING", "APPROVED"]
    (status,) = data(told, "PRODUCT_STATUS_CHANGE")
    assert (status["product_id"], status["status"]) == (product_id, "PRODUCT_FIRST_PASS_REVIEW")


def set_stock(caller: Caller, product: Product, quantity: int) -> None:
    sku = product.skus[0]
    inventory = [{"warehouse_id": warehouse_id, "quantity": quantity} for warehouse_id in sku.stock]
    path = f"/product/202309/products/{product.id}/inventory/update"
    assert caller.post(path, {"skus": [{"id": sku.id, "inventory": inventory}]}).data == {}


def test_a_variant_that_runs_short_and_recovers_is_told_once_each(told: Caller) -> None:
    product = product_on_sale(told)
    set_stock(told, product, 100)
    set_stock(told, product, LOW_STOCK)
    set_stock(told, product, LOW_STOCK - 1)
    set_stock(told, product, 0)
    set_stock(told, product, 100)
    changes = [each for each in data(told, "INVENTORY_STATUS_CHANGE") if each["sku_id"] == product.skus[0].id]
    told_statuses = [each["current_inventory_status"] for each in changes]
    assert told_statuses[-3:] == ["LOW_STOCK", "OUT_OF_STOCK", "SUFFICIENT_STOCK"]
    quantities = changes[-1]["inventory_distribution"]
    assert quantities["total_quantity"] == quantities["available_quantity"] + quantities["committed_quantity"]


def test_a_withdrawn_consent_is_told_for_each_shop_of_it(told: Caller) -> None:
    account = next(iter(told.world.accounts))
    shop_ids = account.shop_ids[:2]
    exchange(told.world, consent(told.world, account, shop_ids=shop_ids).id)
    revoke(told.world, account)
    assert [each["shop_id"] for each in notifications(told, "SELLER_DEAUTHORIZATION")] == sorted(shop_ids)


def test_a_creator_who_withdraws_is_told_without_a_shop(told: Caller) -> None:
    creator = next(account for account in told.world.accounts if account.kind == "creator")
    exchange(told.world, consent(told.world, creator).id)
    revoke(told.world, creator)
    (notification,) = notifications(told, "CREATOR_DEAUTHORIZATION")
    assert "shop_id" not in notification
    assert notification["creator_open_id"] == creator.id
    assert notification["data"] == {"cancel_time": str(told.world.now)}


def expirations(caller: Caller) -> list[dict[str, Any]]:
    """What was told of the first shop's authorisation."""
    told = notifications(caller, "UPCOMING_AUTHORIZATION_EXPIRATION")
    return [each for each in told if each["shop_id"] == caller.shop.id]


def test_an_authorisation_that_ends_is_told_at_midnight_from_30_days_before(told: Caller) -> None:
    account = next(iter(told.world.accounts))
    assert account.grant is not None
    ends_at = account.grant.refresh_expires_at
    pass_time(told, ends_at - 31 * DAY - told.world.now)
    assert expirations(told) == []
    pass_time(told, 40 * DAY)
    times = [each["timestamp"] for each in expirations(told)]
    assert len(times) == 30
    assert all(time % DAY == 0 for time in times)
    assert ends_at - 30 * DAY <= times[0] < times[-1] < ends_at
    assert {each["data"]["expiration_time"] for each in expirations(told)} == {str(ends_at)}


def test_a_renewed_authorisation_is_not_told_to_end_before_its_own_month(told: Caller) -> None:
    account = next(iter(told.world.accounts))
    assert account.grant is not None
    pass_time(told, account.grant.refresh_expires_at - 20 * DAY - told.world.now)
    before = len(expirations(told))
    assert before in {10, 11}
    refresh(told.world, account.grant.refresh_token)
    pass_time(told, 300 * DAY)
    assert len(expirations(told)) == before


def test_what_happened_before_anyone_asked_is_not_told(caller: Caller) -> None:
    assert caller.world.deliveries.log() == []
