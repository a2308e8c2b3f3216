"""The language people read: French, or English for whoever chose it (DESIGN 2). What is French in the code is the key of
its English (`locale/`) and of its French as it is printed (`printed/`)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import translation
from django.utils.translation import gettext, ngettext

from syncd.core import origins, words
from syncd.core.origins import Origin
from syncd.core.typography import french
from syncd.core.verdicts import Verdict
from syncd.core.words import MONTH_NAMES

FRENCH, ENGLISH = "fr", "en"
COOKIE = "langue"  # what a browser chose, for who is not signed in
NAMES = {FRENCH: "Français", ENGLISH: "English"}


def spoken() -> str:
    """Of the page or letter that is being made; French where nobody chose: a command, a round."""
    return ENGLISH if translation.get_language() == ENGLISH else FRENCH


def speaking(language: str) -> AbstractContextManager[None]:
    """Everything inside is said in that language; '' and what is unknown: in French."""
    return translation.override(language if language in NAMES else FRENCH)


def counted(n: int, singular: str, plural: str) -> str:
    """`1 document`, `2 documents`."""
    return f"{number(n)} {ngettext(singular, plural, n)}"


def way(code: str) -> str:
    """By which way a document came into the cabinet's mirror (core.origins); '' where there is nothing to say."""
    match origins.known(code):
        case Origin.SCANNER:
            return gettext("scanner")
        case Origin.PACKAGE:
            return gettext("paquet d'échange")
        case Origin.MIGRATION:
            return gettext("reprise de l'antériorité")
        case None:
            return ""


def named(name: str, origin: str) -> str:
    """Whoever did something, with their side: a company's person may be called like the cabinet."""
    if not name or origin not in ("company", "cabinet"):
        return name
    return (gettext("{name} (société)") if origin == "company" else gettext("{name} (cabinet)")).format(name=name)


def size(count: int) -> str:
    return words.size(count, spoken())


def number(count: int) -> str:
    return words.number(count, spoken())


def decimal(amount: Decimal) -> str:
    """`1 234,56`, `1,234.56`: two decimals, as many as four where there are."""
    cents, exact = (amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) for places in (2, 4))
    said = f"{cents if cents == exact else exact.normalize():,f}"
    return said if spoken() == ENGLISH else said.translate({ord(","): words.NARROW, ord("."): ","})


def money(amount: Decimal, currency: str) -> str:
    """`1 234,56 €`, `1 234,56 USD`; without a currency, the number alone."""
    said = decimal(amount)
    return f"{said}{words.NBSP}{'€' if currency == 'EUR' else currency}" if currency else said


_WEEKDAYS = (
    ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)


def weekday(number: int) -> str:
    """`lundi` for 0."""
    return _WEEKDAYS[spoken() == ENGLISH][number]


def date_in_words(at: date, *, year: bool = False) -> str:
    """`vendredi 27 novembre`, with its year where it is wanted."""
    english = spoken() == ENGLISH
    return f"{_WEEKDAYS[english][at.weekday()]} {at.day} {MONTH_NAMES[english][at.month - 1]}{f' {at.year}' if year else ''}"


def month_in_words(at: date) -> str:
    """`novembre 2026`."""
    return f"{MONTH_NAMES[spoken() == ENGLISH][at.month - 1]} {at.year}"


def day(at: date, today: date) -> str:
    """`aujourd'hui`, `hier`, `vendredi 27 novembre`, `vendredi 27 novembre 2025`."""
    if at == today:
        return gettext("aujourd'hui")
    if at == today - timedelta(days=1):
        return gettext("hier")
    return date_in_words(at, year=at.year != today.year)


def relative(at: datetime, now: datetime) -> str:
    return words.relative(at, now, spoken())


def age(seconds: float) -> str:
    return _printed(words.age(seconds, spoken()))


def ago(seconds: float) -> str:
    return words.ago(seconds, spoken())


def label(verdict: Verdict, exit_code: int = 0) -> str:
    return _printed(words.label(verdict, spoken(), exit_code))


def totals(counts: Mapping[str, int]) -> list[str]:
    return [_printed(said) for said in words.totals(dict(counts), spoken())]


def reason(code: str, detail: str = "") -> str:
    """`detail` may be a phrase of the portal's own, or what the code's source says fills it."""
    return _printed(words.reason(code, gettext(detail) if detail else "", spoken()))


def _printed(said: str) -> str:
    """What the core says, as it is printed on pages and in letters."""
    return french(said) if spoken() == FRENCH else said
