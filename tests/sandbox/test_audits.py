"""Listings and edits of them are audited: they wait, and then are on sale or turned down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.test_listing import PRODUCTS, existing, listing, read
from tiktok_shop_async.sandbox.life.audits import AUDIT_TIME, FORBIDDEN_WORD

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Caller

SEARCH = "/product/202502/products/search"


def edit(caller: Caller, product_id: str, **changes: Any) -> dict[str, Any]:
    """Edits a listing in part."""
    return caller.post(f"/product/202509/products/{product_id}/partial_edit", changes).data


def found(caller: Caller, **filters: Any) -> list[str]:
    """The ids of the listings that fit."""
    return [row["id"] for row in caller.post(SEARCH, filters, page_size=100).data["products"]]


def test_a_new_listing_is_pending_until_its_audit_is_over(caller: Caller) -> None:
    product_id = caller.post(PRODUCTS, listing(caller)).data["product_id"]
    caller.clock.advance(AUDIT_TIME - 1)
    data = read(caller, product_id)
    assert (data["status"], data["product_status"], data["audit"]) == ("PENDING", "INITIAL", {"status": "AUDITING"})
    caller.clock.advance(1)
    data = read(caller, product_id)
    assert (data["status"], data["product_status"], data["audit"]) == ("ACTIVATE", "ACTIVATE", {"status": "APPROVED"})


@pytest.mark.parametrize("field", ["title", "description"])
def test_a_listing_with_the_forbidden_word_fails_and_can_be_put_right(caller: Caller, field: str) -> None:
    wrong = {field: f"A perfectly {FORBIDDEN_WORD} teapot"}
    product_id = caller.post(PRODUCTS, listing(caller, **wrong)).data["product_id"]
    caller.clock.advance(AUDIT_TIME)
    data = read(caller, product_id)
    assert (data["status"], data["audit"]) == ("FAILED", {"status": "FAILED"})
    (reason,) = data["audit_failed_reasons"]
    assert reason["position"] == field
    assert FORBIDDEN_WORD in reason["suggestions"][0]
    assert edit(caller, product_id, **{field: "A perfectly good teapot"})["audit"] == {"status": "AUDITING"}
    caller.clock.advance(AUDIT_TIME)
    data = read(caller, product_id)
    assert (data["status"], "audit_failed_reasons" in data) == ("ACTIVATE", False)


def test_an_edit_is_seen_beside_the_listing_until_it_has_passed(caller: Caller) -> None:
    product = existing(caller)
    before = read(caller, product.id)
    edit(caller, product.id, title="A title under review")
    during = read(caller, product.id)
    assert (during["title"], during["status"], during["audit"]) == (before["title"], "ACTIVATE", {"status": "AUDITING"})
    under_review = caller.get(f"{PRODUCTS}/{product.id}", return_under_review_version=True).data
    assert under_review["title"] == "A title under review"
    assert under_review["skus"] == before["skus"]
    caller.clock.advance(AUDIT_TIME)
    assert read(caller, product.id)["title"] == "A title under review"


def test_an_edit_that_fails_leaves_the_listing_on_sale_as_it_was(caller: Caller) -> None:
    product = existing(caller)
    before = read(caller, product.id)
    edit(caller, product.id, title=f"{FORBIDDEN_WORD} goods")
    caller.clock.advance(AUDIT_TIME)
    after = read(caller, product.id)
    assert (after["title"], after["status"], after["audit"]) == (before["title"], "ACTIVATE", {"status": "FAILED"})
    assert after["audit_failed_reasons"]
    assert found(caller, audit_status=["FAILED"]) == [product.id]


def test_prices_and_stock_need_no_audit(caller: Caller) -> None:
    product = existing(caller)
    warehouse_id = caller.shop.sales_warehouse.id
    skus: list[dict[str, Any]] = [{"id": sku.id} for sku in product.skus]
    skus[0] |= {
        "price": {"currency": "USD", "amount": "6.50"},
        "inventory": [{"warehouse_id": warehouse_id, "quantity": 77}],
    }
    assert edit(caller, product.id, skus=skus)["audit"] == {"status": "APPROVED"}
    sku = read(caller, product.id)["skus"][0]
    assert (sku["price"]["sale_price"], sku["inventory"][0]["quantity"]) == ("6.50", 77)


def test_what_is_sold_and_set_during_an_audit_still_holds_after_it(caller: Caller) -> None:
    product = existing(caller)
    edit(caller, product.id, title="A title under review")
    sku = product.skus[0]
    body: dict[str, Any] = {"skus": [{"id": sku.id, "price": {"amount": "7.25", "currency": "USD"}}]}
    assert caller.post(f"{PRODUCTS}/{product.id}/prices/update", body).code == 0
    body = {"skus": [{"id": sku.id, "inventory": [{"quantity": 31}]}]}
    assert caller.post(f"{PRODUCTS}/{product.id}/inventory/update", body).data == {}
    committed = dict(sku.committed)
    caller.clock.advance(AUDIT_TIME)
    row = read(caller, product.id)["skus"][0]
    assert (row["price"]["sale_price"], row["inventory"][0]["quantity"]) == ("7.25", 31)
    assert product.skus[0].committed == committed


def test_a_later_edit_takes_the_place_of_the_one_under_review(caller: Caller) -> None:
    product = existing(caller)
    edit(caller, product.id, title="The first title")
    caller.clock.advance(AUDIT_TIME - 60)
    edit(caller, product.id, description="<p>And a description.</p>")
    caller.clock.advance(60)
    assert read(caller, product.id)["audit"] == {"status": "AUDITING"}
    caller.clock.advance(AUDIT_TIME)
    data = read(caller, product.id)
    assert (data["title"], data["description"]) == ("The first title", "<p>And a description.</p>")


def test_a_listing_on_sale_can_have_a_draft_that_buyers_do_not_see(caller: Caller) -> None:
    product = existing(caller)
    before = read(caller, product.id)
    edit(caller, product.id, title="A title to be", save_mode="AS_DRAFT")
    caller.clock.advance(AUDIT_TIME)
    data = read(caller, product.id)
    assert (data["title"], data["has_draft"]) == (before["title"], True)
    assert caller.get(f"{PRODUCTS}/{product.id}", return_draft_version=True).data["title"] == "A title to be"
    drafts = caller.post(SEARCH, {"return_draft_version": True, "status": "ACTIVATE"}, page_size=100).data["products"]
    assert [(row["id"], row["title"]) for row in drafts] == [(product.id, "A title to be")]
    edit(caller, product.id, save_mode="LISTING")
    caller.clock.advance(AUDIT_TIME)
    data = read(caller, product.id)
    assert (data["title"], data["has_draft"]) == ("A title to be", False)


def test_a_draft_does_not_keep_a_stock(caller: Caller) -> None:
    product = existing(caller)
    before = read(caller, product.id)["skus"][0]["inventory"]
    warehouse_id = caller.shop.sales_warehouse.id
    skus: list[dict[str, Any]] = [{"id": sku.id} for sku in product.skus]
    skus[0]["inventory"] = [{"warehouse_id": warehouse_id, "quantity": 9_999}]
    edit(caller, product.id, skus=skus, save_mode="AS_DRAFT")
    draft = caller.get(f"{PRODUCTS}/{product.id}", return_draft_version=True).data
    assert draft["skus"][0]["inventory"] == before


def test_only_one_other_version_can_be_asked_for(reader: Caller) -> None:
    path = f"{PRODUCTS}/{existing(reader).id}"
    assert reader.get(path, return_draft_version=True, return_under_review_version=True).code == 36009004


def test_what_is_pending_cannot_be_saved_as_a_draft(caller: Caller) -> None:
    product_id = caller.post(PRODUCTS, listing(caller)).data["product_id"]
    path = f"/product/202509/products/{product_id}/partial_edit"
    assert caller.post(path, {"title": "Later", "save_mode": "AS_DRAFT"}).code == 12052901
    assert caller.post(path, {"title": "Now"}).code == 0


def test_an_audit_ends_when_its_listing_goes_off_sale(caller: Caller) -> None:
    product_id = caller.post(PRODUCTS, listing(caller)).data["product_id"]
    caller.post(f"{PRODUCTS}/deactivate", {"product_ids": [product_id]})
    caller.clock.advance(AUDIT_TIME)
    data = read(caller, product_id)
    assert (data["status"], data["audit"]) == ("SELLER_DEACTIVATED", {"status": "NONE"})


def test_listings_are_found_by_their_audit(caller: Caller) -> None:
    assert found(caller, audit_status=["AUDITING"]) == []
    product_id = caller.post(PRODUCTS, listing(caller)).data["product_id"]
    edit(caller, existing(caller).id, title="Another title")
    assert set(found(caller, audit_status=["AUDITING"])) == {product_id, existing(caller).id}
    assert found(caller, audit_status=["AUDITING"], status="PENDING") == [product_id]


def test_audits_can_be_made_to_take_no_time(caller: Caller) -> None:
    caller.world.audit_time = 0
    product_id = caller.post(PRODUCTS, listing(caller)).data["product_id"]
    assert read(caller, product_id)["status"] == "ACTIVATE"
