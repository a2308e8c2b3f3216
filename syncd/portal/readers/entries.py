"""Accounting entries: what a file of them sums to, and its first lines; and what an archive of a DEX holds."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

from syncd.core import entries as core
from syncd.portal.readers.values import Entries, Table

ROWS, MEMBERS, CELL = 100, 200, 200
READ = 64_000_000  # bytes; what lies beyond is not summed, and that is said
LINE = 10_000


def entries(source: BinaryIO) -> Entries | None:
    """None where the file is of neither form. The bytes are read once, a line after the other."""
    source.seek(0)
    counted = _Lines(source)
    found = core.read(counted, ROWS)
    if found is None:
        source.seek(0)
        return None
    rows = tuple(
        tuple(
            cell[:CELL]
            for cell in (_day(e.on), e.journal, e.piece, e.account, e.label, _amount(e.debit), _amount(e.credit))
        )
        for e in found.shown
    )
    return Entries(
        found.form, found.lines, _day(found.first), _day(found.last), amount(found.debit), amount(found.credit),
        found.balanced and not counted.cut, found.odd, found.journals, rows, counted.cut,
    )  # fmt: skip


def members(source: BinaryIO) -> Table:
    """Names and sizes in an archive, nothing of it unpacked. Raises ValueError where it is none."""
    source.seek(0)
    try:
        with zipfile.ZipFile(source) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError) as e:
        raise ValueError(str(e)) from None
    return Table(tuple((m.filename[:CELL], f"{m.file_size}") for m in found[:MEMBERS]), len(found) > MEMBERS)


class _Lines:
    """Of a text as Windows or a modern program wrote it. `cut`: there was more than is read."""

    def __init__(self, source: BinaryIO) -> None:
        self._source, self.cut = source, False

    def __iter__(self) -> Iterator[str]:
        read = 0
        while line := self._source.readline(LINE):
            read += len(line)
            if read > READ:
                self.cut = True
                return
            try:
                yield line.decode("utf-8-sig")
            except UnicodeDecodeError:
                yield line.decode("cp1252", "replace")


def _day(on: date | None) -> str:
    return f"{on:%d/%m/%Y}" if on is not None else ""


def amount(cents: int) -> str:
    """`1 234,56`, with the narrow space that does not break."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}".replace(",", "\u202f") + f",{rest:02}"


def _amount(cents: int) -> str:
    return amount(cents) if cents else ""
