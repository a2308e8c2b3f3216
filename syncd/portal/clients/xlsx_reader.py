"""Excel sheets of strangers, read by a process of its own: one that asks for gigabytes or minutes ends alone (HAZARDS 51).

Run as a module it is that process: the workbook on its standard input, rows of texts as JSON on its output.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import zipfile
from typing import Any, BinaryIO

from syncd.core.plain_text import one_line
from syncd.portal.refusals import Code, Refusal

UNPACKED = 50_000_000  # bytes of all that a workbook holds
ROWS, COLUMNS, CELL = 10_000, 60, 2000
TEXT = 10_000_000  # characters of a whole sheet
MEMORY, SECONDS = 400_000_000, 20
_LARGE, _NONE = 4, 3  # what the process ends with
_turn = threading.BoundedSemaphore(2)


def rows(source: BinaryIO) -> list[list[str]]:
    """The texts of a workbook's first sheet. Raises Refusal with what is wrong with it."""
    with tempfile.TemporaryFile() as copy:
        source.seek(0)
        while piece := source.read(1_000_000):
            copy.write(piece)
        copy.seek(0)
        if _unpacked(copy) > UNPACKED:
            raise _too_large()
        copy.seek(0)
        if not _turn.acquire(timeout=SECONDS):
            raise Refusal(Code.SHEETS_WAIT)
        try:
            done = subprocess.run(
                [sys.executable, "-m", __name__], stdin=copy, capture_output=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise _too_large() from None
        finally:
            _turn.release()
    if done.returncode == _NONE:
        raise Refusal(Code.NO_SHEET)
    if done.returncode:
        raise _too_large()
    found: list[list[str]] = json.loads(done.stdout)
    return found


def _too_large() -> Refusal:
    return Refusal(Code.SHEET_LARGE, rows=ROWS, columns=COLUMNS)


def _unpacked(source: BinaryIO) -> int:
    """What its directory says; 0 when it is no archive (an old .xls)."""
    try:
        with zipfile.ZipFile(source) as archive:
            return sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return 0


def _limit() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _text(cell: Any) -> str:
    """Excel keeps numbers as such: a SIRET is one without its point."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    return one_line(str(cell), 4096)


def main() -> int:
    _limit()
    from python_calamine import CalamineError, load_workbook

    try:
        sheet = load_workbook(sys.stdin.buffer).get_sheet_by_index(0)
        if sheet.end is not None and (sheet.end[0] >= ROWS or sheet.end[1] >= COLUMNS):
            return _LARGE
        grid = [[_text(cell) for cell in row] for row in sheet.to_python()]
    except (CalamineError, OSError, ValueError, IndexError):
        return _NONE
    except MemoryError:
        return _LARGE
    if any(len(cell) > CELL for row in grid for cell in row) or sum(len(c) for r in grid for c in r) > TEXT:
        return _LARGE
    json.dump(grid, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
