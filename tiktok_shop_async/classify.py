"""What a failed answer means, told from its code, its HTTP status and its message, and whether to try again."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from tiktok_shop_async.errors import (
    APIError,
    AuthenticationError,
    ClockError,
    MissingScopeError,
    NotFoundError,
    NotReadyError,
    PermissionDeniedError,
    QuotaError,
    RateLimitError,
    ResourceLockedError,
    RetiredVersionError,
    ServerError,
    ShopCipherError,
    SignatureError,
    TokenExpiredError,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Advice", "Verdict", "classify", "http_time"]


class Advice(Enum):
    """What is right after a failure."""

    NEVER = "never"
    """Trying again is no use, or not for this package to decide."""
    RATE = "rate"
    """Refused before processing: wait long and try again, whatever the call does."""
    LOCK = "lock"
    """Refused before processing: wait shortly and try again, whatever the call does."""
    UNSENT = "unsent"
    """The request did not get there: try again, whatever the call does."""
    TRANSIENT = "transient"
    """May have been carried out: try again where repeating does no harm."""
    TOKEN = "token"
    """The access token has expired, and nothing was done: call once more with another one."""
    CIPHER = "cipher"
    """The shop's cipher is not accepted, and nothing was done: call once more if there is another one."""
    CLOCK = "clock"
    """Refused for its timestamp: sign once more by the server's clock."""


class Verdict(Struct, frozen=True):
    """What a failed answer means.

    Attributes:
        error: The class to raise.
        hint: What to do about this very code, beyond what the class says.
        retry_after: Seconds that the answer asks to wait.
    """

    error: type[APIError]
    advice: Advice = Advice.NEVER
    hint: str = ""
    retry_after: float | None = None


_WRONG_TOKEN = "The access token belongs to another shop, or to another kind of account, than the call is for"
_WRONG_SECRET = Verdict(SignatureError, hint="Check the app secret")
_EXPIRED = Verdict(
    TokenExpiredError, Advice.TOKEN, hint="Give a refresh_token= or a token_store= to have it renewed, or another token"
)
_WRONG_CIPHER = Verdict(
    ShopCipherError, Advice.CIPHER, hint="client.shop(…) finds the cipher of a shop; a new consent changes it"
)
_WRONG_ASSET = Verdict(ShopCipherError, Advice.CIPHER, hint="partner.category_asset(…) finds the cipher of an asset")
_BY_THE_DAY = "The allowance is counted by the day: go on tomorrow"

# The codes that mean the same at every endpoint, or that want something other than their HTTP status says.
_CODES: dict[int, Verdict] = {
    36009002: Verdict(RateLimitError, Advice.RATE),
    17029054: Verdict(RateLimitError, Advice.RATE),
    600001001: Verdict(RateLimitError, Advice.RATE),
    36009037: Verdict(QuotaError, hint="Calls to development shops are counted by the hour: go on in the next one"),
    45101004: Verdict(QuotaError, hint=_BY_THE_DAY),
    12038012: Verdict(QuotaError, hint=_BY_THE_DAY),
    36009003: Verdict(ServerError, Advice.TRANSIENT),
    36009007: Verdict(ServerError, Advice.TRANSIENT, "The server took too long: ask for less at a time"),
    25001028: Verdict(ResourceLockedError, Advice.LOCK),
    600001002: Verdict(ResourceLockedError, Advice.LOCK),
    105002: _EXPIRED,
    106001: _WRONG_SECRET,
    101000: Verdict(AuthenticationError, hint=_WRONG_TOKEN),
    36004004: Verdict(
        AuthenticationError, hint="An authorization code works once and for 30 minutes: send the seller for a new one"
    ),
    106013: _WRONG_CIPHER,
    105005: Verdict(MissingScopeError),
    36009033: Verdict(PermissionDeniedError, hint="Put this machine's public address on the app's list of allowed IPs"),
    36009043: Verdict(PermissionDeniedError, hint="The shop is not active"),
    36009044: Verdict(PermissionDeniedError, hint="The seller is not active"),
    21008106: Verdict(PermissionDeniedError, hint="Not available in the shop's region or for its type of business"),
    36009009: Verdict(NotFoundError),
    36009010: Verdict(NotFoundError),
    36009014: Verdict(RetiredVersionError),
    36009021: Verdict(ValidationError, hint="The file is too large"),
    36009022: Verdict(ValidationError),
    36009023: Verdict(ValidationError),
    98001004: Verdict(ValidationError, hint="The page size is out of the endpoint's range"),
    11034037: Verdict(NotReadyError),
    11034023: Verdict(NotReadyError),
    11006010: Verdict(NotReadyError),
    21023034: Verdict(NotReadyError),
}

