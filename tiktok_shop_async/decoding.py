"""From the bytes of an answer to its envelope and typed data.

`code`, `message` and `request_id` stand in every answer; `data` is read straight into the operation's model. What does
not fit its model is fitted (see `tolerance`) and never fails the call: only an answer that is no envelope at all does.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import msgspec
from msgspec import Raw, ValidationError

from tiktok_shop_async import tolerance
from tiktok_shop_async.errors import DecodingError
from tiktok_shop_async.model import Acknowledgement

if TYPE_CHECKING:
    from tiktok_shop_async.operation import Operation

T = TypeVar("T")
AnswerT = TypeVar("AnswerT")


class Envelope(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """What the service wraps every answer in. `code` 0 is success, whatever the HTTP status."""

    code: int
    message: str
    request_id: str
    data: T


def answer_type(operation: Operation[AnswerT]) -> type[AnswerT]:
    """The class of an operation's `data`; its module is imported when it is first asked for."""
    return _answer_type(operation.answer)


@cache
def _answer_type(answer: str | None) -> type[Any]:
    if answer is None:
        return Acknowledgement
    module, name = answer.rsplit(".", 1)
    found: type[Any] = getattr(import_module(f"tiktok_shop_async.models.{module}"), name)
    return found


def decode_envelope(content: bytes, model: type[T], *, operation: str) -> Envelope[T]:
    """Read an answer.

    Args:
        content: The whole body.
        model: The class of `data`; an `Acknowledgement` where the operation has none.
        operation: The name of the operation, for reports and errors.

    Returns:
        The envelope. Its `data` is always an instance of the class, an empty one where the answer holds none or says
        no, and where the operation has none.

    Raises:
        DecodingError: The body is not JSON in UTF-8, not an object, or has no numeric `code`.
    """
    try:
        return _read(content, model, operation)
    except RecursionError:
        reason = "JSON that is nested too deeply"
    except UnicodeDecodeError:
        reason = "text that is not UTF-8"
    except ValidationError:
        reason = "JSON that is no object" if content.lstrip()[:1] != b"{" else "an object without a numeric code"
    except msgspec.DecodeError:
        reason = ""
    # Outside of the handlers, whose exceptions carry the body: it names people.
    if not reason:
        mended = tolerance.mend(content)
        if mended != content:
            return decode_envelope(mended, model, operation=operation)
        reason = _describe(content)
    raise DecodingError(f"expected an envelope, got {reason} ({len(content)} bytes)", operation=operation)


def is_cut_off(content: bytes) -> bool:
    """Whether a body begins as an envelope and does not go on as JSON."""
    if content.lstrip()[:1] != b"{":
        return False
    try:
        msgspec.json.decode(content, type=Raw)
    except msgspec.DecodeError:
        return True
    return False


class _Wire(msgspec.Struct, Generic[T]):
    """The envelope as msgspec reads it."""

    code: int
    message: str = ""
    request_id: str = ""
    data: T | None = None


class _OddWire(msgspec.Struct):
    """The envelope of an answer that does not fit: the code must be one, the rest may be anything."""

    code: int
    message: Raw = Raw(b'""')
    request_id: Raw = Raw(b'""')
    data: Raw = Raw(b"null")


_ODD_WIRE = msgspec.json.Decoder(_OddWire, strict=False)


def _read(content: bytes, model: type[T], operation: str) -> Envelope[T]:
    try:
        wire = _decoder(cast("Any", model)).decode(content)
    except ValidationError:
        odd = _ODD_WIRE.decode(content)
        # What comes with a refusal, or where no data is expected, has no shape that it could miss.
        fits = odd.code == 0 and model is not Acknowledgement
        data = tolerance.fit(odd.data, model, operation) if fits else tolerance.empty(model)
        return Envelope(odd.code, _text(odd.message), _text(odd.request_id), data)
    return Envelope(
        wire.code, wire.message, wire.request_id, tolerance.empty(model) if wire.data is None else wire.data
    )


@cache
def _decoder(model: Any) -> msgspec.json.Decoder[_Wire[Any]]:
    # A type that is made at run time is beyond what type checkers express.
    return tolerance.decoder(cast("type[_Wire[Any]]", cast("Any", _Wire)[model]))


def _text(raw: Raw) -> str:
    """Text of the envelope: null is empty, any other value its JSON."""
    try:
        return msgspec.json.decode(raw, type=str | None) or ""
    except ValidationError:
        return bytes(raw).decode()


def _describe(content: bytes) -> str:
    """What a body that is not JSON is, without quoting it."""
    text = content.strip()
    if not text:
        return "an empty body"
    if text.startswith(b"<"):
        return "an HTML or XML page"
    return "malformed JSON" if text[:1] in (b"{", b"[") else "text that is not JSON"
