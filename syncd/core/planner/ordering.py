"""The order of a plan: what frees a name before what takes it; nothing through a temporary name (RULES 2)."""

from __future__ import annotations

from syncd.core import naming, paths
from syncd.core.actions import (
    Action,
    Download,
    KeepBoth,
    MakeFolder,
    MoveLocal,
    MoveRemote,
    Side,
    Upload,
)
from syncd.core.paths import NOWHERE
from syncd.core.plan import Plan
from syncd.core.planner.workspace import Workspace


def in_order(workspace: Workspace) -> Plan:
    _folders_for_uploads(workspace)
    moves = _chain(workspace, [a for a in workspace.actions if isinstance(a, MoveLocal)])
    rest = [a for a in workspace.actions if not isinstance(a, MoveLocal)]
    actions = sorted(rest + moves, key=lambda a: a.phase)  # stable: folders stay parents first, chains stay last first
    return Plan(
        tuple(actions),
        tuple(workspace.refusals),
        tuple(workspace.problems),
        tuple(workspace.notices),
        workspace.renamed,
    )


def _folders_for_uploads(workspace: Workspace) -> None:
    """A directory whose folder was deleted online is made again online only when a document goes into it."""
    there = set(workspace.remote_folder_at) | {
        paths.key(a.path) for a in workspace.actions if isinstance(a, MakeFolder)
    }
    into = dict.fromkeys(
        paths.parent(a.path)
        for a in workspace.actions
        if (isinstance(a, Upload) and a.doc is None) or isinstance(a, MoveRemote | KeepBoth)
    )
    for target in into:
        for folder in (*paths.ancestors(target), target):
            if paths.key(folder) not in there and "/" in folder:
                there.add(paths.key(folder))
                workspace.actions.append(MakeFolder(Side.REMOTE, folder, workspace.disk_folder(folder)))


def _chain(workspace: Workspace, moves: list[MoveLocal]) -> list[Action]:
    """Last first; a cycle is broken by turning one move into a download."""
    by_source = {paths.key(m.source): m for m in moves}
    done: list[Action] = []
    state: dict[int, int] = {}
    downloads: list[Action] = []

    def visit(move: MoveLocal) -> None:
        way = [move]  # a chain is as long as somebody renumbers
        state[id(move)] = 1
        while (blocker := by_source.get(paths.key(way[-1].path))) is not None and blocker is not way[-1]:
            if state.get(id(blocker)) == 1:  # the cycle's first: it is vacated before anything moves
                downloads.extend(_come_anew(workspace, blocker))
                state[id(blocker)] = 3
            if id(blocker) in state:
                break
            state[id(blocker)] = 1
            way.append(blocker)
        for each in reversed(way):
            if state[id(each)] != 3:
                state[id(each)] = 2
                done.append(each)

    for move in moves:
        if id(move) not in state:
            visit(move)
    dropped = {a.doc for a in downloads if isinstance(a, Download)}
    replaced = [
        a
        for a in workspace.actions
        if isinstance(a, Download | KeepBoth | Upload) and _doc(a) in dropped and a not in downloads
    ]
    workspace.actions = [a for a in workspace.actions if a not in replaced] + downloads
    return done


def _come_anew(workspace: Workspace, move: MoveLocal) -> list[Action]:
    """The document comes by a download; an edited one keeps its bytes under a copy's name first."""
    remote, base = workspace.remote[move.doc], workspace.base[move.doc]
    edited = move.content not in (base.content, remote.content)
    download = Download(
        move.doc, move.path, workspace.disk_path(move.path), remote.content, remote.version, remote.version_id,
        expect_content=None if edited else move.content, vacate=NOWHERE if edited else move.disk, by_company=remote.by_company,
    )  # fmt: skip
    if not edited:
        return [download]
    copy = workspace.allocate(lambda p, taken: naming.conflict_copy(p, workspace.stamp, taken), move.source)
    return [KeepBoth(move.source, move.disk, copy, move.content, move.expect), download]


def _doc(action: Action) -> str | None:
    match action:
        case Download() | Upload():
            return action.doc
        case KeepBoth(fetch=fetch) if fetch is not None:
            return fetch.doc
        case _:
            return None


__all__ = ["in_order"]
