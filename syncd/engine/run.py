"""One pass: open → scan → plan → review → apply → tell. Read this first."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING

from syncd.core.errors import StateFailed, SyncdError, UsageError, WornOut
from syncd.core.events import Event, shown
from syncd.core.protocol import Hello
from syncd.core.reasons import Family, family
from syncd.core.restored_backups import MOST
from syncd.core.run_result import RunResult
from syncd.engine import closing, unexpected_errors
from syncd.engine.closing import Ending, Meanwhile
from syncd.engine.context import Emit, Ports, Settings, Stop
from syncd.engine.context_factory import begin
from syncd.engine.decide import mass_disappearance
from syncd.engine.decide.partial_run import keep_to
from syncd.engine.decide.review import Cabinet, plan_alone, review_all, review_client
from syncd.engine.interruptible_remote import Cut
from syncd.engine.maintenance.retention import sweep
from syncd.engine.open import client_links, disk_traits, scan
from syncd.engine.open.discover import OWN, check_root, own_folders
from syncd.engine.open.open_pass import Opened, Scope, open_pass, touched_by
from syncd.engine.open.portal import greet
from syncd.engine.open.recovery import key_of, marker, reconciled, root_marker
from syncd.engine.open.scan import Glimpse, scan_again, scan_portions
from syncd.engine.open.unchanged_clients import Prescan
from syncd.engine.recorder import NOBODY
from syncd.engine.stages import Client, ClientScan, Reviewed
from syncd.ports.local import RootMarker

if TYPE_CHECKING:
    from syncd.engine.apply.work import ClientWork

Portion = list[Reviewed] | list[ClientScan]  # the latter: its scans were dropped, it is planned again at its turn


class Run:
    """Holds what one pass shares; `stop(code)` ends it after the document in hand.

    `scope`: ids of the clients something happened to, here or as the portal says when it is greeted; None: all clients.
    `meanwhile`: called in a thread with number and start, when all is told, while the portal takes the summary.
    `clients`: those it was about, once they are known; `young`: ids of those with documents to come back to.
    `touched`: ids of those of whom the portal told something when it was greeted; None: of everybody.
    `greeted`: whether the portal answered the first request.
    """

    def __init__(
        self,
        ports: Ports,
        settings: Settings,
        emit: Emit,
        scope: frozenset[str] | None = None,
        meanwhile: Meanwhile = lambda run, started: None,
    ) -> None:
        self.ctx = begin(ports, settings, self._show)
        self._scope, self._meanwhile, self._emit = Scope(scope), meanwhile, emit
        self._asked_before = ports.remote.requests
        self.told = self._generation = 0
        self.clients: list[Client] = []
        self.young: set[str] = set()
        self.touched: frozenset[str] | None = frozenset()
        self._unmade: set[str] = set()  # ids of clients in which a folder of the tree could not be made
        self.greeted = False
        self._ending = Ending()

    @property
    def id(self) -> int:
        return self.ctx.recorder.run

    @property
    def scope(self) -> frozenset[str] | None:
        return self._scope.clients

    @property
    def settings(self) -> Settings:
        return self.ctx.settings

    def _show(self, event: Event) -> None:
        self.told += event.new
        self._emit(event)

    def stop(self, code: int) -> None:
        self.ctx.recorder.stop(code)

    async def __call__(self) -> RunResult:
        """How it ended; whatever ends a run early is in its verdict, not raised (but a wrong command is)."""
        try:
            await self._pass()
        except Stop as e:
            self.ctx.recorder.tally.codes.add(e.code)
            with contextlib.suppress(StateFailed):  # the next run begins at A, then
                self._resume_at()
        except UsageError:
            self.ctx.recorder.never_began()
            raise
        except SyncdError as e:
            self._abandon(e)
        except OSError as e:  # not of one document: what was done and not written down is seen again by the next run
            why, mend = f"The disk failed ({e.strerror or e}).", "Check the cabinet's disk, then run again."
            self._abandon(SyncdError(why, mend=mend, reason="disk_failed", cause=e.strerror or ""))
        except Exception as e:  # of no document: what is written down is whole, and the next run goes on from there
            what = unexpected_errors.note("run", e)
            mend = "Its traceback is in the log."
            self._abandon(SyncdError(f"Unexpected error: {what}.", mend=mend, reason="unexpected"))
        return await self._end()

    def _resume_at(self) -> None:
        """Whose turn it was is who the next run begins with; a client that had a whole run to itself lets others go first."""
        codes, turn = [c.code for c in self.clients], self.ctx.recorder.turn
        if codes[1:] and turn == codes[0]:
            turn = codes[1]
        if turn:
            self.ctx.state.progress.change(resume_at=turn)

    def _abandon(self, error: SyncdError) -> None:
        self._ending = Ending(error)
        tally = self.ctx.recorder.tally
        tally.codes.add(error.exit_code)
        tally.abandoned = True
        if family(error.reason) is Family.STOP:
            self.ctx.recorder.record(Event("", "stopped", reason=error.reason, detail=error.message), NOBODY)
            tally.codes.discard(3)
            tally.stopped = [c for c in tally.stopped if c]

    async def _pass(self) -> None:
        root = check_root(self.ctx)
        self.ctx = disk_traits.know(self.ctx)
        seen = await self._open(root)
        cabinet = Cabinet(self.ctx)
        portions = await self._decide(seen, cabinet)
        check_root(self.ctx, root.device)
        while portions:
            portion = await self._planned(portions.popleft(), cabinet, root)
            reviewed = [self._in_scope(one) for one in review_all(self.ctx, cabinet, portion)]
            if self.settings.dry_run:
                self._show_all(reviewed)
            else:
                await self._carry_out(reviewed)
        if not self.settings.dry_run:
            self._all_done()

    # -- what there is, and what is to be done -------------------------------------------------------------------------

    async def _open(self, root: RootMarker) -> Glimpse:
        """The clients of this pass are known afterwards; and what was seen of them meanwhile."""
        with Prescan(self.ctx) as prescan:
            if self.scope is None:  # else only the portal can say whom the pass is about
                prescan.begin(self._scope.rows(self.ctx))

            async def greeted(answer: Awaitable[Hello]) -> Hello:
                hello = await prescan.meanwhile(answer)
                self.greeted, self.touched = True, touched_by(hello)
                return hello

            opened: Opened = await open_pass(self.ctx, self._scope, root, greeted)
            self._scope, self.clients = opened.scope, opened.clients
            seen = await prescan.glimpse(self.clients)
        if not self.settings.dry_run:
            busy = [c for c in self.clients if c.dir and not c.adopt and c.id not in seen.idle]
            self._unmade = own_folders(self.ctx, busy)
            client_links.keep(self.ctx, self.clients, busy)
        return seen

    async def _decide(self, seen: Glimpse, cabinet: Cabinet) -> deque[Portion]:
        """See, plan and judge every client before anything is done to the first: the guards sum over the cabinet.

        Together the first to come have work of up to a portion, and are carried out together. What is beyond is dropped
        once it is judged, and seen and planned again when its turn comes.
        """
        first: list[Reviewed] = []
        later: deque[Portion] = deque()
        clients: list[Client] = []
        beyond: list[Client] = []
        held = 0
        async for portion in scan_portions(self.ctx, self.clients, seen):
            reviewed = self._judge(portion, cabinet)
            cabinet.planned += sum(one.counted for one in reviewed)
            self.young |= {s.id for s in portion if s.young}
            actions = sum(len(one.planned.actions) for one in reviewed)
            if held and held + actions > scan.PORTION:
                later.append([one.drop() for one in reviewed])
                beyond += [s.client for s in portion]
            else:
                held += actions
                first += reviewed
                clients += [s.client for s in portion]
        self.clients = clients + beyond
        later.appendleft(first)
        return later

    def _judge(self, portion: Sequence[ClientScan], cabinet: Cabinet) -> list[Reviewed]:
        stamp = self.settings.stamp(self.ctx.recorder.started)
        reviewed = []
        for seen in portion:
            self.ctx.recorder.between(seen.code)
            reviewed.append(review_client(self.ctx, cabinet, plan_alone(self.ctx, seen, stamp)))
        return reviewed

    async def _planned(self, portion: Portion, cabinet: Cabinet, root: RootMarker) -> list[Reviewed]:
        """A portion with its plans: those that were dropped are made again."""
        kept = [one for one in portion if isinstance(one, Reviewed)]
        dropped = [one for one in portion if isinstance(one, ClientScan)]
        if not dropped:
            return kept
        again = await scan_again(self.ctx, dropped)
        check_root(self.ctx, root.device)
        self.young |= {s.id for s in again if s.young}
        return self._judge(again, cabinet)

    def _show_all(self, reviewed: Sequence[Reviewed]) -> None:
        from syncd.engine.apply.commit import show

        for one in reviewed:
            show(self.ctx, one)

    def _in_scope(self, reviewed: Reviewed) -> Reviewed:
        places = self.settings.places.get(reviewed.code)
        return keep_to(self.ctx, reviewed, places) if places is not None else reviewed

    # -- what is done --------------------------------------------------------------------------------------------------

    async def _carry_out(self, reviewed: Sequence[Reviewed]) -> None:
        going = [one for one in reviewed if one.review.go]
        stumbled = self._unmade | (await self._works(going) if going else set())
        with self.ctx.state.atomic():
            mass_disappearance.say(self.ctx, reviewed)
            for one in reviewed:
                self._completed(one, done=not one.planned.unsettled and one.id not in stumbled)

    async def _works(self, going: Sequence[Reviewed]) -> set[str]:
        """Ids of the clients of whose plans something did not come about."""
        from syncd.engine.apply.carry_out import carry_out  # loaded where there is something to do (ADR 7)
        from syncd.engine.apply.work import ClientWork

        works = [ClientWork(one) for one in going]
        busy = self._raise_generation(works)
        if self.settings.max_duration is None:
            await carry_out(self.ctx, busy)
        else:  # one after the other: when time is up, what was begun is whole, and the next run takes the next client
            for work in busy:
                await carry_out(self.ctx, [work])
        return {work.id for work in works if work.stumbled}

    def _raise_generation(self, busy: Sequence[ClientWork]) -> list[ClientWork]:
        """state.started → markers → (with the summary) the portal → state.completed (RULES 7). Those that can go on."""
        ctx, state = self.ctx, self.ctx.state
        key = key_of(state)
        if not self._generation:
            self._generation = max(state.progress.read().generations()[:2]) + 1
            if self._generation >= MOST:
                raise WornOut
            state.progress.change(generation_started=self._generation)
        generation = self._generation
        touched = {w.dir: w for w in busy if w.dir and not w.reviewed.client.adopt}
        markers = {name: marker(key, ctx.settings, work.row, generation) for name, work in touched.items()}
        root = check_root(ctx)
        stopped = ctx.mirror.set_generation(root_marker(key, root, generation), markers)
        with state.atomic():
            state.progress.change(root_written=generation)
            state.clients.set_generation(generation, [w.id for name, w in touched.items() if name not in stopped])
        for name, why in stopped.items():
            ctx.recorder.stopped(touched[name], "stop_client_directory", shown(f"{name}/{OWN}: {why}"))
            touched[name].give_up()
        return [work for work in busy if work.go]

    def _completed(self, reviewed: Reviewed, *, done: bool) -> None:
        """`done`: nothing of its plan is left but what waits for somebody."""
        state, plan, look = self.ctx.state, reviewed.planned.plan, reviewed.scan.look
        if plan is not None:
            idle = not plan.actions and not plan.refusals and not plan.problems and not plan.notices
            state.clients.set_clean(reviewed.id, idle and done and not plan.unseen, look)
            seen = not reviewed.partial and not plan.problems and not plan.unseen  # of either side: all of it
            whole = done and seen and not reviewed.review.waiting
            if reviewed.client.row.recovery and whole:
                reconciled(self.ctx, reviewed.client.row)
        elif reviewed.planned.seen.idle and look and done:
            state.clients.set_clean(reviewed.id, True, look)
        self.ctx.recorder.forget_resolved(reviewed.id)

    def _all_done(self) -> None:
        if self.scope is None and not self.settings.only:
            with self.ctx.state.atomic():
                self.ctx.recorder.forget_resolved(NOBODY)
                self.ctx.state.progress.change(resume_at="")
        sweep(self.ctx, self.clients)

    async def _greet_late(self) -> None:
        """A missing disk ends a pass before the portal is asked: people who read only its pages are told of it too."""
        with contextlib.suppress(SyncdError, Cut):  # neither can be reached, then, or written: mail and log say it
            if closing.unheard(self.ctx, self._ending):
                self.touched = touched_by(await greet(self.ctx))
                self.greeted = True

    async def _end(self) -> RunResult:
        ctx, now = self.ctx, self.ctx.clock.now()
        ctx.mirror.rest()
        if not self.greeted:
            await self._greet_late()
        if self.greeted and not self.settings.dry_run:
            try:
                await closing.tell_portal(ctx, self.clients, now, self._meanwhile, self._ending)
            except SyncdError as e:
                if not self._ending.message:
                    self._ending = Ending(e)
                ctx.recorder.tally.codes.add(e.exit_code)
            except Cut:  # told of by the next one
                pass
        requests = ctx.remote.requests - self._asked_before
        partial = self.scope is not None or bool(self.settings.only)
        result = closing.result(ctx, self._ending, requests, now, partial=partial)
        with contextlib.suppress(StateFailed):  # said already
            ctx.state.journal.end_run(self.id, now, result)
        return result


async def run_once(ports: Ports, settings: Settings, emit: Emit) -> RunResult:
    """One pass."""
    return await Run(ports, settings, emit)()
