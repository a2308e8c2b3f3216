"""What a file is, by its first bytes; by its name only where bytes say nothing."""

from __future__ import annotations

from typing import BinaryIO

HEAD = 64
_SIGNS = (
    (b"%PDF-", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF87a", "gif"), (b"GIF89a", "gif"),
    (b"II*\0", "tiff"), (b"MM\0*", "tiff"), (b"BM", "bmp"), (b"PK\x03\x04", "zip"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
)  # fmt: skip
_HEIF = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")
PICTURES = frozenset({"png", "jpeg", "gif", "webp", "tiff", "bmp", "heif"})
SHEETS = frozenset({"xlsx", "xlsm", "xlsb", "xls", "ods"})
TABLES = frozenset({"csv", "tsv"})
TEXTS = frozenset({"txt", "log", "md", "json", "asc", "dex", "ofx", "qif"})
ENTRIES = frozenset({"ecr", "txt"})
PREVIEWED = SHEETS | TABLES | TEXTS | ENTRIES | {"xml", "eml", "msg", "pdf", "tif", "tiff"}


def sniffed(source: BinaryIO) -> str:
    """`pdf`, `png`, …, `heif`, `zip`, `ole`, or '' for what no first bytes tell."""
    source.seek(0)
    head = source.read(HEAD)
    source.seek(0)
    return of_head(head)


def of_head(head: bytes) -> str:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF:
        return "heif"
    return next((kind for sign, kind in _SIGNS if head.startswith(sign)), "")


def extension(name: str) -> str:
    """Of a name, where it is one that a preview is made by; '' otherwise."""
    found = name.rpartition(".")[2].lower() if "." in name else ""
    return found if found in PREVIEWED else ""
