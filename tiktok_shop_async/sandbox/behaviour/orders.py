"""Order search and order detail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.uploads import file_url
from tiktok_shop_async.sandbox.life.carriers import DELIVERY_OPTION, provider_name
from tiktok_shop_async.sandbox.life.lifecycle import PAYMENT_DEADLINE, SHIPPING_DEADLINE, goes_on_hold, packages_of
from tiktok_shop_async.sandbox.paging import take_page
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.clock import DAY, HOUR
from tiktok_shop_async.sandbox.state.money import text, total
from tiktok_shop_async.sandbox.state.row_times import in_windows, sort_key
from tiktok_shop_async.sandbox.wire import present

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.rows import Buyer, LineItem, Order, Package
    from tiktok_shop_async.sandbox.world import Shop

NOT_YOUR_ORDER = 21008111


@serves("POST", "/order/202309/orders/search")
def search_orders(call: Call) -> Data:
    """Orders by status, time, shipping, buyer and warehouse, sorted by when they were created or last changed."""
    page = take_page(
        call,
        (order for order in call.shop.orders if _fits(order, call.body)),
        lambda order: sort_key(call, order),
        newest_first=call.query.get("sort_order", "DESC") == "DESC",
        remember=True,
    )
    return {
        "orders": [render_order(call, order) for order in page.rows],
        "total_count": page.total,
        "next_page_token": page.next_token,
    }


@serves("GET", "/order/202309/orders", "/order/202507/orders")
def get_order_detail(call: Call) -> Data:
    """Orders by their ids; one that is not the shop's fails the whole call."""
    return {"orders": [render_order(call, find_order(call.shop, order_id)) for order_id in call.query["ids"]]}


def find_order(shop: Shop, order_id: str, code: int = NOT_YOUR_ORDER) -> Order:
    """The shop's order with this id.

    Raises:
        RefusalError: with `code`, the shop has no such order.
    """
    order = shop.orders.get(order_id)
    if order is None:
        raise RefusalError(code, f"Order {order_id} is not one of this shop.")
    return order


def render_order(call: Call, order: Order) -> dict[str, Any]:
    """An order as it is on the wire."""
    shop = call.shop
    packages = [package for package in packages_of(shop, order) if package.status != "CANCELLED"]
    shipped = next((package for package in packages if package.tracking_number), None)
    option_id, option_name = DELIVERY_OPTION[order.shipping_type]
    paid = order.paid_time
    to_ship = paid if order.replaced_order_id is None else order.create_time
    return present(
        id=order.id,
        status=order.status,
        order_type="NORMAL",
        commerce_platform="TIKTOK_SHOP",
        create_time=order.create_time,
        update_time=order.update_time,
        paid_time=paid,
        user_id=order.buyer.user_id,
        buyer_email=f"{order.buyer.user_id}@buyers.example",
        buyer_message=order.buyer_message,
        payment=_render_payment(shop, order),
        payment_method_name="Card" if paid else None,
        recipient_address=None if order.status in {"UNPAID", "ON_HOLD"} else render_address(order.buyer),
        fulfillment_type="FULFILLMENT_BY_SELLER",
        shipping_type=order.shipping_type,
        delivery_type="HOME_DELIVERY",
        delivery_option_id=option_id,
        delivery_option_name=option_name,
        warehouse_id=order.warehouse_id,
        shipping_provider_id=shipped.shipping_provider_id if shipped else None,
        shipping_provider=provider_name(shipped.shipping_provider_id) if shipped else None,
        tracking_number=shipped.tracking_number if shipped else "",
        split_or_combine_tag=_grouping(packages),
        packages=[{"id": package.id} for package in packages],
        line_items=[_render_line(call, order, line) for line in order.lines],
        cancel_order_sla_time=to_ship + 2 * SHIPPING_DEADLINE if to_ship else order.create_time + PAYMENT_DEADLINE,
        rts_sla_time=to_ship and to_ship + SHIPPING_DEADLINE,
        tts_sla_time=to_ship and to_ship + SHIPPING_DEADLINE + DAY,
        shipping_due_time=to_ship and to_ship + 2 * SHIPPING_DEADLINE,
        collection_due_time=to_ship and to_ship + 2 * SHIPPING_DEADLINE + DAY,
        # In milliseconds, between neighbours in seconds: so it is seen on live answers.
        recommended_shipping_time=to_ship and (to_ship + 12 * HOUR) * 1000,
        rts_time=order.shipped_time,
        collection_time=order.collection_time,
        delivery_time=order.delivery_time,
        cancel_time=order.cancel_time,
        cancel_reason=order.cancel_reason,
        cancellation_initiator=order.cancel_initiator,
        request_cancel_time=order.cancel_request_time,
        is_buyer_request_cancel=order.cancel_request_time is not None,
        is_on_hold_order=goes_on_hold(shop, order),
        is_sample_order=order.is_sample,
        is_cod=False,
        need_upload_invoice=_invoice_status(shop, packages),
        is_replacement_order=order.replaced_order_id is not None,
        replaced_order_id=order.replaced_order_id,
        is_exchange_order=False,
        has_updated_recipient_address=False,
    )


