"""National holidays, and the days that move for them, against two libraries that know nothing of one another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from jours_feries_france import JoursFeries
from workalendar.europe import France

from syncd.portal.calendar import holidays

YEARS = range(1990, 2100)


@pytest.mark.parametrize("span", [range(1990, 2030), range(2030, 2100)], ids=["past", "coming"])
def test_each_year_is_the_same_as_in_two_libraries(span: range) -> None:
    other = France()
    for year in span:
        ours = holidays.holidays(year)
        assert ours == set(JoursFeries.for_year(year).values())
        assert ours == {day for day, _name in other.holidays(year)}


def test_there_are_eleven_unless_two_fall_together() -> None:
    assert {year for year in YEARS if len(holidays.holidays(year)) != 11} == {
        year for year in YEARS if holidays.easter_of(year) + timedelta(days=39) in (date(year, 5, 1), date(year, 5, 8))
    }


def test_what_is_a_holiday_in_one_region_alone_is_none() -> None:
    good_friday, st_stephen, abolition = date(2026, 4, 3), date(2026, 12, 26), date(2026, 5, 27)
    assert not any(holidays.is_holiday(day) for day in (good_friday, st_stephen, abolition))
    assert holidays.is_working_day(good_friday)


def test_working_days_are_the_same_as_in_a_library() -> None:
    other, day = France(), date(2024, 1, 1)
    while day < date(2029, 1, 1):
        assert holidays.is_working_day(day) == other.is_working_day(day), day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        (date(2026, 3, 15), date(2026, 3, 16)),  # a Sunday: the IS instalment of comptaverse.fr
        (date(2027, 5, 1), date(2027, 5, 3)),  # a Saturday
        (date(2026, 8, 15), date(2026, 8, 17)),  # a Saturday and a holiday
        (date(2024, 7, 14), date(2024, 7, 15)),  # a Sunday and a holiday
        (date(2026, 12, 25), date(2026, 12, 28)),  # a Friday: over the week-end, which no 26th lengthens
        (date(2026, 5, 14), date(2026, 5, 15)),  # Ascension: the bridge is a working day
        (date(2026, 6, 15), date(2026, 6, 15)),
    ],
)
def test_a_date_goes_to_the_next_working_day(day: date, moved: date) -> None:
    assert holidays.working_day_on_or_after(day) == moved


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (2015, date(2015, 5, 5)),  # BOI-CF-CPF-20-15
        (2016, date(2016, 5, 3)),  # the same
        (2017, date(2017, 5, 3)),  # the same
        (2026, date(2026, 5, 5)),  # tdnim.com, edifiscale.com
        (2027, date(2027, 5, 4)),
        (2028, date(2028, 5, 3)),
    ],
)
def test_the_second_working_day_after_the_first_of_may(year: int, day: date) -> None:
    assert holidays.nth_working_day_after(date(year, 5, 1), 2) == day
