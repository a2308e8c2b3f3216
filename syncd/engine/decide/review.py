"""Plans every client and lets the guards review them, alone and summed over the cabinet (RULES 5)."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from syncd.core import guards, paths, plan_totals
from syncd.core.actions import Action, KeepBoth, Record, Upload, path_of
from syncd.core.entry import Problem
from syncd.core.errors import SyncdError
from syncd.core.events import NOT_ASKED, Event, of_action, shown
from syncd.core.folder_rules import Refusal
from syncd.core.planner import plan
from syncd.core.planner.quota import within
from syncd.core.snapshot import Snapshot
from syncd.engine import backoff, unexpected_errors
from syncd.engine.context import Job, Parts, Settings, Stop
from syncd.engine.decide.snapshots import snapshot
from syncd.engine.open.scan import unchanged
from syncd.engine.recorder import Recorder
from syncd.ports.state import WaitingRow


def plan_alone(parts: Parts, settings: Settings, recorder: Recorder, job: Job, stamp: str) -> None:
    """One bad client never stops the others (HAZARDS 32): what its plan trips over is its own error, told and logged."""
    job.fault = ""
    try:
        plan_client(parts, settings, recorder, job, stamp)
    except (SyncdError, Stop):
        raise
    except OSError as e:  # of a document it looked for elsewhere
        job.plan, job.stumbled, job.fault = None, True, e.strerror or str(e)
    except Exception as e:
        job.plan, job.stumbled = None, True
        job.fault = unexpected_errors.note(f"plan of {job.code}", e)


def plan_client(parts: Parts, settings: Settings, recorder: Recorder, job: Job, stamp: str) -> None:
    """Fills the job's plan; a client where nothing moved costs nothing more. `tell_plan` says what it found."""
    if job.idle or (not job.adopt and unchanged(parts, job)):
        return
    seen = snapshot(parts, settings, job)
    job.base = seen.base
    job.held_back = _held_back(seen)
    job.plan = plan(seen, job.rules, stamp, recorder.between)
    job.room = parts.rooms.get(job.id)
    if job.room is not None:
        job.plan, job.room = within(job.plan, seen.remote.docs, job.room)
    backoff.hold(parts, settings, job)


def _held_back(seen: Snapshot) -> bool:
    """Whether anything known would lie at or below what is no document here, so that the plan leaves it alone: however little
    is left to do, the client is planned again, for what is in the way may go without a trace."""
    held = [paths.key(path) for path in seen.local.held]
    known = (seen.base.docs, seen.base.folders, seen.remote.docs, seen.remote.folders)
    return bool(held) and any(
        paths.is_below(at, path) for side in known for thing in side.values() for at in (paths.key(thing.path),) for path in held
    )  # fmt: skip


def tell_plan(recorder: Recorder, job: Job) -> None:
    """What the scan and the plan have to say, once."""
    _say_scan(recorder, job)
    if job.fault:
        recorder.problem(job, "", "failed", job.fault)
    if job.plan is None:
        return

    def refused(one: Refusal) -> None:
        recorder.refused(job, shown(one.path), one.reason, one.detail)

    def problem(one: Problem) -> None:
        if one.reason != "unstable" or one.path not in job.young:  # for those the service comes back
            recorder.problem(job, shown(one.path), one.reason, one.detail)

    def noticed(one: Refusal) -> None:
        recorder.problem(job, shown(one.path), one.reason, one.detail, notice=True)

    recorder.each(job.plan.refusals, refused, job.code)
    recorder.each(job.plan.problems, problem, job.code)
    out_of_scope = [n for n in job.plan.notices if n.reason == "out_of_scope"]
    recorder.each([n for n in job.plan.notices if n.reason != "out_of_scope"], noticed, job.code)
    if out_of_scope:  # one line per client
        recorder.problem(job, "", "out_of_scope", str(len(out_of_scope)), notice=True)


def _say_scan(recorder: Recorder, job: Job) -> None:
    for notice in job.scan.notices:
        recorder.problem(job, notice.path, notice.reason, notice.detail, notice=True)
    for refusal in job.scan.refusals:
        recorder.refused(job, refusal.path, refusal.reason, refusal.detail)


class Cabinet:
    """What the guards know of the whole cabinet: counted when the first client is judged, and fixed for all of the run.

    `planned`: how much the run's plans add.
    """

    def __init__(self, parts: Parts) -> None:
        self._state, self.now, self.planned = parts.state, parts.clock.now(), 0

    @functools.cached_property
    def totals(self) -> dict[str, int]:
        return self._state.totals()

    @functools.cached_property
    def windows(self) -> dict[str, dict[str, int]]:
        return self._state.windows(self.now)

    def over(self, limits: guards.Limits) -> bool:
        done = sum(n for counts in self.windows.values() for k, n in counts.items() if k in guards.COUNTED)
        return guards.over(sum(self.totals.values()), done, self.planned, limits)


