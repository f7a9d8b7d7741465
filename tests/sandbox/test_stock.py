"""Stock and prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Caller
    from tiktok_shop_async.sandbox.state.rows import Product


@pytest.fixture
def product(caller: Caller) -> Product:
    """A listing with several variants that is on sale."""
    return next(each for each in caller.shop.products if each.status == "ACTIVATE" and len(each.skus) > 1)


def set_stock(caller: Caller, product: Product, *skus: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Sets the stock of variants, each with a list of warehouses and quantities."""
    body = {"skus": [{"id": sku_id, "inventory": inventory} for sku_id, inventory in skus]}
    return caller.post(f"/product/202309/products/{product.id}/inventory/update", body).data


def stock(caller: Caller, sku_id: str) -> dict[str, Any]:
    """A variant's stock as the API has it."""
    data = caller.post("/product/202309/inventory/search", {"sku_ids": [sku_id]}).data
    sku: dict[str, Any] = data["inventory"][0]["skus"][0]
    return sku


def test_stock_is_set_and_read_back(caller: Caller, product: Product) -> None:
    warehouse_id = caller.shop.sales_warehouse.id
    sku_id = product.skus[0].id
    assert set_stock(caller, product, (sku_id, [{"warehouse_id": warehouse_id, "quantity": 41}])) == {}
    assert stock(caller, sku_id)["total_available_quantity"] == 41


def test_the_default_warehouse_need_not_be_named(caller: Caller, product: Product) -> None:
    assert set_stock(caller, product, (product.skus[0].id, [{"quantity": 3}])) == {}
    assert stock(caller, product.skus[0].id)["total_available_quantity"] == 3


def test_an_unknown_variant_is_listed_and_the_rest_is_done(caller: Caller, product: Product) -> None:
    """Code 0, and still not a success: so stock updates get lost."""
    data = set_stock(caller, product, ("1", [{"quantity": 5}]), (product.skus[0].id, [{"quantity": 5}]))
    (error,) = data["errors"]
    assert error["detail"]["sku_id"] == "1"
    assert stock(caller, product.skus[0].id)["total_available_quantity"] == 5


BAD_INVENTORIES: dict[str, tuple[list[dict[str, Any]], int]] = {
    "an unknown warehouse": ([{"warehouse_id": "1", "quantity": 5}], 12052097),
    "a negative quantity": ([{"quantity": -1}], 12019024),
    "a warehouse left out": ([], 12019028),
}


@pytest.mark.parametrize("what", BAD_INVENTORIES)
def test_a_stock_is_not_set_with(caller: Caller, product: Product, what: str) -> None:
    inventory, code = BAD_INVENTORIES[what]
    before = stock(caller, product.skus[0].id)
    (error,) = set_stock(caller, product, (product.skus[0].id, inventory))["errors"]
    assert error["detail"]["extra_errors"][0]["code"] == code
    assert stock(caller, product.skus[0].id) == before


def test_an_open_order_holds_its_goods_until_it_is_cancelled(caller: Caller) -> None:
    order = next(
        order
        for order in caller.shop.orders
        if order.status == "AWAITING_SHIPMENT" and order.cancel_request_time is None
    )
    sku_id = order.lines[0].sku_id
    units = sum(line.sku_id == sku_id for line in order.lines)
    before = stock(caller, sku_id)
    body = {"order_id": order.id, "cancel_reason": "ecom_order_to_ship_canceled_reason_out_of_stock"}
    assert caller.post("/return_refund/202309/cancellations", body).code == 0
    after = stock(caller, sku_id)
    assert after["total_available_quantity"] == before["total_available_quantity"] + units
    assert after["total_committed_quantity"] == before["total_committed_quantity"] - units


def test_an_order_outlives_the_variant_that_it_is_for(caller: Caller) -> None:
    order = next(
        order
        for order in caller.shop.orders
        if order.status == "AWAITING_SHIPMENT" and order.cancel_request_time is None
    )
    for line in order.lines:
        product = caller.shop.products[line.product_id]
        product.skus = [sku for sku in product.skus if sku.id != line.sku_id]
    body = {"order_id": order.id, "cancel_reason": "ecom_order_to_ship_canceled_reason_out_of_stock"}
    assert caller.post("/return_refund/202309/cancellations", body).code == 0
    assert order.status == "CANCELLED"


def test_the_stock_of_unknown_products_is_refused(reader: Caller) -> None:
    assert reader.post("/product/202309/inventory/search", {"product_ids": ["1"]}).code == 12019008


def test_the_stock_of_a_product_is_that_of_all_its_variants(reader: Caller) -> None:
    product = next(iter(reader.shop.products))
    (entry,) = reader.post("/product/202309/inventory/search", {"product_ids": [product.id]}).data["inventory"]
    assert [sku["id"] for sku in entry["skus"]] == [sku.id for sku in product.skus]


def update_price(caller: Caller, product: Product, *skus: tuple[str, str]) -> int:
    body = {"skus": [{"id": sku_id, "price": {"amount": amount, "currency": "USD"}} for sku_id, amount in skus]}
    return caller.post(f"/product/202309/products/{product.id}/prices/update", body).code


def test_prices_are_set(caller: Caller, product: Product) -> None:
    assert update_price(caller, product, (product.skus[0].id, "7.25")) == 0
    data = caller.get(f"/product/202309/products/{product.id}").data
    assert data["skus"][0]["price"]["sale_price"] == "7.25"


def test_prices_are_set_all_or_none(caller: Caller, product: Product) -> None:
    before = product.skus[0].price
    assert update_price(caller, product, (product.skus[0].id, "7.25"), ("1", "7.25")) == 12052557
    assert product.skus[0].price == before


@pytest.mark.parametrize("change", ["inventory", "prices"])
def test_only_what_is_on_sale_can_be_changed(caller: Caller, product: Product, change: str) -> None:
    caller.post("/product/202309/products/deactivate", {"product_ids": [product.id]})
    price = {"amount": "1.00", "currency": "USD"}
    body = {"skus": [{"id": product.skus[0].id, "inventory": [{"quantity": 1}], "price": price}]}
    assert caller.post(f"/product/202309/products/{product.id}/{change}/update", body).code == 12052901
