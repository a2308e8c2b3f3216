"""How a client's directory looks: one digest of every name and stat in its folders, so that two moments are compared.

Also a program by itself, with the standard library alone: `looks` has a second one look at half of the clients.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import os
import stat
import sys
from collections.abc import Collection, Iterable, Mapping

ENGINE = ".syncd"  # what the engine keeps for itself in a directory
Row = str | tuple[str, int, int, int, int, int]


def row(name: str, st: os.stat_result) -> Row:
    """Of a folder its name alone: what lies in it is its own affair, or nobody's."""
    if stat.S_ISDIR(st.st_mode):
        return name
    return (name, st.st_size, st.st_mtime_ns, st.st_ctime_ns, st.st_ino, st.st_mode)


def folder(disk: str, inode: int, rows: list[Row]) -> bytes:
    """`rows` in the order of their names."""
    return hashlib.blake2b(marshal.dumps((disk, inode, rows), 1), digest_size=16).digest()


def together(folders: Mapping[str, bytes]) -> bytes:
    """Digests of folders, by disk."""
    return hashlib.blake2b(b"".join(folders[disk] for disk in sorted(folders)), digest_size=16).digest()


def look(directory: str, folders: Iterable[str]) -> bytes:
    """How the directory and these folders of it look now; b"" when one of them cannot be read, or is not one."""
    try:
        return together({disk: _folder(directory, disk) for disk in ("", *folders)})
    except OSError:
        return b""


def _folder(directory: str, disk: str) -> bytes:
    path = f"{directory}/{disk}" if disk else directory
    if os.listdir not in os.supports_fd:
        return folder(disk, _inode(disk, os.lstat(path)), _rows(path, None, disk))
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return folder(disk, _inode(disk, os.fstat(fd)), _rows(fd, fd, disk))
    finally:
        os.close(fd)


def _inode(disk: str, st: os.stat_result) -> int:
    return st.st_ino if disk else 0  # the client's own directory is known by its marker


def _rows(at: str | int, fd: int | None, disk: str) -> list[Row]:
    rows: list[Row] = []
    for name in sorted(os.listdir(at)):
        if name.startswith(ENGINE):
            if disk:
                raise OSError(f"'{disk}' may hold another client's directory")
            continue
        rows.append(
            row(name, os.stat(name, dir_fd=fd, follow_symlinks=False) if fd is not None else os.lstat(f"{at}/{name}"))
        )
    return rows


def all_of(asked: Mapping[str, Collection[str]]) -> dict[str, bytes]:
    return {directory: look(directory, folders) for directory, folders in asked.items()}


if __name__ == "__main__":
    json.dump({d: digest.hex() for d, digest in all_of(json.load(sys.stdin)).items()}, sys.stdout)
