"""The signature of a request, checked from the outside: bytes as received, values as decoded.

Written from the protocol and not from any client, so that it can prove a client wrong. When a signature does not
match, `explain` tries the usual mistakes and says which one would have produced it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

UNSIGNED = frozenset({"sign", "access_token"})
MASK = b"<secret>"
SECRET_NAMES = frozenset({"access_token", "app_secret", "auth_code", "refresh_token", "x-tts-access-token"})
"""Parameters and headers whose values are not shown."""
LONGEST_SHOWN = 8_192
ABSENT = ("undefined", "null", "None", "")
"""What a value that is not there becomes as text."""


@dataclass(frozen=True, slots=True)
class SignedParts:
    """What a signature covers.

    `query` holds the decoded pairs in the order they were sent, of which the first of each name counts; `body` is the
    raw body, empty for multipart.
    """

    path: str
    query: Sequence[tuple[str, str]]
    body: bytes

    def text(self, secret: bytes) -> bytes:
        """The string to sign, wrapped in `secret` (or in a mask, to show it)."""
        return secret + self.path.encode() + _join(_signed_pairs(self.query)) + self.body + secret


def sign(parts: SignedParts, secret: str) -> str:
    """The signature that a request with these parts must carry."""
    return _hmac(secret, parts.text(secret.encode()))


def matches(parts: SignedParts, secret: str, given: str) -> bool:
    """Whether `given` is the signature, compared byte for byte: lowercase hex only."""
    return hmac.compare_digest(sign(parts, secret).encode(), given.encode())


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What became of a signature: the text that had to be signed (the secret masked), both signatures, likely mistakes.

    Of a signature that fits nothing but that is told, since nobody asks.
    """

    valid: bool
    text: str = ""
    expected: str = ""
    given: str = ""
    mistakes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"the string to sign was {self.text}",
            f"its signature is {self.expected}, the request carries {self.given or 'none'}",
        ]
        found = [f"the request's signature fits if {mistake}" for mistake in self.mistakes]
        return "; ".join([*lines, *(found or [NO_MISTAKE_FITS])])

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        if self.valid:
            return {"valid": True}
        return {
            "valid": False,
            "string_to_sign": self.text,
            "expected": self.expected,
            "given": self.given,
            "mistakes": list(self.mistakes),
        }


VALID = Diagnosis(valid=True)
NO_MISTAKE_FITS = "none of the usual mistakes leads to that: compare this string with the one that you sign"


def explain(parts: SignedParts, secret: str, given: str, absent: Collection[str] = ()) -> Diagnosis:
    """Why a signature failed: the text that had to be signed, and the usual mistakes that lead to this one.

    `absent` names the parameters that the endpoint knows and the request does not have.
    """
    return Diagnosis(
        valid=False,
        text=_shown(parts, secret),
        expected=sign(parts, secret),
        given=given,
        mistakes=tuple(_mistakes_that_fit(parts, secret, given, absent)) if given else (),
    )


def _shown(parts: SignedParts, secret: str) -> str:
    """The string to sign, without secrets, in one line, and of a large body the beginning and the end."""
    query = [(name, "<masked>" if name in SECRET_NAMES and value else value) for name, value in parts.query]
    raw = SignedParts(parts.path, query, parts.body).text(MASK)
    if len(raw) > LONGEST_SHOWN:
        half = LONGEST_SHOWN // 2
        raw = raw[:half] + f"<{len(raw) - 2 * half} bytes>".encode() + raw[-half:]
    text = raw.decode("utf-8", "backslashreplace").replace(secret, MASK.decode())
    # Line ends and the like as escapes, so that what was sent writes no lines of its own into a log.
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _mistakes_that_fit(parts: SignedParts, secret: str, given: str, absent: Collection[str]) -> Iterator[str]:
    if given != given.lower() and matches(parts, secret, given.lower()):
        yield "its letters are lowercased"
    yield from _other_digests(parts, secret, given)
    for mistake, change in _MISTAKES.items():
        text = change(parts, secret.encode())
        if text is not None and _hmac(secret, text) == given.lower():
            yield mistake
    for name in {name for name, _ in parts.query} - UNSIGNED:
        without = SignedParts(parts.path, [pair for pair in parts.query if pair[0] != name], parts.body)
        if sign(without, secret) == given.lower():
            yield f"`{name}` is left out of it"
    for name in absent:
        for word in ABSENT:
            with_word = SignedParts(parts.path, [*parts.query, (name, word)], parts.body)
            if sign(with_word, secret) == given.lower():
                yield f"`{name}`, which was not sent, is signed as `{word}`"


def _other_digests(parts: SignedParts, secret: str, given: str) -> Iterator[str]:
    text = parts.text(secret.encode())
    digest = hmac.digest(secret.encode(), text, "sha256")
    if given in {base64.b64encode(digest).decode(), base64.urlsafe_b64encode(digest).decode().rstrip("=")}:
        yield "it is written in hexadecimal, and not in base64"
    app_key = dict(parts.query).get("app_key", "")
    if _hmac(app_key, text) == given.lower():
        yield "the app secret is the key of the HMAC, and not the app key"
    if hashlib.sha256(text).hexdigest() == given.lower():
        yield "it is made by HMAC-SHA256 with the app secret as its key, and not by SHA-256 alone"


