"""Makes up a world: shops with listings and weeks of history, the same for a seed and a time.

The history is not drawn but lived: orders are placed, paid, shipped and returned through the same steps that the API
takes, at past times, so that every status, amount and statement follows from what happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tiktok_shop_async.sandbox.life.accounts import KINDS, Account, consent, exchange
from tiktok_shop_async.sandbox.life.aftersales import (
    approve,
    pending_cancellation,
    refund_of,
    refuse_by_shipping,
    request_cancellation,
    request_return,
    shipping_is_an_answer,
)
from tiktok_shop_async.sandbox.life.carriers import PLATFORM_PROVIDER, PROVIDERS
from tiktok_shop_async.sandbox.life.lifecycle import contents_of, packages_of, pay, place, ship
from tiktok_shop_async.sandbox.made_up.assortment import (
    ARTICLES,
    BRANCHES,
    CANCEL_REASONS,
    DIALLING_CODES,
    FIRST_NAMES,
    FLAGSHIPS,
    LAST_NAMES,
    MESSAGES,
    PRICE_LEVELS,
    RETURN_REASONS,
    STREETS,
    TOWNS,
    Article,
    Premises,
)
from tiktok_shop_async.sandbox.made_up.picture import plain_png
from tiktok_shop_async.sandbox.state.agenda import event
from tiktok_shop_async.sandbox.state.clock import DAY, HOUR, MINUTE, Clock
from tiktok_shop_async.sandbox.state.money import ZERO, cents
from tiktok_shop_async.sandbox.state.rows import Buyer, LineItem, Order, Product, Sku, Upload
from tiktok_shop_async.sandbox.state.storage import StateFileError, Storage
from tiktok_shop_async.sandbox.world import Shop, Warehouse, World

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence
    from pathlib import Path

HISTORY = 45 * DAY
PICTURE_SIDE = 600


@dataclass(frozen=True, slots=True)
class Scene:
    """An order as it is drawn, or as it is wanted: how long ago it came in and what became of it.

    `fate` is `unpaid`, `waits` (paid, and not shipped), `waits twice` (and another order of the same buyer with it),
    `cancels` (the buyer asks for that), `ships`, `returns`, or `asks back` (a return that no one has answered).
    """

    age: int
    fate: str
    shipping_type: str
    products: int = 1


SCENES = (
    Scene(2 * HOUR, "unpaid", "TIKTOK"),
    Scene(30 * MINUTE, "waits", "TIKTOK"),
    Scene(5 * HOUR, "waits", "TIKTOK"),
    Scene(6 * HOUR, "waits", "TIKTOK", products=2),
    Scene(7 * HOUR, "waits", "SELLER"),
    Scene(9 * HOUR, "cancels", "TIKTOK"),
    Scene(2 * DAY + 16 * HOUR, "ships", "SELLER"),
    Scene(7 * DAY, "ships", "TIKTOK", products=2),
    Scene(12 * DAY, "asks back", "TIKTOK"),
    Scene(35 * DAY, "returns", "TIKTOK"),
    Scene(8 * HOUR, "waits twice", "TIKTOK"),
)
"""What is there to work with whatever the seed is, as long as there are twice as many orders."""


def make_world(clock: Clock, *, seed: int = 1, orders: int = 1200) -> World:
    """Builds a world.

    Args:
        clock: where its time comes from; the history ends at the current moment.
        seed: everything that is drawn follows from it.
        orders: how many orders the first shop has; the second has a twentieth of it, the others a dozen at most.
    """
    world = World(clock, seed)
    first, second = [_open_shop(world, premises) for premises in FLAGSHIPS]
    _fill(world, [(first, orders), (second, orders // 20)], ARTICLES)
    few = min(orders // 10, 12)
    _fill(world, [(_open_shop(world, premises), few) for premises in BRANCHES], ARTICLES[::3])
    _open_accounts(world, first.region)
    world.save()
    return world


def _fill(world: World, shops: Sequence[tuple[Shop, int]], articles: Sequence[Article]) -> None:
    """Lists articles in shops, and plays a history of so many orders in each."""
    now = world.now
    for shop, _ in shops:
        world.add_shop(shop)
        for article in articles:
            shop.products.put(_list_product(world, shop, article, now - HISTORY - 30 * DAY))
    for shop, count in shops:
        wanted = SCENES[: count // 2]
        wanted_orders = len(wanted) + sum(scene.fate == "waits twice" for scene in wanted)
        drawn = [_draw_scene(world) for _ in range(count - wanted_orders)]
        for scene in sorted((*wanted, *drawn), key=lambda scene: -scene.age):
            facts = (scene.fate, scene.shipping_type, str(scene.products), str(now))
            world.agenda.add(now - scene.age, "order", shop.id, *facts)
    world.agenda.run(world, now)
    for shop, _ in shops:
        _restock(world, shop)


def open_world(clock: Clock, *, state: str | Path | None = None, seed: int = 1, orders: int = 1200) -> World:
    """The world that a file keeps, or a new one.

    Args:
        clock: where its time comes from.
        state: the file, which is begun when it does not exist; None keeps the world in memory only.
        seed: what a new world follows from.
        orders: how many orders the first shop of a new world has.

    Raises:
        StateFileError: the file cannot be used.
    """
    if state is None:
        return make_world(clock, seed=seed, orders=orders)
    storage = Storage(state)
    try:
        if not storage.is_new:
            return World.load(storage, clock)
        world = make_world(clock, seed=seed, orders=orders)
        world.keep_in(storage)
    except (msgspec.MsgspecError, LookupError) as error:
        storage.close()
        raise StateFileError(
            f"{storage.path} holds what this version of the sandbox does not understand ({error}): "
            "start with another file, or run the version that wrote this one."
        ) from error
    except BaseException:
        storage.close()
        raise
    return world


def _open_accounts(world: World, region: str) -> None:
    """A seller with all the shops, who has authorised the app; a creator and a partner, who have not."""
    names = ("Larkfield Trading", "Wren at Home", "Tollgate Partners")
    shops: tuple[list[str], ...] = ([shop.id for shop in world.shops], [], [])
    for kind, name, shop_ids in zip(KINDS, names, shops, strict=True):
        open_id = world.ids.token("", 34)
        world.accounts.put(Account(id=open_id, kind=kind, name=name, region=region, shop_ids=shop_ids))
    seller = world.accounts[next(iter(world.accounts)).id]
    exchange(world, consent(world, seller).id)


def _draw_scene(world: World) -> Scene:
    chance = world.random
    return Scene(
        age=chance.randrange(HISTORY),
        fate=chance.choices(("unpaid", "cancels", "ships", "returns"), (3, 3, 88, 6))[0],
        shipping_type=chance.choices(("TIKTOK", "SELLER"), (4, 1))[0],
        products=chance.choices((1, 2, 3), (70, 22, 8))[0],
    )


def _open_shop(world: World, premises: Premises) -> Shop:
    region = premises.region
    types = ("SALES_WAREHOUSE", "RETURN_WAREHOUSE")
    return Shop(
        id=world.ids.number("shop"),
        name=premises.name,
        region=region,
        seller_type=premises.seller_type,
        cipher=world.ids.token(premises.prefix, 32),
        code=world.ids.token(region + "LC", 8).upper(),
        currency=premises.currency,
        tax_rate=premises.tax_rate,
        warehouses=[
            Warehouse(
                id=world.ids.number("warehouse"),
                name=title,
                type=kind,
                street=street,
                city=title.partition(" ")[0],
                state=state,
                postal_code=postal_code,
                region=region,
                is_default=True,
            )
            for kind, (title, street, state, postal_code) in zip(types, premises.warehouses, strict=True)
        ],
    )


def _list_product(world: World, shop: Shop, article: Article, at: int) -> Product:
    uri = f"sandbox-{world.ids.hexadecimal(24)}"
    colour = (world.random.randrange(256), world.random.randrange(256), world.random.randrange(256))
    picture = plain_png(PICTURE_SIDE, PICTURE_SIDE, colour)
    sides = {"width": PICTURE_SIDE, "height": PICTURE_SIDE}
    world.uploads.put(Upload(id=uri, content=picture, media_type="image/png", details=sides))
    attribute_id = world.ids.number("sku")
    price = article.price * _price_level(shop)
    skus = [
        Sku(
            id=world.ids.number("sku"),
            seller_sku=f"{article.title[:3].upper()}-{option[:4].upper().replace(' ', '')}-{number}",
            price=price + cents(price * Decimal("0.15") * number),
            stock={shop.sales_warehouse.id: 0},
            attributes=[
                {
                    "id": attribute_id,
                    "name": article.choice,
                    "value_id": world.ids.number("sku"),
                    "value_name": option,
                }
            ],
        )
        for number, option in enumerate(article.options)
    ]
    listed = at + world.random.randrange(0, 20 * DAY)
    return Product(
        id=world.ids.number("product"),
        title=article.title,
        status=world.random.choices(("ACTIVATE", "SELLER_DEACTIVATED", "DRAFT"), (18, 1, 1))[0],
        skus=skus,
        create_time=listed,
        update_time=listed,
        details={
            "description": f"<p>{article.title}.</p>",
            "category_id": article.category_id,
            "brand_id": article.brand_id,
            "main_images": [{"uri": uri}],
            "package_weight": {"value": "0.68", "unit": "KILOGRAM"},
            "package_dimensions": {"length": "30", "width": "22", "height": "12", "unit": "CENTIMETER"},
        },
    )


def _restock(world: World, shop: Shop) -> None:
    """However much was sold in the past, there is enough of everything now."""
    for product in [shop.products[each.id] for each in shop.products]:
        for sku in product.skus:
            sku.stock[shop.sales_warehouse.id] = world.random.randrange(400, 900)


@event("order")
def _order(
    world: World, at: int, shop_id: str, fate: str, shipping_type: str, products: str, end_of_history: str
) -> None:
    """A buyer orders, and what this buyer and the seller do about it is put on the agenda."""
    shop, chance, end = world.shops[shop_id], world.random, int(end_of_history)
    order = draw_order(world, shop, at, shipping_type=shipping_type, products=int(products))
    place(world, shop, order)
    if fate == "waits twice":
        another = draw_order(world, shop, at, shipping_type=shipping_type)
        another.buyer = order.buyer
        place(world, shop, another)
        world.agenda.add(at + MINUTE, "pay", shop.id, another.id)
    if fate == "unpaid":
        return
    world.agenda.add(at + chance.randrange(MINUTE, 20 * MINUTE), "pay", shop.id, order.id)
    if fate == "cancels":
        _plan(world, end, at + chance.randrange(2 * HOUR, 6 * HOUR), "ask to cancel", shop.id, order.id)
    elif fate not in {"waits", "waits twice"}:
        _plan(world, end, at + chance.randrange(8 * HOUR, 60 * HOUR), "ship", shop.id, order.id)
    if fate in {"returns", "asks back"}:
        _plan(world, end, at + chance.randrange(7 * DAY, 12 * DAY), "ask back", shop.id, order.id, fate, end_of_history)


def _plan(world: World, end: int, due: int, name: str, *about: str) -> None:
    """What sellers and buyers do by their own decision ends with the history: after it, that is the caller's part."""
    if due <= end:
        world.agenda.add(due, name, *about)


