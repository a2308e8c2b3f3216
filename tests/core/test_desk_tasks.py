"""What people choose becomes a calendar that the schedule reads."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from syncd.core.desk_tasks import STEPS, When, calendar_text
from syncd.schedule.calendar import calendar

PARIS = ZoneInfo("Europe/Paris")
DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (When("once", DAY, 840), "once 2026-12-01 14:00"), (When("several", DAY, 14 * 60 + 30, every=8), "daily 06:30 14:30 22:30"),
        (When("daily", DAY, 5), "daily 00:05"), (When("weekly", DAY, 840, days=(4, 0, 4)), "weekly mon fri 14:00"),
        (When("monthly", DAY, 840, days=(0, 15)), "monthly 15 last 14:00"), (When("monthly", DAY, 840, days=(31,)), "monthly 31 14:00"),
    ],
)  # fmt: skip
def test_each_choice_is_a_calendar(when: When, text: str) -> None:
    assert calendar_text(when) == text
    assert calendar(text).next(datetime(2026, 11, 28, 12, tzinfo=PARIS)) is not None


@pytest.mark.parametrize("step", STEPS)
def test_several_times_a_day_begins_anew_each_day_at_the_same_hours(step: int) -> None:
    hours = calendar_text(When("several", DAY, 840, every=step)).split()[1:]
    assert len(hours) == 24 // step and "14:00" in hours and hours == sorted(hours)


@pytest.mark.parametrize(
    "when",
    [
        When("hourly", DAY, 0), When("daily", DAY, 1440), When("several", DAY, 0, every=5), When("weekly", DAY, 0),
        When("weekly", DAY, 0, days=(7,)), When("monthly", DAY, 0, days=(32,)), When("monthly", DAY, 0),
    ],
)  # fmt: skip
def test_what_no_calendar_has_is_refused(when: When) -> None:
    with pytest.raises(ValueError, match=r"no minute|does not know"):
        calendar_text(when)
