"""Workbooks that ask for gigabytes or minutes: one sentence, and the portal goes on (HAZARDS 51)."""

from __future__ import annotations

import io
import resource
import time
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook


def workbook(sheet: bytes = b"", **more: bytes) -> io.BytesIO:
    """One whose first sheet is this XML."""
    made, out = io.BytesIO(), io.BytesIO()
    Workbook().save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" and sheet else source.read(name))
        for name, data in more.items():
            target.writestr(name, data)
    out.seek(0)
    return out


def cells(*refs: str) -> bytes:
    rows = "".join(
        f'<row r="{ref.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{ref}" t="inlineStr"><is><t>x</t></is></c></row>'
        for ref in refs
    )
    return f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'.encode()


def wide() -> io.BytesIO:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["x"] * 61)
    return _saved(book)


def tall() -> io.BytesIO:
    return workbook(cells("A1", "A10001"))


def long_cell() -> io.BytesIO:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["x" * 30_000])
    return _saved(book)


def _saved(book: Any) -> io.BytesIO:
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


BOMBS = {
    "far cell": lambda: workbook(cells("A1", "XFD1048576")),
    "far row": lambda: workbook(cells("A1", f"A{10**18}")),
    "unpacked": lambda: workbook(**{"xl/media/zeros.bin": b"\0" * 51_000_000}),
    "wide": wide, "tall": tall, "long cell": long_cell,
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_sheet_that_asks_for_too_much_is_one_sentence(portal: Any, bomb: str) -> None:
    from syncd.portal.clients import xlsx_reader
    from syncd.portal.refusals import Refusal

    source, began = BOMBS[bomb](), time.monotonic()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refusal, match=r"trop grand|classeur Excel lisible"):
        xlsx_reader.rows(source)
    assert time.monotonic() - began < xlsx_reader.SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


def test_one_that_takes_too_long_is_ended(portal: Any, monkeypatch: Any) -> None:
    from syncd.portal.clients import xlsx_reader
    from syncd.portal.refusals import Refusal

    monkeypatch.setattr(xlsx_reader, "SECONDS", 0.001)
    with pytest.raises(Refusal, match="trop grand"):
        xlsx_reader.rows(workbook(cells("A1")))
    monkeypatch.setattr(xlsx_reader, "SECONDS", 20)
    assert xlsx_reader.rows(workbook(cells("A1", "B2"))) == [["x", ""], ["", "x"]]  # and its turn is another's


def test_what_is_no_workbook_is_said(portal: Any) -> None:
    from syncd.portal.clients import xlsx_reader
    from syncd.portal.refusals import Refusal

    for data in (b"", b"%PDF-1.4", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" * 200):
        with pytest.raises(Refusal, match="classeur Excel lisible"):
            xlsx_reader.rows(io.BytesIO(data))


def test_a_sheet_as_long_as_may_be_is_read(portal: Any) -> None:
    from syncd.portal.clients import xlsx_reader

    book = Workbook(write_only=True)
    page = book.create_sheet()
    for n in range(10_000):
        page.append([f"{n:06}", 12.0, 1.5, "  Société   Dupont ", 73282932000074])
    found = xlsx_reader.rows(_saved(book))
    assert len(found) == 10_000 and found[7] == ["000007", "12", "1.5", "Société Dupont", "73282932000074"]
