"""Only what differs, and its families: what the planner has to look at (DESIGN 5).

`plan(reduce(all)) = plan(all)` is a property of the test suite.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from syncd.core import naming, paths
from syncd.core.entry import BaseDoc, LocalDoc, RemoteDoc, RemoteState
from syncd.core.paths import ClientPath
from syncd.core.snapshot import Remote, Snapshot


def _settled(base: BaseDoc, local: LocalDoc | None, remote: RemoteDoc | None) -> bool:
    """Both sides are as agreed, hints of stat included."""
    return (
        local is not None
        and remote is not None
        and not base.left
        and remote.state is RemoteState.LIVE
        and local.stamp == base.stamp
        and local.content == base.content == remote.content
        and local.path == base.path == remote.path
        and remote.version == base.version
    )


def _moving(snapshot: Snapshot) -> set[str]:
    """Keys of folders that are not where both sides agreed: what lies in them may be carried along."""
    here = {(f.path, f.inode) for f in snapshot.local.folders}
    out: set[str] = set()
    for folder in snapshot.base.folders.values():
        online = snapshot.remote.folders.get(folder.id)
        if online is None or online.path != folder.path or (folder.path, folder.inode) not in here:
            out.add(paths.key(folder.path))
            if online is not None:
                out.add(paths.key(online.path))
    return out


def family(settled: Iterable[tuple[str, ClientPath]], rest: Snapshot) -> set[str]:
    """Of settled documents (id and path), those that `rest` is about all the same.

    Those that share a name with one of it, conflict copies beside one, and what a moving folder carries along.
    """
    touched = {paths.key(d.path) for d in rest.local.docs} | {paths.key(p.path) for p in rest.local.problems}
    touched |= {paths.key(d.path) for d in rest.base.docs.values()}
    touched |= {paths.key(d.path) for d in rest.remote.docs.values()}
    folders = {paths.parent(t) for t in touched}
    moving = _moving(rest)
    return {
        i
        for i, path in settled
        if (at := paths.key(path)) in touched
        or (paths.parent(at) in folders and naming.is_conflict_copy(paths.name(at)))
        or (moving and any(above in moving for above in paths.ancestors(at)))
    }


def reduce(snapshot: Snapshot) -> Snapshot:
    """The snapshot without documents that are settled and share no name with one that is not.

    `occupied` keeps the names of what was left out, so that no free name is found among them.
    """
    base, local, remote = snapshot.base, snapshot.local, snapshot.remote
    by_disk = {d.disk: d for d in local.docs}
    settled = {i: b.path for i, b in base.docs.items() if _settled(b, by_disk.get(b.disk), remote.docs.get(i))}
    if not settled:
        return snapshot
    kept = family(settled.items(), _without(snapshot, settled))
    left_out = {i: path for i, path in settled.items() if i not in kept}
    return replace(_without(snapshot, left_out), occupied=frozenset(paths.key(path) for path in left_out.values()))


def _without(snapshot: Snapshot, ids: Mapping[str, ClientPath]) -> Snapshot:
    base, local, remote = snapshot.base, snapshot.local, snapshot.remote
    gone = {base.docs[i].disk for i in ids}
    return replace(
        snapshot,
        base=replace(base, docs={i: d for i, d in base.docs.items() if i not in ids}),
        local=replace(local, docs=[d for d in local.docs if d.disk not in gone]),
        remote=Remote({i: d for i, d in remote.docs.items() if i not in ids}, remote.folders),
    )
