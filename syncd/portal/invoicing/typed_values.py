"""What people type into forms and sheets, as values: numbers with a comma, days, a tax by its name."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from syncd.portal.invoicing.taxes import RATES, Category, Tax, rate_text

_BLANK = re.compile(r"[\s\u00a0\u202f€%]")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,10})?")
WORDS = {
    "AE": Category.REVERSE_CHARGE, "K": Category.INTRA_EU, "G": Category.EXPORT, "E": Category.EXEMPT, "O": Category.OUTSIDE,
}  # fmt: skip
WRONG = Decimal("NaN")  # what is typed and no number: said before anything is issued


def number(text: str, empty: Decimal = WRONG) -> Decimal:
    """`1 234,56`; NaN for what is none."""
    given = _BLANK.sub("", text).replace(",", ".")
    if not given:
        return empty
    if not _NUMBER.fullmatch(given):
        return WRONG
    try:
        return Decimal(given)
    except InvalidOperation:
        return WRONG


def day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def tax(text: str) -> Tax:
    """`20`, `5,5`, or a category without a rate: AE, K, G, E, O."""
    given = _BLANK.sub("", text).upper()
    if given in WORDS:
        return Tax(WORDS[given], Decimal(0))
    return Tax(Category.STANDARD, number(text))


def tax_text(of: Tax) -> str:
    return rate_text(of.rate) if of.category is Category.STANDARD else str(of.category)


def choices() -> list[str]:
    """Of today's rates and categories."""
    return [*(rate_text(r) for r in RATES[:9] if r), *WORDS]
