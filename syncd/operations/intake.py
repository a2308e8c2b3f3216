"""One pass of the robot: scans are taken, put online by an ordinary pass over their clients, and their sources put away."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from syncd.core.words import faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from syncd.config.model import Config
    from syncd.core.run_result import RunResult
    from syncd.engine.context import Context, Ports, Settings
    from syncd.jobs.intake.intake import Done
    from syncd.operations.observer import Observer
    from syncd.wiring.assembly import Store


def intake(config: Config, observer: Observer, *, dry_run: bool) -> RunResult:
    """How it ended. While a service works it is the service's to do. Raises UsageError where there is no share, SyncdError."""
    from syncd.core.errors import AlreadyRunning, UsageError
    from syncd.jobs.intake.scheduled import NAME
    from syncd.operations.service_request import ask, tell
    from syncd.wiring import assembly, service_parts

    if not config.intake.root:
        raise UsageError(faults.NO_SHARE.of(), mend=faults.NO_SHARE_MEND.of())
    if dry_run:
        return asyncio.run(_Pass(config, observer, dry_run=True).whole())
    try:
        with assembly.lock(config):
            return asyncio.run(_Pass(config, observer, dry_run=False).whole())
    except AlreadyRunning:
        if not service_parts.service_runs(config):
            raise
    with observer.working("") as how_far:
        result = ask(config, (), how_far, observer, kind=NAME)
    tell(config, result, observer)
    return result


class _Pass:
    def __init__(self, config: Config, observer: Observer, *, dry_run: bool) -> None:
        from syncd.jobs.intake.intake import Intake
        from syncd.jobs.intake.scheduled import options

        self.config, self.observer, self.dry_run = config, observer, dry_run
        self.robot = Intake(options(config))
        self._stop: Callable[[int], object] = lambda code: None
        self._stopped = 0
        self._about = frozenset[str]()  # ids of clients

    async def whole(self) -> RunResult:
        from syncd.operations.run import post
        from syncd.wiring import assembly, report_writing

        store = (
            assembly.store(self.config, writes=False) if self.dry_run else assembly.sound_store(self.config)
        )  # fmt: skip
        settings = assembly.settings(self.config, store, dry_run=self.dry_run)
        ports = assembly.ports(self.config, store)
        try:
            with self.observer.stopping(self._ask_to_stop), self.observer.working(""):
                result = await self._steps(ports, settings, store)
            text = report_writing.render_run(self.config, store, result)
            if not self.dry_run:
                await post(self.config, store, result, self._about, self.observer)
        finally:
            await ports.remote.close()
            store.close()
        self.observer.ended(result, 1, lambda: text)
        return result

    async def _steps(self, ports: Ports, settings: Settings, store: Store) -> RunResult:
        """Look twice where something is still being written; publish; put away what is proved."""
        done, result = await self._look(ports, settings, store, counts=True)
        if done.young and not self._stopped:
            await asyncio.sleep(done.young)
            again, more = await self._look(ports, settings, store, counts=False)
            done, result = _both(done, again), together(result, more)
        if self.dry_run or self._stopped or not (done.placed or done.waiting):
            return result
        result = together(result, await self._publish(ports, settings, store, done.placed | done.waiting))
        if not self._stopped:
            _, last = await self._look(ports, settings, store, counts=False)
            result = together(result, last)
        return result

    async def _look(self, ports: Ports, settings: Settings, store: Store, *, counts: bool) -> tuple[Done, RunResult]:
        from syncd.engine.maintenance.maintenance_run import MaintenanceTask
        from syncd.jobs.intake.intake import Done

        task = MaintenanceTask(ports, settings, self.observer.event)
        self._stop = task.stop
        done = Done()

        async def work(ctx: Context) -> None:
            nonlocal done
            done = await asyncio.to_thread(partial(self.robot, ctx, counts=counts))

        result = await task(partial(work, task.ctx))
        return done, self._kept(store, result)

    async def _publish(self, ports: Ports, settings: Settings, store: Store, clients: frozenset[str]) -> RunResult:
        from msgspec.structs import replace

        from syncd.engine.run import Run

        self._about = clients
        codes = frozenset(r.code for r in store.clients.all() if r.id in clients)
        job = Run(ports, replace(settings, only=codes), self.observer.event)
        self._stop = job.stop
        return self._kept(store, await job())

    def _kept(self, store: Store, result: RunResult) -> RunResult:
        from syncd.operations.reporting import kept
        from syncd.wiring import report_writing

        if self.dry_run:
            return result
        return kept(
            self.config, store, result, report_writing.render_run(self.config, store, result), self.observer.warn
        )

    def _ask_to_stop(self, code: int) -> None:
        self._stopped = code
        self._stop(code)


def _both(first: Done, second: Done) -> Done:
    from msgspec.structs import replace

    return replace(second, placed=first.placed | second.placed)


def together(first: RunResult, second: RunResult) -> RunResult:
    """Of two runs that were one to whoever asked: what both did, and the worse end."""
    from msgspec.structs import replace

    from syncd.core.verdicts import Verdict, exit_code

    order = (Verdict.DONE, Verdict.WARNING, Verdict.BUDGET, Verdict.ERROR, Verdict.ABANDONED)
    worse = max(first, second, key=lambda r: order.index(r.verdict) if r.verdict in order else 0)
    counts = {name: first.count(name) + second.count(name) for name in {**first.counts, **second.counts}}
    codes = {code for code in (first.exit_code, second.exit_code) if code}
    return replace(
        worse, counts=counts, exit_code=exit_code(codes), run=first.run, started=first.started, ended=second.ended,
        waiting=tuple(sorted({*first.waiting, *second.waiting})), stopped=tuple(sorted({*first.stopped, *second.stopped})),
        requests=first.requests + second.requests, bytes_up=first.bytes_up + second.bytes_up,
        bytes_down=first.bytes_down + second.bytes_down, unwritten=first.unwritten or second.unwritten,
    )  # fmt: skip
