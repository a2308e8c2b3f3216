"""Documents that disappear here in number, or get names that are refused: nothing is sent, so no guard holds it; people
are told at once (RULES 2)."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core import guards
from syncd.core.events import RENAMED, VANISHED
from syncd.engine.context import Job, Parts, Settings
from syncd.engine.recorder import Recorder
from syncd.ports.state import LEFT

DAY = 86_400.0


def say(parts: Parts, settings: Settings, recorder: Recorder, jobs: Sequence[Job]) -> None:
    """Of each client, as long as the window is open and they are not back, or the names not put right; told once."""
    state, now = parts.state, parts.clock.now()
    left = {client: counts.get(LEFT, 0) for client, counts in state.windows(now).items()}
    renamed = {job.id: job.plan.renamed for job in jobs if job.plan is not None}
    lost = {client: n for client in {*left, *renamed} if (n := left.get(client, 0) + renamed.get(client, 0))}
    if sum(lost.values()) <= settings.limits.max_changes:
        return
    kept = {client: n - renamed.get(client, 0) for client, n in state.totals().items()}
    many, strange = guards.vanished(lost, kept, settings.limits), _strange(parts, now)
    for job in jobs:
        gone, named = left.get(job.id, 0), renamed.get(job.id, 0)
        if job.id not in many:
            continue
        if gone:
            detail = f"{gone} {max(strange.get(job.id, 0) - named, 0)}"
            state.set(f"{VANISHED} {job.id}", detail)
            recorder.problem(job, "", VANISHED, detail, notice=True, warning=True)
        if named:
            state.set(f"{RENAMED} {job.id}", str(named))
            recorder.problem(job, "", RENAMED, str(named), notice=True, warning=True)


def _strange(parts: Parts, now: float) -> dict[str, int]:
    """By client: files of a type that is not accepted, which appeared within a day."""
    found: dict[str, int] = {}
    for client, _, reason, since in parts.state.open_reports():
        if reason == "extension_not_allowed" and now - since < DAY:
            found[client] = found.get(client, 0) + 1
    return found
