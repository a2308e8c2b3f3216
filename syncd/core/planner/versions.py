"""Content: whose version is newer, and what becomes of two (RULES 2). For the notation see `merge`."""

from __future__ import annotations

from msgspec.structs import replace

from syncd.core import naming, paths
from syncd.core.actions import Download, Fetch, KeepBoth, MoveLocal, MoveRemote, Record, Upload
from syncd.core.entry import BaseDoc, LocalDoc, Problem, RemoteDoc
from syncd.core.folder_rules import Direction, refuse
from syncd.core.paths import ClientPath, DiskPath
from syncd.core.planner.workspace import Workspace
from syncd.core.restored_backups import HERE, Restored


def emptied(base: BaseDoc, local: LocalDoc) -> bool:
    """Suddenly 0 byte, or shorter with an unchanged mtime: a power cut, never an edit (RULES 1, HAZARDS 7)."""
    if local.content.size == 0:
        return base.content.size > 0
    if local.racing:  # an edit within the grain of the disk's times
        return False
    return local.content.size < base.content.size and local.stamp.mtime_ns == base.stamp.mtime_ns


def merge_content(
    workspace: Workspace, base: BaseDoc, local: LocalDoc, remote: RemoteDoc, place: tuple[ClientPath, DiskPath]
) -> None:
    """Both sides have it and it will lie at `place`."""
    _merge(workspace, base, local, remote, place, workspace.rules.folder_direction(paths.parent(place[0])))


def merge_content_apart(workspace: Workspace, base: BaseDoc, local: LocalDoc, remote: RemoteDoc) -> None:
    """Its places differ and stay so, since a folder's direction lets neither side follow. Its versions go on crossing,
    as the folder lets them in which it lies online; the place that was agreed stays what it was."""
    direction = workspace.rules.folder_direction(paths.parent(remote.path))
    _merge(workspace, base, local, replace(remote, path=base.path), (base.path, local.disk), direction)


def _merge(
    workspace: Workspace,
    base: BaseDoc,
    local: LocalDoc,
    remote: RemoteDoc,
    place: tuple[ClientPath, DiskPath],
    direction: Direction,
) -> None:
    path, disk = place
    here_now = replace(local, path=path, disk=disk)
    if local.content == remote.content:
        # any x x → record. Whatever the base says: this also heals a crash before the state was written.
        _record(workspace, base, local, remote, place)
    elif emptied(base, local):
        # Our bytes are a power cut's, no edit of anybody's. They are never sent; the portal's come back where they may.
        workspace.problems.append(Problem(local.path, "emptied"))
        if direction.takes:
            workspace.actions.append(download(remote, disk, here_now, emptied=True))
    elif workspace.restored & HERE and local.content.sha256 in remote.earlier:
        # Our bytes are an earlier version of the portal's, and our side was put back from a backup: they are old, no edit.
        # Whatever the direction: the newer ones were here before.
        workspace.actions.append(download(remote, disk, here_now))
    elif Restored.PORTAL in workspace.restored and remote.content.sha256 in base.earlier:
        # The portal's bytes are an earlier version of what was agreed, and the portal was put back: it is old.
        _send_version(workspace, base, local, remote, place, direction)
    elif local.content == base.content:
        # l = b, r differs: the portal alone changed it. b b r.
        _take_version(workspace, base, local, remote, place, direction)
    elif remote.content == base.content:
        # r = b, l differs: we alone changed it. b l b → upload as a new version.
        _send_version(workspace, base, local, remote, place, direction)
    elif not direction.takes:
        # All three differ, in a folder that takes nothing: ours is sent as the newest version (RULES 4).
        send(workspace, Upload(path, disk, local.content, local.stamp, base.id, remote.version))
    else:
        # any l r → keep_both. All three differ: neither is newer than the other, both are kept.
        keep_both(workspace, here_now, remote, publish=direction.sends)


