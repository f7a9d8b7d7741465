"""Tokens are what the API sent, with times that can be read, and no secret in sight."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError

from tests.tokens.accounts import make_tokens, token_data
from tiktok_shop_async.tokens import Tokens


def test_the_ends_of_life_are_there_as_seconds_and_as_moments_in_utc() -> None:
    tokens = make_tokens(access_token_expire_in=1_700_604_800)
    assert tokens.access_token_expire_in == 1_700_604_800
    assert tokens.access_token_expires_at == datetime(2023, 11, 21, 22, 13, 20, tzinfo=UTC)


def test_a_refresh_token_may_live_until_the_year_2125() -> None:
    tokens = make_tokens(refresh_token_expire_in=4_891_363_200)
    assert tokens.refresh_token_expires_at == datetime(2125, 1, 1, tzinfo=UTC)
    assert Tokens.from_json(tokens.to_json()).refresh_token_expire_in == 4_891_363_200


def test_an_end_that_is_not_known_is_none() -> None:
    tokens = Tokens(access_token="a")
    assert tokens.access_token_expires_at is None
    assert tokens.refresh_token_expires_at is None


def test_the_repr_shows_neither_token() -> None:
    tokens = make_tokens()
    assert "access-token-1" not in repr(tokens)
    assert "refresh-token-1" not in repr(tokens)
    assert "open_id='open-id-of-account-1'" in repr(tokens)


def test_tokens_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        make_tokens().access_token = "another"  # type: ignore[misc]


def test_tokens_survive_the_way_through_a_store() -> None:
    tokens = make_tokens()
    assert Tokens.from_json(tokens.to_json()) == tokens


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"access_token": 1}'])
def test_other_bytes_are_not_tokens(content: bytes) -> None:
    with pytest.raises(ValueError, match="not the tokens"):
        Tokens.from_json(content)


@pytest.mark.parametrize("name", ["access_token", "refresh_token", "open_id"])
@pytest.mark.parametrize("value", [None, "", 7])
def test_an_answer_needs_both_tokens_and_the_account(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"^no "):
        Tokens.from_answer(token_data(**{name: value}))


ODD: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"access_token_expire_in": "1700604800"}, {"access_token_expire_in": 1_700_604_800}),
    ({"access_token_expire_in": None}, {"access_token_expire_in": 0}),
    ({"seller_name": None}, {"seller_name": ""}),
    ({"granted_scopes": None}, {"granted_scopes": ()}),
    ({"granted_scopes": ["a", 1]}, {"granted_scopes": ("a",)}),
    ({"user_type": "4"}, {"user_type": 4}),
]


@pytest.mark.parametrize(("sent", "read"), ODD)
def test_what_is_odd_beside_them_loses_no_tokens(sent: dict[str, Any], read: dict[str, Any]) -> None:
    tokens = Tokens.from_answer(token_data(**sent))
    assert {name: getattr(tokens, name) for name in read} == read
    assert tokens.refresh_token == "refresh-token-1"


def test_what_a_renewal_leaves_out_stays_as_it_was() -> None:
    before = make_tokens()
    renewed = Tokens.from_answer({"access_token": "new", "access_token_expire_in": 9}, obtained_at=5, before=before)
    assert (renewed.access_token, renewed.access_token_expire_in, renewed.obtained_at) == ("new", 9, 5)
    for name in ("refresh_token", "refresh_token_expire_in", "open_id", "seller_name", "user_type", "granted_scopes"):
        assert getattr(renewed, name) == getattr(before, name)


def test_the_end_of_another_refresh_token_is_not_taken_over() -> None:
    renewed = Tokens.from_answer({"access_token": "a", "refresh_token": "another"}, before=make_tokens())
    assert renewed.refresh_token_expire_in == 0
