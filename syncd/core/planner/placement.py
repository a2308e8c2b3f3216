"""Place: one side moved, the other follows (RULES 2). For the notation see `merge`."""

from __future__ import annotations

from syncd.core import naming, paths
from syncd.core.actions import KeepBoth, MoveLocal, MoveRemote
from syncd.core.entry import BaseDoc, LocalDoc, RemoteDoc
from syncd.core.folder_rules import refuse_move
from syncd.core.paths import ClientPath, DiskPath
from syncd.core.planner.removals import merge_gone
from syncd.core.planner.versions import merge_content_apart
from syncd.core.planner.workspace import Workspace
from syncd.core.restored_backups import Restored


def merge_place(
    workspace: Workspace, base: BaseDoc, local: LocalDoc, remote: RemoteDoc
) -> tuple[ClientPath, DiskPath] | None:
    """Where the document will lie (path, disk) once both sides agree; None when nothing may happen to it."""
    moved_here, moved_online = local.path != base.path, remote.path != base.path
    if local.path == remote.path or not (moved_here or moved_online):
        # Neither moved, or both to the same place: agreed.
        return local.path, local.disk
    # At least one side moved, and they differ. After a restoration the side that was put back has not "moved": it is old.
    if Restored.MIRROR in workspace.restored:
        moved_online = True
    elif Restored.PORTAL in workspace.restored:
        moved_online = False
    if moved_online:
        # The portal moved it, alone or to another place than we did: the portal's place wins.
        return _follow_online(workspace, base, local, remote)
    # We alone moved it.
    return _follow_here(workspace, base, local, remote)


def _follow_online(
    workspace: Workspace, base: BaseDoc, local: LocalDoc, remote: RemoteDoc
) -> tuple[ClientPath, DiskPath] | None:
    rules = workspace.rules
    takes = (
        rules.folder_direction(paths.parent(remote.path)).takes
        and rules.folder_direction(paths.parent(base.path)).takes
    )
    if not takes:
        # One of the two folders takes nothing from the portal, not even a place.
        workspace.notice(local.disk, "direction", remote.path)
        merge_content_apart(workspace, base, local, remote)
        return None
    if workspace.unknown(remote.path):
        # Its new place could not be looked at.
        return None
    to = workspace.disk_path(remote.path)
    if to in workspace.twins and paths.key(remote.path) == paths.key(local.path):
        # Only the spelling differs, and a twin holds that spelling on this disk: the twin is reported, this one stays.
        return local.path, local.disk
    workspace.actions.append(MoveLocal(base.id, local.path, local.disk, remote.path, to, local.content, local.stamp))
    return remote.path, to


def _follow_here(
    workspace: Workspace, base: BaseDoc, local: LocalDoc, remote: RemoteDoc
) -> tuple[ClientPath, DiskPath] | None:
    rules = workspace.rules
    sends = (
        rules.folder_direction(paths.parent(local.path)).sends and rules.folder_direction(paths.parent(base.path)).sends
    )
    if not sends:
        # One of the two folders sends nothing to the portal, not even a place.
        workspace.notice(local.disk, "direction", base.path)
        merge_content_apart(workspace, base, local, remote)
        return None
    if (why := refuse_move(rules, base.path, local.path)) is not None:
        # A deposit under the new name would be refused: the document keeps its name online.
        workspace.refuse(local.disk, why.reason, why.detail)
        workspace.renamed += why.reason == "extension_not_allowed"
        if remote.content != base.content:
            # A new version came online meanwhile: it comes back under its own name.
            merge_gone(workspace, base, remote)
        return None
    occupant = workspace.remote_at.get(paths.key(local.path))
    if occupant is not None and occupant.id != base.id:
        # Another document has that name online, and keeps it. Ours takes a copy's name on both sides; its content, if it
        # changed, goes next time: it lies under another name by then.
        copy = workspace.allocate(lambda p, taken: naming.conflict_copy(p, workspace.stamp, taken), local.path)
        disk = workspace.disk_path(copy)
        workspace.actions.append(KeepBoth(local.path, local.disk, copy, local.content, local.stamp, publish=False))
        workspace.actions.append(MoveRemote(base.id, remote.path, copy, disk, remote.version, local.stamp))
        return None
    workspace.actions.append(MoveRemote(base.id, remote.path, local.path, local.disk, remote.version, local.stamp))
    return local.path, local.disk
