"""How periods and dates of the calendar are said: « octobre 2026 », « 3e trimestre 2026 », « exercice clos le 30/06/2026 »."""

from __future__ import annotations

from django.utils.translation import gettext as _

from syncd.portal.calendar.generation import Event
from syncd.portal.calendar.rules import Every
from syncd.portal.language import ENGLISH, month_in_words, spoken


def title(event: Event) -> str:
    """With the number of an instalment and its period."""
    said = event.rule.title_en if spoken() == ENGLISH else event.rule.title
    number = _(" n° {n}").format(n=event.number) if event.number else ""
    return f"{said}{number} – {period(event)}"


def period(event: Event) -> str:
    start, end = event.start, event.end
    match event.rule.every:
        case Every.MONTH:
            return month_in_words(end)
        case Every.TWO_MONTHS:
            return _("{first} et {last}").format(first=month_in_words(start).split()[0], last=month_in_words(end))
        case Every.QUARTER:
            names = (_("1er trimestre"), _("2e trimestre"), _("3e trimestre"), _("4e trimestre"))
            return f"{names[(end.month - 1) // 3]} {end.year}"
        case Every.DECADE:
            return _("du {first} au {last} {month}").format(first=start.day, last=end.day, month=month_in_words(end))
        case Every.YEAR:
            return str(end.year)
        case Every.EXERCISE:
            return _("exercice clos le {day}").format(day=f"{end:%d/%m/%Y}")
