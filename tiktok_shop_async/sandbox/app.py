"""The ASGI application: takes a request in, has the gate admit it, the behaviour answer it, and wraps the envelope."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from email.utils import formatdate
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qsl

import anyio
import msgspec
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from tiktok_shop_async.sandbox import behaviour
from tiktok_shop_async.sandbox.call import Call, FilePart
from tiktok_shop_async.sandbox.faults.mishaps import UnansweredError, answer_in_place, envelope_of, leave, spoil
from tiktok_shop_async.sandbox.faults.rules import DELAY, Faults
from tiktok_shop_async.sandbox.gate.gate import MULTIPART, TOKEN_HEADER, Arrival, Gate
from tiktok_shop_async.sandbox.journal import Journal
from tiktok_shop_async.sandbox.refusal import INTERNAL_ERROR, NOT_MULTIPART, RefusalError
from tiktok_shop_async.sandbox.registry import behaviour_of
from tiktok_shop_async.sandbox.stage import Stage
from tiktok_shop_async.sandbox.web import oauth
from tiktok_shop_async.sandbox.web.consent import consent_routes
from tiktok_shop_async.sandbox.web.console import console_routes
from tiktok_shop_async.sandbox.web.control import control_routes
from tiktok_shop_async.sandbox.web.guard import Guard
from tiktok_shop_async.sandbox.web.pages import page_routes
from tiktok_shop_async.sandbox.world import GivenAnswer

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from starlette.types import Receive, Scope, Send

    from tiktok_shop_async.sandbox.faults.rules import Fault
    from tiktok_shop_async.sandbox.gate.rate import RateLimit
    from tiktok_shop_async.sandbox.journal import Exchange
    from tiktok_shop_async.sandbox.spec import Spec
    from tiktok_shop_async.sandbox.world import World

FILES = "/sandbox/files/"

Sleep: TypeAlias = Callable[[float], Awaitable[None]]

logger = logging.getLogger("tiktok_shop_async.sandbox")

__all__ = ["create_app"]

behaviour.load()


def create_app(
    spec: Spec,
    world: World,
    *,
    journal: Journal | None = None,
    faults: Faults | None = None,
    strict: bool = False,
    rate_limit: RateLimit | None = None,
    hosts: Collection[str] = (),
    sleep: Sleep = anyio.sleep,
    reset: Callable[[], None] | None = None,
) -> Starlette:
    """Builds the application for one world.

    Args:
        spec: the routes and their rules; `bundled_spec()` for the ones that ship with the package.
        world: the state, its clock and the credentials.
        journal: where exchanges are written down; a new one when left out.
        faults: what is to go wrong; nothing when left out.
        hosts: names that the sandbox goes by besides `localhost` and IP addresses.
        strict: refuse unknown and misplaced fields, which the live service passes over.
        rate_limit: how many calls an endpoint takes; any number when left out.
        sleep: waits for the seconds by which a fault delays an answer.
        reset: makes the world anew when the control API is told to; it refuses that when left out.
    """
    journal, faults = journal or Journal(), faults or Faults()
    gate = Gate(spec, world, strict=strict, rate_limit=rate_limit)
    api = _Api(gate, spec, world, journal, faults, sleep)
    app = Starlette(
        routes=[
            Route(FILES + "{file_id}", api.fetch_file, methods=["GET"]),
            *consent_routes(spec, world),
            *console_routes(world, journal),
            *page_routes(),
            *control_routes(Stage(spec, world, journal, faults), reset),
        ],
        middleware=[Middleware(Guard, hosts=hosts)],
    )
    # Not a route: a route has a list of methods and a pattern, and what fits neither would not get an envelope.
    app.router.default = api
    return app


class _Api:
    def __init__(self, gate: Gate, spec: Spec, world: World, journal: Journal, faults: Faults, sleep: Sleep) -> None:
        self._spec = spec
        self._gate = gate
        self._world = world
        self._journal = journal
        self._faults = faults
        self._sleep = sleep
        self._request_numbers = count(secrets.randbelow(10**13))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one call of the API. Whatever comes in, an envelope goes out, unless a fault is asked for."""
        request = Request(scope, receive)
        exchange = self._journal.begin(
            time=self._world.now,
            method=request.method,
            path=scope["raw_path"].decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers=scope["headers"],
        )
        exchange.request_id = f"{exchange.time}{next(self._request_numbers):015d}"
        started = time.perf_counter()
        try:
            response = await self._answer(request, exchange)
        except UnansweredError as unanswered:
            self._note_end(exchange, started)
            await leave(scope, receive, reset=unanswered.reset)
            return
        except ClientDisconnect:
            exchange.remarks.append("the client left before its request was complete")
            self._note_end(exchange, started)
            return
        self._note_end(exchange, started)
        await response(scope, receive, send)

    async def _answer(self, request: Request, exchange: Exchange) -> Response:
        fault = self._meet(exchange, after=False)
        if fault is not None:
            await self._sleep(fault.delay)
            if fault.kind != DELAY:
                exchange.keep_body(await request.body())
                return self._dated(answer_in_place(fault, exchange))
        call: Call | None = None
        data: dict[str, Any] = {}
        headers: Mapping[str, str] = {}
        try:
            if exchange.path.startswith(oauth.PREFIX):
                data = self._give_tokens(exchange)
            else:
                call = await self._admit(request, exchange)
                data = self._carry_out(call, exchange)
            exchange.code, exchange.message, exchange.status = 0, "Success", 200
        except RefusalError as refusal:
            exchange.code, exchange.message, exchange.status = refusal.code, refusal.message, refusal.status
            headers = refusal.headers
        except ClientDisconnect:
            raise
        except Exception:
            logger.exception("the sandbox failed on %s %s", exchange.method, exchange.path)
            exchange.code, exchange.status = INTERNAL_ERROR, 500
            exchange.message = "Internal error: the sandbox's log says more."
        fault = self._meet(exchange, after=True) if exchange.executed else None
        if fault is not None:
            await self._sleep(fault.delay)
            chance = self._faults.chance
            return self._dated(spoil(fault, exchange, spec=self._spec, call=call, data=data, chance=chance))
        content = msgspec.json.encode(envelope_of(exchange, data))
        return self._dated(Response(content, exchange.status, headers, media_type="application/json"))

    def _meet(self, exchange: Exchange, *, after: bool) -> Fault | None:
        if not self._faults.are_waiting:
            return None
        if exchange.operation_id is None:
            with suppress(RefusalError):
                exchange.operation_id = self._spec.route(exchange.method, exchange.path).operation.id
        if exchange.shop_id is None:
            shop = self._world.shop_by_cipher(dict(parse_qsl(exchange.query)).get("shop_cipher", ""))
            exchange.shop_id = None if shop is None else shop.id
        fault = self._faults.meet(
            after=after, operation=exchange.operation_id, path=exchange.path, shop_id=exchange.shop_id
        )
        if fault is not None:
            exchange.fault = fault.kind
        return fault

    def _note_end(self, exchange: Exchange, started: float) -> None:
        exchange.milliseconds = (time.perf_counter() - started) * 1000
        remarks = [*exchange.remarks, f"by the fault {exchange.fault}"] if exchange.fault else exchange.remarks
        logger.info(
            "%s %s -> %s, code %s, %.1f ms%s",
            exchange.method,
            exchange.path,
            exchange.status,
            exchange.code,
            exchange.milliseconds,
            "".join(f"; {remark}" for remark in remarks),
        )

    async def fetch_file(self, request: Request) -> Response:
        """Hands out an uploaded file or a label; like the live ones these links need no signature."""
        upload = self._world.uploads.get(request.path_params["file_id"])
        if upload is None:
            return self._dated(Response(b"No such file", 404, media_type="text/plain"))
        return self._dated(Response(upload.content, media_type=upload.media_type))

    def _give_tokens(self, exchange: Exchange) -> dict[str, Any]:
        with self._world.change():
            data = oauth.give_tokens(self._spec, self._world, exchange.method, exchange.path, exchange.query)
        exchange.executed = True
        return data

    async def _admit(self, request: Request, exchange: Exchange) -> Call:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        body = b"" if media_type == MULTIPART else await request.body()
        exchange.keep_body(body)
        arrival = Arrival(
            method=exchange.method,
            path=exchange.path,
            query=exchange.query,
            token=request.headers.get(TOKEN_HEADER, ""),
            media_type=media_type,
            body=body,
            base_url=str(request.base_url).rstrip("/"),
        )
        with self._world.lock:
            call = self._gate.admit(arrival, exchange)
        if call.operation.multipart:
            await self._read_form(request, call, exchange)
        return call

    def _carry_out(self, call: Call, exchange: Exchange) -> dict[str, Any]:
        handler = behaviour_of(call.operation)
        # What it changes is saved before it is answered, and a refusal takes back what was changed until then.
        with self._world.change(reading=call.operation.only_reads):
            key = self._idempotency_key(call)
            given = None if key is None else self._world.given_answers.get(key)
            if given is not None:
                exchange.remarks.append("its idempotency key was used before; the first answer was given again")
                return given.data
            data = handler(call)
            if key is not None:
                self._world.given_answers.put(GivenAnswer(id=key, data=data))
        exchange.executed = True
        return data

    async def _read_form(self, request: Request, call: Call, exchange: Exchange) -> None:
        texts: dict[str, str] = {}
        files: dict[str, FilePart] = {}
        try:
            async with request.form() as form:
                for name, part in form.multi_items():
                    if isinstance(part, UploadFile):
                        files[name] = FilePart(part.filename or "", await part.read())
                    else:
                        texts[name] = part
        except HTTPException as error:
            message = f"Wrong format: the body is not the multipart that it claims to be. {error.detail}"
            raise RefusalError(NOT_MULTIPART, message, 400) from error
        parts = [f"{name}: {text}" for name, text in texts.items()]
        parts += [f"{name}: a file of {len(file.content)} bytes" for name, file in files.items()]
        exchange.keep_body("\n".join(parts).encode())
        self._gate.check_form(call.operation, texts, files, exchange)
        call.body = dict(texts)
        call.files = files

    def _idempotency_key(self, call: Call) -> str | None:
        name = call.operation.idempotency_key
        value: Mapping[str, Any] = {**call.body, **call.query}
        if name is None or not value.get(name):
            return None
        return f"{call.operation.id} {call.shop.id} {value[name]}"

    def _dated(self, response: Response) -> Response:
        # What timestamps are held against, so that a client which corrects its clock by the Date header gets it right.
        response.headers["date"] = formatdate(self._world.wall_now, usegmt=True)
        return response
