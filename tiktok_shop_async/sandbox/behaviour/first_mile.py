"""Bundles: many packages on one way to TikTok's warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.behaviour.fulfillment import label_id
from tiktok_shop_async.sandbox.behaviour.orders import NOT_YOUR_ORDER
from tiktok_shop_async.sandbox.behaviour.uploads import file_url
from tiktok_shop_async.sandbox.life.carriers import PROVIDERS
from tiktok_shop_async.sandbox.life.lifecycle import packages_of
from tiktok_shop_async.sandbox.made_up.label import label_pdf
from tiktok_shop_async.sandbox.refusal import BAD_REQUEST, RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.rows import Order, Upload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.world import Shop

DISTRICTS = (frozenset({"PH", "SG", "MY", "VN", "TH", "JP"}), frozenset({"DE", "FR", "IT", "ES"}))
"""Orders of one bundle are all of markets of one of these groups."""

NOT_SHIPPED = 21011004


@serves("POST", "/fulfillment/202510/first_mile_bundle")
def create_bundle(call: Call) -> Data:
    """A bundle of orders of one shop. What fails is listed; the rest is in the bundle."""
    return _bundle(call, [call.shop])


@serves("POST", "/fulfillment/202407/bundles")
def create_bundle_of_any_shop(call: Call) -> Data:
    """The same with orders of any shop that the token opens."""
    return _bundle(call, [shop for shop in call.world.shops if shop.id in call.token.shop_ids])


def _bundle(call: Call, shops: Sequence[Shop]) -> Data:
    if call.body["handover_method"] == "DROP_OFF":
        _check_carrier(call.body)
    taken: list[tuple[Shop, Order]] = []
    errors: list[dict[str, Any]] = []
    for order_id in dict.fromkeys(call.body["order_ids"]):
        try:
            taken.append(_take(call, shops, order_id, taken))
        except RefusalError as refusal:
            errors.append({"code": refusal.code, "message": refusal.message, "detail": {"order_id": order_id}})
    if not taken:
        return {"errors": errors}
    bundle_id = call.world.ids.number("package")
    for _, order in taken:
        order.bundle_id = bundle_id
    document_id = f"bundle-{bundle_id}.pdf"
    content = label_pdf(["First-mile bundle", bundle_id, f"{len(taken)} orders"])
    call.world.uploads.put(Upload(id=document_id, content=content, media_type="application/pdf"))
    data: Data = {"first_mile_bundle_id": bundle_id, "url": file_url(call, document_id)}
    return {**data, "errors": errors} if errors else data


def _check_carrier(body: dict[str, Any]) -> None:
    for name in ("shipping_provider_id", "tracking_number", "phone_tail_number"):
        if not body.get(name):
            raise RefusalError(BAD_REQUEST, f"Missing `{name}`: DROP_OFF needs it.", 400)
    if body["shipping_provider_id"] not in PROVIDERS:
        raise RefusalError(BAD_REQUEST, "Unknown `shipping_provider_id`.", 400)


def _take(call: Call, shops: Sequence[Shop], order_id: str, taken: Sequence[tuple[Shop, Order]]) -> tuple[Shop, Order]:
    shop = next((shop for shop in shops if order_id in shop.orders), None)
    if shop is None:
        raise RefusalError(NOT_YOUR_ORDER, f"Order {order_id} is not one of this seller.")
    district = next((group for group in DISTRICTS if shop.region in group), frozenset[str]())
    if shop.region not in district or any(other.region not in district for other, _ in taken):
        raise RefusalError(BAD_REQUEST, f"Order {order_id} is of {shop.region}, which does not go with the others.")
    order = shop.orders[order_id]
    packages = [package for package in packages_of(shop, order) if package.status == "PROCESSING"]
    if order.status != "AWAITING_COLLECTION" or any(label_id(each) not in call.world.uploads for each in packages):
        raise RefusalError(
            NOT_SHIPPED, f"Order {order.id} is not shipped with its label printed, or collected already."
        )
    if order.bundle_id is not None:
        raise RefusalError(NOT_SHIPPED, f"Order {order.id} is in bundle {order.bundle_id}.")
    return shop, order
