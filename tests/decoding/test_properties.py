"""Whatever the model and whatever a live answer does to one of its places: nothing fails, and nothing is lost."""

from __future__ import annotations

import json
from typing import Any

from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from tests.decoding.agreement import disagreements
from tests.decoding.variants import variants
from tiktok_shop_async.decoding import decode_envelope
from tiktok_shop_async.model import Model

NAMES = ["id", "type", "status", "date", "list", "amount", "items", "create_time", "format"]

SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(["12", "-3", "1.10", "null"]),
    int: st.integers(-(2**70), 2**70),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
}


def model_of(annotations: dict[str, Any]) -> type[Any]:
    """A model as the generator would write it."""
    defaults: dict[str, Any] = {}
    for name, annotation in annotations.items():
        factory = getattr(annotation, "__origin__", annotation)
        defaults[name] = field(factory=factory) if factory is list or isinstance(annotation, type) else None
    body = {**defaults, "__annotations__": annotations, "__module__": __name__}
    made: type[Any] = define(kw_only=True)(type("Made", (Model,), body))
    return made


def lists_of(shape: tuple[Any, st.SearchStrategy[Any]]) -> tuple[Any, st.SearchStrategy[Any]]:
    annotation, values = shape
    return list[annotation], st.lists(values, max_size=3)  # type: ignore[valid-type]


def models_of(shapes: dict[str, tuple[Any, st.SearchStrategy[Any]]]) -> tuple[Any, st.SearchStrategy[Any]]:
    """A model class with such fields, and the JSON objects that fit it: any of the fields may be left out."""
    optional = {
        name: annotation | None if annotation in SCALARS else annotation for name, (annotation, _) in shapes.items()
    }
    values = st.fixed_dictionaries({}, optional={name: values for name, (_, values) in shapes.items()})
    return model_of(optional), values


scalars = st.sampled_from(list(SCALARS.items()))
shapes = st.recursive(
    scalars,
    lambda inner: inner.map(lists_of) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4).map(models_of),
    max_leaves=8,
)
models = st.dictionaries(st.sampled_from(NAMES), shapes, min_size=1, max_size=4).map(models_of)


def decoded(data: Any, model: type[Any]) -> Any:
    body = {"code": 0, "message": "Success", "request_id": "R1", "data": data}
    return decode_envelope(json.dumps(body).encode(), model, operation="made.up").data


@given(st.data())
def test_no_odd_place_of_an_answer_fails_the_call_or_costs_another_place_its_value(data: st.DataObject) -> None:
    """One change in any place: the changed value and all others still stand where they belong."""
    model, values = data.draw(models)
    value = data.draw(values)
    assert disagreements(value, decoded(value, model)) == []
    for variant in variants(value):
        assert disagreements(variant.value, decoded(variant.value, model)) == [], str(variant)


@given(st.data())
def test_a_row_can_be_put_away_as_plain_data_and_be_read_again(data: st.DataObject) -> None:
    """`from_dict(to_dict())` is the same object, for answers that fit and for odd ones."""
    model, values = data.draw(models)
    value = data.draw(values)
    for variant in variants(value):
        result = decoded(variant.value, model)
        assert model.from_dict(json.loads(json.dumps(result.to_dict()))) == result, str(variant)
