"""Excel sheets of strangers, read where one that asks for gigabytes or minutes ends alone (HAZARDS 51)."""

from __future__ import annotations

import json
from typing import BinaryIO

from syncd.portal.readers import sheets
from syncd.portal.readers.worker_client import Busy, TooMuch, Unreadable, reader
from syncd.portal.refusals import Code, Refusal

UNPACKED = 50_000_000  # bytes of all that a workbook holds
ROWS, COLUMNS, CELL = 10_000, 60, 2000
TEXT = 10_000_000  # characters of a whole sheet
SECONDS = 20.0


def rows(source: BinaryIO) -> list[list[str]]:
    """The texts of a workbook's first sheet. Raises Refusal with what is wrong with it."""
    source.seek(0)
    if sheets.unpacked(source) > UNPACKED:
        raise _too_large()
    try:
        read = reader().ask(
            "sheet", source, seconds=SECONDS, wait=SECONDS, rows=ROWS, columns=COLUMNS, cell=CELL, text=TEXT
        )
    except Busy:
        raise Refusal(Code.SHEETS_WAIT) from None
    except Unreadable:
        raise Refusal(Code.NO_SHEET) from None
    except TooMuch:
        raise _too_large() from None
    found: list[list[str]] = json.loads(read)
    return found


def _too_large() -> Refusal:
    return Refusal(Code.SHEET_LARGE, rows=ROWS, columns=COLUMNS)
