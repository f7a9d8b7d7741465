"""The signature: what goes into it, and what does not."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiktok_shop_async import CredentialsError, sign

SECRET = "e59af819cc"
WEBHOOKS = {"app_key": "68xu9ks5p4i8", "shop_cipher": "ROW_xkMbgAAAeVAQra0eZWebFQq5aIK", "timestamp": "1696909648"}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
queries = st.dictionaries(texts, texts, max_size=8)


@pytest.mark.parametrize(
    ("path", "query", "body", "signature"),
    [
        (
            "/authorization/202309/shops",
            {"app_key": "29a39d", "timestamp": "1623812664"},
            b"",
            "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8",
        ),
        (
            "/event/202309/webhooks",
            WEBHOOKS,
            b"",
            "ed58e1b5e59865c22a7b828c1cab65007441f43cc91a6cb2f2cdc638e0995a37",
        ),
        (
            "/event/202309/webhooks",
            WEBHOOKS,
            b'{    "address":"https://partner.tiktokshop.com",    "event_type": "PACKAGE_UPDATE"}',
            "495c39774c04ee06162f20a6bef8edae5b17676229588fe76630bb5166da37d2",
        ),
    ],
)
def test_the_documented_vectors(path: str, query: dict[str, str], body: bytes, signature: str) -> None:
    assert sign(app_secret=SECRET, path=path, query=query, body=body) == signature


def by_the_book(secret: str, path: str, query: dict[str, str], body: bytes) -> str:
    """The documented steps, one by one."""
    text = path
    for name in sorted(query):
        if name not in ("sign", "access_token"):
            text += name
            text += query[name]
    signed = secret.encode() + text.encode() + body + secret.encode()
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


@given(query=queries, body=st.binary(max_size=40), secret=texts.filter(bool))
def test_any_text_is_signed_raw(query: dict[str, str], body: bytes, secret: str) -> None:
    """Unicode, `+ / = % &`, empty values: as the server reads them, never percent-encoded."""
    expected = by_the_book(secret, "/a/202309/b", query, body)
    assert sign(app_secret=secret, path="/a/202309/b", query=query, body=body) == expected


@given(query=queries, order=st.randoms(use_true_random=False))
def test_the_order_of_parameters_does_not_matter(query: dict[str, str], order: object) -> None:
    names = list(query)
    order.shuffle(names)  # type: ignore[attr-defined]
    shuffled = {name: query[name] for name in names}
    assert sign(app_secret=SECRET, path="/a", query=shuffled) == sign(app_secret=SECRET, path="/a", query=query)


@given(query=queries, sign_value=texts, token=texts)
def test_sign_and_access_token_are_left_out(query: dict[str, str], sign_value: str, token: str) -> None:
    plain = {name: value for name, value in query.items() if name not in ("sign", "access_token")}
    marked = {**plain, "sign": sign_value, "access_token": token}
    assert sign(app_secret=SECRET, path="/a", query=marked) == sign(app_secret=SECRET, path="/a", query=plain)


@given(st.text("+/=%& ,é漢", min_size=1, max_size=10))
def test_every_character_of_a_value_counts(value: str) -> None:
    assert sign(app_secret=SECRET, path="/a", query={"p": value}) != sign(app_secret=SECRET, path="/a", query={"p": ""})


def test_a_list_is_signed_as_its_one_comma_joined_value() -> None:
    joined = sign(app_secret=SECRET, path="/a", query={"ids": "1,2"})
    assert joined == by_the_book(SECRET, "/a", {"ids": "1,2"}, b"")


def test_no_body_is_not_an_empty_object() -> None:
    assert sign(app_secret=SECRET, path="/a", query={}, body=b"") != sign(
        app_secret=SECRET, path="/a", query={}, body=b"{}"
    )


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=abc",
        "Multipart/Form-Data;boundary=abc",
        "multipart/form-data ;x",
    ],
)
def test_a_form_is_told_by_its_media_type_and_not_signed(content_type: str) -> None:
    bare = sign(app_secret=SECRET, path="/a", query={"p": "1"})
    assert sign(app_secret=SECRET, path="/a", query={"p": "1"}, body=b"--abc", content_type=content_type) == bare


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "multipart/mixed", ""])
def test_any_other_body_is_signed(content_type: str) -> None:
    bare = sign(app_secret=SECRET, path="/a", query={"p": "1"})
    assert sign(app_secret=SECRET, path="/a", query={"p": "1"}, body=b"x", content_type=content_type) != bare


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(CredentialsError, match="app secret is empty"):
        sign(app_secret="", path="/a", query={})
