"""French national holidays: the eleven « fêtes légales » of art. L. 3133-1 of the labour code, and no regional one."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))  # month, day
_AFTER_EASTER = (1, 39, 50)  # days: Easter Monday, Ascension, Whit Monday
_SATURDAY = 5


def is_holiday(day: date) -> bool:
    """Whether the whole country rests by law. Good Friday and 26 December, which Alsace-Moselle adds, and the days on which
    overseas departments remember abolition are none: legal dates do not move for them."""
    return day in holidays(day.year)


def is_working_day(day: date) -> bool:
    """Monday to Friday, and no holiday."""
    return day.weekday() < _SATURDAY and not is_holiday(day)


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """Of one year: eleven days, ten where Ascension falls on a fixed one (2008)."""
    easter = easter_of(year)
    return frozenset(date(year, *day) for day in _FIXED) | {easter + timedelta(days=n) for n in _AFTER_EASTER}


def easter_of(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    solar = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - solar + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * sunday) // 451
    month, day = divmod(epact + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def working_day_on_or_after(day: date) -> date:
    """The same day, or the next one on which the country works: where a legal date goes that falls on a rest day."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def nth_working_day_after(day: date, n: int) -> date:
    """The `n`-th working day after `day`, which itself does not count."""
    for _ in range(n):
        day = working_day_on_or_after(day + timedelta(days=1))
    return day
