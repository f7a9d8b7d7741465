"""The sandbox's own check of signatures: the documented vectors, and what the log says about one that fails."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING

import pytest

from tests.sandbox import signed_calls
from tiktok_shop_async.sandbox.gate.signature import SignedParts, sign

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.sandbox.signed_calls import Caller

SEARCH = "/order/202309/orders/search"

VECTORS = (
    (
        SignedParts("/authorization/202309/shops", [("app_key", "29a39d"), ("timestamp", "1623812664")], b""),
        "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8",
    ),
    (
        SignedParts(
            "/event/202309/webhooks",
            [
                ("timestamp", "1696909648"),
                ("sign", "anything"),
                ("app_key", "68xu9ks5p4i8"),
                ("access_token", "anything"),
                ("shop_cipher", "ROW_xkMbgAAAeVAQra0eZWebFQq5aIK"),
            ],
            b"",
        ),
        "ed58e1b5e59865c22a7b828c1cab65007441f43cc91a6cb2f2cdc638e0995a37",
    ),
    (
        SignedParts(
            "/event/202309/webhooks",
            [
                ("app_key", "68xu9ks5p4i8"),
                ("shop_cipher", "ROW_xkMbgAAAeVAQra0eZWebFQq5aIK"),
                ("timestamp", "1696909648"),
            ],
            b'{    "address":"https://partner.tiktokshop.com",    "event_type": "PACKAGE_UPDATE"}',
        ),
        "495c39774c04ee06162f20a6bef8edae5b17676229588fe76630bb5166da37d2",
    ),
)


@pytest.mark.parametrize(("parts", "expected"), VECTORS)
def test_the_documented_vectors_are_reproduced(parts: SignedParts, expected: str) -> None:
    assert sign(parts, "e59af819cc") == expected


def failing(caller: Caller, signature: str, body: bytes, query: dict[str, str]) -> None:
    headers = {"content-type": "application/json", "x-tts-access-token": caller.token}
    answer = caller.send("POST", SEARCH, {**query, "sign": signature}, body, headers)
    assert answer.code == 106001


def test_the_log_shows_the_string_to_sign_with_the_secret_masked(
    reader: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    query = reader.signed(SEARCH, {"page_size": 10})
    failing(reader, "0" * 64, b'{"order_status":"UNPAID"}', query)
    assert f"<secret>{SEARCH}app_key{reader.world.app_key}page_size10" in caplog.text
    assert '{"order_status":"UNPAID"}<secret>' in caplog.text
    assert reader.world.app_secret not in caplog.text


BODY = b'{"order_status":"UNPAID","buyer_user_id":"/+="}'

MISTAKES = {
    "the body is left out": lambda secret, query: signed_calls.sign(secret, SEARCH, query),
    "the body is serialised again, with spaces": lambda secret, query: signed_calls.sign(
        secret, SEARCH, query, json.dumps(json.loads(BODY)).encode()
    ),
    "its letters are lowercased": lambda secret, query: signed_calls.sign(secret, SEARCH, query, BODY).upper(),
    "the values of the query are percent-encoded": lambda secret, query: signed_calls.sign(
        secret, SEARCH, {**query, "page_token": "a%2Fb%2Bc%3D"}, BODY
    ),
    "the body is serialised again, its names in alphabetical order": lambda secret, query: signed_calls.sign(
        secret, SEARCH, query, json.dumps(json.loads(BODY), separators=(",", ":"), sort_keys=True).encode()
    ),
    "the body is serialised twice": lambda secret, query: signed_calls.sign(
        secret, SEARCH, query, json.dumps(BODY.decode()).encode()
    ),
    "the path is signed without its first slash": lambda secret, query: signed_calls.sign(
        secret, SEARCH[1:], query, BODY
    ),
    "`shop_cipher` is left out of it": lambda secret, query: signed_calls.sign(
        secret, SEARCH, {name: value for name, value in query.items() if name != "shop_cipher"}, BODY
    ),
    "it is written in hexadecimal, and not in base64": lambda secret, query: base64.b64encode(
        bytes.fromhex(signed_calls.sign(secret, SEARCH, query, BODY))
    ).decode(),
    "the app secret is the key of the HMAC, and not the app key": lambda secret, query: hmac.new(
        query["app_key"].encode(), text_of(secret, query), hashlib.sha256
    ).hexdigest(),
    "it is made by HMAC-SHA256 with the app secret as its key, and not by SHA-256 alone": (
        lambda secret, query: hashlib.sha256(text_of(secret, query)).hexdigest()
    ),
}


def text_of(secret: str, query: Mapping[str, str]) -> bytes:
    """The text that a search has to be signed with."""
    pairs = "".join(name + query[name] for name in sorted(query) if name != "sign")
    return f"{secret}{SEARCH}{pairs}".encode() + BODY + secret.encode()


def test_a_signature_that_no_mistake_leads_to_says_what_to_compare(
    reader: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    failing(reader, "0" * 64, BODY, reader.signed(SEARCH, {}))
    assert "none of the usual mistakes leads to that: compare this string with the one that you sign" in caplog.text


def test_a_large_body_is_shown_by_its_beginning_and_its_end(reader: Caller, caplog: pytest.LogCaptureFixture) -> None:
    body = b'{"first":"' + b"x" * 1_000_000 + b'","last":1}'
    failing(reader, "0" * 64, body, reader.signed(SEARCH, {}))
    assert len(caplog.text) < 20_000
    assert '{"first":"xxx' in caplog.text
    assert " bytes>" in caplog.text
    assert '"last":1}<secret>' in caplog.text


@pytest.mark.parametrize("name", ["app_secret", "refresh_token"])
def test_no_secret_of_the_query_is_shown(reader: Caller, caplog: pytest.LogCaptureFixture, name: str) -> None:
    secret = reader.world.app_secret
    failing(reader, "0" * 64, secret.encode(), reader.signed(SEARCH, {name: secret, "locale": f"x{secret}"}))
    assert "the string to sign was" in caplog.text
    assert secret not in caplog.text


def test_what_was_sent_writes_no_lines_of_its_own_into_the_log(
    reader: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    failing(reader, "0" * 64, b'{"a":\n"WARNING it is all right"}', reader.signed(SEARCH, {}))
    (told,) = [each for each in caplog.messages if each.startswith("signature of ")]
    assert "\n" not in told
    assert '{"a":\\n"WARNING' in told


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_log_names_the_mistake_that_made_a_signature(
    reader: Caller, caplog: pytest.LogCaptureFixture, mistake: str
) -> None:
    query = reader.signed(SEARCH, {"page_size": 10, "page_token": "a/b+c="})
    failing(reader, MISTAKES[mistake](reader.world.app_secret, query), BODY, query)
    assert f"fits if {mistake}" in caplog.text


def test_the_log_knows_a_signature_over_an_empty_object_that_was_not_sent(
    reader: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    query = reader.signed(SEARCH, {"page_size": 10})
    failing(reader, signed_calls.sign(reader.world.app_secret, SEARCH, query, b"{}"), b"", query)
    assert "fits if an empty object stands in for the missing body" in caplog.text


def test_the_log_knows_parameters_that_were_signed_as_they_came(
    reader: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    query = reader.signed(SEARCH, {"page_size": 10})
    del query["sign"]
    unsorted = SEARCH + "".join(name + value for name, value in query.items())
    failing(reader, signed_calls.keyed_hash(reader.world.app_secret, unsorted), b"", query)
    assert "fits if the parameters are not sorted" in caplog.text


def test_the_log_knows_a_text_that_the_secret_was_not_put_around(
    reader: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    query = reader.signed(SEARCH, {"page_size": 10})
    text = SEARCH + "".join(name + query[name] for name in sorted(query) if name != "sign")
    failing(reader, signed_calls.keyed_hash(reader.world.app_secret, text, wrapped=False), b"", query)
    assert "fits if the secret is not put around the text" in caplog.text


@pytest.mark.parametrize("word", ["undefined", "null", "None", ""])
def test_the_log_knows_a_parameter_that_was_signed_and_not_sent(
    reader: Caller, caplog: pytest.LogCaptureFixture, word: str
) -> None:
    query = reader.signed(SEARCH, {"page_size": 10})
    del query["sign"]
    failing(reader, signed_calls.sign(reader.world.app_secret, SEARCH, {**query, "page_token": word}), b"", query)
    assert f"fits if `page_token`, which was not sent, is signed as `{word}`" in caplog.text


SENT_AS_THEY_ARE = {
    "a+b/c=": "a + is signed that was sent as it is, which means a space: send %2B",
    "a+b/c": "a + is signed that was sent as it is, which means a space, and a value ends at its first =",
}


@pytest.mark.parametrize("signed", SENT_AS_THEY_ARE)
def test_the_log_knows_a_value_that_was_not_percent_encoded(
    reader: Caller, caplog: pytest.LogCaptureFixture, signed: str
) -> None:
    query = reader.signed(SEARCH, {"page_size": 10, "page_token": signed})
    failing(reader, query["sign"], b"", {**query, "page_token": "a b/c="})
    assert f"fits if {SENT_AS_THEY_ARE[signed]}" in caplog.text


REPEATED = {
    "ids1ids2": "every value of a repeated name is signed; send one, joined by commas",
    "ids1,2": "the values of a repeated name are signed joined by commas; send them so",
}


@pytest.mark.parametrize("signed", REPEATED)
def test_the_log_knows_a_signature_over_all_values_of_a_repeated_name(
    reader: Caller, caplog: pytest.LogCaptureFixture, signed: str
) -> None:
    path = "/order/202309/orders"
    query = reader.signed(path, {})
    del query["sign"]
    around = {name: name + value for name, value in query.items()} | {"ids": signed}
    text = path + "".join(around[name] for name in sorted(around))
    pairs = [
        *query.items(),
        ("ids", "1"),
        ("ids", "2"),
        ("sign", signed_calls.keyed_hash(reader.world.app_secret, text)),
    ]
    assert reader.send_pairs(path, pairs).code == 106001
    assert f"fits if {REPEATED[signed]}" in caplog.text


def test_values_are_signed_decoded_and_travel_encoded(reader: Caller) -> None:
    """Page tokens always hold the three characters that go wrong here."""
    token = reader.post(SEARCH, page_size=10).data["next_page_token"]
    assert {"/", "+", "="} <= set(token)
    assert reader.post(SEARCH, page_size=10, page_token=token).code == 0


def test_a_list_that_is_sent_as_repeated_parameters_is_pointed_out(
    reader: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    """Lists are one value joined by commas; of a repeated name only the first counts."""
    order_ids = [order.id for order in reader.shop.orders][:2]
    path = "/order/202309/orders"
    query = reader.signed(path, {"ids": order_ids[0]})
    answer = reader.send_pairs(path, [*query.items(), ("ids", order_ids[1])])
    assert [order["id"] for order in answer.data["orders"]] == order_ids[:1]
    assert "repeated" in caplog.text


def test_the_body_of_a_get_is_signed_too(reader: Caller) -> None:
    path, body = "/event/202309/webhooks", b'{"none": "asks for it"}'
    headers = {"content-type": "application/json", "x-tts-access-token": reader.token}
    assert reader.send("GET", path, reader.signed(path, {}, body), body, headers).code == 0
    assert reader.send("GET", path, reader.signed(path, {}), body, headers).code == 106001


def test_an_access_token_in_the_query_is_not_signed_and_lets_nobody_in(reader: Caller) -> None:
    """It stood there before version 202309; now the header counts."""
    query = reader.signed(SEARCH, {}, b"{}") | {"access_token": reader.token}
    headers = {"content-type": "application/json", "x-tts-access-token": reader.token}
    assert reader.send("POST", SEARCH, query, b"{}", headers).code == 0
    assert (
        reader.with_token("").send("POST", SEARCH, query, b"{}", {**headers, "x-tts-access-token": ""}).code == 36009004
    )


def test_a_parameter_in_other_letters_is_another_parameter(reader: Caller) -> None:
    query = reader.signed(SEARCH, {}, b"{}")
    query["SIGN"] = query.pop("sign")
    answer = reader.send("POST", SEARCH, query, b"{}", {"x-tts-access-token": reader.token})
    assert (answer.code, answer.status) == (36009004, 400)
    assert "sign" in answer.message
