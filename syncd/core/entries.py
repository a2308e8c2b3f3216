"""Accounting entries in the two text forms that are known: ISACOMPTA's ECR and the FEC of the law. Read for people, never written.

ECR (fixed columns, its records by their first six signs): the format document of the public project ECRStudio, and the
importer of a French ERP written from real exports agree on what is read here. FEC: LPF, article A47 A-1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

import msgspec

FEC_COLUMNS = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit",
)  # fmt: skip
_VERSION = re.compile(r"VER   \d{7}")
_JOURNALS = 50


class Line(msgspec.Struct, frozen=True, gc=False):
    """One movement. Amounts in cents."""

    journal: str
    on: date | None
    piece: str
    account: str
    label: str
    debit: int
    credit: int


class Entries(msgspec.Struct, frozen=True):
    """A file's entries as a whole, and the first of its lines. `form`: ecr or fec. `odd`: lines whose date or amount cannot be
    read; `journals`: their codes, as they come."""

    form: str
    lines: int
    first: date | None
    last: date | None
    debit: int
    credit: int
    odd: int
    journals: tuple[str, ...]
    shown: tuple[Line, ...]

    @property
    def balanced(self) -> bool:
        return self.debit == self.credit and not self.odd


def read(lines: Iterable[str], most: int) -> Entries | None:
    """Of the file's lines, of which the first `most` are kept; None where it is neither form."""
    rest = iter(lines)
    head = next(rest, "").removeprefix("\ufeff")
    if _VERSION.match(head):
        return _summed("ecr", _ecr(rest), most)
    for mark in ("\t", "|"):
        names = [name.strip().lower() for name in head.split(mark)]
        if tuple(names[: len(FEC_COLUMNS)]) == tuple(name.lower() for name in FEC_COLUMNS):
            return _summed("fec", _fec(rest, mark), most)
    return None


def _summed(form: str, lines: Iterator[Line | None], most: int) -> Entries:
    count = debit = credit = odd = 0
    first = last = None
    journals: dict[str, None] = {}
    shown: list[Line] = []
    for line in lines:
        count += 1
        if line is None:
            odd += 1
            continue
        debit, credit = debit + line.debit, credit + line.credit
        if line.on is not None:
            first = min(first or line.on, line.on)
            last = max(last or line.on, line.on)
        if len(journals) < _JOURNALS:
            journals[line.journal] = None
        if len(shown) < most:
            shown.append(line)
    return Entries(form, count, first, last, debit, credit, odd, tuple(journals), tuple(shown))


def _ecr(lines: Iterator[str]) -> Iterator[Line | None]:
    journal, on, piece, label = "", None, "", ""
    for line in lines:
        match line[:6]:
            case "ECR   ":
                journal, piece, label = line[6:8].strip(), line[16:24].strip(), line[24:54].strip()
                on = _day(line[12:16] + line[10:12] + line[8:10])
            case "MVT   ":
                debit, credit = _cents(line[46:59], "."), _cents(line[59:72], ".")
                known = debit is not None and credit is not None and on is not None
                own = line[16:46].strip() or label
                yield Line(journal, on, piece, line[6:16].strip(), own, debit or 0, credit or 0) if known else None


def _fec(lines: Iterator[str], mark: str) -> Iterator[Line | None]:
    for line in lines:
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.rstrip("\r\n").split(mark)]
        if len(cells) < len(FEC_COLUMNS):
            yield None
            continue
        debit, credit, on = _cents(cells[11], ","), _cents(cells[12], ","), _day(cells[3])
        if debit is None or credit is None or on is None:
            yield None
            continue
        yield Line(cells[0], on, cells[8], cells[4], cells[10], debit, credit)


def _day(text: str) -> date | None:
    """`AAAAMMJJ`."""
    if not re.fullmatch(r"[0-9]{8}", text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _cents(text: str, point: str) -> int | None:
    """Nothing is nothing. None: no amount."""
    text = text.strip().replace(point, ".")
    if not text:
        return 0
    if not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{0,6})?", text):
        return None
    try:
        return int((Decimal(text) * 100).to_integral_value())
    except InvalidOperation:
        return None
