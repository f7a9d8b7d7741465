"""What tiktok-shop-api gets from the sandbox, `sync` or `async`: printed as JSON, step by step."""

import asyncio
import dataclasses
import inspect
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

from tiktok_shop_api import AsyncTikTokShop, AsyncTikTokShopAuth, TikTokShop, TikTokShopAuth, TikTokShopError
from tiktok_shop_api.generated import models
from tiktok_shop_api.generated._meta import OPERATIONS
from tiktok_shop_api.generated.types import File

FACTS = json.loads(Path(os.environ["FACTS_FILE"]).read_bytes())
PICTURE = Path(os.environ["PICTURE_FILE"]).read_bytes()

PLACEHOLDER = re.compile(r"\{\w+\}")


def model(name: str) -> Any:
    """A class of the client's models, or one of its enumerations."""
    return getattr(models, name)


def request(name: str, fields: dict[str, Any]) -> Any:
    """A body, as the client wants it."""
    return model(name + "Request").from_dict(fields)


class Steps:
    """Calls in a row, and what came of each."""

    def __init__(self) -> None:
        self.report: dict[str, dict[str, Any]] = {}

    async def take(self, name: str, call: Callable[[], Any]) -> dict[str, Any]:
        """Makes one call, of either client, and answers its data; nothing where it was refused."""
        try:
            answer = call()
            if inspect.isawaitable(answer):
                answer = await answer
        except TikTokShopError as error:
            self.report[name] = {"code": error.code, "message": error.message, "status": error.http_status}
            return {}
        data: dict[str, Any] = answer.data.to_dict() if answer.data else {}
        self.report[name] = {"code": answer.code, "data": data}
        return data


async def call_every_domain(steps: Steps, client: Any) -> None:
    await steps.take("authorization/shops", client.authorization.get_authorized_shops)
    await steps.take("seller/shops", client.seller.get_active_shops)
    await steps.take("seller/permissions", client.seller.get_global_product_permission)

    hook = {"address": "https://seller.test/hook", "event_type": "ORDER_STATUS_CHANGE"}
    await steps.take("event/update", lambda: client.event.update_shop_webhook(body=request("UpdateShopWebhook", hook)))
    await steps.take("event/list", client.event.get_shop_webhooks)
    gone = {"event_type": "ORDER_STATUS_CHANGE"}
    await steps.take(
        "event/delete", lambda: client.event.delete_webhook_for_an_event(body=request("DeleteWebhookForAnEvent", gone))
    )

    warehouse = FACTS["warehouse_id"]
    await steps.take("logistics/warehouses", client.logistics.get_warehouse_list)
    options = await steps.take("logistics/options", lambda: client.logistics.get_warehouse_delivery_options(warehouse))
    option = options["delivery_options"][0]["id"]
    await steps.take("logistics/providers", lambda: client.logistics.get_shipping_providers(option))

    one = FACTS["order_ids"][0]
    await steps.take("order/detail", lambda: client.orders.get_order_detail(ids=[one]))
    paid = request("GetOrderList", {"order_status": "AWAITING_SHIPMENT"})
    await steps.take("order/filtered", lambda: client.orders.get_order_list(page_size=20, body=paid))

    await call_fulfillment(steps, client.fulfillment, one)
    await call_products(steps, client.products)

    returns = client.return_and_refund
    pending = FACTS["return_id"]
    await steps.take("return_refund/reasons", lambda: returns.get_reject_reasons(return_or_cancel_id=pending))
    await steps.take("return_refund/cancellation", lambda: returns.approve_cancellation(FACTS["cancel_id"]))
    decision = request("ApproveReturn", {"decision": "APPROVE_RETURN"})
    await steps.take("return_refund/approve", lambda: returns.approve_return(pending, body=decision))
    await steps.take("return_refund/records", lambda: returns.get_return_records(pending))

    finance = client.finance
    found = await steps.take(
        "finance/statements", lambda: finance.get_statements(sort_field="statement_time", page_size=5)
    )
    statement = found["statements"][0]["id"]
    await steps.take(
        "finance/statement",
        lambda: finance.get_transactions_by_statement(statement, sort_field="order_create_time", page_size=10),
    )
    await steps.take("finance/order", lambda: finance.get_transactions_by_order(FACTS["completed_order_id"]))
    kinds = [model("GetSellerFinancialTransactionsTypesItem").WITHDRAW]
    asian = client.with_shop(shop_cipher=FACTS["asian_cipher"]).finance
    await steps.take("finance/withdrawals", lambda: asian.get_seller_financial_transactions(types=kinds))


