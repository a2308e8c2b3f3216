"""Plans every client and lets the guards review them, alone and summed over the cabinet (RULES 5)."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from syncd.core import guards, paths
from syncd.core.actions import KeepBoth, Upload
from syncd.core.delta import reduce
from syncd.core.entry import BaseFolder, RemoteFolder, RemoteState
from syncd.core.ignored import Ignore
from syncd.core.outcomes import Event, of_action
from syncd.core.planner import plan
from syncd.core.recovery import Restored
from syncd.core.snapshot import Local, Remote, Snapshot
from syncd.engine.ledger import Ledger
from syncd.engine.parts import Job, Parts, Settings
from syncd.engine.survey import find_strays, unchanged
from syncd.ports.state import WaitingRow


def plan_alone(parts: Parts, settings: Settings, ledger: Ledger, job: Job, stamp: str) -> None:
    """One bad client never stops the others (HAZARDS 32): what its plan trips over is its own error, told and kept."""
    try:
        plan_client(parts, settings, ledger, job, stamp)
    except (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as e:
        job.plan, job.stumbled = None, True
        where = traceback.extract_tb(e.__traceback__)[-1]
        detail = f"{type(e).__name__}: {e} ({Path(where.filename).name}:{where.lineno})"
        ledger.problem(job, "", "failed", detail)


def plan_client(parts: Parts, settings: Settings, ledger: Ledger, job: Job, stamp: str) -> None:
    """Fills the job's plan; a client where nothing moved costs nothing more."""
    _say_scan(ledger, job)
    if job.idle or (not job.adopt and unchanged(parts, job)):
        return
    ignore = Ignore(settings.ignore)
    base, remote = parts.state.base(job.id), parts.state.remote(job.id)
    if Restored.PORTAL in job.row.recovery:
        base = replace(base, followed=parts.state.followed(job.id))
    if settings.ignore:  # what becomes ignored stays as it is on both sides
        hidden = {i for i, d in base.docs.items() if ignore.anywhere(d.path)} | {
            i for i, d in remote.docs.items() if ignore.anywhere(d.path)
        }
        folders = {i for i, f in [*_paths(base.folders), *_paths(remote.folders)] if ignore.anywhere(f + "/x")}
        base = replace(
            base,
            docs={i: d for i, d in base.docs.items() if i not in hidden},
            folders={i: f for i, f in base.folders.items() if i not in folders},
        )
        remote = Remote(
            {i: d for i, d in remote.docs.items() if i not in hidden},
            {i: f for i, f in remote.folders.items() if i not in folders},
        )
    job.base = base
    here = {d.disk for d in job.scan.docs}
    gone = [
        d for d in base.docs.values()
        if d.disk not in here and not d.left and (r := remote.docs.get(d.id)) is not None and r.state is RemoteState.LIVE
    ]  # fmt: skip
    strays = find_strays(parts, job, gone) if job.dir else []
    local = Local(job.scan.docs, job.scan.folders, job.scan.problems, strays, job.scan.held, job.scan.locked)
    job.plan = plan(reduce(Snapshot(base, local, remote, restored=job.row.recovery)), job.rules, stamp)
    for refusal in job.plan.refusals:
        ledger.refused(job, paths.printable(paths.nfc(refusal.path)), refusal.reason, refusal.detail)
    for problem in job.plan.problems:
        if problem.reason == "unstable" and problem.path in job.young:
            continue  # the service comes back for it
        ledger.problem(job, paths.printable(paths.nfc(problem.path)), problem.reason, problem.detail)
    out_of_scope = [n for n in job.plan.notices if n.reason == "out_of_scope"]
    for notice in job.plan.notices:
        if notice.reason != "out_of_scope":
            ledger.problem(job, paths.printable(paths.nfc(notice.path)), notice.reason, notice.detail, notice=True)
    if out_of_scope:  # one line per client
        ledger.problem(job, "", "out_of_scope", str(len(out_of_scope)), notice=True)


def _paths(folders: Mapping[str, BaseFolder] | Mapping[str, RemoteFolder]) -> list[tuple[str, str]]:
    return [(i, f.path) for i, f in folders.items()]


def _say_scan(ledger: Ledger, job: Job) -> None:
    for notice in job.scan.notices:
        ledger.problem(job, notice.path, notice.reason, notice.detail, notice=True)
    for refusal in job.scan.refusals:
        ledger.refused(job, refusal.path, refusal.reason, refusal.detail)


def review_all(parts: Parts, settings: Settings, ledger: Ledger, jobs: list[Job]) -> None:
    """Fills each job's review; tells, and remembers, what waits."""
    state, now = parts.state, parts.clock.now()
    totals, windows = state.totals(), state.windows(now)
    for job in jobs:
        actions = job.plan.actions if job.plan else ()
        new = [
            a.content.sha256
            for a in actions
            if isinstance(a, Upload | KeepBoth) and guards.publishes(a) and a.content.size
        ]
        job.history = guards.History(
            totals.get(job.id, 0), windows.get(job.id, {}), state.agreed(job.id, now), job.row.finished, job.row.completed,
            frozenset(state.elsewhere(new, job.id)) if len(new) >= settings.limits.few else frozenset(),
        )  # fmt: skip
        if job.adopt:
            job.review = guards.Review((), (guards.Waiting("guard_first_publication", tuple(actions)),))
        else:
            job.review = guards.review(actions, job.history, settings.limits)
    others = {
        c: guards.History(n, windows.get(c, {})) for c, n in totals.items()
    }  # clients this pass is not about count too
    reviews = guards.review_cabinet(
        {j.id: j.review for j in jobs}, {**others, **{j.id: j.history for j in jobs}}, settings.limits
    )
    for job in jobs:
        job.review = reviews[job.id]
        _say_waiting(parts, ledger, job, now)


def _say_waiting(parts: Parts, ledger: Ledger, job: Job, now: float) -> None:
    before = {w.reason: w for w in parts.state.waiting(job.id)}
    rows = []
    for held in job.review.waiting:
        digests = held.digests + ((f"adopt:{job.id}",) if job.adopt else ())
        digest = guards.set_digest(digests)
        lines = []
        for action in held.actions:
            event = of_action(job.code, action)
            if event is None:
                continue
            lines.append(event.as_dict())
            ledger.tell(
                replace(event, action="waiting", reason=held.reason, detail=event.action, warning=False),
                job.id,
            )
        if job.adopt:
            ledger.tell(
                Event(
                    job.code,
                    "waiting",
                    paths.printable(job.dir),
                    reason=held.reason,
                    detail="adopt",
                    folder=True,
                ),
                job.id,
            )
        old = before.get(held.reason)
        since = old.since if old is not None and old.digest == digest else now
        rows.append(WaitingRow(job.id, held.reason, digest, digests, tuple(lines), since))
    if rows or before:
        with parts.state.atomic():
            parts.state.put_waiting(job.id, rows)
