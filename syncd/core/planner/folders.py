"""Folders first: each move is one rename or one request that carries all that is inside (RULES 2)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from syncd.core import naming, paths
from syncd.core.actions import Forget, MakeFolder, MoveFolder, Record, Side
from syncd.core.entry import BaseFolder, LocalFolder
from syncd.core.paths import ClientPath
from syncd.core.planner.workspace import Workspace
from syncd.core.restored_backups import HERE, Restored


def merge_folders(workspace: Workspace) -> None:
    _missing_template_folders(workspace)
    _one_directory_each(workspace)
    done: set[str] = set()
    for folder_id in sorted(
        workspace.base_folders,
        key=lambda i: (workspace.base_folders[i].path.count("/"), workspace.base_folders[i].path),
    ):
        _in_turn(workspace, folder_id, done)
    _new_online(workspace)
    _new_here(workspace)


def _in_turn(workspace: Workspace, folder_id: str, done: set[str]) -> None:
    """A folder whose place is taken by one that moves away comes after it."""
    if folder_id in done:
        return
    done.add(folder_id)
    way = [(folder_id, _before(workspace, folder_id))]
    while way:
        at, before = way[-1]
        other = next((i for i in before if i not in done), "")
        if other:
            done.add(other)
            way.append((other, _before(workspace, other)))
        else:
            way.pop()
            _merge_known(workspace, workspace.base_folders[at])


def _before(workspace: Workspace, folder_id: str) -> Iterator[str]:
    """Who has to leave the folder's new place first."""
    online = workspace.remote_folders.get(folder_id, "")
    if online and online != workspace.base_folders[folder_id].path:
        for other in list(workspace.base_folders.values()):
            if (
                paths.key(other.path) == paths.key(online)
                and workspace.remote_folders.get(other.id, other.path) != other.path
            ):
                yield other.id


def _template(workspace: Workspace, folder: BaseFolder) -> bool:
    return "/" not in folder.path or workspace.rules.has(folder.path)


def _missing_template_folders(workspace: Workspace) -> None:
    """A template folder that is missing here while base has documents below is unknown, never removals."""
    if Restored.MIRROR in workspace.restored:  # the backup may be older than the folder: it is made again
        return
    for folder in list(workspace.base_folders.values()):
        if (
            not _template(workspace, folder)
            or paths.key(folder.path) in workspace.local_folders
            or workspace.unknown(folder.path)
        ):
            continue
        if any(paths.is_below(d.path, folder.path) and not d.left for d in workspace.base.values()):
            workspace.problem(folder.path, "missing_folder")
        for other in list(workspace.local_folders.values()):
            if other.inode == folder.inode and paths.key(other.path) != paths.key(folder.path):
                workspace.problem(other.path, "renamed_template_folder", folder.path)


def _one_directory_each(workspace: Workspace) -> None:
    """A rename that failed, and another folder made where it was to leave: the directory is the one's online there."""
    holders: dict[tuple[str, int], list[BaseFolder]] = {}
    for folder in workspace.base_folders.values():
        if folder.disk and not folder.closed and not workspace.unknown(folder.path):
            holders.setdefault((folder.disk, folder.inode), []).append(folder)
    for (disk, _), folders in holders.items():
        owners = [f for f in folders if paths.key(workspace.remote_folders.get(f.id, "")) == paths.key(disk)]
        for folder in folders if owners else ():
            online = workspace.remote_folders.get(folder.id)
            if folder is not owners[0] and online is not None:
                workspace.base_folders[folder.id] = replace(folder, path=online, disk="", inode=0)
                workspace.actions.append(Record(folder=workspace.base_folders[folder.id]))


