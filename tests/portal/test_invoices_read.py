"""Electronic invoices are read whatever wrote them; what harms is refused, and nothing that cannot be read is guessed."""

from __future__ import annotations

import io
import time
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from syncd.core.company_numbers import siren_in
from syncd.core.invoices import Facts, Form, Kind, amount, day, kind, number_key, profile
from syncd.portal.readers import invoices, xml_tree
from syncd.portal.readers.values import Invoice, Preview, Text
from syncd.portal.readers.worker_client import TooMuch, Unreadable, reader
from tests.support.invoices import BUYER, SAMPLES, SELLER, cii, factur_x, flipped, ubl

ROWS = [row.split("|") for row in (SAMPLES / "facts.psv").read_text().splitlines()[1:]]


def read(data: bytes) -> Facts:
    return invoices.invoice(io.BytesIO(data)).facts


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_public_samples_say_what_they_say(row: list[str]) -> None:
    name, form, number, issued, code, gross, payable, seller, siren, of_profile = row
    found = read((SAMPLES / name).read_bytes())
    assert (found.form, found.number, found.code, found.seller) == (form, number, code, seller)
    assert (found.issued, found.gross, found.payable) == (date.fromisoformat(issued), Decimal(gross), Decimal(payable))
    assert (found.seller_siren, found.profile) == (siren, of_profile) and found.readable


def test_every_sample_has_its_row_and_what_is_invalid_is_read_as_far_as_it_goes() -> None:
    there = {p.name for p in SAMPLES.iterdir() if p.suffix in (".xml", ".pdf")}
    assert there == {row[0] for row in ROWS} | {"invalidV1.xml"}
    odd = read((SAMPLES / "invalidV1.xml").read_bytes())  # its header is called otherwise, its date is year one
    assert (odd.number, odd.issued, odd.gross, odd.readable) == ("57144", None, Decimal("98.77"), False)


def test_the_twelve_facts_of_an_invoice_and_its_lines() -> None:
    found = invoices.invoice(io.BytesIO(cii()))
    assert found.facts == Facts(
        Form.CII, "F2026-001", date(2026, 11, 21), "380", date(2026, 12, 21), None, "EUR", "EDF Entreprises", SELLER, "", "SARL Dupont",
        BUYER, "", Decimal("1028.8"), Decimal("205.76"), Decimal("1234.56"), Decimal("1234.56"), "EN 16931",
    )  # fmt: skip
    (item,) = found.items
    assert (item.name, item.quantity, item.unit, item.rate, item.net) == (
        "Électricité", Decimal("4115.2"), "KWH", Decimal(20), Decimal("1028.80"),
    )  # fmt: skip
    assert read(ubl()).readable and read(ubl(root="CreditNote")).kind is Kind.CREDIT
    network = b'<sh:StandardBusinessDocument xmlns:sh="x"><sh:Head/>' + ubl() + b"</sh:StandardBusinessDocument>"
    assert read(network).number == "F2026-001"  # as networks deliver them


@pytest.mark.parametrize(
    "name", ["factur-x.xml", "FACTUR-X.XML", "ZUGFeRD-invoice.xml", "xrechnung.xml", "facture 12.xml"]
)
@pytest.mark.parametrize("way", [{}, {"nested": True}, {"named": False}])
def test_a_pdf_brings_its_invoice_whatever_it_is_called_and_wherever_it_is_named(
    name: str, way: dict[str, bool]
) -> None:
    found = read(factur_x(cii(), name, **way))
    assert (found.form, found.number, found.gross) == (Form.FACTUR_X, "F2026-001", Decimal("1234.56"))


def test_a_pdf_of_which_the_end_is_lost_still_brings_it_and_a_broken_invoice_is_said_to_be_one() -> None:
    data = factur_x(cii())
    assert read(data[: data.rindex(b"xref\n0")]).number == "F2026-001"
    assert read(factur_x(b"<broken")).form is Form.BROKEN
    for nothing in (factur_x(b"<a/>", "notes.xml"), factur_x(b"PK", "x.zip"), b"%PDF-1.4\n"):
        with pytest.raises(ValueError):
            read(nothing)
    assert read(b'<x:CrossDomainAcknowledgementAndResponse xmlns:x="u"/>').form is Form.STATUS


@pytest.mark.parametrize(
    "made",
    [lambda x: b"\xef\xbb\xbf" + x, lambda x: x.decode().encode("utf-16"), lambda x: x.decode().encode("utf-16-be"),
     lambda x: b"\n  " + x, lambda x: x.replace(b'<?xml version="1.0" encoding="UTF-8"?>', b""),
     lambda x: x.decode().replace("UTF-8", "ISO-8859-1").encode("latin-1"), lambda x: x.decode().encode("latin-1"),
     lambda x: x.decode().replace("UTF-8", "windows-1252").encode("cp1252")],
    ids=["mark", "utf-16", "utf-16 that says utf-8", "blanks", "no declaration", "latin-1", "latin-1 that says utf-8", "windows"],
)  # fmt: skip
def test_whatever_the_encoding(made: Any) -> None:
    found = invoices.invoice(io.BytesIO(made(cii())))
    assert (found.facts.number, found.items[0].name) == ("F2026-001", "Électricité")


_LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "&%c;&%c;&%c;&%c;">' % (c + 1, c, c, c, c) for c in range(ord("a"), ord("z"))
) + b"]><l>&z;</l>"  # fmt: skip
ATTACKS = {
    "entities in entities": _LAUGHS,
    "one long entity": b'<!DOCTYPE l [<!ENTITY a "' + b"x" * 100_000 + b'">]><l>' + b"&a;" * 10_000 + b"</l>",
    "a file of the machine": b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><CrossIndustryInvoice>&a;</CrossIndustryInvoice>',
    "an address": b'<!DOCTYPE l SYSTEM "http://127.0.0.1:9/x.dtd"><l/>',
    "deep": b"<a>" * 100_000 + b"</a>" * 100_000,
    "large": b"<a>" + b"x" * 21_000_000 + b"</a>",
    "nothing": b"", "cut": cii()[:-200], "binary": bytes(range(256)) * 9,
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_what_harms_is_refused_at_once(name: str) -> None:
    began = time.process_time()
    with pytest.raises(ValueError):
        invoices.invoice(io.BytesIO(ATTACKS[name]))
    assert time.process_time() - began < 5  # of a tenth of a second that it takes


def test_more_elements_than_an_invoice_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_tree, "MANY", 1000)
    with pytest.raises(ValueError, match="more than an invoice holds"):
        invoices.invoice(io.BytesIO(b"<a>" + b"<b/>" * 1000 + b"</a>"))


def test_a_pdf_that_swells_ends_alone() -> None:
    import zlib

    bomb = zlib.compress(b"<" + b" " * 50_000_000)
    for _ in range(2):
        with pytest.raises((TooMuch, Unreadable)):
            reader().ask(
                "facts", io.BytesIO(factur_x(bomb, "a.xml").replace(b"/Type /EmbeddedFile", b"/Filter /FlateDecode"))
            )
    given = reader().ask("facts", io.BytesIO(factur_x(cii())))
    assert msgspec.json.decode(given, type=Facts).number == "F2026-001"


def test_bits_turned_over_never_raise_anything_else() -> None:
    """Ten copies of each of the small ones; of all, and of any folder: `./scripts/invoices DIR`."""
    for name in ("facturFrMinimum.xml", "ubl-tc434-creditnote1.xml", "ZUGFeRD1-invoice.xml", "EN16931_Einfach.pdf"):
        data = (SAMPLES / name).read_bytes()
        for seed in range(10):
            try:
                read(flipped(data, seed))
            except ValueError:
                continue


def test_what_is_said_is_cut_and_cleaned_and_what_is_no_amount_is_none() -> None:
    found = read(cii("<b>\x7f../=cmd " + "9" * 5000, gross="NaN"))
    assert found.number.startswith("<b> ../=cmd 999") and len(found.number) == 200 and found.gross is None
    assert not found.readable
    edge = read(cii(gross="999999999999999.99999", currency="ßßßß"))
    assert edge.gross is None and len(edge.currency) == 3  # nothing beyond what is kept of it


@pytest.mark.parametrize(
    ("text", "value"),
    [("1234.56", "1234.56"), ("-5", "-5"), ("+5.", "5"), ("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("1234,5", "1234.5"),
     ("1 234,50", "1234.5"), ("1.234", "1.234"), ("0.12345", "0.12345"), ("1,234", None), ("1e400", None), ("NaN", None),
     ("", None), ("٣", None), ("9" * 17, None), ("1.234.567", None)],
)  # fmt: skip
def test_amounts_as_they_are_written(text: str, value: str | None) -> None:
    assert amount(text) == (Decimal(value) if value is not None else None)


@pytest.mark.parametrize(
    ("text", "value"),
    [("20261121", "2026-11-21"), ("2026-11-21", "2026-11-21"), ("2026-11-21+01:00", "2026-11-21"), ("202611211030", "2026-11-21"),
     ("2026-11-21T10:00:00Z", "2026-11-21"), ("202611", None), ("20260231", None), ("2026112", None), ("00010101", None), ("", None)],
)  # fmt: skip
def test_days_as_they_are_written(text: str, value: str | None) -> None:
    assert day(text) == (date.fromisoformat(value) if value else None)


def test_numbers_of_companies_codes_and_profiles() -> None:
    assert siren_in("732 829 320") == siren_in("73282932000074") == siren_in("FR44732829320") == "732829320"
    assert siren_in("732829321") == siren_in("000000000") == siren_in("DE136695976") == siren_in("") == ""
    assert [kind(c) for c in ("380", "381", "386", "384", "?")] == [
        Kind.INVOICE, Kind.CREDIT, Kind.DEPOSIT, Kind.CORRECTED, Kind.INVOICE,
    ]  # fmt: skip
    assert profile("urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic") == "BASIC" and profile("?") == ""
    assert number_key(" F-2026/001 ") == number_key("f2026001")


def test_an_xml_that_is_an_invoice_is_shown_as_one_and_any_other_as_it_is_written() -> None:
    def shown(data: bytes) -> Preview:
        given = reader().ask("preview", io.BytesIO(data), extension="xml")
        found: Preview = msgspec.json.decode(given, type=Preview)
        return found

    assert isinstance(shown(cii()), Invoice) and shown(b"<a>b</a>") == Text("<a>b</a>", False, True)
    with pytest.raises(Unreadable):
        reader().ask("invoice", io.BytesIO(factur_x(b"<broken")))


def test_of_a_thousand_lines_the_first_are_kept_and_all_are_counted() -> None:
    line = cii()[
        (at := cii().index(b"<ram:IncludedSupplyChainTradeLineItem>")) : cii().index(
            b"<ram:ApplicableHeaderTradeAgreement>"
        )
    ]
    found = invoices.invoice(io.BytesIO(cii()[:at] + line * 1000 + cii()[at + len(line) :]))
    assert (len(found.items), found.beyond) == (invoices.ITEMS, 500) and found.facts.readable
    heavy, _ = xml_tree.tree(b"<a><b>" + b"x" * 100 + b"</b></a>", {"b"})
    assert (heavy.one("b").text, heavy.one("b").size) == ("", 100)
