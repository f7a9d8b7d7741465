"""The ASGI application: takes a request in, has the gate admit it, the behaviour answer it, and wraps the envelope."""

from __future__ import annotations

import logging
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from tiktok_shop_async.sandbox import behaviour, oauth
from tiktok_shop_async.sandbox.call import Call, FilePart
from tiktok_shop_async.sandbox.consent import consent_routes
from tiktok_shop_async.sandbox.gate import MULTIPART, TOKEN_HEADER, Arrival, Gate
from tiktok_shop_async.sandbox.guard import Guard
from tiktok_shop_async.sandbox.journal import Journal
from tiktok_shop_async.sandbox.pages import style_route
from tiktok_shop_async.sandbox.refusal import INTERNAL_ERROR, NOT_MULTIPART, RefusalError
from tiktok_shop_async.sandbox.registry import behaviour_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from starlette.types import Receive, Scope, Send

    from tiktok_shop_async.sandbox.journal import Exchange
    from tiktok_shop_async.sandbox.spec import Spec
    from tiktok_shop_async.sandbox.world import World

FILES = "/sandbox/files/"

logger = logging.getLogger("tiktok_shop_async.sandbox")

__all__ = ["create_app"]

behaviour.load()


def create_app(
    spec: Spec, world: World, *, journal: Journal | None = None, hosts: Collection[str] = (), strict: bool = False
) -> Starlette:
    """Builds the application for one world.

    Args:
        spec: the routes and their rules; `bundled_spec()` for the ones that ship with the package.
        world: the state, its clock and the credentials.
        journal: where exchanges are written down; a new one when left out.
        hosts: names that the sandbox goes by besides `localhost` and IP addresses.
        strict: refuse unknown and misplaced fields, which the live service passes over.
    """
    api = _Api(spec, world, journal or Journal(), strict=strict)
    app = Starlette(
        routes=[
            Route(FILES + "{file_id}", api.fetch_file, methods=["GET"]),
            *consent_routes(spec, world),
            style_route(),
        ],
        middleware=[Middleware(Guard, hosts=hosts)],
    )
    # Not a route: a route has a list of methods and a pattern, and what fits neither would not get an envelope.
    app.router.default = api
    return app


class _Api:
    def __init__(self, spec: Spec, world: World, journal: Journal, *, strict: bool) -> None:
        self._spec = spec
        self._gate = Gate(spec, world, strict=strict)
        self._world = world
        self._journal = journal
        self._remembered: dict[tuple[str, str, str], dict[str, Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one call of the API. Whatever comes in, an envelope goes out."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        started = time.perf_counter()
        exchange = self._journal.begin(
            time=self._world.now,
            method=request.method,
            path=request.scope["raw_path"].decode("latin-1"),
            query=request.scope["query_string"].decode("latin-1"),
            headers=request.scope["headers"],
        )
        exchange.request_id = f"{exchange.time}{self._world.ids.number('request')}"
        data: dict[str, Any] = {}
        try:
            data = await self._serve(request, exchange)
            exchange.code, exchange.message, exchange.status = 0, "Success", 200
        except RefusalError as refusal:
            exchange.code, exchange.message, exchange.status = refusal.code, refusal.message, refusal.status
        except ClientDisconnect:
            exchange.remarks.append("the client left before its request was complete")
            logger.info("%s %s: %s", exchange.method, exchange.path, exchange.remarks[-1])
            return Response(status_code=400)  # There is no one left to read it.
        except Exception:
            logger.exception("the sandbox failed on %s %s", exchange.method, exchange.path)
            exchange.code, exchange.status = INTERNAL_ERROR, 500
            exchange.message = "Internal error: the sandbox's log says more."
        exchange.milliseconds = (time.perf_counter() - started) * 1000
        logger.info(
            "%s %s -> %d, code %d, %.1f ms",
            exchange.method,
            exchange.path,
            exchange.status,
            exchange.code,
            exchange.milliseconds,
        )
        envelope = {
            "code": exchange.code,
            "message": exchange.message,
            "request_id": exchange.request_id,
            "data": data,
        }
        return self._respond(msgspec.json.encode(envelope), "application/json", exchange.status)

    async def fetch_file(self, request: Request) -> Response:
        """Hands out an uploaded file or a label; like the live ones these links need no signature."""
        upload = self._world.uploads.get(request.path_params["file_id"])
        if upload is None:
            return self._respond(b"No such file", "text/plain", 404)
        return self._respond(upload.content, upload.media_type, 200)

    async def _serve(self, request: Request, exchange: Exchange) -> dict[str, Any]:
        if exchange.path.startswith(oauth.PREFIX):
            return oauth.give_tokens(self._spec, self._world, exchange.method, exchange.path, exchange.query)
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
        call = self._gate.admit(arrival, exchange)
        handler = behaviour_of(call.operation)
        if call.operation.multipart:
            await self._read_form(request, call, exchange)
        key = self._idempotency_key(call)
        if key is not None and key in self._remembered:
            exchange.remarks.append("its idempotency key was used before; the first answer was given again")
            return self._remembered[key]
        data = handler(call)
        exchange.executed = True
        if key is not None:
            self._remembered[key] = data
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
        self._gate.check_form(call.operation, texts, files, exchange)
        call.body = dict(texts)
        call.files = files

    def _idempotency_key(self, call: Call) -> tuple[str, str, str] | None:
        name = call.operation.idempotency_key
        value: Mapping[str, Any] = {**call.body, **call.query}
        if name is None or not value.get(name):
            return None
        return call.operation.id, call.shop.id, str(value[name])

    def _respond(self, content: bytes, media_type: str, status: int) -> Response:
        # What timestamps are held against, so that a client which corrects its clock by the Date header gets it right.
        headers = {"date": formatdate(self._world.wall_now, usegmt=True)}
        return Response(content, status_code=status, media_type=media_type, headers=headers)
