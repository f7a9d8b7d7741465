"""A year of a shop: buyers order, cancel and send back, the seller answers over the API, the books agree."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.sandbox.accountant import Accountant
from tests.sandbox.signed_calls import sign
from tests.sandbox.snapshot import snapshot
from tiktok_shop_async.sandbox.app import create_app
from tiktok_shop_async.sandbox.gate.rate import RateLimit
from tiktok_shop_async.sandbox.life.aftersales import pending_cancellation, request_cancellation
from tiktok_shop_async.sandbox.life.lifecycle import pay, place
from tiktok_shop_async.sandbox.made_up.picture import plain_png
from tiktok_shop_async.sandbox.made_up.seed import make_world, open_world
from tiktok_shop_async.sandbox.spec import bundled_spec
from tiktok_shop_async.sandbox.state.clock import DAY, HOUR, ManualClock
from tiktok_shop_async.sandbox.state.money import cents
from tiktok_shop_async.sandbox.state.rows import Buyer, LineItem, Order, Upload
from tiktok_shop_async.sandbox.state.storage import Storage

if TYPE_CHECKING:
    from pathlib import Path

    from tiktok_shop_async.sandbox.world import World

ORDERS = int(os.environ.get("TIKTOK_SHOP_SOAK_ORDERS", "400"))
LISTINGS = ORDERS // 10
DAYS = 365
START = 1_790_000_000
IN_TIME = 60
"""How many seconds of the processor the full year may take."""

PICTURE = "sandbox-year"
NOT_NOW = "seller_reject_apply_agreement_with_buyer"


class Seller:
    """Calls the API in this process, with nothing in between: one coroutine a request."""

    def __init__(self, world: World, clock: ManualClock) -> None:
        self.world, self.clock = world, clock
        self.shop = next(iter(world.shops))
        self._app = create_app(bundled_spec(), world, rate_limit=RateLimit(0))
        self._token = world.issue_token(lifetime=2 * 365 * DAY).id

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, **query: object) -> dict[str, Any]:
        """The data of an answer, which has to be a success."""
        content = b"" if body is None else json.dumps(body).encode()
        values = {
            "app_key": self.world.app_key,
            "timestamp": str(self.world.wall_now),
            "shop_cipher": self.shop.cipher,
            **{name: str(value) for name, value in query.items()},
        }
        values["sign"] = sign(self.world.app_secret, path, values, content)
        headers = [(b"content-type", b"application/json"), (b"x-tts-access-token", self._token.encode())]
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": urlencode(values).encode(),
            "headers": [(b"host", b"localhost"), *headers],
            "server": ("localhost", 80),
            "client": ("127.0.0.1", 1),
            "scheme": "http",
            "http_version": "1.1",
        }
        parts: list[bytes] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            parts.append(message.get("body", b""))

        self._runner().run(self._app(scope, receive, send))
        envelope = json.loads(b"".join(parts))
        assert envelope["code"] == 0, envelope
        data: dict[str, Any] = envelope["data"]
        return data

    _loop: asyncio.Runner | None = None

    def _runner(self) -> asyncio.Runner:
        if self._loop is None:
            self._loop = asyncio.Runner()
        return self._loop

    def close(self) -> None:
        """Ends the loop."""
        if self._loop is not None:
            self._loop.close()


class Year:
    """Who does what on which day. Everything follows from the seed."""

    def __init__(self, seller: Seller, seed: int) -> None:
        self._seller, self._world, self._shop = seller, seller.world, seller.shop
        self._chance = random.Random(seed)  # noqa: S311 - not a secret
        self._to_return: dict[int, list[str]] = {}
        self._tracking = 0

    def list_products(self) -> None:
        """The seller lists everything, with more in stock than will be sold."""
        self._world.uploads.put(
            Upload(id=PICTURE, content=plain_png(300, 300, (90, 90, 90)), media_type="image/png", details={})
        )
        self._world.save()
        for number in range(LISTINGS):
            price = f"{self._chance.randrange(500, 9_000) / 100:.2f}"
            body = {
                "title": f"Bowl number {number}",
                "description": "<p>A bowl.</p>",
                "category_id": "810101",
                "main_images": [{"uri": PICTURE}],
                "package_weight": {"value": "0.9", "unit": "KILOGRAM"},
                "skus": [
                    {
                        "seller_sku": f"BOWL-{number}",
                        "price": {"amount": price, "currency": self._shop.currency},
                        "inventory": [{"warehouse_id": self._shop.sales_warehouse.id, "quantity": 10_000}],
                    }
                ],
            }
            self._seller.call("POST", "/product/202309/products", body)
        self._skus = [(product, sku) for product in self._shop.products for sku in product.skus if sku.stock]

    def live(self, day: int, orders: int) -> None:
        """A day: buyers in the morning, the seller at noon."""
        for _ in range(orders):
            self._order(day)
        self._seller.clock.advance(12 * HOUR)
        self._world.catch_up()
        self._buyers_change_their_minds()
        self._answer_cancellations()
        self._ship()
        self._take_back(day)
        self._seller.clock.advance(12 * HOUR)
        self._world.catch_up()

    def _order(self, day: int) -> None:
        chance, shop, world = self._chance, self._shop, self._world
        lines: list[LineItem] = []
        for product, sku in chance.sample(self._skus, chance.choice((1, 1, 2, 3))):
            discount = cents(sku.price * Decimal(chance.choice(("0", "0.1", "0.25"))))
            platform = Decimal(chance.choice(("0.00", "0.00", "1.00")))
            lines += [
                LineItem(
                    id=world.ids.number("line"),
                    product_id=product.id,
                    product_name=product.title,
                    sku_id=sku.id,
                    sku_name=sku.name,
                    seller_sku=sku.seller_sku,
                    image_uri=PICTURE,
                    original_price=sku.price,
                    seller_discount=discount,
                    platform_discount=platform,
                    tax=cents((sku.price - discount - platform) * shop.tax_rate),
                )
                for _ in range(chance.choice((1, 1, 1, 2)))
            ]
        listed = Decimal(chance.choice(("0.00", "4.95", "6.95")))
        order = Order(
            id=world.ids.number("order"),
            buyer=Buyer(
                user_id=world.ids.number("user"),
                first_name="Ada",
                last_name="Marsh",
                phone="(+1)555-0142",
                street="1 Weir Road",
                unit="Unit 1",
                city="Larkfield",
                state="Ohio",
                postal_code="43998",
                region=shop.region,
            ),
            lines=lines,
            shipping_type=chance.choice(("TIKTOK", "TIKTOK", "SELLER")),
            warehouse_id=shop.sales_warehouse.id,
            create_time=world.now,
            update_time=world.now,
            shipping_list_price=listed,
            shipping_seller_discount=Decimal("0.00"),
            shipping_platform_discount=min(listed, Decimal(chance.choice(("0.00", "2.00")))),
            shipping_tax=cents(listed * shop.tax_rate),
            carrier_cost=Decimal("5.15"),
            tax_rate=shop.tax_rate,
        )
        with world.change():
            place(world, shop, order)
            if chance.random() < 0.97:
                pay(world, shop, order, world.now)
        if chance.random() < 0.08:
            self._to_return.setdefault(day + chance.randrange(6, 25), []).append(order.id)

    def _buyers_change_their_minds(self) -> None:
        waiting = self._seller.call(
            "POST", "/order/202309/orders/search", {"order_status": "AWAITING_SHIPMENT"}, page_size=100
        )
        for row in waiting["orders"]:
            order = self._shop.orders[row["id"]]
            if self._chance.random() < 0.05 and pending_cancellation(self._shop, order) is None:
                lines = order.lines[: self._chance.choice((1, len(order.lines)))]
                lines = [line for line in lines if not line.is_cancelled]
                with self._world.change():
                    request_cancellation(
                        self._world, self._shop, order, lines, self._world.now, role="BUYER", reason="late"
                    )

    def _answer_cancellations(self) -> None:
        wanted = {"cancel_status": ["CANCELLATION_REQUEST_PENDING"]}
        path = "/return_refund/202309/cancellations"
        for row in self._seller.call("POST", f"{path}/search", wanted, page_size=50)["cancellations"]:
            if self._chance.random() < 0.7:
                self._seller.call("POST", f"{path}/{row['cancel_id']}/approve", {})
            else:
                self._seller.call("POST", f"{path}/{row['cancel_id']}/reject", {"reject_reason": NOT_NOW})

    def _ship(self) -> None:
        waiting = {"package_status": "TO_FULFILL"}
        found = self._seller.call("POST", "/fulfillment/202309/packages/search", waiting, page_size=50)["packages"]
        packages: list[dict[str, Any]] = []
        for row in found:
            order = self._shop.orders[row["orders"][0]["id"]]
            self._tracking += 1
            own = {"tracking_number": f"OWN{self._tracking}", "shipping_provider_id": "7215600000000000202"}
            packages.append({"id": row["id"], **({"self_shipment": own} if order.shipping_type == "SELLER" else {})})
        for start in range(0, len(packages), 20):
            body = {"packages": packages[start : start + 20]}
            assert not self._seller.call("POST", "/fulfillment/202309/packages/ship", body).get("errors")

    def _take_back(self, day: int) -> None:
        for order_id in self._to_return.pop(day, ()):
            order = self._shop.orders[order_id]
            if order.status not in {"DELIVERED", "COMPLETED"} or order.lines[0].is_cancelled:
                continue
            kind = self._chance.choice(("REFUND", "RETURN_AND_REFUND"))
            line_ids = [line.id for line in order.lines if not line.is_cancelled]
            body = {
                "order_id": order_id,
                "return_type": kind,
                "return_reason": "ecom_order_delivered_refund_and_return_reason_damaged",
                "order_line_item_ids": line_ids[: self._chance.choice((1, len(line_ids)))],
            }
            path = "/return_refund/202309/returns"
            return_id = self._seller.call("POST", path, body)["return_id"]
            what = "REFUND" if kind == "REFUND" else "RETURN"
            fate = self._chance.random()
            if fate < 0.6:
                self._seller.call("POST", f"{path}/{return_id}/approve", {"decision": f"APPROVE_{what}"})
            elif fate < 0.8:
                offer = {"currency": self._shop.currency, "amount": "1.23"}
                decision = {"decision": "OFFER_PARTIAL_REFUND", "partial_refund": offer}
                self._seller.call("POST", f"{path}/{return_id}/approve", decision)
            else:
                refusal = {"decision": f"REJECT_{what}", "reject_reason": NOT_NOW}
                self._seller.call("POST", f"{path}/{return_id}/reject", refusal)
        arrived = {"return_status": ["BUYER_SHIPPED_ITEM"]}
        path = "/return_refund/202309/returns"
        for row in self._seller.call("POST", f"{path}/search", arrived, page_size=50)["return_orders"]:
            self._seller.call("POST", f"{path}/{row['return_id']}/approve", {"decision": "APPROVE_RECEIVED_PACKAGE"})


def test_a_year_of_a_shop_adds_up_to_the_cent(tmp_path: Path) -> None:
    """Kept in a file all the while, and found in it at the end as it is."""
    clock = ManualClock(START)
    world = make_world(clock, orders=0)
    world.keep_in(Storage(tmp_path / "state"))
    seller = Seller(world, clock)
    year = Year(seller, seed=1)
    started = time.process_time()
    year.list_products()
    placed = 0
    for day in range(DAYS):
        due = ORDERS * (day + 1) // DAYS
        year.live(day, due - placed)
        placed = due
    clock.advance(60 * DAY)
    accountant = Accountant(seller.call, has_payments=True)
    accountant.audit()
    for order_id in list(accountant.orders)[:: max(1, ORDERS // 300)]:
        accountant.check_variants(order_id)
    took = time.process_time() - started
    seller.close()

    statuses = [order["status"] for order in accountant.orders.values()]
    assert len(statuses) == ORDERS
    assert statuses.count("COMPLETED") > ORDERS * 0.85
    assert len(accountant.statements) > DAYS / 2
    assert sum(map(len, accountant.refunds.values())) > ORDERS / 50
    assert sum(map(len, accountant.cancellations.values())) > ORDERS / 50
    assert took < IN_TIME
    kept = snapshot(world)
    world.close()
    again = open_world(clock, state=tmp_path / "state")
    assert snapshot(again) == kept
    again.close()
