"""Scans as scanners write them: small PDFs, and TIFFs of one or more pages, made by hand so that each byte is known."""

from __future__ import annotations

import struct
from collections.abc import Sequence


def pdf(word: str = "a scan", pages: int = 1) -> bytes:
    body = b"".join(b"%d 0 obj << /Word (%s) >> endobj\n" % (n, word.encode()) for n in range(1, pages + 1))
    return b"%PDF-1.4\n" + body + b"trailer << >>\n%%EOF\n"


def tiff(pages: Sequence[bytes] = (b"a page",), order: str = "<", *, big: bool = False) -> bytes:
    """Each page: its strips' bytes, an entry that does not fit into its directory (the name of the scanner), the directory."""
    word, count, head = (order + "Q", order + "Q", order + "HHQ") if big else (order + "I", order + "H", order + "HHI")
    out = bytearray(b"II" if order == "<" else b"MM")
    out += struct.pack(order + "HHHQ", 43, 8, 0, 0) if big else struct.pack(order + "HI", 42, 0)
    at = 8 if big else 4  # where the next directory's place is to be written
    for page in pages:
        strip = len(out)
        out += page
        maker = len(out)
        out += b"a scanner of some make\0"
        if len(out) % 2:
            out += b"\0"
        struct.pack_into(word, out, at, len(out))
        entries = [(256, 4, 1, 8), (271, 2, 23, maker), (273, 4, 1, strip), (279, 4, 1, len(page))]
        out += struct.pack(count, len(entries))
        for tag, kind, many, value in entries:
            out += struct.pack(head, tag, kind, many)
            if big and kind == 4:
                out += struct.pack(order + "II", value, 0)
            else:
                out += struct.pack(word, value)
        at = len(out)
        out += struct.pack(word, 0)
    return bytes(out)
