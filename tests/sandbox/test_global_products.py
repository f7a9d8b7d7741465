"""Global products of cross-border sellers: kept once, published as listings in several shops, and followed by them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.test_listing import listing, read
from tiktok_shop_async.sandbox.life.audits import AUDIT_TIME

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Caller

GLOBAL = "/product/202309/global_products"
TITLE = "Teapot with a bamboo handle"


def body(caller: Caller, **changes: Any) -> dict[str, Any]:
    """What a global product needs at least."""
    warehouse = caller.without_cipher().get("/logistics/202309/global_warehouses").data["global_warehouses"][0]
    sku = {
        "seller_sku": "TEA-1",
        "sales_attributes": [{"name": "Color", "value_name": "Jade"}],
        "price": {"amount": "39.50", "currency": "USD"},
        "global_quantity": 90,
        "inventory": [{"global_warehouse_id": warehouse["id"], "quantity": 90}],
    }
    return {**listing(caller, title=TITLE), "skus": [sku], **changes}


def create(caller: Caller, **changes: Any) -> tuple[str, str]:
    """Makes a global product and answers its id and that of its variant."""
    data = caller.without_cipher().post(GLOBAL, body(caller, **changes)).data
    return data["global_product_id"], data["global_skus"][0]["id"]


def publish(caller: Caller, product_id: str, sku_id: str, *regions: str, **said: Any) -> dict[str, Any]:
    """Publishes a global product with one variant in markets."""
    skus = [{"related_global_sku_id": sku_id, **said}]
    targets = [{"region": region, "skus": skus} for region in regions]
    return caller.without_cipher().post(f"{GLOBAL}/{product_id}/publish", {"publish_target": targets}).data


def show(caller: Caller, product_id: str) -> dict[str, Any]:
    """A global product as the API has it."""
    return caller.without_cipher().get(f"{GLOBAL}/{product_id}").data


def found(caller: Caller, version: str = "202312", **filters: Any) -> list[str]:
    """The ids of the global products that fit."""
    path = f"/product/{version}/global_products/search"
    return [row["id"] for row in caller.without_cipher().post(path, filters, page_size=10).data["global_products"]]


def british(caller: Caller) -> Caller:
    """A caller for the cross-border shop in GB."""
    return caller.within("GB", "CROSS_BORDER")


def test_a_global_product_is_created_and_read_back(caller: Caller) -> None:
    product_id, sku_id = create(caller, brand_id="7311200000000000001")
    data = show(caller, product_id)
    assert (data["title"], data["category"]["id"], data["brand"]["name"]) == (TITLE, "810101", "Fenmoor")
    (sku,) = data["skus"]
    assert (sku["id"], sku["price"], sku["global_quantity"]) == (sku_id, {"amount": "39.50", "currency": "USD"}, 90)
    assert sku["inventory"][0]["quantity"] == 90
    assert data["products"] == []


def test_global_products_are_only_for_cross_border_sellers(caller: Caller) -> None:
    local = [shop.id for shop in caller.world.shops if shop.seller_type == "LOCAL"]
    seller = caller.with_token(caller.world.issue_token(shop_ids=local).id).without_cipher()
    assert seller.post(f"{GLOBAL}/search", page_size=10).code == 21008106


WRONG: dict[str, tuple[dict[str, Any], int]] = {
    "no variants": ({"skus": []}, 12052902),
    "a price of nothing": ({"skus": [{"price": {"amount": "0", "currency": "USD"}}]}, 12052012),
    "a warehouse of a shop that is local": (
        {
            "skus": [
                {
                    "price": {"amount": "1", "currency": "USD"},
                    "inventory": [{"global_warehouse_id": "1", "quantity": 1}],
                }
            ]
        },
        12052142,
    ),
    "an unknown category": ({"category_id": "1"}, 12052023),
    "what its category asks for left out": ({"category_id": "820300"}, 12052220),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_global_product_is_refused_with(caller: Caller, what: str) -> None:
    changes, code = WRONG[what]
    assert caller.without_cipher().post(GLOBAL, body(caller, **changes)).code == code
    assert len(caller.world.global_products) == 0


def test_publishing_makes_a_listing_in_each_market_that_is_audited_there(caller: Caller) -> None:
    product_id, sku_id = create(caller)
    data = publish(caller, product_id, sku_id, "GB", "TH")
    assert [(row["region"], row["status"]) for row in data["publish_result"]] == [("GB", "SUCCESS"), ("TH", "SUCCESS")]
    for made, seller in zip(data["products"], (british(caller), caller.within("TH", "CROSS_BORDER")), strict=True):
        assert made["shop_id"] == seller.shop.id
        assert read(seller, made["id"])["status"] == "PENDING"
        local = read(seller, made["id"])
        assert local["title"] == TITLE
        association = local["global_product_association"]
        assert association["global_product_id"] == product_id
        assert association["sku_mappings"] == [{"global_sku_id": sku_id, "local_sku_id": made["skus"][0]["id"]}]
        assert local["skus"][0]["price"]["currency"] == seller.shop.currency
        assert local["skus"][0]["inventory"][0]["quantity"] == 45  # Shared out evenly.
    assert {each["id"] for each in show(caller, product_id)["products"]} == {made["id"] for made in data["products"]}
    caller.clock.advance(AUDIT_TIME)
    assert read(british(caller), data["products"][0]["id"])["status"] == "ACTIVATE"


def test_prices_are_converted_unless_they_are_said(caller: Caller) -> None:
    thai = caller.within("TH", "CROSS_BORDER")
    (made,) = publish(caller, *create(caller), "TH")["products"]
    assert read(thai, made["id"])["skus"][0]["price"]["sale_price"] == "1382.50"
    price = {"currency": "THB", "amount": "900.00", "sale_price": "999.00"}
    (made,) = publish(caller, *create(caller), "TH", price=price)["products"]
    assert read(thai, made["id"])["skus"][0]["price"]["sale_price"] == "999.00"


def test_a_market_that_fails_leaves_the_others_as_they_are(caller: Caller) -> None:
    product_id, sku_id = create(caller)
    data = publish(caller, product_id, sku_id, "US", "GB")
    assert [row["status"] for row in data["publish_result"]] == ["FAILED", "SUCCESS"]
    assert "US" in data["publish_result"][0]["fail_reasons"][0]["message"]
    assert [made["region"] for made in data["products"]] == ["GB"]


def test_a_product_is_published_in_a_market_once(caller: Caller) -> None:
    product_id, sku_id = create(caller)
    publish(caller, product_id, sku_id, "GB")
    before = len(british(caller).shop.products)
    (again,) = publish(caller, product_id, sku_id, "GB")["publish_result"]
    assert again["status"] == "FAILED"
    assert len(british(caller).shop.products) == before


def test_what_a_market_does_not_take_becomes_a_draft_there(caller: Caller) -> None:
    """A title of one word is enough in GB, and not in TH."""
    product_id, sku_id = create(caller, title="Teapot")
    data = publish(caller, product_id, sku_id, "GB", "TH")
    assert [row["status"] for row in data["publish_result"]] == ["SUCCESS", "DRAFT"]
    assert "title" in data["publish_result"][1]["fail_reasons"][0]["message"]
    assert read(caller.within("TH", "CROSS_BORDER"), data["products"][1]["id"])["status"] == "DRAFT"


@pytest.mark.parametrize("way", ["whole", "part"])
def test_listings_follow_an_edit_and_keep_their_price_and_stock(caller: Caller, way: str) -> None:
    product_id, sku_id = create(caller)
    price = {"currency": "GBP", "sale_price": "33.00"}
    (made,) = publish(caller, product_id, sku_id, "GB", price=price)["products"]
    caller.clock.advance(AUDIT_TIME)
    changes: dict[str, Any] = {"title": "Teapot with a handle of bamboo"}
    path = f"/product/202509/global_products/{product_id}/partial_edit"
    if way == "whole":
        whole = body(caller, **changes)
        whole["skus"][0]["id"] = sku_id
        path, changes = f"{GLOBAL}/{product_id}", whole
    data = caller.without_cipher().call("PUT", path, body=changes).data
    assert [each["id"] for each in data["global_skus"]] == [sku_id]
    assert data["publish_results"] == [{"region": "GB", "status": "SUCCESS", "fail_reasons": []}]
    before = read(british(caller), made["id"])
    assert (before["title"], before["audit"]) == (TITLE, {"status": "AUDITING"})
    caller.clock.advance(AUDIT_TIME)
    after = read(british(caller), made["id"])
    assert after["title"] == "Teapot with a handle of bamboo"
    (sku,), (sku_before,) = after["skus"], before["skus"]
    assert all(sku[name] == sku_before[name] for name in ("id", "price", "inventory"))
    assert sku["price"]["sale_price"] == "33.00"


def test_an_edit_can_set_the_price_of_a_market_and_adds_variants_there(caller: Caller) -> None:
    product_id, sku_id = create(caller)
    (made,) = publish(caller, product_id, sku_id, "GB")["products"]
    caller.clock.advance(AUDIT_TIME)
    priced = {"id": sku_id, "sale_prices": [{"region": "GB", "amount": "28.00"}]}
    fresh = {
        "seller_sku": "TEA-2",
        "price": {"amount": "41.00", "currency": "USD"},
        "sales_attributes": [{"name": "Color", "value_name": "Rust"}],
    }
    path = f"/product/202509/global_products/{product_id}/partial_edit"
    assert caller.without_cipher().call("PUT", path, body={"skus": [priced, fresh]}).code == 0
    caller.clock.advance(AUDIT_TIME)
    skus = read(british(caller), made["id"])["skus"]
    assert [sku["price"]["sale_price"] for sku in skus] == ["28.00", "41.00"]
    mappings = show(caller, product_id)["products"][0]["sku_mappings"]
    assert [each["local_sku_id"] for each in mappings] == [sku["id"] for sku in skus]


def test_a_listing_in_the_bin_does_not_follow(caller: Caller) -> None:
    product_id, sku_id = create(caller)
    (made,) = publish(caller, product_id, sku_id, "GB")["products"]
    british(caller).call("DELETE", "/product/202309/products", body={"product_ids": [made["id"]]})
    path = f"/product/202509/global_products/{product_id}/partial_edit"
    data = caller.without_cipher().call("PUT", path, body={"title": "Another title for the teapot"}).data
    assert data["publish_results"][0]["status"] == "FAILED"
    assert read(british(caller), made["id"])["title"] == TITLE


def test_stock_in_global_warehouses_is_set_all_or_none(caller: Caller) -> None:
    product_id, sku_id = create(caller)
    warehouse_id = show(caller, product_id)["skus"][0]["inventory"][0]["global_warehouse_id"]

    def update(*skus: tuple[str, int]) -> int:
        rows = [
            {"id": each, "inventory": [{"global_warehouse_id": warehouse_id, "quantity": quantity}]}
            for each, quantity in skus
        ]
        path = f"{GLOBAL}/{product_id}/inventory/update"
        return caller.without_cipher().post(path, {"global_skus": rows}).code

    assert update((sku_id, 5)) == 0
    assert update((sku_id, 7), ("1", 7)) == 12052557
    assert update((sku_id, -1)) == 12052143
    assert show(caller, product_id)["skus"][0]["inventory"][0]["quantity"] == 5


@pytest.mark.parametrize("version", ["202309", "202312"])
def test_global_products_are_found_by_status_and_seller_sku(caller: Caller, version: str) -> None:
    first, sku_id = create(caller)
    caller.clock.advance(60)
    second, _ = create(caller)
    publish(caller, first, sku_id, "GB")
    assert found(caller, version) == [second, first]
    assert found(caller, version, status="PUBLISHED") == [first]
    assert found(caller, version, status="UNPUBLISHED") == [second]
    assert found(caller, version, seller_skus=["TEA-1"]) == [second, first]
    assert found(caller, version, seller_skus=["TEA-9"]) == []
    assert found(caller, version, create_time_ge=caller.world.now) == [second]


def test_what_cannot_be_deleted_is_listed(caller: Caller) -> None:
    product_id, sku_id = create(caller)
    (made,) = publish(caller, product_id, sku_id, "GB")["products"]
    deletion = {"global_product_ids": [product_id, "1"]}
    (error,) = caller.without_cipher().call("DELETE", GLOBAL, body=deletion).data["errors"]
    assert error["detail"]["global_product_id"] == "1"
    assert found(caller, status="DELETED") == [product_id]
    assert read(british(caller), made["id"])["title"] == TITLE
    path = f"/product/202509/global_products/{product_id}/partial_edit"
    assert caller.without_cipher().call("PUT", path, body={"title": "Gone"}).code == 12052901


def test_a_listing_is_replicated_in_another_market(caller: Caller) -> None:
    seller, thai = british(caller), caller.within("TH", "CROSS_BORDER")
    source = next(each for each in seller.shop.products if each.status == "ACTIVATE" and len(each.title) >= 25)
    path = f"/product/202507/products/{source.id}"
    targets = [{"region": "TH"}, {"region": "US"}]
    (error,) = seller.post(f"{path}/global_replicate", {"replicate_target": targets}).data["errors"]
    assert error["detail"] == {"region": "US"}
    (replica,) = seller.get(f"{path}/replicated_products").data["replicated_products"]
    assert (replica["region"], replica["product_status"]) == ("TH", "PENDING")
    caller.clock.advance(AUDIT_TIME)
    copy = read(thai, replica["product_id"])
    assert (copy["title"], copy["status"], len(copy["skus"])) == (source.title, "ACTIVATE", len(source.skus))
    assert read(seller, source.id)["is_replicated"] is True
    (again,) = seller.post(f"{path}/global_replicate", {"replicate_target": targets[:1]}).data["errors"]
    assert again["code"] == 12052903


def test_listing_rules_name_the_warehouses_of_the_shop(caller: Caller) -> None:
    seller = british(caller)
    (rule,) = seller.get("/product/202507/global_listing_rules").data["inventory_rules"]
    assert rule["local_warehouse_id"] == seller.shop.sales_warehouse.id


def test_a_token_that_opens_no_shop_in_a_market_does_not_publish_there(caller: Caller) -> None:
    product_id, sku_id = create(caller)
    thai = caller.within("TH", "CROSS_BORDER").shop.id
    seller = replace(caller, token=caller.world.issue_token(shop_ids=[thai]).id)
    (result,) = publish(seller, product_id, sku_id, "GB")["publish_result"]
    assert result["status"] == "FAILED"
