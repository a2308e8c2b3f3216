"""Runs, their events in one hash-chained stream, and what was reported and still holds (DESIGN 4, RULES 9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from syncd.core.events import Event
from syncd.core.run_result import RunResult


class RunRow(msgspec.Struct, frozen=True):
    """`ended`: None while it goes on, or where it was cut short; `result` says RUNNING then."""

    id: int
    started: float
    ended: float | None
    result: RunResult


class Reported(msgspec.Struct, frozen=True):
    """A refusal, problem, set that waits, or stop that was reported and still holds. `client`: its id, '-' for none;
    `detail`: the event's, as it was last reported; `since`: seconds since 1970."""

    client: str
    path: str
    reason: str
    since: float
    detail: str = ""


class JournalStore(Protocol):
    def start_run(self, now: float) -> int:
        """The number of a new run."""
        ...

    def go_on_from(self, run: int) -> None:
        """Numbers of runs go on after this one, which an earlier state had; nothing where that is not plausible."""
        ...

    def renumber(self, run: int) -> int:
        """A run that recorded nothing yet gets the number that is next; which."""
        ...

    def drop_run(self, run: int, now: float) -> None:
        """A run that was given up before it did anything: forgotten, or ended as such when it recorded something."""
        ...

    def end_run(self, run: int, now: float, result: RunResult) -> None: ...

    def find_run(self, run: int) -> RunRow | None: ...

    def record(self, run: int, at: float, event: Event) -> None:
        """The stream's next event, chained to the one before."""
        ...

    def events(
        self, *, run: int | None = None, client: str | None = None, start: float = 0, end: float = 1e18
    ) -> Iterator[tuple[float, Event]]:
        """(when, event) in order, as they are read."""
        ...

    def chain_head(self) -> str:
        """The last event's hash."""
        ...

    def open_report(self, client: str, path: str, reason: str, now: float, detail: str = "") -> bool:
        """Remember a refusal or problem; True when it is new since it was last absent. Another `detail` makes it no news."""
        ...

    def close_reports(self, client: str, still: set[tuple[str, str]]) -> None:
        """Of the client only these (path, reason) still hold."""
        ...

    def open_reports(self) -> Sequence[Reported]:
        """What was reported and still holds, by client and path."""
        ...
