"""How the price of an order comes about, line by line."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal  # noqa: TC003 - the fields are looked up
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.orders import find_order
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.money import ZERO, shares, text, total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.rows import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a line costs with its share of the shipping, or what an order does."""

    goods: Decimal
    seller_discount: Decimal
    platform_discount: Decimal
    tax: Decimal
    shipping: Decimal
    shipping_seller_discount: Decimal
    shipping_platform_discount: Decimal
    shipping_tax: Decimal


@serves("GET", "/order/202407/orders/{order_id}/price_detail")
def get_price_detail(call: Call) -> Data:
    """The price of an order and of each line of it. The lines add up to the order to the cent."""
    order = find_order(call.shop, call.path["order_id"])
    prices = _prices(order)
    return {
        **_render(call, order, _sum(prices)),
        "cod_fee_net_amount": text(ZERO),
        "line_items": [
            {"id": line.id, **_render(call, order, price), "cod_fee_amount": text(ZERO)}
            for line, price in zip(order.lines, prices, strict=True)
        ],
    }


def _prices(order: Order) -> list[Price]:
    """The price of each line. What is charged for the order as a whole is shared in proportion to the list prices."""
    weights = [line.original_price for line in order.lines]
    shared = zip(
        order.lines,
        shares(order.shipping_list_price, weights),
        shares(order.shipping_seller_discount, weights),
        shares(order.shipping_platform_discount, weights),
        shares(order.shipping_tax, weights),
        strict=True,
    )
    return [
        Price(
            goods=line.original_price,
            seller_discount=line.seller_discount,
            platform_discount=line.platform_discount,
            tax=line.tax,
            shipping=shipping,
            shipping_seller_discount=by_seller,
            shipping_platform_discount=by_platform,
            shipping_tax=tax,
        )
        for line, shipping, by_seller, by_platform, tax in shared
    ]


def _sum(prices: Sequence[Price]) -> Price:
    return Price(**{each.name: total(getattr(price, each.name) for price in prices) for each in fields(Price)})


def _render(call: Call, order: Order, price: Price) -> dict[str, Any]:
    sale = price.goods - price.seller_discount - price.platform_discount
    shipping = price.shipping - price.shipping_seller_discount - price.shipping_platform_discount
    tax = price.tax + price.shipping_tax
    amounts = {
        "total": price.goods + price.shipping,
        "payment": sale + shipping + tax,
        "sku_list_price": price.goods,
        "sku_sale_price": sale,
        "subtotal": sale + price.tax,
        "subtotal_deduction_seller": price.seller_discount,
        "subtotal_deduction_platform": price.platform_discount,
        "subtotal_tax_amount": price.tax,
        "shipping_list_price": price.shipping,
        "shipping_sale_price": shipping,
        "shipping_fee_deduction_seller": price.shipping_seller_discount,
        "shipping_fee_deduction_platform": price.shipping_platform_discount,
        "tax_amount": tax,
        "net_price_amount": sale + shipping + tax,
        "cod_fee": ZERO,
        "sku_gift_original_price": ZERO,
        "sku_gift_net_price": ZERO,
    }
    return {
        "currency": call.shop.currency,
        "tax_rate": format(order.tax_rate.normalize(), "f"),
        **{name: text(amount) for name, amount in amounts.items()},
    }
