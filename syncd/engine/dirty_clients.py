"""Clients in which something happened, each with the moment from which it may be run."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

LATE = 10  # times `settle`: a client where somebody never stops writing has its turn all the same


class DirtyClients(msgspec.Struct):
    """By id. `settle`: seconds after the last event (RULES 6)."""

    settle: float
    due: dict[str, float] = msgspec.field(default_factory=dict)
    first: dict[str, float] = msgspec.field(default_factory=dict)

    def event(self, client: str, now: float) -> None:
        start = self.first.setdefault(client, now)
        rest = self.settle + 0.05 if self.settle else 0.0
        self.due[client] = min(now + rest, start + LATE * self.settle)

    def at(self, client: str, when: float) -> None:
        self.due[client] = min(self.due.get(client, when), when)
        self.first.setdefault(client, when)

    def take(self, now: float) -> frozenset[str]:
        ripe = frozenset(c for c, at in self.due.items() if at <= now)
        self.drop(ripe)
        return ripe

    def drop(self, clients: Iterable[str] | None = None) -> None:
        for client in list(self.due) if clients is None else clients:
            self.due.pop(client, None)
            self.first.pop(client, None)

    @property
    def next(self) -> float | None:
        return min(self.due.values(), default=None)
