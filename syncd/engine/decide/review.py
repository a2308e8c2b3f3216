"""Plans every client and lets the guards review them, alone and summed over the cabinet (RULES 5)."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from msgspec.structs import replace

from syncd.core import guards, paths, plan_totals
from syncd.core.actions import Action, KeepBoth, Record, Upload
from syncd.core.entry import Problem
from syncd.core.errors import SyncdError
from syncd.core.events import Event, of_action, shown
from syncd.core.folder_rules import Refusal
from syncd.core.plan import Plan
from syncd.core.reasons import Reason
from syncd.engine import action_backoff, unexpected_errors
from syncd.engine.context import Context, Stop
from syncd.engine.decide.snapshots import snapshot
from syncd.engine.open.scan import unchanged
from syncd.engine.stages import ClientPlan, ClientScan, Reviewed
from syncd.ports.state import WaitingRow


def plan_alone(ctx: Context, seen: ClientScan, stamp: str) -> ClientPlan:
    """One bad client never stops the others (HAZARDS 32): what its plan trips over is its own error, told and logged."""
    try:
        return plan_client(ctx, seen, stamp)
    except (SyncdError, Stop):
        raise
    except OSError as e:  # of a document it looked for elsewhere
        return ClientPlan(seen, fault=e.strerror or str(e), unsettled=True)
    except Exception as e:
        return ClientPlan(seen, fault=unexpected_errors.note(f"plan of {seen.code}", e), unsettled=True)


def plan_client(ctx: Context, seen: ClientScan, stamp: str, *, always: bool = False) -> ClientPlan:
    """A client where nothing moved costs nothing more, unless it is `always` to be planned."""
    client = seen.client
    same = not client.adopt and not always and unchanged(ctx, client, seen.scan, moved=seen.moved)
    if seen.idle or same:
        return ClientPlan(seen)
    from syncd.core.planner import plan  # loaded where something moved (ADR 7)
    from syncd.core.planner.quota import within

    snap = snapshot(ctx, seen)
    planned, room = plan(snap, client.rules, stamp, ctx.recorder.between), client.room
    if room is not None:
        planned, room = within(planned, snap.remote.docs, room)
    pauses, stuck = ctx.state.progress.pauses(client.id), False
    if pauses and not ctx.settings.only:  # a client asked for by name is tried at once
        planned, stuck = action_backoff.hold(planned, pauses, ctx.clock.now())
    return ClientPlan(seen, snap.base, planned, room, pauses, unsettled=stuck)


def tell_plan(ctx: Context, reviewed: Reviewed) -> None:
    """What the scan and the plan have to say, once."""
    for notice in reviewed.scan.notices:
        ctx.recorder.problem(reviewed, notice.path, notice.reason, notice.detail, notice=True)
    for refusal in reviewed.scan.refusals:
        ctx.recorder.refused(reviewed, refusal.path, refusal.reason, refusal.detail)
    if reviewed.planned.fault:
        ctx.recorder.problem(reviewed, "", "failed", reviewed.planned.fault)
    if (planned := reviewed.planned.plan) is not None:
        _tell(ctx, reviewed, planned)


def _tell(ctx: Context, reviewed: Reviewed, planned: Plan) -> None:
    young = reviewed.planned.seen.young

    def refused(one: Refusal) -> None:
        ctx.recorder.refused(reviewed, shown(one.path), one.reason, one.detail)

    def problem(one: Problem) -> None:
        if one.reason != "unstable" or one.path not in young:  # for those the service comes back
            ctx.recorder.problem(reviewed, shown(one.path), one.reason, one.detail)

    def noticed(one: Refusal) -> None:
        ctx.recorder.problem(reviewed, shown(one.path), one.reason, one.detail, notice=True)

    ctx.recorder.each(planned.refusals, refused, reviewed.code)
    ctx.recorder.each(planned.problems, problem, reviewed.code)
    out_of_scope = [n for n in planned.notices if n.reason == "out_of_scope"]
    ctx.recorder.each([n for n in planned.notices if n.reason != "out_of_scope"], noticed, reviewed.code)
    if out_of_scope:  # one line per client
        ctx.recorder.problem(reviewed, "", "out_of_scope", str(len(out_of_scope)), notice=True)


class Cabinet:
    """What the guards know of the whole cabinet: counted when the first client is judged, and fixed for all of the run.

    `planned`: how much the run's plans add.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx, self.now, self.planned = ctx, ctx.clock.now(), 0
        self._histories: dict[str, guards.History] = {}

    @functools.cached_property
    def totals(self) -> dict[str, int]:
        return self._ctx.state.trees.base.totals()

    @functools.cached_property
    def windows(self) -> dict[str, dict[str, int]]:
        return self._ctx.state.guards.windows(self.now)

    def over(self) -> bool:
        done = sum(n for counts in self.windows.values() for k, n in counts.items() if k in guards.COUNTED)
        return guards.over(sum(self.totals.values()), done, self.planned, self._ctx.settings.limits)

    def history(self, planned: ClientPlan) -> guards.History:
        """What a client is judged by: looked up once, for a client whose plan is dropped and made again too."""
        if (held := self._histories.get(planned.id)) is not None:
            return held
        found = self._history(planned, planned.actions)
        if planned.actions:  # judged by nothing: should there be something next time, it is looked up then
            self._histories[planned.id] = found
        return found

    def _history(self, planned: ClientPlan, actions: Sequence[Action]) -> guards.History:
        state, row = self._ctx.state, planned.client.row
        new = [a for a in actions if isinstance(a, Upload | KeepBoth) and a.publishes]
        contents = [a.content.sha256 for a in new if a.content.size]
        folders = {paths.parent(a.path) for a in new}
        completed = row.completed | _acknowledged(actions)
        return guards.History(
            self.totals.get(row.id, 0), self.windows.get(row.id, {}),
            state.guards.agreed(row.id, self.now) if actions else frozenset(),
            row.finished or bool(completed), completed,
            frozenset(state.trees.contents.elsewhere(contents, row.id)) if contents else frozenset(),
            state.trees.contents.doubted(row.id) if contents else frozenset(),
            frozenset(paths.key(f) for f in folders if planned.client.rules.is_restricted(f)),
            planned.plan.renamed if planned.plan is not None else 0,
        )  # fmt: skip


