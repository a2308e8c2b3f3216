"""What the planner looks at of one client: all of it, or, as far as the state can tell, only what differs (core.delta)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from syncd.core import delta, paths
from syncd.core.entry import BaseFolder, LocalDoc, RemoteFolder, RemoteState
from syncd.core.ignored import Ignore
from syncd.core.recovery import Restored
from syncd.core.snapshot import Base, Local, Remote, Snapshot
from syncd.engine.parts import Job, Parts, Settings
from syncd.engine.survey import find_strays


def snapshot(parts: Parts, settings: Settings, job: Job) -> Snapshot:
    """`plan` of it is the plan of the whole. The scan's rows are in the state by now (survey)."""
    if job.adopt or job.row.recovery or settings.ignore:
        return delta.reduce(whole(parts, settings, job))
    return different(parts, job)


def different(parts: Parts, job: Job) -> Snapshot:
    """The database finds what is as agreed on both sides: of that, nothing is read but where it lies."""
    agreed = parts.state.settled(job.id)
    settled = {held[0]: d for d in job.scan.docs if (held := agreed.get(d.disk)) is not None and held[1] == d.path}
    rest = _without(parts, job, settled)
    family = delta.family({i: d.path for i, d in settled.items()}, rest)
    if family:
        settled = {i: d for i, d in settled.items() if i not in family}
        rest = _without(parts, job, settled)
    return replace(rest, occupied=frozenset(paths.key(d.path) for d in settled.values()))


def _without(parts: Parts, job: Job, settled: Mapping[str, LocalDoc]) -> Snapshot:
    base, remote = parts.state.base(job.id, but=settled), parts.state.remote(job.id, but=settled)
    left_out = {d.disk for d in settled.values()}
    local = _local(parts, job, base, remote)
    return Snapshot(base, replace(local, docs=[d for d in local.docs if d.disk not in left_out]), remote)


def whole(parts: Parts, settings: Settings, job: Job) -> Snapshot:
    base, remote = parts.state.base(job.id), parts.state.remote(job.id)
    if Restored.PORTAL in job.row.recovery:
        base = replace(base, followed=parts.state.followed(job.id))
    if settings.ignore:  # what becomes ignored stays as it is on both sides
        base, remote = _not_ignored(base, remote, Ignore(settings.ignore))
    return Snapshot(base, _local(parts, job, base, remote), remote, restored=job.row.recovery)


def _local(parts: Parts, job: Job, base: Base, remote: Remote) -> Local:
    here = {d.disk for d in job.scan.docs}
    gone = [
        d for d in base.docs.values()
        if d.disk not in here and not d.left and (r := remote.docs.get(d.id)) is not None and r.state is RemoteState.LIVE
    ]  # fmt: skip
    strays = find_strays(parts, job, gone) if job.dir else []
    return Local(job.scan.docs, job.scan.folders, job.scan.problems, strays, job.scan.held, job.scan.locked)


def _not_ignored(base: Base, remote: Remote, ignore: Ignore) -> tuple[Base, Remote]:
    hidden = {i for i, d in base.docs.items() if ignore.anywhere(d.path)} | {
        i for i, d in remote.docs.items() if ignore.anywhere(d.path)
    }
    folders = {i for i, f in [*_paths(base.folders), *_paths(remote.folders)] if ignore.anywhere(f + "/x")}
    return (
        replace(
            base,
            docs={i: d for i, d in base.docs.items() if i not in hidden},
            folders={i: f for i, f in base.folders.items() if i not in folders},
        ),
        Remote(
            {i: d for i, d in remote.docs.items() if i not in hidden},
            {i: f for i, f in remote.folders.items() if i not in folders},
        ),
    )


def _paths(folders: Mapping[str, BaseFolder] | Mapping[str, RemoteFolder]) -> list[tuple[str, str]]:
    return [(i, f.path) for i, f in folders.items()]
