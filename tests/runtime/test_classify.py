"""The table of failures: what each means, and whether trying again can help."""

from __future__ import annotations

import pytest

from tiktok_shop_async import errors
from tiktok_shop_async.classify import Advice, classify, http_time

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("status", "code", "error", "advice"),
    [
        # rate
        (429, 36009002, errors.RateLimitError, Advice.RATE),
        (200, 36009002, errors.RateLimitError, Advice.RATE),
        (200, 17029054, errors.RateLimitError, Advice.RATE),
        (200, 600001001, errors.RateLimitError, Advice.RATE),
        (429, None, errors.RateLimitError, Advice.RATE),
        (429, 12345678, errors.RateLimitError, Advice.RATE),
        (429, 36009003, errors.RateLimitError, Advice.RATE),
        # allowances
        (200, 36009037, errors.QuotaError, Advice.NEVER),
        (429, 36009037, errors.QuotaError, Advice.NEVER),
        (200, 45101004, errors.QuotaError, Advice.NEVER),
        (200, 12038012, errors.QuotaError, Advice.NEVER),
        # transient
        (200, 36009003, errors.ServerError, Advice.TRANSIENT),
        (500, 36009003, errors.ServerError, Advice.TRANSIENT),
        (200, 36009007, errors.ServerError, Advice.TRANSIENT),
        (500, None, errors.ServerError, Advice.TRANSIENT),
        (502, None, errors.ServerError, Advice.TRANSIENT),
        (503, None, errors.ServerError, Advice.TRANSIENT),
        (504, 12345678, errors.ServerError, Advice.TRANSIENT),
        (408, None, errors.ServerError, Advice.TRANSIENT),
        # locks
        (200, 25001028, errors.ResourceLockedError, Advice.LOCK),
        (200, 600001002, errors.ResourceLockedError, Advice.LOCK),
        # not ready yet
        (200, 11034037, errors.NotReadyError, Advice.NEVER),
        (200, 11034023, errors.NotReadyError, Advice.NEVER),
        (200, 11006010, errors.NotReadyError, Advice.NEVER),
        (200, 21023034, errors.NotReadyError, Advice.NEVER),
        # who calls
        (401, 105002, errors.TokenExpiredError, Advice.TOKEN),
        (401, 106001, errors.SignatureError, Advice.NEVER),
        (500, 106001, errors.SignatureError, Advice.NEVER),
        (200, 101000, errors.AuthenticationError, Advice.NEVER),
        (200, 36004004, errors.AuthenticationError, Advice.NEVER),
        (401, None, errors.AuthenticationError, Advice.NEVER),
        (401, 12345678, errors.AuthenticationError, Advice.NEVER),
        (200, 106013, errors.ShopCipherError, Advice.CIPHER),
        # who may
        (200, 105005, errors.MissingScopeError, Advice.NEVER),
        (200, 36009033, errors.PermissionDeniedError, Advice.NEVER),
        (200, 36009043, errors.PermissionDeniedError, Advice.NEVER),
        (200, 36009044, errors.PermissionDeniedError, Advice.NEVER),
        (200, 21008106, errors.PermissionDeniedError, Advice.NEVER),
        (403, None, errors.PermissionDeniedError, Advice.NEVER),
        # what is asked
        (404, 36009009, errors.NotFoundError, Advice.NEVER),
        (405, 36009010, errors.NotFoundError, Advice.NEVER),
        (404, None, errors.NotFoundError, Advice.NEVER),
        (405, None, errors.NotFoundError, Advice.NEVER),
        (400, 36009014, errors.RetiredVersionError, Advice.NEVER),
        (400, 36009021, errors.ValidationError, Advice.NEVER),
        (400, 36009022, errors.ValidationError, Advice.NEVER),
        (400, 36009023, errors.ValidationError, Advice.NEVER),
        (400, 98001004, errors.ValidationError, Advice.NEVER),
        (413, None, errors.ValidationError, Advice.NEVER),
        (501, None, errors.NotFoundError, Advice.NEVER),
        (501, 99, errors.NotFoundError, Advice.NEVER),
        (400, 12345678, errors.ValidationError, Advice.NEVER),
        (422, None, errors.ValidationError, Advice.NEVER),
        # an endpoint's own code
        (200, 12345678, errors.APIError, Advice.NEVER),
        (418, None, errors.APIError, Advice.NEVER),
    ],
)
def test_what_a_code_and_a_status_mean(
    status: int, code: int | None, error: type[errors.APIError], advice: Advice
) -> None:
    verdict = classify(status, code, "some message", {}, now=NOW)
    assert (verdict.error, verdict.advice) == (error, advice)


