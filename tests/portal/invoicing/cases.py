"""Twelve invoices as French companies write them, frozen as issuing would."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from syncd.portal.invoicing import credits, instalments
from syncd.portal.invoicing.content import Buyer, Content, Frozen, Kind, Look, Preceding, Seller
from syncd.portal.invoicing.freezing import freeze
from syncd.portal.invoicing.invoice_lines import Line
from syncd.portal.invoicing.taxes import Category, Tax
from tests.portal.invoicing.conftest import BUYER, LINES, SELLER, TODAY

D = Decimal
NONE = D(0)
PRIVATE = Buyer("Jeanne Petit", False, street="3 rue Basse", postcode="29200", city="Brest", email="jeanne@example.fr")
BERLIN = Buyer(
    "Muster GmbH", True, vat="DE136695976", street="Hauptstr. 1", postcode="10115", city="Berlin", country="DE"
)
ZURICH = Buyer("Beispiel AG", True, street="Bahnhofstrasse 1", postcode="8001", city="Zürich", country="CH")


def standard(rate: str) -> Tax:
    return Tax(Category.STANDARD, D(rate))


def frozen(content: Content, number: str = "F2026-0001", seller: Seller = SELLER, day: date = TODAY) -> Frozen:
    return freeze(content, seller, Look(), number, day)


def cases() -> dict[str, Frozen]:
    changed = msgspec.structs.replace
    plain = Content(buyer=BUYER, lines=LINES)
    quote = frozen(changed(plain, kind=Kind.QUOTE), "D2026-0001")
    part = frozen(
        changed(
            plain, kind=Kind.PREPAYMENT, lines=tuple(instalments.prepayment(quote.totals, D(30), "Acompte de 30 %"))
        )
    )
    taken = tuple(instalments.deductions(part.number, part.issued, part.totals))
    invoice = frozen(plain)
    service = Line("Conseil", D(2), D(500))
    return {
        "franchise": frozen(
            changed(plain, lines=(changed(service, tax=Tax(Category.EXEMPT, NONE)),)),
            seller=changed(SELLER, franchise=True, sole_trader=True, vat=""),
        ),
        "three rates": frozen(changed(plain, lines=tuple(changed(service, tax=standard(r)) for r in ("20", "10", "5.5")))),
        "rebate": frozen(changed(plain, rebate=D("2.5"))),
        "prepayment": part,
        "final": frozen(changed(plain, kind=Kind.FINAL, deductions=taken), "F2026-0002"),
        "credit": frozen(credits.of(invoice), "A2026-0001"),
        "corrected": frozen(changed(plain, kind=Kind.CORRECTED, preceding=(Preceding("F2026-0001", TODAY),)), "F2026-0003"),
        "reverse charge": frozen(changed(plain, lines=(changed(service, tax=Tax(Category.REVERSE_CHARGE, NONE)),))),
        "private buyer, with VAT": frozen(changed(plain, buyer=PRIVATE, with_vat=True, rebate=D(3))),
        "overseas": frozen(changed(plain, lines=(changed(service, tax=standard("8.5")), changed(service, goods=True, tax=standard("2.1"))))),
        "foreign buyer": frozen(changed(plain, buyer=BERLIN, lines=(Line("Machine", D(1), D(9000), Tax(Category.INTRA_EU, NONE), goods=True),))),
        "debits": frozen(plain, seller=changed(SELLER, debits=True)),
        "export": frozen(changed(plain, buyer=ZURICH, lines=(Line("Machine", D(1), D(9000), Tax(Category.EXPORT, NONE), goods=True),))),
        "exempt": frozen(changed(plain, exemption="Exonération de TVA, art. 261, 4, 4° du CGI", lines=(changed(service, tax=Tax(Category.EXEMPT, NONE)),))),
        "credit of a prepayment": frozen(credits.of(part), "A2026-0002"),
        "credit of a final": frozen(credits.of(frozen(changed(plain, kind=Kind.FINAL, deductions=taken), "F2026-0002")), "A2026-0003"),
        "outside": frozen(changed(plain, lines=(changed(service, tax=Tax(Category.OUTSIDE, NONE)),))),
    }  # fmt: skip
