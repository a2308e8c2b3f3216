"""When people are reminded, of which months a request is, and which lists there are: pure."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice, takewhile
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syncd.core.errors import UsageError
from syncd.core.months import months_later
from syncd.core.named_months import fits
from syncd.portal.messages.requests.cadence import Cadence, fell_due, next_reminder, reminders
from syncd.portal.messages.requests.lists import parse
from syncd.portal.messages.requests.periods import Period, said, span
from syncd.portal.messages.requests.rest_days import rests

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
CADENCES = st.builds(
    Cadence, st.lists(st.integers(1, 60), max_size=4).map(tuple), st.lists(st.integers(1, 60), max_size=4).map(tuple),
    st.integers(0, 30),
)  # fmt: skip


def test_a_week_before_the_day_before_three_days_after_then_every_week() -> None:
    found = list(islice(reminders(date(2026, 11, 27), date(2026, 12, 10), Cadence(), rests), 6))
    assert found == [date(2026, 11, 27), date(2026, 12, 3), date(2026, 12, 9), date(2026, 12, 14), date(2026, 12, 21), date(2026, 12, 28)]  # fmt: skip
    # 13, 20 and 27 December are Sundays: each is said on the Monday


def test_nothing_falls_on_a_sunday_or_a_holiday_and_two_days_that_meet_are_one() -> None:
    found = list(islice(reminders(date(2027, 4, 24), date(2027, 5, 9), Cadence((8, 7), (3,), 0), rests), 9))
    assert found == [date(2027, 4, 24), date(2027, 5, 3), date(2027, 5, 12)]  # 1 May a Saturday, 2 May a Sunday


@given(DAYS, DAYS, CADENCES)
def test_days_ascend_from_the_first_and_none_is_a_rest(made: date, due: date, cadence: Cadence) -> None:
    found = list(islice(reminders(made, due, cadence, rests), 30))
    assert found and found == sorted(set(found)) and found[0] >= made and not any(rests(d) for d in found)
    if cadence.every:
        assert len(found) == 30
    assert next_reminder(made, due, cadence, found[0], rests) == (found[1] if len(found) > 1 else None)


@given(DAYS, st.integers(0, 60), st.integers(0, 120), CADENCES)
@example(date(2020, 1, 1), 0, 72, Cadence((), (), 1))  # more than sixty of them
def test_whoever_is_told_on_each_day_that_falls_due_is_told_on_exactly_those(
    made: date, ahead: int, watched: int, cadence: Cadence
) -> None:
    due, told, days = made + timedelta(ahead), None, []
    for n in range(watched):
        today = made + timedelta(n)
        if fell_due(made, due, cadence, told, today, rests):
            days.append(today)
            told = today
    assert days == list(takewhile(lambda d: d < made + timedelta(watched), reminders(made, due, cadence, rests)))


def test_after_three_days_without_anybody_to_tell_there_is_one_reminder_not_three() -> None:
    cadence = Cadence((3, 2, 1), (), 0)
    made, due = date(2026, 9, 1), date(2026, 9, 12)
    assert fell_due(made, due, cadence, made, date(2026, 9, 11), rests)
    assert not fell_due(made, due, cadence, date(2026, 9, 11), date(2026, 9, 12), rests)


def test_who_is_reminded_by_hand_is_told_once_more() -> None:
    made, due = date(2026, 9, 1), date(2026, 9, 30)
    today = date(2026, 9, 4)
    assert not fell_due(made, due, Cadence(), made, today, rests)
    assert fell_due(made, due, Cadence(), made, today, rests, today)
    assert not fell_due(made, due, Cadence(), today, today, rests, today)


@pytest.mark.parametrize(
    ("months", "day"),
    [(1, date(2027, 2, 28)), (2, date(2027, 3, 31)), (13, date(2028, 2, 29)), (-1, date(2026, 12, 31)), (0, date(2027, 1, 31))],
)  # fmt: skip
def test_the_31st_of_a_month_that_has_none_is_its_last_day(months: int, day: date) -> None:
    assert months_later(date(2027, 1, 31), months) == day


def test_a_period_is_the_last_that_is_over() -> None:
    today = date(2026, 1, 8)
    assert span(Period.MONTH, today) == (date(2025, 12, 1), date(2025, 12, 31))
    assert span(Period.QUARTER, today) == (date(2025, 10, 1), date(2025, 12, 31))
    assert span(Period.YEAR, today) == (date(2025, 1, 1), date(2025, 12, 31)) == span(Period.EXERCISE, today)
    assert span(Period.NONE, today) is None
    spans = (span(p, today) for p in (Period.MONTH, Period.QUARTER, Period.YEAR))
    assert [said(*s) for s in spans if s] == ["décembre 2025", "T4 2025", "2025"]
    assert said(date(2025, 7, 1), date(2026, 6, 30)) == "01/07/2025 – 30/06/2026" and said(None, None) == ""


@pytest.mark.parametrize(
    ("path", "fit"),
    [
        ("Banque/Relevé octobre 2026.pdf", True), ("Banque/releve_2026-10.pdf", True), ("Banque/10-2026.pdf", True),
        ("Banque/scan.pdf", True), ("Banque/Relevé septembre 2026.pdf", False), ("Banque/202609.pdf", False),
        ("Banque/oct.pdf", True), ("Banque/2025/scan.pdf", False), ("Banque/2026/scan.pdf", True), ("Banque/12345678.pdf", True),
    ],
)  # fmt: skip
def test_what_a_name_says_of_its_month_speaks_for_or_against(path: str, fit: bool) -> None:
    assert fits(path, date(2026, 10, 1), date(2026, 10, 31)) is fit
    assert fits(path, None, None)


def test_the_shipped_lists_are_whole_and_in_order(portal: Any) -> None:
    from syncd.portal.messages.requests.own_lists import ORDER, shipped

    assert [s.name for s in shipped()] == list(ORDER)
    assert all(s.items and s.description for s in shipped())
    assert next(s for s in shipped() if s.name == "bilan").items.__len__() == 12


def test_every_mistake_of_a_list_is_said_with_its_line() -> None:
    with pytest.raises(UsageError) as e:
        parse(
            'name = "x"\nmonthly = 3\ndue_in = 0\nremind_before = [0]\ncolour = 1\n\n[[item]]\nlabel = ""\nkind = "banck"\n'
            'period = "week"\nexpected = 100\n[[item]]\nlable = "a"\n',
            "x.toml",
        )
    said_ = str(e.value)
    for line in ("x.toml:1: the list has no title", "x.toml:2:", "x.toml:3:", "x.toml:4:", "x.toml:5:", "x.toml:8:", "x.toml:9:", "Did you mean 'bank'?", "x.toml:10:", "x.toml:11:", "x.toml:13: unknown key 'lable'. Did you mean 'label'?"):  # fmt: skip
        assert line in said_, said_
    for text in ("", "[[item]", 'name = "a"\ntitle = "b"', 'name = "a"\ntitle = "b"\nitem = 3'):
        with pytest.raises(UsageError):
            parse(text)
