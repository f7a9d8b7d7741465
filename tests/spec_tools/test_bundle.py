"""The bundler joins the files of a spec, and says what stands in the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from scripts.bundle import bundle, main
from tests.spec_tools.conftest import SPEC, Workshop

REPAIRS = "workshop/paths/repairs.yaml"
REPAIR = "workshop/schemas/repair.yaml"


def obstacles(workshop: Workshop) -> list[tuple[str, str, str]]:
    """What stands in the way of joining: rule, place and message."""
    return [
        (each.rule, "/".join((each.place.file.name, *each.place.pointer)), each.message)
        for each in bundle(workshop.root).findings
    ]


def test_the_paths_of_all_files_are_joined_in_alphabetical_order(workshop: Workshop) -> None:
    paths = list(workshop.document()["paths"])
    assert paths == sorted(paths)
    assert {"/workshop/202309/repairs/search", "/workshop/202309/bicycles"} <= set(paths)


def test_what_the_root_says_is_kept_and_the_list_of_files_is_not(workshop: Workshop) -> None:
    document = workshop.document()
    assert document["info"] == {"title": "Bicycle workshop", "version": "1"}
    assert "x-path-files" not in document


def test_schemas_are_hoisted_under_their_name_with_the_module_that_they_belong_to(workshop: Workshop) -> None:
    schemas = workshop.document()["components"]["schemas"]
    assert schemas["Repair"]["properties"]["bicycle"] == {"$ref": "#/components/schemas/Bicycle"}
    assert schemas["Repair"]["x-module"] == "repair"
    assert schemas["Price"]["x-module"] == "price"
    assert list(schemas) == sorted(schemas)


def test_parameters_are_hoisted_under_their_name(workshop: Workshop) -> None:
    document = workshop.document()
    parameters = document["paths"]["/workshop/202309/repairs/search"]["post"]["parameters"]
    assert parameters[1] == {"$ref": "#/components/parameters/PageToken"}
    assert document["components"]["parameters"]["PageToken"]["in"] == "query"


def test_what_stands_beside_a_reference_is_kept(workshop: Workshop) -> None:
    workshop.replace(REPAIR, '{$ref: "#/RepairStatus"}', '{$ref: "#/RepairStatus", description: As of today.}')
    status = workshop.document()["components"]["schemas"]["Repair"]["properties"]["status"]
    assert status == {"$ref": "#/components/schemas/RepairStatus", "description": "As of today."}


def test_parameters_of_a_whole_path_are_kept(workshop: Workshop) -> None:
    shared = "  parameters: [{name: locale, in: query, schema: {type: string}}]\n"
    workshop.replace(REPAIRS, "repairs/cancel:\n", f"repairs/cancel:\n{shared}")
    item = workshop.document()["paths"]["/workshop/202309/repairs/cancel"]
    assert [each["name"] for each in item["parameters"]] == ["locale"]


def test_a_schema_may_hold_itself(workshop: Workshop) -> None:
    workshop.replace(REPAIR, "    name: {type: string}\n", '    name: {type: string}\n    before: {$ref: "#/Work"}\n')
    work = workshop.document()["components"]["schemas"]["Work"]
    assert work["properties"]["before"] == {"$ref": "#/components/schemas/Work"}


def test_a_property_may_be_called_like_a_keyword(workshop: Workshop) -> None:
    workshop.replace(REPAIR, "    name: {type: string}\n", "    properties: {type: string}\n    enum: {type: string}\n")
    assert {"properties", "enum"} <= set(workshop.document()["components"]["schemas"]["Work"]["properties"])


def test_dates_stay_the_text_that_they_are_written_in(workshop: Workshop) -> None:
    urgent = workshop.document()["components"]["schemas"]["Repair"]["properties"]["is_urgent"]
    assert urgent["x-markets"][0]["since"] == "2024-02-01"


def test_a_bare_no_is_the_country_and_not_a_truth_value(workshop: Workshop) -> None:
    workshop.replace(REPAIR, "markets: [SE, EU]", "markets: [NO]")
    urgent = workshop.document()["components"]["schemas"]["Repair"]["properties"]["is_urgent"]
    assert urgent["x-markets"][0]["markets"] == ["NO"]


def test_the_bundled_document_is_valid_openapi(workshop: Workshop) -> None:
    assert list(OpenAPIV31SpecValidator(workshop.document()).iter_errors()) == []


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("#/Wrok", "repair.yaml defines no Wrok; did you mean Work?"),
        ("#/Stand", "repair.yaml defines no Stand"),
        ("tool.yaml#/Tool", "tool.yaml#/Tool leads to a file that is not there"),
        ("../../../other/tool.yaml#/Tool", "../../../other/tool.yaml#/Tool leads out of the spec's folder"),
    ],
)
def test_a_reference_that_leads_nowhere_is_reported_where_it_stands(
    workshop: Workshop, reference: str, message: str
) -> None:
    workshop.replace(REPAIR, '{$ref: "#/Work"}', f'{{$ref: "{reference}"}}')
    ((rule, place, told),) = obstacles(workshop)
    assert (rule, place) == ("unresolved-reference", "repair.yaml/Repair/properties/works/items")
    assert message in told


@pytest.mark.parametrize("reference", ["#/Work/properties/name", "repair.yaml", "#Work", "12"])
def test_a_reference_names_one_definition_of_a_file(workshop: Workshop, reference: str) -> None:
    workshop.replace(REPAIR, '{$ref: "#/Work"}', f'{{$ref: "{reference}"}}')
    assert obstacles(workshop)[0] == (
        "malformed",
        "repair.yaml/Repair/properties/works/items",
        f"the reference '{reference}' has to be of the form <file>#/<Name>",
    )


def test_two_definitions_of_one_name_collide(workshop: Workshop) -> None:
    workshop.append("workshop/schemas/bicycle.yaml", "Work: {type: object, properties: {name: {type: string}}}\n")
    workshop.replace("workshop/schemas/bicycle.yaml", "brand: {type: string}", 'brand: {$ref: "#/Work"}')
    ((rule, place, message),) = obstacles(workshop)
    assert rule == "name-collision"
    assert {place.partition("/")[0], Path(message.split()[4]).name} == {"bicycle.yaml", "repair.yaml"}


def test_a_path_that_two_files_hold_is_reported_whatever_its_placeholders_are_called(workshop: Workshop) -> None:
    workshop.append("workshop/paths/repairs.yaml", "/workshop/202309/bicycles/{id}/photo: {get: {summary: Look.}}\n")
    ((rule, place, message),) = obstacles(workshop)
    assert (rule, place) == ("duplicate-path", "bicycles.yaml//workshop/202309/bicycles/{bicycle_id}/photo")
    assert message.endswith("repairs.yaml as well: keep one")


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "message"),
    [
        (REPAIRS, "  post:", "  psot:", "/psot", "`psot` is none of get, put, post, delete, patch"),
        (REPAIRS, "schema: {type: string}", "schema: string", "/schema", "a mapping is expected here, not text"),
        (REPAIRS, "x-error-codes: [1003]", "parameters: none", "/parameters", "a list is expected here, not text"),
        (REPAIR, "Work:\n", "Work: 1\nWork_:\n", "/Work", "a mapping is expected here, not a number"),
        (REPAIR, "Work:\n", 'Work: {$ref: "#/Work_"}\nWork_:\n', "/Work", "only another name for #/Work_"),
        (REPAIR, '"#/Work"', "../../common/parameters.yaml#/PageToken", "/items", "does not belong under schemas"),
        (REPAIRS, "parameters.yaml#/PageToken", "schemas.yaml#/Envelope", "/1", "does not belong under parameters"),
        ("openapi.yaml", "x-path-files:", "paths: {}\nx-path-files:", "/paths", "`paths` is made by the bundler"),
        ("openapi.yaml", "[workshop", "{} #", "/x-path-files", "a list is expected here, not a mapping"),
    ],
)
def test_what_openapi_or_the_layout_does_not_allow_there_is_malformed(
    workshop: Workshop, file: str, old: str, new: str, place: str, message: str
) -> None:
    workshop.replace(file, old, new)
    rule, where, told = obstacles(workshop)[0]
    assert rule == "malformed"
    assert where.endswith(place)
    assert message in told


def test_answers_are_not_shared_by_reference(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "description: A page of repairs.", '$ref: "#/Answer"')
    assert obstacles(workshop)[0][2] == "only schemas and parameters are shared by reference: write it out"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Work:", "Work: {", "expected ',' or '}'"),
        ("    status:", "    id: {type: integer}\n    status:", 'found duplicate key "id"'),
        ("    status:", "    7: {type: integer}\n    status:", "the key 7 is not text: put it in quotes"),
        ("Work:", "Work: !!python/object:os.system\n", "could not determine a constructor"),
    ],
)
def test_a_file_that_cannot_be_read_is_reported(workshop: Workshop, old: str, new: str, message: str) -> None:
    workshop.replace(REPAIR, old, new)
    rule, place, told = obstacles(workshop)[0]
    assert (rule, place) == ("unreadable-file", "repair.yaml")
    assert message in told


def test_a_file_that_is_not_text_is_reported(workshop: Workshop) -> None:
    (workshop.folder / REPAIR).write_bytes(b"\xff")
    assert obstacles(workshop)[0][0] == "unreadable-file"


def test_a_file_of_paths_that_is_not_there_is_reported_where_it_is_listed(workshop: Workshop) -> None:
    workshop.replace("openapi.yaml", "workshop/paths/repairs.yaml", "workshop/paths/repair.yaml")
    ((rule, place, message),) = obstacles(workshop)
    assert (rule, place) == ("unreadable-file", "openapi.yaml/x-path-files/0")
    assert message.endswith("repair.yaml: there is no such file")


def test_a_root_that_is_not_there_is_reported(workshop: Workshop) -> None:
    workshop.root.unlink()
    assert [each[0] for each in obstacles(workshop)] == ["unreadable-file"]


def test_the_command_writes_the_same_bytes_wherever_the_spec_is(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "out" / "first.json", tmp_path / "second.json"
    assert main(["--spec", str(workshop.root), "--output", str(first)]) == 0
    monkeypatch.chdir(tmp_path)
    assert main(["--spec", "./spec/../spec/openapi.yaml", "--output", str(second)]) == 0
    assert first.read_bytes() == second.read_bytes()
    assert str(tmp_path) not in first.read_text(encoding="utf-8")
    assert json.loads(first.read_bytes()) == workshop.document()
    assert capsys.readouterr().out.splitlines()[1] == f"{second}: 8 operations, 0 webhooks, 20 schemas"


def test_the_command_fails_with_file_and_line_and_writes_nothing(
    workshop: Workshop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workshop.replace(REPAIR, '"#/Work"', '"#/Wrok"')
    output = tmp_path / "bundled.json"
    assert main(["--spec", str(workshop.root), "--output", str(output)]) == 1
    assert not output.exists()
    error = capsys.readouterr().err
    assert error.startswith(f"{workshop.folder / REPAIR}:15: [unresolved-reference] ")


def test_the_real_spec_is_valid_openapi() -> None:
    bundled = bundle(SPEC / "openapi.yaml")
    assert bundled.findings == []
    assert list(OpenAPIV31SpecValidator(bundled.document).iter_errors()) == []
