"""An open document."""

from __future__ import annotations

import os
import sys

from syncd.disk.windows import api
from syncd.disk.windows import status as statuses
from syncd.disk.windows.status import Status

assert sys.platform == "win32"

import msvcrt  # noqa: E402

_NUL = os.O_BINARY | os.O_NOINHERIT


def descriptor(handle: api.Handle, flags: int) -> int:
    """For whoever reads and writes as everywhere; closing it closes the handle."""
    return msvcrt.open_osfhandle(handle.kept(), flags | _NUL)


def status(fd: int) -> Status:
    return statuses.of(msvcrt.get_osfhandle(fd))


def read(fd: int, size: int) -> bytes:
    """As `os.read`, which does not say when another program has locked these very bytes."""
    try:
        return os.read(fd, size)
    except PermissionError:
        return api.read(msvcrt.get_osfhandle(fd), size)


def synced(path: str) -> None:
    """Make the bytes of a closed file durable: only who may write to it can ask for that."""
    fd = os.open(path, os.O_RDWR | _NUL)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
