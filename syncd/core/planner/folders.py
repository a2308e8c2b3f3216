"""Folders first: each move is one rename or one request that carries all that is inside (RULES 2)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from syncd.core import naming, paths
from syncd.core.actions import Forget, MakeFolder, MoveFolder, Record, Side
from syncd.core.entry import BaseFolder, LocalFolder
from syncd.core.planner.desk import Desk
from syncd.core.recovery import HERE, Restored


def merge_folders(desk: Desk) -> None:
    _missing_template_folders(desk)
    _one_directory_each(desk)
    done: set[str] = set()
    for folder_id in sorted(
        desk.base_folders, key=lambda i: (desk.base_folders[i].path.count("/"), desk.base_folders[i].path)
    ):
        _in_turn(desk, folder_id, done)
    _new_online(desk)
    _new_here(desk)


def _in_turn(desk: Desk, folder_id: str, done: set[str]) -> None:
    """A folder whose place is taken by one that moves away comes after it."""
    if folder_id in done:
        return
    done.add(folder_id)
    way = [(folder_id, _before(desk, folder_id))]
    while way:
        at, before = way[-1]
        other = next((i for i in before if i not in done), "")
        if other:
            done.add(other)
            way.append((other, _before(desk, other)))
        else:
            way.pop()
            _merge_known(desk, desk.base_folders[at])


def _before(desk: Desk, folder_id: str) -> Iterator[str]:
    """Who has to leave the folder's new place first."""
    online = desk.remote_folders.get(folder_id, "")
    if online and online != desk.base_folders[folder_id].path:
        for other in list(desk.base_folders.values()):
            if (
                paths.key(other.path) == paths.key(online)
                and desk.remote_folders.get(other.id, other.path) != other.path
            ):
                yield other.id


def _template(desk: Desk, folder: BaseFolder) -> bool:
    return "/" not in folder.path or desk.rules.has(folder.path)


def _missing_template_folders(desk: Desk) -> None:
    """A template folder that is missing here while base has documents below is unknown, never removals."""
    if Restored.MIRROR in desk.restored:  # the backup may be older than the folder: it is made again
        return
    for folder in list(desk.base_folders.values()):
        if not _template(desk, folder) or paths.key(folder.path) in desk.local_folders or desk.unknown(folder.path):
            continue
        if any(paths.is_below(d.path, folder.path) and not d.left for d in desk.base.values()):
            desk.problem(folder.path, "missing_folder")
        for other in list(desk.local_folders.values()):
            if other.inode == folder.inode and paths.key(other.path) != paths.key(folder.path):
                desk.problem(other.path, "renamed_template_folder", folder.path)


def _one_directory_each(desk: Desk) -> None:
    """A rename that failed, and another folder made where it was to leave: the directory is the one's online there."""
    holders: dict[tuple[str, int], list[BaseFolder]] = {}
    for folder in desk.base_folders.values():
        if folder.disk and not folder.closed and not desk.unknown(folder.path):
            holders.setdefault((folder.disk, folder.inode), []).append(folder)
    for (disk, _), folders in holders.items():
        owners = [f for f in folders if paths.key(desk.remote_folders.get(f.id, "")) == paths.key(disk)]
        for folder in folders if owners else ():
            online = desk.remote_folders.get(folder.id)
            if folder is not owners[0] and online is not None:
                desk.base_folders[folder.id] = replace(folder, path=online, disk="", inode=0)
                desk.actions.append(Record(folder=desk.base_folders[folder.id]))


def _merge_known(desk: Desk, base: BaseFolder) -> None:
    base = desk.base_folders[base.id]  # as moved by the folders above it
    online = desk.remote_folders.get(base.id)
    if desk.unknown(base.path):
        return
    if _template(desk, base):
        here = desk.local_folders.get(paths.key(base.path))
        if online is None:
            return
        if here is None:
            desk.actions.append(MakeFolder(Side.LOCAL, online, desk.disk_path(online), base.id))
        elif (here.disk, here.inode) != (base.disk, base.inode) or base.path != online:
            desk.actions.append(
                Record(folder=replace(base, path=online, disk=here.disk, inode=here.inode, closed=False))
            )
        return
    here = _where_now(desk, base)
    if online is None and Restored.PORTAL in desk.restored and not base.closed:  # made after the portal's backup
        desk.actions.append(Forget(base.path, folder=base.id))
        del desk.base_folders[base.id]
    elif online is None:
        _deleted_online(desk, base, here)
    elif here is None:
        if online != base.path:
            desk.moved_base(base.path, online)
            agreed = replace(base, path=online, disk="", inode=0)
            desk.actions.append(Record(folder=agreed, moved_from=base.path))
        elif (
            (desk.restored & HERE or not base.disk)
            and desk.rules.folder_direction(online).takes
            and not desk.unknown(online)
        ):
            desk.actions.append(MakeFolder(Side.LOCAL, online, desk.disk_path(online), base.id))
    else:
        _place(desk, base, here, online)


def _where_now(desk: Desk, base: BaseFolder) -> LocalFolder | None:
    """Local identity: the same inode with one of its base documents below, with its own inode and content."""
    at_place = desk.local_folders.get(paths.key(base.path))
    if at_place is not None and at_place.inode == base.inode:
        return at_place
    for other in desk.local_folders.values():
        if other.inode != base.inode or desk.unknown(other.path) or paths.key(other.path) in _base_places(desk):
            continue
        for doc in desk.base.values():
            if not paths.is_below(doc.path, base.path):
                continue
            found = desk.local.get(paths.key(paths.rebase(doc.path, base.path, other.path)))
            if (
                found is not None
                and found.stamp.inode == doc.stamp.inode
                and found.content == doc.content
                and doc.content.size
            ):
                return other
    return at_place


