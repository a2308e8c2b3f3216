"""When an obligation is due for one period: the few kinds of due date that rules may name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

from syncd.core.months import month_end
from syncd.portal.calendar.holidays import is_holiday, nth_working_day_after, working_day_on_or_after
from syncd.portal.calendar.periods import Period, add_months, same_day
from syncd.portal.calendar.rules import Due

_SUNDAY = 6
INSTALMENTS = 4


def due_days(due: Due, period: Period, day: int) -> list[date]:
    """Before any shift: one, four of instalments, none where the exercise allows none. `day`: of the month, where a table
    says it; else 0."""
    return [found + timedelta(days=due.plus_days) for found in _KINDS[due.kind](due, period, day)]


@lru_cache(maxsize=4096)
def shifted(day: date) -> date:
    """To the next working day of the country."""
    return working_day_on_or_after(day)


def _on(year: int, month: int, day: int) -> date:
    """That day, or the month's last where it has fewer."""
    last = month_end(year, month)
    return last if day > last.day else last.replace(day=day)


def _after_period(due: Due, period: Period, day: int) -> list[date]:
    if due.day == "same":
        return [same_day(period.end, due.months)]
    year, month = add_months(period.end, due.months)
    return [_on(year, month, 31 if due.day == "last" else day or int(due.day))]


def _in_month(due: Due, period: Period, day: int) -> list[date]:
    return [_on(period.end.year + due.years, due.month, 31 if due.day == "last" else day or int(due.day))]


def _working_day(due: Due, period: Period, _day: int) -> list[date]:
    month, day = map(int, due.after.split("-"))
    return [nth_working_day_after(date(period.end.year + due.years, month, day), due.n)]


def _open_day(due: Due, period: Period, _day: int) -> list[date]:
    day, left = date(*add_months(period.end, due.months), 1) - timedelta(days=1), due.n
    while left:
        day += timedelta(days=1)
        left -= day.weekday() != _SUNDAY and not is_holiday(day)
    return [day]


def _ten_days(_due: Due, period: Period, _day: int) -> list[date]:
    after = period.end + timedelta(days=10)
    return [min(after, month_end(period.end.year, period.end.month)) if period.end.day < 21 else after]


def _instalments(due: Due, period: Period, _day: int) -> list[date]:
    """The four of an exercise of twelve months that another one preceded."""
    if not (period.regular and period.preceded):
        return []
    closed = period.start - timedelta(days=1)
    at = f"{closed:%m-%d}"
    for start, end, month in due.first:
        around = start > end  # over the new year
        if (at >= start or at <= end) if around else start <= at <= end:
            year = closed.year + (1 if around and at >= start else 0)
            first = date(year, month, int(due.day))
            return [same_day(first, 3 * n) for n in range(INSTALMENTS)]
    return []


_KINDS: dict[str, Callable[[Due, Period, int], list[date]]] = {
    "after_period": _after_period, "in_month": _in_month, "working_day": _working_day, "open_day": _open_day,
    "ten_days": _ten_days, "instalments": _instalments,
}  # fmt: skip
KINDS = tuple(_KINDS)
