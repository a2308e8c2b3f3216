"""What the system does not let this account do, in one sentence: a right that is missing is nobody's traceback."""

from __future__ import annotations

import errno
import sqlite3

from syncd.cli.drop_privileges import name as account
from syncd.disk.private import GIVE_BACK

_RIGHT = (errno.EACCES, errno.EPERM)


def sentence(error: BaseException) -> tuple[str, int] | None:
    """(what to say, exit code); None for any other fault.

    A missing right is the installation's fault (2), a disk that cannot be written the machine's (1).
    """
    if isinstance(error, OSError):
        where = f"'{error.filename}'" if error.filename else "a file"
        if error.errno in _RIGHT:
            return f"the account '{account()}' may not use {where} ({error.strerror}). {GIVE_BACK}", 2
        if error.errno == errno.EROFS:
            return f"{where} cannot be written: its disk is read-only. Look at the disk, then try again.", 1
        return None
    code = _sqlite(error)
    if code == sqlite3.SQLITE_CANTOPEN or code == sqlite3.SQLITE_PERM:
        return f"the account '{account()}' may not open the database. {GIVE_BACK}", 2
    if code == sqlite3.SQLITE_READONLY:
        return f"the account '{account()}' may not write the database, or its disk is read-only. {GIVE_BACK}", 2
    return None


def _sqlite(error: BaseException | None) -> int | None:
    """SQLite's own code, also where another library's error stands before it."""
    while error is not None:
        if isinstance(error, sqlite3.Error):
            return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        error = error.__cause__
    return None
