"""The mapping file's rows: which directory of the old tree goes to which client, and where there."""

from __future__ import annotations

import csv
from collections.abc import Sequence

import msgspec

from syncd.core import paths
from syncd.core.errors import BadPath, UsageError
from syncd.core.plain_text import decoded
from syncd.core.words import migration as said

COLUMNS = ("source", "code", "dossier cible", "exercice")
_KEYS = {"source": "source", "code": "code", "dossier cible": "folder", "exercice": "exercise"}
MOST = 100_000  # rows
_SEPARATORS = ";\t,"


class MapRow(msgspec.Struct, frozen=True):
    """`folder`, `exercise`: '' where the documents' own path says so. `row`: as an editor or Excel numbers it, from 1 on."""

    source: str
    code: str
    folder: str = ""
    exercise: str = ""
    row: int = 0


def cells(data: bytes) -> list[list[str]]:
    """Of a CSV as spreadsheets write it: UTF-8 or Windows-1252, `;`, tab or comma by its first line. Raises ValueError."""
    try:
        text = decoded(data)
    except ValueError:
        if b"\0" in data:
            raise
        text = data.decode("cp1252", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    first = text.lstrip("\n").partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        return [list(row) for row in csv.reader(text.split("\n"), delimiter=separator)]
    except csv.Error as e:
        raise ValueError(str(e)) from None


def rows(grid: Sequence[Sequence[str]], name: str) -> list[MapRow]:
    """The mapping that a sheet is. `name`: the file's, for messages. Raises UsageError with every mistake, the first ten
    of them."""
    heads: list[str] = []
    found: list[MapRow] = []
    faults: list[str] = []
    for n, raw in enumerate(grid, 1):
        row = [cell.strip() for cell in raw]
        if not any(row):
            continue
        if not heads:
            heads = [_KEYS.get(cell.casefold(), "") for cell in row]
            if not {"source", "code"} <= set(heads):
                raise UsageError(said.MAP_HEADS.of(file=name, columns=";".join(COLUMNS)), mend=said.MAP_HEADS_MEND.of())
            continue
        if len(found) >= MOST:
            raise UsageError(said.MAP_LONG.of(file=name, most=MOST))
        given = {key: cell for key, cell in zip(heads, row, strict=False) if key}
        try:
            found.append(_row(given, n))
        except BadPath as e:
            faults.append(str(said.MAP_ROW.of(row=n, why=e.message)))
    if faults:
        raise UsageError(said.MAP_FAULTS.of(file=name, faults=" ".join(faults[:10])), mend=said.MAP_FAULTS_MEND.of())
    if not found:
        raise UsageError(said.MAP_EMPTY.of(file=name, columns=";".join(COLUMNS)))
    return found


def _row(given: dict[str, str], n: int) -> MapRow:
    source = _relative(given.get("source", ""))
    code = given.get("code", "")
    if not code:
        raise BadPath("no client code.")
    folder = given.get("folder", "")
    return MapRow(source, code, _relative(folder) if folder else "", given.get("exercise", ""), n)


def _relative(path: str) -> str:
    """As Windows writes it, too. Raises BadPath."""
    return paths.check(path.replace("\\", "/").removeprefix("./").rstrip("/"))


def of_csv(data: bytes, name: str) -> list[MapRow]:
    """Raises UsageError."""
    try:
        return rows(cells(data), name)
    except ValueError as e:
        raise UsageError(said.MAP_UNREADABLE.of(file=name, why=e), mend=said.MAP_UNREADABLE_MEND.of()) from None
