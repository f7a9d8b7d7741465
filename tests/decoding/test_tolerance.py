"""What stands in a typed place when the answer holds something else there."""

from __future__ import annotations

import json
import logging
from typing import Any

import msgspec
import pytest

from tests.decoding.decoding_models import Basket, BasketPage, Branch, LabelInput, Line, Payment, Price
from tiktok_shop_async import tolerance

DIGITS = "9" * 5000


def line(**fields: str) -> Line:
    """Read a line whose fields are given as JSON."""
    content = "{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}"
    return tolerance.decode(content.encode(), Line, "lines.get")


def basket(**fields: str) -> Basket:
    content = "{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}"
    return tolerance.decode(content.encode(), Basket, "baskets.get")


@pytest.mark.parametrize(
    ("json_text", "expected"),
    [
        ('"A"', "A"),
        ('""', ""),
        ('"NEW_STATUS"', "NEW_STATUS"),
        ("null", None),
        ("1.10", "1.10"),
        ("-0", "-0"),
        ("1e5", "1e5"),
        ("1E+400", "1E+400"),
        ("576461413038785752", "576461413038785752"),
        pytest.param(DIGITS, DIGITS, id="5000 digits"),
        ("true", "true"),
        ("false", "false"),
        ('["a", 1]', ["a", 1]),
        ('{"a": null}', {"a": None}),
        ("[]", None),
        ("{}", None),
    ],
)
def test_where_text_belongs(json_text: str, expected: object) -> None:
    assert line(type=json_text).type == expected


@pytest.mark.parametrize(
    ("json_text", "expected"),
    [
        ("7", 7),
        ("1.0", 1),
        ("1e2", 100),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ('"12"', 12),
        ('"-3"', -3),
        ('"1.0"', 1),
        ('"1e2"', 100),
        ('"1234567890123456789012"', 1234567890123456789012),
        ("null", None),
        ('""', None),
        ('"null"', None),
        ("1.5", 1.5),
        ("12345678901234567.89", "12345678901234567.89"),
        ("1e400", "1e400"),
        pytest.param(DIGITS, DIGITS, id="5000 digits"),
        ('"1.5"', "1.5"),
        ('"012"', "012"),
        ('" 12 "', 12),
        ('" "', None),
        ('" 1 2"', " 1 2"),
        ('"12a"', "12a"),
        ("true", True),
        ("[1]", [1]),
        ('{"a": 1}', {"a": 1}),
        ("[]", None),
        ("{}", None),
    ],
)
def test_where_an_integer_belongs(json_text: str, expected: object) -> None:
    found = line(quantity=json_text).quantity
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("json_text", "expected"),
    [
        ("true", True),
        ("1", True),
        ("0", False),
        ('"true"', True),
        ('"False"', False),
        ('"1"', True),
        ('"0"', False),
        ("null", None),
        ('""', None),
        ('"null"', None),
        ("2", 2),
        ("1.0", 1.0),
        ('"true "', True),
        ('"yes"', "yes"),
        ("[true]", [True]),
    ],
)
def test_where_a_boolean_belongs(json_text: str, expected: object) -> None:
    found = line(is_gift=json_text).is_gift
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("json_text", "expected"),
    [
        ("1.5", 1.5),
        ("2", 2.0),
        ('"1.5"', 1.5),
        ("null", None),
        ('""', None),
        ("1e400", "1e400"),
        ('"heavy"', "heavy"),
        ("false", False),
    ],
)
def test_where_a_number_belongs(json_text: str, expected: object) -> None:
    found = line(weight=json_text).weight
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("json_text", "expected"),
    [
        ('["a", "b"]', ["a", "b"]),
        ("null", []),
        ('""', []),
        ('"a"', ["a"]),
        ("1.10", ["1.10"]),
        ("true", ["true"]),
        ('["a", 1.10, null]', ["a", "1.10", None]),
        ('{"a": 1}', [{"a": 1}]),
        ('[["a"]]', [["a"]]),
    ],
)
def test_where_a_list_of_text_belongs(json_text: str, expected: object) -> None:
    assert line(notes=json_text).notes == expected


