"""From arguments to the parts of a request, and what is refused on the way."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from enum import Enum, IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.depot import (
    DROP_CRATES,
    GET_CRATE,
    LIST_CRATES,
    LIST_CRATES_BY_BODY,
    MAKE_CRATE,
    MOVE_CRATES,
    OPEN_DEPOT,
    UPLOAD_PHOTO,
    Crate,
    LabelInput,
    WeightInput,
)
from tiktok_shop_async import ArgumentError
from tiktok_shop_async.encoding import encode, encode_unlisted
from tiktok_shop_async.model import InputModel
from tiktok_shop_async.operation import ANYTHING, TEXT, Items, Object, Operation, Parameter

if TYPE_CHECKING:
    from collections.abc import Mapping


def body_of(**arguments: Any) -> Any:
    body = encode(MAKE_CRATE, {"name": "n", **arguments}).body
    assert isinstance(body, bytes)
    fields = json.loads(body)
    del fields["name"]
    return fields


def query_of(**arguments: Any) -> dict[str, str]:
    return dict(encode(LIST_CRATES, {"page_size": 20, **arguments}).query)


def refusal(**arguments: Any) -> str:
    with pytest.raises(ArgumentError) as caught:
        encode(MAKE_CRATE, {"name": "n", **arguments})
    return str(caught.value)


class Size(StrEnum):
    SMALL = "small"


class OldSize(str, Enum):  # noqa: UP042 (the older way to write it has another str())
    LARGE = "large"


class Copies(IntEnum):
    TWO = 2


# What is sent


@define(kw_only=True)
class ColouredLabelInput(InputModel):
    """What another endpoint takes, which knows one field more."""

    text: str
    colour: str | None = None

    __shapes__ = {"text": Parameter(TEXT, required=True), "colour": Parameter(TEXT)}  # noqa: RUF012


def test_an_object_for_another_endpoint_is_taken_where_its_fields_are_known() -> None:
    assert body_of(label=ColouredLabelInput(text="a")) == {"label": {"text": "a"}}


def test_what_is_none_is_not_sent() -> None:
    assert body_of(size=None, label=None) == {}
    assert body_of(label={"text": "a", "copies": None}) == {"label": {"text": "a"}}
    assert query_of(page_token=None) == {"page_size": "20"}


def test_what_is_given_empty_is_sent() -> None:
    assert body_of(extra=[], price="") == {"extra": [], "price": ""}
    assert query_of(page_token="", ids=[]) == {"page_size": "20", "page_token": "", "ids": ""}


def test_falsy_values_are_sent() -> None:
    assert body_of(size=0, load=0.0, is_open=False) == {"size": 0, "load": 0.0, "is_open": False}


def test_a_list_in_the_query_is_one_value_joined_by_commas() -> None:
    assert query_of(ids=["1", "2"])["ids"] == "1,2"
    assert query_of(ids=("1",))["ids"] == "1"


def test_booleans_in_the_query_are_words() -> None:
    assert query_of(is_open=True)["is_open"] == "true"
    assert query_of(is_open=False)["is_open"] == "false"


def test_query_values_stay_raw() -> None:
    assert query_of(page_token="a+b/c=%&")["page_token"] == "a+b/c=%&"


def test_members_of_enumerations_are_sent_as_their_values() -> None:
    assert query_of(page_token=Size.SMALL)["page_token"] == "small"
    assert query_of(page_token=OldSize.LARGE)["page_token"] == "large"
    assert body_of(extra=[Size.SMALL, OldSize.LARGE], size=Copies.TWO) == {"extra": ["small", "large"], "size": 2}


class Ratio(float):
    """As numpy's."""


def test_numbers_of_other_types_are_sent_as_plain_numbers() -> None:
    assert body_of(load=Ratio(0.5), extra=[Ratio(1.5), Copies.TWO]) == {"load": 0.5, "extra": [1.5, 2]}
    assert dict(unlisted(query={"n": Copies.TWO, "ns": [Copies.TWO, Ratio(0.5)]}).query) == {"n": "2", "ns": "2,0.5"}


def test_an_integer_may_have_any_length() -> None:
    assert body_of(extra=10**400) == {"extra": 10**400}


def test_nested_objects_are_models_or_mappings_or_both() -> None:
    expected = {"label": {"text": "a", "weights": [{"value": "1.5"}, {"value": "2", "unit": "kg"}]}}
    weights = [WeightInput(value="1.5"), {"value": "2", "unit": "kg"}]
    assert body_of(label=LabelInput(text="a", weights=weights)) == expected  # type: ignore[arg-type]
    assert body_of(label={"text": "a", "weights": weights}) == expected


