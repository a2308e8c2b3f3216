"""The memory of migrations: what is settled of which tree, whose turn it was, reports; kept over a restart, its owner's alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from syncd.core.client_classification import Card
from syncd.core.content import Stamp
from syncd.core.errors import StateFailed, SyncdError, UsageError
from syncd.core.migration.report import ClientReport, MigrationReport, NotTaken
from syncd.core.verdicts import Verdict
from syncd.ports.migration import MigrationMemory, Settled
from syncd.state.migration_store import FILE, KEPT, MigrationStore, migrations_copy, open_migrations

ONE = Settled("001/a.pdf", Stamp(3, 10, 20, 0), "c", b"1" * 32, "Achats/a.pdf")
TWO = Settled("001/x/\udcff.pdf", Stamp(4, -1, 2**62, 0), "c", b"2" * 32)
REPORT = MigrationReport(
    1, "/srv/gef", 5.0, 9.0, Verdict.WARNING,
    (ClientReport("001", "Dupont", Card(site="Lyon"), 5.0, 6.0, Verdict.DONE, 3, 1, 1, 1, errors=(NotTaken("a", "empty"),)),),
    ("002",), (NotTaken("autre", "unknown_code", "", 0),),
)  # fmt: skip


def test_what_is_settled_is_known_by_its_tree_and_place(tmp_path: Path) -> None:
    store: MigrationMemory = open_migrations(tmp_path)
    neighbour = Settled("001b/a.pdf", ONE.stamp, "c", b"3" * 32)
    store.settle("/srv/gef", [ONE, TWO, neighbour])
    store.settle("/srv/other", [Settled("001/a.pdf", ONE.stamp, "d", b"4" * 32, "x.pdf")])
    store.close()
    store = open_migrations(tmp_path)
    assert store.settled("/srv/gef", "001") == {ONE.path: ONE, TWO.path: TWO}
    assert store.settled("/srv/gef", "001/x") == {TWO.path: TWO} and store.settled("/srv/gef", "00") == {}
    assert len(store.settled("/srv/gef", "")) == 3
    assert store.placed("c") == {b"1" * 32: "Achats/a.pdf"} and store.placed("d") == {b"4" * 32: "x.pdf"}
    store.close()
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_turns_are_numbered_one_after_the_other(tmp_path: Path) -> None:
    store = open_migrations(tmp_path)
    for client in ("a", "b", "a"):
        store.take_turn(client)
    assert store.turns() == {"a": 3, "b": 2}
    store.close()


def test_reports_are_kept_and_one_that_was_killed_is_under_way(tmp_path: Path) -> None:
    store = open_migrations(tmp_path)
    assert store.begin_run("/srv/gef", 5.0) == 1
    store.end_run(REPORT)
    assert store.begin_run("/srv/gef", 8.0) == 2
    assert store.reports(5) == [MigrationReport(2, "/srv/gef", 8.0), REPORT]
    for _ in range(KEPT):
        store.begin_run("/srv/gef", 9.0)
    assert len(store.reports(10 * KEPT)) == KEPT
    store.close()


def test_a_dry_run_reads_a_copy_and_makes_nothing(tmp_path: Path) -> None:
    copy = migrations_copy(tmp_path)
    assert copy.turns() == {} and not list(tmp_path.iterdir())
    store = open_migrations(tmp_path)
    store.settle("/srv/gef", [ONE])
    copy = migrations_copy(tmp_path)
    copy.settle("/srv/gef", [TWO])
    assert len(copy.settled("/srv/gef", "001")) == 2 and len(store.settled("/srv/gef", "001")) == 1
    copy.close()
    store.close()


def test_one_of_a_later_version_and_one_that_is_none_are_said(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as conn:
        conn.execute("pragma user_version = 99")
    conn.close()
    with pytest.raises(UsageError, match="newer version"):
        open_migrations(tmp_path)
    (tmp_path / FILE).write_bytes(b"no database at all" * 100)
    with pytest.raises(SyncdError, match="cannot be written"):
        open_migrations(tmp_path)
    with pytest.raises(StateFailed):
        open_migrations(tmp_path / "not there")


def test_what_fails_in_the_middle_settles_nothing() -> None:
    store = MigrationStore(":memory:")
    broken = Settled("b", ONE.stamp, "c", None)  # type: ignore[arg-type]
    with pytest.raises(sqlite3.IntegrityError):
        store.settle("/srv/gef", [ONE, broken])
    assert store.settled("/srv/gef", "") == {}
    store.settle("/srv/gef", [ONE])
    assert store.settled("/srv/gef", "") == {ONE.path: ONE}
    store.close()
