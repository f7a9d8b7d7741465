"""The page about revisions says of each superseded one what differs in its successor, as the spec diff tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.revisions import HEAD, page
from tiktok_shop_async.spec_diff import Document, compare_operations

if TYPE_CHECKING:
    from scripts.spec_files import Node
    from tests.spec_tools.conftest import Workshop

OLDER, NEWER = "/workshop/202309/bicycles", "/workshop/202403/bicycles"


@pytest.fixture
def document(workshop: Workshop) -> Node:
    """The workshop's document, which has one superseded revision."""
    return workshop.document()


def told(document: Node) -> list[str]:
    """What the page says below its head."""
    return page(document).removeprefix(HEAD).strip().splitlines()


def test_a_revision_stands_under_its_resource_with_both_endpoints(document: Node) -> None:
    assert told(document)[:6] == [
        "## client.bicycles",
        "",
        "### get_bicycles_202309",
        "",
        "`GET /workshop/202309/bicycles`",
        "became `bicycles.get_bicycles_202403`,",
    ]


def test_every_change_that_the_spec_diff_tells_is_told(document: Node) -> None:
    del document["paths"][NEWER]["get"]["parameters"][0]
    changes = compare_operations(Document(document), "bicycles.get_bicycles_202309", "bicycles.get_bicycles_202403")
    texts = {change.text.lower() for change in changes if change.rule != "operation-reinstated"}
    assert texts == {line[2:-1].lower() for line in told(document) if line.startswith("- ")}
    assert len(texts) == 2


def test_what_breaks_comes_first(document: Node) -> None:
    del document["paths"][NEWER]["get"]["parameters"][0]
    assert [line for line in told(document) if line.startswith("**")] == ["**Breaking**", "**Safe**"]


def test_error_codes_are_told_in_a_sentence(document: Node) -> None:
    document["paths"][OLDER]["get"]["x-error-codes"] = [1, 2]
    document["paths"][NEWER]["get"]["x-error-codes"] = [2, 3, 4]
    lines = told(document)
    assert "Error codes besides: 3, 4." in lines
    assert "Error codes no longer documented: 1." in lines


def test_revisions_that_differ_in_nothing_but_the_path_are_told_to(document: Node) -> None:
    document["paths"][NEWER]["get"]["parameters"] = document["paths"][OLDER]["get"]["parameters"]
    assert told(document)[-1] == "Nothing but the path differs."


def test_without_superseded_revisions_there_is_the_head_alone(document: Node) -> None:
    del document["paths"][OLDER]["get"]["x-successor"]
    assert told(document) == []


def test_the_order_of_the_document_makes_no_difference(document: Node) -> None:
    shuffled = document | {"paths": dict(reversed(document["paths"].items()))}
    assert page(shuffled) == page(document)
