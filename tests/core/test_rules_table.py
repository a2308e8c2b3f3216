"""The table of RULES 2 as `docs/rules.md` prints it: every row a case of the planner."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from syncd.core.actions import Record
from syncd.core.content import Content, Stamp
from syncd.core.entry import (
    BaseDoc,
    BaseFolder,
    LocalDoc,
    LocalFolder,
    Problem,
    RemoteDoc,
    RemoteFolder,
    RemoteState,
    SetAsideRecord,
    Tombstone,
)
from syncd.core.folder_rules import ClientRules, FolderRule
from syncd.core.paths import ClientPath, DiskPath
from syncd.core.planner import plan
from syncd.core.restored_backups import Restored
from syncd.core.snapshot import Base, Local, Remote, Snapshot
from tests.support.places import both

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
RULES = ClientRules("001", (FolderRule("Achats"),))
PLACE = "Achats/x.pdf"


def content(letter: str) -> Content:
    return Content(10, letter.encode() * 32)


def stamp(inode: int) -> Stamp:
    return Stamp(10, 1, 1, inode)


def rows() -> list[tuple[str, str, str, str]]:
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [c.strip() for c in line.strip("|").split("|")]
        if len(cells) == 5 and re.fullmatch(r"`\w+`", cells[4]):
            found.append((cells[0], cells[1], cells[2], cells[4].strip("`")))
        elif len(cells) == 4 and cells[0].startswith("unknown") and cells[-1].endswith("`"):
            found.append((cells[0], "", "", cells[-1].strip("`")))
    return found


def cases() -> list[tuple[str, str, str, str]]:
    """Rows with their alternatives written out: `any` base, `b or l`, `deleted or missing`."""
    out = []
    for base, local, remote, action in rows():
        bases = ["–", "b"] if base == "any" else [base]
        out += [(b, ll, r, action) for b, ll, r in itertools.product(bases, local.split(" or "), remote.split(" or "))]
    return out


def snapshot(base: str, local: str, remote: str) -> Snapshot:
    letter = {"x": "x", "l": "l", "r": "r", "b": "b", "here": "b"}
    folders = Base(folders={"f": BaseFolder("f", *both("Achats"), 1)})
    docs: dict[str, BaseDoc] = {}
    asides: list[SetAsideRecord] = []
    here: list[LocalDoc] = []
    problems: list[Problem] = []
    online: dict[str, RemoteDoc] = {}
    if base == "b" or base.startswith("unknown"):
        docs["d"] = BaseDoc("d", *both(PLACE), content("b"), 1, stamp(7))
    if base.startswith("unknown"):
        problems.append(Problem(ClientPath(PLACE), "unreadable"))
        online["d"] = RemoteDoc("d", ClientPath(PLACE), content("r"), 2, earlier=(content("b").sha256,))
    if base == "supp":
        asides.append(
            SetAsideRecord("d", Tombstone("t"), ClientPath(PLACE), DiskPath("Achats/supp_x.pdf"), content("b"), 7, 10)
        )
        here.append(LocalDoc(*both("Achats/supp_x.pdf"), content("b"), stamp(7)))
        online["d"] = RemoteDoc("d", ClientPath(PLACE), content("b"), 1)
    if local in letter:
        here.append(LocalDoc(*both(PLACE), content(letter[local]), stamp(7 if base == "b" else 8)))
    if remote in letter:
        version = 1 if remote == "b" else 2
        online["d"] = RemoteDoc(
            "d", ClientPath(PLACE), content(letter[remote]), version, earlier=(content("b").sha256,) * (version - 1)
        )
    elif remote == "deleted":
        online["d"] = RemoteDoc("d", ClientPath(PLACE), content("b"), 1, state=RemoteState.DELETED, tombstone="t")
    elif remote == "withdrawn":
        online["d"] = RemoteDoc("d", ClientPath(PLACE), content("b"), 1, state=RemoteState.WITHDRAWN)
    return Snapshot(
        Base(docs, folders.folders, asides),
        Local(here, [LocalFolder(*both("Achats"), 1)], problems),
        Remote(online, {"f": RemoteFolder("f", ClientPath("Achats"))}),
    )


def test_the_page_holds_the_whole_table() -> None:
    assert len(rows()) == 16


@pytest.mark.parametrize(("base", "local", "remote", "action"), cases())
def test_row(base: str, local: str, remote: str, action: str) -> None:
    made = plan(snapshot(base, local, remote), RULES, "2026-11-21 14h03")
    assert [a.table.name for a in made.actions] == ([] if action == "none" else [action])


def moved(local: LocalDoc) -> list[str]:
    """What is planned when `x.pdf` (inode 7) is gone from its place and `local` is new."""
    full = snapshot("b", "gone", "b")
    folder = local.path.rpartition("/")[0]
    below = [LocalFolder(*both(folder), 2)] if folder != "Achats" else []
    here = Local([local], [*full.local.folders, *below])
    return [a.table.name for a in plan(Snapshot(full.base, here, full.remote), RULES, "2026-11-21 14h03").actions]


@pytest.mark.parametrize(
    ("places", "planned"),
    [
        ([("Achats/y.pdf", 7), ("Achats/z.pdf", 9)], ["move", "upload"]),  # the same inode
        ([("Achats/2025/x.pdf", 8), ("Achats/z.pdf", 9)], ["move", "upload"]),  # else the same name
        ([("Achats/y.pdf", 8), ("Achats/z.pdf", 9)], ["leave", "upload", "upload"]),  # else it is no move
    ],
)
def test_several_candidates_for_a_move(places: list[tuple[str, int]], planned: list[str]) -> None:
    full = snapshot("b", "gone", "b")
    docs = [LocalDoc(*both(p), content("b"), stamp(inode)) for p, inode in places]
    here = Local(docs, [*full.local.folders, LocalFolder(*both("Achats/2025"), 2)])
    folders = {**full.remote.folders, "g": RemoteFolder("g", ClientPath("Achats/2025"))}
    base = Base(full.base.docs, {**full.base.folders, "g": BaseFolder("g", *both("Achats/2025"), 2)})
    made = plan(Snapshot(base, here, Remote(full.remote.docs, folders)), RULES, "2026-11-21 14h03")
    assert [a.table.name for a in made.actions] == planned


@pytest.mark.parametrize(
    ("path", "letter", "inode", "planned"),
    [
        ("Achats/y.pdf", "b", 7, ["move"]),
        ("Achats/y.pdf", "b", 9, ["move"]),
        ("Achats/y.pdf", "z", 7, ["leave", "upload"]),
        ("Achats/2025/x.pdf", "z", 7, ["make_folder", "move", "upload"]),
        ("Achats/2025/x.pdf", "z", 9, ["make_folder", "leave", "upload"]),
    ],
)
def test_an_inode_alone_never_identifies(path: str, letter: str, inode: int, planned: list[str]) -> None:
    assert moved(LocalDoc(*both(path), content(letter), stamp(inode))) == planned


def test_one_directory_is_one_folder() -> None:
    """Two rows on one directory (a rename that failed, then another folder made there): it is the one's online there."""
    top, portal = snapshot("-", "gone", "-"), {"old": "Achats/x", "new": "Achats/2025"}
    rows = {i: BaseFolder(i, *both("Achats/2025"), 2) for i in portal}
    here = [*top.local.folders, LocalFolder(*both("Achats/2025"), 2)]
    online = {**top.remote.folders, **{i: RemoteFolder(i, ClientPath(p)) for i, p in portal.items()}}
    made = plan(
        Snapshot(Base({}, {**top.base.folders, **rows}), Local([], here), Remote({}, online)), RULES, "2026-11-21 14h03"
    )
    assert [(a.table.name, a.path) for a in made.actions if not isinstance(a, Record)] == [("make_folder", "Achats/x")]
    assert [a.folder for a in made.actions if isinstance(a, Record)] == [
        BaseFolder("old", ClientPath("Achats/x"), DiskPath(""), 0)
    ]


def test_an_old_state_with_another_document_where_a_set_aside_one_was() -> None:
    """The state is older than the set-aside: what has the name now is a new document, the other gets its record back."""
    full = snapshot("b", "gone", "deleted")
    here = [
        LocalDoc(*both(PLACE), content("z"), stamp(9)),
        LocalDoc(*both("Achats/supp_x.pdf"), content("b"), stamp(7)),
    ]
    seen = Snapshot(full.base, Local(here, full.local.folders), full.remote, restored=frozenset({Restored.STATE}))
    made = plan(seen, RULES, "2026-11-21 14h03")
    assert ("upload", PLACE) in [(a.table.name, getattr(a, "path", "")) for a in made.actions]
    assert "set_aside" not in [a.table.name for a in made.actions]
