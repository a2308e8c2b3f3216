"""A run over a part of a client: `syncd run CODE/PATH`. All of it is seen, planned and judged as ever; less is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from syncd.core import paths
from syncd.core.actions import path_of
from syncd.core.errors import UsageError
from syncd.core.run_targets import within
from syncd.engine.context import Job, Parts


def keep_to(parts: Parts, job: Job, places: Sequence[str]) -> None:
    """Take out of what may go whatever is elsewhere. Raises UsageError for a place that is on neither side."""
    for place in places:
        if not any(paths.is_below(at, paths.key(place)) for at in _known(parts, job)):
            raise UsageError(
                f"client {job.code} has no document or folder '{place}' on either side.",
                mend="Check how it is written.",
            )
    go = within(job.review.go, places)
    job.partial = len(go) < len(job.review.go)
    job.review = replace(job.review, go=go)


def _known(parts: Parts, job: Job) -> Iterator[str]:
    """Keys of places that are here, online, or in the tree."""
    base, remote = parts.state.base(job.id), parts.state.remote(job.id)
    found = [rule.path for rule in job.rules.folders]
    found += [folder.path for folder in job.scan.folders]
    if job.plan is not None:
        found += [path_of(action) for action in job.plan.actions]
        found += [told.path for told in (*job.plan.refusals, *job.plan.notices)]
        found += [told.path for told in job.plan.problems]
    found += [doc.path for doc in base.docs.values()]
    found += [doc.path for doc in remote.docs.values()]
    found += [folder.path for folder in base.folders.values()]
    found += [folder.path for folder in remote.folders.values()]
    return (paths.key(paths.nfc(path)) for path in found)
