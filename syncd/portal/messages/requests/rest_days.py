"""Hours and days on which nobody is written to: at night, Sundays and the national holidays (article L. 3133-1 of the Code du travail)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER = (1, 39, 50)
HOUR = 8  # before it, of the cabinet's clock, nobody is written to
SUNDAY = 6


def rests(day: date) -> bool:
    return day.weekday() == SUNDAY or day in _holidays(day.year)


@lru_cache(maxsize=16)
def _holidays(year: int) -> frozenset[date]:
    easter = _easter(year)
    return frozenset([*(date(year, m, d) for m, d in _FIXED), *(easter + timedelta(n) for n in _AFTER_EASTER)])


def _easter(year: int) -> date:
    """Meeus, for the Gregorian calendar."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    at = (32 + 2 * e + 2 * i - h - k) % 7
    month, day = divmod(h + at - 7 * ((a + 11 * h + 22 * at) // 451) + 114, 31)
    return date(year, month, day + 1)
