from __future__ import annotations

import pytest

from tiktok_shop_async import tolerance


@pytest.fixture(autouse=True)
def nothing_reported_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mismatches are told once in a process; each test starts anew."""
    monkeypatch.setattr(tolerance, "_reported", set())
