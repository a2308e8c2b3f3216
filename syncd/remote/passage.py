"""How large a body may be that something in between lets pass, learnt from what it refused; it may be mended any day."""

from __future__ import annotations

import sys
import time

FIRST, LONGEST = 600.0, 6 * 3600.0  # seconds after which a larger one is tried again, doubling as long as it is refused


class Passage:
    """`most`: the smallest size that was refused; beyond any, as long as nothing was, and when it is time to try again."""

    def __init__(self) -> None:
        self._any()

    def _any(self) -> None:
        self._refused, self._pause, self._until = sys.maxsize, FIRST, 0.0

    @property
    def most(self) -> int:
        return self._refused if time.monotonic() < self._until else sys.maxsize

    def refused(self, size: int) -> None:
        if time.monotonic() >= self._until:
            self._until = time.monotonic() + self._pause
            self._pause = min(2 * self._pause, LONGEST)
        self._refused = min(self._refused, size)

    def passed(self, size: int) -> None:
        if size >= self._refused:
            self._any()
