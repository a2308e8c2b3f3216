"""What a cabinet waits for: the last period of which something should have come by now (tree_templates: `expected`)."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from syncd.core.folder_rules import ClientRules, Expected
from syncd.core.months import months_later
from syncd.core.words import MONTHS

GRACE = {Expected.MONTHLY: 15, Expected.STATEMENT: 15, Expected.QUARTERLY: 30}  # days after a period's end
MONTHS_OF = {Expected.MONTHLY: 1, Expected.STATEMENT: 1, Expected.QUARTERLY: 3}


class Due(msgspec.Struct, frozen=True):
    """Something of the period from `start` to `end` (both included) should have come into a folder `since` a day; `before`:
    since when something should have come at the latest for the period before that one."""

    start: date
    end: date
    since: date
    before: date


def due(expected: Expected, today: date) -> Due | None:
    """The last period whose time to come is over; None where nothing is expected."""
    if expected is Expected.NEVER:
        return None
    months = MONTHS_OF[expected]
    start = months_later(date(today.year, (today.month - 1) // months * months + 1, 1), -months)
    if today <= _end(start, months) + timedelta(GRACE[expected]):
        start = months_later(start, -months)
    end, earlier = _end(start, months), months_later(start, -months)
    if expected is Expected.STATEMENT:
        return Due(start, end, end + timedelta(1), start)
    return Due(start, end, start, earlier)


def period(found: Due, language: str = "fr") -> str:
    """`oct.`, `T3`, as it stands beside a folder's name."""
    if found.start.month != found.end.month:
        return f"{'Q' if language == 'en' else 'T'}{(found.start.month + 2) // 3}"
    return MONTHS[language == "en"][found.start.month - 1]


def expected_folders(rules: ClientRules) -> dict[str, Expected]:
    """By path: of the folders that are online and into which a company may put something."""
    return {
        rule.path: rule.expected
        for rule in rules.folders
        if rule.expected is not Expected.NEVER and rules.folder_direction(rule.path).takes
    }


def _end(start: date, months: int) -> date:
    return months_later(start, months) - timedelta(1)
