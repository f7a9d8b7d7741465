"""What webhooks leave open: the object behind an event as it is now, and the changes that no event told of.

The platform gives up after five tries and promises no order, so its own guide says not to rely on webhooks alone: take
an event as the word that something has changed, fetch the object, and poll for what was never told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from tiktok_shop_async.errors import ArgumentError
from tiktok_shop_async.event import object_of
from tiktok_shop_async.events import (
    CancellationStatusChange,
    CancellationStatusChangeData,
    OrderStatusChange,
    OrderStatusChangeData,
    PackageUpdate,
    PackageUpdateData,
    ProductStatusChange,
    ProductStatusChangeData,
    ReturnStatusChange,
    ReturnStatusChangeData,
    UpdatedPackage,
)
from tiktok_shop_async.webhooks.receiver import arrival_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from tiktok_shop_async.event import Event
    from tiktok_shop_async.events import (
        AppealCompleted,
        GlobalReplicationStatusChange,
        InvoiceStatusChange,
        ProductAuditStatusChange,
        ProductCategoryChange,
        ProductCreation,
        ProductInformationChange,
        ProductPackageRecommended,
        RecipientAddressUpdate,
        ShoppableContentPosting,
        SkuStatusChange,
    )
    from tiktok_shop_async.models import (
        Cancellation,
        Order,
        Package,
        PackageSummary,
        Product,
        ProductSummary,
        ReturnOrder,
    )
    from tiktok_shop_async.paging import Pager
    from tiktok_shop_async.view import ShopView
    from tiktok_shop_async.webhooks.inbox import Inbox

    _AboutProduct: TypeAlias = (
        ProductStatusChange
        | ProductInformationChange
        | ProductCreation
        | ProductCategoryChange
        | ProductAuditStatusChange
        | ProductPackageRecommended
        | SkuStatusChange
        | AppealCompleted
        | GlobalReplicationStatusChange
        | ShoppableContentPosting
    )
    _Poll: TypeAlias = Callable[[ShopView, int, int], Pager[Any, Any]]
    _Change: TypeAlias = Callable[[Any], tuple[str, Event]]

__all__ = ["Kind", "fetch", "replay_missing"]

Kind: TypeAlias = Literal["order", "return", "cancellation", "product", "package"]
"""What can be polled for by the time of its last change."""

_CANCELLED = {"CANCELLED": "CANCEL", "CANCELLATION_REQUEST_CANCEL": "CANCELLATION_REQUEST_CANCELLED"}
"""The statuses that events spell otherwise than answers do."""


@overload
async def fetch(shop: ShopView, event: OrderStatusChange | RecipientAddressUpdate) -> Order | None: ...
@overload
async def fetch(shop: ShopView, event: PackageUpdate) -> list[Package]: ...
@overload
async def fetch(shop: ShopView, event: InvoiceStatusChange) -> Package | None: ...
@overload
async def fetch(shop: ShopView, event: _AboutProduct) -> Product | None: ...
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
        event: About an order, packages, a product, a return or a cancellation.

    Returns:
        The order, package, product, return or cancellation; of a `PackageUpdate`, the list of its packages. None if the
        event is about something else, or if a list that was asked for the object does not have it.

    Raises:
        CallError: The call failed; what a package or product that is not there is refused with included.
    """
    if isinstance(event, PackageUpdate):
        ids = dict.fromkeys(each.package_id for each in event.data.package_list if each.package_id)
        return [await shop.fulfillment.get_package_detail(package_id=each) for each in ids]
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


async def replay_missing(
    shop: ShopView,
    inbox: Inbox,
    *,
    shop_id: str,
    since: int,
    until: int,
    kinds: Collection[Kind] = ("order", "return"),
) -> list[str]:
    """Put into an inbox what should have been told and was not: objects that are newer than their events.

    What has changed within the time, and of which the inbox remembers no event as new as that, gets an event with what
    it is now. Its notification id begins with `polled-`; to ask for the same time again is safe.

    A handler may be told of what it knows: an order, a return or a product changes in more ways than its events tell
    of. The events of cancellations and packages carry no time or name several objects, so the inbox cannot know which
    of their changes were told: each is handled once more.

    | kind | gets | without |
    |---|---|---|
    | order | `OrderStatusChange` | |
    | return | `ReturnStatusChange` | |
    | cancellation | `CancellationStatusChange` | |
    | product | `ProductStatusChange` | `status`, which says what has changed: only the product tells now |
    | package | `PackageUpdate` of one package | `sc_type` and `role_type`, for the same reason |

    Nothing else has an endpoint that can be asked by the time of a change.

    Args:
        shop: Calls in the name of the shop.
        inbox: That of the webhooks.
        shop_id: Id of the shop, as its events have it.
        since: From this `update_time` on, in Unix seconds. Let the times of two calls overlap, and do not go back
            further than the inbox remembers (`keep_days`).
        until: Up to before this one. A few minutes ago, so that events under way are not taken for missing.
        kinds: Of which objects.

    Returns:
        The ids of the objects that an event was put in for.

    Raises:
        ArgumentError: There is no such kind.
        CallError: A call failed. What was put in before stays, and is not put in again.
        InboxError: The inbox cannot be read or written.
    """
    if unknown := set[str](kinds).difference(_POLLS):
        raise ArgumentError(f"kinds: {', '.join(sorted(unknown))}: not among {', '.join(_POLLS)}")
    missing: list[str] = []
    # In the order of the table, whatever the order they are named in.
    for kind, (poll, change) in _POLLS.items():
        if kind not in kinds:
            continue
        async for row in poll(shop, since, until):
            id_, event = change(row)
            event.shop_id = shop_id
            event.timestamp = row.update_time
            if await _put(inbox, id_, event):
                missing.append(id_)
    return missing


