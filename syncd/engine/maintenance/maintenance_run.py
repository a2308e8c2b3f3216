"""Work outside a pass (repairs, restorations): a run of its own in the state, told and reported like any other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import overload

from syncd.core import words
from syncd.core.errors import SyncdError
from syncd.core.events import Event
from syncd.core.run_result import RunResult, of_tally
from syncd.engine.context import Emit, Ports, Settings, Stop
from syncd.engine.context_factory import begin


class MaintenanceTask:
    """`stop(code)` ends it after the document in hand."""

    def __init__(self, ports: Ports, settings: Settings, emit: Emit) -> None:
        self.told = 0

        def told(event: Event) -> None:
            self.told += 1
            emit(event)

        self.ctx = begin(ports, settings, told)
        self._asked_before = ports.remote.requests

    @property
    def id(self) -> int:
        return self.ctx.recorder.run

    def stop(self, code: int) -> None:
        self.ctx.recorder.stop(code)

    @overload
    async def __call__(self, work: Callable[[], Awaitable[None]]) -> RunResult: ...

    @overload
    async def __call__(self, work: Callable[[], Awaitable[None]], *, keeps_nothing: bool) -> RunResult | None: ...

    async def __call__(self, work: Callable[[], Awaitable[None]], *, keeps_nothing: bool = False) -> RunResult | None:
        """How it ended, stored. What `work` raises ends it: nothing is kept of one that told nothing; nor (`keeps_nothing`,
        and None is given back) of one that ended well and told nothing."""
        try:
            await work()
        except Stop as e:
            self.ctx.recorder.tally.codes.add(e.code)
        except SyncdError as e:
            if self.told:
                self.ctx.recorder.tally.codes.add(e.exit_code)
                self._end(str(e), e.reason, e.cause)
            raise
        return None if keeps_nothing and not self.told else self._end()

    def _end(self, message: str = "", reason: str = "", cause: str = "") -> RunResult:
        now, tally = self.ctx.clock.now(), self.ctx.recorder.tally
        done = of_tally(
            tally, words.label(tally.verdict()), self.ctx.remote.requests - self._asked_before, run=self.id,
            started=self.ctx.recorder.started, ended=now, dry_run=self.ctx.settings.dry_run, message=message,
            reason=reason, cause=cause,
        )  # fmt: skip
        with self.ctx.state.atomic():
            self.ctx.state.journal.end_run(self.id, now, done)
        return done
