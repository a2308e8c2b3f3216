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

ENGINE = ".syncd"  # what the engine keeps for itself in a directory
SIZE = 16  # bytes of a digest
_seen = struct.Struct("<qqqQq").pack
_FOLDER = _seen(0, 0, 0, 0, 0)
_OPEN = os.O_RDONLY
for _flag in ("O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC"):
    _OPEN |= getattr(os, _flag, 0)


def folder(disk: str, inode: int, names: Sequence[str], stats: Iterable[os.stat_result]) -> bytes:
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


def remember(folders: Mapping[str, bytes]) -> bytes:
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
        if os.listdir not in os.supports_fd:
            return _together({disk: _folder(directory, disk) for disk in ("", *folders)})
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


def _together(folders: Mapping[str, bytes]) -> bytes:
    return hashlib.blake2b(b"".join(folders[disk] for disk in sorted(folders)), digest_size=SIZE).digest()


def _folder(directory: str, disk: str) -> bytes:
    """Where directories cannot be opened."""
    path = f"{directory}/{disk}" if disk else directory
    names = _names(path, disk)
    return folder(disk, _inode(disk, os.lstat(path)), names, (os.lstat(f"{path}/{name}") for name in names))


def _folder_at(fd: int, disk: str) -> bytes:
    names = _names(fd, disk)
    stats = [os.stat(name, dir_fd=fd, follow_symlinks=False) for name in names]
    return folder(disk, _inode(disk, os.fstat(fd)), names, stats)


def _parts(disk: str) -> str:
    """Orders folders so that each comes before what lies in it, and nothing else between."""
    return disk.replace("/", "\0")


def _inode(disk: str, st: os.stat_result) -> int:
    return st.st_ino if disk else 0  # the client's own directory is known by its marker


def _names(at: str | int, disk: str) -> list[str]:
    names = sorted(os.listdir(at))
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
