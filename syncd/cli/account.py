"""Commands of root work as the account that the data belongs to: what they leave, the service can go on with."""

from __future__ import annotations

import os
from pathlib import Path


def name() -> str:
    """This account's, or its number."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def become_owner_of(directory: Path) -> None:
    """As root, become who owns the directory, with its group; anybody else, and where root itself owns it: nothing."""
    if os.name != "posix" or os.geteuid() != 0:
        return
    try:
        at = directory.stat()
    except OSError:
        return  # said by whoever needs it
    if at.st_uid == 0:
        return
    import grp
    import pwd

    try:
        name = pwd.getpwuid(at.st_uid).pw_name
        groups = {at.st_gid, *(g.gr_gid for g in grp.getgrall() if name in g.gr_mem)}
        os.environ["USER"] = os.environ["LOGNAME"] = name
    except KeyError:  # an account that has no name here (a container's)
        groups = {at.st_gid}
    os.setgroups(sorted(groups))
    os.setresgid(at.st_gid, at.st_gid, at.st_gid)
    os.setresuid(at.st_uid, at.st_uid, at.st_uid)


def owner_of(directory: Path) -> tuple[int, int] | None:
    """(account, group) of a directory that is there already; None where there is none, or no such thing."""
    if os.name != "posix" or not directory.exists():
        return None
    at = directory.stat()
    return at.st_uid, at.st_gid


def give(directory: Path, owner: tuple[int, int] | None) -> None:
    """As root, everything in a directory to its account. What is linked elsewhere stays as it is."""
    if owner is None or os.name != "posix" or os.geteuid() != 0:
        return
    for at, folders, files in os.walk(directory):
        for name in (".", *folders, *files):
            os.chown(Path(at, name), *owner, follow_symlinks=False)
