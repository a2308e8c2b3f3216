"""Which months a document's name tells of, and whether that speaks against a period."""

from __future__ import annotations

import re
from datetime import date

from syncd.core import paths
from syncd.core.search_folding import fold
from syncd.core.words import MONTH_NAMES, MONTHS


def named_months(name: str) -> set[tuple[int, int]]:
    """(year, month) pairs that a document's name tells of; year 0 where it names none: « Relevé octobre 2026.pdf », `2026-10`."""
    return set(_by_digits(name)) or set(_by_words(name))


def _by_digits(name: str) -> list[tuple[int, int]]:
    """`2026-10`, `2026 10`, `202610`, `10-2026`."""
    found = []
    for m in re.finditer(r"(?<!\d)(?:(20\d\d)[-_. ]?(0[1-9]|1[0-2])|(0[1-9]|1[0-2])[-_. ](20\d\d))(?!\d{3})", name):
        found.append((int(m[1] or m[4]), int(m[2] or m[3])))
    return found


def _by_words(name: str) -> list[tuple[int, int]]:
    words = fold(name).replace("_", " ").replace("-", " ").replace(".", " ").split()
    years = [int(w) for w in words if len(w) == 4 and w.startswith("20") and w.isdecimal()]
    names = {fold(said): n for row in (MONTH_NAMES[0], MONTHS[0]) for n, said in enumerate(row, 1)}
    names |= {fold(said).rstrip("."): n for n, said in enumerate(MONTHS[0], 1)}
    return [(years[0] if years else 0, names[w]) for w in words if w in names]


def fits(path: str, start: date | None, end: date | None) -> bool:
    """Whether a document's name, or the folder it lies in, speaks against the period; what says nothing fits."""
    if start is None or end is None:
        return True
    months = named_months(paths.name(path))
    if months:
        return any(_within(year, month, start, end) for year, month in months)
    years = {int(part) for part in paths.parent(path).split("/") if len(part) == 4 and part.isdecimal()}
    return not years or bool(years & set(range(start.year, end.year + 1)))


def _within(year: int, month: int, start: date, end: date) -> bool:
    for y in [year] if year else range(start.year, end.year + 1):
        if (start.year, start.month) <= (y, month) <= (end.year, end.month):
            return True
    return False