async def call_fulfillment(steps: Steps, fulfillment: Any, order: str) -> None:
    package = FACTS["package_id"]
    await steps.take("fulfillment/search", lambda: fulfillment.search_package(page_size=10))
    await steps.take("fulfillment/package", lambda: fulfillment.get_package_detail(package))
    await steps.take(
        "fulfillment/ship",
        lambda: fulfillment.ship_package(package, body=request("ShipPackage", {"handover_method": "PICKUP"})),
    )
    await steps.take(
        "fulfillment/document",
        lambda: fulfillment.get_package_shipping_document(package, document_type="SHIPPING_LABEL"),
    )
    await steps.take("fulfillment/tracking", lambda: fulfillment.get_order_tracking(order))


async def call_products(steps: Steps, products: Any) -> None:
    await steps.take("product/categories", products.get_categories)
    await steps.take("product/brands", lambda: products.get_brands(page_size=100))
    await steps.take("product/search", lambda: products.search_products(page_size=10))
    await steps.take("product/detail", lambda: products.get_product(FACTS["product_id"]))
    of_one = request("InventorySearch", {"product_ids": [FACTS["product_id"]]})
    await steps.take("product/stock", lambda: products.inventory_search(body=of_one))
    upload = model("UploadProductImageRequest")(data=File(BytesIO(PICTURE), "lamp.png", "image/png"))
    picture = await steps.take("product/picture", lambda: products.upload_product_image(body=upload))
    listing = {
        "title": "Desk lamp with a paper shade",
        "description": "<p>Folds flat.</p>",
        "category_id": "820100",
        "main_images": [{"uri": picture["uri"]}],
        "package_weight": {"value": "0.7", "unit": "KILOGRAM"},
        "skus": [
            {
                "seller_sku": "LAMP-1",
                "price": {"amount": "24.90", "currency": "USD"},
                "inventory": [{"warehouse_id": FACTS["warehouse_id"], "quantity": 7}],
            }
        ],
    }
    made = await steps.take("product/create", lambda: products.create_product(body=request("CreateProduct", listing)))
    product, sku = made["product_id"], made["skus"][0]["id"]
    title = {"title": "Desk lamp, paper shade"}
    await steps.take(
        "product/edit", lambda: products.partial_edit_product(product, body=request("PartialEditProduct", title))
    )
    price = {"skus": [{"id": sku, "price": {"amount": "22.50", "currency": "USD"}}]}
    await steps.take("product/price", lambda: products.update_price(product, body=request("UpdatePrice", price)))
    stock = {"skus": [{"id": sku, "inventory": [{"warehouse_id": FACTS["warehouse_id"], "quantity": 3}]}]}
    changed = request("UpdateInventory", stock)
    await steps.take("product/quantity", lambda: products.update_inventory(product, body=changed))
    await steps.take("product/edited", lambda: products.get_product(product))
    ids = {"product_ids": [product]}
    for name in ("Deactivate", "Activate", "Delete", "Recover"):
        call = partial(getattr(products, f"{name.lower()}_products"), body=request(f"{name}Products", ids))
        await steps.take(f"product/{name.lower()}", call)


async def read_all_orders(steps: Steps, client: Any) -> None:
    rows: list[dict[str, Any]] = []
    further: dict[str, str] = {}
    for number in count():
        name = f"page/{number}"
        page = await steps.take(name, partial(client.orders.get_order_list, page_size=100, **further))
        rows += page["orders"]
        further = {"page_token": page.get("next_page_token", "")}
        if not further["page_token"]:
            break
    steps.report["orders"] = {"code": 0, "data": {"orders": rows}}


async def call_every_operation(steps: Steps, seller: Any, partner: Any) -> None:
    """Every operation that both sides have, with the least that it asks for."""
    known = {PLACEHOLDER.sub("{}", name): request for name, request in FACTS["requests"].items()}
    for operation in OPERATIONS:
        wanted = known.get(PLACEHOLDER.sub("{}", f"{operation['method'].upper()} {operation['path']}"))
        if wanted is not None:
            client = partner if wanted["token"] == "partner" else seller
            group = next(
                getattr(client, name) for name in dir(client) if name.replace("_", "") == operation["group"].lower()
            )
            method = next(name for name in dir(group) if name.replace("_", "") == operation["operationId"].lower())
            call = getattr(group, method)
            await steps.take(f"every/{method}", partial(call, **dict(arguments(call, wanted))))
            steps.report[f"every/{method}"].pop("data", None)


