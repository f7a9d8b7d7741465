"""Installs the clients into environments of their own: `python -m tests.foreign.install`, which `make setup` does."""

from __future__ import annotations

import subprocess
from pathlib import Path

from scripts.environments import is_current, node_environment, npm_files, python_environment

HERE = Path(__file__).parent
MADE = HERE.parents[1] / "build" / "foreign"
REQUIREMENTS = HERE / "requirements.txt"


def interpreter() -> Path | None:
    """The Python that has the clients of PyPI, or None where they are not installed."""
    return MADE / "python" / "bin" / "python" if is_current(MADE / "python", [REQUIREMENTS]) else None


def node_folder() -> Path | None:
    """The folder that has the clients of npm in its `node_modules`, or None where they are not installed."""
    return MADE / "node" if is_current(MADE / "node", npm_files(HERE)) else None


def main() -> None:
    """Installs what is not there yet, and says what has to be left out."""
    try:
        python_environment(MADE / "python", REQUIREMENTS)
    except subprocess.CalledProcessError as error:
        print(_left_out("PyPI", "pip could not install them", error))  # noqa: T201
    try:
        node_environment(MADE / "node", HERE)
    except FileNotFoundError:
        print(_left_out("npm", "npm is not installed (on Debian: apt-get install npm)"))  # noqa: T201
    except subprocess.CalledProcessError as error:
        print(_left_out("npm", "npm could not install them", error))  # noqa: T201


def _left_out(registry: str, reason: str, error: subprocess.CalledProcessError | None = None) -> str:
    said = error.stderr.decode(errors="replace").strip().splitlines() if error is not None else []
    detail = f" ({said[-1]})" if said else ""
    return f"The clients of {registry} are left out, and what tests with them does not run: {reason}{detail}"


if __name__ == "__main__":
    main()
