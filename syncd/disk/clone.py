"""A copy that shares its bytes with the original until one of both is changed, where the disk can (btrfs, XFS, ZFS)."""

from __future__ import annotations

import sys

if sys.platform == "linux":
    import fcntl

FICLONE = 0x40049409


def clone(source: int, target: int) -> bool:
    """Give an open empty file all the bytes of another open file. False, and nothing is done, where the disk cannot."""
    if sys.platform != "linux":
        return False
    try:
        fcntl.ioctl(target, FICLONE, source)
    except OSError:
        return False
    return True
