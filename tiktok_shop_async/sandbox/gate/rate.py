"""The rate limit: how many calls an app may make of one endpoint for one shop.

A call takes a place in a bucket that holds a second's worth and empties evenly (the generic cell rate algorithm, which
needs one number a bucket). So no more than the limit come through at once, and no more than it each second for long.
Time is real and not the sandbox's: a clock that stands still must not lock everyone out.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from tiktok_shop_async.sandbox.refusal import TOO_MANY_REQUESTS, RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

DEFAULT_RATE = 50


class RateLimit:
    """Counts calls by whatever they share."""

    def __init__(self, per_second: float = DEFAULT_RATE, stopwatch: Callable[[], float] = time.monotonic) -> None:
        """Lets `per_second` calls through for each key; 0 lets all through. `stopwatch` counts real seconds."""
        self._interval = 1 / per_second if per_second else 0.0
        self._window = max(1.0, self._interval)
        self._stopwatch = stopwatch
        self._free_at: dict[Hashable, float] = {}

    def take(self, key: Hashable) -> None:
        """Counts one call.

        Raises:
            RefusalError: it is one too many; it says after how many seconds there is room again.
        """
        if not self._interval:
            return
        now = self._stopwatch()
        taken_until = max(self._free_at.get(key, now), now) + self._interval
        wait = taken_until - now - self._window
        # A billionth of a second: sums of fractions are not exact.
        if wait > 1e-9:
            raise RefusalError(
                TOO_MANY_REQUESTS,
                f"Too many requests: this app may call this endpoint {1 / self._interval:g} times a second for a shop.",
                429,
                headers={"retry-after": str(math.ceil(wait))},
            )
        self._free_at[key] = taken_until
