"""Which months a requested document is about: named by a list, dated when a request is made, said on pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

from syncd.core import paths
from syncd.core.fiscal_years import Exercise
from syncd.core.months import months_later
from syncd.core.search_folding import fold
from syncd.core.words import MONTH_NAMES, MONTHS

Span = tuple[date, date] | None
"""First and last day; None: of no period."""


class Period(StrEnum):
    """The last of its kind that is over when the request is made; EXERCISE: of the client's, else the calendar year."""

    NONE = "none"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    EXERCISE = "exercise"


def span(period: Period, made: date, exercises: Sequence[Exercise] = ()) -> Span:
    if period is Period.NONE:
        return None
    if period is Period.EXERCISE:
        over = [e for e in exercises if e.end < made]
        if over:
            latest = max(over, key=lambda e: e.end)
            return latest.start, latest.end
    months = {Period.MONTH: 1, Period.QUARTER: 3}.get(period, 12)
    start = months_later(date(made.year, (made.month - 1) // months * months + 1, 1), -months)
    return start, months_later(start, months) - timedelta(1)


def said(start: date | None, end: date | None, *, english: bool = False) -> str:
    """`octobre 2026`, `T3 2026`, `2026`, `01/07/2025 – 30/06/2026`; '' of none."""
    if start is None or end is None:
        return ""
    for months in (1, 3, 12):
        whole = start.day == 1 and (start.month - 1) % months == 0
        if whole and end == months_later(start, months) - timedelta(1):
            if months == 1:
                return f"{MONTH_NAMES[english][start.month - 1]} {start.year}"
            return f"{'Q' if english else 'T'}{(start.month + 2) // 3} {start.year}" if months == 3 else str(start.year)
    return f"{start:%d/%m/%Y} – {end:%d/%m/%Y}"


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