def _signed_pairs(query: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    first: dict[str, str] = {}
    for name, value in query:
        first.setdefault(name, value)
    return sorted((name, value) for name, value in first.items() if name not in UNSIGNED)


def _join(pairs: Sequence[tuple[str, str]]) -> bytes:
    return "".join(name + value for name, value in pairs).encode()


def _hmac(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def _with_body(parts: SignedParts, body: bytes, secret: bytes) -> bytes:
    return SignedParts(parts.path, parts.query, body).text(secret)


def _without_the_body(parts: SignedParts, secret: bytes) -> bytes | None:
    return _with_body(parts, b"", secret) if parts.body else None


def _with_an_empty_object(parts: SignedParts, secret: bytes) -> bytes | None:
    return _with_body(parts, b"{}", secret) if not parts.body else None


def _with_spaces(parts: SignedParts, secret: bytes) -> bytes | None:
    return _serialised_again(parts, secret, (", ", ": "))


def _without_spaces(parts: SignedParts, secret: bytes) -> bytes | None:
    return _serialised_again(parts, secret, (",", ":"))


def _in_another_order(parts: SignedParts, secret: bytes) -> bytes | None:
    try:
        again = json.dumps(json.loads(parts.body), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    except (ValueError, RecursionError, TypeError):
        return None
    return _with_body(parts, again.encode("utf-8", "surrogatepass"), secret)


def _serialised_twice(parts: SignedParts, secret: bytes) -> bytes | None:
    """As text within JSON: quoted, with every quote in it escaped."""
    if not parts.body:
        return None
    try:
        return _with_body(parts, json.dumps(parts.body.decode(), ensure_ascii=False).encode(), secret)
    except UnicodeDecodeError:
        return None


def _without_the_slash(parts: SignedParts, secret: bytes) -> bytes:
    return SignedParts(parts.path.removeprefix("/"), parts.query, parts.body).text(secret)


def _serialised_again(parts: SignedParts, secret: bytes, separators: tuple[str, str]) -> bytes | None:
    try:
        again = json.dumps(json.loads(parts.body), separators=separators)
    except (ValueError, RecursionError):
        return None
    return _with_body(parts, again.encode(), secret)


def _percent_encoded(parts: SignedParts, secret: bytes) -> bytes | None:
    encoded = [(name, quote(value, safe="")) for name, value in parts.query]
    return SignedParts(parts.path, encoded, parts.body).text(secret)


def _with_values(parts: SignedParts, secret: bytes, change: Callable[[str], str]) -> bytes:
    return SignedParts(parts.path, [(name, change(value)) for name, value in parts.query], parts.body).text(secret)


def _with_pluses(parts: SignedParts, secret: bytes) -> bytes:
    return _with_values(parts, secret, lambda value: value.replace(" ", "+"))


def _cut_at_equals(parts: SignedParts, secret: bytes) -> bytes:
    return _with_values(parts, secret, lambda value: value.replace(" ", "+").partition("=")[0])


def _with_every_repeated(parts: SignedParts, secret: bytes) -> bytes | None:
    if len(dict(parts.query)) == len(parts.query):
        return None
    pairs = sorted((pair for pair in parts.query if pair[0] not in UNSIGNED), key=lambda pair: pair[0])
    return secret + parts.path.encode() + _join(pairs) + parts.body + secret


def _with_repeated_as_one(parts: SignedParts, secret: bytes) -> bytes | None:
    values: dict[str, list[str]] = {}
    for name, value in parts.query:
        values.setdefault(name, []).append(value)
    joined = [(name, ",".join(each)) for name, each in values.items()]
    return SignedParts(parts.path, joined, parts.body).text(secret)


def _unsorted(parts: SignedParts, secret: bytes) -> bytes | None:
    pairs = [(name, value) for name, value in parts.query if name not in UNSIGNED]
    return secret + parts.path.encode() + _join(pairs) + parts.body + secret


def _not_wrapped(parts: SignedParts, secret: bytes) -> bytes | None:
    return parts.text(b"")


_MISTAKES: dict[str, Callable[[SignedParts, bytes], bytes | None]] = {
    "the body is left out": _without_the_body,
    "an empty object stands in for the missing body": _with_an_empty_object,
    "the body is serialised again, with spaces": _with_spaces,
    "the body is serialised again, without spaces": _without_spaces,
    "the body is serialised again, its names in alphabetical order": _in_another_order,
    "the body is serialised twice": _serialised_twice,
    "the path is signed without its first slash": _without_the_slash,
    "the values of the query are percent-encoded": _percent_encoded,
    "a + is signed that was sent as it is, which means a space: send %2B": _with_pluses,
    "a + is signed that was sent as it is, which means a space, and a value ends at its first =": _cut_at_equals,
    "every value of a repeated name is signed; send one, joined by commas": _with_every_repeated,
    "the values of a repeated name are signed joined by commas; send them so": _with_repeated_as_one,
    "the parameters are not sorted": _unsorted,
    "the secret is not put around the text": _not_wrapped,
}
