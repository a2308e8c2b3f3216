"""One pass: observe → scan → plan → review → carry out → tell. Read this first."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from syncd.core import paths, words
from syncd.core.errors import StateFailed, SyncdError, UsageError, WornOut
from syncd.core.events import REFUSALS, STORMS, Event, shown
from syncd.core.folder_rules import Direction
from syncd.core.ignore_patterns import PATTERNS
from syncd.core.protocol import ClientDone, Hello, OpenReport, RunSummary, WaitingLines
from syncd.core.restored_backups import MOST
from syncd.core.verdicts import TECHNICAL, exit_code, summary
from syncd.engine import pending_approvals, unexpected_errors
from syncd.engine.apply.batch_size import bounded
from syncd.engine.apply.downloads import Downloads
from syncd.engine.apply.local import LocalWork, settle_intents
from syncd.engine.apply.remote import RemoteWork
from syncd.engine.apply.uploads import Uploads
from syncd.engine.context import Emit, Job, Parts, Settings, Stop
from syncd.engine.decide import mass_disappearance
from syncd.engine.decide.review import Cabinet, plan_alone, review_all, review_client
from syncd.engine.decide.scope import keep_to
from syncd.engine.interruptible_remote import Cut, InterruptibleRemote
from syncd.engine.maintenance.retention import sweep
from syncd.engine.open import disk_traits, scan
from syncd.engine.open.portal import greet, learn
from syncd.engine.open.prescan import Prescan
from syncd.engine.open.recovery import key_of, marker, reconciled, recover, root_marker, seal_anew
from syncd.engine.open.scan import check_root, find_directories, own_folders, put_away, scan_portions
from syncd.engine.recorder import NOBODY, Recorder
from syncd.ports.local import RootMarker
from syncd.ports.state import ClientRow

SKEW = 120.0
MOST_REPORTS = 1000
_SHOWN = (*REFUSALS, *TECHNICAL, *STORMS)
RESUME = "resume_at"  # the client whose turn it was when a run was stopped
HEAD_START = 0.005  # seconds: a request that is on its way is not held up by a thread that computes
CLOCK = "-clock"  # under which name a skew is remembered as told


class Run:
    """Holds what one pass shares; `stop(code)` ends it after the document in hand.

    `scope`: ids of the clients something happened to, here or as the portal says when it is greeted; None: all clients.
    `meanwhile`: called in a thread with number and start, when all is told, while the portal takes the summary.
    """

    def __init__(
        self,
        parts: Parts,
        settings: Settings,
        emit: Emit,
        scope: frozenset[str] | None = None,
        meanwhile: Callable[[int, float], None] = lambda run, started: None,
    ) -> None:
        self.settings, self.scope = settings, scope
        self._meanwhile = meanwhile
        self.told = self.generation = 0
        self.recorder = Recorder(parts, settings, self._show)
        self.parts = replace(parts, remote=InterruptibleRemote(parts.remote, self.recorder))
        self._asked_before = parts.remote.requests
        self._emit = emit
        self.jobs: list[Job] = []
        self.greeted = False
        self.touched: frozenset[str] | None = (
            frozenset()
        )  # ids of whom the portal told something of; None: of everybody
        self.message = self.reason = self.cause = ""

    @property
    def id(self) -> int:
        return self.recorder.run

    def _show(self, event: Event) -> None:
        self.told += event.new
        self._emit(event)

    def stop(self, code: int) -> None:
        self.recorder.stop(code)

    async def __call__(self) -> dict[str, Any]:
        """The summary; whatever ends a run early is in its verdict, not raised (but a wrong command is)."""
        try:
            await self._pass()
        except Stop as e:
            self.recorder.tally.codes.add(e.code)
            with contextlib.suppress(StateFailed):  # the next run begins at A, then
                self._resume_at()
        except UsageError:
            self.recorder.never_began()
            raise
        except SyncdError as e:
            self._abandon(e, e.reason)
        except OSError as e:  # not of one document: what was done and not written down is seen again by the next run
            failed = SyncdError(
                f"The disk failed ({e.strerror or e}).", mend="Check the cabinet's disk, then run again."
            )
            failed.cause = e.strerror or ""
            self._abandon(failed, "disk_failed")
        except (
            Exception
        ) as e:  # of nobody's document: what is written down is whole, and the next run goes on from there
            self._abandon(
                SyncdError(
                    f"Unexpected error: {unexpected_errors.note('run', e)}.", mend="Its traceback is in the log."
                ),
                "unexpected",
            )
        return await self._end()

    def _resume_at(self) -> None:
        """Whose turn it was is who the next run begins with; a client that had a whole run to itself lets others go first."""
        codes, turn = [j.code for j in self.jobs], self.recorder.turn
        if codes[1:] and turn == codes[0]:
            turn = codes[1]
        if turn:
            self.parts.state.set(RESUME, turn)

    def _abandon(self, error: SyncdError, reason: str) -> None:
        self.message, self.reason, self.cause = str(error), reason, error.cause
        self.recorder.tally.codes.add(error.exit_code)
        self.recorder.tally.abandoned = True
        if reason.startswith("stop_"):
            self.recorder.tell(Event("", "stopped", reason=reason, detail=error.message), NOBODY)
            self.recorder.tally.codes.discard(3)
            self.recorder.tally.stopped = [c for c in self.recorder.tally.stopped if c]

    async def _pass(self) -> None:
        parts, recorder = self.parts, self.recorder
        root = check_root(parts, self.settings)
        settings = self.settings = disk_traits.know(parts, self.settings)
        with Prescan(parts, recorder) as prescan:
            if self.scope is None:  # else only the portal can say whom the pass is about
                prescan.begin(self._asked())
            self.jobs = await self._observe(root, prescan)
            await prescan.idle(self.jobs)
            if not settings.dry_run:
                for job in self.jobs:
                    if job.dir and not job.adopt and not job.idle:
                        own_folders(parts, recorder, job)
        cabinet = Cabinet(parts)
        portions = await self._survey(self.jobs, cabinet)
        self.jobs = [job for portion in portions for job in portion]
        check_root(parts, settings, root.device)
        for portion in portions:
            if any(job.dropped for job in portion):
                portion = await self._again(portion, cabinet, root.device)
            review_all(parts, settings, recorder, cabinet, portion)
            for job in portion:
                if job.code in settings.places:
                    keep_to(parts, job, settings.places[job.code])
            if settings.dry_run:
                for job in portion:
                    for action in job.review.go:
                        recorder.done(job, action)
            else:
                await self._carry_out(portion)
            for job in portion:
                job.drop()
        if not settings.dry_run:
            self._all_done()

    def _asked(self) -> list[ClientRow]:
        """The clients this pass is about."""
        settings = self.settings
        return [
            r for r in self.parts.state.clients()
            if r.code not in settings.exclude and (not settings.only or r.code in settings.only)
            and (self.scope is None or r.id in self.scope)
        ]  # fmt: skip

    async def _observe(self, root: RootMarker, prescan: Prescan) -> list[Job]:
        """What the portal says, and a job for each client it is to be done for."""
        parts, settings, recorder = self.parts, self.settings, self.recorder
        before = parts.state.cursor()
        hello = await prescan.meanwhile(greet(parts, settings))
        self.greeted = True
        self.touched = None if hello.unknown_cursor or hello.sync_asked else hello.touched
        if not settings.dry_run and (before is None or hello.unknown_cursor):
            recorder.known_before(hello.last_run)
        self._clocks(hello)
        directories = parts.mirror.clients()
        check_root(parts, settings, root.device)  # else nobody's directory is said to be missing
        recover(parts, recorder, hello, root, directories)
        unwritable = {} if settings.dry_run else seal_anew(parts, settings, root, directories)
        if hello.unknown_cursor and not settings.dry_run:
            parts.state.set(pending_approvals.SAID, "")
            parts.state.set("reports_said", "")  # another portal, or one put back: it may have heard nothing
        self._ignored_anew()
        rows = parts.state.clients()
        unknown = settings.only - {r.code for r in rows}
        if unknown:
            raise UsageError(
                f"no client with code {', '.join(sorted(unknown))} on the portal.",
                mend="See: syncd client list.",
            )
        if self.scope is not None:
            marked = {r.id for r in rows if r.recovery}
            self.scope = None if self.touched is None else self.scope | self.touched | marked
        await learn(parts, recorder, self._asked())
        rows = parts.state.clients()
        jobs = find_directories(parts, settings, recorder, rows, directories, self.scope, unwritable)
        if not settings.dry_run:
            jobs = [job for job in jobs if not job.dir or job.adopt or put_away(parts, recorder, job)]
            settle_intents(parts, {j.id: j.dir for j in jobs if j.dir and not j.adopt})
        if turn := parts.state.get(RESUME):  # where the last one stopped, so that nobody is always the last
            jobs.sort(key=lambda job: (job.code < turn, job.code))
        return jobs

    async def _survey(self, jobs: Sequence[Job], cabinet: Cabinet) -> list[list[Job]]:
        """See, plan and judge every client before anything is done to the first: the guards sum over the cabinet.

        Together the first to come have work of up to a portion, and are carried out together. What is beyond is dropped
        once it is judged, and seen and planned again when its turn comes.
        """
        first: list[Job] = []
        later: list[list[Job]] = []
        held = 0
        async for portion in scan_portions(self.parts, self.settings, self.recorder, jobs):
            self._judge(portion, cabinet)
            cabinet.planned += sum(job.planned for job in portion)
            actions = sum(len(job.plan.actions) for job in portion if job.plan is not None)
            if held and held + actions > scan.PORTION:
                for job in portion:
                    job.drop()
                later.append(portion)
            else:
                held += actions
                first += portion
        return [first, *later]

    async def _again(self, portion: Sequence[Job], cabinet: Cabinet, device: int) -> list[Job]:
        again = [job async for some in scan_portions(self.parts, self.settings, self.recorder, portion) for job in some]
        check_root(self.parts, self.settings, device)
        self._judge(again, cabinet)
        return again

    def _judge(self, portion: Sequence[Job], cabinet: Cabinet) -> None:
        stamp = self.settings.stamp(self.recorder.started)
        for job in portion:
            self.recorder.between(job.code)
            plan_alone(self.parts, self.settings, self.recorder, job, stamp)
            job.planned = review_client(self.parts, self.settings, cabinet, job)
            job.slim()

    def _ignored_anew(self) -> None:
        """Other documents are looked at than before: what was planned then says nothing of now."""
        state, now = self.parts.state, repr((PATTERNS, self.settings.ignore))
        if state.get("ignored") != now:
            with state.atomic():
                for row in state.clients():
                    state.set_clean(row.id, False)
                state.set("ignored", now)

    def _clocks(self, hello: Hello) -> None:
        """Nothing is decided by a clock; one that is wrong makes reports hard to read (HAZARDS 31)."""
        skew = abs(self.parts.clock.now() - hello.now) if hello.now else 0.0
        if skew > SKEW:
            told = Event("", "problem", reason="clock_skew", detail=f"{skew / 60:.0f} min", notice=True, warning=True)
            self.recorder.tell(told, CLOCK)
        elif not self.settings.dry_run:
            self.parts.state.untold(CLOCK, set())
            self.parts.state.forget_former()

    async def _carry_out(self, jobs: Sequence[Job]) -> None:
        busy = [j for j in jobs if j.review.go]
        if busy:
            busy = self._raise_generation(busy)
        if self.settings.max_duration is None:
            await self._together(busy)
        else:  # one after the other: when time is up, what was begun is whole, and the next run takes the next client
            for job in busy:
                await self._together([job])
        with self.parts.state.atomic():
            mass_disappearance.say(self.parts, self.settings, self.recorder, jobs)
            for job in jobs:
                self._completed(job)

    def _all_done(self) -> None:
        if self.scope is None and not self.settings.only:
            with self.parts.state.atomic():
                self.recorder.forget_settled(NOBODY)
                self.parts.state.set(RESUME, "")
        sweep(self.parts, self.recorder, self.jobs)

    async def _together(self, busy: Sequence[Job]) -> None:
        local = LocalWork(self.parts, self.settings, self.recorder)
        for job in busy:
            local.client(job)
        await RemoteWork(self.parts, self.recorder).all(busy)
        for job in busy:
            local.moved(job)
        if self.settings.resting():
            for job in busy:
                job.stumbled = True  # what is left is planned again
        else:
            with bounded(self.parts.state) as most:
                await Downloads(self.parts, self.settings, self.recorder, most).all(busy)
                await Uploads(self.parts, self.recorder, most).all(busy)

    def _raise_generation(self, busy: Sequence[Job]) -> list[Job]:
        """state.started → markers → (with the summary) the portal → state.completed (RULES 7). Those that can go on."""
        state, settings = self.parts.state, self.settings
        key = key_of(state)
        if not self.generation:
            self.generation = max(int(state.get("generation_started", "0")), int(state.get("generation", "0"))) + 1
            if self.generation >= MOST:
                raise WornOut()
            state.set("generation_started", str(self.generation))
        generation = self.generation
        touched = {j.dir: j for j in busy if j.dir and not j.adopt}
        markers = {name: marker(key, settings, job.row, generation) for name, job in touched.items()}
        root = check_root(self.parts, settings)
        stopped = self.parts.mirror.set_generation(root_marker(key, root, generation), markers)
        with state.atomic():
            state.set_written(generation, [job.id for name, job in touched.items() if name not in stopped])
        for name, why in stopped.items():
            job = touched[name]
            self.recorder.stopped(job, "stop_client_directory", shown(f"{name}/{scan.OWN}: {why}"))
            job.review, job.stumbled = replace(job.review, go=()), True
        return [job for job in busy if job.review.go]

    def _completed(self, job: Job) -> None:
        state = self.parts.state
        if job.plan is not None:
            plan = job.plan
            idle = not plan.actions and not plan.refusals and not plan.problems and not plan.notices
            state.set_clean(job.id, idle and not job.stumbled and not job.held_back, job.scan.look)
            if (
                job.row.recovery
                and not job.stumbled
                and not job.partial
                and not job.review.waiting
                and not plan.problems
            ):
                reconciled(self.parts, job)
        elif job.idle and job.scan.look and not job.stumbled:
            state.set_clean(job.id, True, job.scan.look)
        self.recorder.forget_settled(job.id)

    async def _end(self) -> dict[str, Any]:
        recorder, state, now = self.recorder, self.parts.state, self.parts.clock.now()
        self.parts.mirror.rest()
        if self.greeted and not self.settings.dry_run:
            try:
                await self._report(now)
            except SyncdError as e:
                if not self.message:
                    self.message, self.reason, self.cause = str(e), e.reason, e.cause
                recorder.tally.codes.add(e.exit_code)
            except Cut:  # told of by the next one
                pass
        verdict = recorder.tally.verdict()
        extra: dict[str, Any] = {"run": self.id, "started": recorder.started, "ended": now}
        if self.settings.dry_run:
            extra["dry_run"] = True
        if self.scope is not None or self.settings.only:
            extra["partial"] = True
        if self.message:
            extra["message"], extra["reason"] = self.message, self.reason
        if self.cause:
            extra["cause"] = self.cause
        result = summary(
            recorder.tally, verdict, words.label(verdict), self.parts.remote.requests - self._asked_before, **extra
        )
        with contextlib.suppress(StateFailed):  # said already
            state.end_run(self.id, now, result)
        return result

    def _reports(self) -> tuple[OpenReport, ...]:
        """What the cabinet's desk shows of each client. Nothing is said of what does not exist online (RULES 4)."""
        reports, found = self.parts.state.open_reports(), []
        about = {client for client, *_ in reports}
        rows = (r for r in self.parts.state.clients() if r.id in about)
        rules = {r.id: r.rules.rules(r.code) for r in rows if r.rules is not None}
        for client, path, reason, since in reports:
            if client not in rules or (reason not in _SHOWN and not reason.startswith("stop_")):
                continue
            folder = paths.parent(path)
            online = (
                folder
                and rules[client].folder_direction(folder) is not Direction.NONE
                and not rules[client].is_withheld(folder)
            )
            if not path or online:
                found.append(OpenReport(client, path, reason, since))
        return tuple(found[:MOST_REPORTS])

    def _clients_done(self) -> tuple[ClientDone, ...]:
        ids = {job.code: job.id for job in self.jobs}
        return tuple(
            ClientDone(ids[code], self.recorder.whole[code].verdict().value, tally.said())
            for code, tally in sorted(self.recorder.by_client.items())
            if code in ids
        )

    async def _report(self, now: float) -> None:
        """The portal is told in the one closing request: receipts, what waits, the chain's head."""
        state = self.parts.state
        generation = int(state.get("generation_started", "0"))
        reports = self._reports()
        said = hashlib.sha256(repr(reports).encode("utf-8", "surrogatepass")).hexdigest()
        fresh = None if said == state.get("reports_said") else reports
        held = state.waiting()
        rules = {r.id: r.rules.rules(r.code) for r in state.clients() if r.rules is not None} if held else {}
        waiting, pieces = pending_approvals.plans(held, rules), pending_approvals.more(state, held)
        lines: tuple[WaitingLines, ...] | None = ()
        while True:
            receipts, left, mark = state.outbox()
            codes = self.recorder.tally.codes
            await self._sent(
                RunSummary(
                    self.id,
                    self.recorder.started,
                    now,
                    self.recorder.tally.verdict().value,
                    {**self.recorder.tally.counts, **self.recorder.tally.said()},
                    exit_code(codes),
                    state.chain_head(),
                    generation,
                    waiting,
                    tuple(receipts),
                    tuple(left),
                    fresh,
                    self._clients_done(),
                    lines or (),
                )  # fmt: skip
            )
            state.sent(mark)
            lines = next(pieces, None) if lines is not None else None
            if len(receipts) + len(left) < 5000 and lines is None:
                break
        with state.atomic():
            if fresh is not None:
                state.set("reports_said", said)
            state.set(pending_approvals.SAID, pending_approvals.said(held))
            state.set("generation", str(generation))

    async def _sent(self, said: RunSummary) -> None:
        sending = asyncio.create_task(self.parts.remote.summary(said))
        try:
            await asyncio.wait([sending], timeout=HEAD_START)
            await asyncio.to_thread(self._meanwhile, self.id, self.recorder.started)
        finally:
            await sending


async def run_once(parts: Parts, settings: Settings, emit: Emit) -> dict[str, Any]:
    """One pass; returns the summary line."""
    return await Run(parts, settings, emit)()
