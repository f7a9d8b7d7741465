"""A seller who calls anything in any order, with sound values and with nonsense, while time goes by."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.books import Books
from tests.sandbox.conftest import make_caller
from tests.sandbox.snapshot import as_after_a_kill, snapshot
from tiktok_shop_async.sandbox.behaviour.aftersale_revisions import OFFER
from tiktok_shop_async.sandbox.behaviour.grouping import combinable_groups
from tiktok_shop_async.sandbox.life.aftersales import (
    APPROVALS,
    REJECTIONS,
    due_decision,
    pending_cancellation,
    refund_of,
    request_cancellation,
    request_return,
)
from tiktok_shop_async.sandbox.life.lifecycle import pay, place
from tiktok_shop_async.sandbox.made_up.assortment import RETURN_REASONS, SELLER_CANCEL_REASONS
from tiktok_shop_async.sandbox.registry import served
from tiktok_shop_async.sandbox.spec import bundled_spec
from tiktok_shop_async.sandbox.state.clock import DAY, HOUR
from tiktok_shop_async.sandbox.state.rows import LineItem, Order, Product
from tiktok_shop_async.sandbox.state.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.sandbox.conformance import Conformance
    from tests.sandbox.signed_calls import Answer, Caller
    from tiktok_shop_async.sandbox.spec import Operation, Schema

SPEC = bundled_spec()
OPERATIONS = [each for each in SPEC.operations if (each.method, each.path) in served() and not each.multipart]
READS = [each for each in OPERATIONS if each.method == "GET" or each.only_reads]
WRITES = [each for each in OPERATIONS if each not in READS]
NONSENSE: tuple[Any, ...] = (
    None, "", "0", "-1", "1e999", "NaN", "0.001", "\u0661", "a,b", "%2F",
    -1, 0, 2**63 - 1, 10**30, 0.5, True, [], [None], {},
)  # fmt: skip
WORDS = {
    "reject_reason": ("seller_reject_apply_product_has_been_packed",),
    "return_type": ("REFUND", "RETURN_AND_REFUND"),
    "currency": ("USD",),
    "amount": ("0.01", "1.00", "7.35", "25.00"),
    "refund_total": ("0.01", "1.00", "7.35"),
    "partial_refund_total": ("0.01", "1.00", "7.35"),
    "cancel_reason": SELLER_CANCEL_REASONS,
    "return_reason": RETURN_REASONS,
    "ship_type": ("1", "2", "3"),
    "delivery_option_id": ("7215600000000000101",),
    "address": ("https://a.example/hook",),
    "shipping_provider_id": ("7215600000000000202",),
    "category_id": ("810101", "820100"),
    "brand_id": ("7311200000000000001",),
    "save_mode": ("AS_DRAFT", "LISTING"),
    "sort_order": ("ASC", "DESC"),
    "sort_field": ("create_time", "update_time"),
}  # fmt: skip


FITTING = {
    "fulfillment": {"AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"},
    "cancellations": {"AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "UNPAID"},
    "returns": {"DELIVERED", "COMPLETED"},
}
"""Of which statuses an order is mostly drawn, by a word in the path of what is called."""

BOUGHT = (
    "product_id", "product_name", "sku_id", "sku_name", "seller_sku", "image_uri",
    "original_price", "seller_discount", "platform_discount", "tax",
)  # fmt: skip
AGREED = (
    "buyer", "shipping_type", "warehouse_id", "shipping_list_price", "shipping_seller_discount",
    "shipping_platform_discount", "shipping_tax", "carrier_cost", "tax_rate",
)  # fmt: skip


class RandomSeller:
    """Draws requests from the spec: values of the right type, mostly of rows that exist, and now and then nonsense."""

    def __init__(self, caller: Caller, seed: int) -> None:
        self._caller = caller
        self._chance = random.Random(seed)  # noqa: S311
        self._drawn = 0

    def order(self) -> None:
        """A buyer orders and pays, as someone did before."""
        world, shop = self._caller.world, self._caller.shop
        before = self._chance.choice(list(shop.orders))
        wanted = Counter(line.sku_id for line in before.lines)
        if any(
            found[1].stock.get(before.warehouse_id, 0) < wanted[sku_id]
            for sku_id in wanted
            if (found := shop.find_sku(sku_id))
        ):
            return
        lines = [
            LineItem(**{name: getattr(line, name) for name in BOUGHT}, id=world.ids.number("line"))
            for line in before.lines
        ]
        order = Order(
            **{name: getattr(before, name) for name in AGREED},
            id=world.ids.number("order"),
            lines=lines,
            create_time=world.now,
            update_time=world.now,
        )
        place(world, shop, order)
        pay(world, shop, order, world.now)

    def ask_to_cancel(self) -> None:
        """A buyer wants out of an order that is not shipped, in whole or in part."""
        shop, now = self._caller.shop, self._caller.world.now
        orders = [
            order
            for order in shop.orders
            if order.status in {"ON_HOLD", "AWAITING_SHIPMENT"} and pending_cancellation(shop, order) is None
        ]
        if orders:
            order = shop.orders[self._chance.choice(orders).id]
            left = [line for line in order.lines if not line.is_cancelled]
            lines = left[: self._chance.choice((1, len(left)))]
            request_cancellation(self._caller.world, shop, order, lines, now, role="BUYER", reason="late")

    def ask_again(self) -> None:
        """A buyer wants something that was delivered once more."""
        shop, now = self._caller.shop, self._caller.world.now
        orders = [
            order for order in shop.orders if order.status == "DELIVERED" and not shop.returns.find("order", order.id)
        ]
        if orders:
            order = shop.orders[self._chance.choice(orders).id]
            lines = [line for line in order.lines if not line.is_cancelled][:1]
            refund = refund_of(order, lines, now)
            request_return(
                self._caller.world, shop, order, lines, now,
                return_type="REPLACEMENT", role="BUYER", reason="late", refund=refund,
            )  # fmt: skip

    def call(self) -> Answer:
        """One request to one of the operations."""
        shop, chance = self._caller.shop, self._chance
        operation = self._draw_operation()
        statuses = {order.status for order in shop.orders}
        fitting = next((names for word, names in FITTING.items() if word in operation.path), statuses) & statuses
        status = chance.choice(sorted(fitting if fitting and chance.random() < 0.8 else statuses))
        order = chance.choice([order for order in shop.orders if order.status == status])
        product = chance.choice(list(shop.products))
        lines = [line.id for line in order.lines]
        waiting = [chance.choice(rows)] if (rows := [row for row in shop.returns if due_decision(row)]) else []
        due = due_decision(waiting[0]) if waiting else None
        sku_ids = [sku.id for sku in product.skus]
        known: dict[str, list[Any]] = {
            "order_id": [order.id],
            "ids": [order.id],
            "order_line_item_ids": lines,
            "order_line_item_id": lines,
            "order_line_id": lines,
            "order_list_ids": [each.id for group in combinable_groups(shop).values() for each in group[:2]],
            "sku_id": [line.sku_id for line in order.lines],
            "product_id": [product.id],
            "product_ids": [product.id],
            "sku_ids": sku_ids,
            "order_ids": [order.id],
            "origin_id": lines,
            "id": self._ids_for(operation.path, product, order),
            "package_id": [line.package_id or "1" for line in order.lines],
            "uri": [image["uri"] for image in product.details.get("main_images", [])],
            "warehouse_id": [warehouse.id for warehouse in shop.warehouses],
            "return_id": [row.id for row in waiting],
            "cancel_id": [row.id for row in shop.cancellations if row.status == "CANCELLATION_REQUEST_PENDING"],
            "page_token": [""],
            **self._of_the_seller(),
            "statement_id": [row.id for row in shop.ledger.issued(self._caller.world.now)],
            "quantity": [1, 1, 2, 40],
            **{name: list(words) for name, words in WORDS.items()},
            "decision": self._decisions(operation.path, due or ""),
        }
        return self._send(operation, known)

    def _decisions(self, path: str, due: str) -> list[Any]:
        """What a seller can decide, with this revision's word for an offer in place of a refusal."""
        decisions = sorted((APPROVALS if path.endswith("approve") else REJECTIONS).get(due, ()))
        return [*decisions, OFFER] if "/202606/" in path else decisions

    def _ids_for(self, path: str, product: Product, order: Order) -> list[Any]:
        """What an `id` in the body is the id of."""
        if "product" in path:
            return [sku.id for sku in product.skus]
        if path.endswith("/combine"):
            return list(combinable_groups(self._caller.shop))
        return [order.id] if "external" in path else [line.package_id for line in order.lines]

    def _of_the_seller(self) -> dict[str, list[Any]]:
        """What belongs to no shop."""
        world = self._caller.world
        products = [each for each in world.global_products if each.status != "DELETED"]
        return {
            "global_product_id": [each.id for each in products],
            "global_product_ids": [each.id for each in products],
            "related_global_sku_id": [sku.id for each in products for sku in each.skus],
            "global_warehouse_id": [s.sales_warehouse.id for s in world.shops if s.seller_type == "CROSS_BORDER"],
            "region": ["GB", "TH"],
            "manufacturer_id": [each.id for each in world.manufacturers],
            "responsible_person_id": [each.id for each in world.responsible_persons],
        }

    def _draw_operation(self) -> Operation:
        """Writes more often than reads, and of every domain as often as of another."""
        operations = READS if self._chance.random() < 0.2 else WRITES
        domain = self._chance.choice(sorted({each.path.split("/")[1] for each in operations}))
        return self._chance.choice([each for each in operations if each.path.split("/")[1] == domain])

    def _send(self, operation: Operation, rows: Mapping[str, list[Any]]) -> Answer:
        path = operation.path
        for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
            path = path.replace(f"{{{name}}}", str(self._chance.choice(rows.get(name) or ["1"])))
        query: dict[str, object] = {}
        for name, parameter in operation.query.items():
            if parameter.required or self._chance.random() < 0.3:
                value = self._draw(name, parameter.schema, rows)
                query[name] = "" if value is None else value
        body = None if operation.body is None else self._draw_object(operation.body, rows)
        caller = self._caller if "shop_cipher" in operation.identifiers else self._caller.without_cipher()
        return caller.call(operation.method, path, query=query, body=body)

    def _draw(self, name: str, schema: Schema, rows: Mapping[str, list[Any]]) -> Any:
        schema, chance = SPEC.resolve(schema), self._chance
        if "enum" in schema:
            return chance.choice(rows.get(name) or schema["enum"])
        if schema.get("format") == "unix-seconds":
            return self._caller.world.now + chance.randrange(DAY)
        if chance.random() < 0.02:
            return chance.choice(NONSENSE)
        if schema["type"] == "object":
            return self._draw_object(schema, rows)
        if schema["type"] == "array":
            return [self._draw(name, schema["items"], rows) for _ in range(chance.choice((0, 1, 1, 1, 2)))]
        if known := rows.get(name):
            return chance.choice(known)
        if schema.get("format") == "decimal":
            return f"{chance.randrange(1, 3_000) / 100:.2f}"
        if schema["type"] == "integer":
            return chance.randrange(schema.get("minimum", 0), schema.get("maximum", 100) + 1)
        if schema["type"] == "boolean":
            return chance.random() < 0.5
        self._drawn += 1
        return f"text {self._drawn}"

    def _draw_object(self, schema: Schema, rows: Mapping[str, list[Any]]) -> dict[str, Any]:
        schema = SPEC.resolve(schema)
        required = schema.get("required", ())
        times = ("create_time", "update_time")
        return {
            name: self._draw(name, each, rows)
            for name, each in schema["properties"].items()
            if name in required or (not name.startswith(times) and self._chance.random() < 0.25)
        }


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_called_the_books_agree_and_the_file_too(
    conformance: Conformance, tmp_path: Path, seed: int
) -> None:
    """No call ends in an internal error, every success has the spec's shape, and a refusal changes nothing."""
    caller = make_caller(conformance, seed=seed, orders=30)
    caller.world.keep_in(Storage(tmp_path / "state"))
    seller, books, chance = RandomSeller(caller, seed), Books(caller.shop), random.Random(seed)  # noqa: S311
    for turn in range(200):
        caller.clock.advance(chance.choice((0, 0, 60, HOUR, 4 * HOUR, 12 * HOUR)))
        now = caller.world.catch_up()
        if chance.random() < 0.2:
            seller.order()
        if chance.random() < 0.05:
            seller.ask_to_cancel()
        if chance.random() < 0.05:
            seller.ask_again()
        caller.world.save()
        before = snapshot(caller.world)
        answer = seller.call()
        assert answer.status != 500, answer.message
        if answer.code != 0:
            assert snapshot(caller.world) == before, answer.message
        books.check(now)
        if turn % 10 == 0:
            again = as_after_a_kill(tmp_path / "state", caller.clock, tmp_path / f"copy {turn}")
            assert snapshot(again) == snapshot(caller.world), answer
            again.close()

    caller.clock.advance(90 * DAY)
    books.check(caller.world.catch_up())
    waiting = {request.order_id for request in caller.shop.returns if request.is_open}
    for order in caller.shop.orders:
        is_left_by_the_seller = order.status in {"AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"}
        assert order.status in {"COMPLETED", "CANCELLED"} or is_left_by_the_seller or order.id in waiting, order.id