def test_any_json_value_is_sent_as_it_is() -> None:
    value = {"a": [1, 2.5, "x", None, True, {"b": []}], "c": LabelInput(text="t")}
    assert body_of(extra=value) == {"extra": {"a": [1, 2.5, "x", None, True, {"b": []}], "c": {"text": "t"}}}


def test_a_search_without_a_filter_sends_an_empty_object() -> None:
    assert encode(LIST_CRATES, {"page_size": 20}).body == b"{}"
    assert encode(LIST_CRATES_BY_BODY, {}).body == b"{}"


def test_an_operation_without_body_parameters_sends_no_body() -> None:
    assert encode(OPEN_DEPOT, {}).body == b""


def test_a_delete_has_a_body_only_when_it_has_something_to_say() -> None:
    assert encode(DROP_CRATES, {}).body == b""
    assert encode(DROP_CRATES, {"crate_ids": ["1"]}).body == b'{"crate_ids":["1"]}'


def test_a_name_that_stands_in_two_places_is_sent_in_both() -> None:
    both: Operation[Any] = Operation(
        name="depot.both",
        method="PUT",
        path="/depot/202309/crates/{crate_id}",
        version="202309",
        safety="idempotent",
        path_parameters={"crate_id": Parameter(TEXT, required=True)},
        query={"crate_id": Parameter(TEXT)},
        body={"crate_id": Parameter(TEXT)},
    )
    request = encode(both, {"crate_id": "7"})
    assert (request.path, request.query, request.body) == (
        "/depot/202309/crates/7",
        (("crate_id", "7"),),
        b'{"crate_id":"7"}',
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(json_values.filter(lambda value: value is not None))
def test_whatever_json_can_hold_arrives_as_it_was_given(value: Any) -> None:
    try:
        sent = body_of(extra=value)
    except ArgumentError as error:
        assert "surrogate" in str(error)  # noqa: PT017 (the one thing that JSON text cannot hold)
    else:
        assert sent == {"extra": value}


# Ids in the path


@pytest.mark.parametrize("crate_id", ["576461413038785752", "ROW_a-b.c~d", "a=b,c:d;e@f+g", "...", "a..b", "!$&'()*"])
def test_an_id_stands_in_the_path_as_it_is(crate_id: str) -> None:
    assert encode(GET_CRATE, {"crate_id": crate_id}).path == f"/depot/202309/crates/{crate_id}"


@pytest.mark.parametrize(
    "crate_id", ["", ".", "..", "1/2", "1?x=2", "1#2", "1%2F2", "1 2", "1\n", "1\\2", "né", "1\u20602", '"', "{x}"]
)
def test_an_id_that_would_change_the_path_is_refused(crate_id: str) -> None:
    with pytest.raises(ArgumentError, match=r"^crate_id: .*part of the path"):
        encode(GET_CRATE, {"crate_id": crate_id})


# What is refused, and where


@pytest.mark.parametrize(
    ("arguments", "place", "problem"),
    [
        ({"name": 7}, "name", "got int"),
        ({"name": b"n"}, "name", "got bytes"),
        ({"name": ["n"]}, "name", "got list"),
        ({"name": None}, "name", "missing"),
        ({"size": True}, "size", "got bool"),
        ({"size": "7"}, "size", "got str"),
        ({"size": 7.0}, "size", "got float"),
        ({"size": datetime(2023, 11, 14, tzinfo=UTC)}, "size", "got datetime; give Unix time: int(moment.timestamp())"),
        ({"load": True}, "load", "got bool"),
        ({"load": "0.5"}, "load", "got str"),
        ({"load": float("nan")}, "load", "got nan"),
        ({"load": float("inf")}, "load", "got inf"),
        ({"load": 1.5}, "load", "the most is 1"),
        ({"load": -0.5}, "load", "the least is 0"),
        ({"price": 12.5}, "price", "got float"),
        ({"price": "12,50"}, "price", "not a decimal number"),
        ({"price": "1e3"}, "price", "not a decimal number"),
        ({"is_open": 1}, "is_open", "got int"),
        ({"is_open": "true"}, "is_open", "got str"),
        ({"label": "a"}, "label", "got str"),
        ({"label": Crate(id="1")}, "label", "got Crate"),
        ({"label": WeightInput(value="1")}, "label.value", "not a field of LabelInput"),
        ({"label": {}}, "label.text", "missing"),
        ({"label": {"text": None}}, "label.text", "missing"),
        ({"label": {"text": "a", "colour": "red"}}, "label.colour", "not a field of LabelInput"),
        ({"label": ColouredLabelInput(text="a", colour="red")}, "label.colour", "not a field of LabelInput"),
        ({"label": {"text": "a", "value": "1"}}, "label.value", "it has text, copies, weights"),
        ({"label": {"text": "a", 7: "b"}}, "label", "not a field of LabelInput"),
        ({"label": {"text": "a" * 11}}, "label.text", "at most 10 are allowed"),
        ({"label": {"text": "a", "copies": 6}}, "label.copies", "the most is 5"),
        ({"label": {"text": "a", "copies": 0}}, "label.copies", "the least is 1"),
        ({"label": {"text": "a", "weights": [{"value": "1"}, {}]}}, "label.weights[1].value", "missing"),
        ({"label": {"text": "a", "weights": [{"value": 1}]}}, "label.weights[0].value", "got int"),
        ({"label": {"text": "a", "weights": [{"value": "1"}] * 3}}, "label.weights", "at most 2 are allowed"),
        ({"label": LabelInput(text="a", copies=9)}, "label.copies", "the most is 5"),
        ({"labels": []}, "labels", "at least 1 are needed"),
        ({"labels": {"text": "a"}}, "labels", "got dict"),
        ({"labels": {LabelInput}}, "labels", "got set"),
        ({"labels": [None]}, "labels[0]", "got NoneType"),
        ({"extra": float("nan")}, "extra", "JSON has no such number"),
        ({"extra": [{"a": float("inf")}]}, "extra[0].a", "JSON has no such number"),
        ({"extra": {1: "a"}}, "extra", "a name of type int"),
        ({"extra": {"a": object()}}, "extra.a", "got object"),
        ({"extra": b"x"}, "extra", "got bytes"),
        ({"extra": {"a": LabelInput(text="a", copies=0)}}, "extra.a.copies", "the least is 1"),
        ({"name": "half \ud83d"}, "name", "surrogate"),
        ({"extra": {"\udc00": 1}}, "extra", "surrogate"),
    ],
)
def test_what_the_api_would_not_take_is_refused_by_its_place(
    arguments: dict[str, Any], place: str, problem: str
) -> None:
    text = refusal(**arguments)
    assert text.startswith(f"{place}: ")
    assert problem in text


@pytest.mark.parametrize("page_size", [0, 101, -1])
def test_a_page_size_out_of_range_is_refused(page_size: int) -> None:
    with pytest.raises(ArgumentError, match=f"^page_size: got {page_size}; the (least is 1|most is 100)$"):
        encode(LIST_CRATES, {"page_size": page_size})


def test_both_ends_of_a_range_are_in_it() -> None:
    assert query_of(page_size=1)["page_size"] == "1"
    assert query_of(page_size=100)["page_size"] == "100"
    assert body_of(load=0) == {"load": 0}
    assert body_of(load=1.0) == {"load": 1.0}
    label = {"text": "a" * 10, "weights": [{"value": "1"}] * 2}
    assert body_of(label=label, labels=[label]) == {"label": label, "labels": [label]}


def test_a_single_text_is_no_list() -> None:
    with pytest.raises(ArgumentError, match=r"^ids: got a single str; give a list, also for one member$"):
        encode(LIST_CRATES, {"page_size": 20, "ids": "123"})


def test_a_number_is_no_id() -> None:
    with pytest.raises(ArgumentError, match=r"^ids\[1\]: got int; ids and amounts are text here: use str\(\)$"):
        encode(LIST_CRATES, {"page_size": 20, "ids": ["1", 2]})


def test_a_member_with_a_comma_would_become_two_and_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"^ids\[1\]: holds a comma"):
        encode(LIST_CRATES, {"page_size": 20, "ids": ["1", "2,3"]})


