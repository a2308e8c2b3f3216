"""Whether a PDF or TIFF is all there yet: its bytes decide, never its extension (RULES 6, HAZARDS 8)."""

from __future__ import annotations

import os
import struct

from syncd.disk.hashing import open_document

TAIL = 1024


def _at(fd: int, offset: int, count: int) -> bytes:
    os.lseek(fd, offset, os.SEEK_SET)
    return os.read(fd, count)


def whole(path: str) -> bool:
    """False for a PDF without its end mark in the last KB, or a TIFF whose directory cannot be read. Raises OSError."""
    fd = open_document(path)
    try:
        size = os.fstat(fd).st_size
        head = _at(fd, 0, 8)
        if head.startswith(b"%PDF-"):
            return b"%%EOF" in _at(fd, max(0, size - TAIL), TAIL)
        order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(head[:4])
        if order is None:
            return True
        if len(head) < 8:
            return False
        offset: int = struct.unpack(order + "I", head[4:8])[0]
        count = _at(fd, offset, 2)
        if offset < 8 or len(count) < 2:
            return False
        entries: int = struct.unpack(order + "H", count)[0]
        return entries > 0 and offset + 2 + entries * 12 + 4 <= size
    finally:
        os.close(fd)
