"""What a cabinet waits for: which month, which quarter, since when something should have come."""

from __future__ import annotations

from datetime import date

import pytest

from syncd.core.expected_documents import due, expected_folders, period
from syncd.core.folder_rules import ClientRules, Direction, Expected, FolderRule
from syncd.core.templates import TemplateError, parse
from syncd.disk import template_files


@pytest.mark.parametrize(
    ("expected", "today", "said", "since", "before"),
    [
        ("monthly", date(2026, 11, 27), "oct.", date(2026, 10, 1), date(2026, 9, 1)),
        ("monthly", date(2026, 11, 15), "sept.", date(2026, 9, 1), date(2026, 8, 1)),
        ("monthly", date(2026, 11, 16), "oct.", date(2026, 10, 1), date(2026, 9, 1)),
        ("statement", date(2026, 11, 27), "oct.", date(2026, 11, 1), date(2026, 10, 1)),
        ("statement", date(2026, 1, 16), "déc.", date(2026, 1, 1), date(2025, 12, 1)),
        ("statement", date(2026, 1, 3), "nov.", date(2025, 12, 1), date(2025, 11, 1)),
        ("quarterly", date(2026, 11, 27), "T3", date(2026, 7, 1), date(2026, 4, 1)),
        ("quarterly", date(2026, 1, 20), "T3", date(2025, 7, 1), date(2025, 4, 1)),
        ("quarterly", date(2026, 1, 31), "T4", date(2025, 10, 1), date(2025, 7, 1)),
    ],
)
def test_a_period_is_awaited_once_its_time_to_come_is_over(
    expected: str, today: date, said: str, since: date, before: date
) -> None:
    found = due(Expected(expected), today)
    assert found is not None and (period(found), found.since, found.before) == (said, since, before)


def test_nothing_is_awaited_where_nothing_is_expected() -> None:
    assert due(Expected.NEVER, date(2026, 11, 27)) is None


def test_a_quarter_is_said_in_both_languages() -> None:
    found = due(Expected.QUARTERLY, date(2026, 11, 27))
    assert found is not None and (period(found), period(found, "en")) == ("T3", "Q3")


@pytest.mark.parametrize("name", template_files.shipped())
def test_each_shipped_template_awaits_the_banks_statement_and_says_what_else(name: str) -> None:
    rules = ClientRules("", template_files.load(name).folders)
    found = expected_folders(rules)
    assert found["Banque"] is Expected.STATEMENT and len(found) >= 2 and "À classer" not in found


def test_what_stays_at_the_cabinet_or_is_only_published_is_awaited_of_nobody() -> None:
    folders = [
        FolderRule("A", expected=Expected.MONTHLY, direction=Direction.TO_PORTAL),
        FolderRule("B", expected=Expected.MONTHLY, direction=Direction.NONE),
        FolderRule("C", expected=Expected.MONTHLY, direction=Direction.TO_CABINET),
    ]
    assert list(expected_folders(ClientRules("", folders))) == ["C"]


def test_a_template_says_what_is_expected_per_folder_and_a_wrong_word_is_named() -> None:
    text = 'name = "x"\n[[folder]]\npath = "A"\nexpected = "monthly"\n[[folder]]\npath = "A/B"\n'
    assert [f.expected for f in parse(text).folders] == ["monthly", "never"]  # said per folder, never inherited
    with pytest.raises(TemplateError) as told:
        parse(text.replace("monthly", "weekly"), "x.toml")
    assert "line 4" in str(told.value) or ":4" in str(told.value)
    assert "monthly" in str(told.value)