async def _put(inbox: Inbox, id_: str, event: Event) -> bool:
    """Put in what the inbox knows of no event as new as, as far as it can know."""
    if event.timestamp is None:
        return False
    event.tts_notification_id = f"polled-{id_}-{event.timestamp}"
    arrival = arrival_of(event)
    if arrival.update_time is not None:
        known = await inbox.newest(arrival.object)
        if known is not None and known >= arrival.update_time:
            return False
    return await inbox.add(arrival)


def _orders(shop: ShopView, since: int, until: int) -> Pager[Any, Order]:
    return shop.orders.get_order_list(update_time_ge=since, update_time_lt=until, page_size=100)


def _order_change(order: Order) -> tuple[str, Event]:
    data = OrderStatusChangeData(
        order_id=order.id,
        order_status=_in_events(order.status),
        is_on_hold_order=order.is_on_hold_order,
        update_time=order.update_time,
    )
    return order.id, OrderStatusChange(data=data)


def _returns(shop: ShopView, since: int, until: int) -> Pager[Any, ReturnOrder]:
    return shop.returns.search_returns(update_time_ge=since, update_time_lt=until, page_size=50)


def _return_change(row: ReturnOrder) -> tuple[str, Event]:
    data = ReturnStatusChangeData(
        order_id=row.order_id or "",
        return_role=row.role,
        return_type=row.return_type,
        return_status=row.return_status,
        return_id=row.return_id,
        create_time=row.create_time,
        update_time=row.update_time,
    )
    return row.return_id, ReturnStatusChange(data=data)


def _cancellations(shop: ShopView, since: int, until: int) -> Pager[Any, Cancellation]:
    return shop.returns.search_cancellations(update_time_ge=since, update_time_lt=until, page_size=50)


def _cancellation_change(row: Cancellation) -> tuple[str, Event]:
    data = CancellationStatusChangeData(
        order_id=row.order_id or "",
        cancellations_role=row.role,
        cancel_status=_in_events(row.cancel_status),
        cancel_id=row.cancel_id,
        create_time=row.create_time,
    )
    return row.cancel_id, CancellationStatusChange(data=data)


def _products(shop: ShopView, since: int, until: int) -> Pager[Any, ProductSummary]:
    # Alone among them, this range includes its end.
    return shop.products.search_products(update_time_ge=since, update_time_le=until - 1, page_size=100)


def _product_change(row: ProductSummary) -> tuple[str, Event]:
    data = ProductStatusChangeData(product_id=row.id, update_time=row.update_time)
    return row.id, ProductStatusChange(data=data)


def _packages(shop: ShopView, since: int, until: int) -> Pager[Any, PackageSummary]:
    return shop.fulfillment.search_package(update_time_ge=since, update_time_lt=until, page_size=50)


def _package_change(row: PackageSummary) -> tuple[str, Event]:
    package = UpdatedPackage(package_id=row.id, order_id_list=[each.id for each in row.orders])
    return row.id, PackageUpdate(data=PackageUpdateData(package_list=[package], update_time=row.update_time))


def _in_events(status: str | None) -> str | None:
    return _CANCELLED.get(status, status) if status else status


_POLLS: Mapping[Kind, tuple[_Poll, _Change]] = {
    "order": (_orders, _order_change),
    "return": (_returns, _return_change),
    "cancellation": (_cancellations, _cancellation_change),
    "product": (_products, _product_change),
    "package": (_packages, _package_change),
}


def _first(rows: list[Any]) -> Any:
    return rows[0] if rows else None
