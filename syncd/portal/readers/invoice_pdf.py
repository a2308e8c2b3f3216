"""The XML that a PDF brings along: Factur-X, ZUGFeRD, XRechnung. Nothing of the PDF is drawn, nothing of it is run."""

from __future__ import annotations

import mmap
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

MANY, LARGEST = 100, 20_000_000
NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml", "cda-r.xml")
_EMBEDDED = re.compile(rb"/EmbeddedFile(?![A-Za-z])")
_STREAM = re.compile(rb"stream\r?\n")
_NEAR = 4000  # bytes between the sign of an embedded file and its stream


def attached(source: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of embedded files that may be the invoice, the known names first; what no table names, and what a broken PDF
    holds, last and without a name. Raises nothing: what cannot be opened brings nothing.
    """
    found = sorted(_named(source), key=lambda pair: _rank(pair[0]))
    yield from found
    if not found:
        yield from (("", data) for data in _salvaged(source))


def is_known(name: str) -> bool:
    return name.lower() in NAMES


def _rank(name: str) -> int:
    low = name.lower()
    if low in NAMES:
        return NAMES.index(low)
    return len(NAMES) + (not low.endswith(".xml"))


def _named(source: BinaryIO) -> list[tuple[str, bytes]]:
    import pypdfium2

    kept = list[tuple[str, bytes]]()
    source.seek(0)
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError:
        return kept
    for n in range(min(document.count_attachments(), MANY)):
        try:
            one = document.get_attachment(n)
            data = bytes(one.get_data())
        except (pypdfium2.PdfiumError, ValueError, TypeError):
            continue
        if len(data) <= LARGEST:
            kept.append((one.get_name(), data))
    return kept


def _salvaged(source: BinaryIO) -> Iterator[bytes]:
    """Streams that say of themselves that they are an embedded file, the last written first."""
    try:
        data: bytes | mmap.mmap = mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        source.seek(0)
        data = source.read()
    signs = [m.end() for m in _EMBEDDED.finditer(data)]
    for at in reversed(signs[-MANY:]):
        begun = _STREAM.search(data, at, at + _NEAR)
        if begun is None or b"endobj" in data[at : begun.start()]:
            continue
        end = data.find(b"endstream", begun.end())
        raw = data[begun.end() : end if end >= 0 else begun.end() + LARGEST][:LARGEST]
        if raw.lstrip()[:1] == b"<":
            yield raw
            continue
        try:
            yield zlib.decompressobj().decompress(raw, LARGEST)
        except zlib.error:
            continue
