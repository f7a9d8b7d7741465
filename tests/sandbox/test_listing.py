"""Creating and editing listings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tiktok_shop_async.sandbox.life.audits import AUDIT_TIME
from tiktok_shop_async.sandbox.made_up.picture import plain_png

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.signed_calls import Caller
    from tiktok_shop_async.sandbox.state.rows import Product

PRODUCTS = "/product/202309/products"


def picture(caller: Caller) -> str:
    """The uri of a picture that was uploaded for this."""
    part = {"data": ("mug.png", plain_png(400, 400, (200, 190, 170)))}
    return str(caller.without_cipher().upload("/product/202309/images/upload", {}, part).data["uri"])


def listing(caller: Caller, **changes: Any) -> dict[str, Any]:
    """What a listing needs at least."""
    return {
        "title": "Teapot with a bamboo handle",
        "description": "<p>Holds a litre.</p>",
        "category_id": "810101",
        "main_images": [{"uri": picture(caller)}],
        "package_weight": {"value": "0.9", "unit": "KILOGRAM"},
        "skus": [
            {
                "seller_sku": "TEA-1",
                "sales_attributes": [{"name": "Color", "value_name": "Jade"}],
                "price": {"amount": "39.50", "currency": "USD"},
                "inventory": [{"warehouse_id": caller.shop.sales_warehouse.id, "quantity": 12}],
            }
        ],
        **changes,
    }


def existing(caller: Caller) -> Product:
    """A listing with several variants that is on sale."""
    return next(product for product in caller.shop.products if product.status == "ACTIVATE" and len(product.skus) > 1)


def read(caller: Caller, product_id: str) -> dict[str, Any]:
    """A listing as the API has it."""
    return caller.get(f"{PRODUCTS}/{product_id}").data


def test_a_listing_is_created_and_read_back(caller: Caller) -> None:
    created = caller.post(PRODUCTS, listing(caller)).data
    caller.clock.advance(AUDIT_TIME)
    data = read(caller, created["product_id"])
    assert (data["title"], data["status"]) == ("Teapot with a bamboo handle", "ACTIVATE")
    (sku,) = data["skus"]
    assert sku["id"] == created["skus"][0]["id"]
    assert sku["price"]["sale_price"] == "39.50"
    assert sku["inventory"] == [{"warehouse_id": caller.shop.sales_warehouse.id, "quantity": 12}]
    assert sku["sales_attributes"][0]["value_name"] == "Jade"
    assert data["main_images"][0]["width"] == 400


def test_a_listing_can_be_a_draft_until_it_is_listed(caller: Caller) -> None:
    created = caller.post(PRODUCTS, listing(caller, save_mode="AS_DRAFT")).data
    assert read(caller, created["product_id"])["status"] == "DRAFT"
    caller.post(f"/product/202509/products/{created['product_id']}/partial_edit", {"save_mode": "LISTING"})
    assert read(caller, created["product_id"])["status"] == "PENDING"
    caller.clock.advance(AUDIT_TIME)
    assert read(caller, created["product_id"])["status"] == "ACTIVATE"


def test_an_idempotency_key_makes_one_listing_of_two_requests(caller: Caller) -> None:
    before = len(caller.shop.products)
    body = listing(caller, idempotency_key="once")
    first, second = caller.post(PRODUCTS, body).data, caller.post(PRODUCTS, body).data
    assert first == second
    assert len(caller.shop.products) == before + 1


REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "an empty title": ({"title": " "}, 12052261),
    "an unknown category": ({"category_id": "1"}, 12052023),
    "a category that has categories": ({"category_id": "810000"}, 12052024),
    "an unknown brand": ({"brand_id": "1"}, 12052026),
    "a picture that was never uploaded": ({"main_images": [{"uri": "elsewhere"}]}, 12052300),
    "no variants": ({"skus": []}, 12052902),
    "a variant without a price": ({"skus": [{"inventory": [], "price": {"currency": "USD"}}]}, 12052571),
    "another currency": ({"skus": [{"inventory": [], "price": {"currency": "EUR", "amount": "1"}}]}, 12052084),
    "a price that is no number": ({"skus": [{"inventory": [], "price": {"currency": "USD", "amount": "x"}}]}, 36009004),
    "a price of half a cent": (
        {"skus": [{"inventory": [], "price": {"currency": "USD", "amount": "1.005"}}]}, 12052012,
    ),
    "a price of nothing": ({"skus": [{"inventory": [], "price": {"currency": "USD", "amount": "0"}}]}, 12052012),
    "an unknown warehouse": (
        {"skus": [{"inventory": [{"warehouse_id": "1"}], "price": {"currency": "USD", "amount": "1"}}]}, 12052097,
    ),
}  # fmt: skip

EDITS: dict[str, tuple[Callable[[Caller, Product], list[dict[str, Any]]], int]] = {
    "a variant that is named twice": (lambda c, p: [{"id": p.skus[0].id}] * 2, 12052557),
    "a stock of less than nothing": (
        lambda c, p: [{"id": p.skus[0].id, "inventory": [{"warehouse_id": c.shop.sales_warehouse.id, "quantity": -1}]}],
        12019024,
    ),
    "a new variant without a price": (lambda c, p: [{"seller_sku": "NEW", "inventory": []}], 12052571),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_listing_is_refused_with(caller: Caller, what: str) -> None:
    changes, code = REFUSED[what]
    before = len(caller.shop.products)
    assert caller.post(PRODUCTS, listing(caller, **changes)).code == code
    assert len(caller.shop.products) == before


@pytest.mark.parametrize("what", EDITS)
def test_a_refused_edit_leaves_the_listing_as_it_was(caller: Caller, what: str) -> None:
    product = existing(caller)
    before = read(caller, product.id)
    draw, code = EDITS[what]
    body = listing(caller, title="Never to be seen", skus=draw(caller, product))
    assert caller.call("PUT", f"{PRODUCTS}/{product.id}", body=body).code == code
    assert read(caller, product.id) == before


def test_a_partial_edit_changes_what_it_names_and_nothing_else(caller: Caller) -> None:
    product = existing(caller)
    before = read(caller, product.id)
    title = f"{product.title}, improved"
    data = caller.post(f"/product/202509/products/{product.id}/partial_edit", {"title": title}).data
    assert (data["product_id"], data["audit"]) == (product.id, {"status": "AUDITING"})
    caller.clock.advance(AUDIT_TIME)
    after = read(caller, product.id)
    assert after == {**before, "title": title, "update_time": caller.world.now}


def test_variants_that_a_partial_edit_leaves_out_are_gone(caller: Caller) -> None:
    product = existing(caller)
    kept = product.skus[0].id
    body = {"skus": [{"id": kept, "price": {"currency": "USD", "amount": "5.00"}}]}
    caller.post(f"/product/202509/products/{product.id}/partial_edit", body)
    caller.clock.advance(AUDIT_TIME)
    (sku,) = read(caller, product.id)["skus"]
    assert (sku["id"], sku["price"]["sale_price"]) == (kept, "5.00")


def test_a_variant_that_is_new_needs_a_price(caller: Caller) -> None:
    answer = caller.post(
        f"/product/202509/products/{existing(caller).id}/partial_edit", {"skus": [{"seller_sku": "N"}]}
    )
    assert answer.code == 12052571


def test_the_variant_of_another_listing_cannot_be_edited_here(caller: Caller) -> None:
    product, other, *_ = caller.shop.products
    body = {"skus": [{"id": other.skus[0].id}]}
    assert caller.post(f"/product/202509/products/{product.id}/partial_edit", body).code == 12052557


@pytest.mark.parametrize("version", ["202309", "202509"])
def test_an_edit_replaces_everything(caller: Caller, version: str) -> None:
    """What is left out is gone, such as the brand."""
    product = existing(caller)
    assert "brand" in read(caller, product.id)
    assert caller.call("PUT", f"/product/{version}/products/{product.id}", body=listing(caller)).code == 0
    caller.clock.advance(AUDIT_TIME)
    data = read(caller, product.id)
    assert data["title"] == "Teapot with a bamboo handle"
    assert "brand" not in data


def test_a_deleted_listing_cannot_be_edited(caller: Caller) -> None:
    product = existing(caller)
    caller.call("DELETE", PRODUCTS, body={"product_ids": [product.id]})
    assert caller.post(f"/product/202509/products/{product.id}/partial_edit", {"title": "Back"}).code == 12052901
