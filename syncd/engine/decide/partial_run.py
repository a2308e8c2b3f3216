"""A run over a part of a client: `syncd run CODE/PATH`. All of it is seen, planned and judged as ever; less is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from syncd.core import paths
from syncd.core.errors import UsageError
from syncd.core.run_targets import within
from syncd.core.words import faults
from syncd.engine.context import Context
from syncd.engine.stages import Reviewed


def keep_to(ctx: Context, reviewed: Reviewed, places: Sequence[str]) -> Reviewed:
    """Without what is elsewhere. Raises UsageError for a place that is on neither side."""
    for place in places:
        if not any(paths.is_below(at, paths.key(place)) for at in _known(ctx, reviewed)):
            raise UsageError(
                faults.NOWHERE.of(client=reviewed.code, place=place),
                mend=faults.NOWHERE_MEND.of(),
            )
    review = reviewed.review
    go = within(review.go, places)
    return replace(reviewed, review=replace(review, go=go), partial=len(go) < len(review.go))


def _known(ctx: Context, reviewed: Reviewed) -> Iterator[str]:
    """Keys of places that are here, online, or in the tree."""
    base, remote, plan = (
        ctx.state.trees.base.load(reviewed.id),
        ctx.state.trees.remote.load(reviewed.id),
        reviewed.planned.plan,
    )
    found = [rule.path for rule in reviewed.client.rules.folders]
    found += [folder.path for folder in reviewed.scan.folders]
    if plan is not None:
        found += [action.path for action in plan.actions]
        found += [told.path for told in (*plan.refusals, *plan.notices)]
        found += [told.path for told in plan.problems]
    found += [doc.path for doc in base.docs.values()]
    found += [doc.path for doc in remote.docs.values()]
    found += [folder.path for folder in base.folders.values()]
    found += [folder.path for folder in remote.folders.values()]
    return (paths.key(paths.nfc(path)) for path in found)
