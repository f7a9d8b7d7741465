"""`python -m scripts.release`: a version that is too low for what changed in the spec is no release."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from scripts.release import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.spec_tools.conftest import Workshop


@dataclass(frozen=True)
class Project:
    """A project with a released spec, a present one, and a version."""

    folder: Path

    def release(self, document: dict[str, Any]) -> None:
        """Puts down the spec of the last release."""
        (self.folder / "released.json").write_text(json.dumps(document), encoding="utf-8")

    def present(self, document: dict[str, Any]) -> None:
        """Puts down the present spec."""
        (self.folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")

    def version(self, version: str) -> None:
        """Gives the package a version."""
        (self.folder / "__init__.py").write_text(f'"""Bicycles."""\n\n__version__ = "{version}"\n', encoding="utf-8")

    def run(self, *arguments: str) -> int:
        """Runs the command."""
        files = {"--released": "released.json", "--document": "openapi.json", "--package": "__init__.py"}
        named = [each for option, name in files.items() for each in (option, str(self.folder / name))]
        return main([*named, *arguments])


@pytest.fixture
def document(workshop: Workshop) -> dict[str, Any]:
    """The workshop's document."""
    return workshop.document()


@pytest.fixture
def project(tmp_path: Path, document: dict[str, Any]) -> Project:
    """A project in which nothing has changed since version 0.3.0."""
    project = Project(tmp_path)
    project.release({"x-release": "0.3.0"} | document)
    project.present(document)
    project.version("0.3.0")
    return project


def broken(document: dict[str, Any]) -> dict[str, Any]:
    """The document without one of its operations."""
    return document | {"paths": {path: item for path, item in document["paths"].items() if "upload" not in str(item)}}


def test_without_a_change_the_version_may_stay(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert project.run() == 0
    assert capsys.readouterr().out == "Since 0.3.0: no difference. 0.3.0 is high enough\n"


@pytest.mark.parametrize(("version", "code"), [("0.3.0", 1), ("0.3.1", 1), ("0.4.0", 0), ("1.0.0", 0)])
def test_before_1_0_a_change_that_breaks_raises_the_second_number(
    project: Project, document: dict[str, Any], version: str, code: int
) -> None:
    project.present(broken(document))
    project.version(version)
    assert project.run() == code


@pytest.mark.parametrize(("version", "code"), [("0.3.0", 1), ("0.3.1", 0)])
def test_before_1_0_an_addition_raises_the_third_number(
    project: Project, document: dict[str, Any], version: str, code: int
) -> None:
    project.release({"x-release": "0.3.0"} | broken(document))
    project.version(version)
    assert project.run() == code


@pytest.mark.parametrize(("version", "code"), [("1.3.1", 1), ("1.4.0", 1), ("2.0.0", 0)])
def test_from_1_0_on_a_change_that_breaks_raises_the_first_number(
    project: Project, document: dict[str, Any], version: str, code: int
) -> None:
    project.release({"x-release": "1.3.0"} | document)
    project.present(broken(document))
    project.version(version)
    assert project.run() == code


def test_a_version_that_is_too_low_is_told_with_the_changes_and_the_version_that_they_ask_for(
    project: Project, document: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    project.present(broken(document))
    assert project.run() == 1
    printed = capsys.readouterr()
    assert "[operation-removed] bicycles.upload_photo() is no longer there" in printed.out
    assert printed.err.endswith("0.3.0 is too low: these changes since 0.3.0 ask for 0.4.0\n")


def test_before_the_first_release_there_is_nothing_to_compare(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.folder / "released.json").unlink()
    assert project.run() == 0
    assert "nothing has been released yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"x-release": None}, "does not say in `x-release` which version it is of"),
        ({"x-release": "next"}, "give one such as 1.2.3"),
        ({"openapi": "2.0"}, "is no OpenAPI document of version 3"),
    ],
)
def test_a_released_spec_that_is_of_no_use_is_told(
    project: Project,
    document: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    change: dict[str, Any],
    reason: str,
) -> None:
    released = {"x-release": "0.3.0"} | document | change
    project.release({key: value for key, value in released.items() if value is not None})
    assert project.run() == 2
    assert reason in capsys.readouterr().err


def test_a_release_records_the_present_spec_with_its_version(project: Project, document: dict[str, Any]) -> None:
    project.present(broken(document))
    project.version("0.4.0")
    assert project.run("--record") == 0
    recorded = json.loads((project.folder / "released.json").read_text(encoding="utf-8"))
    assert recorded == {"x-release": "0.4.0"} | broken(document)
    assert project.run() == 0
