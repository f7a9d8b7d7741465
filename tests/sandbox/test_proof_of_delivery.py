"""Deliveries by the seller's own fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.placing import place_orders
from tiktok_shop_async.sandbox.made_up.picture import plain_png

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Caller
    from tiktok_shop_async.sandbox.state.rows import Order

FULFILLMENT = "/fulfillment/202309"


@pytest.fixture
def seller(caller: Caller) -> Caller:
    """A shop in Southeast Asia."""
    return caller.within("ID")


def on_its_way(seller: Caller, status: str = "IN_TRANSIT", shipping_type: str = "SELLER") -> Order:
    (order,) = place_orders(seller, status, shipping_type=shipping_type)
    return order


def report(seller: Caller, order: Order, delivery_type: str, **more: Any) -> list[dict[str, Any]]:
    """What failed."""
    entry = {"id": str(order.lines[0].package_id), "delivery_type": delivery_type, **more}
    data = seller.post(f"{FULFILLMENT}/packages/deliver", {"packages": [entry, {**entry, "id": "1"}]}).data
    *failed, unknown = data["errors"]
    assert (unknown["code"], unknown["detail"]) == (21011028, {"package_id": "1"})
    return list(failed)


def test_what_the_seller_has_delivered_is_delivered(seller: Caller) -> None:
    order = on_its_way(seller)
    picture = plain_png(100, 120, (1, 2, 3))
    proof = seller.upload(f"{FULFILLMENT}/images/upload", {}, {"data": ("a.png", picture)}).data
    assert (proof["width"], proof["height"]) == (100, 120)
    assert seller.fetch(proof["url"]).content == picture
    assert report(seller, order, "DELIVERY_SUCCESS", file_type="IMG", file_url=proof["url"]) == []
    (row,) = seller.get("/order/202507/orders", ids=[order.id]).data["orders"]
    assert (row["status"], row["delivery_time"]) == ("DELIVERED", seller.world.now)


def test_a_delivery_that_fails_needs_a_reason_and_shows_in_the_tracking(seller: Caller) -> None:
    order = on_its_way(seller)
    assert [error["code"] for error in report(seller, order, "DELIVERY_FAILED")] == [21001011]
    assert report(seller, order, "DELIVERY_FAILED", fail_delivery_reason="BUYER_REFUSED") == []
    assert order.status == "IN_TRANSIT"
    newest = seller.get(f"{FULFILLMENT}/orders/{order.id}/tracking").data["tracking"][0]
    assert "BUYER_REFUSED" in newest["description"]
    assert report(seller, order, "DELIVERY_SUCCESS") == []


def test_a_proof_can_be_handed_in_later(seller: Caller) -> None:
    order = on_its_way(seller, "DELIVERED")
    files = {"data": ("a.pdf", b"%PDF-1.4")}
    proof = seller.upload(f"{FULFILLMENT}/files/upload", {"name": "a.pdf"}, files).data
    assert report(seller, order, "UPDATE_POD", file_type="PDF", file_url=proof["url"]) == []
    assert seller.shop.packages[str(order.lines[0].package_id)].proof_url == proof["url"]
    for url in ("", "https://a.example/b.pdf"):
        assert [error["code"] for error in report(seller, order, "UPDATE_POD", file_url=url)] == [21001011]


@pytest.mark.parametrize(
    ("status", "shipping_type"),
    [("AWAITING_SHIPMENT", "SELLER"), ("DELIVERED", "SELLER"), ("IN_TRANSIT", "TIKTOK")],
)
def test_only_what_the_seller_has_on_the_way_is_delivered(seller: Caller, status: str, shipping_type: str) -> None:
    order = on_its_way(seller, status, shipping_type)
    assert [error["code"] for error in report(seller, order, "DELIVERY_SUCCESS")] == [21001011]
    assert order.status == status


def test_deliveries_are_reported_in_southeast_asia_only(caller: Caller) -> None:
    assert caller.post(f"{FULFILLMENT}/packages/deliver", {"packages": []}).code == 21008106


@pytest.mark.parametrize(
    ("path", "name", "content", "code"),
    [
        ("files", "a.pdf", b"", 12038002),
        ("files", "a.pdf", b"not a PDF", 12038004),
        ("files", "a.txt", b"%PDF", 12038004),
        ("images", "a.png", b"not a PNG", 12038004),
        ("images", "a.png", plain_png(99, 300, (1, 2, 3)), 12019116),
    ],
)
def test_an_unsuitable_proof_is_refused(seller: Caller, path: str, name: str, content: bytes, code: int) -> None:
    fields = {"name": name} if path == "files" else {}
    assert seller.upload(f"{FULFILLMENT}/{path}/upload", fields, {"data": (name, content)}).code == code
