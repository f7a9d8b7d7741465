"""What the templates emit for the garden, to the letter.

A change of a template shows here as a diff. If it is meant: `UPDATE_GOLDEN=1 pytest tests/generator/test_golden.py`.
"""

from __future__ import annotations

import os
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
SUFFIX = ".txt"  # keeps linters, type checkers and pytest from taking the files for code of this project


def test_the_garden_gives_the_golden_files(generated: dict[str, str]) -> None:
    if os.environ.get("UPDATE_GOLDEN"):
        _update(generated)
    golden = {
        str(path.relative_to(GOLDEN)).removesuffix(SUFFIX): path.read_text(encoding="utf-8")
        for path in GOLDEN.rglob(f"*{SUFFIX}")
    }

    assert sorted(generated) == sorted(golden)
    for name, text in generated.items():
        assert text == golden[name], name


def _update(generated: dict[str, str]) -> None:
    for path in GOLDEN.rglob(f"*{SUFFIX}"):
        path.unlink()
    for name, text in generated.items():
        path = GOLDEN / f"{name}{SUFFIX}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
