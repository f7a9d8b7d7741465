"""The tests marked `anyio` do run on the event loop that they are named after."""

from __future__ import annotations

import pytest
import sniffio


@pytest.mark.anyio
async def test_each_test_runs_on_its_own_backend(anyio_backend: str) -> None:
    assert sniffio.current_async_library() == anyio_backend
