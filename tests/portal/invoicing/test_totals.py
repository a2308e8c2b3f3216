"""The arithmetic of EN 16931: of any lines, totals are what the norm says, and parts come to the whole."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.portal.invoicing import credits, instalments
from syncd.portal.invoicing.content import Content, Frozen, Kind, Seller
from syncd.portal.invoicing.invoice_lines import Line, cents
from syncd.portal.invoicing.taxes import RATES, Category, Tax, rate_text
from syncd.portal.invoicing.totals import Totals, total

D = Decimal
TAXES = st.sampled_from([*(Tax(Category.STANDARD, r) for r in RATES if r), Tax(Category.EXEMPT, D(0))])
LINES = st.lists(
    st.builds(
        Line, name=st.just("x"), quantity=st.decimals(D("0.0001"), D(9999), places=4), price=st.decimals(D(0), D(99999), places=4),
        tax=TAXES, rebate=st.decimals(D(0), D(100), places=2),
    ),
    min_size=1, max_size=12,
)  # fmt: skip
PERCENT = st.decimals(D(0), D(60), places=2)


def by_the_norm(found: Totals) -> None:
    """BR-CO-10, 13, 14, 15; each amount has two decimals at most."""
    assert found.line_sum == sum((t.lines for t in found.taxes), D(0))
    assert found.net == found.line_sum - found.rebate == sum((t.net for t in found.taxes), D(0))
    assert found.vat == sum((t.vat for t in found.taxes), D(0))
    assert found.gross == found.net + found.vat
    for amount in (found.net, found.vat, found.gross, *(a.net for a in found.lines)):
        assert amount == cents(amount)


@settings(max_examples=150, deadline=None)
@given(LINES, PERCENT)
def test_totals_of_prices_before_vat(lines: list[Line], rebate: Decimal) -> None:
    found = total(lines, rebate=rebate)
    by_the_norm(found)
    assert found.line_sum == sum((a.net for a in found.lines), D(0))
    for line, amount in zip(lines, found.lines, strict=True):
        whole = (line.quantity * line.price).quantize(D("0.01"), ROUND_HALF_UP)
        assert amount.net == whole - (whole * line.rebate / 100).quantize(D("0.01"), ROUND_HALF_UP)
    for each in found.taxes:  # BR-CO-17, to the cent
        assert each.vat == (each.net * each.tax.rate / 100).quantize(D("0.01"), ROUND_HALF_UP)


@settings(max_examples=150, deadline=None)
@given(LINES, PERCENT)
def test_prices_with_vat_come_to_what_was_said(lines: list[Line], rebate: Decimal) -> None:
    found = total(lines, rebate=rebate, with_vat=True)
    by_the_norm(found)
    assert found.line_sum == sum((a.net for a in found.lines), D(0))
    said = D(0)
    for tax in {line.tax for line in lines}:
        mine = [line for line in lines if line.tax == tax]
        whole = sum(
            (cents(x.quantity * x.price) - cents(cents(x.quantity * x.price) * x.rebate / 100) for x in mine), D(0)
        )
        said += whole - cents(whole * rebate / 100)
    assert found.gross == said
    for each in found.taxes:  # the norm's rules allow less than one of the currency
        assert abs(each.vat - each.net * each.tax.rate / 100) < D("0.02")


@settings(max_examples=150, deadline=None)
@given(LINES, st.lists(st.decimals(D(1), D(45), places=2), min_size=1, max_size=2), PERCENT, st.booleans())
def test_prepayments_and_the_rest_come_to_the_quote(
    lines: list[Line], parts: list[Decimal], rebate: Decimal, with_vat: bool
) -> None:  # fmt: skip
    quote = total(lines, rebate=rebate, with_vat=with_vat)
    asked = [total(instalments.prepayment(quote, part, "acompte")) for part in parts]
    taken = [d for n, one in enumerate(asked) for d in instalments.deductions(f"F-{n}", date(2026, 11, 28), one)]
    last = total(lines, rebate=rebate, with_vat=with_vat, deductions=taken)
    by_the_norm(last)
    for each in quote.taxes:
        mine = [t for one in (*asked, last) for t in one.taxes if t.tax == each.tax]
        assert sum((t.net for t in mine), D(0)) == each.net
        assert sum((t.vat for t in mine), D(0)) == each.vat
    for each in last.taxes:  # BR-CO-17 as its rule set has it
        assert abs(each.vat - each.net * each.tax.rate / 100) < 1
    rest = instalments.left(quote, asked)
    assert {t.tax: t.net for t in last.taxes} == rest


@settings(max_examples=60, deadline=None)
@given(LINES, PERCENT, st.booleans())
def test_a_credit_note_of_all_is_the_invoice(lines: list[Line], rebate: Decimal, with_vat: bool) -> None:
    content = Content(lines=tuple(lines), rebate=rebate, with_vat=with_vat)
    invoice = Frozen("F-0001", date(2026, 11, 28), None, Seller(), content, (), content.totals())
    credit = credits.of(invoice)
    assert (credit.kind, credit.preceding[0].number) == (Kind.CREDIT, "F-0001")
    assert credit.totals() == invoice.totals
    assert credits.fits(invoice.totals, [], credit.totals())
    if invoice.totals.gross:
        assert not credits.fits(invoice.totals, [credit.totals()], credit.totals())


def test_a_third_thrice() -> None:
    """What people found elsewhere: three invoices of a third that come to another total than the quote."""
    quote = total([Line("Site", D(1), D(1000))])
    asked = [total(instalments.prepayment(quote, D("33.33"), "a")) for _ in range(2)]
    taken = [d for one in asked for d in instalments.deductions("F-1", date(2026, 1, 1), one)]
    last = total([Line("Site", D(1), D(1000))], deductions=taken)
    assert [t.gross for t in (*asked, last)] == [D("399.96"), D("399.96"), D("400.08")]
    assert sum(t.gross for t in (*asked, last)) == quote.gross == 1200


def test_a_credit_of_another_tax_or_of_more_does_not_fit() -> None:
    invoice = total([Line("a", D(1), D(100))])
    assert not credits.fits(invoice, [], total([Line("a", D(1), D("100.01"))]))
    assert not credits.fits(invoice, [], total([Line("a", D(1), D(10), Tax(Category.STANDARD, D(10)))]))
    assert credits.fits(invoice, [total([Line("a", D(1), D(40))])], total([Line("a", D(1), D(60))]))
    assert [k for k in Kind if not credits.may_be_credited(k)] == [Kind.QUOTE, Kind.CREDIT]


@pytest.mark.parametrize(
    ("rate", "text"), [("20", "20"), ("5.50", "5.5"), ("2.10", "2.1"), ("10.0", "10"), ("1.05", "1.05")]
)
def test_rates_as_platforms_take_them(rate: str, text: str) -> None:
    assert rate_text(D(rate)) == text
    assert all(len(rate_text(r)) <= 4 for r in RATES)


def test_half_a_cent_goes_up() -> None:
    assert cents(D("0.005")) == D("0.01")
    assert cents(D("1.005")) == D("1.01")
    assert cents(D("-0.005")) == D("-0.01")
