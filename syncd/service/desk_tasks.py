"""Tasks that people planned at the portal's desk: taken from there, done at their times beside the passes, and told of.

A synchronisation is asked of the service as any other process asks for it; a migration is what a job of the configuration
does. What came due while the service was stopped, or during a task's own launch, is left out, as it is for jobs.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from datetime import time as clock
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from syncd.config.model import Config
from syncd.core.desk_tasks import (
    MOST_MINUTES,
    ConfiguredJob,
    DeskTask,
    Frequency,
    HeldTasks,
    Kind,
    Launch,
    TaskReport,
    TaskState,
    When,
    calendar_text,
    job_key,
)
from syncd.core.errors import StateFailed, SyncdError
from syncd.core.reasons import Reason
from syncd.core.run_result import RunResult
from syncd.core.verdicts import COUNTS, Verdict
from syncd.engine import unexpected_errors
from syncd.engine.passes import Pass
from syncd.ports.task_desk import TaskDesk
from syncd.schedule.calendar import calendar
from syncd.schedule.job import Job
from syncd.wiring import assembly
from syncd.wiring.assembly import Store

NAP = 60.0  # seconds after which the clock is looked at again: somebody may have set it
LATE = 300.0  # a task of one moment that is taken so many seconds after it is still done
LOOK = 1.0  # seconds between two looks for the answer of a pass that was asked for
RUNNING, ABANDONED = Verdict.RUNNING.value, Verdict.ABANDONED.value
Migrate = Callable[[Job], Awaitable[Launch]]


class DeskTasks:
    """`migrate`: launches one, and is cancelled to end it. `desk`: the portal's, for one exchange. `asked`: the state as another
    process meets the service in it. `passed` and `job_done` are told what became of the configuration's jobs."""

    def __init__(
        self,
        config: Config,
        store: Store,
        instance: str,
        say: Callable[..., None],
        migrate: Migrate,
        desk: Callable[[Config], TaskDesk] = assembly.task_desk,
        asked: Callable[[Config], Store] = assembly.store_of_service,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._config, self._store, self._instance, self._say = config, store, instance, say
        self._migrate, self._desk, self._asked, self._now = migrate, desk, asked, now
        self._zone = ZoneInfo(config.timezone)
        self._held = store.progress.read().desk_tasks
        self._after = dict.fromkeys((task.id for task in self._held.tasks), now())
        self._running: dict[str, asyncio.Task[None]] = {}
        self._told: TaskReport | None = None
        self._fault = ""
        self._wake = asyncio.Event()

    # -- what others tell ----------------------------------------------------------------------------------------------

    def passed(self, work: Pass, result: RunResult) -> None:
        """A pass has ended: the portal may have named a change, and a job's is remembered."""
        if work.job and work.scheduled is None:
            counts = {name: count for name in COUNTS if (count := result.count(name))}
            done = Launch(result.started, result.ended, result.verdict.value, counts, result.reason, result.cause)
            self.job_done(work.job, done)
        self._wake.set()

    def job_done(self, name: str, done: Launch) -> None:
        self._remember(job_key(name), done)
        self._wake.set()

    # -- by the clock --------------------------------------------------------------------------------------------------

    async def ticking(self) -> None:
        """Until it is cancelled: then what is being done ends after the document in hand."""
        self._end_what_was_killed()
        try:
            while True:
                self._wake.clear()
                await self.tick()
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._rest())
        finally:
            ending = list(self._running.values())
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    async def tick(self) -> None:
        """One look: at the portal where there is something to hear or to say, and at the clock."""
        try:
            await self._exchange()
            self._fault = ""
        except SyncdError as e:
            if str(e) != self._fault:
                self._fault = str(e)
                self._say("tasks_failed", error=self._fault)
        for task in self._tasks():
            if task.id not in self._running and (at := self._next(task)) is not None and at <= self._now():
                self._remember(task.id, Launch(self._now(), verdict=RUNNING))
                self._running[task.id] = asyncio.create_task(self._do(task))
                self._wake.set()

    def _rest(self) -> float:
        idle = (task for task in self._tasks() if task.id not in self._running)
        times = [at - self._now() for task in idle if (at := self._next(task)) is not None]
        return max(0.0, min([NAP, *times]))

    def _tasks(self) -> tuple[DeskTask, ...]:
        """None where the portal is of a version that knows no tasks."""
        return self._held.tasks if self._store.progress.read().tasks_told else ()

    def _next(self, task: DeskTask) -> float | None:
        """Its first moment that was not looked at yet."""
        try:
            start = datetime.combine(task.when.first, _clock(task.when), self._zone)
            job = Job(task.id, calendar(calendar_text(task.when)))
            after = max(self._after.get(task.id, self._now()), start.timestamp() - 1.0)
            found = job.next(datetime.fromtimestamp(after, self._zone))
        except (ValueError, OverflowError):  # of a later version, or beyond what any calendar has
            return None
        return found.timestamp() if found is not None else None

    # -- with the portal -----------------------------------------------------------------------------------------------

    async def _exchange(self) -> None:
        progress = self._store.progress.read()
        report = self._report()
        if not progress.tasks_told or (progress.tasks_told == self._held.revision and report == self._told):
            return
        desk = self._desk(self._config)
        try:
            found = await desk.exchange(report)
        finally:
            await desk.close()
        before = {task.id: task for task in self._held.tasks}
        now = self._now()
        for task in found.tasks:
            if before.get(task.id) != task:
                self._after[task.id] = now - LATE if task.when.frequency == Frequency.ONCE else now
        self._put(replace(self._held, revision=found.revision, tasks=found.tasks))
        if found.revision != progress.tasks_told:  # it moved on since the last greeting
            self._store.progress.change(tasks_told=found.revision)
        wanted = {task.id for task in found.tasks}
        for gone in self._running.keys() - wanted:  # switched off, or taken away: it ends after the document in hand
            self._running[gone].cancel()
        self._told = report
        if self._report() != report:  # what is new has its next moment to tell
            self._wake.set()

    def _report(self) -> TaskReport:
        last = self._held.last
        states = tuple(
            TaskState(task.id, self._next(task) or 0.0, last.get(task.id, Launch())) for task in self._held.tasks
        )
        names = tuple(old.name for old in self._config.old_trees)
        return TaskReport(self._instance, names, tuple(self._job(job) for job in self._config.jobs), states)

    def _job(self, job: Job) -> ConfiguredJob:
        at = job.next(datetime.fromtimestamp(self._now(), self._zone))
        kind = Kind.MIGRATE if job.migrate else Kind.SYNCHRONISE
        return ConfiguredJob(
            job.name, job.calendar.text, kind.value, tuple(sorted(job.clients)), job.active, job.start,
            round((job.max_duration or 0.0) / 60), at.timestamp() if at is not None else 0.0,
            self._held.last.get(job_key(job.name), Launch()),
        )  # fmt: skip

    # -- doing ---------------------------------------------------------------------------------------------------------

    async def _do(self, task: DeskTask) -> None:
        started = self._now()
        self._say("task", task=task.kind, what=task.source, began=True)
        done = Launch(started, started, ABANDONED)
        try:
            done = await (self._synchronise(task) if task.kind == Kind.SYNCHRONISE else self._migration(task))
        except asyncio.CancelledError:
            done = replace(done, ended=self._now())
        except SyncdError as e:
            done = replace(done, ended=self._now(), reason=e.reason, cause=e.cause if e.reason else e.message)
        except Exception as e:
            why = unexpected_errors.note("task", e)
            self._say("tasks_failed", error=why)
            done = replace(done, ended=self._now(), reason=Reason.UNEXPECTED.value)
        finally:
            self._after[task.id] = self._now()
            del self._running[task.id]
            self._remember(task.id, done)
            self._say("task", task=task.kind, what=task.source, verdict=done.verdict)
            self._wake.set()

    async def _synchronise(self, task: DeskTask) -> Launch:
        started, store = self._now(), self._asked(self._config)
        try:
            asked = store.requests.ask((), task.max_minutes * 60.0 or None)
            try:
                while True:  # the database is where processes meet: it tells nobody
                    if (answer := store.requests.answered(asked)) is not None:
                        break
                    await asyncio.sleep(LOOK)
            except asyncio.CancelledError:
                store.requests.withdraw(asked)
                raise
        finally:
            store.close()
        said = answer[1]
        if "error" in said:
            return Launch(started, self._now(), ABANDONED, cause=said.get("french") or said["error"])
        counts = {name: said[name] for name in COUNTS if said.get(name)}
        return Launch(
            started, self._now(), said["verdict"], counts, said.get("reason", ""), said.get("cause", "")
        )  # fmt: skip

    async def _migration(self, task: DeskTask) -> Launch:
        now = self._now()
        if task.kind != Kind.MIGRATE:  # of a later version
            return Launch(now, now, ABANDONED)
        old = next((old for old in self._config.old_trees if old.name == task.source), None)
        if old is None:
            return Launch(now, now, ABANDONED, reason="unknown_source")
        minutes = min(task.max_minutes, MOST_MINUTES)
        when = calendar(calendar_text(task.when))
        return await self._migrate(
            Job(old.name, when, max_duration=minutes * 60.0 or None, migrate=old.path, map=old.map)
        )

    # -- what is remembered --------------------------------------------------------------------------------------------

    def _end_what_was_killed(self) -> None:
        for key, last in self._held.last.items():
            if last.verdict == RUNNING:
                self._remember(key, replace(last, ended=self._now(), verdict=ABANDONED))

    def _remember(self, key: str, done: Launch) -> None:
        known = {task.id for task in self._held.tasks} | {job_key(job.name) for job in self._config.jobs}
        last = {k: v for k, v in self._held.last.items() if k in known}
        self._put(replace(self._held, last={**last, **({key: done} if key in known else {})}))

    def _put(self, held: HeldTasks) -> None:
        self._held = held
        try:
            self._store.progress.change(desk_tasks=held)
        except StateFailed as e:
            self._say("state_failed", error=str(e))


def _clock(when: When) -> clock:
    return clock(when.minute // 60, when.minute % 60)
