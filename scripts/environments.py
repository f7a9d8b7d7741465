"""Environments beside the main one, for packages that must not get into it, such as clients of other makers.

Each is made from a lock file and made again when that file has changed. npm's settings are read from the `.npmrc`
beside its lock file.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

STAMP = ".made-from"


def npm_files(folder: Path) -> list[Path]:
    """What npm makes an environment from."""
    return [folder / name for name in (".npmrc", "package.json", "package-lock.json")]


def is_current(folder: Path, locks: Iterable[Path]) -> bool:
    """Whether the environment is there, and made from these lock files as they are now."""
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_text() == _digest(locks)


def python_environment(folder: Path, requirements: Path) -> Path:
    """The interpreter of a virtual environment that holds these requirements; it is made where it is not current.

    Raises:
        subprocess.CalledProcessError: they cannot be installed, for instance because there is no network.
    """
    python = folder / "bin" / "python"
    if not is_current(folder, [requirements]):
        _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)])
        pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-qq", "--disable-pip-version-check"]
        _run([*pip, "--retries", "1", "--require-hashes", "-r", str(requirements)])
        (folder / STAMP).write_text(_digest([requirements]))
    return python


def node_environment(folder: Path, source: Path) -> Path:
    """A folder with the `node_modules` of the lock file in `source`; it is made where it is not current.

    Raises:
        subprocess.CalledProcessError: they cannot be installed, for instance because there is no network.
        FileNotFoundError: npm is not installed.
    """
    files = npm_files(source)
    if not is_current(folder, files):
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copy(file, folder)
        _run(["npm", "ci", "--loglevel=error", "--prefix", str(folder)])
        (folder / STAMP).write_text(_digest(files))
    return folder


def _digest(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
