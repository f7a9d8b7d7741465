"""What the rules on ledgers of announcements find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.spec_tools.conftest import Workshop

LEDGER = "preview/2023-12.yaml"
FIELD = "#/components/schemas/Repair/properties/is_urgent"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("state: landed", "state: lost", "0.state: 'lost' is not one of"),
        ("  kind: endpoint\n", "", "0: 'kind' is a required property"),
        ("since: 2024-02-01", "since: soon", "1.since: 'soon' does not match"),
        ("markets: [SE, EU]", "markets: [UK]", "1.markets.0.markets.0: 'UK'"),
        (f'["{FIELD}"]', "[]", "1.where: [] should be non-empty"),
        (f'"{FIELD}"', '"readme:x"', "1.where.0: 'readme:x' does not match"),
        ("id: home-visits", "id: page-tokens", "several entries have the id page-tokens"),
    ],
)
def test_an_entry_that_is_not_as_defined(workshop: Workshop, old: str, new: str, complaint: str) -> None:
    workshop.replace(LEDGER, old, new)
    assert any(each.startswith(complaint) for each in workshop.complaints("ledger-entry"))


def test_a_ledger_that_is_no_list(workshop: Workshop) -> None:
    workshop.write(LEDGER, "id: order-a-repair\n")
    assert workshop.complaints("ledger-entry") == ["{'id': 'order-a-repair'} is not of type 'array'"]


@pytest.mark.parametrize(
    ("pointer", "complaint"),
    [
        ("#/components/schemas/Repair/properties/urgent", "the bundled document has no urgent there"),
        (
            "#/components/schemas/Repair/properties/bicycle/properties/id",
            "the bundled document has no properties there (a pointer does not follow references)",
        ),
        ("#/paths/~1workshop~1202309~1repairs~1search/post/parameters/2", "the bundled document has no 2 there"),
        ("docs:tools.md", "there is no file docs/tools.md"),
        ("docs:repairs.md#tools", "docs/repairs.md has no heading #tools"),
        ("runtime:tools.py", "there is no file tiktok_shop_async/tools.py"),
        ("runtime:turning.py#return", "tiktok_shop_async/turning.py defines no return"),
        ("readme:repairs", "begin with #/, docs: or runtime:"),
    ],
)
def test_a_pointer_that_leads_nowhere(workshop: Workshop, pointer: str, complaint: str) -> None:
    workshop.replace(LEDGER, FIELD, pointer)
    assert workshop.complaints("ledger-pointer") == [f"urgent-repairs: {pointer}: {complaint}"]


@pytest.mark.parametrize(
    "pointer",
    [
        "#/paths/~1workshop~1202309~1bicycles~1%7Bbicycle_id%7D~1repairs/post/parameters/1",
        "docs:repairs.md",
        "runtime:turning.py",
        "runtime:turning.py#turn",
    ],
)
def test_a_pointer_that_leads_somewhere(workshop: Workshop, pointer: str) -> None:
    workshop.replace(LEDGER, FIELD, pointer)
    assert workshop.complaints("ledger-pointer") == []
