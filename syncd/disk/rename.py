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
NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
for _flag in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
    _NEW |= getattr(os, _flag, 0)


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
    try:
        os.link(source, target, src_dir_fd=before, dst_dir_fd=after, follow_symlinks=False)
    except OSError as e:
        if e.errno not in NO_LINKS:
            raise
        _over_placeholder(before, source, after, target)
        return
    os.unlink(source, dir_fd=before)


def _over_placeholder(before: int | None, source: str, after: int | None, target: str) -> None:
    """Where there is neither the flag nor links: an empty file of ours takes the name first, which nobody else then can,
    and is renamed over. FileExistsError when anything is there, or when it is not ours, or not empty, any more."""
    placeholder = os.open(target, _NEW, 0o600, dir_fd=after)
    try:
        moved = False
        try:
            if _same_and_empty(placeholder, target, after):
                os.rename(source, target, src_dir_fd=before, dst_dir_fd=after)
                moved = True
        finally:
            if not moved and _same_and_empty(placeholder, target, after):
                os.unlink(target, dir_fd=after)
        if not moved:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
    finally:
        os.close(placeholder)


def _same_and_empty(placeholder: int, target: str, after: int | None) -> bool:
    own = os.fstat(placeholder)
    try:
        now = os.stat(target, dir_fd=after, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(own, now) and own.st_size == now.st_size == 0


def no_replace(directory: int, name: str, new: str) -> bool:
    """Rename in an open directory by the system's own call for it; False where it, or the disk, knows none."""
    return _call(directory, name, directory, new, _NOREPLACE)


def exchange_between(one_in: int, one: str, other_in: int, other: str) -> bool:
    """The same of names in open directories."""
    return _call(one_in, one, other_in, other, _EXCHANGE)
