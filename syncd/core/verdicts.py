"""How a run ended, in one word and one exit code (DESIGN 3)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from syncd.core.actions import COUNTERS
from syncd.core.reasons import TECHNICAL

if TYPE_CHECKING:
    from syncd.core.events import Event


class Verdict(StrEnum):
    RUNNING = "running"
    DONE = "done"
    BUDGET = "budget"
    WARNING = "warning"
    ERROR = "error"
    ABANDONED = "abandoned"


BY_HAND = (130, 143)  # Ctrl-C, or the stop of a service: nothing is wrong
_ORDER = (130, 143, 11, 2, 1, 5, 6, 10, 4, 3)
_COUNTERS = {**COUNTERS, "intake": "taken", "refused": "refused"}
_TROUBLES = {"problem", "refused", "waiting", "stopped"}
_NEWS = {"keep_both", "withdraw", "waiting", "stopped"}  # whatever else is said of them
COUNTS = (*dict.fromkeys(_COUNTERS.values()), "problems")  # what a run counts, as its result names it
CHANGED = tuple(n for n in COUNTS if n not in ("folders", "left", "refused", "problems"))  # documents that it changed


def exit_code(codes: Iterable[int]) -> int:
    """Several at once: the first of 130/143, 11, 2, 1, 5, 6, 10, 4, 3; none: 0."""
    seen = set(codes)
    return next((c for c in _ORDER if c in seen), 0)


class Tally(msgspec.Struct):
    """Counts a run's events as they happen, and judges it at the end."""

    counts: dict[str, int] = msgspec.field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    waiting: list[str] = msgspec.field(default_factory=list)
    stopped: list[str] = msgspec.field(default_factory=list)
    codes: set[int] = msgspec.field(default_factory=set)
    news: bool = False
    abandoned: bool = False
    failed: bool = False
    bytes_up: int = 0
    bytes_down: int = 0

    def add(self, event: Event) -> None:
        action = event.action
        if action in _TROUBLES:
            self._trouble(event)
        if (counter := _COUNTERS.get(action)) is not None:
            self.counts[counter] += 1
        if action == "upload":
            self.bytes_up += event.size or 0
        elif action == "download":
            self.bytes_down += event.size or 0
        if event.warning or action in _NEWS:
            self.news = True

    def _trouble(self, event: Event) -> None:
        if event.action == "waiting":
            if event.client not in self.waiting:
                self.waiting.append(event.client)
                self.codes.add(4)
            return
        if event.action == "problem" and event.notice:
            return
        self.codes.add(3)
        if event.action == "problem":
            self.counts["problems"] += 1
            self.failed |= event.reason in TECHNICAL
        elif event.action == "stopped" and event.client not in self.stopped:
            self.stopped.append(event.client)
        if event.action != "stopped" and event.new and not event.notice:
            self.news = True

    def said(self) -> dict[str, int]:
        """What is not zero, with how many clients wait or were stopped."""
        counts = {**self.counts, "waiting": len(self.waiting), "stopped": len(self.stopped)}
        return {name: n for name, n in counts.items() if n}

    def verdict(self) -> Verdict:
        if self.abandoned or self.codes & {130, 143, 1, 5, 6}:
            return Verdict.ABANDONED
        if 10 in self.codes:
            return Verdict.BUDGET
        if self.failed or self.stopped:
            return Verdict.ERROR
        if self.news:
            return Verdict.WARNING
        return Verdict.DONE


def counts_of(events: Iterable[Event]) -> dict[str, int]:
    """The same counters, from the stream."""
    counts = dict.fromkeys(COUNTS, 0)
    for event in events:
        if event.action == "problem":
            counts["problems"] += not event.notice
        elif event.action in _COUNTERS:
            counts[_COUNTERS[event.action]] += 1
    return counts