def _merge_known(workspace: Workspace, base: BaseFolder) -> None:
    base = workspace.base_folders[base.id]  # as moved by the folders above it
    online = workspace.remote_folders.get(base.id)
    if workspace.unknown(base.path):
        return
    if _template(workspace, base):
        here = workspace.local_folders.get(paths.key(base.path))
        if online is None:
            return
        if here is None:
            workspace.actions.append(MakeFolder(Side.LOCAL, online, workspace.disk_path(online), base.id))
        elif (here.disk, here.inode) != (base.disk, base.inode) or base.path != online:
            workspace.actions.append(
                Record(folder=replace(base, path=online, disk=here.disk, inode=here.inode, closed=False))
            )
        return
    here = _where_now(workspace, base)
    if online is None and Restored.PORTAL in workspace.restored and not base.closed:  # made after the portal's backup
        workspace.actions.append(Forget(base.path, folder=base.id))
        del workspace.base_folders[base.id]
    elif online is None:
        _deleted_online(workspace, base, here)
    elif here is None:
        if online != base.path:
            workspace.moved_base(base.path, online)
            agreed = replace(base, path=online, disk="", inode=0)
            workspace.actions.append(Record(folder=agreed, moved_from=base.path))
        elif (
            (workspace.restored & HERE or not base.disk)
            and workspace.rules.folder_direction(online).takes
            and not workspace.unknown(online)
        ):
            workspace.actions.append(MakeFolder(Side.LOCAL, online, workspace.disk_path(online), base.id))
    else:
        _place(workspace, base, here, online)


def _where_now(workspace: Workspace, base: BaseFolder) -> LocalFolder | None:
    """Local identity: the same inode with one of its base documents below, with its own inode and content."""
    at_place = workspace.local_folders.get(paths.key(base.path))
    if at_place is not None and at_place.inode == base.inode:
        return at_place
    for other in workspace.local_folders.values():
        if (
            other.inode != base.inode
            or workspace.unknown(other.path)
            or paths.key(other.path) in _base_places(workspace)
        ):
            continue
        for doc in workspace.base.values():
            if not paths.is_below(doc.path, base.path):
                continue
            found = workspace.local.get(paths.key(paths.rebase(doc.path, base.path, other.path)))
            if (
                found is not None
                and found.stamp.inode == doc.stamp.inode
                and found.content == doc.content
                and doc.content.size
            ):
                return other
    return at_place


def _base_places(workspace: Workspace) -> set[str]:
    return {paths.key(f.path) for f in workspace.base_folders.values() if not f.closed}


def _place(workspace: Workspace, base: BaseFolder, here: LocalFolder, online: ClientPath) -> None:
    moved_here, moved_online = here.path != base.path, online != base.path
    if not moved_here and not moved_online:
        if (here.disk, here.inode) != (base.disk, base.inode) or base.closed:
            workspace.actions.append(Record(folder=replace(base, disk=here.disk, inode=here.inode, closed=False)))
        return
    if here.path == online:
        old = base.path
        workspace.moved_base(old, online, base.disk, here.disk)
        workspace.actions.append(Record(folder=BaseFolder(base.id, online, here.disk, here.inode), moved_from=old))
        return
    if Restored.MIRROR in workspace.restored:  # an old tree: the portal's place wins
        moved_online = True
    elif Restored.PORTAL in workspace.restored:  # an old portal: ours does
        moved_online = False
    if moved_online:
        _follow_online(workspace, base, here, online)
    else:
        _follow_here(workspace, base, here, online)


def _follow_online(workspace: Workspace, base: BaseFolder, here: LocalFolder, online: ClientPath) -> None:
    """The portal's place wins."""
    if (
        not workspace.rules.folder_direction(paths.parent(online)).takes
        or not workspace.rules.folder_direction(base.path).takes
    ):
        workspace.notice(base.path, "direction")
        workspace.hold(here.path)
        workspace.hold(base.path)
        workspace.hold(online)
        return
    occupant = workspace.local_folders.get(paths.key(online))
    taken = (occupant is not None and occupant.inode != here.inode) or paths.key(online) in workspace.local
    into_itself = paths.key(online).startswith(paths.key(here.path) + "/")
    if taken or into_itself or workspace.unknown(online):
        # not one rename: the documents move one by one, and the folder is where the portal says
        workspace.actions.append(Record(folder=replace(base, path=online, disk="", inode=0)))
        return
    if who := workspace.opened_below(
        here.path
    ):  # renamed under an open document, its next save would make the old folder anew
        workspace.problem(here.path, "locked", who[0])
        workspace.hold(base.path)
        workspace.hold(online)
        return
    target = workspace.disk_path(online)
    workspace.actions.append(MoveFolder(Side.LOCAL, base.id, here.path, online, here.disk, target, here.inode))
    workspace.moved_local(here.path, online, here.disk, target)
    workspace.moved_base(base.path, online, base.disk, target)


