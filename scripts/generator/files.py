"""Formats what was rendered, and puts it in place or holds it against what is there."""

from __future__ import annotations

import difflib
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from scripts.generator.types import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROOT = Path(__file__).parents[2]
_FOLDERS = ("api", "events", "models")
_LINES_OF_A_DIFF = 12
_OWN_NAME = ("--config", f"lint.isort.known-first-party=['{PACKAGE}']")


def formatted(files: Mapping[str, str]) -> dict[str, str]:
    """The files as ruff formats this project's own, imports and `__all__` in order."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in files.items():
            _write(root / name, text)
        config = str(_ROOT / "pyproject.toml")
        for command in (("check", "--select=I,RUF022", "--fix"), ("format",)):
            ruff = [
                sys.executable,
                "-m",
                "ruff",
                *command,
                "--quiet",
                "--no-cache",
                "--config",
                config,
                *_OWN_NAME,
                ".",
            ]
            done = subprocess.run(ruff, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
            if done.returncode:
                raise RuntimeError(f"ruff {command[0]}: {done.stdout}{done.stderr}")
        return {name: (root / name).read_text(encoding="utf-8") for name in files}


def stale(files: Mapping[str, str], package: Path) -> list[Path]:
    """Modules that a former spec gave and this one does not."""
    wanted = {package.parent / name for name in files}
    present = [path for folder in _FOLDERS for path in (package / folder).glob("*.py")]
    return sorted(path for path in present if path not in wanted)


def write(files: Mapping[str, str], package: Path) -> list[str]:
    """Put the files in place, and tell what that changed: what is as it should be is not touched."""
    changed: list[str] = []
    for path in stale(files, package):
        path.unlink()
        changed.append(f"{path.relative_to(package.parent)}: removed")
    for name, text in sorted(files.items()):
        path = package.parent / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            _write(path, text)
            changed.append(f"{name}: written")
    return changed


def differences(files: Mapping[str, str], package: Path) -> list[str]:
    """What `write` would change: a line for each file, and the beginning of its diff."""
    found = [f"{path.relative_to(package.parent)}: is no longer generated" for path in stale(files, package)]
    for name, text in sorted(files.items()):
        path = package.parent / name
        if not path.exists():
            found.append(f"{name}: is missing")
        elif (present := path.read_text(encoding="utf-8")) != text:
            diff = list(
                difflib.unified_diff(present.splitlines(), text.splitlines(), "present", "generated", lineterm="", n=1)
            )
            shown = [line[:160] for line in diff[2 : 2 + _LINES_OF_A_DIFF]]
            more = [f"... {len(diff) - 2 - len(shown)} more lines"] if len(diff) - 2 > len(shown) else []
            found.append("\n    ".join([f"{name}: differs", *shown, *more]))
    return found


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
