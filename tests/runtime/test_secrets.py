"""No secret of a client gets into a repr, a text, a traceback, a pickle or a log, whatever happens."""

from __future__ import annotations

import logging
import pickle
import traceback
from time import time as clock
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import pytest

from tests.runtime.conftest import APP_KEY, APP_SECRET, ASSET_CIPHER, CIPHER, REFRESH_TOKEN, SECRETS, TOKEN
from tests.runtime.depot import Depot, LabelInput
from tests.runtime.wire import Wire, answer
from tests.secret_sweep import with_variables
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
from tiktok_shop_async.tokens import MemoryTokenStore, Tokens

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
        for_tokens = request.url.path.startswith("/api/v2/token")
        message = f"bad request {request.url}" if for_tokens else f"{ECHO} {request.headers['x-tts-access-token']}"
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
        used_signatures.add(request.url.params.get("sign", "none: a call for tokens"))
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
            shown.append(with_variables(thing))
            shown.append(pickle.dumps(thing).decode("latin-1"))
        for text in shown:
            assert not [secret for secret in secrets if secret in text], type(thing)
    assert not [secret for secret in secrets if secret in caplog.text]


class UnexpectedError(Exception):
    """Something that nobody expects."""


async def fail(*_: object) -> httpx.Response:
    raise UnexpectedError


async def hang(*_: object) -> httpx.Response:
    await anyio.sleep_forever()
    raise AssertionError


@pytest.mark.parametrize("handler", [fail, hang], ids=lambda each: each.__name__)
async def test_the_variables_of_a_call_that_something_else_ends_show_no_secret(
    handler: Callable[..., Awaitable[httpx.Response]],
) -> None:
    """A fault in a transport or a stream, or a cancellation, comes out through every frame of the call."""

    class Broken(httpx.AsyncBaseTransport):
        handle_async_request = staticmethod(handler)  # type: ignore[assignment]

    options = CallOptions(headers={"x-key": "hunter2"})
    caught: list[BaseException] = []
    async with httpx.AsyncClient(transport=Broken()) as http_client:
        given = TikTokShop(APP_KEY, APP_SECRET, access_token=TOKEN, shop_cipher=CIPHER, http_client=http_client)
        end = int(clock()) + 100_000
        tokens = Tokens(access_token=TOKEN, refresh_token=REFRESH_TOKEN, access_token_expire_in=end, open_id="seller")
        stored = TikTokShop(
            APP_KEY, APP_SECRET, token_store=MemoryTokenStore({"seller": tokens}), http_client=http_client
        )
        view = (await stored.account("seller")).with_shop(shop_cipher=CIPHER)
        calls: list[Callable[[], Awaitable[object]]] = [
            lambda: Depot(given._call).get_crate(crate_id="1", options=options),
            lambda: Depot(view._call).get_crate(crate_id="1", options=options),
            lambda: view.authorization.get_authorized_shops(),
        ]
        for call in calls:
            with anyio.move_on_after(0.05):
                try:
                    await call()
                except UnexpectedError as error:
                    caught.append(error)
                except anyio.get_cancelled_exc_class() as error:
                    caught.append(error)
                    raise
    assert len(caught) == len(calls)
    for each in caught:
        text = with_variables(each)
        assert "url = '***'" in text
        assert "'x-tts-access-token': '***'" in text
        assert not [secret for secret in (*SECRETS, "hunter2", "sign=") if secret in text]


@pytest.mark.parametrize(
    "make",
    [
        lambda: TikTokShop("", APP_SECRET, access_token=TOKEN, refresh_token=REFRESH_TOKEN, shop_cipher=CIPHER),
        lambda: TikTokShop(APP_KEY, APP_SECRET, access_token=f"{TOKEN} x", shop_cipher=CIPHER),
        lambda: TikTokShop(APP_KEY, APP_SECRET, access_token=TOKEN, timeout=-1),
        lambda: TikTokShop.from_env({"TIKTOK_SHOP_APP_SECRET": APP_SECRET, "TIKTOK_SHOP_ACCESS_TOKEN": TOKEN}),
        lambda: TikTokShop(APP_KEY, APP_SECRET).with_shop(access_token=f"{TOKEN} x", shop_cipher=CIPHER),
    ],
)
def test_the_variables_of_a_client_that_is_refused_show_no_secret(make: Callable[[], object]) -> None:
    with pytest.raises(TikTokShopError) as refused:
        make()
    text = with_variables(refused.value)
    assert "app_secret = '***'" in text or "access_token = '***'" in text or "given = " in text
    assert not [secret for secret in SECRETS if secret in text]


async def test_the_variables_of_a_shop_that_is_not_found_show_no_cipher(time: Time) -> None:
    shops = answer({"shops": [{"id": "71", "cipher": CIPHER}]})
    client = TikTokShop(APP_KEY, APP_SECRET, access_token=TOKEN, transport=Wire(shops), clock=time.clock())
    with pytest.raises(ArgumentError) as refused:
        await client.shop("72")
    text = with_variables(refused.value)
    assert "shop_id = '72'" in text
    assert not [secret for secret in SECRETS if secret in text]


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
