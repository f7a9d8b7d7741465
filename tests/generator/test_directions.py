"""Which class stands for a schema, by the direction that its objects travel in."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.generator.classes import Class, Classes
from scripts.generator.document import Document
from scripts.generator.models import modules


def classes_of(garden: dict[str, Any]) -> Classes:
    document = Document(garden)
    return Classes(document, document.operations())


def place(garden: dict[str, Any]) -> Any:
    """A schema that both directions use, of nothing but optional scalars."""
    return garden["components"]["schemas"]["Place"]


def test_optional_scalars_alone_need_one_class_for_both_directions(garden: dict[str, Any]) -> None:
    classes = classes_of(garden)

    assert classes.answer("Place") == classes.request("Place") == Class("place", "Place")


@pytest.mark.parametrize(
    "change",
    [
        {"required": ["bed"]},
        {"properties": {"beds": {"type": "array", "items": {"type": "string"}}}},
        {"properties": {"pot": {"$ref": "#/components/schemas/Pot"}}},
        {"properties": {"extras": {}}},
    ],
    ids=["required", "list", "object", "anything"],
)
def test_anything_else_needs_a_class_for_each_direction(garden: dict[str, Any], change: dict[str, Any]) -> None:
    place(garden).update(change)
    classes = classes_of(garden)

    assert classes.answer("Place") == Class("place", "Place")
    assert classes.request("Place") == Class("place", "PlaceInput")


def test_a_row_with_a_key_needs_a_class_for_each_direction(garden: dict[str, Any]) -> None:
    """The key of a row is "" where it is absent, and an input would send that."""
    schemas = garden["components"]["schemas"]
    schemas["PlantPage"]["properties"]["plants"]["items"] = {"$ref": "#/components/schemas/Place"}
    place(garden)["properties"]["id"] = {"type": "string"}

    assert classes_of(garden).request("Place") == Class("place", "PlaceInput")


def test_what_one_direction_uses_keeps_its_name(garden: dict[str, Any]) -> None:
    classes = classes_of(garden)

    assert classes.answer("Plant") == Class("plant", "Plant")
    assert classes.request("PotInput") == Class("pot", "PotInput")


def test_parts_of_a_split_schema_are_split_where_they_need_it(garden: dict[str, Any]) -> None:
    place(garden)["properties"]["seed"] = {"$ref": "#/components/schemas/Seed"}
    place(garden)["properties"]["corner"] = {"$ref": "#/components/schemas/Corner"}
    garden["components"]["schemas"]["Corner"] = {
        "x-module": "place",
        "type": "object",
        "properties": {"x": {"type": "integer"}},
    }
    classes = classes_of(garden)

    assert classes.request("Seed").name == "SeedInput"
    assert classes.request("Corner").name == "Corner"


def test_what_no_operation_reaches_is_not_generated(garden: dict[str, Any]) -> None:
    classes = classes_of(garden)

    assert "Envelope" not in classes.answers | classes.requests
    assert "Envelope" in garden["components"]["schemas"]


def test_what_an_object_makes_is_written_before_it_even_where_the_two_refer_to_each_other(
    garden: dict[str, Any],
) -> None:
    schemas = garden["components"]["schemas"]
    schemas["Twig"] = {
        "x-module": "plant",
        "type": "object",
        "properties": {"grafted": {"type": "array", "items": {"$ref": "#/components/schemas/Plant"}}},
    }
    schemas["Plant"]["properties"]["twig"] = {"$ref": "#/components/schemas/Twig"}
    document = Document(garden)
    (plant,) = [module for module in modules(document, classes_of(garden)) if module.name == "plant"]
    order = [model.name for model in plant.models]

    assert order.index("Twig") < order.index("Plant") < order.index("PlantPage")
