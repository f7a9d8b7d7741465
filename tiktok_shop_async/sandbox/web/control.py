"""The control API under `/sandbox/control/`: what `stage` offers, over HTTP and as JSON.

Each endpoint is one entry of a table: method, path, the class that its body or query is read into, and what it does.
The OpenAPI document at `/sandbox/control/openapi.json` is made from the same table. Errors are `{"error": "…"}` with
400 for what makes no sense, 404 for what is not there and 409 for what cannot happen as things stand.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from tiktok_shop_async.sandbox.life.accounts import (
    Account,
    consent,
    expire_tokens,
    ready_token,
    revoke,
)
from tiktok_shop_async.sandbox.life.lifecycle import packages_of
from tiktok_shop_async.sandbox.sending.targets import parse_target
from tiktok_shop_async.sandbox.stage import NotNowError, Stage
from tiktok_shop_async.sandbox.web import asked
from tiktok_shop_async.sandbox.web.guard import CONTROL

if TYPE_CHECKING:
    from starlette.requests import Request

    from tiktok_shop_async.sandbox.state.rows import Order

METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH")

logger = logging.getLogger("tiktok_shop_async.sandbox")


Action: TypeAlias = Callable[[Stage, Any, str], Any]
"""Called with the stage, what the body or query was read into, and the value of the path's placeholder, if any."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One entry of the API. `reads` is what its body is read into, or its query where it only reads."""

    method: str
    path: str
    summary: str
    reads: type[msgspec.Struct]
    act: Action


def control_routes(stage: Stage, reset: Callable[[], None] | None = None) -> list[Route]:
    """The routes of the control API.

    Args:
        stage: what they act on.
        reset: makes the world anew; such a request is refused when left out.
    """

    async def answer(request: Request) -> Response:
        status, content = _answer(stage, reset, request, await request.body())
        return Response(content, status, media_type="application/json")

    return [Route(CONTROL + "{path:path}", answer, methods=list(METHODS))]


