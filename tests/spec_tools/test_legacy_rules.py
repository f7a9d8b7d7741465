"""What the rules on the API before 202309 find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.spec_tools.conftest import Workshop

FILE = "legacy.yaml"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("- name: Get Repair List\n        endpoint", "- endpoint", "areas.0.apis.0: 'name' is a required property"),
        ("successors: [list_repairs]", "methods: [list_repairs]", "areas.0.apis.0: Additional properties"),
        ("successors: [list_repairs]", "successors: []", "areas.0.apis.0.successors: [] should be non-empty"),
        ("GET /api/repairs/list", "/api/repairs/list", "areas.0.apis.0.endpoint: '/api/repairs/list' does not match"),
        ('"10": WAITING', '"ten": WAITING', "codes.RepairStatus: 'ten' does not match"),
        ("name: Get Bicycle", "name: Get Repair List", "several APIs have the name Get Repair List"),
        ("POST /api/bicycles", "GET /api/repairs/list", "several APIs have the endpoint GET /api/repairs/list"),
    ],
)
def test_an_entry_that_is_not_as_defined(workshop: Workshop, old: str, new: str, complaint: str) -> None:
    workshop.replace(FILE, old, new)
    assert any(each.startswith(complaint) for each in workshop.complaints("legacy-entry"))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[list_repairs]", "[list_mendings]", "the spec has no operation list_mendings"),
        ("successors: [list_repairs]", "events: [REPAIR_DONE]", "the spec has no webhook REPAIR_DONE"),
        ("[upload_photo]", "[upload_film]", "the spec has no operation upload_film"),
        ("WAITING", "PENDING", "RepairStatus has no value PENDING"),
        ("RepairStatus:", "RepairState:", "RepairState has no value WAITING"),
    ],
)
def test_an_entry_that_leads_nowhere(workshop: Workshop, old: str, new: str, complaint: str) -> None:
    workshop.replace(FILE, old, new)
    assert complaint in workshop.complaints("legacy-successor")


def test_an_alias_is_a_name_of_its_operation(workshop: Workshop) -> None:
    workshop.replace(FILE, "[get_bicycles, get_bicycles_202403]", "[get_bicycles]")
    assert workshop.complaints("legacy-successor") == []


def test_where_entries_lead_is_not_asked_of_a_file_that_is_not_as_defined(workshop: Workshop) -> None:
    workshop.write(FILE, "areas: [nowhere]\n")
    assert workshop.complaints("legacy-entry") != []
    assert workshop.complaints("legacy-successor") == []


@pytest.mark.parametrize("rule", ["legacy-entry", "legacy-successor"])
def test_a_spec_without_a_past_needs_no_file(workshop: Workshop, rule: str) -> None:
    (workshop.folder / FILE).unlink()
    assert workshop.complaints(rule) == []


def test_a_finding_names_the_line(workshop: Workshop) -> None:
    workshop.replace(FILE, "WAITING", "PENDING")
    (finding,) = workshop.findings("legacy-successor")
    assert (finding.place.file, finding.place.pointer) == (
        workshop.folder / FILE,
        ("codes", "RepairStatus", "10"),
    )