def _invoice_status(shop: Shop, packages: list[Package]) -> str | None:
    """In Brazil, where a local seller uploads an invoice for each package."""
    if (shop.region, shop.seller_type) != ("BR", "LOCAL"):
        return None
    return "INVOICE_UPLOADED" if any(package.has_invoice for package in packages) else "NEED_INVOICE"


def _grouping(packages: list[Package]) -> str | None:
    if any(package.is_combined for package in packages):
        return "COMBINED"
    return "SPLIT" if len(packages) > 1 else None


def render_address(buyer: Buyer) -> dict[str, Any]:
    """Where a parcel goes, with the phone number masked."""
    levels = (("L0", "Country", buyer.region), ("L1", "State", buyer.state), ("L2", "City", buyer.city))
    return {
        "full_address": f"{buyer.street}, {buyer.unit}, {buyer.city}, {buyer.state} {buyer.postal_code}",
        "name": f"{buyer.first_name} {buyer.last_name}",
        "first_name": buyer.first_name,
        "last_name": buyer.last_name,
        "phone_number": f"{buyer.phone[:-4]}****",
        "region_code": buyer.region,
        "postal_code": buyer.postal_code,
        "address_line1": buyer.street,
        "address_line2": buyer.unit,
        "address_detail": f"{buyer.street} {buyer.unit}",
        "district_info": [
            {"address_level": level, "address_level_name": name, "address_name": value} for level, name, value in levels
        ],
    }


def _render_payment(shop: Shop, order: Order) -> dict[str, str]:
    lines = order.lines
    product_tax = total(line.tax for line in lines)
    return {
        "currency": shop.currency,
        "original_total_product_price": text(total(line.original_price for line in lines)),
        "seller_discount": text(total(line.seller_discount for line in lines)),
        "platform_discount": text(total(line.platform_discount for line in lines)),
        "sub_total": text(total(line.sale_price for line in lines)),
        "original_shipping_fee": text(order.shipping_list_price),
        "shipping_fee_seller_discount": text(order.shipping_seller_discount),
        "shipping_fee_platform_discount": text(order.shipping_platform_discount),
        "shipping_fee": text(order.shipping_fee),
        "product_tax": text(product_tax),
        "shipping_fee_tax": text(order.shipping_tax),
        "tax": text(product_tax + order.shipping_tax),
        "total_amount": text(order.total_amount),
    }


def _render_line(call: Call, order: Order, line: LineItem) -> dict[str, Any]:
    package = call.shop.packages.get(line.package_id or "")
    return present(
        id=line.id,
        product_id=line.product_id,
        product_name=line.product_name,
        sku_id=line.sku_id,
        sku_name=line.sku_name,
        sku_type="NORMAL",
        sku_image=file_url(call, line.image_uri),
        seller_sku=line.seller_sku,
        currency=call.shop.currency,
        original_price=text(line.original_price),
        seller_discount=text(line.seller_discount),
        platform_discount=text(line.platform_discount),
        sale_price=text(line.sale_price),
        item_tax=[
            {"tax_type": "SALES_TAX", "tax_amount": text(line.tax), "tax_rate": format(order.tax_rate.normalize(), "f")}
        ],
        display_status=line.status,
        package_id=package.id if package else None,
        package_status=package.status if package else None,
        shipping_provider_id=package.shipping_provider_id if package and package.tracking_number else None,
        shipping_provider_name=(
            provider_name(package.shipping_provider_id) if package and package.tracking_number else None
        ),
        tracking_number=package.tracking_number if package else "",
        rts_time=line.shipped_at,
        cancel_user=line.cancelled_by,
        cancel_reason=line.cancel_reason,
        is_gift=False,
        is_dangerous_good=False,
        needs_prescription=False,
    )


def _fits(order: Order, filters: dict[str, Any]) -> bool:
    status = filters.get("order_status")
    shipping_type = filters.get("shipping_type")
    buyer = filters.get("buyer_user_id")
    requested = filters.get("is_buyer_request_cancel")
    warehouses = filters.get("warehouse_ids")
    return (
        (not status or order.status == status)
        and (not shipping_type or order.shipping_type == shipping_type)
        and (not buyer or order.buyer.user_id == buyer)
        and (requested is None or (order.cancel_request_time is not None) == requested)
        and (not warehouses or order.warehouse_id in warehouses)
        and in_windows(order, filters)
    )