@pytest.mark.parametrize(
    ("json_text", "expected"),
    [
        ('[{"id": "1"}, {"id": 2}]', [Line(id="1"), Line(id="2")]),
        ('[{"id": "1"}, null, {"id": "2"}]', [Line(id="1"), Line(), Line(id="2")]),
        ('{"id": "1"}', [Line(id="1")]),
        ("null", []),
        ("{}", []),
        ('"none"', ["none"]),
    ],
)
def test_where_a_list_of_objects_belongs(json_text: str, expected: object) -> None:
    assert basket(lines=json_text).lines == expected


@pytest.mark.parametrize(
    ("json_text", "expected"),
    [
        ("null", Payment()),
        ('""', Payment()),
        ("{}", Payment()),
        ("[]", Payment()),
        ('{"total": 3, "price": null}', Payment(total="3")),
        ('{"unheard_of": {"deep": [1]}, "tax": "2"}', Payment(tax="2")),
        ('[{"total": "1"}]', [{"total": "1"}]),
        ('"free"', "free"),
        ("0", 0),
        ("false", False),
    ],
)
def test_where_an_object_belongs(json_text: str, expected: object) -> None:
    assert basket(payment=json_text).payment == expected


@pytest.mark.parametrize(
    ("json_text", "expected"),
    [('[["a"], ["b", "c"]]', [["a"], ["b", "c"]]), ('["a", null, [1]]', [["a"], [], ["1"]])],
)
def test_where_a_list_of_lists_belongs(json_text: str, expected: object) -> None:
    assert basket(grid=json_text).grid == expected


@pytest.mark.parametrize(
    ("json_text", "expected"),
    [('{"a": 1.50, "b": null}', {"a": "1.50", "b": None}), ("null", {}), ("[1]", [1])],
)
def test_where_a_mapping_belongs(json_text: str, expected: object) -> None:
    assert basket(labels=json_text).labels == expected


@pytest.mark.parametrize(
    ("json_text", "expected"),
    [
        ('{"a": [1, null, "x"]}', {"a": [1, None, "x"]}),
        ("1.10", 1.1),
        ("12345678901234567.89", "12345678901234567.89"),
        ("1e400", "1e400"),
        pytest.param(f'{{"a": {DIGITS}}}', {"a": DIGITS}, id="5000 digits"),
    ],
)
def test_where_anything_belongs_numbers_stay_exact(json_text: str, expected: object) -> None:
    assert basket(extra=json_text).extra == expected


def test_the_id_of_a_row_stays_text() -> None:
    assert [basket(id=value).id for value in ('"7"', "7", "null")] == ["7", "7", ""]


def test_of_a_repeated_key_the_last_one_counts_with_and_without_an_odd_field() -> None:
    for content in (b'{"id": "1", "id": "2"}', b'{"id": "1", "id": "2", "type": 5}', b'{"id": [], "id": "2"}'):
        assert tolerance.decode(content, Line, "lines.get").id == "2"


def test_an_odd_row_leaves_the_others_alone() -> None:
    rows: list[dict[str, Any]] = [{"id": str(number), "payment": {"total": "1.00"}} for number in range(50)]
    rows[20] = {"id": 20, "payment": {"total": ["?"], "tax": "0.19"}, "status": None}
    page = tolerance.decode(json.dumps({"baskets": rows, "total_count": "50"}).encode(), BasketPage, "baskets.list")
    assert [each.id for each in page.baskets] == [str(number) for number in range(50)]
    assert [each.payment.total for each in page.baskets if each.id != "20"] == ["1.00"] * 49
    assert page.baskets[20].payment.to_dict() == {"total": ["?"], "tax": "0.19"}
    assert page.total_count == 50


