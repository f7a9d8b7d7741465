"""The life of a call, top to bottom: encode → [retry: access → turn → sign → send → read → classify] → return."""

from __future__ import annotations

import uuid
from contextlib import aclosing
from dataclasses import dataclass, field
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import quote
from weakref import WeakValueDictionary

from anyio import move_on_after
from anyio.lowlevel import checkpoint_if_cancelled
from msgspec import Struct

from tiktok_shop_async import __version__
from tiktok_shop_async.classify import Advice, classify, http_time
from tiktok_shop_async.decoding import answer_type, decode_envelope, is_cut_off
from tiktok_shop_async.encoding import JSON, encode, encode_unlisted
from tiktok_shop_async.errors import (
    CallTimeoutError,
    DecodingError,
    ReauthorizationRequiredError,
    TikTokShopError,
    TransportError,
)
from tiktok_shop_async.identifiers import Identifiers
from tiktok_shop_async.limits import limit_key
from tiktok_shop_async.model import attach
from tiktok_shop_async.multipart import Multipart
from tiktok_shop_async.observation import CallDetails
from tiktok_shop_async.operation import Operation, PagedOperation
from tiktok_shop_async.options import CallOptions
from tiktok_shop_async.paging import Pager
from tiktok_shop_async.partial_failure import raise_partial_failure
from tiktok_shop_async.response import Response
from tiktok_shop_async.retry import Attempts, Failure
from tiktok_shop_async.secret import Secret
from tiktok_shop_async.signing import sign
from tiktok_shop_async.source import Source
from tiktok_shop_async.time_limit import time_limit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anyio import Semaphore

    from tiktok_shop_async.ciphers import KnownCiphers
    from tiktok_shop_async.credentials import Credentials
    from tiktok_shop_async.encoding import Arguments, EncodedRequest, FileContent
    from tiktok_shop_async.limits import Limiter
    from tiktok_shop_async.model import Model
    from tiktok_shop_async.observation import Observation, Observers
    from tiktok_shop_async.retry import Clock
    from tiktok_shop_async.traffic import Traffic
    from tiktok_shop_async.transport import RawAnswer, Transport

__all__ = ["Caller", "Resource", "Session"]

AnswerT = TypeVar("AnswerT", bound="Model")
PageT = TypeVar("PageT", bound="Model")
ItemT = TypeVar("ItemT")

_DEFAULTS = CallOptions()
_DOES_NOT_FIT = 101000
"""The token does not fit the shop or the endpoint."""
_SCOPE_MISSING = 105005


@dataclass(slots=True, kw_only=True, repr=False)
class Session:
    """What a client and all its views share."""

    base_url: str
    auth_url: str
    transport: Transport
    timeout: float
    max_retries: int
    clock: Clock
    limiter: Limiter
    traffic: Traffic
    observers: Observers
    closed: bool = False
    identifiers: WeakValueDictionary[str | None, Identifiers] = field(
        default_factory=WeakValueDictionary[str | None, Identifiers]
    )
    """By the owner of the credentials, for as long as there are views on it."""


class Resource:
    """The base of the generated resources."""

    __slots__ = ("_call",)

    def __init__(self, call: Caller) -> None:
        self._call = call


# `gc=False`, because none of these can be part of a cycle: while many calls are in flight the garbage collector has so
# much less to go through.


class _Call(Struct, Generic[AnswerT], frozen=True, gc=False):
    """What all attempts of a call have in common."""

    __repr__ = object.__repr__

    operation: Operation[Any]
    request: EncodedRequest
    headers: Mapping[str, str]
    answer: type[AnswerT]


class _Access(Struct, frozen=True, gc=False):
    """What opens the API to one attempt: the token and the shop's cipher can change from one to the next.

    Attributes:
        counts_as: The key that the attempt counts against in the limiter.
    """

    __repr__ = object.__repr__

    token: str
    identifiers: Mapping[str, str]
    counts_as: str


class _Answer(Struct, Generic[AnswerT], frozen=True, gc=False):
    data: AnswerT
    response: Response


