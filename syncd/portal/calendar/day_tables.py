"""Tables of days: on which day of the month a company files, by where it is, what it is, and how it is called."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core.fiscal_facts import Facts
from syncd.core.search_folding import fold
from syncd.portal.calendar.rules import DayRow


def day_of(rows: Sequence[DayRow], facts: Facts) -> int | str:
    """The day of the first line that fits, or the fact of the card that is missing to tell: `department`, `legal_form`,
    `siren`, `name`."""
    for row in rows:
        fits = _fits(row, facts)
        if fits is True:
            return row.day
        if fits is not False:
            return fits
    return "legal_form"


def _fits(row: DayRow, facts: Facts) -> bool | str:
    if row.departments:
        if not facts.department:
            return "department"
        if facts.department not in row.departments:
            return False
    if row.legal_forms:
        if not facts.legal_form:
            return "legal_form"
        if facts.legal_form not in row.legal_forms:
            return False
    if row.initials:
        letter = initial(facts.name)
        if not letter:
            return "name"
        return row.initials[0] <= letter <= row.initials[-1]
    if row.siren is not None:
        if len(facts.siren) != 9:
            return "siren"
        return row.siren[0] <= int(facts.siren[:2]) <= row.siren[1]
    return True


def initial(name: str) -> str:
    """Its first letter from A to Z, accents aside: « Étienne » E, « d'Arc » D; '' where it is written in no Latin letters."""
    letter = next((c.upper() for c in fold(name) if c.isalpha()), "")
    return letter if "A" <= letter <= "Z" else ""
