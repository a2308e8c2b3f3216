"""Electronic invoices among other documents: found, paired, compared, proposed; each to whoever may open it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.portal.test_invoice_facts import read
from tests.support.hostile_files import invoice as plain_pdf
from tests.support.invoices import BUYER, SELLER, cii, factur_x

OTHER = "404833048"


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode()).replace("\u202f", " ").replace("\u00a0", " ").replace("&#x27;", "'")


def found(browser: Any, words: str, **more: str) -> set[str]:
    return set(re.findall(r"/documents/([0-9a-f]{32})\"", text(browser.get("/recherche", {"q": words, **more}))))


@pytest.fixture
def bill(office: Any, put: Callable[..., Any]) -> Callable[..., Any]:
    office.one.siren = BUYER
    office.one.save()

    def bill(path: str, data: bytes, client: Any = None) -> Any:
        document = put(client or office.one, path, data)
        read()
        return document

    return bill


def test_lists_say_who_when_and_how_much(office: Any, browse: Any, bill: Any, put: Any) -> None:
    bill("Achats/edf.pdf", factur_x(cii()))
    bill("Ventes/f1.xml", cii("F-1", seller_siren=BUYER, buyer_siren=OTHER, code="381"))
    put(office.one, "Achats/photo.jpg", b"\xff\xd8\xff")
    boss = browse(office.boss)
    page = text(boss.get("/dossiers/000001/Achats"))
    assert "Facture · EDF Entreprises · 21/11/2026" in page and '<td class="num sum">1 234,56 €</td>' in page
    assert "Avoir · pour SARL Dupont · 21/11/2026" in text(boss.get("/dossiers/000001/Ventes"))
    assert "Montant TTC" not in text(boss.get("/dossiers/000001/Banque"))
    marie = browse(office.marie)  # she sees names, and may not open them
    page = text(marie.get("/dossiers/000001/Achats"))
    assert "edf.pdf" in page and "EDF Entreprises" not in page and "1 234,56" not in page


def test_the_card_beside_a_document_says_what_it_says(office: Any, browse: Any, bill: Any) -> None:
    document = bill("Achats/edf.pdf", factur_x(cii()))
    page = text(browse(office.boss).get(f"/documents/{document.id}"))
    for said in (
        "F2026-001",
        "EDF Entreprises",
        "21/12/2026",
        "1 028,80 €",
        "205,76 €",
        "Factur-X, EN 16931",
        "conformité non vérifiée",
    ):
        assert said in page, said
    broken = bill("Achats/x.pdf", factur_x(b"<broken"))
    assert "ne peut pas être lu" in text(browse(office.boss).get(f"/documents/{broken.id}"))
    assert "Facture électronique" not in text(browse(office.marie).get(f"/documents/{document.id}"))


def test_they_are_found_by_supplier_number_day_and_total(office: Any, browse: Any, bill: Any) -> None:
    edf = bill("Achats/1.pdf", factur_x(cii()))
    small = bill("Achats/2.xml", cii("K-9", gross="20.00", seller="Café Léon"))
    boss = browse(office.boss)
    assert found(boss, "edf entreprises") == {edf.id} and found(boss, "cafe leon") == {small.id}
    assert found(boss, "k-9") == {small.id} and found(boss, "21/11/2026") == {edf.id, small.id}
    assert found(boss, "EDF 2026 > 500") == {edf.id} and found(boss, "2026 <= 20,00 €") == {small.id}
    assert found(boss, "> 20 < 1 234,56") == {edf.id, small.id} and found(boss, "", least="1 000", most="2000") == {
        edf.id
    }
    assert found(boss, "1234,56") == {edf.id} and found(boss, "leon", least="x") == {small.id}
    inside = text(boss.get("/dossiers/000001/Achats?q=leon"))
    assert small.id in inside and edf.id not in inside


def test_nobody_finds_an_invoice_by_what_it_says_without_the_right_to_open_it(
    office: Any, browse: Any, bill: Any
) -> None:
    mine = bill("Achats/1.xml", cii())
    hidden = bill("Social/2.xml", cii("S-2"))
    other = bill("Achats/3.xml", cii("T-3"), office.two)
    foreign = bill("Achats/4.xml", cii("U-4"), office.foreign)
    assert found(browse(office.boss), "edf > 500") == {mine.id, hidden.id, other.id}
    marie = browse(office.marie)
    assert found(marie, "edf") == set() == found(marie, "> 500")
    office.marie.grants.filter(kind="*").update(verbs="view download")
    assert found(browse(office.marie), "edf > 500") == {mine.id}
    assert foreign.id not in found(browse(office.boss), "> 500")


def test_a_pdf_and_its_xml_are_one_line(office: Any, browse: Any, bill: Any) -> None:
    """By their name, or by what both say; elsewhere, or alone, each has its own."""
    pdf, xml = bill("Achats/edf.pdf", plain_pdf()), bill("Achats/EDF.xml", cii("A-1"))
    brought, named = bill("Achats/facture 12.pdf", factur_x(cii("B-2"))), bill("Achats/flux.xml", cii("B-2"))
    alone, notes = bill("Achats/seul.xml", cii("C-3")), bill("Achats/notes.xml", b"<a/>")
    bill("Achats/notes.pdf", plain_pdf())
    elsewhere = bill("Ventes/flux.xml", cii("B-2"))
    page = text(browse(office.boss).get("/dossiers/000001/Achats"))
    lines = set(re.findall(r'data-id="([0-9a-f]{32})"', page))
    assert {pdf.id, brought.id, alone.id, notes.id} <= lines and not {xml.id, named.id} & lines
    assert page.count('<span class="tag" title="EDF.xml">XML</span>') == 1 == page.count('title="flux.xml">XML</span>')
    assert page.count("1 234,56 €") == 3 and "déjà reçue" not in page
    assert elsewhere.id in text(browse(office.boss).get("/dossiers/000001/Ventes"))
    card = text(browse(office.boss).get(f"/documents/{pdf.id}"))
    assert "A-1" in card and "EDF.xml" in card  # what the XML says stands beside the PDF


def test_another_invoice_of_the_same_name_has_a_line_of_its_own(office: Any, browse: Any, bill: Any) -> None:
    pdf, xml = bill("Achats/facture.pdf", factur_x(cii("B-2"))), bill("Achats/facture.xml", cii("C-3"))
    page = text(browse(office.boss).get("/dossiers/000001/Achats"))
    assert {pdf.id, xml.id} <= set(re.findall(r'data-id="([0-9a-f]{32})"', page))


def test_the_same_invoice_twice_is_said_of_the_second_and_nothing_is_dropped(
    office: Any, browse: Any, bill: Any, put: Any
) -> None:
    first = bill("Achats/a.pdf", factur_x(cii("F-2026/7")))
    again = bill("Achats/b.pdf", factur_x(cii("f2026-7")))
    bill("Achats/c.pdf", factur_x(cii("F-2026/7", issued="20251121")))
    bill("Achats/d.pdf", factur_x(cii("F-2026/7", seller_siren=OTHER)))
    bill("Achats/e.pdf", factur_x(cii("F-2026/7")), office.two)
    boss = browse(office.boss)
    page = text(boss.get("/dossiers/000001/Achats"))
    assert page.count("déjà reçue le") == 1
    card = text(boss.get(f"/documents/{again.id}"))
    assert "Cette facture a déjà été reçue le" in card and f'href="/documents/{first.id}"' in card
    assert "déjà été reçue" not in text(boss.get(f"/documents/{first.id}"))
    hidden = bill("Social/f.pdf", factur_x(cii("H-1")))
    shown = bill("Achats/g.pdf", factur_x(cii("H-1")))
    office.marie.grants.filter(kind="*").update(verbs="view download")
    assert hidden.id not in text(browse(office.marie).get(f"/documents/{shown.id}"))


def test_an_invoice_made_out_to_somebody_else_is_told_to_the_cabinet_alone(office: Any, browse: Any, bill: Any) -> None:
    office.two.siren = OTHER
    office.two.save()
    document = bill("Achats/a.pdf", factur_x(cii(buyer_siren=OTHER)))
    assert "autre destinataire" in text(browse(office.boss).get("/dossiers/000001/Achats"))
    page = text(browse(office.boss).get(f"/documents/{document.id}"))
    assert f"SIREN {OTHER}" in page and "000002" not in page
    office.marie.grants.filter(kind="*").update(verbs="view download deposit delete")
    for address in ("/dossiers/000001/Achats", f"/documents/{document.id}", "/recherche?q=edf"):
        page = text(browse(office.marie).get(address))
        assert "EDF Entreprises" in page and "destinataire" not in page and "n'est pas informée" not in page
        assert "000002" not in page


def test_folder_and_name_are_proposed_and_one_click_does_it(office: Any, browse: Any, bill: Any) -> None:
    from syncd.portal.models import Document

    document = bill("À classer/scan.pdf", factur_x(cii()))
    boss, name = browse(office.boss), "20261121 - EDF Entreprises - F2026-001 - 1 234,56 €.pdf"
    page = text(boss.get(f"/documents/{document.id}"))
    assert "Classer dans Achats" in page and f"Renommer en « {name} »" in page
    assert Document.objects.get(id=document.id).path == "À classer/scan.pdf"  # nothing by itself
    boss.post(f"/documents/{document.id}/action", {"call": name})
    boss.post(f"/documents/{document.id}/action", {"file": "Achats"})
    assert Document.objects.get(id=document.id).path == f"Achats/{name}"
    assert "Proposé" not in text(boss.get(f"/documents/{document.id}"))
    office.marie.grants.filter(kind="*").update(verbs="view download")  # who may not move is proposed nothing
    assert "Proposé" not in text(browse(office.marie).get(f"/documents/{document.id}"))


def test_to_file_proposes_both_at_once_and_is_silent_when_unsure(office: Any, browse: Any, bill: Any) -> None:
    from syncd.portal.models import Document

    document = bill("À classer/scan.pdf", factur_x(cii("F/1", seller_siren=BUYER, buyer_siren=OTHER)))
    boss = browse(office.boss)
    page = text(boss.get("/a-classer"))
    assert (
        "Proposé d'après la facture" in page
        and "Ventes, sous le nom « 20261121 - SARL Dupont - F-1 - 1 234,56 €.pdf »" in page
    )
    assert boss.post("/a-classer", {"document": document.id, "proposed": "1", "name": "scan"}).status_code == 302
    assert Document.objects.get(id=document.id).path == "Ventes/20261121 - SARL Dupont - F-1 - 1 234,56 €.pdf"
    unsure = bill("À classer/other.pdf", factur_x(cii("G", buyer_siren=SELLER)))
    assert "Proposé" not in text(boss.get("/a-classer"))
    boss.post("/a-classer", {"document": unsure.id, "proposed": "1", "name": "x"})
    assert Document.objects.get(id=unsure.id).path == "À classer/other.pdf"


def test_the_pages_ask_as_much_of_one_invoice_as_of_many(
    office: Any, browse: Any, bill: Any, django_queries: Any
) -> None:
    boss = browse(office.boss)
    bill("Achats/0.pdf", factur_x(cii("A-0")))
    boss.get("/dossiers/000001/Achats")  # what a process keeps of a cabinet is asked once
    few = django_queries(lambda: boss.get("/dossiers/000001/Achats"))
    for n in range(1, 6):
        bill(f"Achats/{n}.pdf", factur_x(cii(f"A-{n % 3}")))
    assert django_queries(lambda: boss.get("/dossiers/000001/Achats")) == few


@pytest.fixture
def django_queries() -> Callable[[Callable[[], Any]], int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def counted(asked: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert asked().status_code == 200
        return len(queries)

    return counted