def review_client(ctx: Context, cabinet: Cabinet, planned: ClientPlan) -> Reviewed:
    """What the guards say of the client alone."""
    if planned.seen.idle:
        return Reviewed(planned)
    history = cabinet.history(planned)
    review = guards.review(planned.actions, history, ctx.settings.limits)
    if planned.client.adopt:
        review = guards.adopting(review, planned.actions)
    counted = len(guards.fresh(review, history.agreed))
    return Reviewed(planned.slim(), review, history, counted)


def _acknowledged(actions: Sequence[Action]) -> frozenset[str]:
    """Keys of the top-level folders in which both sides hold a document of the cabinet's: it was published before, and
    the state alone does not know it any more."""
    return frozenset(
        paths.key(paths.top(a.doc.path)) for a in actions
        if isinstance(a, Record) and a.doc is not None and not a.doc.by_company and not a.quiet
    )  # fmt: skip


def review_all(ctx: Context, cabinet: Cabinet, reviewed: Sequence[Reviewed]) -> list[Reviewed]:
    """The whole cabinet's verdict over each client's; tells what the plans found and what waits, and remembers it."""
    over = any(not one.planned.seen.idle for one in reviewed) and cabinet.over()
    found = []
    for one in reviewed:
        if over and one.history is not None:
            one = replace(one, review=guards.hold_changes(one.review, one.history.agreed))
        tell_plan(ctx, one)
        _say_waiting(ctx, one, cabinet.now)
        found.append(one)
    return found


def _say_waiting(ctx: Context, reviewed: Reviewed, now: float) -> None:
    before = {w.reason: w for w in ctx.state.guards.waiting(reviewed.id)}
    planned = reviewed.planned
    if planned.fault or (before and planned.plan is None):  # nothing is known of it now: what was asked stays asked
        return
    rows: list[WaitingRow] = []
    doubted: set[bytes] = set()
    for held in reviewed.review.waiting:
        row = _asked(ctx, reviewed, held, now)
        if held.reason == "guard_other_client":
            doubted |= {a.content.sha256 for a in held.actions if isinstance(a, Upload | KeepBoth)}
        old = before.get(held.reason)
        if old is not None and old.digest == row.digest:  # the very same is asked: since then, and answered as it was
            row = replace(row, since=old.since, declined_by=old.declined_by, declined_at=old.declined_at)
        rows.append(row)
    if rows or before:
        asked = {r.reason for r in rows}
        rows += _kept_asking(ctx, reviewed, [w for w in before.values() if w.reason not in asked])
        with ctx.state.atomic():
            ctx.state.guards.put_waiting(reviewed.id, rows)
            ctx.state.trees.contents.doubt(reviewed.id, doubted)


def _asked(ctx: Context, reviewed: Reviewed, held: guards.Waiting, now: float) -> WaitingRow:
    """One guard's hold, told line by line, as it is shown to whoever may agree."""
    client = reviewed.client
    adopting = client.adopt and held.reason == "guard_first_publication"
    digests = held.digests + ((f"adopt:{client.id}",) if adopting else ())
    lines: list[Event] = []

    def tell(action: Action) -> None:
        if (event := of_action(client.code, action)) is None:
            return
        lines.append(event)
        told = replace(event, action="waiting", reason=held.reason, detail=plan_totals.change(event), warning=False)
        ctx.recorder.record(told, client.id)

    ctx.recorder.each(held.actions, tell, client.code)
    if adopting:
        asked = Event(
            client.code, "waiting", paths.printable(client.dir), reason=held.reason, detail="adopt", folder=True
        )
        lines.append(replace(asked, action="adopt"))
        ctx.recorder.record(asked, client.id)
    digest = guards.set_digest((client.id, *digests))  # two clients may be about to publish the very same
    return WaitingRow(client.id, held.reason, digest, digests, tuple(lines), now)


def _kept_asking(ctx: Context, reviewed: Reviewed, former: Sequence[WaitingRow]) -> list[WaitingRow]:
    """Of what was asked and is not asked now: what cannot be seen for the moment stays asked; what is not to be done any
    more is said, so that no request goes without a word."""
    plan = reviewed.planned.plan
    if plan is None:
        return list(former)
    planned = {shown(a.path) for a in plan.actions}
    unseen = [paths.key(p.path) for p in plan.problems if p.path]
    kept = []
    for row in former:
        lines = [x for x in plan_totals.counted(row.lines) if x.action != "adopt"]
        gone = [x.path for x in lines if x.path not in planned]
        if any(paths.is_below(paths.key(path), at) for at in unseen for path in gone):
            kept.append(row)
        elif gone:
            ctx.recorder.record(
                Event(reviewed.code, "problem", reason=Reason.NOT_ASKED, detail=str(len(gone)), notice=True)
            )
    return kept
