"""From the body of an answer to its envelope."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from tests.decoding.decoding_models import Basket, BasketPage
from tiktok_shop_async.decoding import Envelope, answer_type, decode_envelope
from tiktok_shop_async.errors import DecodingError
from tiktok_shop_async.model import Acknowledgement, Model
from tiktok_shop_async.operation import Operation

NESTED = b"[" * 10_000 + b"]" * 10_000


def read(content: bytes) -> Envelope[BasketPage]:
    return decode_envelope(content, BasketPage, operation="baskets.list")


def test_an_answer_is_read_into_its_types() -> None:
    envelope = read(b'{"code": 0, "message": "Success", "request_id": "R1", "data": {"baskets": [{"id": "1"}]}}')
    assert envelope == Envelope(0, "Success", "R1", BasketPage(baskets=[Basket(id="1")]))


def test_a_failure_is_an_answer_too() -> None:
    envelope = read(b'{"code": 36009004, "message": "Invalid `sign`", "request_id": "R1"}')
    assert (envelope.code, envelope.message, envelope.data) == (36009004, "Invalid `sign`", BasketPage())


@pytest.mark.parametrize("data", ["", ', "data": null', ', "data": {}', ', "data": ""', ', "data": []', ', "data": 1'])
def test_data_is_there_even_when_the_answer_holds_none(data: str) -> None:
    assert read(f'{{"code": 0{data}}}'.encode()).data == BasketPage()


@pytest.mark.parametrize("data", ["", ', "data": null', ', "data": {"success": true}', ', "data": [1]'])
def test_an_operation_without_data_is_acknowledged(data: str) -> None:
    content = f'{{"code": 0, "request_id": "R1"{data}}}'.encode()
    assert decode_envelope(content, Acknowledgement, operation="baskets.clear") == Envelope(
        0, "", "R1", Acknowledgement()
    )


@pytest.mark.parametrize(("code", "expected"), [("0", 0), ('"0"', 0), ('"36009004"', 36009004), ("0.0", 0)])
def test_the_code_may_be_text(code: str, expected: int) -> None:
    assert read(f'{{"code": {code}}}'.encode()).code == expected


@pytest.mark.parametrize(
    ("found", "expected"), [("null", ""), ("12", "12"), ('{"en": "No"}', '{"en": "No"}'), ('"Caf\\u00e9"', "Café")]
)
def test_message_and_request_id_are_text_whatever_the_answer_holds(found: str, expected: str) -> None:
    content = f'{{"code": 0, "message": {found}, "request_id": {found}, "data": {{"total_count": 1}}}}'.encode()
    assert read(content) == Envelope(0, expected, expected, BasketPage(total_count=1))


@pytest.mark.parametrize(
    ("content", "model"),
    [
        (b'{"code": 12052048, "message": "No", "data": {"baskets": {"id": [1]}}}', BasketPage),
        (b'{"code": "12052048", "message": "No", "data": [1]}', BasketPage),
        (b'{"code": 0, "message": "No", "data": [1]}', Acknowledgement),
    ],
    ids=["odd data of a refusal", "a list in a refusal", "data where none is expected"],
)
def test_data_that_no_one_expects_is_no_mismatch(
    content: bytes, model: type[Model], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    assert decode_envelope(content, model, operation="baskets.list").data == model()
    assert caplog.text == ""


def test_half_an_emoji_costs_only_itself() -> None:
    """Texts cut off in the middle of a character arrive as lone surrogates, which are no text."""
    content = rb'{"code": 0, "data": {"baskets": [{"id": "1", "status": "a\ud83d b\ud83d\ude00 c\\ud83d \uDE00"}]}}'
    assert read(content).data.baskets == [Basket(id="1", status="a\ufffd b\U0001f600 c\\ud83d \ufffd")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "an empty body"),
        (b" \n", "an empty body"),
        (b"<!DOCTYPE html><html><body>Ann, 12 Elm Street</body></html>", "an HTML or XML page"),
        (b"Bad gateway for Ann", "text that is not JSON"),
        (b'{"code": 0, "data": {"baskets": [{"id": "Ann', "malformed JSON"),
        (b'{"code": 0} Ann', "malformed JSON"),
        (b'{"code": 0, "data": {"total_count": NaN}}', "malformed JSON"),
        (b'{"code": 0, "message": "\\ud83d", "Ann"}', "malformed JSON"),
        (b'{"code": 0, "message": "Ann \xff"}', "text that is not UTF-8"),
        (b'{"code": 0, "data": {"baskets": [{"id": 1, "status": "Ann \xff"}]}}', "text that is not UTF-8"),
        (b"[]", "JSON that is no object"),
        (b'"Ann"', "JSON that is no object"),
        (b"null", "JSON that is no object"),
        (b"{}", "an object without a numeric code"),
        (b'{"code": null}', "an object without a numeric code"),
        (b'{"code": "Ann"}', "an object without a numeric code"),
        (b'{"code": 1.5}', "an object without a numeric code"),
        (b'{"error": {"code": 0}}', "an object without a numeric code"),
        (b'{"code": 0, "data": %b}' % NESTED, "JSON that is nested too deeply"),
        (b'{"code": 0, "data": {"unheard_of": %b}}' % NESTED, "JSON that is nested too deeply"),
        (b'{"code": 0, "message": null, "data": {"baskets": %b}}' % NESTED, "JSON that is nested too deeply"),
    ],
    ids=lambda value: value[:40].decode(errors="replace") if isinstance(value, bytes) else "",
)
def test_what_is_no_envelope_is_refused_without_quoting_it(content: bytes, reason: str) -> None:
    with pytest.raises(DecodingError) as caught:
        read(content)
    assert caught.value.message == f"expected an envelope, got {reason} ({len(content)} bytes)"
    assert caught.value.operation == "baskets.list"
    # Neither its cause nor its context carries the body.
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_the_class_of_the_data_is_found_by_the_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("tiktok_shop_async.models.basket")
    monkeypatch.setattr(module, "BasketPage", BasketPage, raising=False)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    operation: Operation[BasketPage] = Operation(
        name="baskets.list", method="GET", path="/", version="202309", safety="read", answer="basket.BasketPage"
    )
    assert answer_type(operation) is BasketPage


def test_an_operation_without_data_answers_an_acknowledgement() -> None:
    operation: Operation[Acknowledgement] = Operation(
        name="baskets.clear", method="DELETE", path="/", version="202309", safety="idempotent"
    )
    assert answer_type(operation) is Acknowledgement
