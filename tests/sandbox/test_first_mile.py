"""Bundles of packages on their way to TikTok's warehouse, and invoices that go with packages."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.placing import place_orders
from tiktok_shop_async.sandbox.state.rows import Webhook

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Answer, Caller
    from tiktok_shop_async.sandbox.state.rows import Order

FULFILLMENT = "/fulfillment/202309"
BUNDLES = "/fulfillment/202510/first_mile_bundle"
INVOICE = base64.b64encode(b"<nfe/>").decode()


def shipped(seller: Caller, *, with_label: bool = True) -> Order:
    """An order that waits for the carrier."""
    (order,) = place_orders(seller, "AWAITING_COLLECTION")
    if with_label:
        path = f"{FULFILLMENT}/packages/{order.lines[0].package_id}/shipping_documents"
        assert seller.get(path, document_type="SHIPPING_LABEL").code == 0
    return order


def bundle(seller: Caller, *order_ids: str, **body: str) -> Answer:
    return seller.post(BUNDLES, {"order_ids": list(order_ids), "handover_method": "PICKUP", **body})


def test_orders_whose_labels_are_printed_are_bundled_once(caller: Caller) -> None:
    seller = caller.within("DE")
    one, two = shipped(seller), shipped(seller)
    data = bundle(seller, one.id, two.id).data
    assert "errors" not in data
    assert seller.fetch(data["url"]).content.startswith(b"%PDF")
    again = bundle(seller, one.id).data
    assert "first_mile_bundle_id" not in again
    assert [error["detail"]["order_id"] for error in again["errors"]] == [one.id]


def test_orders_that_do_not_fit_are_listed_and_the_rest_is_bundled(caller: Caller) -> None:
    seller = caller.within("DE")
    (waiting,) = place_orders(seller)
    fitting, unprinted = shipped(seller), shipped(seller, with_label=False)
    data = bundle(seller, "1", waiting.id, unprinted.id, fitting.id).data
    assert data["first_mile_bundle_id"] == fitting.bundle_id
    assert [error["detail"]["order_id"] for error in data["errors"]] == ["1", waiting.id, unprinted.id]


def test_orders_of_two_districts_do_not_share_a_bundle(caller: Caller) -> None:
    german, thai = caller.within("DE"), caller.within("TH", "CROSS_BORDER")
    orders = [shipped(german), shipped(thai)]
    body = {"order_ids": [order.id for order in orders], "handover_method": "PICKUP"}
    data = caller.without_cipher().post("/fulfillment/202407/bundles", body).data
    assert [error["detail"]["order_id"] for error in data["errors"]] == [orders[1].id]
    assert orders[0].bundle_id == data["first_mile_bundle_id"]


def test_a_bundle_that_the_seller_sends_names_its_carrier(caller: Caller) -> None:
    seller = caller.within("DE")
    order = shipped(seller)
    carrier = {"shipping_provider_id": "7215600000000000202", "tracking_number": "B-1", "phone_tail_number": "0123"}
    for name in carrier:
        others = {each: value for each, value in carrier.items() if each != name}
        assert bundle(seller, order.id, handover_method="DROP_OFF", **others).code == 36009004
    assert bundle(seller, order.id, handover_method="DROP_OFF", **carrier).code == 0


def upload(seller: Caller, order: Order, **change: Any) -> list[int]:
    """The codes of what failed."""
    entry = {"package_id": str(order.lines[0].package_id), "order_ids": [order.id], "file_type": "XML", "file": INVOICE}
    data = seller.post("/fulfillment/202502/invoice/upload", {"invoices": [{**entry, **change}]}).data
    return [error["code"] for error in data.get("errors", [])]


def test_a_package_in_brazil_has_one_invoice_and_the_order_says_so(caller: Caller) -> None:
    seller, now = caller.within("BR"), caller.world.now
    (order,) = place_orders(seller)
    seller.shop.webhooks.put(
        Webhook(id="INVOICE_STATUS_CHANGE", address="http://127.0.0.1:1/hook", create_time=now, update_time=now)
    )

    def status() -> str:
        return str(seller.get("/order/202507/orders", ids=[order.id]).data["orders"][0]["need_upload_invoice"])

    assert status() == "NEED_INVOICE"
    assert upload(seller, order) == []
    assert status() == "INVOICE_UPLOADED"
    assert upload(seller, order) == [36009004]
    assert [delivery.event_type for delivery in seller.world.deliveries.log()] == ["INVOICE_STATUS_CHANGE"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"package_id": "1"}, 21011028),
        ({"order_ids": ["1"]}, 36009004),
        ({"file": "<nfe/>"}, 36009004),
        ({"file": "é"}, 36009004),
        ({"file": base64.b64encode(b"no XML").decode()}, 36009004),
        ({"file_type": "PDF"}, 36009004),
    ],
)
def test_an_unsuitable_invoice_is_listed(caller: Caller, change: dict[str, Any], code: int) -> None:
    seller = caller.within("BR")
    (order,) = place_orders(seller)
    assert upload(seller, order, **change) == [code]