@event("pay")
def _pay(world: World, at: int, shop_id: str, order_id: str) -> None:
    shop = world.shops[shop_id]
    pay(world, shop, shop.orders[order_id], at)


@event("ask to cancel")
def _ask_to_cancel(world: World, at: int, shop_id: str, order_id: str) -> None:
    shop = world.shops[shop_id]
    order = shop.orders[order_id]
    reason = world.random.choice(CANCEL_REASONS)
    request_cancellation(world, shop, order, order.lines, at, role="BUYER", reason=reason)


@event("ship")
def _ship(world: World, at: int, shop_id: str, order_id: str) -> None:
    shop = world.shops[shop_id]
    order = shop.orders[order_id]
    if pending_cancellation(shop, order) is not None and not shipping_is_an_answer(shop):
        return
    by_seller = order.shipping_type == "SELLER"
    for package in packages_of(shop, order):
        if package.status != "TO_FULFILL":
            continue
        for each, lines in contents_of(shop, package):
            refuse_by_shipping(world, shop, each, lines, at)
        ship(
            world,
            shop,
            package,
            at,
            provider_id=world.random.choice(list(PROVIDERS)) if by_seller else PLATFORM_PROVIDER,
            tracking_number=f"{'BX' if by_seller else 'NW'}{world.ids.number('package')}",
            by_seller=by_seller,
        )


