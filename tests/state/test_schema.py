"""A state that has every migration opens without asking the library that makes them."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pytest

from syncd.state.store import SCHEMA, open_store


def test_the_number_of_the_schema_is_the_number_of_its_migrations(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    (applied,) = store.conn.execute("select count(*) from _sqlite_migrations").fetchone()
    assert applied == SCHEMA == store.conn.execute("pragma user_version").fetchone()[0]


def test_what_a_state_of_before_holds_is_there_afterwards(tmp_path: Path) -> None:
    from syncd.state import schema

    conn = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    for statements in (schema._FIRST, schema._RECOVERY, schema._SERVICE):
        conn.executescript(statements)
    conn.execute("insert into base_documents values ('d', 'c', 'A/x', 'A/x', 3, x'01', 2, 4, 5, 6, 1, 0, x'07')")
    conn.execute(
        "insert into remote_documents values ('d', 'c', 'A/x', 3, x'01', 2, 'v', 'live', 1, x'08', '', 'Paul', 1)"
    )
    conn.executescript(schema._TOGETHER)
    base = conn.execute("select id, client, path, disk, size, sha256, version, mtime_ns, ctime_ns, inode, left_here, by_company, earlier from base_documents").fetchall()  # fmt: skip
    assert base == [("d", "c", "A/x", "A/x", 3, b"\1", 2, 4, 5, 6, 1, 0, b"\7")]
    remote = conn.execute("select id, client, path, size, sha256, version, version_id, state, by_company, earlier, tombstone, deleted_by, left_there from remote_documents").fetchall()  # fmt: skip
    assert remote == [("d", "c", "A/x", 3, b"\1", 2, "v", "live", 1, b"\10", "", "Paul", 1)]


def test_a_whole_state_opens_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(tmp_path).close()
    monkeypatch.setitem(sys.modules, "sqlite_utils", None)
    assert open_store(tmp_path).clients.all() == []


def test_an_inner_transaction_that_fails_leaves_the_outer_one_standing(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with store.atomic():
        store.progress.change(resume_at="1")
        with pytest.raises(sqlite3.OperationalError), store.atomic():
            store.progress.change(damaged="1")
            store.conn.execute("no statement")
        with store.atomic():
            store.progress.change(ignored="1")
    held = store.progress.read()
    assert (held.resume_at, held.damaged, held.ignored) == ("1", "", "1")
    with pytest.raises(RuntimeError), store.atomic():
        store.progress.change(resume_at="2")
        raise RuntimeError
    assert store.progress.read().resume_at == "1" and not store.conn.in_transaction
