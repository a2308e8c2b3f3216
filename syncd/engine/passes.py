"""What a service does one after the other: passes, and scheduled tasks between them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from syncd.engine.context import Context
from syncd.ports.state import Request


class Why(StrEnum):
    """What a pass was made for."""

    FULL = "full"
    EVENTS = "events"
    ASKED = "asked"
    JOB = "job"


class ScheduledTask(Protocol):
    """Something a service does between two passes, and alone as they are: it brings documents into the mirror, say.

    `name`: of requests for it, and in the log. `due`: when it is to be done next, by the event loop's clock.
    """

    name: str
    due: float

    async def __call__(self, ctx: Context, *, asked: Request | None) -> frozenset[str]:
        """Do it now; `asked`: by whom somebody waits for it. Ids of the clients that a pass is to look at afterwards. Moves `due`."""
        ...


class Pass(msgspec.Struct, frozen=True):
    why: Why
    scope: frozenset[str] | None = None
    only: frozenset[str] = frozenset()
    max_duration: float | None = None
    request: Request | None = None
    job: str = ""
    places: dict[str, tuple[str, ...]] = {}
    scheduled: ScheduledTask | None = None

    @property
    def maintenance(self) -> bool:
        """Whether it is something else than a pass."""
        return self.scheduled is not None or (self.request is not None and self.request.kind != "pass")


def first_due(scheduled: Sequence[ScheduledTask], now: float) -> Pass | None:
    """The first scheduled task whose time has come."""
    found = next((e for e in scheduled if e.due <= now), None)
    return Pass(Why.JOB, job=found.name, scheduled=found) if found is not None else None


def asked(scheduled: Sequence[ScheduledTask], request: Request) -> ScheduledTask | None:
    """The scheduled task that a request is for."""
    return next((e for e in scheduled if e.name == request.kind), None)
