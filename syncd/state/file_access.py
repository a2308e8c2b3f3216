"""What the system did not let this account do with a database: SQLite's own codes, also where another library stands before."""

from __future__ import annotations

import sqlite3
from typing import Literal

_OPEN = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}


def refusal(error: BaseException | None) -> Literal["open", "write"] | None:
    """None: the cause is another."""
    while error is not None:
        if isinstance(error, sqlite3.Error):
            code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
            return "open" if code in _OPEN else "write" if code == sqlite3.SQLITE_READONLY else None
        error = error.__cause__
    return None
