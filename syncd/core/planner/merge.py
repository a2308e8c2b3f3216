"""The table of RULES 2: existence, place and content of each document, each with its own outcome."""

from __future__ import annotations

from msgspec.structs import replace

from syncd.core import naming, paths
from syncd.core.actions import (
    Download,
    Fetch,
    Forget,
    KeepBoth,
    Leave,
    MoveLocal,
    MoveRemote,
    Record,
    RemoveRemote,
    RestoreSetAside,
    SetAside,
    Upload,
    Withdraw,
)
from syncd.core.content import Stamp
from syncd.core.entry import BaseDoc, LocalDoc, Problem, RemoteDoc, RemoteState, SetAsideRecord
from syncd.core.folder_rules import OnLocalRemoval, refuse, refuse_move
from syncd.core.planner.match import Here, Matched, Pair, deleted_online
from syncd.core.planner.workspace import Workspace
from syncd.core.restored_backups import HERE, Restored


def merge_documents(workspace: Workspace, matched: Matched) -> None:
    for pair in workspace.each(sorted(matched.pairs, key=lambda p: p.base.path)):
        _merge_known(workspace, pair)
    adopted = _merge_new_online(workspace, matched)
    new = {at: doc for at, doc in sorted(matched.new_here.items()) if at not in adopted}
    deleted = deleted_online(workspace, new, matched.explained) if workspace.restored & HERE else {}
    for at, doc in workspace.each(new.items()):
        if at in deleted:
            _set_aside(workspace, deleted[at], doc)
        else:
            _publish(workspace, doc)


# -- documents with a base ---------------------------------------------------------------------------------------


def _merge_known(workspace: Workspace, pair: Pair) -> None:
    match pair.here:
        case Here.UNKNOWN:
            return
        case Here.HERE:
            assert pair.local is not None
            _here(workspace, pair.base, pair.local, pair.remote)
        case Here.OUT:
            _out_of_reach(workspace, pair)
        case Here.GONE:
            _gone(workspace, pair.base, pair.remote)


def _here(workspace: Workspace, base: BaseDoc, local: LocalDoc, remote: RemoteDoc | None) -> None:
    if remote is None or (remote.tombstone in workspace.followed and Restored.PORTAL in workspace.restored):
        if workspace.rules.folder_direction(paths.parent(local.path)).sends:
            _send(workspace, Upload(local.path, local.disk, local.content, local.stamp, lost=base.id))
        else:
            workspace.notice(local.disk, "direction")
    elif remote.state is RemoteState.DELETED:
        _set_aside(workspace, remote, local, edited=local.content != base.content)
    elif remote.state is RemoteState.WITHDRAWN:
        workspace.notice(local.disk, "withdrawn_right")
    else:
        place = _place(workspace, base, local, remote)
        if place is not None:
            _content(workspace, base, local, remote, place)


def _set_aside(workspace: Workspace, remote: RemoteDoc, local: LocalDoc, *, edited: bool = False) -> None:
    to = workspace.allocate(naming.set_aside, local.path)
    workspace.actions.append(
        SetAside(
            remote.id, local.path, local.disk, to, local.content, local.stamp, remote.tombstone, edited, remote.deleted_by
        )
    )  # fmt: skip


