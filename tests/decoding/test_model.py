"""What every object of an answer can do."""

from __future__ import annotations

import copy
import json
import pickle
import weakref
from decimal import Decimal
from typing import Any

import pytest
from attrs import define, field

from tests.decoding.decoding_models import Basket, BasketPage, LabelInput, Line, Payment, Price
from tiktok_shop_async.errors import ArgumentError
from tiktok_shop_async.model import Acknowledgement, InputModel, Model, response_of
from tiktok_shop_async.response import Response


@pytest.fixture
def row() -> Basket:
    return Basket(
        id="41",
        is_open=False,
        create_time=0,
        payment=Payment(total="1.10"),
        lines=[Line(id="7", type="GIFT"), Line()],
        grid=[["a"], []],
        labels={"colour": "red"},
        extra={"any": [1, None]},
    )


def test_plain_data_has_the_names_of_the_api_and_leaves_out_what_holds_nothing(row: Basket) -> None:
    assert row.to_dict() == {
        "id": "41",
        "is_open": False,
        "create_time": 0,
        "payment": {"total": "1.10"},
        "lines": [{"id": "7", "type": "GIFT"}, {}],
        "grid": [["a"], []],
        "labels": {"colour": "red"},
        "extra": {"any": [1, None]},
    }


def test_an_empty_answer_is_an_empty_dict() -> None:
    assert BasketPage().to_dict() == {}


def test_what_a_request_was_given_is_kept_even_when_it_is_empty() -> None:
    assert LabelInput(text="", tags=[], price=Price()).to_dict() == {"text": "", "tags": [], "price": {}}
    assert LabelInput(text="a").to_dict() == {"text": "a"}


def test_json_is_the_same_as_plain_data(row: Basket) -> None:
    assert json.loads(row.to_json()) == row.to_dict()


def test_plain_data_is_not_tied_to_the_row(row: Basket) -> None:
    row.to_dict()["lines"].clear()
    row.to_dict()["labels"].clear()
    assert (len(row.lines), row.labels) == (2, {"colour": "red"})


def test_a_row_is_built_from_plain_data(row: Basket) -> None:
    assert Basket.from_dict(row.to_dict()) == row


def test_plain_data_is_read_as_tolerantly_as_an_answer() -> None:
    data: dict[str, Any] = {
        "id": 41,
        "create_time": "12",
        "lines": None,
        "payment": {"total": Decimal("1.10")},
        "new": 1,
    }
    assert Basket.from_dict(data) == Basket(id="41", create_time=12, payment=Payment(total="1.10"))


def test_plain_data_may_hold_models() -> None:
    assert Basket.from_dict({"lines": [Line(id="7")]}) == Basket(lines=[Line(id="7")])


def test_what_json_cannot_express_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        Basket.from_dict({"id": object()})


def test_rows_compare_by_value(row: Basket) -> None:
    assert row == Basket.from_dict(row.to_dict())
    assert row != Basket(id="41")
    assert Payment() != Price()
    assert Acknowledgement() == Acknowledgement()


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda row: pickle.loads(pickle.dumps(row))],  # noqa: S301
    ids=["copy", "deepcopy", "pickle"],
)
def test_rows_can_be_copied_and_pickled_and_leave_their_answer_behind(row: Basket, duplicate: Any) -> None:
    attach(row)
    twin = duplicate(row)
    assert twin == row
    assert type(twin) is Basket
    with pytest.raises(ArgumentError):
        response_of(twin)


def test_what_was_pickled_can_be_read_when_fields_have_come_and_gone() -> None:
    rebuild, (model, fields) = Line(id="7", type="GIFT").__reduce__()
    del fields["quantity"]
    fields["gone"] = 1
    assert rebuild(model, fields) == Line(id="7", type="GIFT")


def test_a_copy_shares_what_is_nested_and_a_deep_copy_does_not(row: Basket) -> None:
    assert copy.copy(row).payment is row.payment
    assert copy.deepcopy(row).payment is not row.payment


def test_the_answer_is_no_part_of_the_value(row: Basket) -> None:
    plain = copy.copy(row)
    attach(row)
    assert row == plain
    assert repr(row) == repr(plain)
    assert row.to_dict() == plain.to_dict()
    assert response_of(row).request_id == "R1"


def test_rows_are_small_and_closed(row: Basket) -> None:
    """Slots: a row has no dict of its own, a mistyped attribute is an error, and weak references work."""
    assert not hasattr(row, "__dict__")
    with pytest.raises(AttributeError):
        row.staus = "PAID"  # type: ignore[attr-defined]
    assert weakref.ref(row)() is row


def test_a_request_object_insists_on_what_is_required() -> None:
    with pytest.raises(TypeError, match="text"):
        LabelInput()  # type: ignore[call-arg]
    assert isinstance(Price(), InputModel)
    assert set(Price.__shapes__) == {"amount", "currency"}


def test_the_repr_is_short_and_keeps_what_is_nested_to_itself() -> None:
    row = Basket(
        id="41",
        status="x" * 100,
        payment=Payment(total="1.10"),
        lines=[Line(id="7"), Line(id="8")],
        labels={"name": "Ann"},
    )
    assert (
        repr(row) == f"Basket(id='41', status='{'x' * 60}'..., payment=Payment(...), lines=<2 items>, labels=<1 item>)"
    )
    assert repr(Basket(codes=[1])) == "Basket(codes=<1 item>)"
    assert repr(LabelInput(text="", tags=[])) == "LabelInput(text='', tags=<0 items>)"
    assert repr(Acknowledgement()) == "Acknowledgement()"


def test_classes_whose_comparison_attrs_has_made_behave_the_same() -> None:
    @define(kw_only=True, eq=False, repr=False)
    class Plain(Model):
        id: str | None = None
        payment: Payment = field(factory=Payment)

    assert Plain(id="1") == Plain(id="1") != Plain(id="2")
    assert repr(Plain(id="1", payment=Payment(tax="1"))) == "Plain(id='1', payment=Payment(...))"


def attach(model: Model) -> None:
    """Do as a call does with its result."""
    model._response = Response(status=200, headers={}, content=b"{}", request_id="R1")
