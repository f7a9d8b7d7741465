"""What listings are filed under, what a category asks of them, and what would better them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.test_listing import PRODUCTS, existing, listing, picture, read
from tiktok_shop_async.sandbox.made_up.taxonomy import CATEGORIES, FUEL, LAMP_OIL, MATERIAL, SAFETY_SHEET

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Caller

RULES = "/product/202309/categories/{}/rules"
ATTRIBUTES = "/product/202309/categories/{}/attributes"
LEAVES = [category for category in CATEGORIES.values() if category.is_leaf]
APRONS, LAMPS = "820300", "820400"


def given(attribute_id: str, value_id: str) -> dict[str, Any]:
    """An attribute with one of its values."""
    return {"id": attribute_id, "values": [{"id": value_id}]}


@pytest.mark.parametrize("category", LEAVES, ids=lambda category: category.name)
def test_the_rules_of_a_category_are_what_its_listings_are_refused_for(caller: Caller, category: Any) -> None:
    rules = caller.get(RULES.format(category.id)).data
    attributes = caller.get(ATTRIBUTES.format(category.id)).data["attributes"]
    required = [each for each in attributes if each.get("is_requried")]
    body = listing(caller, category_id=category.id)
    must: list[tuple[bool, dict[str, Any]]] = [
        (bool(required), {"product_attributes": [given(each["id"], each["values"][0]["id"]) for each in required]}),
        (rules["size_chart"]["is_required"], {"size_chart": {"image": {"uri": picture(caller)}}}),
        (
            rules["package_dimension"]["is_required"],
            {"package_dimensions": {"length": "9", "width": "9", "height": "9", "unit": "CENTIMETER"}},
        ),
    ]
    for is_required, fields in must:
        if is_required:
            assert caller.post(PRODUCTS, body).code in {12052220, 12052226, 12052881}
            body |= fields
    assert caller.post(PRODUCTS, body).code == 0


def test_a_draft_may_lack_what_its_category_asks_for_until_it_is_listed(caller: Caller) -> None:
    body = listing(caller, category_id=APRONS, save_mode="AS_DRAFT")
    product_id = caller.post(PRODUCTS, body).data["product_id"]
    path = f"/product/202509/products/{product_id}/partial_edit"
    assert caller.post(path, {"save_mode": "LISTING"}).code == 12052220
    assert read(caller, product_id)["status"] == "DRAFT"


def test_a_document_is_due_with_the_value_that_the_rules_name(caller: Caller) -> None:
    (certification,) = caller.get(RULES.format(LAMPS)).data["product_certifications"]
    (condition,) = certification["requirement_conditions"]
    size = {"length": "9", "width": "9", "height": "9", "unit": "CENTIMETER"}
    burning = given(condition["attribute_id"], condition["attribute_value_id"])
    assert burning == given(FUEL, LAMP_OIL)
    body = listing(caller, category_id=LAMPS, package_dimensions=size, product_attributes=[burning])
    assert caller.post(PRODUCTS, body).code == 12052223
    document = {"id": SAFETY_SHEET.id, "images": [{"uri": picture(caller)}]}
    product_id = caller.post(PRODUCTS, {**body, "certifications": [document]}).data["product_id"]
    data = read(caller, product_id)
    assert data["certifications"][0]["id"] == SAFETY_SHEET.id
    assert data["product_attributes"][0]["values"] == [{"id": LAMP_OIL, "name": "Lamp oil"}]


def test_cash_on_delivery_is_for_the_markets_whose_rules_say_so(caller: Caller) -> None:
    assert caller.get(RULES.format("810101")).data["cod"] == {"is_supported": False}
    assert caller.within("ID").get(RULES.format("810101")).data["cod"] == {"is_supported": True}
    assert caller.post(PRODUCTS, listing(caller, is_cod_allowed=True)).code == 12052910


@pytest.mark.parametrize("what", ["attributes", "rules"])
def test_a_category_without_rules_of_its_own_has_none(reader: Caller, what: str) -> None:
    assert reader.get(f"/product/202309/categories/1/{what}").code == 12052023
    assert reader.get(f"/product/202309/categories/810000/{what}").code == 12052024


def test_the_category_is_recommended_that_the_title_speaks_for(reader: Caller) -> None:
    body = {"product_title": "Two mugs for tea"}
    data = reader.post("/product/202309/categories/recommend", body).data
    assert data["leaf_category_id"] == "810101"
    assert [each["level"] for each in data["categories"]] == [1, 2, 3]
    assert reader.post("/product/202309/categories/recommend", {"product_title": " "}).code == 12052261


def test_seeded_listings_are_in_the_category_that_is_recommended_for_them(reader: Caller) -> None:
    product = existing(reader)
    data = reader.post("/product/202309/categories/recommend", {"product_title": product.title}).data
    assert data["leaf_category_id"] == product.details["category_id"]


def test_a_brand_of_ones_own_is_found_and_can_be_listed_under(caller: Caller) -> None:
    brand_id = caller.without_cipher().post("/product/202309/brands", {"name": "Wrenfold"}).data["id"]
    brands = caller.get("/product/202309/brands", page_size=100, brand_name="wren").data["brands"]
    assert [(brand["id"], brand["authorized_status"]) for brand in brands] == [(brand_id, "AUTHORIZED")]
    product_id = caller.post(PRODUCTS, listing(caller, brand_id=brand_id)).data["product_id"]
    assert read(caller, product_id)["brand"] == {"id": brand_id, "name": "Wrenfold"}


@pytest.mark.parametrize("name", ["W", " W ", "fenmoor"])
def test_a_brand_needs_a_name_that_is_not_taken(caller: Caller, name: str) -> None:
    assert caller.without_cipher().post("/product/202309/brands", {"name": name}).code in {12052189, 12052190}
    assert len(caller.world.brands) == 0


@pytest.mark.parametrize("version", ["202309", "202312"])
def test_a_shop_is_ready_to_list(reader: Caller, version: str) -> None:
    results = reader.get(f"/product/{version}/prerequisites").data["check_results"]
    assert {result["check_item"] for result in results} >= {"PICKUP_WAREHOUSE", "RETURN_WAREHOUSE"}
    assert not any(result["is_failed"] or result["fail_reasons"] for result in results)


def test_a_shop_without_a_warehouse_for_returns_is_not(caller: Caller) -> None:
    shop = caller.world.shops[caller.shop.id]
    shop.warehouses = [each for each in shop.warehouses if each.type != "RETURN_WAREHOUSE"]
    results = caller.get("/product/202312/prerequisites").data["check_results"]
    (failed,) = [result for result in results if result["is_failed"]]
    assert failed["check_item"] == "RETURN_WAREHOUSE"
    assert failed["fail_reasons"]


CHECK = "/product/202309/products/listing_check"


def test_a_check_names_everything_that_a_listing_would_be_refused_for(caller: Caller) -> None:
    before = len(caller.shop.products)
    assert caller.post(CHECK, listing(caller)).data["check_result"] == "PASS"
    wrong = listing(caller, category_id=APRONS, brand_id="1", title=" ")
    data = caller.post(CHECK, wrong).data
    assert data["check_result"] == "FAILED"
    codes = [reason["code"] for reason in data["fail_reasons"]]
    assert codes == [12052261, 12052026, 12052220, 12052226]
    assert caller.post(PRODUCTS, wrong).code == codes[0]
    assert len(caller.shop.products) == before


def test_a_listing_is_better_for_what_its_diagnosis_asks(caller: Caller) -> None:
    def diagnose(body: dict[str, Any]) -> tuple[str, int, set[str]]:
        data = caller.post("/product/202411/products/diagnose_optimize", body).data
        quality = data["listing_quality"]
        fields = {each["field"] for each in data["diagnoses"]}
        return quality["current_tier"], quality["remaining_recommendations"], fields

    content: dict[str, Any] = {"category_id": "810101", "title": "Mug"}
    assert diagnose(content) == ("POOR", 4, {"TITLE", "DESCRIPTION", "IMAGE", "ATTRIBUTE"})
    content["title"] = "Mug with a thumb rest, for both hands"
    assert diagnose(content)[0] == "FAIR"
    content |= {
        "description": "<p>" + "A mug to hold. " * 10 + "</p>",
        "main_images": [{"uri": picture(caller)} for _ in range(3)],
        "product_attributes": [given(MATERIAL, "1001011"), given("100102", "1001021")],
    }
    assert diagnose(content) == ("GOOD", 0, set())


def test_the_diagnosis_of_a_listing_agrees_with_its_tier_in_a_search(reader: Caller) -> None:
    product = existing(reader)
    (row,) = reader.get("/product/202405/products/diagnoses", product_ids=[product.id]).data["products"]
    tier = row["listing_quality"]["current_tier"]
    assert read(reader, product.id)["listing_quality_tier"] == tier
    search = "/product/202502/products/search"
    data = reader.post(search, {"listing_quality_tiers": [tier]}, page_size=100).data
    assert product.id in {row["id"] for row in data["products"]}
    others = sorted({"POOR", "FAIR", "GOOD"} - {tier})
    data = reader.post(search, {"listing_quality_tiers": others}, page_size=100).data
    assert product.id not in {row["id"] for row in data["products"]}


def test_words_and_texts_are_suggested_from_what_is_known(reader: Caller) -> None:
    product = existing(reader)
    (row,) = reader.get("/product/202405/products/seo_words", product_ids=[product.id]).data["products"]
    assert product.title.split()[0].lower() in {word["text"] for word in row["seo_words"]}
    (row,) = reader.get("/product/202405/products/suggestions", product_ids=[product.id]).data["products"]
    title = next(each for each in row["suggestions"] if each["field"] == "TITLE")
    assert product.title in title["items"][0]["text"]
    assert reader.get("/product/202405/products/seo_words", product_ids=["1"]).code == 12019114
