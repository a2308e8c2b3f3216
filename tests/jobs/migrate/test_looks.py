"""A directory that looks as it did when all of it was dealt with is not walked again, and comes to the same."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.core.migration.mapping import MapRow
from syncd.core.migration.report import ClientReport, MigrationReport
from syncd.local.mirror_copies import DiskMirrorCopies
from syncd.local.old_tree import DiskOldTree
from syncd.state.migration_store import MigrationStore
from tests.jobs.migrate.office import YEARS, Office

Walked = list[str]


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> Walked:
    """Directories that were walked since it was cleared."""
    found: Walked = []
    walk = DiskOldTree.walk

    def noted(tree: DiskOldTree, source: str, *args: Any) -> Iterator[Any]:
        found.append(source)
        return walk(tree, source, *args)

    monkeypatch.setattr(DiskOldTree, "walk", noted)
    return found


def of_all(report: MigrationReport) -> list[ClientReport]:
    return [replace(c, started=0.0, ended=0.0) for c in report.clients]


@pytest.fixture
def filled(office: Office) -> Office:
    """Of everything that a report has: copied, doubled, refused by a rule, listed, left, out of scope, ignored."""
    for path in (
        "001/2025/Achats/a.pdf",
        "001/2025/Achats/EDF/b.pdf",
        "002/Juridique/c.pdf",
        "001/2025/Achats/Thumbs.db",
    ):
        office.write(path)
    office.write("001/2025/Achats/copie.pdf", b"001/2025/Achats/a.pdf")
    office.write("001/2025/Achats/trop.pdf", b"x" * 1001)
    office.write("001/2025/Achats/virus.exe")
    office.write("001/2025/Achats/supp_d.pdf")
    office.write("001/1999/Achats/vieux.pdf")
    office.write("001/2022/Achats/ancien.pdf")
    office.write("001/Ailleurs/e.pdf")
    office.write(os.fsdecode(b"001/2025/Achats/\xff.pdf"))
    os.symlink("a.pdf", office.old / "001/2025/Achats/lien.pdf")
    return office


def test_the_second_launch_walks_nothing_and_reports_the_same(filled: Office, walked: Walked) -> None:
    filled.migrate()
    filled.lab.run()
    walked.clear()
    second = filled.migrate()
    assert walked == [] and {c.code for c in second.clients} == {"001", "002"}
    filled.memory.conn.execute("delete from looks")
    third = filled.migrate()
    assert sorted(walked) == ["001", "002"] and of_all(second) == of_all(third)
    assert filled.of(second).earlier == 3 and len(filled.of(second).errors) == 3 and filled.of(second).listed
    assert [c.online for c in second.clients] == [c.online for c in third.clients] and filled.of(second).online >= 3


def test_a_plan_walks_nothing_either_and_remembers_nothing(filled: Office, walked: Walked) -> None:
    filled.job().plan()
    assert sorted(walked) == ["001", "002"] and filled.memory.looks(str(filled.old)) == {}
    filled.migrate()
    walked.clear()
    plan = filled.job().plan()
    assert walked == [] and filled.of(plan).copied == 0 and filled.of(plan).earlier == 3


def _rewritten(office: Office) -> None:
    path = office.old / "001/2025/Achats/a.pdf"
    st = path.stat()
    path.write_bytes(b"X" * st.st_size)
    os.utime(path, ns=(st.st_atime_ns, st.st_mtime_ns))


@pytest.mark.parametrize(
    ("change", "copied"),
    [
        (lambda o: o.write("001/2025/Achats/neuf.pdf"), 1), (_rewritten, 1), (lambda o: o.write("001/2025/Achats/EDF/2/3/neuf.pdf"), 1),
        (lambda o: (o.old / "001/2025/Achats/EDF/b.pdf").unlink(), 0), (lambda o: (o.old / "001/2025/Achats/vide").mkdir(), 0),
        (lambda o: (o.old / "001/2025/Achats/trop.pdf").write_bytes(b"less"), 1), (lambda o: os.symlink("x", o.old / "001/autre"), 0),
    ],
    ids=["new", "rewritten, its date kept", "new, deep", "gone", "a folder", "one that was refused", "a link"],
)  # fmt: skip
def test_whatever_changed_is_seen(
    filled: Office, walked: Walked, change: Callable[[Office], object], copied: int
) -> None:
    filled.migrate()
    walked.clear()
    change(filled)
    assert filled.of(filled.migrate()).copied == copied and walked == ["001"]
    walked.clear()
    assert filled.of(filled.migrate()).copied == 0 and walked == []


def test_other_rules_deal_with_it_anew(filled: Office, walked: Walked) -> None:
    filled.migrate()
    filled.change("001", exercises=tuple(replace(y, closed=False) for y in YEARS))
    filled.lab.run()
    walked.clear()
    report = filled.migrate()
    assert walked == ["001"] and filled.of(report).copied == 1  # the exercise that was out of scope


def test_another_mapping_deals_with_it_anew(filled: Office, walked: Walked) -> None:
    filled.migrate()
    walked.clear()
    rows = [MapRow("001/Ailleurs", "001", "Juridique")]
    assert filled.of(filled.migrate(rows=rows)).copied == 1 and walked == ["001/Ailleurs"]
    walked.clear()
    filled.migrate()
    assert walked == []  # by names again: what that came to is still known
    filled.migrate(rows=[*rows, MapRow("001", "001")])
    assert walked == ["001"]  # a part of it is another claim now


def test_other_patterns_that_are_ignored_deal_with_it_anew(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.write("001/Juridique/a.pdf")
    office.write("001/Juridique/b.odt")
    made, patterns = DiskOldTree.__init__, ["*.odt"]
    monkeypatch.setattr(DiskOldTree, "__init__", lambda self, path: made(self, path, patterns))
    assert office.of(office.migrate()).copied == 1
    patterns.clear()
    assert office.of(office.migrate()).copied == 1


def test_what_failed_for_once_is_tried_again(office: Office, walked: Walked, monkeypatch: pytest.MonkeyPatch) -> None:
    office.write("001/Juridique/a.pdf")
    place = DiskMirrorCopies.place

    def failing(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(DiskMirrorCopies, "place", failing)
    assert office.of(office.migrate()).failed == 1
    monkeypatch.setattr(DiskMirrorCopies, "place", place)
    walked.clear()
    assert office.of(office.migrate()).copied == 1 and walked == ["001"]


def test_a_bag_is_known_again(office: Office, walked: Walked) -> None:
    office.write("001/bagit.txt", b"BagIt-Version: 1.0\n")
    office.write("001/data/Juridique/a.pdf")
    assert office.of(office.migrate()).copied == 1
    walked.clear()
    assert office.of(office.migrate()).earlier == 1 and walked == []
    office.write("001/data/Juridique/b.pdf")
    assert office.of(office.migrate()).copied == 1 and walked == ["001"]


def test_a_memory_of_before_learns_to_know_them(tmp_path: Path) -> None:
    path = tmp_path / "migrations.sqlite"
    MigrationStore(str(path)).close()
    old = sqlite3.connect(path)
    old.executescript("drop table looks; pragma user_version = 1")
    old.close()
    store = MigrationStore(str(path))
    assert store.looks("/srv/gef") == {} and store.conn.execute("pragma user_version").fetchone()[0] == 2
    store.close()
