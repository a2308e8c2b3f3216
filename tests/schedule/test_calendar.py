"""Calendar expressions, jobs, and rates by time of day; in Paris, where an hour comes twice or never."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from syncd.schedule.calendar import bandwidth, calendar
from syncd.schedule.job import Calendars, Job

PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("text", "after", "following"),
    [
        ("daily 12:00 18:30", "2026-11-22 12:00", "2026-11-22 18:30"),
        ("daily 12:00 18:30", "2026-11-22 18:30", "2026-11-23 12:00"),
        ("weekly mon thu 07:30", "2026-11-22 08:00", "2026-11-23 07:30"),  # a Sunday
        ("weekly mon thu 07:30", "2026-11-23 07:30", "2026-11-26 07:30"),
        ("monthly 1 15 06:00", "2026-11-22 00:00", "2026-12-01 06:00"),
        ("monthly last 06:00", "2026-11-22 00:00", "2026-11-30 06:00"),
        ("once 2026-12-01 08:00", "2026-11-22 00:00", "2026-12-01 08:00"),
        ("0 7 * * 1-5", "2026-11-20 07:00", "2026-11-23 07:00"),
        ("daily 03:30", "2026-03-28 12:00", "2026-03-29 03:30"),  # the night an hour is missing
        ("daily 18:00", "2026-10-24 19:00", "2026-10-25 18:00"),  # the day that has 25 hours
    ],
)
def test_the_next_time(text: str, after: str, following: str) -> None:
    assert calendar(text).next(at(after)) == at(following)


def test_once_is_once() -> None:
    assert calendar("once 2026-12-01 08:00").next(at("2026-12-01 08:00")) is None


@pytest.mark.parametrize("text", ["", "daily", "daily 25:00", "weekly 07:30", "weekly caturday 07:30", "monthly 32 06:00", "sometimes", "once soon"])  # fmt: skip
def test_a_wrong_expression_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|use|give"):
        calendar(text)


def test_a_job_has_a_start_and_may_be_off_and_the_first_of_several_is_due() -> None:
    nightly = calendar("daily 22:00")
    assert Job("n", nightly, start=date(2026, 12, 1)).next(at("2026-11-22 12:00")) == at("2026-12-01 22:00")
    assert Job("n", nightly, active=False).next(at("2026-11-22 12:00")) is None
    jobs = [Job("noon", calendar("daily 12:00")), Job("night", nightly, frozenset({"007868"}), max_duration=60.0)]
    due = Calendars(jobs, "Europe/Paris").next(at("2026-11-22 12:00").timestamp())
    assert due is not None and (due.name, due.at) == ("night", at("2026-11-22 22:00").timestamp())
    assert due.clients == {"007868"} and due.max_duration == 60.0


def test_the_rate_of_the_hour_and_that_of_yesterday_before_the_first() -> None:
    steps = bandwidth("08:00 1M, 12:00 0, 14:00 500k, 19:00 off")
    seen = [steps.rate(at(f"2026-11-22 {hour}")) for hour in ("03:00", "08:00", "13:59", "14:00", "23:00")]
    assert seen == [None, 1e6, 0, 5e5, None]
    assert bandwidth("").rate(at("2026-11-22 03:00")) is None
    with pytest.raises(ValueError, match="no rate"):
        bandwidth("08:00 fast")
