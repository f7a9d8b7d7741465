"""What webhooks leave open: the object behind an event as it is now, and the changes that no event told of.

The platform gives up after five tries and promises no order, so its own guide says not to rely on webhooks alone: take
an event as the word that something has changed, fetch the object, and poll for what was never told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from tiktok_shop_async.event import object_of
from tiktok_shop_async.events import (
    CancellationStatusChange,
    OrderStatusChange,
    OrderStatusChangeData,
    ProductInformationChange,
    ProductStatusChange,
    RecipientAddressUpdate,
    ReturnStatusChange,
    ReturnStatusChangeData,
)
from tiktok_shop_async.webhooks.receiver import arrival_of

if TYPE_CHECKING:
    from tiktok_shop_async.event import Event
    from tiktok_shop_async.models import Cancellation, Order, Product, ReturnOrder
    from tiktok_shop_async.view import ShopView
    from tiktok_shop_async.webhooks.inbox import Inbox

__all__ = ["fetch", "replay_missing"]

_ORDERS_A_PAGE, _RETURNS_A_PAGE = 100, 50


@overload
async def fetch(shop: ShopView, event: OrderStatusChange | RecipientAddressUpdate) -> Order | None: ...
@overload
async def fetch(shop: ShopView, event: ProductStatusChange | ProductInformationChange) -> Product | None: ...
@overload
async def fetch(shop: ShopView, event: ReturnStatusChange) -> ReturnOrder | None: ...
@overload
async def fetch(shop: ShopView, event: CancellationStatusChange) -> Cancellation | None: ...
@overload
async def fetch(shop: ShopView, event: Event) -> Any: ...
async def fetch(shop: ShopView, event: Event) -> Any:
    """The object that an event is about, as it is now.

    Args:
        shop: Calls in the name of the event's shop: `await client.shop(event.shop_id)`.
        event: About an order, a package, a product, a return or a cancellation.

    Returns:
        The order, package, product, return or cancellation. None if the event is about something else, or if a list
        that was asked for the object does not have it.

    Raises:
        CallError: The call failed; what a package or product that is not there is refused with included.
    """
    about = object_of(event)
    if about is None:
        return None
    match about.kind:
        case "order":
            return _first((await shop.orders.get_order_detail(ids=[about.id])).orders)
        case "package":
            return await shop.fulfillment.get_package_detail(package_id=about.id)
        case "product":
            return await shop.products.get_product(product_id=about.id)
        case "return":
            return _first((await shop.returns.search_returns(return_ids=[about.id])).return_orders)
        case "cancellation":
            return _first((await shop.returns.search_cancellations(cancel_ids=[about.id])).cancellations)
        case _:
            return None


async def replay_missing(shop: ShopView, inbox: Inbox, *, shop_id: str, since: int, until: int) -> list[str]:
    """Put into an inbox what should have been told and was not: orders and returns that are newer than their events.

    An order or return that has changed within the time, and of which the inbox remembers no event as new as that, gets
    an `OrderStatusChange` or a `ReturnStatusChange` with what it is now. Its notification id begins with `polled-`; to
    ask for the same time again is safe. Not every change of an order is one of its status, so a handler may be told of
    a status that it knows.

    Args:
        shop: Calls in the name of the shop.
        inbox: That of the webhooks.
        shop_id: Id of the shop, as its events have it.
        since: From this `update_time` on, in Unix seconds. Let the times of two calls overlap, and do not go back
            further than the inbox remembers (`keep_days`).
        until: Up to before this one. A few minutes ago, so that events under way are not taken for missing.

    Returns:
        The ids of the orders and returns that an event was put in for.

    Raises:
        CallError: A call failed. What was put in before stays, and is not put in again.
        InboxError: The inbox cannot be read or written.
    """
    missing: list[str] = []
    orders = shop.orders.get_order_list(update_time_ge=since, update_time_lt=until, page_size=_ORDERS_A_PAGE)
    async for order in orders:
        data = OrderStatusChangeData(
            order_id=order.id,
            order_status=order.status,
            is_on_hold_order=order.is_on_hold_order,
            update_time=order.update_time,
        )
        if await _put(inbox, shop_id, OrderStatusChange(data=data, timestamp=order.update_time)):
            missing.append(order.id)
    returns = shop.returns.search_returns(update_time_ge=since, update_time_lt=until, page_size=_RETURNS_A_PAGE)
    async for each in returns:
        change = ReturnStatusChangeData(
            order_id=each.order_id or "",
            return_role=each.role,
            return_type=each.return_type,
            return_status=each.return_status,
            return_id=each.return_id,
            create_time=each.create_time,
            update_time=each.update_time,
        )
        if await _put(inbox, shop_id, ReturnStatusChange(data=change, timestamp=each.update_time)):
            missing.append(each.return_id)
    return missing


async def _put(inbox: Inbox, shop_id: str, event: OrderStatusChange | ReturnStatusChange) -> bool:
    """Put in what the inbox knows of no event as new as."""
    event.shop_id = shop_id
    arrival = arrival_of(event)
    time = arrival.update_time
    known = await inbox.newest(arrival.object)
    if time is None or (known is not None and known >= time):
        return False
    event.tts_notification_id = f"polled-{arrival.object.rpartition(':')[2]}-{time}"
    return await inbox.add(arrival_of(event))


def _first(rows: list[Any]) -> Any:
    return rows[0] if rows else None
