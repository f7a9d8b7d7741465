"""The errors: their tree, their texts, and that they survive a journey."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import pytest

from tests.runtime.depot import CrateError, MoveCratesResult
from tiktok_shop_async import errors
from tiktok_shop_async.response import Response

CLASSES = [getattr(errors, name) for name in errors.__all__ if name.endswith("Error")]
RESPONSE = Response(500, {}, b"x")


def subclasses(error: type[BaseException]) -> set[type[BaseException]]:
    return {error}.union(*(subclasses(each) for each in error.__subclasses__()))


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn: list[tuple[str, str]] = []
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"^    ((?:[│ ]   |[├└]── )*)(\w+Error)\b", line):
            depth = len(found[1]) // 4
            path[depth:] = [found[2]]
            drawn.append((found[2], path[depth - 1] if depth else "Exception"))
    assert drawn == [(name, getattr(errors, name).__bases__[0].__name__) for name, _ in drawn]
    assert {name for name, _ in drawn} == {each.__name__ for each in CLASSES}


def test_every_error_has_the_one_root() -> None:
    assert set(CLASSES) == subclasses(errors.TikTokShopError)


@pytest.mark.parametrize("error", [each for each in CLASSES if not each.__subclasses__()])
def test_every_error_says_what_happened_and_then_what_to_do(error: type[BaseException]) -> None:
    first_paragraph = (error.__doc__ or "").partition("\n\n")[0]
    assert len(re.findall(r"\.(?:\s|$)", first_paragraph)) >= 2


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (errors.ArgumentError, ValueError),
        (errors.ClientClosedError, RuntimeError),
        (errors.CallTimeoutError, TimeoutError),
    ],
)
def test_errors_that_python_has_a_class_for_are_of_that_class_too(
    error: type[BaseException], builtin: type[BaseException]
) -> None:
    assert issubclass(error, builtin)


FULL: list[errors.TikTokShopError] = [
    errors.ArgumentError("page_size: got 0; the least is 1"),
    errors.CredentialsError("app_key is missing"),
    errors.ClientClosedError("the client is closed"),
    errors.TransportError("no answer: ReadError", kind="read", maybe_executed=True, operation="a.b", attempts=2),
    errors.CallTimeoutError("not done within 3 s", operation="a.b", attempts=1, outcome_unknown=True),
    errors.DecodingError("an empty body", operation="a.b", status=200, response=RESPONSE),
    errors.PartialFailureError(
        "1 of the items failed",
        errors=[CrateError(code=1)],
        failed_ids=["7"],
        data=MoveCratesResult(errors=[CrateError(code=1)]),
        operation="a.b",
    ),
    errors.MissingScopeError(
        "denied",
        code=105005,
        hint="Ask",
        retry_after=1.5,
        scopes=("a.read",),
        successor="a.b2",
        operation="a.b",
        status=403,
        request_id="r1",
        attempts=3,
        outcome_unknown=True,
        response=RESPONSE,
    ),
]


@pytest.mark.parametrize("error", FULL, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "travel",
    [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy],  # noqa: S301
    ids=["pickle", "copy", "deepcopy"],
)
def test_an_error_survives_copy_and_pickle(error: errors.TikTokShopError, travel: Any) -> None:
    """All of it but the raw answer, which stays where it is."""
    arrived = travel(error)
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    expected = vars(error) | ({"response": None} if isinstance(error, errors.CallError) else {})
    assert vars(arrived) == expected


@pytest.mark.parametrize("error", [each for each in CLASSES if issubclass(each, errors.CallError)])
def test_every_error_of_a_call_can_be_made_from_its_message_alone(error: type[errors.CallError]) -> None:
    made = error("gone")
    assert (made.message, made.operation, made.status, made.request_id) == ("gone", "", None, "")
    assert (made.attempts, made.outcome_unknown, made.response) == (0, False, None)
    assert str(made).startswith("gone")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.APIError("no"), "no"),
        (errors.APIError("No. No.", code=7), "No. No (code 7)"),
        (errors.APIError("", code=7, operation="a.b"), "a.b: failed without a message (code 7)"),
        (errors.APIError("no", code=7), "no (code 7)"),
        (
            errors.APIError("no", code=7, operation="a.b", status=400, request_id="r1", attempts=2),
            "a.b: no (code 7, HTTP 400, request id r1, 2 attempts)",
        ),
        (errors.QuotaError("no", code=7, hint="Wait for tomorrow"), "no (code 7). Wait for tomorrow"),
        (errors.RateLimitError("no", retry_after=90.0), "no (retry after 90 s)"),
        (
            errors.ServerError("no", code=7, outcome_unknown=True),
            "no (code 7). It is not known whether the change was made: read the current state before repeating the "
            "call",
        ),
        (
            errors.MissingScopeError("no", scopes=("a.read", "a.write")),
            "no. The call needs a.read or a.write: enable the scope for the app, then have the seller authorise the "
            "app again",
        ),
        (
            errors.MissingScopeError("no"),
            "no. Enable the scope for the app, then have the seller authorise the app again",
        ),
        (errors.RetiredVersionError("no", successor="a.b_202507"), "no. Call a.b_202507 instead"),
        (errors.RetiredVersionError("no"), "no. Look for a newer revision of the endpoint"),
    ],
)
def test_the_text_of_an_error(error: errors.APIError, text: str) -> None:
    assert str(error) == text