def test_an_object_cannot_stand_in_a_query() -> None:
    odd: Operation[Any] = Operation(
        name="depot.odd", method="GET", path="/a", version="", safety="read", query={"filter": Parameter(ANYTHING)}
    )
    with pytest.raises(ArgumentError, match=r"^filter: got dict; only text, numbers"):
        encode(odd, {"filter": {"a": 1}})


def test_values_of_enumerations_are_not_checked() -> None:
    assert body_of(label={"text": "BRAND_NEW"}) == {"label": {"text": "BRAND_NEW"}}


def test_a_required_list_may_not_be_left_out() -> None:
    with pytest.raises(ArgumentError, match=r"^crate_ids: missing"):
        encode(MOVE_CRATES, {"crate_ids": None})


def test_all_that_is_missing_in_one_place_is_told_at_once() -> None:
    search: Operation[Any] = Operation(
        name="depot.search", method="POST", path="/a", version="", safety="read",
        body={name: Parameter(TEXT, required=name != "note") for name in ("from", "to", "note", "unit")},
    )  # fmt: skip
    with pytest.raises(ArgumentError, match=r"^to: missing, as well as unit; the endpoint insists on them$"):
        encode(search, {"from": "1"})
    with pytest.raises(ArgumentError, match=r"^unit: missing; the endpoint insists on it$"):
        encode(search, {"from": "1", "to": "2"})


