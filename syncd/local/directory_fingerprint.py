"""How a client's directory looks: one digest of every name and stat in its folders, so that two moments are compared.

A look is that digest, and after it the folders it is of: `remember` makes it of what a walk saw, `remembered` takes it
apart, `digest` says how the same folders look now.

Also a program by itself, with the standard library alone, for the second process of `looks`: it is told directories
and their folders, and says the digest of each in the same order, a line each.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import sys
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from syncd.core.paths import DiskPath
    from syncd.disk.directory import Directory
    from syncd.disk.status import Status

D = TypeVar("D", bound=str)
ENGINE = ".syncd"  # what the engine keeps for itself in a directory
SIZE = 16  # bytes of a digest
_seen = struct.Struct("<qqqQq").pack
_FOLDER = _seen(0, 0, 0, 0, 0)
DESCRIPTORS = os.listdir in os.supports_fd  # directories are descriptors: nothing but this file is needed to look
_OPEN = os.O_RDONLY
for _flag in ("O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC"):
    _OPEN |= getattr(os, _flag, 0)


def folder(disk: str, inode: int, names: Sequence[str], stats: Iterable[Status]) -> bytes:
    """`names` in order, and the stat of each. Of a folder its name alone: what lies in it is its own affair, or nobody's."""
    names_alone = "/".join((disk, str(inode), *names)).encode("utf-8", "surrogatepass")
    seen = hashlib.blake2b(names_alone, digest_size=SIZE)
    update, is_folder = seen.update, stat.S_ISDIR  # a hundred thousand times
    for st in stats:
        mode = st.st_mode
        if is_folder(mode):
            update(_FOLDER)
            continue
        try:
            update(_seen(st.st_size, st.st_mtime_ns, st.st_ctime_ns, st.st_ino, mode))
        except struct.error:  # a time before 1677 or after 2262: a copier with a dead clock
            update(repr((st.st_size, st.st_mtime_ns, st.st_ctime_ns, st.st_ino, mode)).encode())
    return seen.digest()


def remember(folders: Mapping[DiskPath, bytes]) -> bytes:
    """Digests of folders, by disk; "" is the client's own directory."""
    return _together(folders) + "\0".join(sorted(disk for disk in folders if disk)).encode("utf-8", "surrogatepass")


def remembered(look: bytes) -> tuple[bytes, list[str]]:
    """The digest, and the folders it is of."""
    names = look[SIZE:].decode("utf-8", "surrogatepass")
    return look[:SIZE], names.split("\0") if names else []


def digest(directory: str, folders: Iterable[str]) -> bytes:
    """Of the directory and these folders of it as they are now; b"" when one of them cannot be read, or is not one.

    Each is opened from the one it lies in, and none through a link.
    """
    found = {}
    try:
        if not DESCRIPTORS:
            return _together(_opened(directory, folders))
        way = [(os.open(directory, _OPEN), "")]  # those open now, from the directory down
        try:
            found[""] = _folder_at(way[0][0], "")
            for disk in sorted(folders, key=_parts):
                up, _, name = disk.rpartition("/")
                while way[-1][1] != up:
                    os.close(way.pop()[0])
                way.append((os.open(name, _OPEN, dir_fd=way[-1][0]), disk))
                found[disk] = _folder_at(way[-1][0], disk)
        finally:
            for fd, _ in way:
                os.close(fd)
        return _together(found)
    except (OSError, IndexError):
        return b""


def _together(folders: Mapping[D, bytes]) -> bytes:
    return hashlib.blake2b(b"".join(folders[disk] for disk in sorted(folders)), digest_size=SIZE).digest()


def _opened(directory: str, folders: Iterable[str]) -> dict[str, bytes]:
    """Where a directory is something else: as the walk itself sees it."""
    from syncd.disk.directory import Directory

    found = {}
    with Directory.at(directory) as top:
        found[""] = _folder_of(top, "")
        way = [(top, "")]
        for disk in sorted(folders, key=_parts):
            up, _, name = disk.rpartition("/")
            while way[-1][1] != up:
                way.pop()
            way.append((way[-1][0].open(name), disk))
            found[disk] = _folder_of(way[-1][0], disk)
    return found


def _folder_of(opened: Directory, disk: str) -> bytes:
    with opened.listing() as it:
        entries = {entry.name: entry for entry in it}
    names = _counted(sorted(entries), disk)
    stats = [entries[name].stat(follow_symlinks=False) for name in names]
    return folder(disk, _inode(disk, opened.status()), names, stats)


def _folder_at(fd: int, disk: str) -> bytes:
    names = _counted(sorted(os.listdir(fd)), disk)
    stats = [os.stat(name, dir_fd=fd, follow_symlinks=False) for name in names]
    return folder(disk, _inode(disk, os.fstat(fd)), names, stats)


def _parts(disk: str) -> str:
    """Orders folders so that each comes before what lies in it, and nothing else between."""
    return disk.replace("/", "\0")


def _inode(disk: str, st: Status) -> int:
    return st.st_ino if disk else 0  # the client's own directory is known by its marker


def _counted(names: list[str], disk: str) -> list[str]:
    """Those that count, of names in order."""
    first = bisect_left(names, ENGINE)
    if first == len(names) or not names[first].startswith(ENGINE):
        return names
    if disk:
        raise OSError(f"'{disk}' may hold another client's directory")
    return [name for name in names if not name.startswith(ENGINE)]


def asked(directories: Iterable[tuple[str, list[str]]]) -> bytes:
    """Directories and their folders, as the program reads them: no name is empty or has a NUL."""
    named = ("\0".join((directory, *folders)) for directory, folders in directories)
    return "\0\0".join(named).encode("utf-8", "surrogatepass")


if __name__ == "__main__":
    for line in sys.stdin.buffer.read().decode("utf-8", "surrogatepass").split("\0\0"):
        directory, *folders = line.split("\0")
        sys.stdout.write(digest(directory, folders).hex() + "\n")
        sys.stdout.flush()
