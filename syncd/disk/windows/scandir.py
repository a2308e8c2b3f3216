"""A whole directory in a few calls: names, ids and change times, with no call for each of them."""

from __future__ import annotations

import ctypes
import struct

from syncd.disk.windows import api, status
from syncd.disk.windows.status import Status

_ROOM = 64 * 1024
_LONG, _SHORT = (20, 19), (11, 10)  # FileIdExtdDirectory and FileIdBothDirectory: anew, and on from there
_END = 18
_head = struct.Struct("<I4x8x8xqqq8xIII").unpack_from  # next, written, changed, size, attributes, letters, tag
_NAME_LONG, _NAME_SHORT = 88, 104
_IN_LONG, _IN_SHORT = struct.Struct("<16s").unpack_from, struct.Struct("<Q").unpack_from


class Entry:
    """A name and what was said of it when the directory was listed."""

    __slots__ = ("_status", "name")

    def __init__(self, name: str, held: Status) -> None:
        self.name, self._status = name, held

    def stat(self, *, follow_symlinks: bool = True) -> Status:
        return self._status

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return (self._status.st_mode & 0o170000) == 0o040000


def entries(handle: int, disk: int, where: str) -> list[Entry]:
    """By a handle that nothing else was listed by: it knows how far it has come."""
    short = status.is_short(disk)
    if short is None:
        short = not _knows_long(handle)
        status.lists_short(disk, short)
    anew, on = _SHORT if short else _LONG
    room = ctypes.create_string_buffer(_ROOM)
    found: list[Entry] = []
    code = api.listed(handle, anew, room)
    while not code:
        _parsed(room.raw, short, disk, found)
        code = api.listed(handle, on, room)
    if code not in (_END, 2):  # 2: the root of a disk that holds nothing
        raise api.fault(code, where)
    return found


def _knows_long(handle: int) -> bool:
    return api.listed(handle, _LONG[0], ctypes.create_string_buffer(_ROOM)) in (0, _END)


def _parsed(raw: bytes, short: bool, disk: int, found: list[Entry]) -> None:
    at = 0
    while True:
        onward, written, changed, size, attributes, letters, tag = _head(raw, at)
        if short:
            name_at, (inode,) = at + _NAME_SHORT, _IN_SHORT(raw, at + 96)
        else:
            name_at = at + _NAME_LONG
            (tag,) = struct.unpack_from("<I", raw, at + 68)
            inode = int.from_bytes(_IN_LONG(raw, at + 72)[0], "little")
        name = raw[name_at : name_at + letters].decode("utf-16-le", "surrogatepass")
        if name not in (".", ".."):
            link = bool(attributes & api.REPARSE) and status.is_link(tag or api.SURROGATE)
            mode = status.mode(attributes, link)
            if attributes & api.IS_DIRECTORY:
                size = 0
            held = Status(mode, inode, disk, 1, size, status.moment(written), status.moment(changed or written))
            found.append(Entry(name, held))
        if not onward:
            return
        at += onward
