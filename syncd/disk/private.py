"""Directories and files that are one account's alone, whatever the umask was: state, portal, backups, reports, keys."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path

from syncd.core.errors import UsageError

if sys.platform == "win32":
    from syncd.disk.windows import access

OTHERS = stat.S_IRWXG | stat.S_IRWXO
GIVE_BACK = (  # what to do where this account lacks a right
    "Run the command as root or as the account that the data belongs to, or give it back to that account (chown)."
    if os.name == "posix"
    else "Open the command line as administrator, or give this account the right in the folder's properties (Security)."
)


def directory(path: Path) -> None:
    """There, and its owner's alone; one that is wider is narrowed. Raises UsageError where that cannot be done."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix" and path.stat().st_mode & OTHERS:
            path.chmod(0o700)
        if sys.platform == "win32":
            access.make_private(str(path))
    except OSError as e:
        raise UsageError(
            f"'{path}' cannot be made a directory of this account alone ({e.strerror}).",
            mend=GIVE_BACK,
        ) from None


def owned(path: str, flags: int) -> int:
    """An opener: what is made by it only its owner reads."""
    fd = os.open(path, flags, 0o600)
    if sys.platform == "win32" and flags & os.O_CREAT and access.readers(path):
        try:
            access.narrow_file(path)
        except BaseException:
            os.close(fd)
            raise
    return fd


def readers(path: Path) -> list[str]:
    """Who else may read a file, by name, where the system has lists of them: Windows."""
    if sys.platform == "win32":
        return access.readers(str(path))
    return []


def like_above(path: Path) -> None:
    """`path`'s missing directories: their owner's, and for the group what the directory above allows it; never others'."""
    missing = [p for p in (path, *path.parents) if not p.exists()]
    for made in reversed(missing):
        group = made.parent.stat().st_mode & stat.S_IRWXG
        made.mkdir(mode=0o700 | group, exist_ok=True)
        if os.name == "posix" and (now := made.stat().st_mode) & stat.S_IRWXG != group:  # as the umask left it
            # Its group is the one above by itself. A service that may not set that bit (RestrictSUIDSGID) stays narrow.
            with contextlib.suppress(PermissionError):
                made.chmod(0o700 | group | (now & stat.S_ISGID))


def opened_like_above(path: str, flags: int) -> int:
    """An opener: the owner's, and for the group to read where it may enter the directory; never others'."""
    fd = os.open(path, flags, 0o600)
    if os.name == "posix" and flags & os.O_CREAT:
        above, own = os.stat(os.path.dirname(path) or "."), os.fstat(fd)
        if own.st_uid == os.geteuid():
            group = stat.S_IRGRP if above.st_mode & stat.S_IXGRP and above.st_mode & stat.S_IRGRP else 0
            os.fchmod(fd, 0o600 | group)
    return fd