_OVERLOADED = 36009004

# The meanings of 36009004, by keywords: its sentences drift between versions, and quote names in three ways. A refused
# field comes first, since it can be called like any of the others.
_MEANINGS: tuple[tuple[re.Pattern[str], Verdict], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), verdict)
    for pattern, verdict in (
        (r"\bexpect(?:ed|s)\b.*\b(?:actual|got|type)\b", Verdict(ValidationError)),
        (r"\btimestamp\b", Verdict(ClockError, Advice.CLOCK)),
        (r"\bsign(?:ature)?\b", _WRONG_SECRET),
        (r"\bapp[ _]?key\b", Verdict(AuthenticationError, hint="Check the app key")),
        (r"\baccess[ _-]?token\b.*\bexpired\b", _EXPIRED),
        (r"\baccess[ _-]?token\b", Verdict(AuthenticationError, hint="Check the access token")),
        (r"\bcategory[ _]asset", _WRONG_ASSET),
        (r"cipher\b|\bshop[ _]?id\b", _WRONG_CIPHER),
        (r"\bversion\b", Verdict(RetiredVersionError)),
    )
)

_STATUSES: dict[int, Verdict] = {
    400: Verdict(ValidationError),
    401: Verdict(AuthenticationError),
    403: Verdict(PermissionDeniedError),
    404: Verdict(NotFoundError),
    405: Verdict(NotFoundError),
    408: Verdict(ServerError, Advice.TRANSIENT),
    413: Verdict(ValidationError, hint="The request is too large"),
    422: Verdict(ValidationError),
    429: Verdict(RateLimitError, Advice.RATE),
    501: Verdict(NotFoundError, hint="The server knows the endpoint and does not serve it, as a sandbox may"),
}


def classify(status: int, code: int | None, message: str, headers: Mapping[str, str], *, now: float) -> Verdict:
    """Tell what a failed answer means.

    Args:
        status: HTTP status.
        code: The envelope's code, not 0; None where the answer holds no envelope.
        message: The envelope's message.
        headers: Of the answer, names in lower case.
        now: Unix time, for a `Retry-After` that names a date in an answer without one of its own.
    """
    verdict = _meaning(status, code, message)
    wait = _retry_after(headers, now)
    return verdict if wait is None else replace(verdict, retry_after=wait)


def _meaning(status: int, code: int | None, message: str) -> Verdict:
    known = _CODES.get(code) if code is not None else None
    if status == 429 and (known is None or known.error is not QuotaError):
        return _STATUSES[429]  # refused before processing, whatever the code would mean otherwise
    if code == _OVERLOADED:
        return next((verdict for pattern, verdict in _MEANINGS if pattern.search(message)), Verdict(ValidationError))
    if known is not None:
        return known
    if status in _STATUSES:
        return _STATUSES[status]
    return Verdict(ServerError, Advice.TRANSIENT) if status >= 500 else Verdict(APIError)


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    moment = http_time(value)
    if moment is None:
        return None
    sent = http_time(headers.get("date", ""))
    return max(0.0, moment - (now if sent is None else sent))


def http_time(text: str) -> float | None:
    """Unix time of an HTTP date, or None where the text is none."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
