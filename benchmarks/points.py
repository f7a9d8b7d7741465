"""What the benchmarks found, as rows of one table."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.environments import python_environment

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE = Path(__file__).parent
ALTERNATIVES = HERE.parent / "build" / "alternatives"


@dataclass(frozen=True)
class Point:
    """One figure of this package, beside those of tiktok-shop-api and of code written by hand for the one purpose.

    Attributes:
        bound: What it should keep to.
    """

    what: str
    unit: str
    ours: float
    competitor: float | None = None
    bare: float | None = None
    bound: str = ""

    def row(self) -> tuple[str, ...]:
        """The cells of the table."""
        return (
            f"{self.what} ({self.unit})",
            _figure(self.ours),
            _figure(self.competitor),
            _figure(self.bare),
            _ratio(self.ours, self.competitor),
            _ratio(self.ours, self.bare),
            self.bound,
        )


HEADING = ("what", "ours", "competitor", "bare", "ours / competitor", "ours / bare", "meant to be")


def table(points: Iterable[Point]) -> str:
    """The points in Markdown."""
    rows = [HEADING, tuple("-" * len(each) for each in HEADING), *(point.row() for point in points)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADING))]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    )


def machine() -> str:
    """What the figures were taken on, and how busy it was."""
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    name = names[0].partition(":")[2].strip() if names else platform.processor()
    return (
        f"{os.cpu_count()} cores ({name}), Python {platform.python_version()}, {platform.system()}; "
        f"load of the last minute {os.getloadavg()[0]:.1f}"
    )


def among_alternatives(module: str) -> list[Point]:
    """The points that a benchmark's `measure` gives in the environment that holds the competitor."""
    python = python_environment(ALTERNATIVES, HERE / "requirements.txt")
    return measured_by(python, f"{module}.measure(competitor=True)", module)


def measured_by(python: Path, expression: str, module: str) -> list[Point]:
    """The points that an expression gives in a process of its own."""
    code = f"from benchmarks import {module}, points; points.write({expression})"
    done = subprocess.run([python, "-c", code], cwd=HERE.parent, stdout=subprocess.PIPE, text=True, check=True)
    return [Point(**json.loads(line)) for line in done.stdout.splitlines()]


def write(points: Iterable[Point]) -> None:
    """Print points for `among_alternatives` to read."""
    for each in points:
        print(json.dumps(asdict(each)))


def show(heading: str, points: list[Point]) -> list[Point]:
    """Print a benchmark's own lines."""
    print(heading)
    for each in points:
        others = [("competitor", each.competitor), ("bare", each.bare)]
        beside = "".join(f"   {name} {_figure(value)} {each.unit}" for name, value in others if value is not None)
        print(f"  {each.what:56} {_figure(each.ours)} {each.unit}{beside}")
    return points


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _ratio(ours: float, other: float | None) -> str:
    return "" if not other else f"{ours / other:.2f}"
