"""The service put together: a watch whose passes are reported, logged, and told to whoever should know."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from syncd.config.model import Config
from syncd.core.alert_timing import Trouble
from syncd.core.desk_tasks import Launch
from syncd.core.errors import StateFailed, SyncdError
from syncd.core.reasons import Reason
from syncd.core.run_result import RunResult
from syncd.core.verdicts import COUNTS, Verdict
from syncd.engine import unexpected_errors
from syncd.engine.passes import ScheduledTask
from syncd.engine.scheduler import Pass, Scheduler, Why
from syncd.jobs.client_register.nightly import NightlyRegister
from syncd.jobs.intake.scheduled import ScheduledIntake
from syncd.jobs.packages.at_cabinet import home_of
from syncd.jobs.packages.scheduled import ScheduledPackages, withdraw_all
from syncd.service import day_end
from syncd.service.desk_tasks import DeskTasks
from syncd.service.notifier import Notifier
from syncd.service.package_orders import PackageOrders
from syncd.wiring import assembly, report_writing, service_parts
from syncd.wiring.assembly import Store

if TYPE_CHECKING:
    from syncd.schedule.job import Job
    from syncd.service.migration_launcher import MigrationLauncher

TICK = 30.0
PINGED = 3.0  # seconds that the last pass's end is given to reach the health check


@contextlib.asynccontextmanager
async def opened(config: Config, say: Callable[..., None]) -> AsyncIterator[Scheduler]:
    """A watch ready to be called; everything it holds is closed afterwards."""
    store = assembly.sound_store(config)
    ports = assembly.ports(config, store)
    try:
        settings = assembly.settings(config, store)
        store.requests.drop()
        withdraw_all(home_of(config))
        robot = ScheduledIntake(config, asyncio.get_running_loop().time) if config.intake.root else None
        reporter = Reporter(config, store, say, robot)
        migrate = Migrations(config, store, reporter.log)
        desk = reporter.desk = DeskTasks(config, store, settings.instance, reporter.log, migrate)
        packages = ScheduledPackages(config)
        orders = reporter.packages = PackageOrders(config, store, settings.instance, reporter.log, packages)
        beside = [
            asyncio.create_task(reporter.ticking()), asyncio.create_task(migrate.ticking(desk.job_done)),
            asyncio.create_task(desk.ticking()), asyncio.create_task(orders.ticking()),
        ]  # fmt: skip
        try:
            scheduler = Scheduler(
                ports,
                settings,
                service_parts.file_events(config),
                service_parts.timetable(config),
                config.schedule.interval,
                reporter,
                reporter.log,
                reporter.began,
                _scheduled(config, robot, packages),
            )
            if robot is not None:
                heard = service_parts.share_events(config)
                beside.append(asyncio.create_task(robot.listen(heard, scheduler.wake.set)))
            yield scheduler
        finally:
            reporter.pinger.close(PINGED)
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
    finally:
        await ports.remote.close()
        store.close()


def _scheduled(config: Config, robot: ScheduledIntake | None, packages: ScheduledPackages) -> tuple[ScheduledTask, ...]:
    """What is done between two passes, besides what is asked for."""
    if robot is None:
        return (packages,)
    return robot, NightlyRegister(config, asyncio.get_running_loop().time), packages


class Migrations:
    """Those of the configuration's calendar, and of the desk's tasks; nothing is loaded before there is one."""

    def __init__(self, config: Config, store: Store, say: Callable[..., None]) -> None:
        self._config, self._store, self._say = config, store, say
        self._loaded: MigrationLauncher | None = None

    async def __call__(self, job: Job) -> Launch:
        return await self._launcher().launch(job)

    async def ticking(self, told: Callable[[str, Launch], None]) -> None:
        if any(job.migrate for job in self._config.jobs):
            from syncd.service.scheduled_migrations import ScheduledMigrations

            await ScheduledMigrations(self._config, self._launcher(), told).ticking()

    def _launcher(self) -> MigrationLauncher:
        from syncd.service.migration_launcher import MigrationLauncher

        if self._loaded is None:
            self._loaded = MigrationLauncher(self._config, self._store, self._say)
        return self._loaded


class Reporter:
    """Called after each pass: its report, its journals, its line in the log, the health check."""

    def __init__(
        self, config: Config, store: Store, say: Callable[..., None], robot: ScheduledIntake | None = None
    ) -> None:  # fmt: skip
        self.config, self.store, self.say, self.robot = config, store, say, robot
        self.desk: DeskTasks | None = None
        self.packages: PackageOrders | None = None
        self._last, self._held = "", ""
        self.pinger = service_parts.Pinger(config)
        self.post = Notifier(config, store, say)
        self._pass = asyncio.Event()
        self._unremembered = self._told_of_it = False  # whether the state cannot be written, and people know

    async def ticking(self) -> None:
        """The guards' day and the mail: soon after each pass, and by the clock."""
        while True:
            try:
                if self._unremembered and not self._told_of_it:
                    self._told_of_it = await self.post.tell_unremembered(time.time())
                day_end.end(self.config, self.store, time.time())
                self.post.tick(time.time())
                await self.post.deliver(time.time())
            except SyncdError as e:
                self.say("mail_failed", error=str(e))
            except Exception as e:
                self.say("mail_failed", error=unexpected_errors.note("mail", e))
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._pass.wait(), TICK)
            self._pass.clear()

    def log(self, event: str, **fields: Any) -> None:
        """A line in the log. That the state cannot be written is told to people too, though no pass comes to its end."""
        if event == "state_failed":
            self._unremembered = True
            self._pass.set()
        self.say(event, **fields)

    def began(self, work: Pass) -> None:
        if not work.maintenance and work.why is not Why.EVENTS:
            self.pinger.started()

    def __call__(self, work: Pass, result: RunResult, told: int) -> None:
        if self.robot is not None and work.scheduled is None:
            self.robot.passed()
        if self.desk is not None:
            self.desk.passed(work, result)
        if self.packages is not None:
            self.packages.passed()
        self._write(work, result, told)
        try:
            if self._told_of_it and result.reason != Reason.STATE_FAILED:
                self._remembers(result.started)
            self.post.after(result, work.scope, result.ended)
        except StateFailed as e:
            self.log("state_failed", error=str(e))
        except SyncdError as e:
            self.say("mail_failed", error=str(e))
        except Exception as e:
            self.say("mail_failed", error=unexpected_errors.note("mail", e))
        self._pass.set()
        counts = {name: result.counts[name] for name in COUNTS if name != "folders" and result.count(name)}
        if counts or result.verdict is not Verdict.DONE or work.why is not Why.EVENTS:
            extra = {"error": result.message} if result.message else {}
            self.say(
                "pass", why=work.job or work.why.value, run=result.run, verdict=result.verdict.value,
                seconds=round(result.ended - result.started, 2), waiting=" ".join(result.waiting), **counts, **extra,
            )  # fmt: skip
        if not work.maintenance and (work.why is not Why.EVENTS or result.abandoned):
            self.pinger.ended(result)

    def _remembers(self, now: float) -> None:
        """The state can be written again: what was told without it is known from now on, so that its end is told too."""
        known = Trouble(":abandoned", "", "abandoned", Reason.STATE_FAILED.value, since=now, told=now)
        self.store.outboxes.put_troubles([*self.store.outboxes.troubles().values(), known])
        self._unremembered = self._told_of_it = False

    def _write(self, work: Pass, result: RunResult, told: int) -> None:
        """The pass's files and journals. What cannot be written is a line in the log."""
        said = f"{result.verdict} {result.message}"
        try:
            text = report_writing.render_run(self.config, self.store, result)
            if (
                told or said != self._last or self.store.progress.read().reports_unwritten
            ):  # the same failure every minute is one report
                day = work.why is Why.EVENTS
                if why := report_writing.keep_reports(self.config, self.store, result, text, day=day):
                    self.say("report_failed", error=why)
            else:
                report_writing.keep_journals(self.config, self.store)
            held = report_writing.held(self.store)
            if held and held != self._held:  # open in a spreadsheet all day is one line
                self.say("journals_held", error=held)
            self._last, self._held = said, held
        except Exception as e:
            self.say("report_failed", error=unexpected_errors.note("report", e))
