"""Periods of the calendar, and a client's exercises: those written down, and those that follow from them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import msgspec

from syncd.core.fiscal_facts import Facts
from syncd.core.months import month_end, months_later
from syncd.portal.calendar.rules import Every

_LENGTH = {Every.MONTH: 1, Every.TWO_MONTHS: 2, Every.QUARTER: 3, Every.YEAR: 12}
DAY = timedelta(days=1)
_YEARS = range(1950, 2150)  # what is outside was mistyped


class Period(msgspec.Struct, frozen=True):
    """`regular`: of an exercise, that it lasts twelve months; `preceded`: that there was one before it."""

    start: date
    end: date
    regular: bool = True
    preceded: bool = True


def add_months(day: date, months: int) -> tuple[int, int]:
    """Year and month."""
    later = months_later(day, months)
    return later.year, later.month


def same_day(day: date, months: int) -> date:
    """The same day of another month; the last one stays the last one, and what is not there becomes it."""
    last = month_end(*add_months(day, months))
    return last if day == month_end(day.year, day.month) or day.day > last.day else last.replace(day=day.day)


def of_calendar(every: Every, first: date, last: date) -> Iterator[Period]:
    """Those that begin between both days."""
    if every is Every.DECADE:
        for month in of_calendar(Every.MONTH, first.replace(day=1), last):
            cuts = (month.start, month.start.replace(day=11), month.start.replace(day=21), month.end + DAY)
            yield from (Period(a, b - DAY) for a, b in itertools.pairwise(cuts))
        return
    length = _LENGTH[every]
    start = date(first.year, (first.month - 1) // length * length + 1, 1)
    while start <= last:
        after = date(*add_months(start, length), 1)
        yield Period(start, after - DAY)
        start = after


def exercises(facts: Facts, first: date, last: date) -> list[Period]:
    """Those that end between both days, in order. Written down: as they are; after the last on its closing day, and before
    the first, those that follow from it, unless that is the company's first. Where none is written down, by the closing day
    alone; none without.
    """
    known = [
        Period(a, b, _regular(a, b))
        for a, b in sorted(facts.exercises)
        if a <= b and a.year in _YEARS and b.year in _YEARS
    ]
    new = "first_exercise" in facts.flags or bool(known and not known[0].regular)
    if not known:
        if not facts.closing_day or new:
            return []
        known = [_twelve_months(_closing(facts.closing_day, first.year - 1))]
    known[0] = Period(known[0].start, known[0].end, known[0].regular, not new)
    while not new and known[0].end >= first:
        known.insert(0, _twelve_months(known[0].start - DAY))
    while known[-1].end <= last:
        known.append(_twelve_months(same_day(known[-1].end, 12)))
    return [p for p in known if first <= p.end <= last]


def _closing(text: str, year: int) -> date:
    month, day = map(int, text.split("-"))
    last = month_end(year, month)
    return last if day >= min(last.day, month_end(2023, month).day) else last.replace(day=day)


def _twelve_months(end: date) -> Period:
    return Period(same_day(end, -12) + DAY, end)


def _regular(start: date, end: date) -> bool:
    return same_day(start - DAY, 12) == end


def containing(found: Sequence[Period], day: date) -> Period | None:
    return next((p for p in found if p.start <= day <= p.end), None)
