"""From process start to the first typed page of 100 orders: wall time and peak memory of whole processes.

Each client runs in a process of its own against one sandbox in another process, all of them in one environment that
holds nothing but what they need. The clients take turns, so that a machine that gets slower or faster meanwhile does so
for all of them.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.points import ALTERNATIVES, Point
from scripts.environments import python_environment

HERE = Path(__file__).parent
ROUNDS = 9
OURS = {
    "bare httpx and msgspec": HERE / "clients" / "bare_client.py",
    "tiktok-shop-async": HERE / "clients" / "tiktok_shop_async_client.py",
}
THEIRS = {"tiktok-shop-api 0.1.0": HERE / "clients" / "tiktok_shop_api_client.py"}


LAUNCHER = """
import os, subprocess, sys, time
started = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(time.perf_counter() - started, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
"""
"""Starts a process from a small one: on Linux the peak of a process counts what its parent held when it was made."""


def run_once(python: Path, script: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Wall seconds and peak megabytes of one run."""
    launched: list[str | Path] = [sys.executable, "-S", "-c", LAUNCHER, python, script]
    done = subprocess.run(launched, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    wall, most, code = done.stdout.split()
    if code != "0":
        raise SystemExit(f"{script.name} failed with exit code {code}")
    kilobytes = float(most) if sys.platform != "darwin" else float(most) / 1024
    return float(wall), kilobytes / 1024


def announced_by(sandbox: subprocess.Popen[str]) -> dict[str, str]:
    """The environment that the sandbox prints once it is ready."""
    environment: dict[str, str] = {}
    assert sandbox.stdout is not None
    for line in sandbox.stdout:
        if found := re.match(r"export (\w+)=(\S+)", line):
            environment[found[1]] = found[2]
        if "TIKTOK_SHOP_SHOP_CIPHER" in environment:
            return environment
    raise SystemExit("the sandbox ended before it was ready")


def compare(python: Path, clients: dict[str, Path], rounds: int) -> list[Point]:
    """Print what the clients take, all of them run by one interpreter."""
    sandbox = subprocess.Popen(
        [sys.executable, "-m", "tiktok_shop_async.sandbox", "--port", "0", "--orders", "200"],
        stdout=subprocess.PIPE,
        text=True,
    )
    with sandbox:
        try:
            environment = {**os.environ, **announced_by(sandbox), "PYTHONPATH": str(HERE.parent)}
            # Compiled modules are kept, as they are where packages are installed, whatever this shell says of them.
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
            environment["PYTHONPYCACHEPREFIX"] = str(ALTERNATIVES.parent / "bytecode")
            runs: dict[str, list[tuple[float, float]]] = {name: [] for name in clients}
            for round_number in range(rounds + 1):
                for name, script in clients.items():
                    run = run_once(python, script, environment)
                    if round_number:  # the first round warms the file cache and compiles the modules
                        runs[name].append(run)
        finally:
            sandbox.terminate()
    print(f"process start to first typed page of 100 orders, median of {rounds} rounds")
    own = statistics.median(wall for wall, _ in runs["tiktok-shop-async"])
    for name, figures in runs.items():
        walls, megabytes = zip(*figures, strict=True)
        print(
            f"  {name:24} {statistics.median(walls):6.3f} s ({min(walls):.3f} to {max(walls):.3f})"
            f" {statistics.median(megabytes):6.1f} MB   {statistics.median(walls) / own:5.2f} times tiktok-shop-async"
        )
    medians = {
        name: (statistics.median(wall for wall, _ in each), statistics.median(most for _, most in each))
        for name, each in runs.items()
    }
    (bare_wall, bare_memory), (wall, memory) = (medians[name] for name in OURS)
    their_wall, their_memory = next((medians[name] for name in THEIRS if name in medians), (None, None))
    return [
        Point("process start to the first typed page", "s", wall, their_wall, bare_wall, "at most 0.30"),
        Point("the memory of that at most", "MB", memory, their_memory, bare_memory, "at most 45"),
    ]


def main() -> list[Point]:
    python = python_environment(ALTERNATIVES, HERE / "requirements.txt")
    return compare(python, OURS | THEIRS, ROUNDS)


if __name__ == "__main__":
    main()
