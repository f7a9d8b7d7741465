"""From the consent page to tokens: every end of the way has an outcome of its own."""

from __future__ import annotations

import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.runtime.wire import START, Wire, answer, page
from tests.tokens.accounts import ACCOUNT, make_tokens, token_data
from tiktok_shop_async import (
    APIError,
    ArgumentError,
    AuthenticationError,
    AuthorizationCodeError,
    AuthorizationDeniedError,
    AuthorizationError,
    DecodingError,
    HttpxTransport,
    MissingStateError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ReauthorizationRequiredError,
    ServerError,
    StateMismatchError,
    TransportError,
)
from tiktok_shop_async.tokens import AuthorizationURL, Callback, read_callback
from tiktok_shop_async.tokens.oauth import OAuth

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.runtime.wire import Time
    from tiktok_shop_async import RawAnswer, Transport
    from tiktok_shop_async.tokens import Tokens

SECRET = "app-secret-77"


def oauth(transport: Transport, time: Time) -> OAuth:
    return OAuth("app-key-77", SECRET, auth_url="https://auth.test", transport=transport, clock=time.clock())


class TestAuthorizationURL:
    @pytest.mark.parametrize(
        ("made", "expected"),
        [
            (
                AuthorizationURL.seller("71", market="US", state="s"),
                "https://services.us.tiktokshop.com/open/authorize?service_id=71&state=s",
            ),
            (
                AuthorizationURL.seller("71", market="ROW", state="s"),
                "https://services.tiktokshop.com/open/authorize?service_id=71&state=s",
            ),
            (
                AuthorizationURL.partner("71", market="US", state="s"),
                "https://partner.us.tiktokshop.com/open/authorize?service_id=71&state=s",
            ),
            (
                AuthorizationURL.partner("71", market="ROW", state="s"),
                "https://partner.tiktokshop.com/open/authorize?service_id=71&state=s",
            ),
            (
                AuthorizationURL.creator("k1", state="s"),
                "https://shop.tiktok.com/alliance/creator/auth?app_key=k1&state=s",
            ),
        ],
    )
    def test_each_kind_of_account_and_market_has_its_page(self, made: AuthorizationURL, expected: str) -> None:
        assert made.url == str(made) == expected
        assert made.state == "s"

    def test_a_state_is_made_at_random(self) -> None:
        pages = [AuthorizationURL.seller("71", market="US") for _ in range(50)]
        assert len({each.state for each in pages}) == 50
        assert all(len(each.state) >= 32 for each in pages)
        assert parse_qs(urlsplit(pages[0].url).query)["state"] == [pages[0].state]

    def test_a_state_is_quoted(self) -> None:
        url = AuthorizationURL.creator("k1", state="a&b=c").url
        assert parse_qs(urlsplit(url).query) == {"app_key": ["k1"], "state": ["a&b=c"]}

    def test_the_repr_shows_no_state(self) -> None:
        assert "s3cret" not in repr(AuthorizationURL.creator("k1", state="s3cret"))

    def test_what_makes_no_page_is_refused(self) -> None:
        with pytest.raises(ArgumentError, match="market"):
            AuthorizationURL.seller("71", market="UK")  # type: ignore[arg-type]
        with pytest.raises(ArgumentError, match="service_id"):
            AuthorizationURL.seller("", market="US")
        with pytest.raises(ArgumentError, match="state"):
            AuthorizationURL.creator("k1", state="")


