"""Migrations of the calendar: one after the other, beside the passes, which publish what they copied."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from syncd.config.model import Config
from syncd.core import words
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

NAP = 60.0  # seconds after which the clock is looked at again: somebody may have set it
ENDED = 143


class ScheduledMigrations:
    """`task`, `now`, `sleep`: as the launcher and the clock give them."""

    def __init__(
        self,
        config: Config,
        store: Store,
        say: Callable[..., None],
        task: Callable[[Config, Job, Callable[[Migration], object]], MigrationReport] = launch.task,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._config, self._store, self._say = config, store, say
        self._task, self._now, self._sleep = task, now, sleep
        self._jobs = [job for job in config.jobs if job.migrate]
        self._launched: Migration | None = None
        self._ending = False

    async def ticking(self) -> None:
        """Until it is cancelled: then the document in hand is the last one. What came due during a launch is left out."""
        after = self._now()
        while (due := self._next(after)) is not None:
            at, job = due
            while (left := at - self._now()) > 0:
                await self._sleep(min(left, NAP))
            await self._launch(job)
            after = max(at, self._now())

    def _next(self, after: float) -> tuple[float, Job] | None:
        moment = datetime.fromtimestamp(after, ZoneInfo(self._config.timezone))
        coming = [(at.timestamp(), n, job) for n, job in enumerate(self._jobs) if (at := job.next(moment)) is not None]
        if not coming:
            return None
        first, _, job = min(coming, key=lambda one: one[:2])
        return first, job

    async def _launch(self, job: Job) -> None:
        self._launched = None
        launching = asyncio.create_task(asyncio.to_thread(self._task, self._config, job, self._begun))
        try:
            report = await asyncio.shield(launching)
        except asyncio.CancelledError:
            self._ending = True
            if self._launched is not None:
                self._launched.stop(ENDED)
            with contextlib.suppress(Exception):
                await launching
            raise
        except SyncdError as e:
            self._say("migration_failed", job=job.name, error=str(e))
            self._remember(str(fault(e, self._config.language)))
        except OSError as e:
            self._say("report_failed", error=e.strerror or str(e))
            self._remember("")
        except Exception as e:
            why = unexpected_errors.note("migration", e)
            self._say("migration_failed", job=job.name, error=why)
            self._remember(words.reason(Reason.UNEXPECTED, "", self._config.language))
        else:
            self._tell(job, report)

    def _begun(self, launched: Migration) -> None:
        self._launched = launched
        if self._ending:
            launched.stop(ENDED)

    def _tell(self, job: Job, report: MigrationReport) -> None:
        clients = report.clients
        self._say(
            "migration", job=job.name, run=report.run, verdict=report.verdict.value,
            seconds=round(report.ended - report.started, 2), copied=sum(c.copied for c in clients),
            failed=sum(c.failed for c in clients), waiting=" ".join(report.waiting),
        )  # fmt: skip
        self._remember(_trouble(report, self._config.language))

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
