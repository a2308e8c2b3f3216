"""Tables that other programs export as text: whatever their encoding, their separator, their line ends."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from typing import Literal

import msgspec

SEPARATORS = ("\t", ";", "|")
LOOKED_AT = 20  # lines by which a separator is told
MOST_ROWS = 200_000


class Row(msgspec.Struct, frozen=True):
    """`line`: where it begins, from 1. Cells without the blanks around them."""

    line: int
    cells: tuple[str, ...]


def text_of(data: bytes) -> str:
    """UTF-8 or UTF-16 where a mark says so, else UTF-8, else Windows' Western encoding, in which every byte says something."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def separator(text: str) -> str:
    """What the first lines are most often divided by; ';' where nothing divides them."""
    votes = Counter[str]()
    for line in text.splitlines()[:LOOKED_AT]:
        count = {s: line.count(s) for s in SEPARATORS}
        best = max(SEPARATORS, key=lambda s: count[s])
        if count[best]:
            votes[best] += 1
    return max(SEPARATORS, key=lambda s: (votes[s], s == ";"))


def rows(data: bytes) -> list[Row]:
    """Those in which anything stands. Raises ValueError of what is no such table."""
    text = text_of(data)
    if "\0" in text:
        raise ValueError("it is no text")
    stray = any(line.count('"') % 2 for line in text.splitlines())  # then none of them quotes anything
    quotes: Literal[0, 3] = csv.QUOTE_NONE if stray else csv.QUOTE_MINIMAL
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator(text), quoting=quotes)
    found: list[Row] = []
    line = 1
    try:
        for cells in reader:
            stripped = tuple(" ".join(cell.split()) for cell in cells)
            if any(stripped):
                found.append(Row(line, stripped))
            if len(found) > MOST_ROWS:
                raise ValueError(f"it has more than {MOST_ROWS} lines")
            line = reader.line_num + 1
    except csv.Error as e:
        raise ValueError(f"line {reader.line_num}: {e}") from None
    return found
