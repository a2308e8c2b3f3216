"""The totals of EN 16931: VAT on the sum of each rate, rounded once; gross = net + VAT (BR-CO-10 to BR-CO-17)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from syncd.portal.invoicing.invoice_lines import (
    HUNDRED,
    ZERO,
    Deduction,
    Line,
    LineAmounts,
    cents,
    of_line,
    without_vat,
)
from syncd.portal.invoicing.taxes import Tax


class TaxTotal(msgspec.Struct, frozen=True):
    """Of one tax. `lines`: their sum; `rebate`: of the whole, BT-92; `net`: BT-116; `vat`: BT-117."""

    tax: Tax
    lines: Decimal
    rebate: Decimal
    net: Decimal
    vat: Decimal


class Totals(msgspec.Struct, frozen=True):
    """`line_sum` BT-106, `rebate` BT-107, `net` BT-109, `vat` BT-110, `gross` BT-112 = BT-115: nothing of payments is known.

    `lines`: what each line comes to, in order; what was asked for before is not among them, but in the sums."""

    lines: tuple[LineAmounts, ...]
    taxes: tuple[TaxTotal, ...]
    line_sum: Decimal
    rebate: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal


def total(
    lines: Sequence[Line], *, rebate: Decimal = ZERO, with_vat: bool = False, deductions: Sequence[Deduction] = ()
) -> Totals:  # fmt: skip
    """`rebate`: per cent, off the whole; `with_vat`: whether prices were given with it."""
    given = [of_line(line) for line in lines]
    amounts = _before_vat(lines, given) if with_vat else given
    taxes = []
    for tax in sorted({line.tax for line in lines} | {d.tax for d in deductions}, key=_order):
        mine = [n for n, line in enumerate(lines) if line.tax == tax]
        asked = [d for d in deductions if d.tax == tax]
        net = sum((amounts[n].net for n in mine), ZERO)
        if with_vat:
            whole = sum((given[n].net for n in mine), ZERO)
            whole -= cents(whole * rebate / HUNDRED)
            after = cents(without_vat(whole, tax.rate))
            off, vat = net - after, whole - after
        else:
            off = cents(net * rebate / HUNDRED)
            vat = cents((net - off) * tax.rate / HUNDRED)
        before = sum((d.net for d in asked), ZERO)
        vat -= sum((d.vat for d in asked), ZERO)
        taxes.append(TaxTotal(tax, net - before, off, net - before - off, vat))
    net = sum((t.net for t in taxes), ZERO)
    vat = sum((t.vat for t in taxes), ZERO)
    line_sum, off = sum((t.lines for t in taxes), ZERO), sum((t.rebate for t in taxes), ZERO)
    return Totals(tuple(amounts), tuple(taxes), line_sum, off, net, vat, net + vat)


def _order(tax: Tax) -> tuple[str, Decimal]:
    return tax.category, -tax.rate


def _before_vat(lines: Sequence[Line], given: Sequence[LineAmounts]) -> list[LineAmounts]:
    """Each line without its VAT: those of one tax come to what their sum comes to; a cent left over goes to the largest."""
    found = [
        LineAmounts(
            cents(without_vat(a.net, line.tax.rate)), cents(without_vat(a.rebate, line.tax.rate)),
            without_vat(a.price, line.tax.rate).quantize(Decimal("0.000001"), ROUND_HALF_UP),
        )
        for line, a in zip(lines, given, strict=True)
    ]  # fmt: skip
    for tax in {line.tax for line in lines}:
        mine = [n for n, line in enumerate(lines) if line.tax == tax]
        whole = cents(without_vat(sum((given[n].net for n in mine), ZERO), tax.rate))
        over = whole - sum((found[n].net for n in mine), ZERO)
        largest = max(mine, key=lambda n: abs(found[n].net))
        found[largest] = msgspec.structs.replace(found[largest], net=found[largest].net + over)
    return found