def _record(
    workspace: Workspace, base: BaseDoc, local: LocalDoc, remote: RemoteDoc, place: tuple[ClientPath, DiskPath]
) -> None:
    path, disk = place
    agreed = replace(
        base, path=path, disk=disk, content=local.content, version=remote.version, stamp=local.stamp, left=False,
        by_company=remote.by_company,
    )  # fmt: skip
    placed = any(isinstance(a, MoveLocal | MoveRemote) and a.doc == base.id for a in workspace.actions[-1:])
    if agreed == base or placed:
        # b b b → nothing; or its move was planned a moment ago, and agrees on the content with the place.
        return
    before, after = ((d.path, d.content, d.version, d.left) for d in (base, agreed))
    workspace.actions.append(Record(doc=agreed, quiet=before == after))


def _take_version(
    workspace: Workspace,
    base: BaseDoc,
    local: LocalDoc,
    remote: RemoteDoc,
    place: tuple[ClientPath, DiskPath],
    direction: Direction,
) -> None:
    path, disk = place
    here_now = replace(local, path=path, disk=disk)
    if not direction.takes:
        # Online changes are not taken here.
        workspace.notice(local.disk, "direction")
    elif base.content.sha256 in remote.earlier:
        # b b r → download. The portal confirms that it still keeps the bytes that are replaced: nothing can be lost.
        workspace.actions.append(download(remote, disk, here_now))
    else:
        # The portal does not keep our bytes: they would be lost with the replacement. b b r, not kept → keep_both.
        keep_both(workspace, here_now, remote, publish=direction.sends)


def _send_version(
    workspace: Workspace,
    base: BaseDoc,
    local: LocalDoc,
    remote: RemoteDoc,
    place: tuple[ClientPath, DiskPath],
    direction: Direction,
) -> None:
    path, disk = place
    if direction.sends:
        # The portal keeps the version that this one goes over.
        send(workspace, Upload(path, disk, local.content, local.stamp, base.id, remote.version))
    else:
        workspace.notice(local.disk, "direction")


def keep_both(workspace: Workspace, local: LocalDoc, remote: RemoteDoc, *, publish: bool) -> None:
    if _copied_before(workspace, local):
        # The same bytes lie beside it as a copy already: they are never copied twice, and may be replaced.
        workspace.actions.append(download(remote, local.disk, local))
        return
    # The portal's document keeps the name; ours takes a copy's, and goes online as a document of its own where it may.
    copy = workspace.allocate(lambda p, taken: naming.conflict_copy(p, workspace.stamp, taken), local.path)
    fetch = Fetch(remote.id, remote.content, remote.version, remote.version_id, remote.by_company)
    publish = (
        publish
        and refuse(workspace.rules, copy, local.content.size) is None
        and workspace.rules.published(paths.parent(copy))
    )
    workspace.actions.append(KeepBoth(remote.path, local.disk, copy, local.content, local.stamp, fetch, publish))


def _copied_before(workspace: Workspace, local: LocalDoc) -> bool:
    stem = paths.key(naming.conflict_stem(paths.name(local.path)))
    folder = paths.key(paths.parent(local.path))
    for other in workspace.local.values():
        name = paths.name(other.path)
        if (
            other.content == local.content
            and naming.is_conflict_copy(name)
            and other.disk != local.disk
            and paths.key(paths.parent(other.path)) == folder
            and paths.key(naming.conflict_stem(name)) == stem
        ):
            return True
    return False


def download(remote: RemoteDoc, disk: DiskPath, over: LocalDoc | None = None, *, emptied: bool = False) -> Download:
    return Download(
        remote.id, remote.path, disk, remote.content, remote.version, remote.version_id,
        over.stamp if over else None, over.content if over else None, by_company=remote.by_company, emptied=emptied,
    )  # fmt: skip


def send(workspace: Workspace, upload: Upload) -> None:
    """Refusals are known before sending; they forbid publishing, never receiving."""
    refusal = refuse(workspace.rules, upload.path, upload.content.size)
    if refusal is None:
        workspace.actions.append(upload)
    else:
        workspace.refuse(upload.disk, refusal.reason, refusal.detail)
