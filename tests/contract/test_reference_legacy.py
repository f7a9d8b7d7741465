"""Every row of the reference's table of APIs before 202309 is known, with what it names as the successor.

TIKTOK_SHOP_REFERENCE names a folder that holds the reference, with the table as `legacy-to-202309.csv`.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from tiktok_shop_async.migration import successor, successors

if "TIKTOK_SHOP_REFERENCE" not in os.environ:
    pytest.skip("TIKTOK_SHOP_REFERENCE names no copy of the API reference", allow_module_level=True)

with (Path(os.environ["TIKTOK_SHOP_REFERENCE"]) / "legacy-to-202309.csv").open(encoding="utf-8", newline="") as file:
    ROWS = [row for row in csv.DictReader(file) if row["legacy_api"] != "Did not exist previously"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["legacy_api"])
def test_a_documented_api_is_known(row: dict[str, str]) -> None:
    found = successor(row["legacy_api"])
    assert found.name == row["legacy_api"]
    assert found.methods or found.events


def test_nothing_else_is_known() -> None:
    assert {row["legacy_api"] for row in ROWS} == {each.name for each in successors() if each.area != "Revision"}
