"""Messages in a browser: on a phone, without a script, from a document; pages that were looked at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Cabinet, drop, receipt, sign_in
from tests.browser.pictures import look

pytestmark = pytest.mark.e2e


def _writes(page: Page, subject: str, text: str) -> None:
    page.goto("/echanges/nouveau")
    page.fill("[name=subject]", subject)
    page.fill("[name=text]", text)
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("h1")).to_contain_text(subject)


def test_without_address_and_script_one_writes_reads_and_answers_on_a_phone(cabinet: Cabinet, tmp_path: Path) -> None:
    marie = cabinet.company(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    _writes(marie, "TVA d'octobre", "Que dois-je envoyer ?")
    boss = cabinet.page
    boss.goto("/echanges")
    boss.get_by_role("link", name="TVA d").click()
    expect(boss.locator(".talk")).to_contain_text("Que dois-je envoyer")
    boss.fill("[name=text]", "Les relevés du mois.")
    boss.get_by_role("button", name="Répondre").click()
    expect(boss.locator(".talk li")).to_have_count(2)
    marie.goto("/echanges")
    expect(marie.locator(".threads .unread")).to_have_count(1)
    marie.locator(".threads a").first.click()
    expect(marie.locator(".talk")).to_contain_text("Les relevés du mois.")
    large = tmp_path / "releve.pdf"
    large.write_bytes(b"%PDF-1.4" + b"x" * 3_000_000)  # more than a form of words may send
    marie.get_by_text("Joindre des documents").click()
    marie.locator("[name=documents]").set_input_files(large)
    marie.fill("[name=text]", "Le voici.")
    marie.get_by_role("button", name="Déposer et répondre").click()
    expect(marie.locator(".talk li")).to_have_count(3)
    expect(marie.locator(".talk .about")).to_contain_text("Accusé n°")
    boss.goto(boss.url.partition("#")[0])
    expect(boss.locator(".talk .seen-by").last).to_contain_text("Vu par Marie Dupont")
    _answers_a_request_and_prints(marie, boss, tmp_path)


def _answers_a_request_and_prints(marie: Page, boss: Page, tmp_path: Path) -> None:
    boss.goto("/dossiers/007868")
    boss.get_by_role("link", name="Demander des pièces").click()
    boss.get_by_role("link", name="TVA mensuelle").click()
    boss.get_by_role("button", name="Envoyer la demande").click()
    expect(boss.locator(".notice")).to_contain_text("1 demande envoyée")
    marie.locator(".me summary").click()
    marie.get_by_role("button", name="Se déconnecter").click()
    sign_in(marie, "m.dupont")
    marie.get_by_role("link", name=re.compile("Déposer Relevés bancaires")).click()
    bill = tmp_path / "octobre.pdf"
    bill.write_bytes(b"%PDF-1.4 october %%EOF")
    marie.set_input_files("[name=documents]", bill)
    marie.get_by_role("button", name="Déposer", exact=True).click()
    expect(marie.locator(".notice")).to_contain_text("1 document déposé pour « Relevés bancaires »")
    marie.get_by_role("link", name=re.compile("Imprimer")).click()
    expect(marie.locator(".request-sheet li")).to_have_count(2)
    marie.pdf(path=(printed := tmp_path / "fiche.pdf"), prefer_css_page_size=True)
    import pypdfium2

    (sheet,) = pypdfium2.PdfDocument(printed)
    words = sheet.get_textpage().get_text_bounded()
    assert "SARL Dupont" in words and "Factures de ventes" in words and "Relevés bancaires" not in words


def test_a_question_and_a_note_on_a_document_and_every_page_is_sound(cabinet: Cabinet, tmp_path: Path) -> None:
    file = tmp_path / "facture.pdf"
    file.write_bytes(b"%PDF-1.4 a bill %%EOF")
    marie, boss = cabinet.company(), cabinet.page
    marie.goto("/dossiers/007868/%C3%80 classer")
    drop(marie, "#depot", file)
    receipt(marie)
    boss.goto("/a-classer")
    boss.locator("summary").filter(has_text="Demander au client").click()
    boss.locator(".into-talk [name=text]").fill("Magasin ou atelier ?")
    boss.get_by_role("button", name="Poser une question").click()
    expect(boss.locator(".talk li.question")).to_contain_text("Magasin ou atelier")
    boss.locator(".into-talk [name=text]").fill("sans doute l'atelier")
    boss.get_by_role("button", name="Note interne").click()
    expect(boss.locator(".talk li.note")).to_contain_text("sans doute l'atelier")
    look(boss, "a-classer-question")
    marie.goto("/")
    look(marie, "espace-question")
    marie.get_by_role("link", name="Répondre").click()
    expect(marie.locator(".talk li")).to_have_count(1)
    marie.fill("[name=text]", "L'atelier.")
    marie.get_by_role("button", name="Répondre").click()
    expect(marie.locator("main .chip", has_text="Répondu")).to_be_visible()
    look(marie, "echange-societe")
    boss.goto(marie.url.partition("#")[0])
    expect(boss.locator(".talk li.note")).to_be_visible()
    look(boss, "echange-cabinet")
    boss.get_by_role("link", name="Voir le document").click()
    expect(boss.locator("#echanges .talk li")).to_have_count(3)
    look(boss, "document-echanges")
    _writes(marie, "Bilan", "Quand serez-vous prêts ?")
    for page, where, name in (
        (boss, "/echanges", "echanges-cabinet"), (marie, "/echanges", "echanges-societe"), (boss, "/echanges?q=zzz", "echanges-rien"),
        (boss, "/echanges/nouveau?client=007868", "nouveau-message-cabinet"), (marie, "/echanges/nouveau", "nouveau-message-societe"),
    ):  # fmt: skip
        page.goto(where)
        look(page, name)
