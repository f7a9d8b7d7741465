"""Everything this package raises on its own account, in one tree. Each class says what a caller does about it.

    TikTokShopError
    ├── ArgumentError              (also ValueError) a value that cannot be sent as it is
    ├── CredentialsError           the client lacks a key, secret, token or cipher that the call needs
    ├── ClientClosedError          (also RuntimeError) the client was closed before the call
    ├── TokenStoreError            the token store cannot be read or written
    ├── InboxError                 the inbox of webhooks cannot be read or written
    ├── WebhookSignatureError      a notification that the platform did not sign
    ├── AuthorizationError         the consent page sent back no code that may be used
    │   ├── AuthorizationDeniedError  the seller declined
    │   ├── MissingStateError         the callback has no state
    │   └── StateMismatchError        the callback has another state than the one given out
    └── CallError                  a call was under way; says whether it may have been carried out
        ├── TransportError         no complete answer: connection, timeout, reset
        ├── CallTimeoutError       (also TimeoutError) the call's total time was up
        ├── DecodingError          an answer that is not the API's
        ├── PartialFailureError    the call went through, some of its items failed
        └── APIError               the API refused the call
            ├── AuthenticationError      key, token or identifiers are not accepted
            │   ├── TokenExpiredError    the access token has expired and cannot be renewed
            │   ├── ReauthorizationRequiredError  the refresh token is refused: the seller must authorise again
            │   ├── AuthorizationCodeError        the authorization code was used before or is too old
            │   ├── SignatureError       the signature does not match
            │   ├── ClockError           the timestamp is outside the accepted window
            │   └── ShopCipherError      cipher missing, unknown or not expected
            ├── PermissionDeniedError    the app, shop or seller may not do this
            │   └── MissingScopeError    an access scope is missing
            ├── ValidationError          the content of the request is refused
            ├── NotFoundError            no such endpoint
            │   └── RetiredVersionError  the endpoint's version is switched off or unknown
            ├── RateLimitError           too many requests at the moment
            ├── QuotaError               an hourly or daily allowance is used up
            ├── ResourceLockedError      another change to the same object is under way
            ├── NotReadyError            asked too early: poll
            └── ServerError              the API failed on its own side

All of them survive `copy` and `pickle`. No text, field or cause of them holds a secret of the client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tiktok_shop_async.response import Response

__all__ = [
    "APIError",
    "ArgumentError",
    "AuthenticationError",
    "AuthorizationCodeError",
    "AuthorizationDeniedError",
    "AuthorizationError",
    "CallError",
    "CallTimeoutError",
    "ClientClosedError",
    "ClockError",
    "CredentialsError",
    "DecodingError",
    "InboxError",
    "MissingScopeError",
    "MissingStateError",
    "NotFoundError",
    "NotReadyError",
    "PartialFailureError",
    "PermissionDeniedError",
    "QuotaError",
    "RateLimitError",
    "ReauthorizationRequiredError",
    "ResourceLockedError",
    "RetiredVersionError",
    "ServerError",
    "ShopCipherError",
    "SignatureError",
    "StateMismatchError",
    "TikTokShopError",
    "TokenExpiredError",
    "TokenStoreError",
    "TransportError",
    "TransportErrorKind",
    "ValidationError",
    "WebhookSignatureError",
]

TransportErrorKind: TypeAlias = Literal["connect", "timeout", "read", "write", "protocol"]


class TikTokShopError(Exception):
    """The root: `except TikTokShopError` catches whatever this package raises on its own account."""


class ArgumentError(TikTokShopError, ValueError):
    """A value that cannot be sent as it is. Nothing was sent: correct the argument that the text names."""


class CredentialsError(TikTokShopError):
    """The client lacks a key, secret, token or cipher that the call needs. Nothing was sent: supply what is named."""


class ClientClosedError(TikTokShopError, RuntimeError):
    """The client was closed. Nothing was sent: make the call inside `async with`, or before `aclose()`."""


class TokenStoreError(TikTokShopError):
    """The token store cannot be read or written. What it holds is as it was: mend it, then repeat the call."""


class InboxError(TikTokShopError):
    """The inbox of webhooks cannot be read or written. What it holds is as it was: mend it, then repeat."""


class WebhookSignatureError(TikTokShopError):
    """A notification that the platform did not sign for this app. Answer 401, and read nothing of it."""


class AuthorizationError(TikTokShopError):
    """The consent page sent back no code that may be used. The subclass says why; else offer the page again."""


class AuthorizationDeniedError(AuthorizationError):
    """The seller declined. Say what the app needs the access for, and offer the consent page again."""


class MissingStateError(AuthorizationError):
    """The callback has no state: it began in the app store, or it is forged. Let the person who is logged in confirm.

    After that, `read_callback(…, state=None)` accepts it.
    """


class StateMismatchError(AuthorizationError):
    """The callback has another state than the one given out: it may be forged. Do not use its code; begin anew."""


class CallError(TikTokShopError):
    """A call was under way and did not succeed.

    Attributes:
        message: What went wrong, without the context that `str()` adds.
        operation: What was called: `orders.get_order_list`.
        status: HTTP status, or None without an answer.
        request_id: The API's name for the request, for its support; empty without an answer.
        attempts: How many requests were sent.
        outcome_unknown: The call changes something, failed, and may have been carried out all the same. Read the
            current state before repeating it.
        response: The raw answer, where there is one. Left behind by `copy` and `pickle`.
    """

    message: str

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "",
        status: int | None = None,
        request_id: str = "",
        attempts: int = 0,
        outcome_unknown: bool = False,
        response: Response | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.status = status
        self.request_id = request_id
        self.attempts = attempts
        self.outcome_unknown = outcome_unknown
        self.response = response

    def __str__(self) -> str:
        message = self.message.rstrip(". ") or "failed without a message"
        text = f"{self.operation}: {message}" if self.operation else message
        facts = ", ".join(self._facts())
        text = f"{text} ({facts})" if facts else text
        if self.outcome_unknown:
            text += ". It is not known whether the change was made: read the current state before repeating the call"
        return ". ".join([text, *self._advice()])

    def __reduce__(self) -> tuple[Any, ...]:
        # The answer stays behind: it can be large, and what it holds is the seller's.
        return type(self), self.args, {**self.__dict__, "response": None}

    def _facts(self) -> list[str]:
        facts: list[str] = []
        if self.status is not None:
            facts.append(f"HTTP {self.status}")
        if self.request_id:
            facts.append(f"request id {self.request_id}")
        if self.attempts > 1:
            facts.append(f"{self.attempts} attempts")
        return facts

    def _advice(self) -> list[str]:
        return []


class TransportError(CallError):
    """No complete answer came: connection refused, timed out, reset. Try again later, unless `outcome_unknown`.

    Attributes:
        kind: `connect`, `timeout`, `read`, `write` or `protocol`.
        maybe_executed: Whether the request may have reached the API.
    """

    def __init__(
        self, message: str = "", *, kind: TransportErrorKind = "connect", maybe_executed: bool = False, **context: Any
    ) -> None:
        super().__init__(message, **context)
        self.kind: TransportErrorKind = kind
        self.maybe_executed = maybe_executed


class CallTimeoutError(CallError, TimeoutError):
    """The total time of the call was up, retries and waits included. Allow more with `CallOptions(timeout=…)`."""


class DecodingError(CallError):
    """An answer that is not the API's: a proxy's page, a cut-off text. Look at `status` and `response.content`."""


class PartialFailureError(CallError):
    """The call went through, and some of its items failed. What succeeded is done: repeat only the failed items.

    `CallOptions(partial_failure="return")` gives the answer as it is instead.

    Attributes:
        errors: The entries of the failed items, as the answer lists them.
        failed_ids: The ids of the failed items, as far as the entries name them.
        data: The whole answer.
    """

    def __init__(
        self,
        message: str = "",
        *,
        errors: Sequence[Any] = (),
        failed_ids: Sequence[str] = (),
        data: Any = None,
        **context: Any,
    ) -> None:
        super().__init__(message, **context)
        self.errors = list(errors)
        self.failed_ids = list(failed_ids)
        self.data = data


class APIError(CallError):
    """The API answered with an error code. This class itself: a code of the endpoint's own; see its page.

    Attributes:
        code: The API's error code; None where an answer without one was told by its HTTP status.
        hint: What to do about this very code, where that is known.
        retry_after: Seconds until it is worth trying again, where the answer says so.
        scopes: Access scopes of the operation.
        successor: Method that replaces the operation, where there is one.
    """

    def __init__(
        self,
        message: str = "",
        *,
        code: int | None = None,
        hint: str = "",
        retry_after: float | None = None,
        scopes: Sequence[str] = (),
        successor: str | None = None,
        **context: Any,
    ) -> None:
        super().__init__(message, **context)
        self.code = code
        self.hint = hint
        self.retry_after = retry_after
        self.scopes = tuple(scopes)
        self.successor = successor

    def _facts(self) -> list[str]:
        facts = super()._facts()
        if self.code is not None:
            facts.insert(0, f"code {self.code}")
        if self.retry_after is not None:
            facts.append(f"retry after {self.retry_after:g} s")
        return facts

    def _advice(self) -> list[str]:
        return [self.hint] if self.hint else []


class AuthenticationError(APIError):
    """App key, token or identifiers are not accepted. Check which of them the message names; repeating is no use."""


class TokenExpiredError(AuthenticationError):
    """The access token has expired and was not renewed. Get another one, then repeat the call: nothing was done."""


class ReauthorizationRequiredError(AuthenticationError):
    """The refresh token of an account is refused. The seller must authorise the app again.

    It is not sent again until there are new tokens; after an hour only where the API did not say that it is the token
    or the authorisation that it refuses.

    Attributes:
        open_id: The account.
    """

    def __init__(self, message: str = "", *, open_id: str = "", **context: Any) -> None:
        super().__init__(message, **context)
        self.open_id = open_id

    def _facts(self) -> list[str]:
        return [*([f"account {self.open_id}"] if self.open_id else []), *super()._facts()]

    def _advice(self) -> list[str]:
        return [*super()._advice(), "The seller of this account must authorise the app again"]


class AuthorizationCodeError(AuthenticationError):
    """The authorization code was used before, or is older than 30 minutes. Send the seller for a new one."""


class SignatureError(AuthenticationError):
    """The signature does not match. Check the app secret, and that no proxy rewrites requests."""


class ClockError(AuthenticationError):
    """The timestamp is out of the accepted window, even by the API's own clock. Set this machine's clock."""


class ShopCipherError(AuthenticationError):
    """A cipher, of a shop or of a category asset, is missing, unknown or not expected. A new consent changes it."""


class PermissionDeniedError(APIError):
    """The app, shop or seller may not do this. Someone has to grant it in the partner or seller centre."""


class MissingScopeError(PermissionDeniedError):
    """An access scope is missing. Enable it for the app **and** let the seller authorise the app again."""

    def _advice(self) -> list[str]:
        needed = f"The call needs {' or '.join(self.scopes)}: enable" if self.scopes else "Enable"
        return [*super()._advice(), f"{needed} the scope for the app, then have the seller authorise the app again"]


class ValidationError(APIError):
    """The content of the request is refused. Correct the field that the message names."""


class NotFoundError(APIError):
    """No such endpoint at this address. Check the base URL and, for `request()`, path and method."""


class RetiredVersionError(NotFoundError):
    """The endpoint's version is switched off or unknown. Call its successor, or update this package."""

    def _advice(self) -> list[str]:
        instead = f"Call {self.successor} instead" if self.successor else "Look for a newer revision of the endpoint"
        return [*super()._advice(), instead]


class RateLimitError(APIError):
    """Too many requests at the moment, and retries did not help. Send fewer, or wait `retry_after` seconds."""


class QuotaError(APIError):
    """An hourly or daily allowance is used up. Stop until it is renewed; do not loop."""


class ResourceLockedError(APIError):
    """Another change to the same object is under way. Repeat the call a little later: nothing was carried out."""


class NotReadyError(APIError):
    """Asked too early: the document, label or number is still being made. Poll, with pauses of seconds."""


class ServerError(APIError):
    """The API failed on its own side. Repeat later, unless `outcome_unknown`."""
