"""A place has two spellings: as the client and the portal know it, and as it lies on the cabinet's disk."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from syncd.core import naming, paths
from syncd.core.content import Content, Stamp
from syncd.core.entry import BaseDoc, BaseFolder, LocalDoc, LocalFolder, Problem, RemoteDoc, RemoteFolder
from syncd.core.folder_rules import ClientRules, FolderRule
from syncd.core.paths import ClientPath, DiskPath
from syncd.core.planner import plan
from syncd.core.snapshot import Base, Local, Remote, Snapshot

if TYPE_CHECKING:
    from syncd.ports.local import Mirror

    def refused(mirror: Mirror, path: ClientPath, disk: DiskPath) -> None:
        """The type checker says of each line that it mixes the two; where it does not, the `ignore` is one too many."""
        Problem(disk, "locked")  # type: ignore[arg-type]
        LocalFolder(disk, path, 1)  # type: ignore[arg-type]
        mirror.stat("dir", path)  # type: ignore[arg-type]
        mirror.stat("dir", paths.join(paths.parent(path), "x"))  # type: ignore[arg-type]
        mirror.stat("dir", naming.set_aside(path, lambda taken: False))  # type: ignore[arg-type]
        mirror.stat("dir", "Achats/x.pdf")  # type: ignore[arg-type]
        assert path != disk  # type: ignore[comparison-overlap]


RULES = ClientRules("001", (FolderRule("Achats"),))
PATH = ClientPath("Achats/é.pdf")
DISK = DiskPath(unicodedata.normalize("NFD", "ACHATS/é.pdf"))
AGREED, TOP = Content(10, b"a" * 32), LocalFolder(ClientPath("Achats"), DiskPath("ACHATS"), 1)


def reported(here: Content, locked: dict[str, str]) -> list[tuple[str, str]]:
    """What the plan says of a document that somebody changed online, as it lies here under another spelling."""
    base = Base(
        {"d": BaseDoc("d", PATH, DISK, AGREED, 1, Stamp(10, 1, 1, 7))},
        {"f": BaseFolder("f", TOP.path, TOP.disk, TOP.inode)},
    )
    local = Local([LocalDoc(PATH, DISK, here, Stamp(here.size, 2, 2, 7))], [TOP], locked=locked)
    online = RemoteDoc("d", PATH, Content(10, b"r" * 32), 2, earlier=(AGREED.sha256,))
    made = plan(Snapshot(base, local, Remote({"d": online}, {"f": RemoteFolder("f", TOP.path)})), RULES, "stamp")
    return [(problem.path, problem.reason) for problem in made.problems]


def test_what_somebody_has_open_is_reported_by_the_path_that_a_scan_reports_it_by() -> None:
    assert reported(AGREED, {paths.key(PATH): "Marie"}) == [(PATH, "locked")]


def test_what_a_power_cut_emptied_is_reported_by_its_path_and_not_by_its_spelling_on_the_disk() -> None:
    assert reported(Content(0, b"e" * 32), {}) == [(PATH, "emptied")]
