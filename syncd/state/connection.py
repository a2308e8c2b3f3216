"""The connection to the state: rows of one kind are written together, and a disk that fails is said in words."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from typing import Any

from syncd.core.errors import StateFailed

_HELD = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_REFUSED = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}

MOST = 5000  # rows that wait


class Connection(sqlite3.Connection):
    """Raises StateFailed where the disk is the cause; every other error of SQLite's stays as it is."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._at = str(args[0])
        self._later: dict[str, list[tuple[Any, ...]]] = {}
        self._lock = threading.RLock()

    def later(self, sql: str, row: tuple[Any, ...]) -> None:
        """Inside a transaction: written with the others of this statement, before anything else is asked or committed.

        For statements of tables that know nothing of each other: order is kept within each, not between them.
        """
        with self._lock:
            waiting = self._later.setdefault(sql, [])
            waiting.append(row)
            if len(waiting) < MOST:
                return
            try:
                self._flush()
            except sqlite3.OperationalError as e:
                raise _worded(e, self._at) from e

    def drop_later(self) -> None:
        """The transaction is rolled back: what it would still have written is forgotten."""
        with self._lock:
            self._later.clear()

    def _flush(self) -> None:
        with self._lock:
            waiting, self._later = self._later, {}
            for sql, rows in waiting.items():
                super().executemany(sql, rows)

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            if self._later:
                self._flush()
            return super().execute(sql, parameters)
        except sqlite3.OperationalError as e:
            raise _worded(e, self._at) from e

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        try:
            if self._later:
                self._flush()
            return super().executemany(sql, parameters)
        except sqlite3.OperationalError as e:
            raise _worded(e, self._at) from e


def _worded(error: sqlite3.OperationalError, at: str) -> Exception:
    """StateFailed where the file at `at` cannot be written now, with what a report says of it (`core.words.DETAILS`)."""
    from syncd.core.words import faults

    code, values = error.sqlite_errorcode & 0xFF, {"at": at, "why": error}
    if code in _HELD:
        return StateFailed(faults.STATE_HELD.of(**values), mend=faults.STATE_HELD_MEND.of(), cause="held_open")
    if code in _REFUSED:
        return StateFailed(faults.STATE_UNWRITTEN.of(**values), mend=faults.STATE_REFUSED_MEND.of(), cause="read_only")
    if code == sqlite3.SQLITE_FULL:
        return StateFailed(faults.STATE_UNWRITTEN.of(**values), mend=faults.STATE_FULL_MEND.of(), cause="disk_full")
    if code == sqlite3.SQLITE_IOERR:
        return StateFailed(faults.STATE_UNWRITTEN.of(**values), mend=faults.STATE_BROKEN_MEND.of(), cause="disk_error")
    return error
