"""How long the generated code takes to make from the spec."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks.points import Point, show

ROUNDS = 3


def main(rounds: int = ROUNDS) -> list[Point]:
    taken: list[float] = []
    for _ in range(rounds):
        started = time.perf_counter()
        for command in (["scripts.bundle"], ["scripts.announcements", "--check"], ["scripts.generate", "--check"]):
            subprocess.run([sys.executable, "-m", *command], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - started)
    return show("generated code", [Point("make generate", "s", statistics.median(taken), bound="under 10")])


if __name__ == "__main__":
    main()
