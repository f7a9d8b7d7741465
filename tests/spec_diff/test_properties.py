"""What holds for any two documents."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from copy import deepcopy
from importlib.resources import files
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spec_diff.bakery import CORPUS, Json, pair
from tiktok_shop_async.spec_diff import Document, DocumentError, compare, parse

if TYPE_CHECKING:
    from pathlib import Path

    from tiktok_shop_async.spec_diff import Change

CLASSES = ("Cake", "Oven", "Tin")
FIELDS = ("size", "heat", "note", "oven_id", "baked")
WITHOUT_ORDER = (
    "anyOf",
    "enum",
    "markets",
    "oneOf",
    "parameters",
    "required",
    "security",
    "sellers",
    "servers",
    "type",
)
MIRRORED = {
    "operation-added": "operation-removed",
    "answer-field-added": "answer-field-removed",
    "request-field-added": "request-field-removed",
    "required-request-field-added": "request-field-removed",
    "class-added": "class-removed",
    "webhook-added": "webhook-removed",
}

DOCUMENTS = [document for path in sorted(CORPUS.glob("*.yaml")) for document in (pair(path).before, pair(path).after)]

scalars = st.sampled_from(
    [{"type": "string"}, {"type": "integer"}, {"type": ["string", "null"]}, {"type": "string", "enum": ["RYE", "OATS"]}]
)
references = st.sampled_from([{"$ref": f"#/components/schemas/{name}"} for name in CLASSES])
values = st.one_of(
    scalars, references, st.builds(lambda items: {"type": "array", "items": items}, st.one_of(scalars, references))
)


@st.composite
def objects(draw: st.DrawFn) -> Json:
    """An object with some fields, some of them required."""
    properties = draw(st.dictionaries(st.sampled_from(FIELDS), values, min_size=1))
    required = draw(st.lists(st.sampled_from(sorted(properties)), unique=True))
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


@st.composite
def operations(draw: st.DrawFn, name: str) -> Json:
    """An operation that takes some arguments, and answers one of the classes."""
    schema = draw(references)
    answer = {"description": "It went well.", "content": {"application/json": {"schema": schema}}}
    body = draw(st.none() | objects())
    parameters = draw(st.dictionaries(st.sampled_from(["page", "sort"]), scalars))
    return {
        "operationId": name,
        "tags": ["cakes"],
        "parameters": [{"name": each, "in": "query", "schema": schema} for each, schema in parameters.items()],
        "responses": {"200": answer},
    } | ({"requestBody": {"content": {"application/json": {"schema": body}}}} if body else {})


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document of some operations, with notifications."""
    names = draw(st.sets(st.sampled_from(["bake", "eat", "sell"])))
    paths = {f"/{name}": {"post": draw(operations(name))} for name in sorted(names)}
    schemas = {name: draw(objects()) for name in CLASSES}
    events = draw(st.sets(st.sampled_from(["CAKE_BAKED", "CAKE_SOLD"])))
    return Document(
        {
            "openapi": "3.1.0",
            "info": {"title": "Bakery", "version": "1"},
            "paths": paths,
            "webhooks": {name: {"post": {"x-webhook-type": len(name)}} for name in sorted(events)},
            "components": {"schemas": schemas},
        }
    )


def shuffled(value: Any, random: Random, key: str = "") -> Any:
    """The same, with everything that has no order in another one."""
    if isinstance(value, dict):
        entries = [(name, shuffled(held, random, name)) for name, held in value.items()]
        random.shuffle(entries)
        return dict(entries)
    if isinstance(value, list):
        held = [shuffled(each, random) for each in value]
        if key in WITHOUT_ORDER or key.startswith("x-"):
            random.shuffle(held)
        return held
    return value


def arrivals(base: Document, revision: Document, *, mirrored: bool) -> Counter[tuple[str, str]]:
    """What is new, or what is gone under the name that it has where it is new.

    Classes for requests come and go, and fields are told of a class by the name that it has afterwards.
    """
    wanted = MIRRORED.values() if mirrored else MIRRORED
    return Counter(
        (
            change.rule if mirrored else MIRRORED[change.rule],
            change.subject.replace("Input", "").rpartition("." if "field" in change.rule else " ")[2],
        )
        for change in compare(base, revision)
        if change.rule in wanted
    )


@st.composite
def damaged(draw: st.DrawFn) -> Json:
    """A document in which something is not what it should be."""
    document: Json = deepcopy(draw(st.sampled_from(DOCUMENTS)))
    at: Any = document
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = draw(st.sampled_from(keys))
        if not at[key] or not isinstance(at[key], dict | list) or draw(st.booleans()):
            at[key] = draw(st.sampled_from([None, "text", 3, True, [], {}, [None], {"text": None}]))
            return document
        at = at[key]


@given(damaged())
def test_a_damaged_document_is_compared_or_refused_in_words(document: Json) -> None:
    with suppress(DocumentError):
        compare(Document(document), Document(document))


def written(changes: list[Change]) -> list[tuple[str, ...]]:
    """Changes without the numbers that entries have where they stand."""
    return sorted((change.rule, change.subject, change.wire, *change.operations) for change in changes)


@given(st.sampled_from(DOCUMENTS), st.randoms(use_true_random=False))
def test_order_makes_no_difference(document: Json, random: Random) -> None:
    assert compare(Document(document), Document(shuffled(document, random))) == []


@given(documents(), st.randoms(use_true_random=False))
def test_a_drawn_document_is_the_same_in_any_order(document: Document, random: Random) -> None:
    assert compare(document, Document(shuffled(document.data, random))) == []


def test_the_real_spec_is_the_same_in_any_order() -> None:
    text = files("tiktok_shop_async").joinpath("sandbox", "openapi.json").read_text(encoding="utf-8")
    spec = parse(text, "the spec")
    assert compare(spec, Document(shuffled(spec.data, Random(1)))) == []  # noqa: S311


@given(documents(), documents())
def test_what_is_new_one_way_is_gone_the_other_way(base: Document, revision: Document) -> None:
    assert arrivals(base, revision, mirrored=False) == arrivals(revision, base, mirrored=True)


@pytest.mark.parametrize("path", sorted(CORPUS.glob("request-*-tightened.yaml")), ids=lambda path: path.stem)
def test_what_is_tightened_one_way_is_relaxed_the_other_way(path: Path) -> None:
    told = pair(path)
    (change,) = compare(told.revision, told.base)
    assert change.rule == told.rule.replace("tightened", "relaxed")


@given(documents(), documents(), st.randoms(use_true_random=False))
def test_the_same_changes_are_told_in_any_order(base: Document, revision: Document, random: Random) -> None:
    others = [Document(shuffled(each.data, random)) for each in (base, revision)]
    assert written(compare(others[0], others[1])) == written(compare(base, revision))
