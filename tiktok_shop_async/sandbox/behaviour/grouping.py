"""Splitting an order into several packages, and combining orders of one buyer into one."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.fulfillment import NOT_YOUR_PACKAGE, find_package
from tiktok_shop_async.sandbox.behaviour.orders import find_order
from tiktok_shop_async.sandbox.gate.markets import GROUPS
from tiktok_shop_async.sandbox.life.aftersales import pending_cancellation
from tiktok_shop_async.sandbox.life.lifecycle import can_be_shipped, combine, contents_of, packages_of, split, uncombine
from tiktok_shop_async.sandbox.paging import take_page
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.rows import LineItem, Order, Package
    from tiktok_shop_async.sandbox.world import Shop

NOT_WAITING = 21011005
NOT_COMBINED = 21011029
NOT_COMBINABLE = 21011031
NOT_SPLITTABLE = 21011035


@serves("GET", "/fulfillment/202309/orders/split_attributes")
def get_split_attributes(call: Call) -> Data:
    """Whether orders can be split. None has to be: a parcel holds as much as a buyer orders."""
    rows: list[dict[str, Any]] = []
    for order_id in call.query["order_ids"]:
        objection = _split_objection(call.shop, find_order(call.shop, order_id))
        row: dict[str, Any] = {"order_id": order_id, "can_split": objection is None, "must_split": False}
        rows.append(row if objection is None else {**row, "reason": objection.message})
    return {"split_attributes": rows}


@serves("POST", "/fulfillment/202309/orders/{order_id}/split")
def split_order(call: Call) -> Data:
    """Puts each of the groups into a package of its own. What is in no group stays where it is."""
    order = find_order(call.shop, call.path["order_id"])
    if objection := _split_objection(call.shop, order):
        raise objection
    groups = [_group(order, entry["order_line_item_ids"]) for entry in call.body["splittable_groups"]]
    _check_groups(call.shop, order, groups)
    packages = split(call.world, call.shop, order, groups, call.now)
    return {
        "packages": [
            {"splittable_group_id": entry["id"], "id": package.id}
            for entry, package in zip(call.body["splittable_groups"], packages, strict=True)
        ]
    }


@serves("GET", "/fulfillment/202309/combinable_packages/search")
def search_combinable_packages(call: Call) -> Data:
    """Groups of orders that may travel together. The id of each is the one that the package is going to have."""
    groups = combinable_groups(call.shop)
    page = take_page(call, list(groups), lambda group_id: (0, group_id), newest_first=False)
    return {
        "combinable_packages": [_render(group_id, groups[group_id]) for group_id in page.rows],
        "total_count": page.total,
        "next_page_token": page.next_token,
    }


@serves("POST", "/fulfillment/202309/packages/combine")
def combine_packages(call: Call) -> Data:
    """Combines groups that the search has found, or some orders of them. What fails is listed; the rest is done."""
    packages: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for entry in call.body["combinable_packages"]:
        try:
            orders = _orders_to_combine(call.shop, entry["id"], entry.get("order_ids"))
        except RefusalError as refusal:
            detail = {"package_id": entry["id"]}
            errors.append({"code": refusal.code, "message": refusal.message, "detail": detail})
        else:
            package = combine(call.world, call.shop, entry["id"], orders, call.now)
            packages.append(_render(package.id, orders))
    return {"packages": packages, "errors": errors} if errors else {"packages": packages}


@serves("POST", "/fulfillment/202309/packages/{package_id}/uncombine")
def uncombine_package(call: Call) -> Data:
    """Takes orders out of a combined package, all of them unless some are named."""
    package = find_package(call, call.path["package_id"])
    if package.status != "TO_FULFILL":
        raise RefusalError(NOT_WAITING, f"Package {package.id} is {package.status}; it stays as it is.")
    if not package.is_combined:
        raise RefusalError(NOT_COMBINED, f"Package {package.id} holds one order only.")
    wanted: list[str] = call.body.get("order_ids") or package.order_ids
    if foreign := set(wanted) - set(package.order_ids):
        raise RefusalError(NOT_COMBINED, f"Wrong `order_ids`: package {package.id} holds nothing of {min(foreign)}.")
    orders = [order for order, _ in contents_of(call.shop, package) if order.id in wanted]
    after = uncombine(call.world, call.shop, package, orders, call.now)
    return {"packages": [{"id": each.id, "order_ids": each.order_ids} for each in after]}


def _split_objection(shop: Shop, order: Order) -> RefusalError | None:
    """Why an order cannot be split, or None."""
    waiting = [line for line in order.lines if can_be_shipped(order, line)]
    if not waiting:
        return RefusalError(NOT_WAITING, f"Order {order.id} is {order.status}; nothing of it waits to be shipped.")
    if pending_cancellation(shop, order) is not None:
        return RefusalError(NOT_SPLITTABLE, f"The buyer wants order {order.id} cancelled; answer that first.")
    if any(package.is_combined for package in packages_of(shop, order)):
        return RefusalError(NOT_SPLITTABLE, f"Order {order.id} is combined with others; take it out first.")
    parts = waiting if _can_part_units(shop) else list({line.sku_id for line in waiting})
    if len(parts) < 2:
        return RefusalError(NOT_SPLITTABLE, f"Order {order.id} has nothing to split: one unit, or units of one SKU.")
    return None


def _can_part_units(shop: Shop) -> bool:
    """Whether units of one SKU may travel apart."""
    by_sku = GROUPS["SEA"] | {"BR"} | ({"MX"} if shop.seller_type == "LOCAL" else set[str]())
    return shop.region not in by_sku


def _group(order: Order, line_ids: Sequence[str]) -> list[LineItem]:
    lines = order.select(list(line_ids))
    if not lines or len(lines) < len(line_ids):
        raise RefusalError(
            NOT_SPLITTABLE, f"Wrong `order_line_item_ids`: each group takes some lines of order {order.id}, each once."
        )
    for line in lines:
        if not can_be_shipped(order, line):
            raise RefusalError(NOT_WAITING, f"Line item {line.id} is {line.status} and cannot be moved.")
    return lines


def _check_groups(shop: Shop, order: Order, groups: Sequence[Sequence[LineItem]]) -> None:
    chosen = [line.id for lines in groups for line in lines]
    if not chosen or len(chosen) > len(set(chosen)):
        raise RefusalError(NOT_SPLITTABLE, "Wrong `splittable_groups`: one or more groups that share no line.")
    waiting = [line for line in order.lines if can_be_shipped(order, line)]
    if len(groups) == 1 and len(chosen) == len(waiting):
        raise RefusalError(NOT_SPLITTABLE, "Wrong `splittable_groups`: one group of everything is no split.")
    if _can_part_units(shop):
        return
    for lines in groups:
        skus = {line.sku_id for line in lines}
        if len(lines) < sum(line.sku_id in skus for line in waiting):
            raise RefusalError(
                NOT_SPLITTABLE, f"Wrong `splittable_groups`: in {shop.region} all units of a SKU stay together."
            )


def combinable_groups(shop: Shop) -> dict[str, list[Order]]:
    """Orders that wait for shipment and go to the same buyer and place the same way, by the id of their package."""
    groups: dict[tuple[object, ...], list[Package]] = {}
    for package in shop.packages:
        if package.status != "TO_FULFILL" or package.is_combined:
            continue
        order = shop.orders[package.order_ids[0]]
        is_whole = all(line.is_cancelled or line.id in package.line_ids for line in order.lines)
        if is_whole and pending_cancellation(shop, order) is None:
            groups.setdefault((order.buyer, order.shipping_type, order.warehouse_id), []).append(package)
    return {
        _package_to_be(packages): [shop.orders[package.order_ids[0]] for package in packages]
        for packages in groups.values()
        if len(packages) > 1
    }


def _package_to_be(packages: Sequence[Package]) -> str:
    """An id that is set aside: it follows from the packages, which are used up when they are combined."""
    digest = zlib.crc32(",".join(package.id for package in packages).encode())
    return f"11619{digest:013d}"


def _orders_to_combine(shop: Shop, group_id: str, named: Sequence[str] | None) -> list[Order]:
    orders = combinable_groups(shop).get(group_id)
    if orders is None:
        raise RefusalError(NOT_YOUR_PACKAGE, f"No group of orders that can be combined has the id {group_id}.")
    chosen = [order for order in orders if order.id in named] if named else orders
    if len(chosen) < max(2, len(set(named or ()))):
        raise RefusalError(
            NOT_COMBINABLE, f"Wrong `order_ids`: two or more orders of group {group_id} are expected, and no others."
        )
    return chosen


def _render(package_id: str, orders: Sequence[Order]) -> dict[str, Any]:
    return {"id": package_id, "order_ids": [order.id for order in orders]}
