"""Which months a requested document is about: named by a list, dated when a request is made, said on pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

from syncd.core.fiscal_years import Exercise
from syncd.core.months import months_later
from syncd.core.words import MONTH_NAMES

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
