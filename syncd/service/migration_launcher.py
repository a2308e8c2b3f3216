"""Launches a migration beside the passes, one at a time, and remembers what kept it from its end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from syncd.config.model import Config
from syncd.core import words
from syncd.core.desk_tasks import Launch
from syncd.core.errors import StateFailed, SyncdError
from syncd.core.migration.report import MigrationReport
from syncd.core.reasons import Reason
from syncd.core.verdicts import Verdict
from syncd.core.words import fault
from syncd.core.words import migration as said
from syncd.engine import unexpected_errors
from syncd.jobs.migrate import launch
from syncd.jobs.migrate.migration import Migration
from syncd.schedule.job import Job
from syncd.wiring.assembly import Store

ENDED = 143
Task = Callable[[Config, Job, Callable[[Migration], object]], MigrationReport]


class _Begun:
    """What is launched, and can be stopped as soon as it has begun."""

    def __init__(self) -> None:
        self._launched: Migration | None = None
        self._ending = False

    def __call__(self, launched: Migration) -> None:
        self._launched = launched
        if self._ending:
            launched.stop(ENDED)

    def stop(self) -> None:
        self._ending = True
        if self._launched is not None:
            self._launched.stop(ENDED)


class MigrationLauncher:
    """`task`, `now`: as the launch and the clock give them."""

    def __init__(
        self,
        config: Config,
        store: Store,
        say: Callable[..., None],
        task: Task = launch.task,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._config, self._store, self._say, self._task, self._now = config, store, say, task, now
        self._one = asyncio.Lock()

    async def launch(self, job: Job) -> Launch:
        """What became of it, whatever that is. Cancelled, it ends after the document in hand, and is waited for."""
        async with self._one:
            started, begun = self._now(), _Begun()
            launching = asyncio.create_task(asyncio.to_thread(self._task, self._config, job, begun))
            try:
                report = await asyncio.shield(launching)
            except asyncio.CancelledError:
                begun.stop()
                with contextlib.suppress(Exception):
                    await launching
                raise
            except SyncdError as e:
                self._say("migration_failed", job=job.name, error=str(e))
                return self._given_up(started, str(fault(e, self._config.language)), e.reason, e.cause)
            except OSError as e:  # its report alone could not be written
                self._say("report_failed", error=e.strerror or str(e))
                self._remember("")
                return Launch(started, self._now(), Verdict.WARNING.value, cause=e.strerror or str(e))
            except Exception as e:
                self._say("migration_failed", job=job.name, error=unexpected_errors.note("migration", e))
                why = words.reason(Reason.UNEXPECTED, "", self._config.language)
                return self._given_up(started, why, Reason.UNEXPECTED.value)
            return self._done(job, report, started)

    def _given_up(self, started: float, why: str, reason: str, cause: str = "") -> Launch:
        self._remember(why)
        known = reason in said.REASONS or reason in words.REASONS
        verdict = Verdict.ABANDONED.value
        return Launch(started, self._now(), verdict, reason=reason if known else "", cause=cause if known else why)

    def _done(self, job: Job, report: MigrationReport, started: float) -> Launch:
        clients = report.clients
        copied, failed = sum(c.copied for c in clients), sum(c.failed for c in clients)
        self._say(
            "migration", job=job.name, run=report.run, verdict=report.verdict.value,
            seconds=round(report.ended - report.started, 2), copied=copied, failed=failed, waiting=" ".join(report.waiting),
        )  # fmt: skip
        self._remember(_trouble(report, self._config.language))
        counts = {name: count for name, count in (("copied", copied), ("problems", failed)) if count}
        return Launch(started, self._now(), report.verdict.value, counts, report.reason, report.detail)

    def _remember(self, why: str) -> None:
        """For whoever gets mail: told with the next pass, once, and its end."""
        try:
            if self._store.progress.read().migration_failed != why:
                self._store.progress.change(migration_failed=why)
        except StateFailed as e:
            self._say("state_failed", error=str(e))


def _trouble(report: MigrationReport, language: str) -> str:
    """What somebody has to mend, '' where nothing kept the launch from its end. What was refused is in the report."""
    if report.reason:
        own = said.REASONS.get(report.reason)
        return own(language) if own is not None else words.reason(report.reason, "", language)
    if report.verdict is Verdict.ERROR:
        return ", ".join(f"{c.code} : {words.reason(c.stopped, '', language)}" for c in report.clients if c.stopped)
    return ""
