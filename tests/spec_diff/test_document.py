"""Reading documents: JSON and YAML, what is refused, and what schemas and operations come out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.spec_diff.bakery import Json, bakery
from tiktok_shop_async.errors import TikTokShopError
from tiktok_shop_async.spec_diff import Document, DocumentError, compare, parse, read

if TYPE_CHECKING:
    from pathlib import Path

JSON = '{"openapi": "3.1.0", "paths": {"/cakes": {"get": {"operationId": "list_cakes", "tags": ["cakes"]}}}}'
YAML = """
openapi: 3.1.0
paths:
  /cakes:
    get: {operationId: list_cakes, tags: [cakes]}
"""


def names(document: Document) -> list[str]:
    """The operations of a document."""
    return [operation.name for operation in document.operations()]


def refusal(data: Any) -> str:
    """Why a document cannot be compared with itself."""
    with pytest.raises(DocumentError) as caught:
        compare(Document(data, "old.json"), Document(data, "old.json"))
    return str(caught.value)


@pytest.mark.parametrize("text", [JSON, YAML], ids=["json", "yaml"])
def test_a_document_is_read_from_a_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "openapi"
    file.write_text(text, encoding="utf-8")
    assert names(read(file)) == ["cakes.list_cakes"]


def test_dates_and_numbers_that_are_keys_are_read_as_json_has_them() -> None:
    document = parse(
        "openapi: 3.1.0\npaths: {/cakes: {get: {responses: {200: {description: 2026-10-01}}}}}", "new.yaml"
    )
    response = document.data["paths"]["/cakes"]["get"]["responses"]["200"]
    assert response == {"description": "2026-10-01"}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"nowhere\.json: cannot be read"):
        read(tmp_path / "nowhere.json")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DocumentError, match=r"openapi\.json: cannot be read"):
        read(tmp_path / "openapi.json")


def test_broken_json_is_told_as_json() -> None:
    with pytest.raises(DocumentError, match=r"^old\.json: is no JSON: .*line 1"):
        parse('{"openapi": "3.1.0",', "old.json")


def test_broken_yaml_is_told_as_yaml() -> None:
    with pytest.raises(DocumentError, match=r"^old\.yaml: is no YAML: "):
        parse("openapi: [3.1.0", "old.yaml")


def test_without_the_extra_yaml_is_refused_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ruamel.yaml", None)
    with pytest.raises(DocumentError, match=r"pip install \"tiktok-shop-async\[diff\]\""):
        parse(YAML, "old.yaml")


def test_without_the_extra_json_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ruamel.yaml", None)
    assert names(parse(JSON, "old.json")) == ["cakes.list_cakes"]


@pytest.mark.parametrize("data", [{}, {"openapi": "4.0.0"}, [], "text", None], ids=repr)
def test_what_is_no_openapi_document_is_refused(data: Any) -> None:
    with pytest.raises(DocumentError, match=r"^old\.json: is no OpenAPI document of version 3$"):
        Document(data, "old.json")


def test_a_swagger_document_is_refused_with_what_to_do() -> None:
    with pytest.raises(DocumentError, match=r"Swagger 2 document; convert it"):
        Document({"swagger": "2.0"}, "old.json")


def test_a_refusal_is_an_error_of_the_package() -> None:
    assert issubclass(DocumentError, TikTokShopError)


def test_a_reference_to_nothing_is_named_with_its_place() -> None:
    document = bakery({"schemas": {"Cake": {"properties": {"oven": {"$ref": "#/components/schemas/Oven"}}}}})
    assert refusal(document) == (
        "old.json: #/components/schemas/Cake/properties/oven refers to #/components/schemas/Oven, which is not there"
    )


def test_a_reference_to_another_file_asks_for_a_bundle() -> None:
    document = bakery({"schemas": {"Cake": {"properties": {"oven": {"$ref": "oven.yaml"}}}}})
    assert refusal(document).endswith("refers to oven.yaml, outside of the document; bundle it first")


def test_references_in_a_circle_are_refused() -> None:
    ring = {"Cake": {"$ref": "#/components/schemas/Pie"}, "Pie": {"$ref": "#/components/schemas/Cake"}}
    assert refusal(bakery({"schemas": ring})).endswith("refers to itself")


def test_a_schema_that_is_made_of_itself_is_refused() -> None:
    document = bakery({"schemas": {"Cake": {"allOf": [{"$ref": "#/components/schemas/Cake"}]}}})
    assert refusal(document) == "old.json: #/components/schemas/Cake is made of itself"


def test_a_reference_into_a_list_and_with_escapes_is_followed() -> None:
    parameter = {"name": "size", "in": "query", "schema": {"type": "integer"}}
    document = Document(
        {
            "openapi": "3.1.0",
            "paths": {
                "/{a}": {"get": {"parameters": [parameter]}},
                "/pies": {"get": {"parameters": [{"$ref": "#/paths/~1%7Ba%7D/get/parameters/0"}]}},
            },
        }
    )
    assert document.follow(document.node("paths", "/pies", "get", "parameters", 0)).value == parameter


@pytest.mark.parametrize("reference", ["#/paths/~1cakes/get/parameters/1", "#/paths/~1cakes/get/parameters/first"])
def test_a_reference_past_the_end_of_a_list_is_refused(reference: str) -> None:
    paths: Json = {
        "/cakes": {"get": {"parameters": [{"name": "size", "in": "query", "schema": {}}]}},
        "/pies": {"get": {"parameters": [{"$ref": reference}]}},
    }
    assert refusal({"openapi": "3.1.0", "paths": paths}).endswith("which is not there")


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ({"operationId": "listCakes", "tags": ["Cake Shop"]}, "cake_shop.list_cakes"),
        ({"operationId": "list_cakes"}, "list_cakes"),
        ({"tags": ["cakes"]}, "GET /cakes"),
    ],
    ids=["camel case", "without a tag", "without a name"],
)
def test_an_operation_is_called_as_python_calls_it(operation: Json, name: str) -> None:
    assert names(Document({"openapi": "3.0.3", "paths": {"/cakes": {"get": operation}}})) == [name]


@pytest.mark.parametrize(
    ("part", "place", "expected"),
    [
        ({"paths": None}, "#/paths", "an object"),
        ({"paths": {"/cakes": []}}, "#/paths/~1cakes", "an object"),
        ({"schemas": {"Cake": {"properties": None}}}, "#/components/schemas/Cake/properties", "an object"),
        ({"schemas": {"Cake": {"type": 3}}}, "#/components/schemas/Cake/type", "text or a list of texts"),
        ({"schemas": {"Cake": {"required": "name"}}}, "#/components/schemas/Cake/required", "a list of texts"),
        ({"schemas": {"Cake": {"enum": "RYE"}}}, "#/components/schemas/Cake/enum", "a list"),
        ({"schemas": {"Cake": {"items": []}}}, "#/components/schemas/Cake/items", "a schema"),
        ({"schemas": {"Cake": {"oneOf": {}}}}, "#/components/schemas/Cake/oneOf", "a list of objects"),
        ({"paths": {"/cakes": {"get": {"operationId": 3}}}}, "#/paths/~1cakes/get/operationId", "text"),
        ({"get_cake": {"x-markets": "GB"}}, "#/paths/~1cakes~1{cake_id}/get/x-markets", "a list of markets"),
        ({"security": [{"token": None}]}, "#/security", "a list of security requirements"),
    ],
)
def test_what_is_malformed_is_told_with_its_place(part: Json, place: str, expected: str) -> None:
    document = {"openapi": "3.1.0", **part} if "paths" in part else bakery(part)
    with pytest.raises(DocumentError) as caught:
        Document(document, "old.json")
    assert str(caught.value) == f"old.json: {place}: {expected} is expected here"


@pytest.mark.parametrize("name", ["type", "required", "properties", "items", "enum", "parameters", "security", "in"])
def test_a_field_may_have_the_name_of_a_keyword(name: str) -> None:
    Document(bakery({"schemas": {"Cake": {"properties": {name: {"type": "string"}}}}}))


@pytest.mark.parametrize("keyword", ["default", "example", "const", "x-enum-descriptions"])
def test_a_value_may_look_like_anything(keyword: str) -> None:
    Document(bakery({"schemas": {"Cake": {keyword: {"type": 3, "required": "name"}}}}))
