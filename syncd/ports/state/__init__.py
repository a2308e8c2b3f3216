"""What the engine remembers: nine small stores over one database, with one writer and one transaction."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

from syncd.ports.state.arrivals import Arrival, ArrivalStore, Attempt
from syncd.ports.state.clients import ClientRow, ClientStore
from syncd.ports.state.guards import LEFT, GuardStore, WaitingRow
from syncd.ports.state.journal import JournalStore, Reported, RunRow
from syncd.ports.state.outboxes import OutboxStore
from syncd.ports.state.progress import Changes, HeldJournals, Pause, Progress, ProgressStore
from syncd.ports.state.requests import Request, RequestStore
from syncd.ports.state.set_asides import SetAsideStore
from syncd.ports.state.trees import BaseTreeStore, ContentStore, LocalTreeStore, RemoteTreeStore, TreeStore


class State(Protocol):
    """The stores share one transaction: what happens inside `atomic()` happens in all of them, or in none.

    Raises StateFailed where the disk under the database fails.
    """

    def atomic(self) -> AbstractContextManager[Any]:
        """A transaction; one inside another is a savepoint."""
        ...

    @property
    def clients(self) -> ClientStore: ...

    @property
    def trees(self) -> TreeStore: ...

    @property
    def set_asides(self) -> SetAsideStore: ...

    @property
    def guards(self) -> GuardStore: ...

    @property
    def journal(self) -> JournalStore: ...

    @property
    def outboxes(self) -> OutboxStore: ...

    @property
    def requests(self) -> RequestStore: ...

    @property
    def progress(self) -> ProgressStore: ...

    @property
    def arrivals(self) -> ArrivalStore: ...


__all__ = [
    "LEFT",
    "Arrival",
    "ArrivalStore",
    "Attempt",
    "BaseTreeStore",
    "Changes",
    "ClientRow",
    "ClientStore",
    "ContentStore",
    "GuardStore",
    "HeldJournals",
    "JournalStore",
    "LocalTreeStore",
    "OutboxStore",
    "Pause",
    "Progress",
    "ProgressStore",
    "RemoteTreeStore",
    "Reported",
    "Request",
    "RequestStore",
    "RunRow",
    "SetAsideStore",
    "State",
    "TreeStore",
    "WaitingRow",
]
