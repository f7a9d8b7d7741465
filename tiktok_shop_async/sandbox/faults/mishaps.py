"""Carries out what `faults` asks for: answers that lie, answers that are broken, and connections that end.

Over a socket a reset is a real one. The server hands the application a function for it in the scope; in a process
without sockets there is none, and the application raises what a socket's owner would see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

from tiktok_shop_async.sandbox.faults.oddities import make_odd
from tiktok_shop_async.sandbox.faults.rules import ANSWERS, GATEWAY_PAGE, NO_ANSWER, NOT_JSON, RESET, TRUNCATED

if TYPE_CHECKING:
    import random

    from starlette.types import Receive, Scope

    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.faults.rules import Fault
    from tiktok_shop_async.sandbox.journal import Exchange
    from tiktok_shop_async.sandbox.spec import Spec

ABORT = "tiktok_shop_async.sandbox.abort"


class UnansweredError(Exception):
    """The caller is to get no answer: the connection is reset, or stays silent."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__()
        self.reset = reset


def answer_in_place(fault: Fault, exchange: Exchange) -> Response:
    """What a fault answers whatever the call was about, and notes it in the exchange.

    Raises:
        UnansweredError: nothing is to be answered.
    """
    if fault.kind in {RESET, NO_ANSWER}:
        exchange.code = exchange.status = None
        exchange.message = ""
        raise UnansweredError(reset=fault.kind == RESET)
    if fault.kind == NOT_JSON:
        exchange.status, exchange.code, exchange.message = fault.status or 502, None, ""
        return Response(GATEWAY_PAGE, exchange.status, media_type="text/html")
    exchange.status, exchange.code, exchange.message = fault.answer()
    headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
    content = msgspec.json.encode(envelope_of(exchange, {}))
    return Response(content, exchange.status, headers, "application/json")


def spoil(
    fault: Fault, exchange: Exchange, *, spec: Spec, call: Call | None, data: dict[str, Any], chance: random.Random
) -> Response:
    """What a fault makes of the answer to a call that went well.

    Raises:
        UnansweredError: nothing is to be answered.
    """
    if fault.kind in {*ANSWERS, RESET, NO_ANSWER, NOT_JSON}:
        return answer_in_place(fault, exchange)
    envelope = envelope_of(exchange, data)
    if fault.kind == TRUNCATED:
        content = msgspec.json.encode(envelope)
        content = content[: len(content) // 2]
    elif call is None:
        exchange.remarks.append("the spec has no schema of this answer, so it was left as it is")
        content = msgspec.json.encode(envelope)
    else:
        del envelope["data"]
        envelope |= make_odd(fault.kind, spec, call, data, chance, fault.fields)
        content = msgspec.json.encode(envelope)
    return Response(content, 200, media_type="application/json")


def envelope_of(exchange: Exchange, data: dict[str, Any]) -> dict[str, Any]:
    """The envelope that every answer of the API comes in."""
    return {"code": exchange.code, "message": exchange.message, "request_id": exchange.request_id, "data": data}


async def leave(scope: Scope, receive: Receive, *, reset: bool) -> None:
    """Ends a request without an answer: by resetting its connection, or by waiting until the caller gives up.

    Raises:
        ConnectionResetError: there is no connection to reset.
    """
    if reset:
        if ABORT not in scope:
            raise ConnectionResetError("the sandbox was told to reset the connection")
        scope[ABORT]()
    while (await receive())["type"] != "http.disconnect":
        pass
