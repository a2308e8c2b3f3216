"""A file that at most one process holds. The operating system lets it go when that process ends, however it ends."""

from __future__ import annotations

import errno
import os
import sys
import time
from pathlib import Path
from types import TracebackType

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_HELD = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}
if sys.platform == "win32":
    _HELD |= {0}  # Wine refuses the lock, and says no error
_AGAIN = 0.05  # seconds
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


class Held(Exception):
    """Another process has it."""


class FileLock:
    """The file is its owner's alone, holds nothing, and stays. Raises OSError where it cannot be made or locked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = -1

    @property
    def mine(self) -> bool:
        return self._fd >= 0

    def acquire(self, patience: float = 0.0) -> None:
        """Raises Held when another process has it, and still after `patience` seconds."""
        until = time.monotonic() + patience
        while not self._locked():
            if time.monotonic() >= until:
                raise Held(str(self.path))
            time.sleep(_AGAIN)

    def release(self) -> None:
        if self.mine:
            fd, self._fd = self._fd, -1
            _unlock(fd)
            os.close(fd)

    def __enter__(self) -> FileLock:
        self.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()

    def _locked(self) -> bool:
        fd = os.open(self.path, _FLAGS, 0o600)
        try:
            _lock(fd)
        except BaseException as e:
            os.close(fd)
            if isinstance(e, OSError) and e.errno in _HELD:
                return False
            raise
        self._fd = fd
        return True


def held(path: Path) -> bool:
    """Whether a process has it; asked without making it. What cannot be asked is taken for held."""
    lock = FileLock(path)
    try:
        if not path.exists():
            return False
        lock.acquire()
    except (Held, OSError):
        return True
    lock.release()
    return False


def _lock(fd: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _unlock(fd: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)
    else:
        fcntl.flock(fd, fcntl.LOCK_UN)
