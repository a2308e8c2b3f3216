"""Renames that never replace, and exchanges that lose neither side (RULES 6)."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys

_AT_FDCWD = -100
_NOREPLACE, _EXCHANGE = 1, 2
_UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}


def _load() -> ctypes._NamedFuncPointer | None:
    if sys.platform != "linux":
        return None
    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is not None:
        function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    return function


_renameat2 = _load()


def _call(source_in: int, source: str, target_in: int, target: str, flag: int) -> bool:
    """True when done; False when this system or file system does not know the flag. Raises OSError otherwise."""
    if _renameat2 is None:
        return False
    if _renameat2(source_in, os.fsencode(source), target_in, os.fsencode(target), flag) == 0:
        return True
    error = ctypes.get_errno()
    if error in _UNSUPPORTED:
        return False
    raise OSError(error, os.strerror(error), target)


def move_no_replace(source: str, target: str) -> None:
    """Rename, or FileExistsError when anything is at `target` (a name differing only by case of itself is not)."""
    if os.name == "nt":
        os.rename(source, target)  # Windows refuses by itself when the target exists
        return
    move_between(_AT_FDCWD, source, _AT_FDCWD, target)


def exchange(one: str, other: str) -> bool:
    """Swap two files in one step. False when this file system cannot (the caller then links aside first)."""
    return exchange_between(_AT_FDCWD, one, _AT_FDCWD, other)


def move_between(source_in: int, source: str, target_in: int, target: str) -> None:
    """The same of names in open directories."""
    if _call(source_in, source, target_in, target, _NOREPLACE):
        return
    before = None if source_in == _AT_FDCWD else source_in
    after = None if target_in == _AT_FDCWD else target_in
    if stat.S_ISDIR(os.stat(source, dir_fd=before, follow_symlinks=False).st_mode):
        try:
            os.stat(target, dir_fd=after, follow_symlinks=False)
        except FileNotFoundError:
            os.rename(source, target, src_dir_fd=before, dst_dir_fd=after)
            return
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
    os.link(source, target, src_dir_fd=before, dst_dir_fd=after, follow_symlinks=False)
    os.unlink(source, dir_fd=before)


def exchange_between(one_in: int, one: str, other_in: int, other: str) -> bool:
    """The same of names in open directories."""
    return _call(one_in, one, other_in, other, _EXCHANGE)