def describe_control() -> dict[str, Any]:
    """The API's OpenAPI document."""
    structs = list(dict.fromkeys(endpoint.reads for endpoint in ENDPOINTS))
    schemas, components = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    by_struct = dict(zip(structs, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        described: dict[str, Any] = {"summary": endpoint.summary, "responses": {"200": {"description": "Done."}}}
        names = [part[1:-1] for part in endpoint.path.split("/") if part.startswith("{")]
        parameters = [{"in": "path", "name": name, "required": True, "schema": {"type": "string"}} for name in names]
        if endpoint.method == "GET":
            properties = components[endpoint.reads.__name__].get("properties", {})
            parameters += [{"in": "query", "name": name, "schema": schema} for name, schema in properties.items()]
        elif endpoint.reads is not asked.Nothing:
            schema = by_struct[endpoint.reads]
            described["requestBody"] = {"content": {"application/json": {"schema": schema}}}
        if parameters:
            described["parameters"] = parameters
        paths.setdefault(CONTROL.rstrip("/") + endpoint.path, {})[endpoint.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Control of the sandbox", "version": "1"},
        "paths": paths,
        "components": {"schemas": components},
    }


def _answer(stage: Stage, reset: Callable[[], None] | None, request: Request, body: bytes) -> tuple[int, bytes]:
    try:
        return 200, msgspec.json.encode(_carry_out(stage, reset, request, body))
    except NotNowError as error:
        status, words = 409, str(error)
    except LookupError as error:
        status, words = 404, str(error.args[0])
    except (ValueError, RecursionError) as error:
        status, words = 400, str(error)
    except Exception:
        logger.exception("the sandbox failed on %s %s", request.method, request.url.path)
        status, words = 500, "the sandbox failed on this; its log says more"
    return status, msgspec.json.encode({"error": words})


def _carry_out(stage: Stage, reset: Callable[[], None] | None, request: Request, body: bytes) -> Any:
    path = "/" + request.path_params["path"]
    if path == "/reset" and request.method == "POST":
        if reset is None:
            raise NotNowError("this sandbox cannot be reset, because it is kept in a file or was put up by hand")
        msgspec.json.decode(body or b"{}", type=asked.Nothing)
        reset()
        return {}
    if path == "/openapi.json" and request.method == "GET":
        return describe_control()
    endpoint, value = _find(request.method, path)
    if request.method == "GET":
        given = msgspec.convert(dict(request.query_params), endpoint.reads, strict=False)
    else:
        given = msgspec.json.decode(body or b"{}", type=endpoint.reads)
    return endpoint.act(stage, given, value)


def _find(method: str, path: str) -> tuple[Endpoint, str]:
    allowed: list[str] = []
    for endpoint in ENDPOINTS:
        before, placeholder, after = endpoint.path.partition("{id}")
        value = path.removeprefix(before).removesuffix(after)
        fits = path == before + value + after and bool(value) and "/" not in value if placeholder else path == before
        if fits and endpoint.method == method:
            return endpoint, value
        if fits:
            allowed.append(endpoint.method)
    if allowed:
        raise LookupError(f"{CONTROL[:-1]}{path} takes {', '.join(allowed)}, not {method}")
    raise LookupError(f"there is no {CONTROL[:-1]}{path}; {CONTROL}openapi.json lists what there is")


def _facts(stage: Stage, _given: asked.Nothing, _: str) -> dict[str, Any]:
    world = stage.world
    with world.lock:
        ready = ready_token(world)
        return {
            "app_key": world.app_key,
            "app_secret": world.app_secret,
            "service_id": world.service_id,
            "access_token": None if ready is None else ready.id,
            "clock": _show_clock(stage),
            "shops": [
                {
                    "id": shop.id,
                    "name": shop.name,
                    "region": shop.region,
                    "seller_type": shop.seller_type,
                    "cipher": shop.cipher,
                    "orders": len(shop.orders),
                    "products": len(shop.products),
                }
                for shop in world.shops
            ],
        }


def _show_clock(stage: Stage) -> dict[str, Any]:
    return {"now": stage.world.now, "callers_now": stage.world.wall_now, "factor": stage.clock.factor}


def _read_clock(stage: Stage, _given: asked.Nothing, _: str) -> dict[str, Any]:
    return _show_clock(stage)


def _move_clock(stage: Stage, given: asked.ClockMove, _: str) -> dict[str, Any]:
    if given.set is not None and given.advance is not None:
        raise ValueError("give either the seconds to advance or the time to set")
    with stage.world.change():
        # The move comes first: it may be refused, and the pace then stays what it is.
        if given.set is not None:
            stage.clock.set(given.set)
        stage.advance(given.advance or 0)
        if given.factor is not None:
            stage.clock.run(given.factor)
    return _show_clock(stage)


def _show_order(stage: Stage, order: Order) -> dict[str, Any]:
    shop = next(shop for shop in stage.world.shops if shop.orders.get(order.id) is not None)
    return {
        "id": order.id,
        "shop_id": shop.id,
        "status": order.status,
        "create_time": order.create_time,
        "update_time": order.update_time,
        "total_amount": str(order.total_amount),
        "currency": shop.currency,
        "is_sample": order.is_sample,
        "line_items": [
            {"id": line.id, "sku_id": line.sku_id, "status": line.status, "package_id": line.package_id}
            for line in order.lines
        ],
        "packages": [{"id": package.id, "status": package.status} for package in packages_of(shop, order)],
    }


def _list_orders(stage: Stage, given: asked.OrderFilter, _: str) -> dict[str, Any]:
    with stage.world.lock:
        found = [
            order
            for shop in stage.world.shops
            if given.shop_id in {None, shop.id}
            for order in shop.orders
            if given.status in {None, order.status}
        ]
        newest = sorted(found, key=lambda order: (order.create_time, order.id), reverse=True)[: given.limit]
        return {"total": len(found), "orders": [_show_order(stage, order) for order in newest]}


def _read_order(stage: Stage, _given: asked.Nothing, order_id: str) -> dict[str, Any]:
    with stage.world.lock:
        return _show_order(stage, stage.order(order_id))


def _create_orders(stage: Stage, given: asked.NewOrders, _: str) -> dict[str, Any]:
    wanted = {name: getattr(given, name) for name in given.__struct_fields__}
    wanted["items"] = [(item.sku_id, item.quantity) for item in given.items]
    with stage.world.change():
        orders = stage.create_orders(**wanted)
        return {"orders": [_show_order(stage, order) for order in orders]}


def _step_order(stage: Stage, given: asked.OrderStep, order_id: str) -> dict[str, Any]:
    if (given.step is None) is (given.to is None):
        raise ValueError("give either a step or the status that the order is to get to")
    with stage.world.change():
        if given.to is not None:
            return _show_order(stage, stage.move_order(order_id, given.to))
        return _show_order(stage, stage.step_order(order_id, given.step or ""))


def _cancel_order(stage: Stage, given: asked.NewCancellation, order_id: str) -> dict[str, Any]:
    with stage.world.change():
        cancellation = stage.request_cancellation(order_id, given.reason)
        order = _show_order(stage, stage.order(order_id))
        shown = cancellation and {"id": cancellation.id, "status": cancellation.status}
        return {"order": order, "cancellation": shown}


def _return_order(stage: Stage, given: asked.NewReturn, order_id: str) -> dict[str, Any]:
    request = stage.request_return(order_id, line_ids=given.line_ids, type=given.type, reason=given.reason)
    return {"id": request.id, "status": request.status, "order_id": request.order_id, "line_ids": request.line_ids}


def _step_package(stage: Stage, given: asked.Step, package_id: str) -> dict[str, Any]:
    package = stage.step_package(package_id, given.step)
    return {"id": package.id, "status": package.status, "order_ids": package.order_ids}


def _step_return(stage: Stage, given: asked.Step, return_id: str) -> dict[str, Any]:
    request = stage.step_return(return_id, given.step)
    return {"id": request.id, "status": request.status, "order_id": request.order_id}


def _audit_product(stage: Stage, given: asked.Audit, product_id: str) -> dict[str, Any]:
    product = stage.audit_product(product_id, passed=given.passed, reason=given.reason)
    return {"id": product.id, "status": product.status}


def _list_faults(stage: Stage, _given: asked.Nothing, _: str) -> dict[str, Any]:
    return {"faults": [fault.to_dict() for fault in stage.faults.all()]}


def _add_fault(stage: Stage, given: asked.NewFault, _: str) -> dict[str, Any]:
    rule = {name: getattr(given, name) for name in given.__struct_fields__}
    return stage.inject(**rule).to_dict()


def _clear_faults(stage: Stage, _given: asked.Nothing, _: str) -> dict[str, Any]:
    stage.faults.clear()
    return {}


def _remove_fault(stage: Stage, _given: asked.Nothing, fault_id: str) -> dict[str, Any]:
    if not fault_id.isdecimal() or not stage.faults.remove(int(fault_id)):
        raise LookupError(f"there is no fault {fault_id}")
    return {}


def _list_requests(stage: Stage, given: asked.RequestFilter, _: str) -> dict[str, Any]:
    filters = {name: getattr(given, name) for name in given.__struct_fields__ if name != "limit"}
    found = stage.requests(**filters)
    return {"total": len(found), "requests": [exchange.to_dict() for exchange in found[-given.limit :]]}


def _read_request(stage: Stage, _given: asked.Nothing, number: str) -> dict[str, Any]:
    exchange = stage.journal.get(int(number)) if number.isdecimal() else None
    if exchange is None:
        raise LookupError(f"there is no request {number}, or it is too long ago")
    return exchange.to_dict()


def _clear_requests(stage: Stage, _given: asked.Nothing, _: str) -> dict[str, Any]:
    stage.journal.clear()
    return {}


def _list_deliveries(stage: Stage, given: asked.DeliveryFilter, _: str) -> dict[str, Any]:
    return {
        "deliveries": [
            each.as_data()
            for each in stage.world.deliveries.log()
            if given.event_type in {None, each.event_type}
            and given.state in {None, each.state}
            and given.shop_id in {None, each.shop_id}
        ]
    }


def _resend(stage: Stage, _given: asked.Nothing, delivery_id: str) -> dict[str, Any]:
    with stage.world.change():
        if stage.world.deliveries.get(delivery_id) is None:
            raise LookupError(f"there is no delivery {delivery_id}")
        return stage.world.notifications.resend(delivery_id).as_data()


def _notify(stage: Stage, given: asked.NewNotification, _: str) -> dict[str, Any]:
    with stage.world.change():
        shop = None if given.shop_id is None else stage.world.shops.get(given.shop_id)
        if given.shop_id is not None and shop is None:
            raise LookupError(f"there is no shop {given.shop_id}")
        return stage.world.notifications.send(
            given.event_type,
            given.data,
            changes=given.changes,
            shop=shop,
            address=given.address,
            envelope=given.envelope,
            without=given.without,
            ids_as_numbers=given.ids_as_numbers,
        ).as_data()


def _set_manner(stage: Stage, given: asked.Manner, _: str) -> dict[str, Any]:
    deliveries = stage.world.deliveries
    if isinstance(given.address, str):
        parse_target(given.address)
    wanted: dict[str, Any] = msgspec.structs.asdict(given)
    changed = {name: value for name, value in wanted.items() if value is not msgspec.UNSET}
    deliveries.manner = replace(deliveries.manner, **changed)
    return asdict(deliveries.manner)


def _issue_token(stage: Stage, given: asked.NewToken, _: str) -> dict[str, Any]:
    with stage.world.change():
        token = stage.world.issue_token(
            given.kind, shop_ids=given.shop_ids, scopes=given.scopes, lifetime=given.lifetime
        )
        return {"access_token": token.id, "access_token_expire_in": token.expires_at}


def _expire_tokens(stage: Stage, given: asked.Expiry, _: str) -> dict[str, Any]:
    with stage.world.change():
        expire_tokens(stage.world, refresh_tokens=given.refresh_tokens)
    return {}


def _find_account(stage: Stage, open_id: str) -> Account:
    account = stage.world.accounts.get(open_id)
    if account is None:
        raise LookupError(f"there is no account {open_id}")
    return account


def _list_accounts(stage: Stage, _given: asked.Nothing, _: str) -> dict[str, Any]:
    with stage.world.lock:
        return {
            "accounts": [
                {
                    "open_id": account.id,
                    "kind": account.kind,
                    "name": account.name,
                    "region": account.region,
                    "shop_ids": account.shop_ids,
                    "is_authorised": account.grant is not None,
                }
                for account in stage.world.accounts
            ]
        }


def _consent(stage: Stage, given: asked.NewConsent, open_id: str) -> dict[str, Any]:
    with stage.world.change():
        account = _find_account(stage, open_id)
        code = consent(stage.world, account, shop_ids=given.shop_ids, scopes=given.scopes)
        return {"code": code.id, "expires_at": code.expires_at}


def _revoke(stage: Stage, _given: asked.Nothing, open_id: str) -> dict[str, Any]:
    with stage.world.change():
        revoke(stage.world, _find_account(stage, open_id))
    return {}


ENDPOINTS = (
    Endpoint("GET", "/", "The app's credentials, a valid token, the shops and the clock.", asked.Nothing, _facts),
    Endpoint("GET", "/clock", "The time of the shops and of the callers.", asked.Nothing, _read_clock),
    Endpoint("POST", "/clock", "Moves the shops' time, or changes its pace.", asked.ClockMove, _move_clock),
    Endpoint("GET", "/orders", "Orders, the newest first.", asked.OrderFilter, _list_orders),
    Endpoint("POST", "/orders", "Has buyers order.", asked.NewOrders, _create_orders),
    Endpoint("GET", "/orders/{id}", "One order.", asked.Nothing, _read_order),
    Endpoint(
        "POST", "/orders/{id}/steps", "Leads an order on, a step or up to a status.", asked.OrderStep, _step_order
    ),
    Endpoint("POST", "/orders/{id}/cancellation", "The buyer asks to cancel.", asked.NewCancellation, _cancel_order),
    Endpoint("POST", "/orders/{id}/returns", "The buyer asks for money back.", asked.NewReturn, _return_order),
    Endpoint("POST", "/packages/{id}/steps", "A carrier collects or delivers a package.", asked.Step, _step_package),
    Endpoint("POST", "/returns/{id}/steps", "The buyer sends goods back, or takes an offer.", asked.Step, _step_return),
    Endpoint("POST", "/products/{id}/audit", "A listing passes its audit, or does not.", asked.Audit, _audit_product),
    Endpoint("GET", "/faults", "What is to go wrong, and how often it has.", asked.Nothing, _list_faults),
    Endpoint("POST", "/faults", "Has calls go wrong.", asked.NewFault, _add_fault),
    Endpoint("DELETE", "/faults", "Lets nothing go wrong any more.", asked.Nothing, _clear_faults),
    Endpoint("DELETE", "/faults/{id}", "Takes one fault back.", asked.Nothing, _remove_fault),
    Endpoint("GET", "/requests", "What was received, and what came of it.", asked.RequestFilter, _list_requests),
    Endpoint("GET", "/requests/{id}", "One request.", asked.Nothing, _read_request),
    Endpoint("DELETE", "/requests", "Forgets what was received.", asked.Nothing, _clear_requests),
    Endpoint("GET", "/deliveries", "Notifications that were sent, or wait.", asked.DeliveryFilter, _list_deliveries),
    Endpoint("POST", "/deliveries/{id}/resend", "Sends a notification once more.", asked.Nothing, _resend),
    Endpoint("POST", "/deliveries/manner", "How often and in which order they come.", asked.Manner, _set_manner),
    Endpoint("POST", "/notifications", "Sends a notification of any type.", asked.NewNotification, _notify),
    Endpoint("GET", "/accounts", "Who can authorise the app, and who has.", asked.Nothing, _list_accounts),
    Endpoint("POST", "/accounts/{id}/consent", "An account says yes; a code comes back.", asked.NewConsent, _consent),
    Endpoint("POST", "/accounts/{id}/withdrawal", "An account withdraws what it granted.", asked.Nothing, _revoke),
    Endpoint("POST", "/tokens", "Makes an access token, also one that lacks something.", asked.NewToken, _issue_token),
    Endpoint("POST", "/tokens/expire", "Ends all access tokens now.", asked.Expiry, _expire_tokens),
)
