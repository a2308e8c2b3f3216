"""Where tests put what is nobody's: one directory for a whole test run, in place of the system's for temporary files.

It goes with the run; what a run that was killed left behind goes with the next one.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

PREFIX, LOCK = "syncd-tests-", ".in-use"
MEMORY = Path("/dev/shm")
_held: list[tuple[int, Path, FileLock]] = []


def begin() -> None:
    """From now on temporary files of this process and of those that it starts lie in a directory that goes when it ends.

    Processes that were told so by the one that started them keep to theirs.
    """
    if Path(tempfile.gettempdir()).name.startswith(PREFIX):
        return
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())  # a failed test's files outlast the run
    os.environ["TMPDIR"] = tempfile.tempdir = str(_own(Path(tempfile.gettempdir())))
    if os.access(MEMORY, os.W_OK):
        os.environ["SYNCD_TESTS_MEMORY"] = str(_own(MEMORY))


def memory() -> str:
    """A directory that costs no disk, where there is one."""
    return os.environ.get("SYNCD_TESTS_MEMORY") or tempfile.gettempdir()


def _own(above: Path) -> Path:
    sweep(above)
    while True:
        made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=above))
        made.chmod(0o1777)  # as what it stands for: some tests become another account
        lock = FileLock(made / LOCK)
        with contextlib.suppress(FileNotFoundError):
            lock.acquire()
            if (made / LOCK).exists():  # else another run that began just now took it for one that is over
                _held.append((os.getpid(), made, lock))
                return made
            lock.release()


def end() -> None:
    """Nothing of it is left. Asked when the process ends; one that leaves in a hurry (`os._exit`) asks itself."""
    while _held:
        owner, made, lock = _held.pop()
        if os.getpid() == owner:  # a child that was forked has no say in it
            lock.release()
            _remove(made)


atexit.register(end)


def sweep(above: Path) -> None:
    """What runs left there that are over."""
    for left in above.glob(f"{PREFIX}*"):
        lock = FileLock(left / LOCK)
        with contextlib.suppress(OSError, Timeout):
            if (left / LOCK).exists():
                lock.acquire(blocking=False)
                _remove(left)
                lock.release()


def _remove(directory: Path) -> None:
    """Unless something is mounted below it: that would be emptied, too."""
    with contextlib.suppress(OSError):
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
        if any(line.split()[4].startswith(f"{directory}/") for line in mounts):
            return
    shutil.rmtree(directory, ignore_errors=True)