@event("ask back")
def _ask_back(world: World, at: int, shop_id: str, order_id: str, fate: str, end_of_history: str) -> None:
    shop, chance, end = world.shops[shop_id], world.random, int(end_of_history)
    order = shop.orders[order_id]
    lines = order.lines[:1]
    request = request_return(
        world,
        shop,
        order,
        lines,
        at,
        return_type=chance.choice(("REFUND", "RETURN_AND_REFUND")),
        role="BUYER",
        reason=chance.choice(RETURN_REASONS),
        refund=refund_of(order, lines, at),
    )
    if fate == "asks back":
        return
    decision = "APPROVE_REFUND" if request.type == "REFUND" else "APPROVE_RETURN"
    _plan(world, end, at + chance.randrange(4 * HOUR, 5 * DAY), "agree", shop.id, request.id, decision)
    if request.type == "RETURN_AND_REFUND":
        _plan(world, end, at + 9 * DAY, "agree", shop.id, request.id, "APPROVE_RECEIVED_PACKAGE")


@event("agree")
def _agree(world: World, at: int, shop_id: str, return_id: str, decision: str) -> None:
    shop = world.shops[shop_id]
    approve(world, shop, shop.returns[return_id], decision, at)


def draw_order(
    world: World,
    shop: Shop,
    at: int,
    *,
    shipping_type: str,
    products: int = 1,
    items: Sequence[tuple[Product, Sku, int]] = (),
    is_sample: bool | None = None,
) -> Order:
    """Makes up an order, which is still to be placed.

    Args:
        world: where chance and ids come from.
        shop: whose it is.
        at: when it comes in.
        shipping_type: `TIKTOK` or `SELLER`.
        products: of how many products it is.
        items: what is ordered, with the quantity of each; drawn when left out.
        is_sample: whether it is a sample, which costs nothing; drawn when left out.
    """
    chance = world.random
    if is_sample is None:
        is_sample = chance.random() < 0.01
    lines: list[LineItem] = []
    for product, sku, quantity in items or _draw_items(world, shop, products):
        lines += [_draw_line(world, shop, product, sku, is_sample) for _ in range(quantity)]
    level = _price_level(shop)
    shipping = Decimal(chance.choice(("4.95", "6.95", "8.95"))) * level
    platform = Decimal(chance.choice(("0.00", "0.00", "2.00"))) * level
    fee = shipping - platform
    return Order(
        id=world.ids.number("order"),
        buyer=_draw_buyer(world, shop.region),
        lines=lines,
        shipping_type=shipping_type,
        warehouse_id=shop.sales_warehouse.id,
        create_time=at,
        update_time=at,
        shipping_list_price=ZERO if is_sample else shipping,
        shipping_seller_discount=ZERO,
        shipping_platform_discount=ZERO if is_sample else platform,
        shipping_tax=ZERO if is_sample else cents(fee * shop.tax_rate),
        carrier_cost=Decimal(chance.choice(("5.10", "6.40", "7.85"))) * level if shipping_type == "TIKTOK" else ZERO,
        tax_rate=shop.tax_rate,
        is_sample=is_sample,
        buyer_message=chance.choice(MESSAGES),
    )


