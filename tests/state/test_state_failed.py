"""A state that cannot be written is one sentence: what, where, what to do; its cause reaches the report (docs/json.md)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from syncd.core import words
from syncd.core.errors import StateFailed
from syncd.state.connection import Connection
from syncd.state.store import Store, open_store


def full(store: Store) -> None:
    pages = store.conn.execute("pragma page_count").fetchone()[0]
    store.conn.execute(f"pragma max_page_count = {pages}")


def read_only(store: Store) -> None:
    store.conn.execute("pragma query_only = on")


@pytest.mark.parametrize(
    ("breaks", "cause", "mend"),
    [
        (full, "disk full", "Faites de la place sur son disque"),
        (read_only, "disk read-only, or a right missing", "n'est pas en lecture seule"),
    ],
)
def test_what_is_wrong_and_where_is_said_with_what_helps(
    tmp_path: Path, breaks: Callable[[Store], None], cause: str, mend: str
) -> None:
    with closing(open_store(tmp_path)) as store:
        breaks(store)
        with pytest.raises(StateFailed) as raised:
            store.progress.change(resume_at="x" * 100_000)
        said = words.fault(raised.value, "fr")
        assert f"'{tmp_path / 'state.db'}' ne peut pas être écrite" in said.what and mend in said.mend
        assert str(tmp_path / "state.db") in str(raised.value)
        assert words.detailed(raised.value.cause, "en") == cause


def test_a_state_that_another_program_holds_says_so(tmp_path: Path) -> None:
    with closing(open_store(tmp_path)) as store, closing(sqlite3.connect(tmp_path / "state.db")) as other:
        store.conn.execute("pragma busy_timeout = 1")
        other.execute("begin immediate")
        with pytest.raises(StateFailed) as raised:
            store.progress.change(resume_at="b")
        assert "est tenue par un autre programme" in words.fault(raised.value, "fr").what
        assert words.reason("state_failed", raised.value.cause).endswith("(tenue par un autre programme)")
        other.rollback()


def test_a_disk_that_fails_is_to_be_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*args: object) -> sqlite3.Cursor:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
        raise error

    with closing(sqlite3.connect(":memory:", factory=Connection)) as conn:
        conn.later("insert into t values (?)", (1,))
        monkeypatch.setattr(conn, "_flush", breaks)
        with pytest.raises(StateFailed) as raised:
            conn.execute("select 1")
    assert raised.value.cause == "disk_error" and "Faites vérifier son disque" in words.fault(raised.value, "fr").mend