def test_the_text_of_a_refusal_does_not_repeat_what_was_given() -> None:
    secret = "Ada Example, 12 Private Street"
    for arguments in ({"price": secret}, {"size": secret}, {"label": {"text": secret}}, {"labels": secret}):
        assert "Private" not in refusal(**arguments)


# Forms


class Upload:
    """As web frameworks hand them over."""

    async def read(self, size: int = -1) -> bytes:
        return b""


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("photo.png", "got a str; give pathlib.Path"),
        (io.StringIO("text"), "got a file in text mode"),
        (bytearray(b"x"), "got bytearray"),
        (Upload(), "Upload reads asynchronously; give its content as bytes"),
        (7, "got int"),
        (None, "missing"),
    ],
)
def test_what_is_no_file_is_refused(content: Any, problem: str) -> None:
    with pytest.raises(ArgumentError, match=r"^data: ") as caught:
        encode(UPLOAD_PHOTO, {"data": content})
    assert problem in str(caught.value)


# Endpoints without an operation


def unlisted(
    method: str = "POST",
    path: str = "/depot/202309/crates",
    query: Mapping[str, Any] | None = None,
    body: Any = None,
    files: Mapping[str, Any] | None = None,
) -> Any:
    return encode_unlisted(method, path, query or {}, body, files or {})


def test_an_unlisted_request_is_written_like_any_other() -> None:
    request = unlisted("get", query={"ids": ["1", "2"], "all": True, "n": 3, "none": None}, body={"a": None})
    assert request.method == "GET"
    assert dict(request.query) == {"ids": "1,2", "all": "true", "n": "3"}
    assert request.body == b'{"a":null}'


def test_bytes_are_sent_as_they_are() -> None:
    assert unlisted(body=b'{ "a" : 1 }').body == b'{ "a" : 1 }'


def test_without_a_body_nothing_is_sent() -> None:
    assert unlisted().body == b""
    assert unlisted(body={}).body == b"{}"


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ({"method": "FETCH"}, "method"),
        ({"path": "depot/202309/crates"}, "path"),
        ({"path": "https://elsewhere.example/depot"}, "path"),
        ({"path": "//elsewhere.example/depot"}, "path"),
        ({"path": "/depot?x=1"}, "path"),
        ({"path": "/depot/../orders"}, "path"),
        ({"path": "/depot/%2e%2e"}, "path"),
        ({"path": ""}, "path"),
        ({"query": {"sign": "x"}}, "sign"),
        ({"query": {"app_key": "x"}}, "app_key"),
        ({"query": {"timestamp": "1"}}, "timestamp"),
        ({"query": {"access_token": "x"}}, "access_token"),
        ({"query": {"a": {"b": 1}}}, "a"),
        ({"body": {"a": object()}}, "body.a"),
        ({"body": '{"a": 1}'}, "body"),
        ({"body": [1], "files": {"data": b"x"}}, "body"),
        ({"files": {"data": "photo.png"}}, "data"),
    ],
)
def test_an_unlisted_request_that_cannot_be_sent_is_refused(arguments: dict[str, Any], place: str) -> None:
    with pytest.raises(ArgumentError, match=f"^{place}: "):
        unlisted(**arguments)


def test_lists_of_models_are_checked_by_their_own_shapes() -> None:
    labels: Operation[Any] = Operation(
        name="depot.labels",
        method="POST",
        path="/a",
        version="",
        safety="unsafe",
        body={"labels": Parameter(Items(Items(Object("depot.LabelInput"))))},
    )
    with pytest.raises(ArgumentError, match=r"^labels\[0\]\[1\]\.text: missing"):
        encode(labels, {"labels": [[{"text": "a"}, {}]]})
