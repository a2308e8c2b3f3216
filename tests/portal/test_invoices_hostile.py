"""PDFs that bring more than one XML, are locked, point at themselves or hold a million objects: a fact, or none, and nobody waits."""

from __future__ import annotations

import io

import msgspec
import pytest

from syncd.core.invoices import Facts
from syncd.portal.readers import invoices
from syncd.portal.readers.worker_client import TooMuch, Unreadable, reader
from tests.support.hostile_files import page, pdf, stream
from tests.support.invoices import cii, factur_x


def test_of_three_xmls_the_one_with_the_known_name_counts() -> None:
    catalog, pages, sheet, content = page()
    files = [(b"a.xml", b"<a/>"), (b"other.xml", cii("OTHER")), (b"FACTUR-X.xml", cii("MINE"))]
    specs = [
        b"<</Type /Filespec /F (%s) /UF (%s) /EF <</F %d 0 R>>>>" % (name, name, 9 + n)
        for n, (name, _) in enumerate(files)
    ]
    names = b" ".join(b"(%s) %d 0 R" % (name, 6 + n) for n, (name, _) in enumerate(files))
    data = pdf(
        catalog[:-2] + b"/Names <</EmbeddedFiles <</Names [%s]>>>>>>" % names, pages, sheet, content, b"<<>>", *specs,
        *(stream(xml, b"/Type /EmbeddedFile") for _, xml in files),
    )  # fmt: skip
    assert invoices.invoice(io.BytesIO(data)).facts.number == "MINE"


@pytest.mark.parametrize("password", ["", "secret"])
def test_a_locked_pdf_is_read_where_no_password_is_asked_for(password: str) -> None:
    from pypdf import PdfWriter

    out, writer = io.BytesIO(), PdfWriter(clone_from=io.BytesIO(factur_x(cii())))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    writer.write(out)
    assert b"CrossIndustryInvoice" not in out.getvalue()
    if password:
        with pytest.raises(ValueError):
            invoices.invoice(io.BytesIO(out.getvalue()))
    else:
        assert invoices.invoice(io.BytesIO(out.getvalue())).facts.number == "F2026-001"


def test_names_that_lead_to_themselves_end() -> None:
    catalog, pages, sheet, content = page()
    data = pdf(
        catalog[:-2] + b"/Names <</EmbeddedFiles 5 0 R>>>>", pages, sheet, content,
        b"<</Kids [5 0 R 6 0 R] /Limits [(a) (z)]>>", b"<</Kids [5 0 R] /Limits [(a) (z)]>>",
    )  # fmt: skip
    with pytest.raises((Unreadable, TooMuch)):
        reader().ask("facts", io.BytesIO(data))
    assert msgspec.json.decode(reader().ask("facts", io.BytesIO(factur_x(cii()))), type=Facts).readable


def test_a_million_objects_end_alone() -> None:
    data = factur_x(cii())
    at = data.rindex(b"xref\n0")
    many = b"".join(b"%d 0 obj\n<<>>\nendobj\n" % n for n in range(20, 1_000_020))
    try:
        found = msgspec.json.decode(reader().ask("facts", io.BytesIO(data[:at] + many), seconds=2.0), type=Facts)
    except (Unreadable, TooMuch):
        found = None
    assert found is None or found.number == "F2026-001"  # the salvage finds it; or it takes too much, and ends
    assert msgspec.json.decode(reader().ask("facts", io.BytesIO(data)), type=Facts).readable


def test_a_status_of_an_invoice_nobody_knows_is_known_and_is_no_invoice() -> None:
    data = b'<x:CrossDomainAcknowledgementAndResponse xmlns:x="u"><x:ExchangedDocument><x:ID>213</x:ID></x:ExchangedDocument></x:CrossDomainAcknowledgementAndResponse>'
    found = invoices.invoice(io.BytesIO(data)).facts
    assert (found.form, found.number, found.readable) == ("cdar", "213", False)
    with pytest.raises(Unreadable):
        reader().ask("rules", io.BytesIO(data))
