"""Numbers as a disk gives them: SQLite's are signed and have 64 bits, an inode or a time in nanoseconds may have more."""

from __future__ import annotations

from syncd.core.content import Stamp

_LEAST, _MOST = -(2**63), 2**63 - 1
_MARK = "n"  # what SQLite would take for no number, whatever the column says


def kept(number: int) -> int | str:
    """As it is stored: the same number always in the same way, so that columns are compared."""
    return number if _LEAST <= number <= _MOST else f"{_MARK}{number}"


def kept_of(stamp: Stamp) -> tuple[int | str, int | str, int | str]:
    """Both times and the inode as they are stored; nearly always plain numbers."""
    if not (stamp.mtime_ns | stamp.ctime_ns | stamp.inode) >> 63:
        return stamp.mtime_ns, stamp.ctime_ns, stamp.inode
    return kept(stamp.mtime_ns), kept(stamp.ctime_ns), kept(stamp.inode)


def number(stored: int | str) -> int:
    return stored if stored.__class__ is int else int(str(stored).removeprefix(_MARK))


def stamp(size: int, mtime_ns: int | str, ctime_ns: int | str, inode: int | str) -> Stamp:
    """A hundred thousand times, and nearly always of plain numbers."""
    if mtime_ns.__class__ is ctime_ns.__class__ is inode.__class__ is int:
        return Stamp(size, mtime_ns, ctime_ns, inode)
    return Stamp(size, number(mtime_ns), number(ctime_ns), number(inode))
