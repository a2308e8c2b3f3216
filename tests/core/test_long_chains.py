"""Names that a thousand others stand in line for, and folders that are not there yet: no plan is deeper than the stack."""

from __future__ import annotations

from syncd.core.actions import Download, MoveFolder, MoveLocal
from syncd.core.content import Content, Stamp
from syncd.core.entry import BaseDoc, BaseFolder, LocalDoc, LocalFolder, RemoteDoc, RemoteFolder
from syncd.core.folder_rules import ClientRules, FolderRule
from syncd.core.paths import ClientPath
from syncd.core.planner import plan
from syncd.core.snapshot import Base, Local, Remote, Snapshot
from tests.support.places import both

RULES = ClientRules("001", (FolderRule("Achats"),))
TOP = LocalFolder(*both("Achats"), 1)
MANY = 1500


def content(n: int) -> Content:
    return Content(10, n.to_bytes(32, "big"))


def test_fifteen_hundred_scans_renumbered_online_are_moved_last_first() -> None:
    base, local, remote = {}, [], {}
    for n in range(MANY):
        path, stamp = f"Achats/{n:05}.pdf", Stamp(10, 1, 1, 100 + n)
        base[f"d{n}"] = BaseDoc(f"d{n}", *both(path), content(n), 1, stamp)
        local.append(LocalDoc(*both(path), content(n), stamp))
        remote[f"d{n}"] = RemoteDoc(f"d{n}", ClientPath(f"Achats/{n + 1:05}.pdf"), content(n), 1)
    made = plan(Snapshot(Base(base), Local(local, [TOP]), Remote(remote)), RULES, "stamp")
    moves = [a.path for a in made.actions if isinstance(a, MoveLocal)]
    assert moves == [f"Achats/{n + 1:05}.pdf" for n in reversed(range(MANY))]
    assert len(made.actions) == MANY and not made.problems


def test_eleven_hundred_folders_renumbered_online_are_moved_last_first() -> None:
    many = 1100
    base, local, remote = {}, [TOP], {}
    for n in range(many):
        path = f"Achats/{n:05}"
        base[f"f{n}"] = BaseFolder(f"f{n}", *both(path), 100 + n)
        local.append(LocalFolder(*both(path), 100 + n))
        remote[f"f{n}"] = RemoteFolder(f"f{n}", ClientPath(f"Achats/{n + 1:05}"))
    made = plan(Snapshot(Base({}, base), Local([], local), Remote({}, remote)), RULES, "stamp")
    moves = [a.path for a in made.actions if isinstance(a, MoveFolder)]
    assert moves == [f"Achats/{n + 1:05}" for n in reversed(range(many))] and not made.problems


def test_a_deposit_fifteen_hundred_folders_deep_is_planned() -> None:
    path = "Achats/" + "d/" * 1500 + "a.pdf"
    remote = Remote({"d": RemoteDoc("d", ClientPath(path), content(1), 1)}, {})
    made = plan(Snapshot(remote=remote, local=Local([], [TOP])), RULES, "stamp")
    assert [(a.path, a.disk) for a in made.actions if isinstance(a, Download)] == [(path, path)]
