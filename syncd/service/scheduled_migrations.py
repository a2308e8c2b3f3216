"""Migrations of the calendar: one after the other, beside the passes, which publish what they copied."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from syncd.config.model import Config
from syncd.core.desk_tasks import Launch
from syncd.schedule.job import Job
from syncd.service.migration_launcher import MigrationLauncher

NAP = 60.0  # seconds after which the clock is looked at again: somebody may have set it


class ScheduledMigrations:
    """`told`: hears what became of each job. `now`, `sleep`: as the clock gives them."""

    def __init__(
        self,
        config: Config,
        launcher: MigrationLauncher,
        told: Callable[[str, Launch], None] = lambda name, launch: None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._config, self._launcher, self._told = config, launcher, told
        self._now, self._sleep = now, sleep
        self._jobs = [job for job in config.jobs if job.migrate]

    async def ticking(self) -> None:
        """Until it is cancelled: then the document in hand is the last one. What came due during a launch is left out."""
        after = self._now()
        while (due := self._next(after)) is not None:
            at, job = due
            while (left := at - self._now()) > 0:
                await self._sleep(min(left, NAP))
            self._told(job.name, await self._launcher.launch(job))
            after = max(at, self._now())

    def _next(self, after: float) -> tuple[float, Job] | None:
        moment = datetime.fromtimestamp(after, ZoneInfo(self._config.timezone))
        coming = [(at.timestamp(), n, job) for n, job in enumerate(self._jobs) if (at := job.next(moment)) is not None]
        if not coming:
            return None
        first, _, job = min(coming, key=lambda one: one[:2])
        return first, job
