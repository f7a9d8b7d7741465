"""What no code can be generated for is refused by a message that names the place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scripts.generate import generate
from scripts.generator.document import Document, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

SEARCH = "/garden/202309/plants/search"
PLANTS = "/garden/202309/plants"
BEDS = "/bed/202309/beds/search"


def schemas(garden: dict[str, Any]) -> Any:
    return garden["components"]["schemas"]


def operation(garden: dict[str, Any], path: str, method: str) -> Any:
    return garden["paths"][path][method]


def body(garden: dict[str, Any], path: str, method: str = "post") -> Any:
    content = operation(garden, path, method)["requestBody"]["content"]
    return next(iter(content.values()))["schema"]


def refusal(garden: dict[str, Any]) -> str:
    with pytest.raises(SpecError) as caught:
        generate(Document(garden))
    return str(caught.value)


def webhook(garden: dict[str, Any], name: str = "PLANT_MOVED") -> Any:
    return garden["webhooks"][name]["post"]


def told(garden: dict[str, Any], name: str = "PLANT_MOVED") -> Any:
    """What the fields of a webhook's data are."""
    content = webhook(garden, name)["requestBody"]["content"]["application/json"]
    return content["schema"]["properties"]["data"]["properties"]


BREAKS: dict[str, tuple[Callable[[Any], object], str]] = {
    "a schema of no module": (
        lambda garden: schemas(garden)["Pot"].pop("x-module"),
        "Pot: has no usable x-module",
    ),
    "a module that cannot be imported": (
        lambda garden: schemas(garden)["Pot"].update({"x-module": "pot-plants"}),
        "Pot: has no usable x-module: 'pot-plants'",
    ),
    "an input class that is there already": (
        lambda garden: schemas(garden).update(SeedInput={"type": "object", "x-module": "seed"}),
        "requests need SeedInput, which is another schema",
    ),
    "a schema called like something that generated code imports": (
        lambda garden: (
            schemas(garden).update(Parameter=schemas(garden).pop("Pot")),
            schemas(garden)["Plant"]["properties"].update(pot={"$ref": "#/components/schemas/Parameter"}),
        ),
        "Parameter: the generated code uses this name itself",
    ),
    "a schema whose name is none for a class": (
        lambda garden: (
            schemas(garden).update(pot_plant=schemas(garden).pop("Pot")),
            schemas(garden)["Plant"]["properties"].update(pot={"$ref": "#/components/schemas/pot_plant"}),
        ),
        "pot_plant: is no name for a class",
    ),
    "a resource called like a model that it uses": (
        lambda garden: (
            schemas(garden).update(Plants=schemas(garden).pop("PlantList")),
            [
                operation(garden, f"/garden/{version}/plants", "get")["responses"]["200"]["content"][
                    "application/json"
                ]["schema"]["allOf"][1]["properties"].update(data={"$ref": "#/components/schemas/Plants"})
                for version in ("202309", "202507")
            ],
        ),
        "plants: the class Plants has the name of something that it uses",
    ),
    "two operations of one name": (
        lambda garden: operation(garden, PLANTS, "get").update(operationId="get_beds"),
        "several operations or aliases have the name get_beds",
    ),
    "an alias that is an operation": (
        lambda garden: operation(garden, "/garden/202507/plants", "get").update({"x-alias": "create_plant"}),
        "several operations or aliases have the name create_plant",
    ),
    "an unknown resource": (
        lambda garden: operation(garden, SEARCH, "post").update(tags=["trees"]),
        "get_plant_list: has to have exactly one tag, out of the root's: garden_beds, plants",
    ),
    "a resource for accounts of an unknown kind": (
        lambda garden: garden["tags"][0].update({"x-accounts": ["seller", "buyer"]}),
        "plants: x-accounts: there are no accounts of the kind buyer",
    ),
    "an operation without a name": (
        lambda garden: operation(garden, SEARCH, "post").pop("operationId"),
        "POST /garden/202309/plants/search: '' cannot be a name in Python",
    ),
    "an unknown successor": (
        lambda garden: operation(garden, PLANTS, "get").update({"x-successor": "grow"}),
        "get_plant_detail_202309: there is no operation grow to succeed it",
    ),
    "no answer": (
        lambda garden: operation(garden, SEARCH, "post").update(responses={}),
        "get_plant_list: has no answer 200",
    ),
    "data that is no named object": (
        lambda garden: operation(garden, PLANTS, "post")["responses"]["200"]["content"]["application/json"]["schema"][
            "allOf"
        ][1]["properties"].update(data={"type": "array", "items": {"type": "string"}}),
        "create_plant: the data of the answer has to be a reference to a named object",
    ),
    "an unknown parameter": (
        lambda garden: garden["components"]["parameters"].clear(),
        "get_plant_list: there is no parameter PageToken",
    ),
    "an unknown schema": (
        lambda garden: schemas(garden).pop("SortOrder"),
        "get_plant_list.sort_order: there is no schema SortOrder",
    ),
    "a parameter in a header": (
        lambda garden: operation(garden, SEARCH, "post")["parameters"].append(
            {"name": "mood", "in": "header", "schema": {"type": "string"}}
        ),
        "get_plant_list: mood stands in the header",
    ),
    "a body of an unknown kind": (
        lambda garden: operation(garden, SEARCH, "post")["requestBody"].update(
            content={"application/octet-stream": {"schema": {"type": "string"}}}
        ),
        "get_plant_list: the body has to be one of application/json and multipart/form-data",
    ),
    "one name for two things": (
        lambda garden: body(garden, "/garden/202309/plants/{plant_id}/move", "put")["properties"].update(
            plant_id={"type": "integer"}
        ),
        "move_plant: plant_id stands in two places with different types",
    ),
    "a field that is no name in Python": (
        lambda garden: schemas(garden)["Pot"]["properties"].update({"24h_rain": {"type": "integer"}}),
        "Pot: '24h_rain' cannot be a name in Python",
    ),
    "a field that is a keyword": (
        lambda garden: schemas(garden)["Pot"]["properties"].update({"from": {"type": "string"}}),
        "Pot: 'from' cannot be a name in Python",
    ),
    "a field called like a method of models": (
        lambda garden: schemas(garden)["Pot"]["properties"].update(to_dict={"type": "string"}),
        "Pot: to_dict cannot be an attribute of a model",
    ),
    "a field called like its class": (
        lambda garden: schemas(garden)["Plant"]["properties"].update(Pot={"type": "string"}),
        "Plant: Pot is both an attribute and the class of one",
    ),
    "a required field that does not exist": (
        lambda garden: schemas(garden)["PotInput"]["required"].append("lid"),
        "PotInput: required, but no property: lid",
    ),
    "a nested object without a name": (
        lambda garden: schemas(garden)["Pot"]["properties"].update(
            lid={"type": "object", "properties": {"color": {"type": "string"}}}
        ),
        "Pot.lid: a nested object has to be a reference to a named schema",
    ),
    "a choice of types": (
        lambda garden: schemas(garden)["Pot"]["properties"].update(lid={"oneOf": [{"type": "string"}]}),
        "Pot.lid: oneOf is only understood in the envelope of an answer",
    ),
    "several types": (
        lambda garden: schemas(garden)["Pot"]["properties"].update(lid={"type": ["string", "null"]}),
        "Pot.lid: unknown type ['string', 'null']",
    ),
    "a file within an object": (
        lambda garden: schemas(garden)["PotInput"]["properties"].update(lid={"type": "string", "format": "binary"}),
        "PotInput.lid: only the body itself can carry a file",
    ),
    "an object that holds itself": (
        lambda garden: schemas(garden)["Plant"]["properties"].update(parent={"$ref": "#/components/schemas/Plant"}),
        "an object cannot hold one of its own kind, other than in a list: Plant -> Plant",
    ),
    "modules that need each other": (
        lambda garden: schemas(garden)["Pot"]["properties"].update(
            plants={"type": "array", "items": {"$ref": "#/components/schemas/Plant"}}
        ),
        "modules of models cannot import each other: plant -> pot -> plant",
    ),
    "two values of one name": (
        lambda garden: schemas(garden)["PlantState"]["enum"].append("on_offer"),
        "PlantState: several values would have the same name",
    ),
    "a value that gives no name": (
        lambda garden: schemas(garden)["PlantState"]["enum"].append("+"),
        "PlantState: '+' gives no name",
    ),
    "rows that are not there": (
        lambda garden: operation(garden, BEDS, "post")["x-pagination"].update(items="found.sheds"),
        "search_beds: x-pagination.items: BedPage has nothing at found.sheds",
    ),
    "rows that are no list": (
        lambda garden: operation(garden, BEDS, "post")["x-pagination"].update(items="found.cursor"),
        "search_beds: x-pagination.items: found.cursor is no list",
    ),
    "rows of no data": (
        lambda garden: operation(garden, BEDS, "post")["responses"]["200"].pop("content"),
        "search_beds: x-pagination.items: there is no data to hold found.bed_ids",
    ),
    "a key that is no text": (
        lambda garden: operation(garden, SEARCH, "post")["x-pagination"].update(key="kind"),
        "get_plant_list: x-pagination.key kind is no text of the rows",
    ),
    "a key of rows that are no objects": (
        lambda garden: operation(garden, BEDS, "post")["x-pagination"].update(key="id"),
        "search_beds: x-pagination.key id is no text of the rows",
    ),
    "two keys of one row": (
        lambda garden: operation(garden, PLANTS, "get").update(
            {"x-pagination": {"items": "plants", "style": "none", "key": "name"}}
        ),
        "other lists identify Plant by",
    ),
    "what openapi-python-client refuses": (
        lambda garden: operation(garden, "/garden/202309/plants/{plant_id}/move", "put")["parameters"].clear(),
        "Incorrect path templating",
    ),
    "what is no OpenAPI document": (
        lambda garden: garden.pop("info"),
        "Failed to parse OpenAPI document",
    ),
    "an object of a webhook without a title": (
        lambda garden: told(garden)["helpers"]["items"].pop("title"),
        "PLANT_MOVED.data.helpers: has no title",
    ),
    "a title for two shapes of a webhook": (
        lambda garden: told(garden)["helpers"]["items"].update(title="Spot"),
        "PLANT_MOVED.data.new_spot: Spot has another shape elsewhere",
    ),
    "a title that generated code uses": (
        lambda garden: told(garden)["helpers"]["items"].update(title="Event"),
        "Event: the generated code uses this name itself",
    ),
    "a title of two webhooks": (
        lambda garden: told(garden, "COMPOST_READY").update(spot=told(garden)["new_spot"]),
        "several webhooks have a class of the name Spot",
    ),
    "a title that a field has, too": (
        lambda garden: told(garden).update(Spot={"type": "string"}),
        "PLANT_MOVED: Spot is both an attribute and the class of one",
    ),
    "a number of two webhooks": (
        lambda garden: webhook(garden).update({"x-webhook-type": 3}),
        "several webhooks are of type 3",
    ),
    "a webhook without data": (lambda garden: told(garden).clear(), "PLANT_MOVED: has no data"),
    "a webhook of no name": (
        lambda garden: garden["webhooks"].update({"moved": garden["webhooks"].pop("PLANT_MOVED")}),
        "moved: is no name for a type of event",
    ),
    "a webhook about nothing that is there": (
        lambda garden: webhook(garden)["x-webhook-object"].update(id="tree_id"),
        "PLANT_MOVED: x-webhook-object.id: PlantMovedData has nothing at tree_id",
    ),
    "a webhook whose time is none": (
        lambda garden: webhook(garden)["x-webhook-object"].update(time="type"),
        "PLANT_MOVED: x-webhook-object.time: type is no integer",
    ),
}


@pytest.mark.parametrize("case", BREAKS)
def test_it_is_refused(garden: dict[str, Any], case: str) -> None:
    change, message = BREAKS[case]
    change(garden)

    assert message in refusal(garden)