def _place(workspace: Workspace, base: BaseDoc, local: LocalDoc, remote: RemoteDoc) -> tuple[str, str] | None:
    """Where the document will lie (path, disk) once both sides agree; None when nothing may happen to it."""
    moved_here, moved_online = local.path != base.path, remote.path != base.path
    if local.path == remote.path or not (moved_here or moved_online):
        return local.path, local.disk
    rules = workspace.rules
    if Restored.MIRROR in workspace.restored:  # an old tree: the portal's place wins
        moved_online = True
    elif Restored.PORTAL in workspace.restored:  # an old portal: ours does
        moved_online = False
    if moved_online:
        if not (
            rules.folder_direction(paths.parent(remote.path)).takes
            and rules.folder_direction(paths.parent(base.path)).takes
        ):
            workspace.notice(local.disk, "direction", remote.path)
            return None
        if workspace.unknown(remote.path):
            return None
        to = workspace.disk_path(remote.path)
        if to in workspace.twins and paths.key(remote.path) == paths.key(local.path):
            return local.path, local.disk  # its other spelling is taken by a twin, which is reported
        workspace.actions.append(
            MoveLocal(base.id, local.path, local.disk, remote.path, to, local.content, local.stamp)
        )
        return remote.path, to
    if not (
        rules.folder_direction(paths.parent(local.path)).sends and rules.folder_direction(paths.parent(base.path)).sends
    ):
        workspace.notice(local.disk, "direction", base.path)
        return None
    if (why := refuse_move(rules, base.path, local.path)) is not None:
        workspace.refuse(local.disk, why.reason, why.detail)
        workspace.renamed += why.reason == "extension_not_allowed"
        if remote.content != base.content:  # a new version came online: it comes back under its own name
            _gone(workspace, base, remote)
        return None
    occupant = workspace.remote_at.get(paths.key(local.path))
    if occupant is not None and occupant.id != base.id:
        copy = workspace.allocate(lambda p, taken: naming.conflict_copy(p, workspace.stamp, taken), local.path)
        disk = workspace.disk_path(copy)
        workspace.actions.append(KeepBoth(local.path, local.disk, copy, local.content, local.stamp, publish=False))
        workspace.actions.append(MoveRemote(base.id, remote.path, copy, disk, remote.version, local.stamp))
        return None  # its content, if it changed, next time: it lies under another name by then
    workspace.actions.append(MoveRemote(base.id, remote.path, local.path, local.disk, remote.version, local.stamp))
    return local.path, local.disk


def emptied(base: BaseDoc, local: LocalDoc) -> bool:
    """Suddenly 0 byte, or shorter with an unchanged mtime: a power cut, never an edit (RULES 1, HAZARDS 7)."""
    if local.content.size == 0:
        return base.content.size > 0
    if local.racing:  # an edit within the grain of the disk's times
        return False
    return local.content.size < base.content.size and local.stamp.mtime_ns == base.stamp.mtime_ns


def _content(workspace: Workspace, base: BaseDoc, local: LocalDoc, remote: RemoteDoc, place: tuple[str, str]) -> None:
    path, disk = place
    here_now = replace(local, path=path, disk=disk)
    if local.content == remote.content:
        agreed = replace(
            base, path=path, disk=disk, content=local.content, version=remote.version, stamp=local.stamp, left=False,
            by_company=remote.by_company,
        )  # fmt: skip
        placed = any(isinstance(a, MoveLocal | MoveRemote) and a.doc == base.id for a in workspace.actions[-1:])
        if agreed != base and not placed:
            quiet = (agreed.path, agreed.content, agreed.version, agreed.left) == (
                base.path,
                base.content,
                base.version,
                base.left,
            )
            workspace.actions.append(Record(doc=agreed, quiet=quiet))
        return
    direction = workspace.rules.folder_direction(paths.parent(path))
    if emptied(base, local):
        workspace.problems.append(Problem(local.disk, "emptied"))
        if direction.takes:
            workspace.actions.append(_download(remote, disk, here_now, emptied=True))
        return
    if (
        workspace.restored & HERE and local.content.sha256 in remote.earlier
    ):  # an old copy of it came back with a backup
        workspace.actions.append(_download(remote, disk, here_now))  # whatever the direction: it was here before
        return
    if Restored.PORTAL in workspace.restored and remote.content.sha256 in base.earlier:  # the portal went back to it
        if direction.sends:
            _send(workspace, Upload(path, disk, local.content, local.stamp, base.id, remote.version))
        else:
            workspace.notice(local.disk, "direction")
        return
    if local.content == base.content:
        if not direction.takes:
            workspace.notice(local.disk, "direction")
        elif base.content.sha256 in remote.earlier:
            workspace.actions.append(_download(remote, disk, here_now))
        else:
            _keep_both(workspace, here_now, remote, publish=direction.sends)
    elif remote.content == base.content:
        if direction.sends:
            _send(workspace, Upload(path, disk, local.content, local.stamp, base.id, remote.version))
        else:
            workspace.notice(local.disk, "direction")
    elif not direction.takes:
        _send(workspace, Upload(path, disk, local.content, local.stamp, base.id, remote.version))
    else:
        _keep_both(workspace, here_now, remote, publish=direction.sends)