def test_a_model_that_contains_itself() -> None:
    tree = tolerance.decode(b'{"children": [{"name": 1}, {"children": {"name": "leaf"}}]}', Branch, "tree.get")
    assert tree == Branch(children=[Branch(name="1"), Branch(children=[Branch(name="leaf")])])


def test_a_field_that_requests_insist_on_may_be_missing_in_what_is_read() -> None:
    found: Any = tolerance.decode(b'{"tags": "a"}', LabelInput, "labels.get")
    assert (found.text, found.tags) == (None, ["a"])


def test_nesting_without_end_is_an_ordinary_exception() -> None:
    nested = b"[" * 10_000 + b"]" * 10_000
    for content in (b'{"extra": %b}', b'{"unheard_of": %b}', b'{"id": 1, "extra": %b}', b'{"labels": %b}'):
        with pytest.raises(RecursionError):
            tolerance.decode(content % nested, Basket, "baskets.get")


def test_malformed_json_behind_an_odd_field_is_still_malformed() -> None:
    with pytest.raises(msgspec.DecodeError, match="malformed"):
        tolerance.decode(b'{"id": 1, "type": nope}', Line, "lines.get")


def test_text_that_is_not_utf8_behind_an_odd_field_is_still_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        tolerance.decode(b'{"id": 1, "type": "\xff"}', Line, "lines.get")


class TestReports:
    @pytest.fixture(autouse=True)
    def heard(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG, "tiktok_shop_async")

    def test_name_the_operation_the_field_and_the_kinds_and_never_the_value(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        content = b'{"baskets": [{"id": "1", "payment": {"total": ["secret"]}, "labels": {"secret": {"a": 1}}}]}'
        tolerance.decode(content, BasketPage, "baskets.list")
        assert caplog.messages == [
            "baskets.list: baskets[].payment.total holds list where text belongs; kept as it came",
            "baskets.list: baskets[].labels{} holds object where text belongs; kept as it came",
        ]

    def test_warn_of_what_is_kept_and_only_mention_what_is_converted(self, caplog: pytest.LogCaptureFixture) -> None:
        line(type="1", notes='"a"', quantity='"many"')
        assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
            ("INFO", "lines.get: type holds number where text belongs; converted"),
            ("WARNING", "lines.get: quantity holds text where integer belongs; kept as it came"),
            ("INFO", "lines.get: notes holds text where list belongs; converted"),
        ]

    def test_come_once_for_each_operation_and_field(self, caplog: pytest.LogCaptureFixture) -> None:
        for operation in ("a.get", "a.get", "b.get"):
            tolerance.decode(b'[{"id": 1}, {"id": 2}]', Line, operation)
            tolerance.decode(b'{"lines": [{"id": 1}, {"id": 2}]}', Basket, operation)
        assert caplog.messages == [
            "a.get: data holds list where object belongs; left to the raw answer",
            "a.get: lines[].id holds number where text belongs; converted",
            "b.get: data holds list where object belongs; left to the raw answer",
            "b.get: lines[].id holds number where text belongs; converted",
        ]

    def test_do_not_mention_what_every_answer_has(self, caplog: pytest.LogCaptureFixture) -> None:
        """Nulls, empty texts, numbers as text, new enumeration values and new fields are normal."""
        basket(
            payment="null", lines='""', create_time='""', is_open='"1"', status='"NEW"', unheard_of="1", codes="null"
        )
        assert caplog.messages == []

    def test_end_before_they_fill_the_memory(
        self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tolerance, "_MOST_REPORTS", 3)
        nested: dict[str, Any] = {"name": 1}
        for _ in range(10):
            nested = {"name": 1, "children": [nested]}
        tolerance.decode(json.dumps(nested).encode(), Branch, "tree.get")
        assert len(caplog.messages) == 3


def test_a_shape_for_both_ways_is_read_like_any_other() -> None:
    assert tolerance.decode(b'{"amount": 1.10, "currency": null}', Price, "prices.get") == Price(amount="1.10")
