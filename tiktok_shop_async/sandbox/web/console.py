"""The web console under `/sandbox/`: shops, orders, accounts, what was received and what was sent, to look at.

It shows and does not act, but for one thing that people do on the live service's own pages as well: withdrawing an
authorisation. Whatever else is to be changed, the control API changes. No page shows a secret.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from tiktok_shop_async.sandbox.gate.signature import MASK, UNSIGNED
from tiktok_shop_async.sandbox.life.accounts import revoke
from tiktok_shop_async.sandbox.state.rows import DISPLAY_PROGRESS
from tiktok_shop_async.sandbox.web.consent import consent_link
from tiktok_shop_async.sandbox.web.pages import render

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request

    from tiktok_shop_async.sandbox.journal import Exchange, Journal
    from tiktok_shop_async.sandbox.state.rows import Order
    from tiktok_shop_async.sandbox.world import Shop, World

HOME = "/sandbox/"
PAGE_SIZE = 50
STATUSES = (
    *DISPLAY_PROGRESS[:1],
    "ON_HOLD",
    DISPLAY_PROGRESS[1],
    "PARTIALLY_SHIPPING",
    *DISPLAY_PROGRESS[2:],
    "CANCELLED",
)

SECTIONS = {
    "": "Overview",
    "shops": "Shops",
    "orders": "Orders",
    "requests": "Requests",
    "deliveries": "Deliveries",
    "accounts": "Accounts",
}

REQUEST_FILTERS: dict[str, tuple[str, Callable[[Exchange], bool]]] = {
    "all": ("all", lambda exchange: True),
    "failed": ("answered with an error", lambda exchange: exchange.code != 0),
    "signature": (
        "with a wrong signature", lambda exchange: exchange.signature is not None and not exchange.signature.valid,
    ),
    "ignored": ("with ignored fields", lambda exchange: bool(exchange.ignored)),
    "fault": ("with an injected fault", lambda exchange: exchange.fault is not None),
}  # fmt: skip


DELIVERY_STATES = ("waiting", "delivered", "given up")


def console_routes(world: World, journal: Journal) -> list[Route]:
    """The console's pages."""
    pages = _Console(world, journal)
    return [
        Route("/sandbox", pages.go_home, methods=["GET"]),
        Route(HOME, pages.overview, methods=["GET"]),
        Route(HOME + "shops", pages.shops, methods=["GET"]),
        Route(HOME + "orders", pages.orders, methods=["GET"]),
        Route(HOME + "orders/{order_id}", pages.order, methods=["GET"]),
        Route(HOME + "requests", pages.requests, methods=["GET"]),
        Route(HOME + "requests/{exchange_id:int}", pages.request, methods=["GET"]),
        Route(HOME + "deliveries", pages.deliveries, methods=["GET"]),
        Route(HOME + "deliveries/{delivery_id}", pages.delivery, methods=["GET"]),
        Route(HOME + "accounts", pages.accounts, methods=["GET"]),
        Route(HOME + "accounts", pages.withdraw, methods=["POST"]),
    ]


