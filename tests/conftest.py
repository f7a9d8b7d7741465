"""What all tests share."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.secret_sweep import pytest_configure, pytest_runtest_call

__all__ = ["pytest_configure", "pytest_runtest_call"]

# The short form is the same on each run, so that it fails for a change and not by chance; the long one, which
# `make soak` runs, looks for what the short one has not met.
settings.register_profile("short", max_examples=60, deadline=None, derandomize=True)
settings.register_profile("soak", max_examples=3000, deadline=None)
settings.load_profile("short")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Every test marked `anyio` runs on both."""
    backend: str = request.param
    return backend
