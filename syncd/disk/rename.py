"""Renames that never replace, and exchanges that lose neither side (RULES 6)."""

from __future__ import annotations

import ctypes
import errno
import os
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


def _call(source: str, target: str, flag: int) -> bool:
    """True when done; False when this system or file system does not know the flag. Raises OSError otherwise."""
    if _renameat2 is None:
        return False
    if _renameat2(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), flag) == 0:
        return True
    error = ctypes.get_errno()
    if error in _UNSUPPORTED:
        return False
    raise OSError(error, os.strerror(error), target)


def move_no_replace(source: str, target: str) -> None:
    """Rename, or FileExistsError when anything is at `target` (a name differing only by case of itself is not)."""
    if _call(source, target, _NOREPLACE):
        return
    if os.name == "nt":
        os.rename(source, target)  # Windows refuses by itself when the target exists
        return
    if os.path.isdir(source):
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
        os.rename(source, target)
        return
    os.link(source, target, follow_symlinks=False)
    os.unlink(source)


def exchange(one: str, other: str) -> bool:
    """Swap two files in one step. False when this file system cannot (the caller then links aside first)."""
    return _call(one, other, _EXCHANGE)
