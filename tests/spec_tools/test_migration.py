"""`python -m scripts.migration`: the data and the pages that lead from the API of old to this client."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from scripts.migration import BEGINNING, DATA, END, GUIDE, REVISIONS, between, data, main, tables
from scripts.spec_files import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.spec_files import Node
    from tests.spec_tools.conftest import Workshop


def legacy(workshop: Workshop) -> Node:
    """What the workshop's file holds."""
    content: Node = read_yaml(workshop.folder / "legacy.yaml")
    return content


def test_an_api_leads_to_methods_as_callers_write_them(workshop: Workshop) -> None:
    assert data(legacy(workshop), workshop.document())["apis"][0] == {
        "name": "Get Repair List",
        "area": "Repair",
        "endpoint": "GET /api/repairs/list",
        "methods": ["repairs.list_repairs"],
        "note": "Page by page.",
    }


def test_a_webhook_leads_to_the_class_of_its_event(workshop: Workshop) -> None:
    workshop.replace("legacy.yaml", "successors: [list_repairs]", "events: [REPAIR_DONE]")
    assert data(legacy(workshop), workshop.document())["apis"][0]["events"] == ["RepairDone"]


def test_a_superseded_revision_leads_to_its_successor(workshop: Workshop) -> None:
    assert data(legacy(workshop), workshop.document())["revisions"] == [
        {
            "name": "bicycles.get_bicycles_202309",
            "area": "Revision",
            "endpoint": "GET /workshop/202309/bicycles",
            "methods": ["bicycles.get_bicycles_202403"],
        }
    ]


def test_a_revision_leads_past_those_that_are_superseded_themselves(workshop: Workshop) -> None:
    document = workshop.document()
    document["paths"]["/workshop/202403/bicycles"]["get"]["x-successor"] = "get_recent_bicycles"
    revisions = data(legacy(workshop), document)["revisions"]
    assert [each["methods"] for each in revisions] == [["bicycles.get_recent_bicycles"]] * 2


def test_revisions_that_succeed_each_other_in_a_circle_end(workshop: Workshop) -> None:
    document = workshop.document()
    document["paths"]["/workshop/202403/bicycles"]["get"]["x-successor"] = "get_bicycles_202309"
    assert len(data(legacy(workshop), document)["revisions"]) <= 2


def test_the_tables_have_a_row_for_each_api_what_is_new_and_the_integers(workshop: Workshop) -> None:
    assert tables(legacy(workshop), workshop.document()).splitlines() == [
        "### Repair",
        "",
        "| legacy API | today | note |",
        "| --- | --- | --- |",
        "| Get Repair List<br>`GET /api/repairs/list` | `repairs.list_repairs` | Page by page. |",
        "| Get Bicycle<br>`POST /api/bicycles` | `bicycles.get_bicycles`<br>`bicycles.get_bicycles_202403` |  |",
        "",
        "New in 202309: `bicycles.upload_photo`.",
        "",
        "### Integers",
        "",
        "| was | `RepairStatus` |",
        "| --- | --- |",
        "| 10 | `RepairStatus.WAITING` |",
        "| 20 | `RepairStatus.DONE` |",
    ]


def test_what_stands_around_the_tables_is_kept() -> None:
    page = f"# Migrate\n\n{BEGINNING}\n\nOf last year.\n{END}\nRead this, too.\n"
    assert between(page, "Of today.\n") == f"# Migrate\n\n{BEGINNING}\n\nOf today.\n\n{END}\nRead this, too.\n"


@pytest.mark.parametrize("page", ["", BEGINNING, END, f"{END}\n{BEGINNING}"])
def test_a_guide_without_its_marks_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="lacks one of the lines"):
        between(page, "Of today.\n")


@pytest.fixture
def project(workshop: Workshop) -> Path:
    """A project around the workshop's spec, with a guide that has no tables yet."""
    folder = workshop.folder.parent
    (folder / GUIDE).write_text(f"# Migrate\n\n{BEGINNING}\n{END}\n", encoding="utf-8")
    return folder


def test_the_command_writes_the_data_the_guide_and_the_revisions_and_is_content_then(
    workshop: Workshop, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--spec", str(workshop.root), "--output", str(project)]
    assert main(arguments) == 0
    assert set(json.loads((project / DATA).read_text(encoding="utf-8"))) == {"apis", "revisions", "codes"}
    assert "| Get Repair List<br>" in (project / GUIDE).read_text(encoding="utf-8")
    assert "### get_bicycles_202309" in (project / REVISIONS).read_text(encoding="utf-8")
    capsys.readouterr()
    assert main([*arguments, "--check"]) == 0
    assert main(arguments) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", [DATA, GUIDE, REVISIONS])
def test_a_check_fails_on_a_file_that_is_old_and_leaves_it_alone(
    workshop: Workshop, project: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    arguments = ["--spec", str(workshop.root), "--output", str(project)]
    main(arguments)
    text = (project / name).read_text(encoding="utf-8").replace("epair", "estoration").replace("Get", "Fetch")
    (project / name).write_text(text.replace("get_", "fetch_"), encoding="utf-8")
    before = (project / name).read_text(encoding="utf-8")
    assert main([*arguments, "--check"]) == 1
    assert capsys.readouterr().err == (
        f"{name} is not what the spec gives: run `make generate` and commit the result\n"
    )
    assert (project / name).read_text(encoding="utf-8") == before


def test_the_command_says_what_is_wrong_with_a_broken_spec(
    workshop: Workshop, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workshop.write("openapi.yaml", "x-path-files: [nowhere.yaml]\n")
    assert main(["--spec", str(workshop.root), "--output", str(project)]) == 1
    assert "nowhere.yaml" in capsys.readouterr().err
    assert not (project / DATA).exists()
