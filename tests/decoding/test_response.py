"""The raw answer as plain values: as complete as the results that are made of it."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok_shop_async import Response

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def response(content: bytes) -> Response:
    return Response(200, {}, content)


@given(JSON)
def test_whatever_json_holds_is_read_as_it_is(value: Any) -> None:
    assert response(json.dumps(value).encode()).json() == value


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"1.23456789012345678901", "1.23456789012345678901"),
        (b"1e400", "1e400"),
        (b"1e-99999999999999999999", "1e-99999999999999999999"),
        (b"0.10", 0.1),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b"1" * 5000, "1" * 5000),
    ],
    ids=["too many digits", "too large", "too small", "exact", "a long integer", "an integer beyond conversion"],
)
def test_a_number_that_python_cannot_hold_exactly_is_its_text(written: bytes, read: object) -> None:
    assert response(b'{"data": {"n": %b}}' % written).data == {"n": read}


def test_half_an_emoji_costs_only_itself() -> None:
    assert response(rb'{"data": ["a\ud83d", "\ud83d\ude00", "\\ud83d"]}').data == ["a\ufffd", "\U0001f600", "\\ud83d"]


@pytest.mark.parametrize("content", [b"[]", b"null", b'"data"', b"{}"])
def test_an_answer_without_data_has_none(content: bytes) -> None:
    assert response(content).data is None


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>Ann</html>", b'{"name": "Ann', b'{"Ann": "\xff"}', b'{"Ann": NaN}', b'{"Ann": ' + b"[" * 100_000],
    ids=["empty", "a page", "cut off", "not UTF-8", "not a number", "too deep"],
)
def test_what_is_not_json_is_a_value_error_that_does_not_quote_it(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"^the answer cannot be read as JSON \(\d+ bytes\)$") as caught:
        response(content).json()
    assert "Ann" not in "".join(traceback.format_exception(caught.value))
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
