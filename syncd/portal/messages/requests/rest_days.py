"""Hours and days on which nobody is written to: at night, Sundays and the national holidays (article L. 3133-1 of the Code du travail)."""

from __future__ import annotations

from datetime import date

from syncd.portal.calendar.holidays import is_holiday

HOUR = 8  # before it, of the cabinet's clock, nobody is written to
SUNDAY = 6


def rests(day: date) -> bool:
    return day.weekday() == SUNDAY or is_holiday(day)
