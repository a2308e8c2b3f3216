"""Documents that disappear here in number, or get names that are refused: nothing is sent, so no guard holds it; people
are told at once (RULES 2)."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core import guards
from syncd.core.guards import LEFT
from syncd.core.reasons import Disappeared, Reason
from syncd.core.time_units import DAY
from syncd.engine.context import Context
from syncd.engine.stages import Reviewed


def say(ctx: Context, reviewed: Sequence[Reviewed]) -> None:
    """Of each client, as long as the window is open and they are not back, or the names not put right; told once."""
    state, now = ctx.state, ctx.clock.now()
    left = {client: counts.get(LEFT, 0) for client, counts in state.guards.windows(now).items()}
    renamed = {r.id: r.planned.plan.renamed for r in reviewed if r.planned.plan is not None}
    lost = {client: n for client in {*left, *renamed} if (n := left.get(client, 0) + renamed.get(client, 0))}
    if sum(lost.values()) <= ctx.settings.limits.max_changes:
        return
    kept = {client: n - renamed.get(client, 0) for client, n in state.trees.base.totals().items()}
    many, strange = guards.vanished(lost, kept, ctx.settings.limits), _strange(ctx, now)
    for client in reviewed:
        gone, named = left.get(client.id, 0), renamed.get(client.id, 0)
        if client.id not in many:
            continue
        if gone:
            detail = str(Disappeared(gone, max(strange.get(client.id, 0) - named, 0)))
            state.guards.set_storm(client.id, Reason.VANISHED_HERE, detail)
            ctx.recorder.problem(client, "", Reason.VANISHED_HERE, detail, notice=True, warning=True)
        if named:
            state.guards.set_storm(client.id, Reason.RENAMED_HERE, str(named))
            ctx.recorder.problem(client, "", Reason.RENAMED_HERE, str(named), notice=True, warning=True)


def _strange(ctx: Context, now: float) -> dict[str, int]:
    """By client: files of a type that is not accepted, which appeared within a day."""
    found: dict[str, int] = {}
    for told in ctx.state.journal.open_reports():
        if told.reason == Reason.EXTENSION_NOT_ALLOWED and now - told.since < DAY:
            found[told.client] = found.get(told.client, 0) + 1
    return found
