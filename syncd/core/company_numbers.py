"""A French company's number, as its card, its invoices and its VAT number hold it."""

from __future__ import annotations

import re

_SIREN, _SIRET = re.compile(r"[0-9]{9}"), re.compile(r"[0-9]{14}")
_VAT = re.compile(r"FR[0-9A-HJ-NP-Z]{2}([0-9]{9})")
LA_POSTE = "356000000"


def luhn(digits: str) -> bool:
    """The check digit of SIREN and SIRET (La Poste's own SIRET do without; their SIREN is 356000000)."""
    total = 0
    for n, c in enumerate(reversed(digits)):
        d = int(c) * (1 + n % 2)
        total += d - 9 if d > 9 else d
    return total % 10 == 0


def siren_in(text: str) -> str:
    """The SIREN that a number of whatever form holds: a SIREN, a SIRET, a VAT number, with or without blanks; '' where it holds
    none that can be.
    """
    given = re.sub(r"[\s.\-\u00a0\u202f]", "", text).upper()
    found = ""
    if _SIREN.fullmatch(given) or _SIRET.fullmatch(given):
        found = given[:9]
    elif vat := _VAT.fullmatch(given):
        found = vat.group(1)
    return found if found and found != "0" * 9 and luhn(found) else ""
