"""Opening a directory beneath another: no link is followed, no other disk is entered, by whichever way the system has.

Linux 5.6 and later does it in one call (openat2). Elsewhere it goes part by part, each opened without following a link,
and each one's mount compared with that of the directory above it.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import platform
import sys
from collections.abc import Callable

from syncd.disk.errors import OtherDisk

_OPEN = os.O_RDONLY
for _flag in ("O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC"):
    _OPEN |= getattr(os, _flag, 0)
_NO_XDEV, _NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x01, 0x02, 0x04, 0x08
_OPENAT2 = 437  # the same number on every architecture but alpha


class _How(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


_HOW = _How(_OPEN, 0, _NO_XDEV | _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH)


def _load() -> Callable[[int, bytes], int] | None:
    """openat2 of a directory: a descriptor, or -1 and ctypes' errno. None where the kernel has none, or forbids it."""
    if not sys.platform.startswith("linux") or platform.machine() == "alpha":
        return None
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    call.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t]
    how, size = ctypes.addressof(_HOW), ctypes.sizeof(_HOW)

    def openat2(directory: int, below: bytes) -> int:
        return int(call(_OPENAT2, directory, below, how, size))

    here = os.open("/", _OPEN)
    try:  # a container may answer anything but "not there" to a call that it does not know
        tried = openat2(here, b".")
    finally:
        os.close(here)
    if tried < 0:
        return None
    os.close(tried)
    return openat2


_openat2 = _load()


def checked(name: str) -> str:
    """The name of something in a directory; ValueError for what is none."""
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise ValueError(f"{name!r} is no name")
    return name


def open_directory(path: str) -> int:
    """The directory at a path of somebody's choice, through whatever links lead to it. The caller closes it."""
    return os.open(path, _OPEN & ~getattr(os, "O_NOFOLLOW", 0))


def open_beneath(directory: int, below: str) -> int:
    """`below`: names joined by '/'. The caller closes it.

    Raises OtherDisk; ValueError when `below` could lead elsewhere; OSError: NotADirectoryError, or ELOOP, where a link or
    a document is in the way.
    """
    parts = below.split("/")
    for part in parts:
        if part in ("", ".", "..") or "\0" in part:
            raise ValueError(f"{below!r} leads elsewhere")
    if _openat2 is None:
        return _part_by_part(directory, parts)
    encoded = os.fsencode(below)
    while (found := _openat2(directory, encoded)) < 0:
        error = ctypes.get_errno()
        if error == errno.EXDEV:
            os.close(_part_by_part(directory, parts))  # says where; else it is gone meanwhile
            raise OtherDisk(below)
        if error not in (errno.EINTR, errno.EAGAIN):
            raise OSError(error, os.strerror(error), below)
    return found


def _part_by_part(directory: int, parts: list[str]) -> int:
    here, at = mount(directory), directory
    try:
        for n, part in enumerate(parts):
            try:
                inner = os.open(part, _OPEN, dir_fd=at)
            except OSError as e:
                raise OSError(e.errno, e.strerror, "/".join(parts[: n + 1])) from None
            if at != directory:
                os.close(at)
            at = inner
            if mount(at) != here:
                raise OtherDisk("/".join(parts[: n + 1]))
    except BaseException:
        if at != directory:
            os.close(at)
        raise
    return at


# -- which mount a directory is reached through ---------------------------------------------------------------------------

_MNT_ID, _EMPTY_PATH, _STATX_SIZE = 0x1000, 0x1000, 256
_MASK_AT, _MNT_ID_AT = 0, 0x90  # of stx_mask and stx_mnt_id in struct statx


@functools.cache
def _statx() -> Callable[..., int] | None:
    if not sys.platform.startswith("linux"):
        return None
    call = getattr(ctypes.CDLL(None, use_errno=True), "statx", None)
    if call is not None:
        call.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p]
    return call


def mount(directory: int) -> int:
    """Which mount an open directory is reached through: two directories of one device may be of two mounts."""
    call = _statx()
    if call is not None:
        found = ctypes.create_string_buffer(_STATX_SIZE)
        if call(directory, b"", _EMPTY_PATH, _MNT_ID, found) == 0:
            raw = found.raw
            if int.from_bytes(raw[_MASK_AT : _MASK_AT + 4], sys.byteorder) & _MNT_ID:
                return int.from_bytes(raw[_MNT_ID_AT : _MNT_ID_AT + 8], sys.byteorder)
    try:
        with open(f"/proc/self/fdinfo/{directory}", "rb") as f:
            for line in f:
                if line.startswith(b"mnt_id:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return os.fstat(directory).st_dev


_NO_FOLLOW, _ASKED_ANEW, _BASIC = 0x100, 0x2000, 0x7FF
_CTIME_AT, _MTIME_AT = 0x60, 0x70


def times(directory: int, name: str) -> tuple[int, int]:
    """When it was modified and changed, as whoever keeps the disk says now: a server is asked, whatever is remembered of it."""
    call = _statx()
    if call is not None:
        found = ctypes.create_string_buffer(_STATX_SIZE)
        if call(directory, os.fsencode(checked(name)), _NO_FOLLOW | _ASKED_ANEW, _BASIC, found) == 0:
            return _time(found.raw, _MTIME_AT), _time(found.raw, _CTIME_AT)
    held = os.stat(checked(name), dir_fd=directory, follow_symlinks=False)
    return held.st_mtime_ns, held.st_ctime_ns


def _time(raw: bytes, at: int) -> int:
    seconds = int.from_bytes(raw[at : at + 8], sys.byteorder, signed=True)
    return seconds * 10**9 + int.from_bytes(raw[at + 8 : at + 12], sys.byteorder)