def _draw_items(world: World, shop: Shop, products: int) -> Iterator[tuple[Product, Sku, int]]:
    chance = world.random
    on_sale = [product for product in shop.products if product.status == "ACTIVATE"]
    for product in chance.sample(on_sale, products):
        yield product, chance.choice(product.skus), chance.choices((1, 2, 3), (80, 15, 5))[0]


def _draw_line(world: World, shop: Shop, product: Product, sku: Sku, is_sample: bool) -> LineItem:
    chance = world.random
    seller_discount = sku.price if is_sample else cents(sku.price * Decimal(chance.choice(("0", "0", "0.1", "0.2"))))
    platform_discount = ZERO if is_sample else Decimal(chance.choice(("0.00", "0.00", "1.00"))) * _price_level(shop)
    sale_price = sku.price - seller_discount - platform_discount
    return LineItem(
        id=world.ids.number("line"),
        product_id=product.id,
        product_name=product.title,
        sku_id=sku.id,
        sku_name=sku.name,
        seller_sku=sku.seller_sku,
        image_uri=product.details["main_images"][0]["uri"],
        original_price=sku.price,
        seller_discount=seller_discount,
        platform_discount=platform_discount,
        tax=cents(sale_price * shop.tax_rate),
    )


def _price_level(shop: Shop) -> Decimal:
    return PRICE_LEVELS.get(shop.currency, Decimal(1))


def _draw_buyer(world: World, region: str) -> Buyer:
    chance: random.Random = world.random
    city, state, postal_code = chance.choice(TOWNS[region])
    return Buyer(
        user_id=world.ids.number("user"),
        first_name=chance.choice(FIRST_NAMES),
        last_name=chance.choice(LAST_NAMES),
        phone=f"(+{DIALLING_CODES[region]})555-01{chance.randrange(10, 100)}",
        street=f"{chance.randrange(1, 400)} {chance.choice(STREETS)}",
        unit=f"Unit {chance.randrange(1, 40)}",
        city=city,
        state=state,
        postal_code=postal_code,
        region=region,
    )