@pytest.mark.parametrize(
    ("message", "error", "advice"),
    [
        ("the 'timestamp' given is too old", errors.ClockError, Advice.CLOCK),
        ("Invalid `timestamp`", errors.ClockError, Advice.CLOCK),
        ("TIMESTAMP OUT OF WINDOW", errors.ClockError, Advice.CLOCK),
        ("no sign in the query", errors.SignatureError, Advice.NEVER),
        ("a signature is needed", errors.SignatureError, Advice.NEVER),
        ("unknown 'app_key'", errors.AuthenticationError, Advice.NEVER),
        ("unknown app key", errors.AuthenticationError, Advice.NEVER),
        ("bad access_token", errors.AuthenticationError, Advice.NEVER),
        ("bad header x-tts-access-token", errors.AuthenticationError, Advice.NEVER),
        ("that access_token is expired", errors.TokenExpiredError, Advice.TOKEN),
        ("unexpected `shop_cipher`", errors.ShopCipherError, Advice.CIPHER),
        ("category_asset_cipher is wrong", errors.ShopCipherError, Advice.CIPHER),
        ("this shop_id does not exist", errors.ShopCipherError, Advice.CIPHER),
        ("unknown version", errors.RetiredVersionError, Advice.NEVER),
        ("field 'page_size': expected int, actual string", errors.ValidationError, Advice.NEVER),
        ("field timestamp: expected type int", errors.ValidationError, Advice.NEVER),
        ("field `design_sign`: wrong", errors.ValidationError, Advice.NEVER),
        ("something else", errors.ValidationError, Advice.NEVER),
        ("", errors.ValidationError, Advice.NEVER),
    ],
)
def test_the_meanings_of_36009004_are_told_apart_by_keywords(
    message: str, error: type[errors.APIError], advice: Advice
) -> None:
    verdict = classify(400, 36009004, message, {}, now=NOW)
    assert (verdict.error, verdict.advice) == (error, advice)


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        (105002, "refresh_token= or a token_store="),
        (106001, "Check the app secret"),
        (106013, "client.shop"),
        (36009033, "allowed IPs"),
    ],
)
def test_a_code_with_one_remedy_names_it(code: int, hint: str) -> None:
    assert hint in classify(401, code, "", {}, now=NOW).hint


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:50 GMT"}, 30.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:50 GMT", "date": "Tue, 14 Nov 2023 22:13:40 GMT"}, 10.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "\N{ARABIC-INDIC DIGIT SEVEN}"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_by_the_servers_own_clock(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert classify(429, None, "", headers, now=NOW).retry_after == seconds


@pytest.mark.parametrize(
    ("text", "unix"),
    [
        ("Tue, 14 Nov 2023 22:13:20 GMT", NOW),
        ("Tue, 14 Nov 2023 22:13:20 -0000", NOW),
        ("Tue, 14 Nov 2023 23:13:20 +0100", NOW),
        ("", None),
        ("yesterday", None),
        ("Tue, 32 Nov 2023 22:13:20 GMT", None),
    ],
)
def test_an_http_date_is_read_as_unix_time(text: str, unix: float | None) -> None:
    assert http_time(text) == unix
