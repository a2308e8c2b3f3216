"""What the disk says of an open thing; the same source as the listing's (`disk.status`)."""

from __future__ import annotations

import stat
import struct

import msgspec

from syncd.disk.windows import api

_ALL, _ALL_SIZE, _ID, _ID_SIZE, _TAG, _TAG_SIZE = 18, 104, 59, 24, 35, 8
_all = struct.Struct("<qqqqI4xqqIBBxxQ").unpack_from  # FILE_BASIC_, _STANDARD_ and _INTERNAL_INFORMATION
_1601, _TICK = 116_444_736_000_000_000, 100  # from Windows' first day to POSIX's, and nanoseconds each
_short: dict[int, bool] = {}  # disks whose listings have ids of 64 bits alone


class Status(msgspec.Struct, frozen=True, gc=False):
    """As `os.stat_result` names it, but `st_ctime_ns` is what that means elsewhere: when anything of it last changed."""

    st_mode: int
    st_ino: int
    st_dev: int
    st_nlink: int
    st_size: int
    st_mtime_ns: int
    st_ctime_ns: int


def of(handle: int, where: str = "") -> Status:
    _, _, written, changed, attributes, _, size, links, _, _, short = _all(api.asked(handle, _ALL, _ALL_SIZE, where))
    disk, inode = named(handle, short)
    link = bool(attributes & api.REPARSE) and is_link(tag(handle))
    if attributes & api.IS_DIRECTORY:
        size = 0
    return Status(mode(attributes, link), inode, disk, links, size, moment(written), moment(changed or written))


def named(handle: int, short: int | None = None) -> tuple[int, int]:
    """Its disk, and what its id there is: as long as the listings of that disk have it. `short`: the 64 bits of it."""
    try:
        found = api.asked(handle, _ID, _ID_SIZE)
    except OSError:  # a file system that has no long ones
        disk, inode = 0, 0
    else:
        disk, inode = int.from_bytes(found[:8], "little"), int.from_bytes(found[8:], "little")
    if not inode or _short.get(disk, False):
        inode = short if short is not None else _all(api.asked(handle, _ALL, _ALL_SIZE))[-1]
    return disk, inode


def lists_short(disk: int, short: bool) -> None:
    _short[disk] = short


def is_short(disk: int) -> bool | None:
    """None: no listing of that disk was tried yet."""
    return _short.get(disk)


def tag(handle: int) -> int:
    """0 for what is itself."""
    attributes, found = struct.unpack("<II", api.asked(handle, _TAG, _TAG_SIZE))
    return (found or api.SURROGATE) if attributes & api.REPARSE else 0


def is_link(found: int) -> bool:
    return bool(found & api.SURROGATE)


def mode(attributes: int, link: bool) -> int:
    if link:
        return stat.S_IFLNK | 0o777
    if attributes & api.IS_DIRECTORY:
        return stat.S_IFDIR | 0o777
    return stat.S_IFREG | (0o444 if attributes & api.READONLY else 0o666)


def moment(ticks: int) -> int:
    return (ticks - _1601) * _TICK
