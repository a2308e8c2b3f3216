"""The lines of a quote or an invoice, and what each comes to. Amounts are decimals, rounded half up to the cent (EN 16931)."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from syncd.portal.invoicing.taxes import Tax

CENT, ZERO, HUNDRED = Decimal("0.01"), Decimal("0.00"), Decimal(100)
QUANTITY_PLACES, PRICE_PLACES = 4, 6  # BR-FR-DEC-02, BR-FR-DEC-03
MOST = Decimal(10) ** 12

UNITS = ("C62", "HUR", "DAY", "MON", "KGM", "TNE", "LTR", "MTR", "MTK", "MTQ", "KMT", "LS")
"""UN/ECE Recommendation 20: one, hour, day, month, kilogram, tonne, litre, metre, square and cubic metre, kilometre, lump sum."""


class Line(msgspec.Struct, frozen=True):
    """BT-126 to BT-155. `price`: of one, before the `rebate` (per cent). `goods`: delivered, not rendered."""

    name: str
    quantity: Decimal = Decimal(1)
    price: Decimal = ZERO
    tax: Tax = Tax()
    unit: str = "C62"
    rebate: Decimal = ZERO
    goods: bool = False
    description: str = ""
    reference: str = ""


class Deduction(msgspec.Struct, frozen=True):
    """What a prepayment invoice has already asked for, of one tax: taken off the invoice that closes the sale, net and VAT."""

    number: str
    issued: date
    tax: Tax
    net: Decimal
    vat: Decimal


class LineAmounts(msgspec.Struct, frozen=True):
    """BT-131 is `net`; `rebate` is taken off before it (BT-136); `price` is BT-146."""

    net: Decimal
    rebate: Decimal
    price: Decimal


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def places(amount: Decimal) -> int:
    """Decimals that it says."""
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 99


def of_line(line: Line) -> LineAmounts:
    """As given: before VAT, or with VAT, whatever the prices are."""
    whole = cents(line.quantity * line.price)
    rebate = cents(whole * line.rebate / HUNDRED)
    return LineAmounts(whole - rebate, rebate, line.price)


def without_vat(amount: Decimal, rate: Decimal) -> Decimal:
    return amount / (1 + rate / HUNDRED)
