"""When passes are due besides what events bring."""

from __future__ import annotations

from typing import Protocol

import msgspec


class Due(msgspec.Struct, frozen=True):
    """`at`: seconds since 1970. `clients`: codes, empty for all. `max_duration`: seconds after which the pass stops."""

    at: float
    name: str
    clients: frozenset[str] = frozenset()
    max_duration: float | None = None


class Timetable(Protocol):
    def next(self, after: float) -> Due | None:
        """The first pass that is due later than `after`."""
        ...
