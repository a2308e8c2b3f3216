"""Mentions, numbers, and what is missing before an invoice is issued."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from syncd.portal.invoicing import mentions, numbering
from syncd.portal.invoicing.content import Buyer, Content, Kind, Seller, facts, process, type_code
from syncd.portal.invoicing.invoice_lines import Line
from syncd.portal.invoicing.readiness import lacks
from syncd.portal.invoicing.taxes import Category, Tax

D = Decimal
TODAY = date(2026, 11, 28)
SELLER = Seller(
    "Atelier Dupont", "732829320", "73282932000074", "FR44732829320", street="1 rue du Port", postcode="44000", city="Nantes"
)  # fmt: skip
BUYER = Buyer("Mairie", True, "552100554", street="2 place", postcode="75001", city="Paris", vat="FR83552100554")
FINE = Content(buyer=BUYER, lines=(Line("Heure", D(1), D(50)),))
NO_TAX = Tax(Category.EXEMPT, D(0))


def said(day: date, *known: str) -> dict[str, str]:
    return {m.id: m.text for m in mentions.due(day, known)}


def test_the_franchise_is_of_the_cgi_until_the_end_of_2027_and_of_the_cibs_after() -> None:
    before, after = (said(d, "business", "franchise") for d in (date(2027, 12, 31), date(2028, 1, 1)))
    assert before["franchise-cgi"] == "TVA non applicable, art. 293 B du CGI"
    assert "franchise-cibs" not in before
    assert "franchise-cgi" not in after
    assert "CIBS" in after["franchise-cibs"]


@pytest.mark.parametrize("buyer", ["business", "private"])
@pytest.mark.parametrize("day", [date(2026, 11, 28), date(2027, 12, 31), date(2028, 1, 1), date(2035, 6, 1)])
def test_each_of_the_three_notes_is_said_once(buyer: str, day: date) -> None:
    codes = [m.code for m in mentions.due(day, [buyer])]
    assert [codes.count(code) for code in ("PMD", "PMT", "AAB")] == [1, 1, 1]
    assert not any(m.code in ("PMD", "PMT", "AAB") for m in mentions.due(day, [buyer, "quote"]))


@pytest.mark.parametrize("fact", ["franchise", "reverse_charge", "intra_eu", "export", "outside"])
def test_why_no_tax_is_charged_is_said_once_on_every_day(fact: str) -> None:
    for year in range(2026, 2032):
        for day in (date(year, 1, 1), date(year, 12, 31)):
            assert [m.place for m in mentions.due(day, ["business", fact])].count("reason") == 1


def test_every_mention_says_where_it_was_read() -> None:
    for mention in mentions.shipped():
        assert len(mention.source) > 10
        assert mention.seen <= date(2026, 12, 31)


@pytest.mark.parametrize(
    "text",
    [
        "[[mention]]\nid='a'", "[[mention]]\nid='a'\ntext='b'\nplace='note'\nseen=2026-01-01\nsource=' '", "x",
        "[[mention]]\nid='a'\ntext='b'\nplace='nowhere'\nseen=2026-01-01\nsource='s'",
        "[[mention]]\nid='a'\ntext='b'\nplace='note'\nseen=2026-01-01\nsource='s'\nwhen=['so']",
        "[[mention]]\nid='a'\ntext='b'\nplace='note'\nseen=2026-01-01\nsource='s'\nvalid_from=2027-01-01\nvalid_to=2026-01-01",
    ],
)  # fmt: skip
def test_mentions_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(mentions.BadMentions):
        mentions.parse(text)


@pytest.mark.parametrize("prefix", ["F-", "F{AAAA}-", "FA{AA}/", "A", "_", "f+"])
def test_prefixes_that_fit(prefix: str) -> None:
    assert numbering.prefix_fits(prefix)
    made = numbering.number(numbering.series(prefix, TODAY), 12)
    assert numbering.fits(made)
    assert made.endswith("0012")


@pytest.mark.parametrize("prefix", ["", "é-", "F ", "F1", "F{MM}-", "F{AAAA}", "x" * 40, "F#", "\u202eF-", "F-\n"])
def test_prefixes_that_do_not(prefix: str) -> None:
    assert not numbering.prefix_fits(prefix)


def test_two_prefixes_never_make_one_number() -> None:
    made = {
        numbering.number(numbering.series(p, TODAY), n)
        for p in ("F-", "F-A", "F", "F{AAAA}-") for n in (1, 20, 9999, 10000, 20261)
    }  # fmt: skip
    assert len(made) == 20


def codes(content: Content, seller: Seller = SELLER, day: date = TODAY) -> set[str]:
    return {lack.code for lack in lacks(content, seller, day)}


def test_a_whole_invoice_lacks_nothing() -> None:
    assert lacks(FINE, SELLER, TODAY) == []
    assert type_code(FINE) == "380"
    assert process(FINE) == "S1"


def changed(**values: object) -> Content:
    return msgspec.structs.replace(FINE, **values)


def line(**values: object) -> Content:
    return changed(lines=(msgspec.structs.replace(FINE.lines[0], **values),))


def buyer(**values: object) -> Content:
    return changed(buyer=msgspec.structs.replace(BUYER, **values))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (buyer(siren=""), "buyer_siren"), (buyer(siren="552100555"), "buyer_siren"), (buyer(name=" "), "buyer_name"),
        (buyer(name="x" * 301), "buyer_long"), (buyer(city=""), "buyer_address"), (buyer(country="fr"), "country"),
        (buyer(siret="99999999900011"), "buyer_siret"), (buyer(endpoint="a b"), "endpoint"), (buyer(endpoint="1234"), "endpoint"),
        (changed(lines=()), "no_line"), (changed(lines=FINE.lines * 101), "many_lines"),
        (line(name=""), "line_name"), (line(quantity=D(0)), "quantity"), (line(quantity=D("1.00001")), "quantity"),
        (line(quantity=D("NaN")), "number"), (line(price=D("Infinity")), "number"), (line(price=D(-1)), "price"),
        (line(price=D("1e400")), "price"), (line(price=D("0.0000001")), "price"), (line(rebate=D(101)), "rebate"),
        (line(tax=Tax(Category.STANDARD, D(19))), "rate"), (line(tax=Tax(Category.STANDARD, D(0))), "rate"),
        (line(unit="XX"), "unit"), (line(tax=NO_TAX), "no_exemption"),
        (line(tax=Tax(Category.INTRA_EU, D(0))), "intra_eu_vat"), (line(tax=Tax(Category.EXPORT, D(0))), "export_country"),
        (changed(lines=(Line("a", D(1), D(1), Tax(Category.REVERSE_CHARGE, D(0))),), buyer=msgspec.structs.replace(BUYER, vat="")), "reverse_charge_vat"),
        (changed(lines=(*FINE.lines, Line("a", D(1), D(1), Tax(Category.OUTSIDE, D(0))))), "outside_alone"),
        (line(quantity=D(-1)), "below_zero"), (changed(kind=Kind.CREDIT), "no_preceding"), (changed(kind=Kind.CORRECTED), "no_preceding"),
        (changed(rebate=D("NaN")), "rebate"), (changed(note="x" * 2001), "text_long"),
        (changed(kind=Kind.QUOTE, valid_until=date(2026, 1, 1)), "valid_until"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_before(content: Content, code: str) -> None:
    assert code in codes(content)


def test_a_seller_says_who_it_is_but_on_a_quote() -> None:
    nobody = Seller()
    assert {"seller_name", "seller_address", "seller_siren", "seller_vat"} <= codes(FINE, nobody)
    assert "seller_siren" not in codes(changed(kind=Kind.QUOTE), nobody)
    assert codes(FINE, day=date(2100, 1, 1)) == {"year"}


def test_a_franchise_charges_no_tax() -> None:
    small = msgspec.structs.replace(SELLER, franchise=True, vat="")
    assert codes(FINE, small) == {"franchise_taxed"}
    free = line(tax=NO_TAX)
    assert codes(free, small) == set()
    assert "franchise" in facts(free, small)


def test_what_is_sold_is_said() -> None:
    goods = Line("b", goods=True)
    assert process(changed(lines=(goods,))) == "B1"
    assert process(changed(lines=(goods, *FINE.lines))) == "M1"
    assert process(changed(kind=Kind.FINAL)) == "S4"
    assert type_code(changed(kind=Kind.PREPAYMENT)) == "386"
    assert type_code(changed(kind=Kind.CORRECTED)) == "384"
    assert type_code(changed(kind=Kind.CREDIT)) == "381"
    assert type_code(changed(kind=Kind.CREDIT, of_prepayment=True)) == "503"
