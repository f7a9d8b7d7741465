"""How prices come about, and that they agree with the orders."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Caller
    from tiktok_shop_async.sandbox.state.rows import Order

SAME = {
    "sku_list_price": "original_total_product_price",
    "sku_sale_price": "sub_total",
    "subtotal_deduction_seller": "seller_discount",
    "subtotal_deduction_platform": "platform_discount",
    "subtotal_tax_amount": "product_tax",
    "shipping_list_price": "original_shipping_fee",
    "shipping_sale_price": "shipping_fee",
    "shipping_fee_deduction_seller": "shipping_fee_seller_discount",
    "shipping_fee_deduction_platform": "shipping_fee_platform_discount",
    "tax_amount": "tax",
    "payment": "total_amount",
}
"""What the price detail calls an amount, and what the order calls it."""


def price_of(caller: Caller, order: Order) -> dict[str, Any]:
    return caller.get(f"/order/202407/orders/{order.id}/price_detail").data


@pytest.mark.parametrize("region", ["US", "DE", "ID", "BR"])
def test_the_price_detail_agrees_with_the_order_and_its_lines_add_up_to_it(reader: Caller, region: str) -> None:
    caller = reader.within(region)
    for order in list(caller.shop.orders)[:40]:
        (row,) = caller.get("/order/202507/orders", ids=[order.id]).data["orders"]
        price = price_of(caller, order)
        assert price["currency"] == row["payment"]["currency"]
        assert {name: price[name] for name in SAME} == {name: row["payment"][there] for name, there in SAME.items()}
        assert [line["id"] for line in price["line_items"]] == [line["id"] for line in row["line_items"]]
        for name in (*SAME, "total", "subtotal", "net_price_amount"):
            assert sum(Decimal(line[name]) for line in price["line_items"]) == Decimal(price[name]), name


def test_the_price_before_discounts_is_that_of_goods_and_shipping(reader: Caller) -> None:
    price = price_of(reader, next(order for order in reader.shop.orders if not order.is_sample))
    assert Decimal(price["total"]) == Decimal(price["sku_list_price"]) + Decimal(price["shipping_list_price"])
    assert Decimal(price["subtotal"]) == Decimal(price["sku_sale_price"]) + Decimal(price["subtotal_tax_amount"])


def test_an_order_of_another_shop_has_no_price(reader: Caller) -> None:
    order = next(iter(reader.within("DE").shop.orders))
    assert reader.get(f"/order/202407/orders/{order.id}/price_detail").code == 21008111