class TestCallback:
    @pytest.mark.parametrize(
        "url", ["https://me.test/back?code=c%2F1&state=s", "code=c%2F1&state=s", {"code": "c/1", "state": "s"}]
    )
    def test_a_code_with_the_right_state_is_given_back(self, url: str | dict[str, str]) -> None:
        assert read_callback(url, state="s") == Callback("c/1", "s")

    def test_a_refusal_is_told(self) -> None:
        with pytest.raises(AuthorizationDeniedError):
            read_callback("?code=null&error=auth_denied&state=s", state="s")

    @pytest.mark.parametrize("state", ["other", "S", "ß"])
    def test_another_state_is_not_trusted(self, state: str) -> None:
        with pytest.raises(StateMismatchError):
            read_callback({"code": "c", "state": state}, state="s")

    def test_a_forged_refusal_is_not_believed(self) -> None:
        with pytest.raises(StateMismatchError):
            read_callback("?code=null&error=auth_denied&state=other", state="s")

    @pytest.mark.parametrize("url", ["?code=c", "?code=c&state="])
    def test_a_callback_without_state_is_told_apart(self, url: str) -> None:
        with pytest.raises(MissingStateError):
            read_callback(url, state="s")

    def test_a_callback_that_began_in_the_app_store_is_accepted_where_that_is_said(self) -> None:
        assert read_callback("?code=c", state=None) == Callback("c", None)

    @pytest.mark.parametrize("query", ["", "code=", "code=null", "code=c&error=server_error"])
    def test_a_callback_without_a_code_is_told(self, query: str) -> None:
        with pytest.raises(AuthorizationError) as caught:
            read_callback(query + "&state=s", state="s")
        assert type(caught.value) is AuthorizationError

    def test_the_repr_shows_neither_code_nor_state(self) -> None:
        assert repr(Callback("c0de", "st8")) == "Callback()"


@pytest.mark.anyio
class TestExchange:
    async def test_a_code_is_exchanged_for_tokens(self, time: Time) -> None:
        wire = Wire(answer(token_data()))
        assert await oauth(wire, time).exchange(Callback("c/1")) == make_tokens()
        (sent,) = wire.sent
        assert (sent.method, sent.path, sent.body) == ("GET", "/api/v2/token/get", b"")
        assert sent.query == {
            "app_key": "app-key-77",
            "app_secret": SECRET,
            "auth_code": "c/1",
            "grant_type": "authorized_code",
        }

    async def test_the_moment_of_the_exchange_is_kept(self, time: Time) -> None:
        tokens = await oauth(Wire(answer(token_data())), time).exchange(Callback("c"))
        assert tokens.obtained_at == START

    async def test_a_used_code_is_told(self, time: Time) -> None:
        wire = Wire(answer(code=36004004, message="auth code is used or expired"))
        with pytest.raises(AuthorizationCodeError):
            await oauth(wire, time).exchange(Callback("c"))
        assert len(wire.sent) == 1

    async def test_a_code_is_not_sent_again_once_it_may_be_used_up(self, time: Time) -> None:
        wire = Wire(TransportError("gone", kind="read", maybe_executed=True))
        with pytest.raises(TransportError):
            await oauth(wire, time).exchange(Callback("c"))
        assert len(wire.sent) == 1

    async def test_a_code_that_did_not_get_there_is_sent_again(self, time: Time) -> None:
        wire = Wire(TransportError("no route"), answer(token_data()))
        assert await oauth(wire, time).exchange(Callback("c")) == make_tokens(obtained_at=int(START))
        assert time.waits == [0.5]


