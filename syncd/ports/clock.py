"""Time, so that tests need not wait for it."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since 1970, UTC. May jump; nothing is decided by it but what is shown to people."""
        ...

    async def sleep(self, seconds: float) -> None: ...
