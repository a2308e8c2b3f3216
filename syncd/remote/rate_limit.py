"""A rate that transfers keep to, in both directions together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator


class RateLimit:
    """`rate`: asked each time, in bytes per second; None: as fast as it goes."""

    def __init__(self, rate: Callable[[], float | None]) -> None:
        self._rate, self._free = rate, 0.0

    async def spent(self, count: int) -> None:
        """Wait until `count` more bytes are within the rate."""
        rate, now = self._rate(), time.monotonic()
        if not rate:
            return
        self._free = max(self._free, now) + count / rate
        await asyncio.sleep(self._free - now)

    def parts(self, data: bytes) -> Iterator[bytes]:
        """A large piece at a low rate, in parts of a second each: a line that is silent for minutes is given up."""
        rate = self._rate()
        if not rate or len(data) <= rate:
            yield data
            return
        size = max(1, int(rate))
        for n in range(0, len(data), size):
            yield data[n : n + size]
