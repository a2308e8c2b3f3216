"""What the planner looks at of one client: all of it, or, as far as the state can tell, only what differs (core.differing_entries)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from syncd.core import differing_entries, paths
from syncd.core.content import Content
from syncd.core.entry import BaseDoc, BaseFolder, LocalDoc, RemoteFolder, RemoteState, Stray
from syncd.core.ignore_patterns import Ignore
from syncd.core.paths import ClientPath, DiskPath
from syncd.core.restored_backups import Restored
from syncd.core.snapshot import Base, Local, Remote, Snapshot
from syncd.engine.context import Context
from syncd.engine.stages import ClientScan


def snapshot(ctx: Context, seen: ClientScan) -> Snapshot:
    """`plan` of it is the plan of the whole. The scan's rows are in the state by now (open.scan)."""
    if seen.client.adopt or seen.client.row.recovery or ctx.settings.ignore:
        return differing_entries.reduce(whole(ctx, seen))
    return different(ctx, seen)


def different(ctx: Context, seen: ClientScan) -> Snapshot:
    """The database finds what is as agreed on both sides: of that, nothing is read but where it lies."""
    left = {d.disk: d for d in seen.scan.docs}
    settled: dict[str, LocalDoc] = {}
    for i, disk, path in ctx.state.trees.settled(seen.id):
        if (doc := left.get(disk)) is not None and doc.path == path:
            settled[i] = left.pop(disk)
    rest = _without(ctx, seen, settled, left)
    if settled and (family := differing_entries.family(((i, d.path) for i, d in settled.items()), rest)):
        left |= {doc.disk: doc for i in family if (doc := settled.pop(i))}
        rest = _without(ctx, seen, settled, left)
    return replace(rest, occupied=frozenset(paths.key(d.path) for d in settled.values()))


def _without(
    ctx: Context, seen: ClientScan, settled: Mapping[str, LocalDoc], left: Mapping[DiskPath, LocalDoc]
) -> Snapshot:
    base, remote = ctx.state.trees.base.load(seen.id, but=settled), ctx.state.trees.remote.load(seen.id, but=settled)
    gone = {i: d for i, d in _live(base, remote).items() if d.disk not in left}
    if gone:
        places = {d.disk for d in gone.values()}
        there = {d.disk for d in settled.values() if d.disk in places}
        gone = {i: d for i, d in gone.items() if d.disk not in there}
    return Snapshot(base, _local(ctx, seen, [d for d in seen.scan.docs if d.disk in left], gone), remote)


def whole(ctx: Context, seen: ClientScan) -> Snapshot:
    base, remote = ctx.state.trees.base.load(seen.id), ctx.state.trees.remote.load(seen.id)
    if Restored.PORTAL in seen.client.row.recovery:
        base = replace(base, followed=ctx.state.set_asides.followed(seen.id))
    if ctx.settings.ignore:  # what becomes ignored stays as it is on both sides
        base, remote = _not_ignored(base, remote, Ignore(ctx.settings.ignore))
    here = {d.disk for d in seen.scan.docs}
    gone = {i: d for i, d in _live(base, remote).items() if d.disk not in here}
    return Snapshot(base, _local(ctx, seen, seen.scan.docs, gone), remote, restored=seen.client.row.recovery)


def _live(base: Base, remote: Remote) -> dict[str, BaseDoc]:
    """What ought to be here: agreed, not left, and online."""
    return {
        i: d for i, d in base.docs.items()
        if not d.left and (r := remote.docs.get(i)) is not None and r.state is RemoteState.LIVE
    }  # fmt: skip


def _local(ctx: Context, seen: ClientScan, docs: Sequence[LocalDoc], gone: Mapping[str, BaseDoc]) -> Local:
    strays = _strays(ctx, seen, list(gone.values())) if seen.client.dir else []
    return Local(docs, seen.scan.folders, seen.scan.problems, strays, seen.scan.held, seen.scan.locked)


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


def _paths(folders: Mapping[str, BaseFolder] | Mapping[str, RemoteFolder]) -> list[tuple[str, ClientPath]]:
    return [(i, f.path) for i, f in folders.items()]


def _strays(ctx: Context, seen: ClientScan, gone: Sequence[BaseDoc]) -> list[Stray]:
    """Where documents that are gone lie now: a `none` or unknown folder, another client's directory."""
    out = []
    by_stat: defaultdict[tuple[int, int], list[DiskPath]] = defaultdict(list)
    for inode, size, disk in seen.scan.strays:
        by_stat[(inode, size)].append(disk)
    for doc in gone:
        for disk in by_stat.get((doc.stamp.inode, doc.content.size), []):
            try:
                content = ctx.mirror.content(seen.client.dir, disk)
            except OSError:
                continue
            if content == doc.content:
                out.append(Stray(disk, content, doc.stamp.inode))
        for directory, disk, sha256 in ctx.state.trees.local.find_inode(doc.stamp.inode, doc.content.size, seen.id):
            if sha256 == doc.content.sha256:
                out.append(Stray(DiskPath(f"{directory}/{disk}"), Content(doc.content.size, sha256), doc.stamp.inode))
    return out
