"""What the system does not let this account do, in one sentence: a right that is missing is nobody's traceback."""

from __future__ import annotations

import errno

from syncd.disk.private import GIVE_BACK
from syncd.operations.drop_privileges import name as account

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
    from syncd.state.file_access import refusal

    match refusal(error):
        case "open":
            return f"the account '{account()}' may not open the database. {GIVE_BACK}", 2
        case "write":
            return f"the account '{account()}' may not write the database, or its disk is read-only. {GIVE_BACK}", 2
        case None:
            return None