def _base_places(desk: Desk) -> set[str]:
    return {paths.key(f.path) for f in desk.base_folders.values() if not f.closed}


def _place(desk: Desk, base: BaseFolder, here: LocalFolder, online: str) -> None:
    moved_here, moved_online = here.path != base.path, online != base.path
    if not moved_here and not moved_online:
        if (here.disk, here.inode) != (base.disk, base.inode) or base.closed:
            desk.actions.append(Record(folder=replace(base, disk=here.disk, inode=here.inode, closed=False)))
        return
    if here.path == online:
        old = base.path
        desk.moved_base(old, online, base.disk, here.disk)
        desk.actions.append(Record(folder=BaseFolder(base.id, online, here.disk, here.inode), moved_from=old))
        return
    if Restored.MIRROR in desk.restored:  # an old tree: the portal's place wins
        moved_online = True
    elif Restored.PORTAL in desk.restored:  # an old portal: ours does
        moved_online = False
    if moved_online:
        _follow_online(desk, base, here, online)
    else:
        _follow_here(desk, base, here, online)


def _follow_online(desk: Desk, base: BaseFolder, here: LocalFolder, online: str) -> None:
    """The portal's place wins."""
    if not desk.rules.folder_direction(paths.parent(online)).takes or not desk.rules.folder_direction(base.path).takes:
        desk.notice(base.path, "direction")
        desk.hold(here.path)
        desk.hold(base.path)
        desk.hold(online)
        return
    occupant = desk.local_folders.get(paths.key(online))
    taken = (occupant is not None and occupant.inode != here.inode) or paths.key(online) in desk.local
    into_itself = paths.key(online).startswith(paths.key(here.path) + "/")
    if taken or into_itself or desk.unknown(online):
        # not one rename: the documents move one by one, and the folder is where the portal says
        desk.actions.append(Record(folder=replace(base, path=online, disk="", inode=0)))
        return
    if who := desk.opened_below(
        here.path
    ):  # renamed under an open document, its next save would make the old folder anew
        desk.problem(here.path, "locked", who[0])
        desk.hold(base.path)
        desk.hold(online)
        return
    target = desk.disk_path(online)
    desk.actions.append(MoveFolder(Side.LOCAL, base.id, here.path, online, here.disk, target, here.inode))
    desk.moved_local(here.path, online, here.disk, target)
    desk.moved_base(base.path, online, base.disk, target)


def _follow_here(desk: Desk, base: BaseFolder, here: LocalFolder, online: str) -> None:
    rules = desk.rules
    if not rules.folder_direction(here.path).sends or not rules.folder_direction(base.path).sends:
        desk.notice(here.disk, "direction")
        desk.hold(here.path)
        desk.hold(base.path)
        return
    if fault := naming.path_fault(here.path):
        desk.refuse(here.disk, *fault)
        desk.hold(here.path)
        desk.hold(base.path)
        return
    occupant = desk.remote_folder_at.get(paths.key(here.path))
    if (occupant is not None and occupant != base.id) or paths.key(here.path) in desk.remote_at:
        # taken online: the documents move one by one, this folder stays where the portal has it, the other lies here
        desk.actions.append(Record(folder=replace(base, path=online, disk="", inode=0)))
        return
    desk.actions.append(MoveFolder(Side.REMOTE, base.id, online, here.path, here.disk, here.disk, here.inode))
    desk.moved_remote(online, here.path)
    desk.moved_base(base.path, here.path, base.disk, here.disk)


def _deleted_online(desk: Desk, base: BaseFolder, here: LocalFolder | None) -> None:
    """The directory stays, and is made again online only when a document goes into it."""
    if here is None:
        desk.actions.append(Forget(base.path, folder=base.id))
    elif here.path != base.path:
        desk.moved_base(base.path, here.path, base.disk, here.disk)
        desk.actions.append(Record(folder=BaseFolder(base.id, here.path, here.disk, here.inode, closed=True)))
    elif not base.closed or (here.disk, here.inode) != (base.disk, base.inode):
        desk.actions.append(Record(folder=replace(base, disk=here.disk, inode=here.inode, closed=True)))


def _new_online(desk: Desk) -> None:
    for folder_id, path in sorted(desk.remote_folders.items(), key=lambda i: (i[1].count("/"), i[1])):
        if folder_id in desk.base_folders or desk.unknown(path):
            continue
        here = desk.local_folders.get(paths.key(path))
        if here is not None:
            desk.actions.append(Record(folder=BaseFolder(folder_id, path, here.disk, here.inode)))
        elif paths.key(path) in desk.local:
            desk.refuse(desk.local[paths.key(path)].disk, "name_collision", path)
            desk.hold(path)
        elif desk.rules.folder_direction(path).takes or desk.rules.has(path):
            desk.actions.append(MakeFolder(Side.LOCAL, path, desk.disk_path(path), folder_id))


def _new_here(desk: Desk) -> None:
    closed = {paths.key(f.path) for f in desk.base_folders.values() if f.closed}
    places = {paths.key(f.path) for f in desk.base_folders.values()}
    for at, folder in sorted(desk.local_folders.items(), key=lambda i: (i[1].path.count("/"), i[1].path)):
        if at in desk.remote_folder_at or desk.unknown(folder.path) or "/" not in folder.path:
            continue
        if at in places and at not in closed:
            continue
        if at in desk.remote_at:
            desk.refuse(folder.disk, "name_collision", desk.remote_at[at].path)
            desk.hold(folder.path)
        elif fault := naming.path_fault(folder.path):
            desk.refuse(folder.disk, *fault)
            desk.hold(folder.path)
        elif at not in closed and desk.rules.published(folder.path):
            desk.actions.append(MakeFolder(Side.REMOTE, folder.path, folder.disk))
