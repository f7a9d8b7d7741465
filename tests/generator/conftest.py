"""The garden: a small document with one of everything, and what is generated from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from scripts.generate import generate
from scripts.generator.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGE = Path(__file__).parents[2] / "tiktok_shop_async"


def read_garden() -> dict[str, Any]:
    garden: dict[str, Any] = YAML(typ="safe").load(Path(__file__).with_name("garden.yaml"))
    return garden


@pytest.fixture
def garden() -> dict[str, Any]:
    """The document, to change at will."""
    return read_garden()


@pytest.fixture(scope="session")
def generated() -> dict[str, str]:
    """What the document gives, by path."""
    return generate(Document(read_garden()))


@pytest.fixture(scope="session")
def package(generated: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this package whose generated part is the garden's."""
    root = tmp_path_factory.mktemp("garden")
    copy = root / PACKAGE.name
    copy.mkdir()
    for path in (*PACKAGE.glob("*.py"), PACKAGE / "py.typed"):
        shutil.copy(path, copy)
    for name, text in generated.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return copy


@pytest.fixture(scope="session")
def in_garden(package: Path) -> Callable[[str], str]:
    """Runs Python code in a process of its own, where the package is the garden's. Answers what it prints."""

    def run(code: str) -> str:
        done = subprocess.run(  # noqa: S603 - the code is a test's own
            [sys.executable, "-c", code],
            cwd=package.parent,
            env={**os.environ, "PYTHONPATH": str(package.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run
