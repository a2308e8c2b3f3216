"""Whether a PDF or TIFF is all there yet: its bytes decide, never its extension (RULES 6, HAZARDS 8)."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable

from syncd.disk import open_document as system

TAIL = 1024


def whole(data: bytes) -> bool:
    """False for a PDF without its end mark in the last KB, or a TIFF whose directory cannot be read."""
    return _whole(lambda offset, count: data[offset : offset + count], len(data))


def whole_open(document: int) -> bool:
    """The same of an open document of any size, of which little is read; it stays open, at its beginning. Raises OSError."""

    def at(offset: int, count: int) -> bytes:
        os.lseek(document, offset, os.SEEK_SET)
        return system.read(document, count)

    complete = _whole(at, system.status(document).st_size)
    os.lseek(document, 0, os.SEEK_SET)
    return complete


def _whole(at: Callable[[int, int], bytes], size: int) -> bool:
    head = at(0, 8)
    if head.startswith(b"%PDF-"):
        return b"%%EOF" in at(max(0, size - TAIL), TAIL)
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(head[:4])
    if order is None:
        return True
    if len(head) < 8:
        return False
    offset: int = struct.unpack(order + "I", head[4:8])[0]
    count = at(offset, 2)
    if offset < 8 or len(count) < 2:
        return False
    entries: int = struct.unpack(order + "H", count)[0]
    return entries > 0 and offset + 2 + entries * 12 + 4 <= size
