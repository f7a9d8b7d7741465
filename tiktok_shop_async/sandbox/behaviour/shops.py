"""Authorized shops, the seller's own view of them, and where a shop's notifications go."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tiktok_shop_async.sandbox.gate.category_assets import category_assets
from tiktok_shop_async.sandbox.refusal import BAD_REQUEST, RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.sending.notifications import subscribable
from tiktok_shop_async.sandbox.sending.targets import UnsafeTargetError, parse_target
from tiktok_shop_async.sandbox.state.rows import Webhook

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.world import Shop


@serves("GET", "/authorization/202309/shops")
def get_authorized_shops(call: Call) -> Data:
    """The shops that the token opens, with their ciphers."""
    return {
        "shops": [
            {
                "id": shop.id,
                "name": shop.name,
                "region": shop.region,
                "seller_type": shop.seller_type,
                "cipher": shop.cipher,
                "code": shop.code,
            }
            for shop in _opened_shops(call)
        ]
    }


@serves("GET", "/authorization/202405/category_assets")
def get_authorized_category_assets(call: Call) -> Data:
    """The categories that the app may act for, with their ciphers."""
    return {
        "category_assets": [
            {
                "cipher": asset.cipher,
                "target_market": asset.market,
                "category": {"id": asset.category_id, "name": asset.category_name},
            }
            for asset in category_assets(call.world)
        ]
    }


@serves("GET", "/seller/202309/shops")
def get_active_shops(call: Call) -> Data:
    """The same shops, as the seller sees them."""
    return {"shops": [{"id": shop.id, "region": shop.region} for shop in _opened_shops(call)]}


@serves("GET", "/seller/202309/permissions")
def get_seller_permissions(_: Call) -> Data:
    """Sellers with a cross-border shop, and no others may ask, may manage global products."""
    return {"permissions": ["MANAGE_GLOBAL_PRODUCT"]}


@serves("GET", "/event/202309/webhooks")
def get_shop_webhooks(call: Call) -> Data:
    """The addresses that notifications of the shop go to, by type."""
    webhooks = call.shop.webhooks
    return {
        "webhooks": [
            {
                "event_type": webhook.id,
                "address": webhook.address,
                "create_time": webhook.create_time,
                "update_time": webhook.update_time,
            }
            for webhook in webhooks
        ],
        "total_count": len(webhooks),
    }


@serves("PUT", "/event/202309/webhooks")
def update_shop_webhook(call: Call) -> Data:
    """Sets the address for one type of notification; a new type is added."""
    event_type, address = str(call.body["event_type"]), str(call.body["address"])
    if event_type not in subscribable():
        raise RefusalError(
            BAD_REQUEST, f"Invalid `event_type`: no type that can be subscribed is called `{event_type}`.", 400
        )
    try:
        target = parse_target(address)
    except UnsafeTargetError as error:
        raise RefusalError(BAD_REQUEST, f"Invalid `address`: {error}.", 400) from error
    if target.netloc == urlsplit(call.base_url).netloc:
        raise RefusalError(BAD_REQUEST, "Invalid `address`: the sandbox does not notify itself.", 400)
    webhook = call.shop.webhooks.get(event_type)
    if webhook is None:
        webhook = Webhook(id=event_type, address=address, create_time=call.now, update_time=call.now)
        call.shop.webhooks.put(webhook)
    webhook.address = address
    webhook.update_time = call.now
    return {}


@serves("DELETE", "/event/202309/webhooks")
def delete_shop_webhook(call: Call) -> Data:
    """Stops one type of notification. Deleting what is not there is no error."""
    call.shop.webhooks.remove(str(call.body["event_type"]))
    return {}


def _opened_shops(call: Call) -> list[Shop]:
    return [shop for shop in call.world.shops if shop.id in call.token.shop_ids]
