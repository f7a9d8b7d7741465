"""No secret of a client gets into a repr, a text, a traceback, a pickle or a log, whatever happens."""

from __future__ import annotations

import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.runtime.conftest import APP_KEY, APP_SECRET, ASSET_CIPHER, CIPHER, REFRESH_TOKEN, SECRETS, TOKEN
from tests.runtime.depot import Depot, LabelInput
from tiktok_shop_async import (
    ArgumentError,
    CallOptions,
    ClientClosedError,
    CredentialsError,
    Observer,
    TikTokShop,
    TikTokShopError,
    response_of,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.runtime.wire import Time
    from tiktok_shop_async import AttemptDetails, CallDetails, CallResult

pytestmark = pytest.mark.anyio


class Diary(Observer):
    """Keeps all that it is told."""

    def __init__(self, pages: list[object]) -> None:
        self.pages = pages

    def call_started(self, call: CallDetails) -> None:
        self.pages.append(call)

    def attempt_ended(self, attempt: AttemptDetails) -> None:
        self.pages.append(attempt)

    def call_ended(self, result: CallResult) -> None:
        self.pages.append(result)


ECHO = f"bad request by {TOKEN} of {CIPHER}, secret {APP_SECRET}, {REFRESH_TOKEN}, {ASSET_CIPHER}"


def json_answer(code: int, status: int = 200, **data: Any) -> Callable[[httpx.Request], httpx.Response]:
    """A server that repeats every secret that it was sent."""

    def handler(request: httpx.Request) -> httpx.Response:
        message = f"{ECHO} {request.headers['x-tts-access-token']}"
        return httpx.Response(status, json={"code": code, "message": message, "request_id": "r1", "data": data})

    return handler


def page_answer(status: int) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(status, html=f"<html>{ECHO} {request.url}</html>")


def raising(error: type[httpx.RequestError]) -> Callable[[httpx.Request], httpx.Response]:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error(f"{ECHO} {request.url}", request=request)

    return handler


HANDLERS: dict[str, Callable[[httpx.Request], httpx.Response]] = {
    "success": json_answer(0, id="1", name="a"),
    "partial failure": json_answer(0, errors=[{"code": 1, "message": "no", "detail": {"id": "1"}}]),
    "token expired": json_answer(105002, 401),
    "scope missing": json_answer(105005),
    "clock": json_answer(36009004, 400),
    "server error": json_answer(36009003, 500),
    "rate limit": json_answer(36009002, 429),
    "own code": json_answer(12345678),
    "not JSON": page_answer(200),
    "not JSON, 404": page_answer(404),
    "not JSON, 502": page_answer(502),
    "connect": raising(httpx.ConnectError),
    "read": raising(httpx.ReadTimeout),
    "protocol": raising(httpx.LocalProtocolError),
}


@pytest.mark.parametrize("name", HANDLERS)
async def test_no_secret_gets_out(name: str, time: Time, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[object] = []
    used_signatures: set[str] = set()

    def handler(request: httpx.Request) -> httpx.Response:
        used_signatures.add(request.url.params["sign"])
        return HANDLERS[name](request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as http_client:
        client = TikTokShop(
            APP_KEY,
            APP_SECRET,
            access_token=TOKEN,
            refresh_token=REFRESH_TOKEN,
            shop_cipher=CIPHER,
            category_asset_cipher=ASSET_CIPHER,
            http_client=http_client,
            clock=time.clock(),
            observers=[Diary(seen)],
        )
        depot = Depot(client._call)
        view = client.with_shop(shop_cipher=CIPHER)
        pager = depot.list_crates()
        seen += [client, view, pager, client._call, client._call.credentials, client._call.session, depot]
        calls: list[Callable[[], Awaitable[Any]]] = [
            lambda: depot.get_crate(crate_id="1"),
            lambda: depot.make_crate(name="a"),
            lambda: depot.move_crates(crate_ids=["1"]),
            lambda: depot.upload_photo(data=b"x"),
            lambda: depot.open_depot(),
            lambda: pager.first(),
            lambda: client.shop("71"),
            lambda: view.request("POST", "/depot/202309/crates", body={}),
        ]
        for call in calls:
            try:
                result = await call()
            except TikTokShopError as error:
                seen.append(error)
            else:
                seen.append(result)
                if hasattr(result, "_response"):
                    seen.append(response_of(result))

    assert used_signatures
    secrets = {*SECRETS, *used_signatures}
    for thing in seen:
        shown = [repr(thing), str(thing), repr(getattr(thing, "__dict__", ""))]
        if isinstance(thing, BaseException):
            shown += traceback.format_exception(thing)
            shown.append(pickle.dumps(thing).decode("latin-1"))
        for text in shown:
            assert not [secret for secret in secrets if secret in text], type(thing)
    assert not [secret for secret in secrets if secret in caplog.text]


async def test_a_client_is_not_pickled_by_accident() -> None:
    """As it would be by a task queue that is given one as an argument."""
    client = TikTokShop(APP_KEY, APP_SECRET, access_token=TOKEN)
    for thing in (client._call.credentials, client.with_shop(shop_cipher=CIPHER), client.orders):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(thing)
    with pytest.raises((AttributeError, TypeError)):
        pickle.dumps(client)


async def test_no_secret_gets_out_before_a_call_either() -> None:
    client = TikTokShop(APP_KEY, APP_SECRET, access_token=TOKEN, shop_cipher=CIPHER)
    depot = Depot(client._call)
    caught: list[BaseException] = []
    with pytest.raises(ArgumentError) as refused:
        await depot.make_crate(name="a", label=LabelInput(text=TOKEN * 2))
    with pytest.raises(CredentialsError) as lacking:
        await depot.open_depot(options=CallOptions(headers={"x-note": APP_SECRET}))
    await client.aclose()
    with pytest.raises(ClientClosedError) as closed:
        await depot.get_crate(crate_id="1")
    caught += [refused.value, lacking.value, closed.value]
    for error in caught:
        text = "".join(traceback.format_exception(error)) + pickle.dumps(error).decode("latin-1")
        assert not [secret for secret in SECRETS if secret in text]
