"""Names are settled last: what wants a name that is taken at the cabinet (RULES 2, "Name taken at the target")."""

from __future__ import annotations

from syncd.core import naming, paths
from syncd.core.actions import Action, Download, KeepBoth, MoveLocal, RestoreSetAside, SetAside
from syncd.core.planner.workspace import Workspace


def resolve_names(workspace: Workspace) -> None:
    leaving = {
        paths.key(a.source if isinstance(a, MoveLocal) else a.path)
        for a in workspace.actions
        if isinstance(a, MoveLocal | SetAside) or (isinstance(a, KeepBoth) and a.fetch is None)
    }
    actions: list[Action] = []
    for action in workspace.each(workspace.actions):
        actions += _resolve(workspace, action, leaving)
    workspace.actions = actions


def _resolve(workspace: Workspace, action: Action, leaving: set[str]) -> list[Action]:
    match action:
        case MoveLocal(set_aside=False) | RestoreSetAside():
            own = paths.key(action.source) if isinstance(action, MoveLocal) else ""
        case Download(expect=None):
            own = ""
        case _:
            return [action]
    at = paths.key(action.path)
    if at == own or at in leaving:
        return [action]
    if at in workspace.local_folders:
        workspace.refuse(workspace.local_folders[at].disk, "name_collision", action.path)
        return []
    if workspace.unknown(action.path):
        return []
    held = workspace.local.get(at)
    if held is None:
        return [action]
    leaving.add(at)
    if any(paths.key(r.to) == paths.key(held.disk) for r in workspace.set_asides):
        to = workspace.allocate(
            naming.set_aside, paths.join(paths.parent(held.path), naming.unsupp(paths.name(held.path)))
        )
        return [
            MoveLocal("", held.path, held.disk, to, workspace.disk_path(to), held.content, held.stamp, set_aside=True),
            action,
        ]
    if at in workspace.base_at:
        leaving.discard(at)
        workspace.refuse(held.disk, "name_collision", action.path)
        return []
    copy = workspace.allocate(lambda p, taken: naming.conflict_copy(p, workspace.stamp, taken), held.path)
    return [KeepBoth(held.path, held.disk, copy, held.content, held.stamp), action]
