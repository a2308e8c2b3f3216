"""An electronic invoice on pages: for whoever may open its document, as inert text, in French and in English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.invoices import cii, factur_x


@pytest.fixture(autouse=True)
def settled() -> Iterator[None]:
    """A page waits as long as it takes."""
    import importlib

    pages: list[Any] = [importlib.import_module(f"syncd.portal.web.{name}") for name in ("invoice", "viewer")]
    before = pages[0].WAIT
    for page in pages:
        page.WAIT = 60.0
    yield
    for page in pages:
        page.WAIT = before


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return str(answer.content.decode()).replace("\u202f", " ").replace("\u00a0", " ")


def test_an_xml_invoice_is_read_as_a_sheet_and_the_file_stays_as_it_came(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.storage import blob_store

    data = cii(seller="<script>alert(1)</script> & fils")
    document = put(office.one, "Achats/facture.xml", data)
    page = text(browse(office.boss).get(f"/documents/{document.id}/lecture"))
    assert "Facture n° F2026-001" in page and "du 21/11/2026 · à payer le 21/12/2026" in page
    assert "1 234,56 €" in page and "4 115,20 kWh" in page and "TVA 20 %" in page and "profil EN 16931" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; fils" in page and "<script>alert" not in page
    with blob_store().open(document.version_id) as kept:
        assert kept.read() == data
    office.boss.language = "en"
    office.boss.save()
    english = text(browse(office.boss).get(f"/documents/{document.id}/facture"))
    assert "Invoice no. F2026-001" in english and "1,234.56 €" in english and "due on 21/12/2026" in english


def test_the_sheet_of_a_pdf_is_what_its_xml_says(office: Any, browse: Any, put: Any) -> None:
    boss = browse(office.boss)
    bill = put(office.one, "Achats/edf.pdf", factur_x(cii(gross="-1234.5678", code="381", currency="CHF")))
    page = text(boss.get(f"/documents/{bill.id}/facture"))
    assert "Avoir n° F2026-001" in page and "-1 234,5678 CHF" in page and "(Factur-X, profil EN 16931)" in page
    for name, data in (("plain.pdf", factur_x(b"<a/>", "notes.xml")), ("x.pdf", factur_x(b"<broken")), ("a.txt", b"a")):
        other = put(office.one, f"Achats/{name}", data)
        assert "Aucune facture électronique n'a pu être lue" in text(boss.get(f"/documents/{other.id}/facture"))


def test_a_sheet_is_for_whoever_may_open_the_document(office: Any, browse: Any, put: Any) -> None:
    document = put(office.one, "Achats/facture.xml", cii())
    foreign = put(office.foreign, "Achats/facture.xml", cii())
    address = f"/documents/{document.id}/facture"
    assert browse(office.marie).get(address).status_code == 404  # she sees its name, and may not have it
    office.marie.grants.filter(kind="*").update(verbs="view download")
    assert "EDF Entreprises" in text(browse(office.marie).get(address))
    assert browse(office.boss).get(f"/documents/{foreign.id}/facture").status_code == 404
    assert browse(office.boss).get(f"{address}?v=2").status_code == 404