def review_client(parts: Parts, settings: Settings, cabinet: Cabinet, job: Job) -> int:
    """Fills the job's review, by the client alone; how much it adds to what the whole cabinet is judged by."""
    if job.idle:
        return 0
    actions = job.plan.actions if job.plan else ()
    if job.history is None:
        job.history = _history(parts, settings, cabinet, job, actions)
    job.review = guards.review(actions, job.history, settings.limits)
    if job.adopt:
        job.review = guards.adopting(job.review, actions)
    return len(guards.fresh(job.review, job.history.agreed))


def _history(parts: Parts, settings: Settings, cabinet: Cabinet, job: Job, actions: Sequence[Action]) -> guards.History:
    new = [a for a in actions if isinstance(a, Upload | KeepBoth) and guards.publishes(a)]
    contents = [a.content.sha256 for a in new if a.content.size]
    folders = {paths.parent(a.path) for a in new}
    completed = job.row.completed | _acknowledged(actions)
    return guards.History(
        cabinet.totals.get(job.id, 0), cabinet.windows.get(job.id, {}), parts.state.agreed(job.id, cabinet.now) if actions else frozenset(),
        job.row.finished or bool(completed), completed,
        frozenset(parts.state.elsewhere(contents, job.id)) if contents else frozenset(),
        parts.state.doubted(job.id) if contents else frozenset(),
        frozenset(paths.key(f) for f in folders if job.rules.is_restricted(f)),
        job.plan.renamed if job.plan is not None else 0,
    )  # fmt: skip


def _acknowledged(actions: Sequence[Action]) -> frozenset[str]:
    """Keys of the top-level folders in which both sides hold a document of the cabinet's: it was published before, and
    the state alone does not know it any more."""
    return frozenset(
        paths.key(paths.top(a.doc.path)) for a in actions
        if isinstance(a, Record) and a.doc is not None and not a.doc.by_company and not a.quiet
    )  # fmt: skip


def review_all(parts: Parts, settings: Settings, recorder: Recorder, cabinet: Cabinet, jobs: Sequence[Job]) -> None:
    """The whole cabinet's verdict over each client's; tells what the plans found and what waits, and remembers it."""
    over = any(not job.idle for job in jobs) and cabinet.over(settings.limits)
    for job in jobs:
        if over and job.history is not None:
            job.review = guards.hold_changes(job.review, job.history.agreed)
        tell_plan(recorder, job)
        _say_waiting(parts, recorder, job, cabinet.now)


def _say_waiting(parts: Parts, recorder: Recorder, job: Job, now: float) -> None:
    before = {w.reason: w for w in parts.state.waiting(job.id)}
    if job.fault or (before and job.plan is None):  # nothing is known of it now: what was asked stays asked
        return
    rows: list[WaitingRow] = []
    doubted: set[bytes] = set()
    for held in job.review.waiting:
        adopting = job.adopt and held.reason == "guard_first_publication"
        digests = held.digests + ((f"adopt:{job.id}",) if adopting else ())
        digest = guards.set_digest((job.id, *digests))  # two clients may be about to publish the very same
        lines: list[dict[str, Any]] = []

        def tell(action: Action, reason: str = held.reason, lines: list[dict[str, Any]] = lines) -> None:
            if (event := of_action(job.code, action)) is None:
                return
            lines.append(line := event.as_dict())
            what = plan_totals.change(line)
            recorder.tell(replace(event, action="waiting", reason=reason, detail=what, warning=False), job.id)

        recorder.each(held.actions, tell, job.code)
        if adopting:
            asked = Event(
                job.code, "waiting", paths.printable(job.dir), reason=held.reason, detail="adopt", folder=True
            )
            lines.append({**asked.as_dict(), "action": "adopt"})
            recorder.tell(asked, job.id)
        if held.reason == "guard_other_client":
            doubted |= {a.content.sha256 for a in held.actions if isinstance(a, Upload | KeepBoth)}
        old = before.get(held.reason)
        row = WaitingRow(job.id, held.reason, digest, digests, tuple(lines), now)
        if old is not None and old.digest == digest:  # the very same is asked: since then, and answered as it was
            row = replace(row, since=old.since, declined_by=old.declined_by, declined_at=old.declined_at)
        rows.append(row)
    if rows or before:
        rows += _kept_asking(recorder, job, [w for w in before.values() if w.reason not in {r.reason for r in rows}])
        with parts.state.atomic():
            parts.state.put_waiting(job.id, rows)
            parts.state.doubt(job.id, doubted)


def _kept_asking(recorder: Recorder, job: Job, former: Sequence[WaitingRow]) -> list[WaitingRow]:
    """Of what was asked and is not asked now: what cannot be seen for the moment stays asked; what is not to be done any
    more is said, so that no request goes without a word."""
    if job.plan is None:
        return list(former)
    planned = {shown(path_of(a)) for a in job.plan.actions}
    kept = []
    for row in former:
        gone = [
            str(x["path"])
            for x in plan_totals.counted(row.lines)
            if x.get("path") not in planned and x["action"] != "adopt"
        ]
        if any(
            p.path and paths.is_below(paths.key(path), paths.key(p.path)) for p in job.plan.problems for path in gone
        ):
            kept.append(row)
        elif gone:
            recorder.tell(Event(job.code, "problem", reason=NOT_ASKED, detail=str(len(gone)), notice=True))
    return kept