def _follow_here(workspace: Workspace, base: BaseFolder, here: LocalFolder, online: ClientPath) -> None:
    rules = workspace.rules
    if not rules.folder_direction(here.path).sends or not rules.folder_direction(base.path).sends:
        workspace.notice(here.disk, "direction")
        workspace.hold(here.path)
        workspace.hold(base.path)
        return
    if fault := naming.path_fault(here.path):
        workspace.refuse(here.disk, *fault)
        workspace.hold(here.path)
        workspace.hold(base.path)
        return
    occupant = workspace.remote_folder_at.get(paths.key(here.path))
    if (occupant is not None and occupant != base.id) or paths.key(here.path) in workspace.remote_at:
        # taken online: the documents move one by one, this folder stays where the portal has it, the other lies here
        workspace.actions.append(Record(folder=replace(base, path=online, disk="", inode=0)))
        return
    workspace.actions.append(MoveFolder(Side.REMOTE, base.id, online, here.path, here.disk, here.disk, here.inode))
    workspace.moved_remote(online, here.path)
    workspace.moved_base(base.path, here.path, base.disk, here.disk)


def _deleted_online(workspace: Workspace, base: BaseFolder, here: LocalFolder | None) -> None:
    """The directory stays, and is made again online only when a document goes into it."""
    if here is None:
        workspace.actions.append(Forget(base.path, folder=base.id))
    elif here.path != base.path:
        workspace.moved_base(base.path, here.path, base.disk, here.disk)
        workspace.actions.append(Record(folder=BaseFolder(base.id, here.path, here.disk, here.inode, closed=True)))
    elif not base.closed or (here.disk, here.inode) != (base.disk, base.inode):
        workspace.actions.append(Record(folder=replace(base, disk=here.disk, inode=here.inode, closed=True)))


def _new_online(workspace: Workspace) -> None:
    for folder_id, path in sorted(workspace.remote_folders.items(), key=lambda i: (i[1].count("/"), i[1])):
        if folder_id in workspace.base_folders or workspace.unknown(path):
            continue
        here = workspace.local_folders.get(paths.key(path))
        if here is not None:
            workspace.actions.append(Record(folder=BaseFolder(folder_id, path, here.disk, here.inode)))
        elif paths.key(path) in workspace.local:
            workspace.refuse(workspace.local[paths.key(path)].disk, "name_collision", path)
            workspace.hold(path)
        elif workspace.rules.folder_direction(path).takes or workspace.rules.has(path):
            workspace.actions.append(MakeFolder(Side.LOCAL, path, workspace.disk_path(path), folder_id))


def _new_here(workspace: Workspace) -> None:
    closed = {paths.key(f.path) for f in workspace.base_folders.values() if f.closed}
    places = {paths.key(f.path) for f in workspace.base_folders.values()}
    for at, folder in sorted(workspace.local_folders.items(), key=lambda i: (i[1].path.count("/"), i[1].path)):
        if at in workspace.remote_folder_at or workspace.unknown(folder.path) or "/" not in folder.path:
            continue
        if at in places and at not in closed:
            continue
        if at in workspace.remote_at:
            workspace.refuse(folder.disk, "name_collision", workspace.remote_at[at].path)
            workspace.hold(folder.path)
        elif fault := naming.path_fault(folder.path):
            workspace.refuse(folder.disk, *fault)
            workspace.hold(folder.path)
        elif at not in closed and workspace.rules.published(folder.path):
            workspace.actions.append(MakeFolder(Side.REMOTE, folder.path, folder.disk))