class _Console:
    def __init__(self, world: World, journal: Journal) -> None:
        self._world = world
        self._journal = journal
        self._form_key = secrets.token_urlsafe(32)

    async def go_home(self, request: Request) -> Response:
        """The address without its slash."""
        return RedirectResponse(HOME, 307)

    async def overview(self, request: Request) -> Response:
        """Where everything is, what time it is, and what went wrong lately."""
        exchanges = self._journal.all()
        failed = [exchange for exchange in reversed(exchanges) if exchange.code != 0]
        return self._render(
            "overview.html",
            "",
            base_url=str(request.base_url).rstrip("/"),
            world=self._world,
            orders=sum(len(shop.orders) for shop in self._world.shops),
            consent_links={kind: consent_link(self._world, kind) for kind in ("seller", "creator", "partner")},
            exchanges=len(exchanges),
            failures=len(failed),
            latest=failed[:5],
        )

    async def shops(self, request: Request) -> Response:
        """The shops and how much is in them."""
        return self._render("shops.html", "shops", shops=list(self._world.shops))

    async def orders(self, request: Request) -> Response:
        """Orders, the newest first."""
        wanted = {name: request.query_params.get(name, "").strip() for name in ("shop", "status", "search")}
        with self._world.lock:
            found = [
                (shop, order)
                for shop in self._world.shops
                if wanted["shop"] in {"", shop.id}
                for order in shop.orders
                if wanted["status"] in {"", order.status} and _fits(order, wanted["search"])
            ]
            found.sort(key=lambda pair: (pair[1].create_time, pair[1].id), reverse=True)
            return self._render(
                "orders.html",
                "orders",
                wanted=wanted,
                shops=list(self._world.shops),
                statuses=STATUSES,
                **_page(request, found, wanted),
            )

    async def order(self, request: Request) -> Response:
        """One order: what was bought, where it is, and what it came to."""
        with self._world.lock:
            found = self._find_order(request.path_params["order_id"])
            if found is None:
                return self._missing("orders", "No such order", "No shop of this sandbox has an order with this id.")
            shop, order = found
            return self._render(
                "order.html",
                "orders",
                shop=shop,
                order=order,
                packages=[package for package in shop.packages if order.id in package.order_ids],
                cancellations=[each for each in shop.cancellations if each.order_id == order.id],
                returns=[each for each in shop.returns if each.order_id == order.id],
            )

    async def requests(self, request: Request) -> Response:
        """What was received, the newest first."""
        wanted = {name: request.query_params.get(name, "").strip() for name in ("show", "path")}
        if wanted["show"] not in REQUEST_FILTERS:
            wanted["show"] = "all"
        fits = REQUEST_FILTERS[wanted["show"]][1]
        found = [each for each in reversed(self._journal.all()) if fits(each) and wanted["path"] in each.path]
        return self._render(
            "requests.html",
            "requests",
            wanted=wanted,
            filters={name: title for name, (title, _) in REQUEST_FILTERS.items()},
            shops={shop.id: shop for shop in self._world.shops},
            **_page(request, found, wanted),
        )

    async def request(self, request: Request) -> Response:
        """One exchange, and why it went as it did."""
        exchange = self._journal.get(request.path_params["exchange_id"])
        if exchange is None:
            return self._missing("requests", "No such request", "It was never received, or it is too long ago.")
        shown = exchange.to_dict()
        return self._render(
            "request.html",
            "requests",
            exchange=exchange,
            shown=shown,
            shop=self._world.shops.get(exchange.shop_id or ""),
            query=parse_qsl(shown["query"], keep_blank_values=True),
            pieces=_pieces(exchange),
            mask=MASK.decode(),
        )

    async def deliveries(self, request: Request) -> Response:
        """Notifications on their way and after, the newest first."""
        wanted = {name: request.query_params.get(name, "").strip() for name in ("state", "type")}
        found = [
            delivery
            for delivery in reversed(self._world.deliveries.log())
            if wanted["state"] in {"", delivery.state} and wanted["type"] in {"", delivery.event_type}
        ]
        return self._render(
            "deliveries.html",
            "deliveries",
            wanted=wanted,
            states=DELIVERY_STATES,
            types=sorted({delivery.event_type for delivery in self._world.deliveries.log()}),
            shops={shop.id: shop for shop in self._world.shops},
            **_page(request, found, wanted),
        )

    async def delivery(self, request: Request) -> Response:
        """One notification: what was sent, and what came of each attempt."""
        delivery = self._world.deliveries.get(request.path_params["delivery_id"])
        if delivery is None:
            text = "It was never sent, or it is too long ago."
            return self._missing("deliveries", "No such delivery", text)
        shop = self._world.shops.get(delivery.shop_id)
        return self._render("delivery.html", "deliveries", delivery=delivery, shop=shop)

    async def accounts(self, request: Request) -> Response:
        """Who can authorise the app, and who has."""
        now = self._world.wall_now
        accounts = [
            {
                "row": account,
                "shops": [self._world.shops[shop_id] for shop_id in sorted(account.grant.shop_ids)]
                if account.grant
                else [],
                "tokens": [
                    token for token in self._world.tokens if token.account_id == account.id and token.expires_at > now
                ],
                "link": consent_link(self._world, account.kind, account.id),
            }
            for account in self._world.accounts
        ]
        return self._render("accounts.html", "accounts", accounts=accounts, form_key=self._form_key)

    async def withdraw(self, request: Request) -> Response:
        """An account takes back what it granted."""
        form = await request.form()
        if not hmac.compare_digest(str(form.get("form_key", "")).encode(), self._form_key.encode()):
            return self._missing("accounts", "This form is not from here", "Open the page again.", status=403)
        with self._world.change():
            account = self._world.accounts.get(str(form.get("account", "")))
            if account is None:
                return self._missing("accounts", "No such account", "The sandbox has no account with this open id.")
            revoke(self._world, account)
        return RedirectResponse(HOME + "accounts", 303)

    def _find_order(self, order_id: str) -> tuple[Shop, Order] | None:
        for shop in self._world.shops:
            order = shop.orders.get(order_id)
            if order is not None:
                return shop, order
        return None

    def _missing(self, section: str, title: str, text: str, *, status: int = 404) -> Response:
        return self._render("missing.html", section, status=status, title=title, text=text)

    def _render(self, template: str, section: str, *, status: int = 200, **values: Any) -> Response:
        return render(template, status=status, home=HOME, sections=SECTIONS, section=section, **values)


def _fits(order: Order, text: str) -> bool:
    """Whether the order's id begins with a text, or its buyer's name has it."""
    return order.id.startswith(text) or text.lower() in f"{order.buyer.first_name} {order.buyer.last_name}".lower()


def _page(request: Request, found: Sequence[Any], wanted: dict[str, str]) -> dict[str, Any]:
    """The part of what was found that the request asks for, and how to get at the rest."""
    pages = max(1, -(-len(found) // PAGE_SIZE))
    given = request.query_params.get("page", "1")
    number = min(max(int(given), 1), pages) if given.isdecimal() and len(given) < 7 else 1
    query = {name: value for name, value in wanted.items() if value}
    return {
        "rows": found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE],
        "total": len(found),
        "number": number,
        "pages": pages,
        "newer": f"?{urlencode({**query, 'page': number - 1})}" if number > 1 else None,
        "older": f"?{urlencode({**query, 'page': number + 1})}" if number < pages else None,
    }


def _pieces(exchange: Exchange) -> list[tuple[str, str]]:
    """The string to sign, taken apart: what each part of it is, and the part. Together they are the whole."""
    if exchange.signature is None or exchange.signature.valid:
        return []
    given: dict[str, str] = {}
    for name, value in parse_qsl(exchange.query, keep_blank_values=True):
        given.setdefault(name, value)
    pieces = [("app secret", MASK.decode()), ("path", exchange.path)]
    pieces += [(name, name + value) for name, value in sorted(given.items()) if name not in UNSIGNED]
    rest = exchange.signature.text.removeprefix("".join(part for _, part in pieces))
    body = rest.removesuffix(MASK.decode())
    return [*pieces, *([("body", body)] if body else []), ("app secret", MASK.decode())]
