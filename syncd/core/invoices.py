"""What an electronic invoice says of itself: twelve facts, as values; dates, amounts and codes as its forms write them.

The terms are those of EN 16931 (BT-1: the number, …). A fact that cannot be read is not guessed: it is empty.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

import msgspec

from syncd.core.search_folding import fold


class Form(StrEnum):
    """How the invoice came. BROKEN: a PDF that brings an invoice nobody can read; STATUS and ORDER are no invoices."""

    FACTUR_X = "facturx"
    ZUGFERD_1 = "zugferd1"
    CII = "cii"
    UBL = "ubl"
    STATUS = "cdar"
    ORDER = "order"
    BROKEN = "broken"


class Kind(StrEnum):
    """Of BT-3, as far as people tell them apart."""

    INVOICE = "invoice"
    CREDIT = "credit"
    DEPOSIT = "deposit"
    CORRECTED = "corrected"


_CREDITS = frozenset(["81", "83", "84", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"])
_DEPOSITS = frozenset({"386", "500"})
_CORRECTED = frozenset(["384", "471", "472", "473"])


def kind(code: str) -> Kind:
    """Of a code of UNTDID 1001; what is not known is an invoice."""
    if code in _CREDITS:
        return Kind.CREDIT
    if code in _DEPOSITS:
        return Kind.DEPOSIT
    return Kind.CORRECTED if code in _CORRECTED else Kind.INVOICE


class Facts(msgspec.Struct, frozen=True, gc=False):
    """BT-1 number, BT-2 issued, BT-3 code (UNTDID 1001), BT-9 due, BT-72 delivered, BT-5 currency; seller and buyer with their SIREN
    and VAT number; BT-109 net, BT-110 vat, BT-112 gross, BT-115 payable; BT-24 profile, shortened. Empty or None: not said, or not so
    that it can be read.
    """

    form: Form
    number: str = ""
    issued: date | None = None
    code: str = ""
    due: date | None = None
    delivered: date | None = None
    currency: str = ""
    seller: str = ""
    seller_siren: str = ""
    seller_vat: str = ""
    buyer: str = ""
    buyer_siren: str = ""
    buyer_vat: str = ""
    net: Decimal | None = None
    vat: Decimal | None = None
    gross: Decimal | None = None
    payable: Decimal | None = None
    profile: str = ""

    @property
    def kind(self) -> Kind:
        return kind(self.code)

    @property
    def readable(self) -> bool:
        """Whether it says what an invoice must: its number, its date, its total."""
        return bool(self.number) and self.issued is not None and self.gross is not None


_DAY = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])|([0-9]{4})([0-9]{2})([0-9]{2})(?=$|[^0-9]|[0-9]{4}(?:[0-9]{2})?$)"
)


_FIRST = 1900  # what programs write for no day at all is earlier


def day(text: str) -> date | None:
    """`20261121`, `2026-11-21`, with a time or a zone behind it; None for what names no day (`202611`, `20260231`)."""
    found = _DAY.match(text.strip())
    if found is None:
        return None
    try:
        return named if (named := date(*(int(part) for part in found.groups() if part))).year >= _FIRST else None
    except ValueError:
        return None


_PLAIN = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,10})?|\.[0-9]{1,10})")
_FRENCH = re.compile(r"[+-]?[0-9]{1,3}(?:\.?[0-9]{3})*,[0-9]{1,2}")
_ENGLISH = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]{1,4}")
MOST = Decimal(10) ** 15


def amount(text: str) -> Decimal | None:
    """As the forms write it (`1234.56`), or as a program that knew them badly did (`1.234,56`, `1,234.56`) where that is one number
    alone; None for what may be two, for what is none, and for what nobody owes.
    """
    given = re.sub(r"[\s\u00a0\u202f]", "", text)
    if not _PLAIN.fullmatch(given):
        if _FRENCH.fullmatch(given):
            given = given.replace(".", "").replace(",", ".")
        elif _ENGLISH.fullmatch(given):
            given = given.replace(",", "")
        else:
            return None
    found = Decimal(given)
    return found if abs(found) < MOST else None


def rounded(found: Decimal) -> Decimal:
    """To four decimals, as they are kept."""
    return found.quantize(Decimal("0.0001"), ROUND_HALF_UP)


_PROFILES = (
    ("xrechnung", "XRechnung"), ("extended-ctc-fr", "EXTENDED-CTC-FR"), ("extended", "EXTENDED"), ("minimum", "MINIMUM"),
    ("basicwl", "BASIC WL"), ("basic-wl", "BASIC WL"), ("basic", "BASIC"), ("peppol", "Peppol BIS"), ("comfort", "COMFORT"), ("en16931", "EN 16931"),
)  # fmt: skip


def profile(guideline: str) -> str:
    """BT-24 as people call it: `BASIC WL` of `urn:factur-x.eu:1p0:basicwl`; '' for what is none of them."""
    given = guideline.lower()
    own = given.rpartition("#")[2]  # what is meant stands behind what it keeps to
    for text in (own, given):
        for sign, name in _PROFILES:
            if sign in text:
                return name
    return ""


def number_key(number: str) -> str:
    """What two spellings of one number share."""
    return re.sub(r"[^0-9a-z]", "", fold(number))


def seller_key(facts: Facts) -> str:
    """Who sends it, for comparing: SIREN, VAT number or name; '' where nobody is named."""
    return facts.seller_siren or re.sub(r"\W", "", facts.seller_vat.upper()) or fold(facts.seller)
