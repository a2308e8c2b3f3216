"""A sale asked for in parts: prepayment invoices of so many per cent, then one for the rest, the same to the cent for each tax."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from syncd.portal.invoicing.invoice_lines import HUNDRED, ZERO, Deduction, Line, cents
from syncd.portal.invoicing.taxes import Tax
from syncd.portal.invoicing.totals import Totals


def prepayment(whole: Totals, percent: Decimal, called: str, *, goods: Iterable[Tax] = ()) -> list[Line]:
    """A line for each tax of the quote. `called`: of what it is a part; `goods`: taxes of which goods are delivered alone."""
    named = frozenset(goods)
    found = []
    for each in whole.taxes:
        net = cents(each.net * percent / HUNDRED)
        if net:
            found.append(Line(called, Decimal(1), net, each.tax, "LS", goods=each.tax in named))
    return found


def deductions(number: str, issued: date, asked: Totals) -> list[Deduction]:
    """What an issued prepayment invoice takes off the one that closes the sale."""
    return [Deduction(number, issued, each.tax, each.net, each.vat) for each in asked.taxes]


def left(whole: Totals, before: Sequence[Totals]) -> dict[Tax, Decimal]:
    """What is not asked for yet, net, of each tax of the quote; below zero where more was asked for than it comes to."""
    rest = {each.tax: each.net for each in whole.taxes}
    for asked in before:
        for each in asked.taxes:
            rest[each.tax] = rest.get(each.tax, ZERO) - each.net
    return rest
