"""Settings of a single call."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import pytest

from tiktok_shop_async import ArgumentError, CallOptions


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"timeout": 0}, "timeout"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": math.nan}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"max_retries": -1}, "max_retries"),
        ({"max_retries": True}, "max_retries"),
        ({"partial_failure": "ignore"}, "partial_failure"),
        ({"headers": {"x a": "b"}}, "headers"),
        ({"headers": {"": "b"}}, "headers"),
        ({"headers": {"x-a": "b\r\nx-c: d"}}, "headers"),
        ({"headers": {"x-a": "é"}}, "headers"),
        ({"headers": {"x-a": 1}}, "headers"),
        ({"headers": {"x-a": None}}, "headers"),
        ({"timeout": "5"}, "timeout"),
        ({"max_retries": 1.5}, "max_retries"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(settings: dict[str, Any], place: str) -> None:
    with pytest.raises(ArgumentError, match=f"^{place}: "):
        CallOptions(**settings)


@pytest.mark.parametrize(
    "name",
    [
        "x-tts-access-token",
        "Content-Type",
        "content-length",
        "HOST",
        "Transfer-Encoding",
        "accept-encoding",
        "Connection",
    ],
)
def test_headers_of_the_client_itself_are_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match=f"^headers: {name} is set by the client itself"):
        CallOptions(headers={name: "x"})


def test_there_may_be_no_time_limit_at_all() -> None:
    assert CallOptions(timeout=math.inf).timeout == math.inf


def test_options_are_frozen_and_do_not_follow_the_mapping_they_were_given() -> None:
    headers = {"X-Trace": "a"}
    options = CallOptions(headers=headers)
    headers["X-Trace"] = "b"
    assert options.headers == {"x-trace": "a"}
    with pytest.raises(AttributeError):
        options.timeout = 1.0  # type: ignore[misc]


def test_options_can_be_copied_pickled_and_compared() -> None:
    options = CallOptions(timeout=3, headers={"x-a": "b"})
    assert copy.deepcopy(options) == pickle.loads(pickle.dumps(options)) == options  # noqa: S301
    assert options != CallOptions(timeout=4)


def test_the_repr_does_not_show_headers() -> None:
    assert "hunter2" not in repr(CallOptions(headers={"authorization": "hunter2"}))
