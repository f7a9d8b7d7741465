"""What the rules on revisions find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.spec_tools.conftest import Workshop

REPAIRS = "workshop/paths/repairs.yaml"
BICYCLES = "workshop/paths/bicycles.yaml"


@pytest.mark.parametrize(
    ("path", "said"),
    [("/workshop/202311/repairs/search", "202311"), ("/repairs", "nothing"), ("/workshop/repairs/202309", "repairs")],
)
def test_a_path_that_does_not_say_the_version(workshop: Workshop, path: str, said: str) -> None:
    workshop.replace(REPAIRS, "/workshop/202309/repairs/search", path)
    assert workshop.complaints("version-in-path") == [f"list_repairs: x-version is 202309, the path says {said}"]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("get_bicycles", "get_bicycles: its endpoint has several revisions, so call it get_bicycles_202309"),
        (
            "get_bicycles_202312",
            "get_bicycles_202312: its endpoint has several revisions, so call it get_bicycles_202309",
        ),
        ("list_bicycles_202309", "revisions of one endpoint share a name, but here are get_bicycles, list_bicycles"),
    ],
)
def test_a_revision_that_is_not_named_after_endpoint_and_version(workshop: Workshop, name: str, complaint: str) -> None:
    workshop.replace(BICYCLES, "operationId: get_bicycles_202309", f"operationId: {name}")
    assert workshop.complaints("revision-suffix") == [complaint]


def test_a_single_revision_that_is_named_after_its_version(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "operationId: list_repairs", "operationId: list_repairs_202309")
    (complaint,) = workshop.complaints("revision-suffix")
    assert complaint == "list_repairs_202309: its endpoint has one revision, so call it list_repairs"


def test_revisions_belong_together_by_name_where_their_paths_differ(workshop: Workshop) -> None:
    workshop.replace(BICYCLES, "/workshop/202403/bicycles:", "/workshop/202403/two_wheelers:")
    workshop.replace(BICYCLES, "    x-alias: get_bicycles\n", "")
    (complaint,) = workshop.complaints("revision-alias")
    assert complaint.startswith("get_bicycles_202309, get_bicycles_202403: ")


def test_revisions_belong_together_by_path_where_their_placeholders_differ(workshop: Workshop) -> None:
    workshop.replace(BICYCLES, "/workshop/202309/bicycles:", "/workshop/202311/bicycles/{id}/photo:")
    workshop.replace(BICYCLES, "  get:", "  put:")
    assert any("get_bicycles, upload_photo" in each for each in workshop.complaints("revision-suffix"))


@pytest.mark.parametrize("alias", ["", "    x-alias: find_bicycles\n"])
def test_several_revisions_without_the_plain_name_as_alias(workshop: Workshop, alias: str) -> None:
    workshop.replace(BICYCLES, "    x-alias: get_bicycles\n", alias)
    (complaint,) = workshop.complaints("revision-alias")
    assert complaint == (
        "get_bicycles_202309, get_bicycles_202403: "
        "give exactly one of them `x-alias: get_bicycles`, as a rule the newest"
    )


def test_two_revisions_with_the_plain_name_as_alias(workshop: Workshop) -> None:
    workshop.replace(BICYCLES, "x-status: deprecated", "x-status: deprecated\n    x-alias: get_bicycles")
    (finding,) = workshop.findings("revision-alias")
    assert finding.place.pointer == ("/workshop/202403/bicycles", "get")


def test_the_alias_may_stay_on_an_older_revision_until_the_next_major_release(workshop: Workshop) -> None:
    workshop.replace(BICYCLES, "    x-alias: get_bicycles\n", "")
    workshop.replace(BICYCLES, "x-status: deprecated", "x-status: deprecated\n    x-alias: get_bicycles")
    assert workshop.complaints("revision-alias") == []


def test_an_alias_on_a_single_revision(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "x-status: stable", "x-status: stable\n    x-alias: find_repairs")
    (complaint,) = workshop.complaints("revision-alias")
    assert complaint == "list_repairs: its endpoint has one revision: drop the x-alias"


def test_a_preview_supersedes_nothing_yet(workshop: Workshop) -> None:
    workshop.replace(BICYCLES, "x-status: stable", "x-status: preview", after="get_bicycles_202403\n    tags")
    workshop.replace(
        BICYCLES, "    x-status: deprecated\n    x-successor: get_bicycles_202403\n", "    x-status: stable\n"
    )
    assert workshop.complaints("revision-successor") == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    x-successor: get_bicycles_202403\n", ""),
        ("x-successor: get_bicycles_202403", "x-successor: upload_photo"),
        ("x-status: deprecated", "x-status: stable"),
    ],
)
def test_a_superseded_revision_that_does_not_say_so(workshop: Workshop, old: str, new: str) -> None:
    workshop.replace(BICYCLES, old, new)
    (complaint,) = workshop.complaints("revision-successor")
    assert complaint == (
        "get_bicycles_202309: superseded: make it deprecated, with one of get_bicycles_202403 as x-successor"
    )


def test_a_successor_that_does_not_exist(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "x-status: stable", "x-status: deprecated\n    x-successor: seek_repairs")
    assert workshop.complaints("revision-successor") == ["list_repairs: no operation is called seek_repairs"]


def test_another_endpoint_may_succeed_the_newest_revision(workshop: Workshop) -> None:
    workshop.replace(REPAIRS, "x-status: stable", "x-status: deprecated\n    x-successor: browse_bicycles")
    assert workshop.complaints("revision-successor") == []
