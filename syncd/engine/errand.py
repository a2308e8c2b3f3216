"""Work outside a pass (repairs, restorations): a run of its own in the state, told and reported like any other."""

from __future__ import annotations

from typing import Any

from syncd.core import words
from syncd.core.outcomes import Event
from syncd.core.verdicts import summary
from syncd.engine.ledger import Ledger
from syncd.engine.parts import Emit, Parts, Settings


class Errand:
    def __init__(self, parts: Parts, settings: Settings, emit: Emit) -> None:
        self.parts, self.settings = parts, settings
        self.told = 0

        def told(event: Event) -> None:
            self.told += 1
            emit(event)

        self.ledger = Ledger(parts, settings, told)
        self.run = self.ledger.run

    def end(self) -> dict[str, Any]:
        """The summary line, stored."""
        now, tally = self.parts.clock.now(), self.ledger.tally
        extra: dict[str, Any] = {"run": self.run, "started": self.ledger.started, "ended": now}
        if self.settings.dry_run:
            extra["dry_run"] = True
        verdict = tally.verdict()
        done = summary(tally, verdict, words.label(verdict), self.parts.remote.requests, **extra)
        with self.parts.state.atomic():
            self.parts.state.end_run(self.run, now, done)
        return done
