"""Finding listings, reading them, and taking them on and off sale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tiktok_shop_async.sandbox.life.audits import AUDIT_TIME

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Answer, Caller
    from tiktok_shop_async.sandbox.state.rows import Product

SEARCH = "/product/202502/products/search"
PRODUCTS = "/product/202309/products"


def every(caller: Caller, body: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """All listings that fit, read until a page is empty."""
    rows: list[dict[str, Any]] = []
    position: dict[str, str] = {}
    while True:
        data = caller.post(SEARCH, body, page_size=9, **position).data
        if not data["products"]:
            return rows
        rows += data["products"]
        position = {"page_token": data["next_page_token"]}


def on_sale(caller: Caller) -> Product:
    """A listing that is on sale."""
    return next(product for product in caller.shop.products if product.status == "ACTIVATE")


def status(caller: Caller, product: Product) -> str:
    """What the API says about a listing's status."""
    return str(caller.get(f"{PRODUCTS}/{product.id}").data["status"])


def test_even_the_last_page_of_a_product_search_carries_a_token(reader: Caller) -> None:
    """So it is on live answers; whoever stops at an absent token alone asks for ever."""
    assert len(every(reader)) == len(reader.shop.products)


def test_listings_are_found_by_status(reader: Caller) -> None:
    assert {row["status"] for row in every(reader, {"status": "ACTIVATE"})} == {"ACTIVATE"}
    assert len(every(reader, {"status": "ALL"})) == len(reader.shop.products)


def test_listings_are_found_by_seller_sku_and_by_sku_id(reader: Caller) -> None:
    product = on_sale(reader)
    assert [row["id"] for row in every(reader, {"seller_skus": [product.skus[0].seller_sku]})] == [product.id]
    assert [row["id"] for row in every(reader, {"sku_ids": [product.skus[-1].id]})] == [product.id]


def test_the_end_of_a_product_time_filter_is_part_of_it(reader: Caller) -> None:
    """`create_time_le`, unlike the `_lt` of orders."""
    newest = max(product.create_time for product in reader.shop.products)
    assert len(every(reader, {"create_time_le": newest})) == len(reader.shop.products)
    assert len(every(reader, {"create_time_le": newest - 1})) < len(reader.shop.products)


def test_a_listing_is_read_with_its_category_brand_and_pictures(reader: Caller) -> None:
    product = on_sale(reader)
    data = reader.get(f"{PRODUCTS}/{product.id}").data
    assert data["title"] == product.title
    assert data["category_chains"][-1]["is_leaf"] is True
    assert data["brand"]["name"]
    assert [sku["id"] for sku in data["skus"]] == [sku.id for sku in product.skus]
    picture = reader.fetch(data["main_images"][0]["urls"][0])
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_a_listing_of_another_shop_is_not_found(reader: Caller) -> None:
    other = next(iter(list(reader.world.shops)[1].products))
    assert reader.get(f"{PRODUCTS}/{other.id}").code == 12019150


def test_a_listing_goes_off_sale_and_on_again(caller: Caller) -> None:
    product = on_sale(caller)
    assert caller.post(f"{PRODUCTS}/deactivate", {"product_ids": [product.id]}).data == {}
    assert status(caller, product) == "SELLER_DEACTIVATED"
    assert caller.post(f"{PRODUCTS}/activate", {"product_ids": [product.id]}).data == {}
    assert status(caller, product) == "PENDING"
    caller.clock.advance(AUDIT_TIME)
    assert status(caller, product) == "ACTIVATE"


def test_a_deleted_listing_can_be_recovered(caller: Caller) -> None:
    product = on_sale(caller)
    assert caller.call("DELETE", PRODUCTS, body={"product_ids": [product.id]}).data == {}
    assert status(caller, product) == "DELETED"
    assert caller.post(f"{PRODUCTS}/recover", {"product_ids": [product.id]}).data == {}
    assert status(caller, product) == "SELLER_DEACTIVATED"


def activate(caller: Caller, product_ids: list[str]) -> Answer:
    return caller.post(f"{PRODUCTS}/activate", {"product_ids": product_ids})


def delete(caller: Caller, product_ids: list[str]) -> Answer:
    return caller.call("DELETE", PRODUCTS, body={"product_ids": product_ids})


def test_what_cannot_be_deleted_is_listed_and_the_rest_is_done(caller: Caller) -> None:
    """Code 0, and still not a success."""
    product = on_sale(caller)
    (error,) = delete(caller, [product.id, "1"]).data["errors"]
    assert (error["code"], error["detail"]["product_id"]) == (12052048, "1")
    assert status(caller, product) == "DELETED"


def test_what_cannot_be_activated_says_why_within_the_failed_check(caller: Caller) -> None:
    product = on_sale(caller)
    (error,) = activate(caller, [product.id]).data["errors"]
    assert error["code"] == 12052990
    assert error["detail"]["product_id"] == product.id
    assert error["detail"]["extra_errors"][0]["code"] == 12052901


@pytest.mark.parametrize("change", [activate, delete])
def test_at_most_twenty_listings_change_at_a_time(reader: Caller, change: Any) -> None:
    answer = change(reader, [str(number) for number in range(21)])
    assert answer.code == 98001004


def test_categories_are_a_tree(reader: Caller) -> None:
    categories = reader.get("/product/202309/categories").data["categories"]
    parents = {category["parent_id"] for category in categories}
    assert {category["id"] for category in categories if not category["is_leaf"]} == parents - {"0"}


def test_categories_are_found_by_a_word_in_their_name(reader: Caller) -> None:
    (category,) = reader.get("/product/202309/categories", keyword="mugs").data["categories"]
    assert category["local_name"] == "Mugs and cups"


def test_brands_are_found_by_the_beginning_of_their_name(reader: Caller) -> None:
    data = reader.get("/product/202309/brands", page_size=10, brand_name="fen").data
    assert [brand["name"] for brand in data["brands"]] == ["Fenmoor"]


def test_brands_that_are_not_authorized_can_be_left_out(reader: Caller) -> None:
    everything = reader.get("/product/202309/brands", page_size=10).data["total_count"]
    authorized = reader.get("/product/202309/brands", page_size=10, is_authorized=True).data["total_count"]
    assert authorized == everything - 1
