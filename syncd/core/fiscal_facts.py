"""What a client's card says for its fiscal calendar: a few words each, so that rules can be written over them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import msgspec

FORMS = ("ei", "eurl", "sarl", "sas", "sa", "snc", "sci", "scp", "gaec", "earl", "association", "other")
VAT = ("none", "franchise", "monthly", "quarterly", "simplified", "farm_monthly", "farm_quarterly", "farm_yearly")
PROFITS = ("bic", "bnc", "ba", "land", "none")
TAXES = ("is", "ir", "none")
HEADCOUNTS = ("0", "1-10", "11-49", "50+")
FLAGS = (
    "is_3000", "first_exercise", "no_cfe", "cfe_3000", "cvae", "cvae_1500", "das2", "eu_trade", "vehicles", "e_reporting", "large",
    "payroll_tax_monthly", "payroll_tax_quarterly", "payroll_tax_yearly", "msa_employer", "tns_5", "tns_20", "tns_quarterly",
)  # fmt: skip
DEPARTMENT = re.compile(r"0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|97[1-8]|98[46-8]")
WORDS: Mapping[str, tuple[str, ...]] = {
    "legal_form": FORMS, "vat_regime": VAT, "profit_category": PROFITS, "profit_tax": TAXES, "headcount": HEADCOUNTS,
}  # fmt: skip
FIELDS = (*WORDS, "closing_day", "department", "fiscal_flags")


class Facts(msgspec.Struct, frozen=True):
    """Each '' where nobody said. `closing_day`: « 12-31 »; `exercises`: the first and last day of each, in order, as the
    cabinet wrote them down; `flags`: of FLAGS."""

    name: str = ""
    siren: str = ""
    legal_form: str = ""
    vat_regime: str = ""
    profit_category: str = ""
    profit_tax: str = ""
    headcount: str = ""
    closing_day: str = ""
    department: str = ""
    flags: frozenset[str] = frozenset()
    exercises: tuple[tuple[date, date], ...] = ()


def closing_day(text: str) -> str:
    """A day of a year as a card keeps it, « 31/12 », from « 31/12 », « 31-12 » or « 31.12 ». Raises ValueError for none."""
    found = re.fullmatch(r"([0-9]{1,2})[/. -]([0-9]{1,2})", text.strip(), re.ASCII)
    if not found:
        raise ValueError(text)
    day = date(2024, int(found[2]), int(found[1]))  # a leap year: 29 February is a closing, too
    return f"{day:%d/%m}"


def month_first(day: str) -> str:
    """« 31/12 » as rules name it: « 12-31 »."""
    return "-".join(reversed(day.split("/"))) if day else ""


def flags_of(text: str) -> frozenset[str]:
    """Those of FLAGS that the card's text names; what a later version wrote is left aside."""
    return frozenset(text.split()) & frozenset(FLAGS)
