"""The table of RULES 2: existence, place and content of each document, each with its own outcome.

b: the base, what both sides last agreed on; l: the document here; r: the document online. A comment before a branch says
what is true there, as `b l r → plan`, a row of that table: `b b r` reads "agreed on; here as agreed; online otherwise".
"""

from __future__ import annotations

from syncd.core import naming, paths
from syncd.core.actions import MoveLocal, Record, RestoreSetAside, SetAside, Upload
from syncd.core.content import Stamp
from syncd.core.entry import BaseDoc, LocalDoc, RemoteDoc, RemoteState, SetAsideRecord
from syncd.core.planner.match import Here, Matched, Pair, deleted_online
from syncd.core.planner.placement import merge_place
from syncd.core.planner.removals import merge_gone, merge_out_of_reach
from syncd.core.planner.versions import download, keep_both, merge_content, send
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
            # The state is older than this document, and a tombstone has its content as a version: it was deleted online
            # while nobody here remembered it (RULES 7). – l deleted → set_aside.
            _set_aside(workspace, deleted[at], doc)
        else:
            # Nobody knows it: no base, nothing of its name online, no tombstone of its content. – l – → upload.
            _publish(workspace, doc)


# -- documents with a base ---------------------------------------------------------------------------------------


def _merge_known(workspace: Workspace, pair: Pair) -> None:
    match pair.here:
        case Here.UNKNOWN:
            # It, or something above it, could not be looked at: absence proves nothing. unknown → nothing at all.
            return
        case Here.HERE:
            # It was found here, at its place or moved. What is online decides the row.
            assert pair.local is not None
            _here(workspace, pair.base, pair.local, pair.remote)
        case Here.OUT:
            # Its own bytes lie where nothing crosses: somebody moved it there, nobody deleted it ("Moved out of reach").
            merge_out_of_reach(workspace, pair)
        case Here.GONE:
            # It was looked for, and is nowhere that could be looked at.
            merge_gone(workspace, pair.base, pair.remote)


def _here(workspace: Workspace, base: BaseDoc, local: LocalDoc, remote: RemoteDoc | None) -> None:
    lost = remote is None or (remote.tombstone in workspace.followed and Restored.PORTAL in workspace.restored)
    if lost or remote is None:
        # b here missing → upload. No tombstone: nobody deleted it, the portal lost it. A tombstone that was followed here
        # before the portal was put back, and then undone online, is as good as none.
        if workspace.rules.folder_direction(paths.parent(local.path)).sends:
            send(workspace, Upload(local.path, local.disk, local.content, local.stamp, lost=base.id))
        else:
            workspace.notice(local.disk, "direction")
    elif remote.state is RemoteState.DELETED:
        # b b|l deleted → set_aside. A tombstone, the only thing that is a deletion. Its bytes stay, whatever they are.
        _set_aside(workspace, remote, local, edited=local.content != base.content)
    elif remote.state is RemoteState.WITHDRAWN:
        # b here withdrawn → none. The engine may not see it any more: it may do nothing to it either.
        workspace.notice(local.disk, "withdrawn_right")
    else:
        # Both sides have it, and it is live. Place first, then content, each with its own outcome.
        place = merge_place(workspace, base, local, remote)
        if place is not None:
            merge_content(workspace, base, local, remote, place)


def _set_aside(workspace: Workspace, remote: RemoteDoc, local: LocalDoc, *, edited: bool = False) -> None:
    to = workspace.allocate(naming.set_aside, local.path)
    workspace.actions.append(
        SetAside(
            remote.id, local.path, local.disk, to, local.content, local.stamp, remote.tombstone, edited, remote.deleted_by
        )
    )  # fmt: skip


# -- documents without a base ------------------------------------------------------------------------------------


def _merge_new_online(workspace: Workspace, matched: Matched) -> set[str]:
    """Returns the keys of local documents that were settled together with an online one."""
    settled: set[str] = set()
    records = {r.doc: (r, d) for r, d in matched.set_aside.values()}
    for remote in workspace.each(sorted(matched.new_online.values(), key=lambda d: d.path)):
        at = paths.key(remote.path)
        here = matched.new_here.get(at)
        if here is not None:
            # – l r: new on both sides under one name.
            settled.add(at)
            _both_new(workspace, here, remote)
        elif at in workspace.local_folders:
            # A directory has the name here: neither gives way.
            workspace.refuse(workspace.local_folders[at].disk, "name_collision", remote.path)
        elif not workspace.rules.folder_direction(paths.parent(remote.path)).takes:
            workspace.notice(remote.path, "direction")
        else:
            # – – r: the name is free here, or its holder gives way when names are settled.
            _new_online(workspace, remote, records.get(remote.id))
    return settled


def _new_online(workspace: Workspace, remote: RemoteDoc, aside: tuple[SetAsideRecord, LocalDoc] | None) -> None:
    """`aside`: the set-aside of this very document, and where it lies."""
    disk = workspace.disk_path(remote.path)
    if remote.left and Restored.STATE in workspace.restored:
        # The portal remembers that it was taken away here, the state that was put back does not: it is not fetched again.
        nowhere = Stamp(remote.content.size, 0, 0, 0)
        left = BaseDoc(
            remote.id, remote.path, disk, remote.content, remote.version, nowhere, left=True, by_company=remote.by_company
        )  # fmt: skip
        workspace.actions.append(Record(doc=left))
    elif aside is not None and aside[0].content == aside[1].content == remote.content:
        # supp – live again → restore. Back from the bin, and its set-aside is unchanged: renamed back, nothing crosses.
        local = aside[1]
        workspace.actions.append(
            RestoreSetAside(
                remote.id, local.disk, remote.path, disk, local.content, local.stamp, remote.version, remote.by_company
            )
        )  # fmt: skip
    else:
        # – – r → download. An edited set-aside stays what it is.
        workspace.actions.append(download(remote, disk))


def _both_new(workspace: Workspace, here: LocalDoc, remote: RemoteDoc) -> None:
    direction = workspace.rules.folder_direction(paths.parent(remote.path))
    if here.content == remote.content:
        # – x x → record: adopted. This is what a lost state is rebuilt by.
        agreed = BaseDoc(
            remote.id, remote.path, here.disk, here.content, remote.version, here.stamp, by_company=remote.by_company
        )  # fmt: skip
        workspace.actions.append(Record(doc=agreed))
        if here.path != remote.path and direction.takes:
            # One key, two spellings: the portal's wins.
            disk = workspace.disk_path(remote.path)
            workspace.actions.append(
                MoveLocal(remote.id, here.path, here.disk, remote.path, disk, here.content, here.stamp)
            )
    elif workspace.restored & HERE and here.content.sha256 in remote.earlier:
        # The state was lost or is old, and ours is an earlier version of the portal's: it is old, no edit (RULES 7).
        workspace.actions.append(download(remote, here.disk, here))
    elif not direction.takes:
        # In a folder that takes nothing ours is the newest version.
        send(workspace, Upload(remote.path, here.disk, here.content, here.stamp, remote.id, remote.version))
    else:
        # any l r → keep_both. Nothing says which is newer.
        keep_both(workspace, here, remote, publish=direction.sends)


def _publish(workspace: Workspace, doc: LocalDoc) -> None:
    folder = paths.parent(doc.path)
    if not workspace.rules.folder_direction(folder).sends:
        workspace.notice(doc.disk, "direction")
    elif not workspace.rules.in_scope(folder):
        workspace.notice(doc.disk, "out_of_scope")
    else:
        send(workspace, Upload(doc.path, doc.disk, doc.content, doc.stamp))