def _keep_both(workspace: Workspace, local: LocalDoc, remote: RemoteDoc, *, publish: bool) -> None:
    stem, folder = (
        paths.key(naming.conflict_stem(paths.name(local.path))),
        paths.key(paths.parent(local.path)),
    )
    for other in workspace.local.values():
        name = paths.name(other.path)
        if (
            other.content == local.content
            and naming.is_conflict_copy(name)
            and other.disk != local.disk
            and paths.key(paths.parent(other.path)) == folder
            and paths.key(naming.conflict_stem(name)) == stem
        ):  # the same content is never copied twice
            workspace.actions.append(_download(remote, local.disk, local))
            return
    copy = workspace.allocate(lambda p, taken: naming.conflict_copy(p, workspace.stamp, taken), local.path)
    fetch = Fetch(remote.id, remote.content, remote.version, remote.version_id, remote.by_company)
    publish = (
        publish
        and refuse(workspace.rules, copy, local.content.size) is None
        and workspace.rules.published(paths.parent(copy))
    )
    workspace.actions.append(KeepBoth(remote.path, local.disk, copy, local.content, local.stamp, fetch, publish))


def _download(remote: RemoteDoc, disk: str, over: LocalDoc | None = None, *, emptied: bool = False) -> Download:
    return Download(
        remote.id, remote.path, disk, remote.content, remote.version, remote.version_id,
        over.stamp if over else None, over.content if over else None, by_company=remote.by_company, emptied=emptied,
    )  # fmt: skip


def _gone(workspace: Workspace, base: BaseDoc, remote: RemoteDoc | None) -> None:
    if remote is None or remote.state is RemoteState.DELETED:
        workspace.actions.append(Forget(base.path, doc=base.id))
        return
    if remote.state is RemoteState.WITHDRAWN:
        return
    direction = workspace.rules.folder_direction(paths.parent(remote.path))
    if remote.content != base.content or remote.path != base.path:  # changed online: it comes back
        if direction.takes and not workspace.unknown(remote.path):
            workspace.actions.append(_download(remote, workspace.disk_path(remote.path)))
        return
    if workspace.restored & HERE and not base.left:  # that it is not here proves nothing
        if remote.left and Restored.STATE in workspace.restored:
            workspace.actions.append(Record(doc=replace(base, left=True)))
        elif not workspace.unknown(remote.path):
            workspace.actions.append(_download(remote, workspace.disk_path(remote.path)))
        return
    if base.left or workspace.scan_holds_unknown:
        return
    rule = workspace.rules.rule(paths.parent(base.path))
    removal = rule.on_local_removal if rule else OnLocalRemoval.LEAVE
    if removal is OnLocalRemoval.RESTORE and direction.takes:
        workspace.actions.append(_download(remote, workspace.disk_path(remote.path)))
    elif removal is OnLocalRemoval.REMOVE and direction.sends:
        workspace.actions.append(RemoveRemote(base.id, base.path, remote.version))
    else:
        workspace.actions.append(Leave(base.id, base.path))


def _out_of_reach(workspace: Workspace, pair: Pair) -> None:
    base, remote = pair.base, pair.remote
    if remote is None or Restored.MIRROR in workspace.restored or remote.state is not RemoteState.LIVE:
        _gone(workspace, base, remote)
    elif workspace.scan_holds_unknown:
        return
    elif remote.content != base.content:
        _gone(workspace, base, remote)
    elif remote.by_company or not workspace.rules.folder_direction(paths.parent(base.path)).sends:
        workspace.notice(base.path, "moved_out", pair.where)
        workspace.actions.append(Leave(base.id, base.path, "moved_out"))
    else:
        workspace.actions.append(Withdraw(base.id, base.path, remote.version, pair.where))