def arguments(call: Any, wanted: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a method cannot do without."""
    for name, parameter in inspect.signature(call).parameters.items():
        kind = str(parameter.annotation).removesuffix(" | Unset")
        if name == "body" and (wanted["body"] or parameter.default is inspect.Parameter.empty):
            yield name, body_of(kind, wanted)
        elif parameter.default is inspect.Parameter.empty:
            yield name, typed(kind, wanted["query"].get(name, "1"))


def typed(kind: str, value: Any) -> Any:
    if kind.startswith("list["):
        return [typed(kind[5:-1], item) for item in value]
    if kind == "datetime.date":
        return date(2026, 9, 1)
    return value if kind in {"str", "int"} else model(kind)(value)


def body_of(kind: str, wanted: dict[str, Any]) -> Any:
    files: list[str] = wanted["files"]
    body = model(kind).from_dict({**wanted["body"], **dict.fromkeys(files, PICTURE)})
    for name in files:
        part = getattr(body, name)
        part.file_name, part.mime_type = "lamp.png", "image/png"
    return body


async def authorize(steps: Steps, kind: Any, client: Any) -> None:
    """A code becomes a token, the token is renewed, and the new one works."""
    environ = os.environ
    auth = kind(
        environ["TIKTOK_SHOP_APP_KEY"], environ["TIKTOK_SHOP_APP_SECRET"], base_url=environ["TIKTOK_SHOP_AUTH_URL"]
    )
    first = auth.exchange_code(FACTS["auth_code"])
    first = await first if inspect.isawaitable(first) else first
    second = auth.refresh(first.refresh_token)
    second = await second if inspect.isawaitable(second) else second
    steps.report["oauth/exchange"] = {"code": 0, "data": dataclasses.asdict(first)}
    steps.report["oauth/refresh"] = {"code": 0, "data": dataclasses.asdict(second)}
    renewed = client.with_shop(access_token=second.access_token)
    await steps.take("oauth/shops", renewed.authorization.get_authorized_shops)


async def show_bugs(steps: Steps, client: Any) -> None:
    await steps.take("bug/two ids", lambda: client.orders.get_order_detail(ids=FACTS["order_ids"]))


async def call_with_a_changed_signature(steps: Steps, client: Any) -> None:
    await steps.take("tampered/get", client.authorization.get_authorized_shops)
    paid = request("GetOrderList", {"order_status": "AWAITING_SHIPMENT"})
    await steps.take("tampered/post", lambda: client.orders.get_order_list(page_size=20, body=paid))
    upload = model("UploadProductImageRequest")(data=File(BytesIO(PICTURE), "lamp.png", "image/png"))
    await steps.take("tampered/upload", lambda: client.products.upload_product_image(body=upload))


async def main(kind: type[AsyncTikTokShop] | type[TikTokShop]) -> None:
    environ = os.environ

    def client(base_url: str) -> Any:
        return kind(
            environ["TIKTOK_SHOP_APP_KEY"],
            environ["TIKTOK_SHOP_APP_SECRET"],
            access_token=environ["TIKTOK_SHOP_ACCESS_TOKEN"],
            shop_cipher=environ["TIKTOK_SHOP_SHOP_CIPHER"],
            base_url=base_url,
        )

    steps = Steps()
    ordinary = client(environ["TIKTOK_SHOP_BASE_URL"])
    await read_all_orders(steps, ordinary)
    await call_every_domain(steps, ordinary)
    partner = ordinary.with_shop(access_token=FACTS["partner_token"])
    shipment = request("ConfirmPackageShipment", FACTS["requests"]["POST /supply_chain/202309/packages/sync"]["body"])
    sync = partial(partner.supply_chain.confirm_package_shipment, body=shipment)
    await steps.take("supply_chain/sync", sync)
    if kind is AsyncTikTokShop:
        await call_every_operation(steps, ordinary, partner)
    await authorize(steps, AsyncTikTokShopAuth if kind is AsyncTikTokShop else TikTokShopAuth, ordinary)
    await show_bugs(steps, ordinary)
    await call_with_a_changed_signature(steps, client(environ["TAMPERED_URL"]))
    json.dump(steps.report, sys.stdout)


asyncio.run(main({"async": AsyncTikTokShop, "sync": TikTokShop}[sys.argv[1]]))
