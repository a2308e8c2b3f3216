"""Work outside a pass (repairs, restorations): a run of its own in the state, told and reported like any other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec.structs import replace

from syncd.core import words
from syncd.core.errors import SyncdError
from syncd.core.events import Event
from syncd.core.verdicts import summary
from syncd.engine.context import Emit, Parts, Settings, Stop
from syncd.engine.interruptible_remote import InterruptibleRemote
from syncd.engine.recorder import Recorder


class MaintenanceTask:
    """`stop(code)` ends it after the document in hand."""

    def __init__(self, parts: Parts, settings: Settings, emit: Emit) -> None:
        self.settings = settings
        self.told = 0

        def told(event: Event) -> None:
            self.told += 1
            emit(event)

        self.recorder = Recorder(parts, settings, told)
        self.parts = replace(parts, remote=InterruptibleRemote(parts.remote, self.recorder))
        self._asked_before = parts.remote.requests

    @property
    def id(self) -> int:
        return self.recorder.run

    def stop(self, code: int) -> None:
        self.recorder.stop(code)

    async def __call__(self, work: Callable[[], Awaitable[None]]) -> dict[str, Any]:
        """The summary line, stored. What `work` raises ends it: nothing is kept of one that told nothing."""
        try:
            await work()
        except Stop as e:
            self.recorder.tally.codes.add(e.code)
        except SyncdError as e:
            if self.told:
                self.recorder.tally.codes.add(e.exit_code)
                self._end(message=str(e))
            raise
        return self._end()

    def _end(self, **extra: Any) -> dict[str, Any]:
        now, tally = self.parts.clock.now(), self.recorder.tally
        extra |= {"run": self.id, "started": self.recorder.started, "ended": now}
        if self.settings.dry_run:
            extra["dry_run"] = True
        verdict = tally.verdict()
        done = summary(tally, verdict, words.label(verdict), self.parts.remote.requests - self._asked_before, **extra)
        with self.parts.state.atomic():
            self.parts.state.end_run(self.id, now, done)
        return done