# -- documents without a base ------------------------------------------------------------------------------------


def _merge_new_online(workspace: Workspace, matched: Matched) -> set[str]:
    """Returns the keys of local documents that were settled together with an online one."""
    settled: set[str] = set()
    records = {r.doc: (r, d) for r, d in matched.set_aside.values()}
    for remote in workspace.each(sorted(matched.new_online.values(), key=lambda d: d.path)):
        at = paths.key(remote.path)
        direction = workspace.rules.folder_direction(paths.parent(remote.path))
        here = matched.new_here.get(at)
        if here is not None:
            settled.add(at)
            _both_new(workspace, here, remote)
        elif at in workspace.local_folders:
            workspace.refuse(workspace.local_folders[at].disk, "name_collision", remote.path)
        elif not direction.takes:
            workspace.notice(remote.path, "direction")
        elif remote.left and Restored.STATE in workspace.restored:
            nowhere = Stamp(remote.content.size, 0, 0, 0)
            left = BaseDoc(
                remote.id, remote.path, workspace.disk_path(remote.path), remote.content, remote.version, nowhere, left=True,
                by_company=remote.by_company,
            )  # fmt: skip
            workspace.actions.append(Record(doc=left))
        elif (back := records.get(remote.id)) is not None and _unchanged(*back) and back[1].content == remote.content:
            local = back[1]
            workspace.actions.append(
                RestoreSetAside(
                    remote.id,
                    local.disk,
                    remote.path,
                    workspace.disk_path(remote.path),
                    local.content,
                    local.stamp,
                    remote.version,
                    remote.by_company,
                )
            )
        else:
            workspace.actions.append(_download(remote, workspace.disk_path(remote.path)))
    return settled


def _unchanged(record: SetAsideRecord, local: LocalDoc) -> bool:
    return record.content == local.content


def _both_new(workspace: Workspace, here: LocalDoc, remote: RemoteDoc) -> None:
    direction = workspace.rules.folder_direction(paths.parent(remote.path))
    if here.content == remote.content:
        workspace.actions.append(
            Record(
                doc=BaseDoc(
                    remote.id,
                    remote.path,
                    here.disk,
                    here.content,
                    remote.version,
                    here.stamp,
                    by_company=remote.by_company,
                )
            )
        )
        if here.path != remote.path and direction.takes:
            workspace.actions.append(
                MoveLocal(
                    remote.id,
                    here.path,
                    here.disk,
                    remote.path,
                    workspace.disk_path(remote.path),
                    here.content,
                    here.stamp,
                )
            )
    elif workspace.restored & HERE and here.content.sha256 in remote.earlier:
        workspace.actions.append(_download(remote, here.disk, here))
    elif not direction.takes:
        _send(workspace, Upload(remote.path, here.disk, here.content, here.stamp, remote.id, remote.version))
    else:
        _keep_both(workspace, here, remote, publish=direction.sends)


def _publish(workspace: Workspace, doc: LocalDoc) -> None:
    folder = paths.parent(doc.path)
    if not workspace.rules.folder_direction(folder).sends:
        workspace.notice(doc.disk, "direction")
    elif not workspace.rules.in_scope(folder):
        workspace.notice(doc.disk, "out_of_scope")
    else:
        _send(workspace, Upload(doc.path, doc.disk, doc.content, doc.stamp))


def _send(workspace: Workspace, upload: Upload) -> None:
    """Refusals are known before sending; they forbid publishing, never receiving."""
    refusal = refuse(workspace.rules, upload.path, upload.content.size)
    if refusal is None:
        workspace.actions.append(upload)
    else:
        workspace.refuse(upload.disk, refusal.reason, refusal.detail)