class Caller:
    """Makes calls in the name of one account, and of one of its shops or category assets."""

    __slots__ = ("credentials", "identifiers", "session")

    def __init__(self, session: Session, credentials: Credentials, identifiers: Identifiers | None = None) -> None:
        self.session = session
        self.credentials = credentials
        self.identifiers = identifiers
        """What is known of the account's shops and category assets, once some were asked for."""

    async def send(
        self, operation: Operation[AnswerT], arguments: Arguments, options: CallOptions | None = None
    ) -> AnswerT:
        """Call an operation.

        Args:
            operation: The endpoint.
            arguments: Its parameters by wire name; None stands for "not sent".
            options: Settings of this call.

        Returns:
            The `data` of the answer.

        Raises:
            ArgumentError: A value that cannot be sent.
            CredentialsError: The client lacks something that the operation needs.
            CallError: The call was under way and failed; the subclass tells what to do.
        """
        options = options or _DEFAULTS
        key = operation.idempotency_key
        if key is not None and not arguments.get(key):
            arguments = {**arguments, key: str(uuid.uuid4())}  # one key for all attempts: that is its purpose
        request = encode(operation, arguments)
        with self._watch(operation) as observation:
            answer = await self._perform(operation, request, answer_type(operation), options, observation)
            result = answer.data
            attach(result, answer.response)
            if operation.partial_errors is not None and options.partial_failure == "raise":
                raise_partial_failure(operation, result, answer.response)
        return result

    def pages(
        self, operation: PagedOperation[PageT, ItemT], arguments: Arguments, options: CallOptions | None = None
    ) -> Pager[PageT, ItemT]:
        """List the rows of an operation; nothing is sent before the pager is awaited or iterated."""

        async def fetch(position: Arguments) -> PageT:
            return await self.send(operation, {**arguments, **position}, options)

        async def look(position: Arguments, paths: tuple[str, ...]) -> Model:
            from tiktok_shop_async.outline import outline  # for scans alone

            request = encode(operation, {**arguments, **position})
            page: type[PageT] = answer_type(operation)
            part = outline(page, paths)
            with self._watch(operation) as observation:
                answer = await self._perform(operation, request, part, options or _DEFAULTS, observation)
            attach(answer.data, answer.response)
            return answer.data

        def read(response: Response) -> PageT:
            try:
                page = decode_envelope(response.content, answer_type(operation), operation=operation.name).data
            except DecodingError as error:
                error.status, error.response = response.status, response
                raise error.with_traceback(None) from None  # its frames hold the body, which names people
            attach(page, response)
            return page

        clock = self.session.clock
        source = Source(operation.name, fetch, look, read, clock.server_time, clock.monotonic)
        return Pager(source, operation.paging, arguments)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object],
        body: object,
        files: Mapping[str, FileContent],
        shop_cipher: bool,
        category_asset_cipher: bool,
        options: CallOptions | None,
    ) -> Response:
        """Call an endpoint that has no operation; see `View.request`."""
        request = encode_unlisted(method, path, query, body, files)
        operation: Operation[Any] = Operation(
            name=f"{request.method} {path}",
            method=request.method,
            path=path,
            version="",
            safety="read" if request.method == "GET" else "unsafe",
            shop_cipher="optional" if shop_cipher else None,
            category_asset_cipher="optional" if category_asset_cipher else None,
        )
        with self._watch(operation) as observation:
            answer = await self._perform(operation, request, answer_type(operation), options or _DEFAULTS, observation)
        return answer.response

    @property
    def _known(self) -> Identifiers | None:
        return self.identifiers or self.session.identifiers.get(self.credentials.owner)

    def _looked_up(self) -> Iterable[tuple[str, KnownCiphers[Any], object]]:
        """The ciphers that were looked up and not given: the name of each, those it is one of, what it stands for."""
        if self.credentials.shop_id is None and self.credentials.category_asset is None:
            return ()
        known = self._known
        return () if known is None else known.looked_up(self.credentials)

    def _watch(self, operation: Operation[Any]) -> Observation:
        """Tell the observers of a call, from here on to its end."""
        return self.session.observers.watch(operation, self._details, self.session.clock.monotonic)

    def _details(self, operation: Operation[Any]) -> CallDetails:
        return CallDetails(
            operation=operation.name,
            shop=self.credentials.shop_name(operation),
            method=operation.method,
            path=operation.path,
            changes=operation.safety != "read",
        )

    async def _perform(
        self,
        operation: Operation[Any],
        request: EncodedRequest,
        answer: type[AnswerT],
        options: CallOptions,
        observation: Observation,
    ) -> _Answer[AnswerT]:
        """Send a request until it is answered, or until trying again is no use, not safe or too late."""
        session = self.session
        attempts = Attempts(
            operation.name,
            changes=operation.safety != "read",
            repeatable=operation.safety != "unsafe" or operation.idempotency_key is not None,
            replayable=request.replayable,
            max_retries=session.max_retries if options.max_retries is None else options.max_retries,
            timeout=session.timeout if options.timeout is None else options.timeout,
            clock=session.clock,
            observation=observation,
        )
        if session.closed:
            raise attempts.ended_by_close()
        # A worker thread that reads a file is waited for under a scope of anyio's, and not where a task is cancelled.
        limit = time_limit if isinstance(request.body, bytes) else move_on_after
        with limit(attempts.timeout):
            call = _Call(operation, request, await _headers(request, options), answer)
            while True:
                access = await self._access(operation, attempts)
                if not isinstance(access, _Access):
                    await session.clock.sleep(access)
                    continue
                place = await self._place(access, attempts)
                try:
                    if session.closed:  # meanwhile
                        raise attempts.ended_by_close()
                    attempts.begin()
                    outcome = await self._attempt(call, access, attempts.count)
                finally:
                    place.release()
                if isinstance(outcome, _Answer):
                    observation.attempt_succeeded(outcome.response)
                    return outcome
                delay = attempts.failed(outcome, other_access=self._give_up(access, outcome.advice))
                if outcome.advice is Advice.RATE:
                    await session.limiter.penalize(access.counts_as, outcome.retry_after)
                if delay is None:
                    raise outcome.error
                if delay:
                    await session.clock.sleep(delay)
        await checkpoint_if_cancelled()  # a scope around the call may be over as well
        raise attempts.timed_out()

    async def _access(self, operation: Operation[Any], attempts: Attempts) -> _Access | float:
        """The token and the ciphers as they are now, renewed or looked up where that is due.

        Where the host that renews tokens fails: the seconds until it is worth asking again.
        """
        credentials = self.credentials
        try:
            token = await credentials.token(operation.name)
        except TikTokShopError as error:
            known = self._known
            if known is not None and isinstance(error, ReauthorizationRequiredError):
                known.doubt()  # whoever asks for a shop next looks whether another account has it
            delay = attempts.held_up(error, credentials.account.rest() if credentials.account is not None else 0.0)
            if delay is not None:
                return delay
            problem = attempts.without_access(error)
        else:
            return await self._identified(operation, token, attempts)
        raise problem

    async def _identified(self, operation: Operation[Any], token: str, attempts: Attempts) -> _Access:
        """The access that a token and the ciphers of the moment give."""
        credentials = self.credentials
        try:
            identifiers = credentials.identifiers(operation)
            for name, ciphers, key in self._looked_up():
                if name in identifiers:
                    identifiers[name] = ciphers.get(key) or await ciphers.find(key) or identifiers[name]
        except TikTokShopError as error:
            problem = attempts.without_access(error)
        else:
            # The limit is for an app, a shop (or an account, where the call is for none) and an endpoint.
            shop = identifiers.get("shop_cipher") or identifiers.get("category_asset_cipher") or credentials.owner or ""
            counts_as = limit_key(credentials.app_key, shop, operation.method, operation.path)
            return _Access(token, identifiers, counts_as)
        raise problem

    def _give_up(self, access: _Access, advice: Advice) -> bool:
        """Put away the token or the cipher if it was refused. Whether the next attempt gets another one."""
        account = self.credentials.account
        if advice is Advice.TOKEN and account is not None:
            account.expired(access.token)
            return True
        refused = False
        for name, ciphers, key in self._looked_up():
            if advice is Advice.CIPHER and name in access.identifiers:
                ciphers.refuse(key, access.identifiers[name])
                refused = True
        return refused

    async def _place(self, access: _Access, attempts: Attempts) -> Semaphore:
        """Wait for the rate limit and for a place in flight."""
        try:
            return await self.session.traffic.enter(access.counts_as, within=attempts.left())
        except CallTimeoutError as error:
            problem = attempts.out_of_turn(error)
        raise problem

    async def _attempt(self, call: _Call[AnswerT], access: _Access, count: int) -> _Answer[AnswerT] | Failure:
        """Sign, send, read and classify, once."""
        transport, monotonic = self.session.transport, self.session.clock.monotonic
        started = monotonic()
        method, body, url = call.request.method, call.request.body, self._signed_url(call.request, access)
        headers = {**call.headers, "x-tts-access-token": access.token}
        try:
            if isinstance(body, bytes):
                raw = await transport.send(method, url, headers, body)
            else:
                async with aclosing(body.stream()) as stream:
                    raw = await transport.send(method, url, headers, stream)
        except TransportError as error:
            advice = Advice.TRANSIENT if error.maybe_executed else Advice.UNSENT
            # Its frames end here: those of a transport are not ours, and hold the address and the headers.
            return Failure(error.with_traceback(None), advice, maybe_executed=error.maybe_executed)
        return self._read(call, access, raw, count, monotonic() - started)

    def _signed_url(self, request: EncodedRequest, access: _Access) -> Secret:
        """The address of one attempt. Each has a timestamp of its own, so each is signed anew."""
        query = {
            **access.identifiers,
            **dict(request.query),
            "app_key": self.credentials.app_key,
            "timestamp": str(int(self.session.clock.server_time())),
        }
        query["sign"] = sign(
            app_secret=self.credentials.app_secret,
            path=request.path,
            query=query,
            body=request.body if isinstance(request.body, bytes) else b"",
            content_type=request.content_type,
        )
        return Secret(f"{self.session.base_url}{request.path}?{_encoded(query)}")

    def _read(
        self, call: _Call[AnswerT], access: _Access, raw: RawAnswer, count: int, elapsed: float
    ) -> _Answer[AnswerT] | Failure:
        """Tell success from failure, and read the data of a success."""
        name = call.operation.name

        def response(request_id: str) -> Response:
            return Response(raw.status, raw.headers, raw.content, request_id, name, count, elapsed)

        try:
            envelope = decode_envelope(raw.content, call.answer, operation=name)
        except DecodingError as error:
            if raw.status >= 400:
                return self._refused(call.operation, access, None, error.message, response(""))
            error.status, error.response = raw.status, response("")
            # An answer that was cut off comes whole another time. Something else that said "fine", or sent us
            # elsewhere, is not the API: no other attempt will read better.
            advice = Advice.TRANSIENT if is_cut_off(raw.content) else Advice.NEVER
            return Failure(error.with_traceback(None), advice, maybe_executed=raw.status < 300)
        if envelope.code == 0:  # whatever the HTTP status
            return _Answer(envelope.data, response(envelope.request_id))
        refusal = response(envelope.request_id)
        return self._refused(call.operation, access, envelope.code, envelope.message, refusal)

    def _refused(
        self, operation: Operation[Any], access: _Access, code: int | None, message: str, response: Response
    ) -> Failure:
        """What the API's refusal means."""
        headers, known = response.headers, self._known
        if code == _DOES_NOT_FIT and known is not None:
            known.doubt()  # the seller may have moved the shop to another authorisation
        if code == _SCOPE_MISSING and self.credentials.account is not None:
            self.credentials.account.doubt(access.token)  # another process may have newer ones, with more scopes
        verdict = classify(response.status, code, message, headers, now=self.session.clock.server_time())
        error = verdict.error(
            self.credentials.redact(message, access.token, *access.identifiers.values()),
            code=code,
            hint=verdict.hint,
            retry_after=verdict.retry_after,
            scopes=operation.scopes,
            successor=operation.successor,
            status=response.status,
            request_id=response.request_id,
            response=response,
        )
        return Failure(
            error,
            verdict.advice,
            maybe_executed=verdict.advice is Advice.TRANSIENT,
            retry_after=verdict.retry_after,
            server_time=http_time(headers.get("date", "")),
        )


_UNRESERVED = f"{ascii_letters}{digits}-._~".encode()


def _encoded(query: Mapping[str, str]) -> str:
    """Percent-encoded. Most queries need nothing of that, and looking is quicker than encoding."""
    if "".join([*query, *query.values()]).encode().translate(None, _UNRESERVED):
        query = {quote(name, safe=""): quote(value, safe="") for name, value in query.items()}
    return "&".join([f"{name}={value}" for name, value in query.items()])


_HEADERS = {
    "accept": "application/json",
    "user-agent": f"tiktok-shop-async/{__version__}",
    "content-type": JSON,
}
"""Of most calls; each attempt adds its token to a copy."""


async def _headers(request: EncodedRequest, options: CallOptions) -> Mapping[str, str]:
    if not isinstance(request.body, Multipart):
        return {**_HEADERS, **options.headers} if options.headers else _HEADERS
    headers = {**_HEADERS, **options.headers, "content-type": request.content_type}
    length = await request.body.measure()
    if length is not None:
        headers["content-length"] = str(length)
    return headers
