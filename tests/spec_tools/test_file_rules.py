"""What the rules on the files of the spec find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.spec_tools.conftest import Workshop

REPAIR = "workshop/schemas/repair.yaml"
BICYCLE = "workshop/schemas/bicycle.yaml"
TOOL = "Tool: {type: object, properties: {name: {type: string}}}\n"


@pytest.mark.parametrize("file", ["shop/paths.yaml", "workshop/paths/tools.yaml"])
def test_a_file_of_paths_that_the_root_does_not_list(workshop: Workshop, file: str) -> None:
    workshop.write(file, "{}\n")
    assert workshop.complaints("unlisted-path-file") == [f"add {file} to x-path-files of openapi.yaml"]


@pytest.mark.parametrize("file", ["workshop/schemas/tool.yaml", "shop/schemas.yaml", "shop/parameters.yaml"])
def test_a_definition_that_no_operation_uses(workshop: Workshop, file: str) -> None:
    workshop.write(file, TOOL)
    assert workshop.complaints("unused-definition") == ["no operation uses Tool: remove it, or refer to it"]


def test_a_definition_that_only_an_unused_one_uses(workshop: Workshop) -> None:
    workshop.append(REPAIR, f'{TOOL}ToolBox: {{type: object, properties: {{tool: {{$ref: "#/Tool"}}}}}}\n')
    assert [each.place.pointer for each in workshop.findings("unused-definition")] == [("Tool",), ("ToolBox",)]


def test_a_file_without_definitions_is_no_fault(workshop: Workshop) -> None:
    workshop.write("shop/parameters.yaml", "# None so far.\n")
    assert workshop.complaints("unused-definition") == []


@pytest.mark.parametrize("name", ["hand-tools", "class", "Tool", "2tools"])
def test_a_file_that_cannot_become_a_module(workshop: Workshop, name: str) -> None:
    workshop.write(f"workshop/schemas/{name}.yaml", TOOL)
    assert workshop.complaints("module-name") == [f"{name} cannot be the name of a module: rename the file"]


def test_two_files_that_would_become_one_module(workshop: Workshop) -> None:
    workshop.write("shop/schemas/repair.yaml", TOOL)
    (complaint,) = workshop.complaints("module-name")
    assert complaint.endswith("makes the module repair as well: rename one")


def test_files_that_refer_to_each_other_in_a_circle(workshop: Workshop) -> None:
    workshop.replace(BICYCLE, "brand: {type: string}", "last_work: {$ref: repair.yaml#/Work}")
    (finding,) = workshop.findings("module-cycle")
    assert "bicycle refers to repair at" in finding.message
    assert "repair refers to bicycle at" in finding.message
    assert finding.place.pointer[-1] in ("last_work", "bicycle")
