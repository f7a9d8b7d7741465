"""The way to tokens: the consent page, its callback, and the exchange of codes and refresh tokens."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from tiktok_shop_async import __version__
from tiktok_shop_async.classify import Advice, Verdict, classify
from tiktok_shop_async.errors import (
    APIError,
    ArgumentError,
    AuthorizationCodeError,
    AuthorizationDeniedError,
    AuthorizationError,
    DecodingError,
    MissingStateError,
    NotFoundError,
    PermissionDeniedError,
    QuotaError,
    ReauthorizationRequiredError,
    ServerError,
    StateMismatchError,
    TransportError,
)
from tiktok_shop_async.retry import Failure, pause
from tiktok_shop_async.secret import Secret, hide
from tiktok_shop_async.tokens.tokens import Tokens

if TYPE_CHECKING:
    from tiktok_shop_async.retry import Clock
    from tiktok_shop_async.transport import Transport

__all__ = ["AuthorizationURL", "Callback", "OAuth", "is_about_the_authorization", "read_callback"]

_SELLER = {"US": "https://services.us.tiktokshop.com", "ROW": "https://services.tiktokshop.com"}
_PARTNER = {"US": "https://partner.us.tiktokshop.com", "ROW": "https://partner.tiktokshop.com"}
_CREATOR = "https://shop.tiktok.com"

_RETRIES = 2
_LONGEST_PAUSE = 3.0
_USED_CODE = 36004004


@dataclass(frozen=True, slots=True)
class AuthorizationURL:
    """Where to send someone who shall authorise the app.

        page = AuthorizationURL.seller("7000000000000000002", market="US")
        session["state"] = page.state
        redirect(page.url)

    Attributes:
        url: Of the consent page.
        state: Comes back with the callback. Keep it in the session of whoever is sent, and give it to `read_callback`:
            it proves that the callback is the answer to this very page.
    """

    url: str = field(repr=False)
    state: str = field(repr=False)

    @classmethod
    def seller(cls, service_id: str, *, market: Literal["US", "ROW"], state: str | None = None) -> Self:
        """For a seller.

        Args:
            service_id: Of the app, from the partner centre. It is not the app key.
            market: `US`, or `ROW` for the rest of the world.
            state: Text that no one else can guess; made at random if left out.

        Raises:
            ArgumentError: An empty id, an unknown market, or an empty state.
        """
        return cls._make(_host(_SELLER, market), "/open/authorize", "service_id", service_id, state)

    @classmethod
    def partner(cls, service_id: str, *, market: Literal["US", "ROW"], state: str | None = None) -> Self:
        """For a partner. The arguments and errors are those of `seller`."""
        return cls._make(_host(_PARTNER, market), "/open/authorize", "service_id", service_id, state)

    @classmethod
    def creator(cls, app_key: str, *, state: str | None = None) -> Self:
        """For a creator; the page is the same in all markets.

        Args:
            app_key: Of the app.
            state: Text that no one else can guess; made at random if left out.

        Raises:
            ArgumentError: An empty key or state.
        """
        return cls._make(_CREATOR, "/alliance/creator/auth", "app_key", app_key, state)

    @classmethod
    def _make(cls, host: str, path: str, name: str, value: str, state: str | None) -> Self:
        if not value:
            raise ArgumentError(f"{name}: is empty")
        if state == "":
            raise ArgumentError("state: is empty; leave it out to have one made")
        state = state or secrets.token_urlsafe(24)
        return cls(f"{host}{path}?{urlencode({name: value, 'state': state})}", state)

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True)
class Callback:
    """What the consent page sent back.

    Attributes:
        code: Give it to `TikTokShop.authorize`, once and within 30 minutes.
        state: What came back of it; None when it began in the app store.
    """

    code: str = field(repr=False)
    state: str | None = field(default=None, repr=False)


def read_callback(url: str | Mapping[str, str], *, state: str | None) -> Callback:
    """Read the request that the consent page sends people back with.

    Args:
        url: Its address, its query alone, or its query parameters.
        state: What `AuthorizationURL.state` was. None accepts a callback whatever its state is: only for one that began
            in the app store, after the person who is logged in has confirmed it.

    Raises:
        AuthorizationDeniedError: The seller said no.
        MissingStateError: There is no state, though one was expected.
        StateMismatchError: It is another state than the one expected.
        AuthorizationError: There is no code.
    """
    given = dict(url) if isinstance(url, Mapping) else _query(url)
    returned = given.get("state") or None
    # The state comes first: of a forged callback nothing is believed, its refusal neither.
    if state is not None and returned is None:
        raise MissingStateError("the callback has no state: it began in the app store, or it is forged")
    if state is not None and not hmac.compare_digest(state.encode(), (returned or "").encode()):
        raise StateMismatchError("the callback's state is not the one that was given out: it is not to be trusted")
    problem = given.get("error", "")
    if problem == "auth_denied":
        raise AuthorizationDeniedError("the seller declined to authorise the app")
    code = given.get("code", "")
    if problem or code in {"", "null"}:
        shown = problem if re.fullmatch(r"[\w.-]{1,64}", problem) else ""
        raise AuthorizationError(f"the callback brings no code{f': {shown}' if shown else ''}")
    return Callback(code, returned)


def _query(url: str) -> dict[str, str]:
    text = urlsplit(url).query if "?" in url else url
    return dict(parse_qsl(text, keep_blank_values=True))


def _host(hosts: Mapping[str, str], market: str) -> str:
    if market not in hosts:
        raise ArgumentError(f'market: got {market!r}; give "US", or "ROW" for the rest of the world')
    return hosts[market]


@dataclass(frozen=True, slots=True, repr=False)
class _Grant:
    """What is exchanged for tokens: a code, or the tokens to renew. It is passed on whole: it shows no secret."""

    step: Literal["get", "refresh"]
    secret: Secret
    before: Tokens | None = None


class OAuth:
    """Asks the authorization host for tokens.

    Args:
        app_key: Of the app.
        app_secret: Of the app.
        auth_url: The host, without a slash at its end.
        transport: Sends the requests.
        clock: Time and chance.
    """

    def __init__(self, app_key: str, app_secret: str, *, auth_url: str, transport: Transport, clock: Clock) -> None:
        self._app_key = app_key
        self._app_secret = hide(app_secret)
        self._auth_url = auth_url
        self._transport = transport
        self._clock = clock

    async def exchange(self, callback: Callback) -> Tokens:
        """The tokens for a code.

        Raises:
            AuthorizationCodeError: The code was used before or is too old.
            APIError: The request was refused for another reason, such as a wrong app secret.
            TransportError: No complete answer. With `maybe_executed`, the code may be used up.
            DecodingError: The answer is not the API's.
        """
        # Not tried again once it may have been carried out: a code works once.
        return await self._obtain(_Grant("get", hide(callback.code)), repeatable=False)

    async def refresh(self, tokens: Tokens) -> Tokens:
        """The tokens that take the place of others.

        Raises:
            ReauthorizationRequiredError: The refresh token is refused.
            APIError: The request was refused for another reason, such as a wrong app secret.
            TransportError: No complete answer.
            DecodingError: The answer is not the API's.
        """
        return await self._obtain(_Grant("refresh", hide(tokens.refresh_token), tokens), repeatable=True)

    async def _obtain(self, grant: _Grant, *, repeatable: bool) -> Tokens:
        retries = 0
        while True:
            outcome = await self._ask(grant)
            if isinstance(outcome, Tokens):
                return outcome
            chance = self._clock.random()
            delay = pause(outcome, retries=retries, max_retries=_RETRIES, repeatable=repeatable, chance=chance)
            retries += 1
            if delay is None or delay > _LONGEST_PAUSE:
                outcome.error.attempts = retries
                raise outcome.error
            await self._clock.sleep(delay)

    async def _ask(self, grant: _Grant) -> Tokens | Failure:
        """One request. A failure is returned, not raised: frames here hold secrets, and tracebacks show them."""
        query = {
            "app_key": self._app_key,
            "app_secret": self._app_secret,
            "auth_code" if grant.step == "get" else "refresh_token": grant.secret,
            "grant_type": "authorized_code" if grant.step == "get" else "refresh_token",
        }
        url = Secret(f"{self._auth_url}/api/v2/token/{grant.step}?{urlencode(query)}")
        headers = {"accept": "application/json", "user-agent": f"tiktok-shop-async/{__version__}"}
        try:
            raw = await self._transport.send("GET", url, headers, b"")
        except TransportError as error:
            advice = Advice.TRANSIENT if error.maybe_executed else Advice.UNSENT
            error.operation = _name(grant)
            return Failure(error.with_traceback(None), advice, maybe_executed=error.maybe_executed)
        try:
            envelope = msgspec.json.decode(raw.content, type=_Envelope, strict=False)
            if envelope.code == 0:
                now = int(self._clock.server_time())
                return Tokens.from_answer(envelope.data or {}, obtained_at=now, before=grant.before)
        except (ValueError, UnicodeDecodeError):  # msgspec's errors are ValueErrors as well
            if raw.status >= 500:  # a proxy's page about a server that is down
                down = ServerError("the answer holds no tokens", operation=_name(grant), status=raw.status)
                return Failure(down, Advice.TRANSIENT, maybe_executed=True)
            problem = DecodingError("the answer holds no tokens", operation=_name(grant), status=raw.status)
            return Failure(problem, Advice.NEVER, maybe_executed=True)
        return self._refused(grant, raw.status, raw.headers, envelope)

    def _refused(self, grant: _Grant, status: int, headers: Mapping[str, str], envelope: _Envelope) -> Failure:
        verdict = classify(status, envelope.code, envelope.message, headers, now=self._clock.server_time())
        message = envelope.message
        for secret in (self._app_secret, grant.secret):
            if len(secret) > 5:
                message = message.replace(secret, "***")
        context: dict[str, Any] = {
            "code": envelope.code,
            "retry_after": verdict.retry_after,
            "operation": _name(grant),
            "status": status,
            "request_id": envelope.request_id,
        }
        error: APIError
        if envelope.code == _USED_CODE and grant.step == "get":
            error = AuthorizationCodeError(message, **context)
        elif grant.before is not None and _is_about_the_refresh_token(verdict, message):
            error = ReauthorizationRequiredError(message, open_id=grant.before.open_id, **context)
        else:
            error = verdict.error(message, hint=verdict.hint, **context)
        return Failure(
            error,
            verdict.advice,
            maybe_executed=verdict.advice is Advice.TRANSIENT,
            retry_after=verdict.retry_after,
        )


class _Envelope(msgspec.Struct):
    code: int
    message: str = ""
    request_id: str = ""
    data: dict[str, Any] | None = None


def _name(grant: _Grant) -> str:
    return "token exchange" if grant.step == "get" else "token refresh"


_ABOUT_THE_AUTHORIZATION = re.compile(r"\brefresh[ _-]?token\b|\bauthori[sz]|\brevoked?\b", re.IGNORECASE)
_ABOUT_THE_APP = re.compile(r"\bapp[ _-]?(?:key|secret|id)\b|\bgrant[ _-]?type\b", re.IGNORECASE)


def is_about_the_authorization(message: str) -> bool:
    """Whether a refusal names the refresh token, or the authorisation of the account."""
    return bool(_ABOUT_THE_AUTHORIZATION.search(message))


def _is_about_the_refresh_token(verdict: Verdict, message: str) -> bool:
    """Whether the account's authorisation is over, and not the app's key wrong or this machine's address barred.

    Which codes the host refuses a refresh token with is nowhere written, so the known other reasons are told apart.
    """
    known = issubclass(verdict.error, NotFoundError | QuotaError) or (
        issubclass(verdict.error, PermissionDeniedError) and bool(verdict.hint)
    )
    return verdict.advice in {Advice.NEVER, Advice.TOKEN} and not known and not _ABOUT_THE_APP.search(message)
