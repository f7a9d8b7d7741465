"""`python -m scripts.generate`: what it writes, removes and refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from scripts.generate import main
from scripts.generator.files import formatted

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def document(tmp_path: Path, garden: dict[str, Any]) -> Path:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(garden))
    return path


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "tiktok_shop_async"


@pytest.fixture
def written(document: Path, output: Path) -> list[str]:
    """The command as it was run once."""
    arguments = ["--document", str(document), "--output", str(output)]
    assert main(arguments) == 0
    return arguments


def test_it_writes_the_package_and_the_catalogue_beside_it(
    written: list[str], output: Path, generated: dict[str, str]
) -> None:
    for name, text in generated.items():
        assert (output.parent / name).read_text() == text


def test_modules_that_the_spec_no_longer_gives_are_removed(written: list[str], output: Path) -> None:
    (output / "api" / "sheds.py").write_text("")
    (output / "models" / "shed.py").write_text("")

    assert main(written) == 0

    assert not (output / "api" / "sheds.py").exists()
    assert not (output / "models" / "shed.py").exists()


def test_modules_written_by_hand_stay(written: list[str], output: Path) -> None:
    (output / "client.py").write_text("by hand")

    assert main(written) == 0

    assert (output / "client.py").read_text() == "by hand"


def test_files_that_are_as_they_should_be_are_not_touched(written: list[str], output: Path) -> None:
    before = (output / "api" / "plants.py").stat().st_mtime_ns

    assert main(written) == 0

    assert (output / "api" / "plants.py").stat().st_mtime_ns == before


def test_it_tells_which_files_it_changed(
    written: list[str], output: Path, generated: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    (output / "api" / "plants.py").write_text("by hand")
    (output / "models" / "shed.py").write_text("")

    assert main(written) == 0

    assert capsys.readouterr().out.splitlines() == [
        "tiktok_shop_async/models/shed.py: removed",
        "tiktok_shop_async/api/plants.py: written",
        f"{len(generated)} generated files, 2 changed",
    ]


def test_check_is_content_with_what_was_just_generated(
    written: list[str], generated: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()

    assert main([*written, "--check"]) == 0

    assert capsys.readouterr() == (f"{len(generated)} generated files, all as the spec gives them\n", "")


def test_check_names_what_differs_and_shows_the_difference(
    written: list[str], output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pot = output / "models" / "pot.py"
    pot.write_text(edited := pot.read_text().replace("color: str | None", "colour: str | None"))

    assert main([*written, "--check"]) == 1

    told = capsys.readouterr().err
    assert "tiktok_shop_async/models/pot.py: differs" in told
    assert "-    colour: str | None = None" in told
    assert "+    color: str | None = None" in told
    assert "models/seed.py" not in told
    assert pot.read_text() == edited


def test_check_shows_only_the_beginning_of_a_long_difference(
    written: list[str], output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (output / "api" / "plants.py").write_text("")

    assert main([*written, "--check"]) == 1

    assert "more lines" in (told := capsys.readouterr().err)
    assert len(told.splitlines()) < 20


def test_check_names_what_is_missing_and_what_should_not_be_there(
    written: list[str], output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (output.parent / "docs" / "operations.md").unlink()
    (output / "models" / "shed.py").write_text("")

    assert main([*written, "--check"]) == 1

    told = capsys.readouterr().err
    assert "docs/operations.md: is missing" in told
    assert "tiktok_shop_async/models/shed.py: is no longer generated" in told
    assert (output / "models" / "shed.py").exists()


def test_a_spec_that_cannot_be_generated_from_changes_nothing(
    written: list[str], document: Path, output: Path, garden: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    del garden["components"]["schemas"]["Pot"]
    document.write_text(json.dumps(garden))
    before = (output / "models" / "pot.py").read_text()

    assert main(written) == 1

    assert "The spec cannot be generated from" in capsys.readouterr().err
    assert (output / "models" / "pot.py").read_text() == before


def test_a_missing_document_says_which_command_makes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--document", str(tmp_path / "openapi.json")]) == 1
    assert "python -m scripts.bundle" in capsys.readouterr().err


def test_a_package_of_another_name_is_refused(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--document", str(document), "--output", str(tmp_path / "elsewhere")])

    assert "tiktok_shop_async" in capsys.readouterr().err


def test_templates_that_give_no_python_are_told_as_ruff_tells_them() -> None:
    with pytest.raises(RuntimeError, match=r"ruff check: [\s\S]*plants\.py"):
        formatted({"tiktok_shop_async/api/plants.py": "class Plants(:"})
