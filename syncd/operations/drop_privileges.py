"""Commands of root work as the account that the data belongs to: what they leave, the service can go on with."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from syncd.core.errors import SyncdError


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


def apart(work: Callable[[], str]) -> str:
    """What `work` gives. Of root it is done by a process of its own, which may become another account while this one
    stays root. Raises SyncdError as `work` did."""
    if os.name != "posix" or os.geteuid() != 0:
        return work()
    import json

    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code, said = 1, "the process for another account ended early."
        try:
            code, said = 0, work()
        except SyncdError as e:
            code, said = e.exit_code, str(e)
        finally:
            with os.fdopen(writing, "w") as out:
                json.dump([code, said], out)
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        code, said = json.loads(told.read() or '[1, "the process for another account ended early."]')
    os.waitpid(child, 0)
    if code:
        error = SyncdError(said)
        error.exit_code = code
        raise error
    return str(said)


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
