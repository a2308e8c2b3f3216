"""When to run: events, the portal's feed, requests and the clock only mark clients dirty; passes follow one another.

A mark is cleared before the scan, so what happens during a pass makes another one. A missed event costs nothing but
time: the full pass sees everything.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from syncd.core.errors import StateFailed, SyncdError, Unreachable, UsageError
from syncd.core.events import Event
from syncd.core.protocol import Caller
from syncd.core.reasons import Reason
from syncd.core.run_result import RunResult
from syncd.core.run_targets import targets
from syncd.core.words import fault
from syncd.engine import unexpected_errors
from syncd.engine.context import Ports, Settings
from syncd.engine.dirty_clients import DirtyClients
from syncd.engine.maintenance import service_requests
from syncd.engine.maintenance.maintenance_run import MaintenanceTask
from syncd.engine.passes import Pass as Pass
from syncd.engine.passes import ScheduledTask, asked, first_due
from syncd.engine.passes import Why as Why
from syncd.engine.run import Run
from syncd.ports.file_events import FileEvents
from syncd.ports.state import Request
from syncd.ports.timetable import Due, Timetable

LISTEN = 50.0  # how long one long-poll waits
LOOK = 0.5  # between two looks for requests
RETRY, LONGEST = 60.0, 900.0  # after a pass that was given up, doubled with each that follows (HAZARDS 63)
LONGEST_AWAY = 60.0
STOPPED = 130  # what ends for whoever asked for it


Done = Callable[[Pass, RunResult, int], None]


class Scheduler:
    """`began` is called before each pass, `done` after it; `stop(code)` ends it after the document in hand."""

    def __init__(
        self,
        ports: Ports,
        settings: Settings,
        events: FileEvents,
        timetable: Timetable,
        interval: float,
        done: Done,
        say: Callable[..., None],
        began: Callable[[Pass], None] = lambda work: None,
        scheduled: Sequence[ScheduledTask] = (),
    ) -> None:
        self.ports, self.settings, self.events, self.timetable = ports, settings, events, timetable
        self.interval, self.done, self.say, self.began, self.scheduled = interval, done, say, began, scheduled
        self.dirty = DirtyClients(settings.settle)
        self.directories: dict[str, str] = {}
        self.requests: list[Request] = []
        self.full_at = 0.0
        self.root_at: float | None = None
        self.wake = asyncio.Event()
        self.away = False
        self.moved = False  # whether the portal's feed is ahead
        self.setbacks, self.rest_until = 0, 0.0  # passes given up in a row; nothing begins by itself before then
        self.silent, self.poll_pause = False, 1.0  # whether it did not answer at all, and until it is asked again
        self.deaf, self.root_seen = False, True
        self.code: int | None = None
        self.run: Run | MaintenanceTask | None = None
        self._how = ""
        self._task: int | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self, code: int) -> None:
        """Called from a signal's handler: between any two instructions."""
        self.code = code
        if self.run is not None:
            self.run.stop(code)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.wake.set)

    async def __call__(self) -> int:
        """Until it is stopped; the code `stop` was given. The first pass is over everything."""
        self._loop = asyncio.get_running_loop()
        self._due: Due | None = self.timetable.next(self.ports.clock.now())
        ears = [asyncio.create_task(self._hear_requests()), asyncio.create_task(self._hear_files())]
        try:
            while self.code is None:
                for ear in ears:
                    if ear.done():
                        ear.result()  # what no ear expects ends the service, and systemd starts it again
                if self.deaf and self.root_seen:  # the disk went away and is back: its old watches tell nothing
                    ears[1].cancel()
                    await asyncio.gather(ears[1], return_exceptions=True)
                    ears[1], self.deaf, self._how = asyncio.create_task(self._hear_files()), False, ""
                work = await self._wait()
                if work is not None:
                    await self._pass_alone(work)
        finally:
            for ear in ears:
                ear.cancel()
            await asyncio.gather(*ears, return_exceptions=True)
        return self.code

    # -- what marks ----------------------------------------------------------------------------------------------------

    async def _hear_files(self) -> None:
        try:
            async for names in self.events.stream():
                if self.events.how != self._how:
                    self._how = self.events.how
                    self.say("watching", how=self._how)
                now = self._now()
                for name in names:
                    client = self.directories.get(name)
                    if client is not None:
                        self.dirty.event(client, now)
                    else:
                        self.root_at = now + self.settings.settle
                self.wake.set()
        except OSError as e:  # the root is away, say: passes find out what, and hearing begins anew when it is back
            self.deaf, self._how = True, ""
            self.say("watching_failed", error=str(e))

    async def _hear_requests(self) -> None:
        heard: set[int] = set()
        while True:
            if self.ports.state.requests.changed():
                there = self.ports.state.requests.open()
                if new := [r for r in there if r.id not in heard]:
                    self.requests += new
                    self.wake.set()
                    for one in new:
                        self.say("request", number=one.id, what=one.kind)
                before, heard = heard, {r.id for r in there}
                for gone in (before - heard) & {self._task, *(r.id for r in self.requests)}:
                    self.say("asker_left", number=gone)
                self.requests = [r for r in self.requests if r.id in heard]
                if self._task is not None and self._task not in heard and self.run is not None:
                    self.run.stop(STOPPED)  # whoever asked wants it no more
            await asyncio.sleep(LOOK)

    async def _listen(self) -> None:
        """The feed's long-poll, until the feed moved: what moved it is told to the pass that this makes."""
        state, settings = self.ports.state, self.settings
        if self.silent:
            await self._leave_alone()
        while True:
            if not self.away:  # what moved the feed is still ahead, and would be said again and again
                await asyncio.sleep(self.rest_until - self._now())
            cursor = state.progress.cursor()
            if cursor is None:  # nobody was greeted yet: the full pass does
                await asyncio.sleep(LISTEN)
                continue
            seen = state.progress.seen() or cursor
            caller = Caller(settings.engine, settings.machine, settings.instance, lease=False, seen=seen)
            try:
                head = await self.ports.remote.poll(caller, cursor, 0.0 if self.away else LISTEN)
            except SyncdError as e:
                if not self.away:
                    self.say("portal_away", error=str(e))
                self.away = self.silent = True
                await self._leave_alone()
                continue
            if self.away:
                self.away = False
                if not self.silent:  # it answers: it is the pass that failed, and the next one waits all the same
                    continue
                self.say("portal_back")
                self.silent, self.full_at, self.rest_until = False, self._now(), 0.0
            elif head != cursor or head.epoch != seen.epoch or head.seq < seen.seq:  # the last two: it was restored
                self.moved = True
            else:
                continue
            self.wake.set()
            return

    async def _leave_alone(self) -> None:
        """A portal that did not answer, for a while that grows until a pass over everything went well."""
        pause, self.poll_pause = self.poll_pause, min(self.poll_pause * 2, LONGEST_AWAY)
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 (jitter, no secret)

    # -- what is due ---------------------------------------------------------------------------------------------------

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    async def _wait(self) -> Pass | None:
        """The next pass, as soon as one is due; None when it is over."""
        listening = asyncio.create_task(self._listen())
        try:
            while self.code is None:
                self.wake.clear()
                if (work := self._work()) is not None:
                    return work
                waking = asyncio.create_task(self.wake.wait())
                await asyncio.wait({waking, listening}, timeout=self._rest(), return_when=asyncio.FIRST_COMPLETED)
                waking.cancel()
                if listening.done():
                    listening.result()
                    listening = asyncio.create_task(self._listen())
            return None
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening

    def _work(self) -> Pass | None:
        now = self._now()
        if self.requests:
            request = self.requests.pop(0)
            scheduled = asked(self.scheduled, request)
            try:
                wanted = targets(request.clients)
            except UsageError as e:
                self._refuse(Pass(Why.ASKED, request=request), e)
                self.wake.set()  # for whoever asked after it
                return None
            places = {code: places for code, places in wanted.items() if places}
            return Pass(
                Why.ASKED, None, frozenset(wanted), request.max_duration, request, places=places, scheduled=scheduled
            )
        if self._due is not None and self._due.at <= self.ports.clock.now():
            due, self._due = self._due, self.timetable.next(self.ports.clock.now())
            return Pass(Why.JOB, None, due.clients, due.max_duration, job=due.name)
        if (task_due := first_due(self.scheduled, now)) is not None:
            return task_due
        if self.rest_until > now:
            return None
        if self.full_at <= now or (self.root_at is not None and self.root_at <= now):
            return Pass(Why.FULL)
        if not self.away and ((ripe := self.dirty.take(now)) or self.moved):
            return Pass(Why.EVENTS, ripe)
        return None

    def _rest(self) -> float:
        """Seconds until something is due by itself."""
        now = self._now()
        times = [self.full_at - now]
        if self.root_at is not None:
            times.append(self.root_at - now)
        if not self.away and self.dirty.next is not None:
            times.append(self.dirty.next - now)
        times = [max(min(times), self.rest_until - now), *(scheduled.due - now for scheduled in self.scheduled)]
        if self._due is not None:
            times.append(min(self._due.at - self.ports.clock.now(), 60.0))  # clocks are set now and then
        return max(0.0, min(times))

    # -- a pass --------------------------------------------------------------------------------------------------------

    async def _pass_alone(self, work: Pass) -> None:
        """What nobody expected ends this pass, not the service."""
        self.moved = False
        try:
            await self._pass(work)
        except Exception as e:
            error = SyncdError(
                f"Unexpected error: {unexpected_errors.note(work.why.value, e)}.", mend="It is in the service's log."
            )
            self.say("pass_failed", error=str(error))
            self.run = None
            self._put_off()
            self._refuse(work, error)

    async def _between(self, work: Pass) -> None:
        """What is no pass: a request's task, or a scheduled one, of which nothing is kept when it had nothing to tell."""
        request, scheduled = work.request, work.scheduled
        task = MaintenanceTask(self.ports, replace(self.settings, only=work.only), lambda event: None)
        count: int | None = None
        touched = frozenset[str]()

        def told(done: int, of: int) -> None:
            if request is not None:
                self.ports.state.requests.report_progress(request.id, done, of, "")

        async def doing() -> None:
            nonlocal count, touched
            if scheduled is not None:
                touched = await scheduled(task.ctx, asked=request)
            elif request is not None:
                count = await service_requests.carry_out(task.ctx, request, told)

        before = self.ports.state.progress.cursor()
        self.run, self._task = task, request.id if request is not None else None
        if self.code is not None:
            task.stop(self.code)
        try:
            result = await task(doing, keeps_nothing=request is None)
        except SyncdError as e:
            self.say("errand_failed", what=request.kind if request is not None else work.job, error=str(e))
            self._refuse(work, e)
            return
        finally:
            self.run = self._task = None
            if self.ports.state.progress.cursor() != before:  # it was greeted, and told of others too
                self.full_at = self._now()
        for client in touched:
            self.dirty.at(client, self._now())
        if result is None:
            return
        result = replace(result, documents=count)
        scope = touched or frozenset(r.id for r in self.ports.state.clients.all() if r.code in work.only)
        self.done(replace(work, scope=scope), result, task.told)
        if request is not None:
            self.ports.state.requests.answer(request.id, task.id, result.as_dict())

    async def _pass(self, work: Pass) -> None:
        if work.maintenance:
            await self._between(work)
            return
        everything = work.scope is None and not work.only
        if everything:
            self.dirty.drop()
            self.root_at, self.full_at = None, self._now() + self.interval
            with contextlib.suppress(StateFailed):
                self.ports.state.progress.change(next_full=self.ports.clock.now() + self.interval)
        settings = replace(
            self.settings, only=work.only, max_duration=work.max_duration, patient=work.why is not Why.EVENTS,
            places=work.places,
        )  # fmt: skip
        count = 0

        def shown(event: Event) -> None:
            nonlocal count
            count += 1
            if work.request is not None:
                self.ports.state.requests.report_progress(work.request.id, count, 0, f"{event.client} {event.path}")

        self.began(work)
        try:
            run = self.run = Run(self.ports, settings, shown, work.scope)
            if self.code is not None:
                run.stop(self.code)
            result = await run()
        except UsageError as e:
            if work.request is None:
                self.say("pass_refused", error=str(e))
            self._refuse(work, e)
            return
        except StateFailed as e:
            self.say("state_failed", error=str(e))
            self.run = None
            self._put_off()
            self._refuse(work, e)
            return
        self.run = None
        self._afterwards(work, run, result)
        scope = run.scope if not work.only else frozenset(c.id for c in run.clients)
        whole = work.why is Why.EVENTS and scope is None  # asked for at the desk while this one had just begun
        self.done(replace(work, scope=scope, why=Why.FULL if whole else work.why), result, run.told)
        if work.request is not None:
            self.ports.state.requests.answer(work.request.id, run.id, result.as_dict())

    def _refuse(self, work: Pass, error: SyncdError) -> None:
        """Whoever asked for this pass and waits is told, where the state can still be written."""
        if work.request is not None:
            with contextlib.suppress(StateFailed):
                french = str(fault(error, "fr"))
                answer = {"error": str(error), "french": french, "exit_code": error.exit_code}
                self.ports.state.requests.answer(work.request.id, 0, answer)

    def _afterwards(self, work: Pass, run: Run, result: RunResult) -> None:
        now = self._now()
        self.directories = {r.dir: r.id for r in self.ports.state.clients.all() if r.dir and not r.closed}
        self.events.follow(self.directories)
        for client in run.young:
            self.dirty.at(client, now + self.settings.settle)
        if work.only:  # greeted, it was told of others too
            if run.touched is None:
                self.full_at = now
            for client in (run.touched or frozenset()) - {c.id for c in run.clients}:
                self.dirty.at(client, now)
        self.root_seen = result.reason != Reason.STOP_ROOT_MARKER
        self.deaf |= not self.root_seen
        if not result.abandoned:
            if run.scope is None and not work.only:
                self.setbacks, self.poll_pause = 0, 1.0
        elif self.code is None:
            failed = result.exit_code == Unreachable.exit_code
            self.away = self.away or failed  # the long-poll says if it is so
            self.silent = not run.greeted and (self.silent or failed)
            self._put_off(grows=self.root_seen)

    def _put_off(self, *, grows: bool = True) -> None:
        """A pass was given up: everything is looked at after a pause, and nothing before. `grows`: not where nobody is
        asked for anything in vain."""
        self.setbacks += grows
        pause = min(RETRY * 2 ** min(max(self.setbacks - 1, 0), 10), LONGEST) if grows else RETRY
        self.full_at = self.rest_until = self._now() + pause
