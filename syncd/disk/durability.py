"""Making a batch durable: one syncfs for all of it, else fsync by several threads (RULES 6)."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from syncd.disk import open_document

if TYPE_CHECKING:
    from syncd.disk.directory import Directory

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_BATCH = 4  # below this many files, an fsync each is cheaper than syncing the whole file system


def fsync_path(path: str) -> None:
    open_document.synced(path)


def sync_directory(path: str) -> None:
    """Make renames in a directory durable. Windows has no such call: its journal orders renames itself."""
    if os.name != "nt":
        fsync_path(path)


def sync_directories(paths: Iterable[str]) -> None:
    wanted = sorted(set(paths))
    if len(wanted) >= _BATCH and _syncfs(wanted[0]):
        return
    for path in wanted:
        sync_directory(path)


def sync_files(paths: list[str]) -> None:
    """Make the bytes of closed files durable; all lie on the file system of the first."""
    if len(paths) >= _BATCH and _syncfs(paths[0]):
        return
    if len(paths) < _BATCH:
        for path in paths:
            fsync_path(path)
        return
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fsync_path, paths))


def sync_names(directories: Sequence[Directory]) -> None:
    """Make the names in open directories durable; all lie on the disk of the first."""
    if len(directories) >= _BATCH and directories[0].sync_disk():
        return
    for directory in directories:
        directory.sync()


def sync_documents(documents: Sequence[tuple[Directory, str]]) -> None:
    """Make the bytes of closed files in open directories durable; all lie on the disk of the first."""
    if len(documents) >= _BATCH and documents[0][0].sync_disk():
        return
    if len(documents) < _BATCH:
        for one in documents:
            _fsync(one)
        return
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(_fsync, documents))


def _fsync(one: tuple[Directory, str]) -> None:
    directory, name = one
    directory.synced(name)


def _syncfs(path: str) -> bool:
    if _libc is None:
        return False
    fd = os.open(path, os.O_RDONLY)
    try:
        return syncfs(fd)
    finally:
        os.close(fd)


# Disks behind a daemon, or a server, which that call does not ask to write: fuse, cifs, smb2, 9p (statfs(2)).
_NOT_ASKED = {0x65735546, 0xFF534D42, 0xFE534D42, 0x517B, 0x01021997}
_word = ctypes.sizeof(ctypes.c_long)


def _is_asked(fd: int) -> bool:
    assert _libc is not None
    held = ctypes.create_string_buffer(256)
    if _libc.fstatfs(fd, held) != 0:
        return False
    return int.from_bytes(held.raw[:_word], sys.byteorder) & 0xFFFFFFFF not in _NOT_ASKED


def syncfs(fd: int) -> bool:
    """Everything on the disk of an open file or directory; False where there is no call that reaches it."""
    if _libc is None or not hasattr(_libc, "syncfs") or not _is_asked(fd):
        return False
    if _libc.syncfs(fd) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return True
