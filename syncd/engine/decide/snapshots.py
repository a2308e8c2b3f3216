"""What the planner looks at of one client: all of it, or, as far as the state can tell, only what differs (core.delta)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from syncd.core import delta, paths
from syncd.core.entry import BaseDoc, BaseFolder, LocalDoc, RemoteFolder, RemoteState
from syncd.core.ignore_patterns import Ignore
from syncd.core.restored_backups import Restored
from syncd.core.snapshot import Base, Local, Remote, Snapshot
from syncd.engine.context import Job, Parts, Settings
from syncd.engine.open.scan import find_strays


def snapshot(parts: Parts, settings: Settings, job: Job) -> Snapshot:
    """`plan` of it is the plan of the whole. The scan's rows are in the state by now (open.scan)."""
    if job.adopt or job.row.recovery or settings.ignore:
        return delta.reduce(whole(parts, settings, job))
    return different(parts, job)


def different(parts: Parts, job: Job) -> Snapshot:
    """The database finds what is as agreed on both sides: of that, nothing is read but where it lies."""
    left = {d.disk: d for d in job.scan.docs}
    settled: dict[str, LocalDoc] = {}
    for i, disk, path in parts.state.settled(job.id):
        if (doc := left.get(disk)) is not None and doc.path == path:
            settled[i] = left.pop(disk)
    rest = _without(parts, job, settled, left)
    if settled and (family := delta.family(((i, d.path) for i, d in settled.items()), rest)):
        left |= {doc.disk: doc for i in family if (doc := settled.pop(i))}
        rest = _without(parts, job, settled, left)
    return replace(rest, occupied=frozenset(paths.key(d.path) for d in settled.values()))


def _without(parts: Parts, job: Job, settled: Mapping[str, LocalDoc], left: Mapping[str, LocalDoc]) -> Snapshot:
    base, remote = parts.state.base(job.id, but=settled), parts.state.remote(job.id, but=settled)
    gone = {i: d for i, d in _live(base, remote).items() if d.disk not in left}
    if gone:
        places = {d.disk for d in gone.values()}
        there = {d.disk for d in settled.values() if d.disk in places}
        gone = {i: d for i, d in gone.items() if d.disk not in there}
    return Snapshot(base, _local(parts, job, [d for d in job.scan.docs if d.disk in left], gone), remote)


def whole(parts: Parts, settings: Settings, job: Job) -> Snapshot:
    base, remote = parts.state.base(job.id), parts.state.remote(job.id)
    if Restored.PORTAL in job.row.recovery:
        base = replace(base, followed=parts.state.followed(job.id))
    if settings.ignore:  # what becomes ignored stays as it is on both sides
        base, remote = _not_ignored(base, remote, Ignore(settings.ignore))
    here = {d.disk for d in job.scan.docs}
    gone = {i: d for i, d in _live(base, remote).items() if d.disk not in here}
    return Snapshot(base, _local(parts, job, job.scan.docs, gone), remote, restored=job.row.recovery)


def _live(base: Base, remote: Remote) -> dict[str, BaseDoc]:
    """What ought to be here: agreed, not left, and online."""
    return {
        i: d for i, d in base.docs.items()
        if not d.left and (r := remote.docs.get(i)) is not None and r.state is RemoteState.LIVE
    }  # fmt: skip


def _local(parts: Parts, job: Job, docs: Sequence[LocalDoc], gone: Mapping[str, BaseDoc]) -> Local:
    strays = find_strays(parts, job, list(gone.values())) if job.dir else []
    return Local(docs, job.scan.folders, job.scan.problems, strays, job.scan.held, job.scan.locked)


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