@pytest.mark.anyio
class TestRefresh:
    async def test_a_refresh_token_is_exchanged_for_new_tokens(self, time: Time) -> None:
        wire = Wire(answer(token_data(2)))
        assert await oauth(wire, time).refresh(make_tokens(1)) == make_tokens(2)
        (sent,) = wire.sent
        assert sent.path == "/api/v2/token/refresh"
        assert sent.query == {
            "app_key": "app-key-77",
            "app_secret": SECRET,
            "refresh_token": "refresh-token-1",
            "grant_type": "refresh_token",
        }

    @pytest.mark.parametrize(
        "refused",
        [
            answer(code=36004007, message="refresh_token is invalid"),
            answer(code=105002, message="expired", status=401),
            answer(code=36009004, message="invalid refresh_token", status=400),
            answer(code=36004008, message="the authorization was cancelled", status=403),
        ],
    )
    async def test_a_refused_refresh_token_names_the_account_and_what_to_do(
        self, refused: RawAnswer, time: Time
    ) -> None:
        wire = Wire(refused)
        with pytest.raises(ReauthorizationRequiredError) as caught:
            await oauth(wire, time).refresh(make_tokens())
        assert caught.value.open_id == ACCOUNT
        assert ACCOUNT in str(caught.value)
        assert "authorise the app again" in str(caught.value)
        assert len(wire.sent) == 1

    @pytest.mark.parametrize(
        ("refused", "error"),
        [
            (answer(code=36009004, message="app_key is invalid", status=400), AuthenticationError),
            (answer(code=36004001, message="wrong app secret"), APIError),
            (answer(code=36009009, message="no such path", status=404), NotFoundError),
            (answer(code=36009033, message="your address is barred"), PermissionDeniedError),
        ],
    )
    async def test_a_refusal_for_another_reason_is_not_laid_to_the_account(
        self, refused: RawAnswer, error: type[APIError], time: Time
    ) -> None:
        with pytest.raises(error) as caught:
            await oauth(Wire(refused), time).refresh(make_tokens())
        assert not isinstance(caught.value, ReauthorizationRequiredError)

    @pytest.mark.parametrize(
        "failed",
        [
            TransportError("gone", kind="read", maybe_executed=True),
            answer(code=36009003, message="internal", status=500),
            answer(code=36009002, message="too many", status=429),
            page("<html>bad gateway</html>", status=502),
        ],
    )
    async def test_a_passing_failure_is_tried_again(self, failed: RawAnswer | TransportError, time: Time) -> None:
        wire = Wire(failed, failed, answer(token_data(2)))
        assert (await oauth(wire, time).refresh(make_tokens())).access_token == "access-token-2"
        assert len(wire.sent) == 3
        assert len(time.waits) == 2

    async def test_it_is_given_up_after_three_attempts(self, time: Time) -> None:
        wire = Wire(answer(code=36009003, message="internal", status=500))
        with pytest.raises(ServerError) as caught:
            await oauth(wire, time).refresh(make_tokens())
        assert len(wire.sent) == caught.value.attempts == 3

    async def test_a_long_wait_is_left_to_the_caller(self, time: Time) -> None:
        wire = Wire(answer(code=36009002, message="too many", status=429, retry_after="60"))
        with pytest.raises(RateLimitError) as caught:
            await oauth(wire, time).refresh(make_tokens())
        assert caught.value.retry_after == 60
        assert time.waits == []

    @pytest.mark.parametrize(
        "odd", [page("<html></html>"), page("null"), page('{"code": 0}'), answer({"access_token": ""}), answer([])]
    )
    async def test_an_answer_without_tokens_is_no_success(self, odd: RawAnswer, time: Time) -> None:
        with pytest.raises(DecodingError):
            await oauth(Wire(odd), time).exchange(Callback("c"))


def echo(code: int, status: int) -> Any:
    """A host that repeats what it is sent, secrets included."""

    def handler(request: httpx.Request) -> httpx.Response:
        text = str(request.url)
        return httpx.Response(status, json={"code": code, "message": f"no: {text}", "data": {"access_token": text}})

    return handler


def broken(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError(f"at {request.url}", request=request)


@pytest.mark.anyio
@pytest.mark.parametrize("handler", [echo(36004004, 200), echo(0, 200), echo(36009003, 500), broken])
async def test_no_secret_gets_out(handler: Any, time: Time, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = (SECRET, "c0de-of-the-seller", "refresh-token-1", "access-token-1")
    async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as http_client:
        asker = oauth(HttpxTransport(http_client), time)
        calls: list[Callable[[], Awaitable[Tokens]]] = [
            lambda: asker.exchange(Callback("c0de-of-the-seller")),
            lambda: asker.refresh(make_tokens()),
        ]
        for call in calls:
            try:
                await call()
            except Exception as error:
                frames = error.__traceback__.tb_next if error.__traceback__ else None  # without this test's own
                told = traceback.TracebackException(type(error), error, frames, capture_locals=True)
                shown = "".join(told.format()) + repr(error) + pickle.dumps(error).decode("latin-1")
                assert not [secret for secret in secrets if secret in shown]
    assert not [secret for secret in secrets if secret in caplog.text]
