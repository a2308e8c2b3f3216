"""Credit notes: the whole of an issued invoice or a part, never more than it comes to, and never of a credit note."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from syncd.portal.invoicing.content import Content, Frozen, Kind, Preceding
from syncd.portal.invoicing.invoice_lines import ZERO
from syncd.portal.invoicing.totals import Totals


def of(invoice: Frozen) -> Content:
    """A draft that takes all of it back."""
    return msgspec.structs.replace(
        invoice.content, kind=Kind.CREDIT, preceding=(Preceding(invoice.number, invoice.issued),), valid_until=None,
        of_prepayment=invoice.content.kind is Kind.PREPAYMENT,
    )  # fmt: skip


def may_be_credited(kind: Kind) -> bool:
    return kind not in (Kind.QUOTE, Kind.CREDIT)


def fits(invoice: Totals, before: Sequence[Totals], this: Totals) -> bool:
    """Whether all that is taken back, tax by tax, is at most what was asked for."""
    asked = {each.tax: each.net for each in invoice.taxes}
    taken = dict.fromkeys(asked, ZERO)
    for credit in (*before, this):
        for each in credit.taxes:
            if each.tax not in asked:
                return False
            taken[each.tax] += each.net
    gross = sum((credit.gross for credit in (*before, this)), ZERO)
    return all(taken[tax] <= asked[tax] for tax in asked) and gross <= invoice.gross
