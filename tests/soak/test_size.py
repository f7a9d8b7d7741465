"""How much memory a large shop takes, in a process of its own, made up and read from a file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.sandbox.test_state_file import Program

ORDERS = int(os.environ.get("TIKTOK_SHOP_SOAK_ORDERS", "400"))
MOST = 150 * 1024**2


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_large_shop_fits_into_its_memory(tmp_path: Path) -> None:
    for _ in ("made up", "read from the file"):
        program = Program(tmp_path / "state", orders=ORDERS)
        resident = int(Path(f"/proc/{program.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        program.kill()
        assert resident < MOST
