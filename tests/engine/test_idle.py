"""A client where nothing moved is looked at, never walked or planned; any change is seen at the next run."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from syncd.core.folder_rules import FolderRule
from syncd.core.restored_backups import Restored
from syncd.local.directory_fingerprint_worker import Looks
from syncd.local.mirror import DiskMirror
from syncd.ports.local import RACY_NS, Scan
from syncd.state.file_name import FILE
from syncd.state.prescan_reader import clean_looks
from tests.simulation.engine_in_memory import Lab


class Watched(Lab):
    """`walked`: codes of the clients that a run walked over."""

    def __init__(self, base: Path) -> None:
        super().__init__(base, (FolderRule("Achats"), FolderRule("Ventes")), ("001", "002"))
        self.believed = itertools.repeat(0)
        self.walks: list[str] = []

    def walked(self) -> list[str]:
        self.walks.clear()
        self.run()
        return list(self.walks)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    made, scan = Watched(tmp_path), DiskMirror.scan

    def watched(self: DiskMirror, client: str, *args: Any) -> Scan:
        made.walks.append(client[:3])
        return scan(self, client, *args)

    monkeypatch.setattr(DiskMirror, "scan", watched)
    made.run()
    for code in ("001", "002"):
        made.write("Achats/facture.pdf", b"of " + code.encode(), code)
        made.write("Achats/2026/autre.pdf", b"another of " + code.encode(), code)
    made.converge()
    return made


def test_nobody_is_walked_where_nothing_moved(lab: Watched) -> None:
    assert lab.walked() == [] == lab.walked()


CHANGES: dict[str, Callable[[Watched], object]] = {
    "a save here": lambda lab: lab.write("Achats/facture.pdf", b"edited", "002"),
    "a document here": lambda lab: lab.write("Ventes/new.pdf", b"new", "002"),
    "a removal here": lambda lab: lab.unlink("Achats/2026/autre.pdf", "002"),
    "a deposit": lambda lab: lab.deposit("Ventes/theirs.pdf", b"theirs", "002"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_client_is_walked_until_its_plan_is_empty_then_looked_at_again(
    lab: Watched, change: Callable[[Watched], object]
) -> None:
    change(lab)
    assert lab.walked() == ["002"] and lab.changes
    assert lab.walked() == ["002"] and not lab.changes
    assert lab.walked() == []
    lab.check()


def test_what_makes_no_difference_is_walked_once(lab: Watched) -> None:
    (lab.dir("001") / "Achats" / "Thumbs.db").write_bytes(b"x")
    assert lab.walked() == ["001"] and lab.walked() == []


def test_what_was_read_too_soon_is_walked_until_it_can_be_believed(lab: Watched) -> None:
    lab.believed = iter((0, RACY_NS, RACY_NS, 0, 0))
    lab.write("Achats/facture.pdf", b"edited", "001")
    assert [lab.walked() for _ in range(5)] == [["001"]] * 4 + [[]]


def _ahead(lab: Watched) -> dict[str, bytes]:
    """What a process that has only the state's file would begin to look at."""
    directory = lab.base / "state"
    directory.mkdir(exist_ok=True)
    with closing(sqlite3.connect(directory / FILE)) as file:
        lab.state.conn.backup(file)
    return dict(clean_looks(directory))


def test_what_is_read_of_a_state_ahead_of_a_run_is_what_the_run_asks(
    lab: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, bytes]] = []
    real = DiskMirror.looks

    def looks(self: DiskMirror, before: Mapping[str, bytes]) -> Looks:
        asked.append(dict(before))
        return real(self, before)

    monkeypatch.setattr(DiskMirror, "looks", looks)
    counts = []
    for change in (lambda _: None, CHANGES["a save here"], lambda _: None, lambda lab: lab.state.clients.mark(lab.clients["001"], frozenset({Restored.MIRROR}))):  # fmt: skip
        change(lab)
        ahead = _ahead(lab)
        lab.run()
        assert asked.pop() == ahead
        counts.append(len(ahead))
    assert counts == [2, 2, 1, 1]
