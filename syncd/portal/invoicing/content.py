"""What a quote or an invoice says: while it is a draft it may change, and once it is issued it is frozen with its number."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from syncd.portal.invoicing.invoice_lines import ZERO, Deduction, Line
from syncd.portal.invoicing.taxes import Category
from syncd.portal.invoicing.totals import Totals, total


class Kind(StrEnum):
    """`type_code`: UNTDID 1001, BT-3. A prepayment is an invoice for a part; FINAL closes a sale that had some."""

    QUOTE = "quote"
    INVOICE = "invoice"
    PREPAYMENT = "prepayment"
    FINAL = "final"
    CORRECTED = "corrected"
    CREDIT = "credit"

    @property
    def family(self) -> str:
        """What is numbered together."""
        return {Kind.QUOTE: "quote", Kind.CREDIT: "credit"}.get(self, "invoice")


class Seller(msgspec.Struct, frozen=True):
    """BG-4. `legal`: « SARL au capital de 10 000 €, RCS Nantes »; `endpoint`: BT-34, the SIREN where nobody said otherwise."""

    name: str = ""
    siren: str = ""
    siret: str = ""
    vat: str = ""
    legal: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "FR"
    email: str = ""
    phone: str = ""
    iban: str = ""
    endpoint: str = ""
    sole_trader: bool = False
    franchise: bool = False
    debits: bool = False


class Buyer(msgspec.Struct, frozen=True):
    """BG-7. `business`: whoever buys for a trade; `delivery`: where goods go, when that is elsewhere."""

    name: str = ""
    business: bool = True
    siren: str = ""
    siret: str = ""
    vat: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "FR"
    email: str = ""
    endpoint: str = ""
    reference: str = ""
    delivery_name: str = ""
    delivery_street: str = ""
    delivery_postcode: str = ""
    delivery_city: str = ""
    delivery_country: str = ""


class Terms(msgspec.Struct, frozen=True):
    """What the two agreed on. `late_rate`, `discount`: as the mentions say them."""

    days: int = 30
    late_rate: str = "taux de refinancement de la Banque centrale européenne majoré de 10 points"
    discount: str = "Pas d'escompte pour paiement anticipé."
    payment: str = ""


class Preceding(msgspec.Struct, frozen=True):
    """BG-3: an issued invoice that this one follows from."""

    number: str
    issued: date


class Content(msgspec.Struct, frozen=True):
    """All that a person writes. `exemption`: why nothing is charged where neither the franchise nor another rule says so."""

    kind: Kind = Kind.INVOICE
    buyer: Buyer = Buyer()
    lines: tuple[Line, ...] = ()
    rebate: Decimal = ZERO
    with_vat: bool = False
    terms: Terms = Terms()
    subject: str = ""
    note: str = ""
    order: str = ""
    supplied: date | None = None
    valid_until: date | None = None
    exemption: str = ""
    deductions: tuple[Deduction, ...] = ()
    preceding: tuple[Preceding, ...] = ()
    of_prepayment: bool = False

    def totals(self) -> Totals:
        return total(self.lines, rebate=self.rebate, with_vat=self.with_vat, deductions=self.deductions)


class Said(msgspec.Struct, frozen=True):
    """A mention as it was that day. `code`, `place`: as of mentions.Mention; `source`: of which."""

    id: str
    text: str
    place: str
    code: str = ""


class Look(msgspec.Struct, frozen=True):
    """`model`: one of MODELS; `logo_place`: left, centre, right; `logo`: SHA-256 of the image, '' without one."""

    model: str = "classic"
    colour: str = "#14507a"
    logo_place: str = "left"
    logo: str = ""


class Frozen(msgspec.Struct, frozen=True):
    """What was issued: nothing of it follows what changes later."""

    number: str
    issued: date
    due: date | None
    seller: Seller
    content: Content
    mentions: tuple[Said, ...]
    totals: Totals
    look: Look = Look()

    @property
    def reason(self) -> str:
        return " ".join(m.text for m in self.mentions if m.place == "reason")


def type_code(content: Content) -> str:
    """BT-3."""
    if content.kind is Kind.CREDIT:
        return "503" if content.of_prepayment else "381"
    return {Kind.PREPAYMENT: "386", Kind.CORRECTED: "384"}.get(content.kind, "380")


def process(content: Content) -> str:
    """BT-23: goods, services or both; 4 where it closes a sale that had prepayments."""
    goods = {line.goods for line in content.lines}
    letter = "M" if len(goods) == 2 else "B" if True in goods else "S"
    return letter + ("4" if content.kind is Kind.FINAL else "1")


_OF_CATEGORY = {
    Category.REVERSE_CHARGE: "reverse_charge", Category.INTRA_EU: "intra_eu", Category.EXPORT: "export", Category.OUTSIDE: "outside",
}  # fmt: skip


def facts(content: Content, seller: Seller) -> frozenset[str]:
    """What mentions are chosen by (mentions.FACTS)."""
    found = {"business" if content.buyer.business else "private"}
    found |= {_OF_CATEGORY[line.tax.category] for line in content.lines if line.tax.category in _OF_CATEGORY}
    so = {
        "quote": content.kind is Kind.QUOTE, "debits": seller.debits, "sole_trader": seller.sole_trader, "franchise": seller.franchise,
    }  # fmt: skip
    return frozenset(found | {name for name, holds in so.items() if holds})
