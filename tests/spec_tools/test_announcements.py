"""The page about the announcements says of each change for whom it was, what became of it, and where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.announcements import entries, main, page

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.spec_files import Node
    from tests.spec_tools.conftest import Workshop

LEDGER = "preview/2023-12.yaml"


def written(workshop: Workshop) -> str:
    """The page about the workshop's ledger."""
    return page(entries(workshop.folder), workshop.document())


def row(workshop: Workshop, **changes: object) -> list[str]:
    """The cells of the row that an entry gives."""
    entry: Node = {
        "id": "loan-bicycles",
        "announcement": "preview-2023-12",
        "section": "Repairs",
        "subject": "Loan Bicycles",
        "change": "A bicycle for the time of the repair.",
        "kind": "endpoint",
        "markets": "all",
        "state": "landed",
        "where": [],
    }
    last = page([entry | changes], workshop.document()).rstrip().splitlines()[-1]
    return last.removeprefix("| ").removesuffix(" |").split(" | ")


def test_changes_stand_under_their_announcement_and_section(workshop: Workshop) -> None:
    headings = [line for line in written(workshop).splitlines() if line.startswith("##")]
    assert headings == [
        "## The preview of December 2023",
        "### Repairs",
        "## Version 202309, announced in September 2023",
        "### Technical changes",
    ]


def test_every_entry_of_the_ledger_has_one_row(workshop: Workshop) -> None:
    text = written(workshop)
    for entry in entries(workshop.folder):
        assert text.count(f"| **{entry['subject']}:** {entry['change']}") == 1


def test_the_page_counts_the_changes_by_state(workshop: Workshop) -> None:
    assert "4 changes: 2 landed, 1 under another name, 1 not released.\n" in written(workshop)


def test_a_state_that_no_change_has_is_not_counted(workshop: Workshop) -> None:
    workshop.replace(LEDGER, "state: not-released", "state: landed")
    assert "4 changes: 3 landed, 1 under another name.\n" in written(workshop)


def test_the_day_that_a_change_was_announced_for_is_told(workshop: Workshop) -> None:
    assert row(workshop, since="2024-02-01")[0].endswith("repair. From 2024-02-01.")


@pytest.mark.parametrize(
    ("markets", "words"),
    [
        ("all", "everyone"),
        ([{"sellers": ["local"], "markets": "all"}], "local sellers in all markets"),
        ([{"sellers": ["local", "cross-border"], "markets": ["SE", "DK"]}], "local and cross-border sellers in SE, DK"),
        (
            [
                {"sellers": ["local"], "markets": ["SE"], "since": "2024-02-01"},
                {"sellers": ["local"], "markets": ["DK"], "note": "In the text only."},
            ],
            "local sellers in SE from 2024-02-01; local sellers in DK (In the text only)",
        ),
    ],
)
def test_markets_are_told_in_words(workshop: Workshop, markets: object, words: str) -> None:
    assert row(workshop, markets=markets)[1] == words


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("#/paths/~1workshop~1202309~1repairs~1search/post", "`list_repairs`"),
        (
            "#/paths/~1workshop~1202309~1repairs~1search/post/requestBody/content/application~1json/schema/properties/status",
            "`list_repairs(status)`",
        ),
        ("#/paths/~1workshop~1202309~1repairs~1search/post/x-error-codes", "`x-error-codes` of `list_repairs`"),
        ("#/components/schemas/Repair", "`Repair`"),
        ("#/components/schemas/Repair/properties/is_urgent", "`Repair.is_urgent`"),
        ("#/paths", "every operation"),
        ("#/info/version", "`info/version`"),
        ("docs:repairs.md#how-pages-follow", "[repairs.md](repairs.md#how-pages-follow)"),
        ("runtime:turning.py#turn", "[`turn`](../tiktok_shop_async/turning.py)"),
        ("runtime:turning.py", "[`turning.py`](../tiktok_shop_async/turning.py)"),
    ],
)
def test_places_have_the_names_that_callers_know(workshop: Workshop, pointer: str, name: str) -> None:
    assert row(workshop, where=[pointer])[3] == name


def test_a_pointer_to_an_operation_that_is_gone_is_left_to_the_linter(workshop: Workshop) -> None:
    assert row(workshop, where=["#/paths/~1workshop~1202309~1bells/get"])[3] == "`GET /workshop/202309/bells`"


def test_several_places_are_listed(workshop: Workshop) -> None:
    where = ["#/components/schemas/Repair", "#/components/schemas/Bicycle"]
    assert row(workshop, where=where)[3] == "`Repair`, `Bicycle`"


def test_a_bar_in_a_text_does_not_end_its_cell(workshop: Workshop) -> None:
    assert row(workshop, note="Bells|horns.")[-1] == "Bells\\|horns."


def test_the_command_writes_the_page_and_then_finds_it_in_order(workshop: Workshop, tmp_path: Path) -> None:
    output = tmp_path / "announcements.md"
    arguments = ["--spec", str(workshop.root), "--output", str(output)]
    assert main(arguments) == 0
    assert output.read_text(encoding="utf-8") == written(workshop)
    assert main([*arguments, "--check"]) == 0


@pytest.mark.parametrize("before", [None, "Of last year.\n"])
def test_a_check_fails_on_a_page_that_is_missing_or_old_and_leaves_it_alone(
    workshop: Workshop, tmp_path: Path, capsys: pytest.CaptureFixture[str], before: str | None
) -> None:
    output = tmp_path / "announcements.md"
    if before is not None:
        output.write_text(before, encoding="utf-8")
    assert main(["--spec", str(workshop.root), "--output", str(output), "--check"]) == 1
    assert "run `make generate`" in capsys.readouterr().err
    assert (output.read_text(encoding="utf-8") if output.exists() else None) == before


def test_the_command_says_what_is_wrong_with_a_broken_spec(
    workshop: Workshop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workshop.write("openapi.yaml", "x-path-files: [nowhere.yaml]\n")
    assert main(["--spec", str(workshop.root), "--output", str(tmp_path / "announcements.md")]) == 1
    assert "nowhere.yaml" in capsys.readouterr().err
    assert not (tmp_path / "announcements.md").exists()
