"""What other processes ask of the service, and its answers: the database is where they meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec


class Request(msgspec.Struct, frozen=True):
    """What another process asks the service for: a pass, or an errand (`kind`: engine.maintenance.service_requests says which, and what they
    `wish`). `clients`: codes, or places as `CODE/PATH`, empty for all; `max_duration`: seconds."""

    id: int
    clients: tuple[str, ...]
    max_duration: float | None = None
    kind: str = "pass"
    wish: dict[str, Any] = {}


class RequestStore(Protocol):
    """Those who ask use `ask`, `progress_of`, `answered` and `withdraw`; the service uses the others."""

    def ask(
        self,
        clients: Sequence[str],
        max_duration: float | None = None,
        kind: str = "pass",
        wish: Mapping[str, Any] = {},
    ) -> int:
        """A pass, or an errand, over these clients (codes; none: all). The request's number."""
        ...

    def progress_of(self, request: int) -> tuple[int, int, str] | None:
        """(done, of how many or 0, what), as last reported."""
        ...

    def answered(self, request: int) -> tuple[int, dict[str, Any]] | None:
        """(run, its summary or `{"error": …}`), None while the service is at it."""
        ...

    def withdraw(self, request: int) -> bool:
        """Whoever asked wants it no more; whether it was still open."""
        ...

    def changed(self) -> bool:
        """Whether another connection has written since the last call."""
        ...

    def open(self) -> list[Request]:
        """One that was withdrawn is none any more."""
        ...

    def report_progress(self, request: int, done: int, of: int, what: str) -> None:
        """For whoever asked. `of`: 0 where nobody knows how many."""
        ...

    def answer(self, request: int, run: int, answer: Mapping[str, Any]) -> None: ...

    def drop(self) -> None:
        """What was asked of a service that is no more."""
        ...
