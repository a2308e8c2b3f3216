"""The connection to the state: a disk that is full or fails is said in words, not as a traceback."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from syncd.core.errors import StateFailed

_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}


class Connection(sqlite3.Connection):
    """Raises StateFailed where the disk is the cause; every other error of SQLite's stays as it is."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return super().execute(sql, parameters)
        except sqlite3.OperationalError as e:
            raise _worded(e) from e

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        try:
            return super().executemany(sql, parameters)
        except sqlite3.OperationalError as e:
            raise _worded(e) from e


def _worded(error: sqlite3.OperationalError) -> Exception:
    if error.sqlite_errorcode & 0xFF not in _DISK:
        return error
    return StateFailed(
        f"The state database cannot be written ({error}).",
        mend="Free space on its disk; the next run sees what was done and goes on.",
    )
