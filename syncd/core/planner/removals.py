"""Documents that are not here any more: somebody took them away, or nothing proves that (RULES 2). Notation: `merge`."""

from __future__ import annotations

from msgspec.structs import replace

from syncd.core import paths
from syncd.core.actions import Forget, Leave, Record, RemoveRemote, Withdraw
from syncd.core.entry import BaseDoc, RemoteDoc, RemoteState
from syncd.core.folder_rules import OnLocalRemoval
from syncd.core.planner.match import Pair
from syncd.core.planner.versions import download
from syncd.core.planner.workspace import Workspace
from syncd.core.restored_backups import HERE, Restored


def merge_gone(workspace: Workspace, base: BaseDoc, remote: RemoteDoc | None) -> None:
    if remote is None or remote.state is RemoteState.DELETED:
        # b gone deleted|missing → forget. On neither side: nothing is left to be done.
        workspace.actions.append(Forget(base.path, doc=base.id))
        return
    if remote.state is RemoteState.WITHDRAWN:
        # b gone withdrawn → none.
        return
    # Online it is live. Every download from here on needs a place that could be looked at.
    direction = workspace.rules.folder_direction(paths.parent(remote.path))
    if remote.content != base.content or remote.path != base.path:
        # b gone r → download. It changed online since it was agreed on: the edit wins over the removal.
        if direction.takes and not workspace.unknown(remote.path):
            workspace.actions.append(download(remote, workspace.disk_path(remote.path)))
        return
    if workspace.restored & HERE and not base.left:
        # Our side, or its memory, was put back: that the document is not here proves nothing.
        _gone_with_a_backup(workspace, base, remote)
        return
    if base.left or workspace.scan_holds_unknown:
        # Left before, and still; or something of this client could not be looked at, and may be this very document:
        # removals are decided last, and never then.
        return
    # b gone b: unchanged online, and taken away here by somebody. The folder says what that means.
    _taken_away(workspace, base, remote)


def _gone_with_a_backup(workspace: Workspace, base: BaseDoc, remote: RemoteDoc) -> None:
    if remote.left and Restored.STATE in workspace.restored:
        # The portal remembers that it was left, the state that was put back does not.
        workspace.actions.append(Record(doc=replace(base, left=True)))
    elif not workspace.unknown(remote.path):
        workspace.actions.append(download(remote, workspace.disk_path(remote.path)))


def _taken_away(workspace: Workspace, base: BaseDoc, remote: RemoteDoc) -> None:
    direction = workspace.rules.folder_direction(paths.parent(remote.path))
    rule = workspace.rules.rule(paths.parent(base.path))
    removal = rule.on_local_removal if rule else OnLocalRemoval.LEAVE
    if removal is OnLocalRemoval.RESTORE and direction.takes:
        workspace.actions.append(download(remote, workspace.disk_path(remote.path)))
    elif removal is OnLocalRemoval.REMOVE and direction.sends:
        workspace.actions.append(RemoveRemote(base.id, base.path, remote.version))
    else:
        workspace.actions.append(Leave(base.id, base.path))


def merge_out_of_reach(workspace: Workspace, pair: Pair) -> None:
    base, remote = pair.base, pair.remote
    if remote is None or Restored.MIRROR in workspace.restored or remote.state is not RemoteState.LIVE:
        # Not live online; or an old tree was put back, and where things lie in it proves nothing.
        merge_gone(workspace, base, remote)
    elif workspace.scan_holds_unknown:
        # Something could not be looked at: the document may be in two places, and one of them its own.
        return
    elif remote.content != base.content:
        # b gone r: the edit wins.
        merge_gone(workspace, base, remote)
    elif remote.by_company or not workspace.rules.folder_direction(paths.parent(base.path)).sends:
        # It is not the cabinet's to withdraw: it stays online, and that is said.
        workspace.notice(base.path, "moved_out", pair.where)
        workspace.actions.append(Leave(base.id, base.path, "moved_out"))
    else:
        # The cabinet published it, it is unchanged online, and the cabinet moved it out of reach: into the bin.
        workspace.actions.append(Withdraw(base.id, base.path, remote.version, pair.where))
