"""Workbooks: the first sheet's cells as texts."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from syncd.core.plain_text import one_line
from syncd.portal.readers.values import Table

CELL = 4096  # characters
_SHOWN = 200


def unpacked(source: BinaryIO) -> int:
    """Bytes of all that a workbook holds, as its directory says; 0 when it is no archive (an old .xls)."""
    try:
        with zipfile.ZipFile(source) as archive:
            return sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return 0
    finally:
        source.seek(0)


def rows(source: BinaryIO, rows: int, columns: int, cell: int, text: int) -> bytes:
    """JSON: every row. Raises OverflowError beyond so many rows, columns, characters of a cell or of all."""
    sheet = _first(source)
    if sheet.end is not None and (sheet.end[0] >= rows or sheet.end[1] >= columns):
        raise OverflowError
    grid = [[_text(value) for value in row] for row in sheet.to_python()]
    if any(len(c) > cell for row in grid for c in row) or sum(len(c) for row in grid for c in row) > text:
        raise OverflowError
    return json.dumps(grid).encode()


def table(source: BinaryIO, rows: int, columns: int) -> Table:
    """The first of them, as people read them."""
    sheet = _first(source)
    found = [tuple(_shown(value) for value in row[:columns]) for row in sheet.to_python(nrows=rows)]
    high, wide = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end is not None else (0, 0)
    return Table(tuple(found), high > rows or wide > columns)


def texts(source: BinaryIO) -> Iterator[str]:
    """Sheet by sheet and row by row, as people read them."""
    book = _book(source)
    for name in book.sheet_names:
        yield name
        try:
            sheet = book.get_sheet_by_name(name)
        except Exception:  # noqa: S112 - of the library, of a sheet that holds no cells (a chart's): the others are read
            continue
        for row in sheet.iter_rows():
            yield " ".join(shown for value in row if (shown := _shown(value)))


def _first(source: BinaryIO) -> Any:
    return _book(source).get_sheet_by_index(0)


def _book(source: BinaryIO) -> Any:
    from python_calamine import load_workbook

    return load_workbook(source)


def _text(cell: Any) -> str:
    """Excel keeps numbers as such: a SIRET is one without its point."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    return one_line(str(cell), CELL)


def _shown(cell: Any) -> str:
    match cell:
        case bool():
            return "✓" if cell else ""
        case float() if not cell.is_integer():
            return f"{cell:.10g}".replace(".", ",")
        case dt.datetime() if cell.time() != dt.time():
            return f"{cell:%d/%m/%Y %H:%M}"
        case dt.date():
            return f"{cell:%d/%m/%Y}"
    return _text(cell)[:_SHOWN]
